#include "cli/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace automill::cli {
namespace {

std::size_t terminal_width() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string seconds_text(double seconds) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.1f", seconds);
  return buffer;
}

}  // namespace

ProgressDisplay::ProgressDisplay(const std::string& mode, Clock::time_point start, std::optional<double> limit)
    : start_(start), limit_(limit) {
  if (mode == "bar" || (mode == "auto" && isatty(STDERR_FILENO) == 1)) mode_ = Mode::bar;
  else if (mode != "none") mode_ = Mode::lines;
  if (mode_ != Mode::bar) return;
  ticker_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!ended_changed_.wait_for(lock, std::chrono::milliseconds(200), [this] { return ended_; })) draw_bar();
  });
}

ProgressDisplay::~ProgressDisplay() { finish(); }

void ProgressDisplay::on_event(const Event& event) {
  const std::lock_guard lock(mutex_);
  if (event.kind == "candidate.finished") ++candidates_;
  last_ = event.message;
  if (mode_ == Mode::lines)
    std::fprintf(stderr, "[%7s s] %s\n", seconds_text(Seconds(Clock::now() - start_).count()).c_str(),
                 event.message.c_str());
  if (mode_ == Mode::bar) draw_bar();
}

void ProgressDisplay::say(const std::string& text) { on_event({"shell.said", text, {}, 0}); }

void ProgressDisplay::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
    if (mode_ == Mode::bar) std::fprintf(stderr, "\r\033[K");
  }
  ended_changed_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

std::string ProgressDisplay::bar_text() const {
  const double seconds = Seconds(Clock::now() - start_).count();
  std::string text;
  if (limit_) {
    constexpr std::size_t cells = 24;
    const auto full = static_cast<std::size_t>(static_cast<double>(cells) * std::min(1.0, seconds / *limit_));
    text = "[" + std::string(full, '#') + std::string(cells - full, '.') + "] " + seconds_text(seconds) + " of " +
           seconds_text(*limit_) + " s";
  } else {
    text = seconds_text(seconds) + " s";
  }
  return text + "  " + std::to_string(candidates_) + " candidates  " + last_;
}

void ProgressDisplay::draw_bar() {
  std::fprintf(stderr, "\r%s\033[K", bar_text().substr(0, terminal_width() - 1).c_str());
}

}  // namespace automill::cli
