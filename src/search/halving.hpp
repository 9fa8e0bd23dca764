#pragma once
// Asynchronous successive halving (Li et al., MLSys 2020) in its stopping form: at each rung the better part goes on.

#include <automill/search/optimizer.hpp>

namespace automill::search {

/// Rungs lie at the steps first, first x reduction, first x reduction^2, ...
class Rungs {
 public:
  Rungs(double reduction, std::int64_t first) : reduction_(reduction), first_(static_cast<double>(first)) {}

  /// Whether the trial is among the best 1 / reduction of those that reached its last rung; the best always is. `sign`:
  /// -1 where higher scores are better.
  bool keeps_up(const std::vector<Trial>& trials, std::size_t number, double sign) const;

 private:
  /// Step of the last rung that the trial reached; 0: none.
  double last_rung(const Trial& trial) const;
  double reduction_, first_;
};

}  // namespace automill::search
