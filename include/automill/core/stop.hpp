#pragma once
// When to stop: a user's request, or a deadline on the monotonic clock. Every long loop works in blocks of about a
// millisecond and asks between them.
//
//   for (...) { if (context.stop.stop_requested()) break; ... }     // what is there so far is of use
//   for (...) { context.stop.throw_if_requested(); ... }            // it is not: Estimator::fit gives no model then

#include <algorithm>
#include <atomic>
#include <automill/core/error.hpp>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace automill {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

enum class StopReason { none, deadline, user };

/// Work that is of no use half done was stopped: a transformation, the preparation of a fit.
class AUTOMILL_EXPORT Stopped final : public Error {
 public:
  Stopped() : Error("transform.stopped", "", "it was stopped before there was a result", "give it more time") {}
};

/// Cheap to copy; may be asked by many threads at once. A default token never stops.
class StopToken {
 public:
  StopToken() = default;
  explicit StopToken(std::stop_token user, std::optional<Clock::time_point> deadline = {})
      : deadline_(deadline), user_(std::move(user)) {}

  bool stop_requested() const { return reason() != StopReason::none; }
  StopReason reason() const {
    if (user_.stop_requested()) return StopReason::user;
    for (const std::stop_token& other : others_)
      if (other.stop_requested()) return StopReason::user;
    if (deadline_ && Clock::now() >= *deadline_) return StopReason::deadline;
    return StopReason::none;
  }
  /// What FitReport::stopped says of a fit that was stopped.
  const char* stopped_by() const { return reason() == StopReason::user ? "user" : "deadline"; }
  void throw_if_requested() const {
    if (stop_requested()) throw Stopped();
  }
  /// The same token with a deadline that is not later than `deadline`.
  StopToken until(Clock::time_point deadline) const {
    StopToken copy = *this;
    copy.deadline_ = deadline_ ? std::min(*deadline_, deadline) : deadline;
    return copy;
  }
  /// The same token that also obeys `other`: a fit inside a run, for instance. May be called again and again.
  StopToken also(std::stop_token other) const {
    StopToken copy = *this;
    if (other.stop_possible()) copy.others_.push_back(std::move(other));
    return copy;
  }
  std::optional<Clock::time_point> deadline() const { return deadline_; }
  /// Seconds left until the deadline; infinity without one.
  double seconds_left() const {
    return deadline_ ? Seconds(*deadline_ - Clock::now()).count() : std::numeric_limits<double>::infinity();
  }

 private:
  std::optional<Clock::time_point> deadline_;
  std::stop_token user_;
  std::vector<std::stop_token> others_;
};

}  // namespace automill
