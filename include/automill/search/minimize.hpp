#pragma once
// The configuration with the lowest value of a function.
//
//   auto found = minimize(space, [](const Object& p) { return std::pow(p.find("x")->number() - 1, 2); }, {.trials =
//   50}); found.best.parameters;  found.best.score;  found.trials;

#include <automill/core/stop.hpp>
#include <automill/search/optimizer.hpp>
#include <functional>

namespace automill {

/// What becomes of an exception of the function.
enum class ObjectiveErrors {
  raise,  ///< it ends the search
  record  ///< the trial failed, with the text of the exception as its reason
};

struct MinimizeOptions {
  std::int64_t trials = 100;
  std::string strategy = "bayesian";
  std::uint64_t seed = 0;
  std::optional<std::int64_t> initial_trials{};
  bool per_second = false;
  ObjectiveErrors errors = ObjectiveErrors::raise;
  std::vector<Object> first{};  ///< configurations to begin with, in this order; they count as trials
  StopToken stop{};             ///< asked between trials
};

struct MinimizeResult {
  Trial best{};
  std::vector<Trial> trials{};  ///< all, in the order of asking
};

/// Ends after `trials` trials, when the stop token says so, or when a finite space has no other configuration. Error
/// search.all_failed when no trial has a finite score.
AUTOMILL_EXPORT MinimizeResult minimize(const SearchSpace& space, const std::function<double(const Object&)>& function,
                                        const MinimizeOptions& options = {});

}  // namespace automill
