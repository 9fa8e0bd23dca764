#pragma once
// Progress of a training run on the standard error: a bar that is drawn anew on a terminal, a line an event elsewhere.

#include <automill/automl/options.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace automill::cli {

class ProgressDisplay {
 public:
  /// `mode`: "auto" (bar on a terminal, lines elsewhere), "bar", "lines" or "none". `limit`: seconds, for the bar.
  ProgressDisplay(const std::string& mode, Clock::time_point start, std::optional<double> limit);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void on_event(const Event& event);
  /// A line that is not an event ("read 3500 rows ...").
  void say(const std::string& text);
  void finish();  ///< ends the bar

 private:
  void draw_bar();
  std::string bar_text() const;

  enum class Mode { none, lines, bar } mode_ = Mode::none;
  Clock::time_point start_;
  std::optional<double> limit_;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
  std::size_t candidates_ = 0;
  std::string last_;
  std::thread ticker_;  // redraws the bar while nothing happens
};

}  // namespace automill::cli
