#pragma once
// What happens during a run, as data. The library prints nothing: a terminal bar, log lines, a notebook and spdlog are
// sinks.

#include <automill/core/value.hpp>
#include <string>

namespace automill {

/// `kind` is a stable dotted name ("candidate.finished"); `fields` carry the figures.
struct Event {
  std::string kind;
  std::string message;  ///< one line for people
  Object fields;
  double seconds = 0;  ///< since the start of the run
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// May be called from any thread, one call at a time per run.
  virtual void on_event(const Event& event) = 0;
};

}  // namespace automill
