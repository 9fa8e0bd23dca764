#pragma once
// Optional adapter for users of spdlog: events of a run as log messages. Compiled with your spdlog; AutoMill's
// libraries neither need nor contain it.
//
//   auto log = automill::SpdlogSink(spdlog::default_logger());
//   auto model = automill::train(rows, {.target = "income", .callback = log});    // or context.events = &log

#include <spdlog/logger.h>

#include <automill/core/events.hpp>
#include <memory>

namespace automill {

/// Cheap to copy. Failures are warnings, everything else is information; the time in brackets is that of the run.
class SpdlogSink final : public EventSink {
 public:
  explicit SpdlogSink(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

  void on_event(const Event& event) override { write(event); }
  void operator()(const Event& event) const { write(event); }

 private:
  void write(const Event& event) const {
    const auto level = event.kind.ends_with("failed") ? spdlog::level::warn : spdlog::level::info;
    const std::string text = "[" + tenths(event.seconds) + " s] " + event.kind + ": " + event.message;
    logger_->log(level, spdlog::string_view_t(text.data(), text.size()));
  }
  static std::string tenths(double seconds) {
    const std::string digits = std::to_string(seconds);  // six digits after the point
    return digits.substr(0, digits.size() - 5);
  }
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace automill
