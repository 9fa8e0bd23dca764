#pragma once
// What proposes the next point. Strategies see points of the unit cube and scores (lower is better), nothing else.

#include <automill/search/optimizer.hpp>
#include <functional>

#include "cube.hpp"

namespace automill::search {

/// A trial as strategies see it.
struct Observation {
  enum class State { running, finished, failed };
  State state = State::running;
  Point point;       ///< snapped
  double score = 0;  ///< lower is better; of a finished trial
  std::optional<double> seconds{};
  std::optional<double> partial{};  ///< last score of a running trial
};

/// All trials, in the order of their numbers.
struct History {
  const Cube& cube;
  std::vector<Observation> observations;
  /// Whether a snapped point is allowed and was not asked before.
  std::function<bool(const Point&)> is_new;
};

struct StrategyOptions {
  std::uint64_t seed = 0;
  std::optional<std::int64_t> initial_trials{};
  bool per_second = false;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  /// A point for the trial of the next number. The caller snaps it, and draws at random where it is not new.
  virtual Point propose(const History& history) = 0;
};

std::unique_ptr<Strategy> make_random_strategy(const StrategyOptions& options);
std::unique_ptr<Strategy> make_sobol_strategy(const Cube& cube, const StrategyOptions& options);
std::unique_ptr<Strategy> make_bayesian_strategy(const Cube& cube, const StrategyOptions& options);
std::unique_ptr<Strategy> make_evolution_strategy(const Cube& cube, const StrategyOptions& options);
std::unique_ptr<Strategy> make_tpe_strategy(const Cube& cube, const StrategyOptions& options);

}  // namespace automill::search
