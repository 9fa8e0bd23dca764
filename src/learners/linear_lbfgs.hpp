#pragma once
// Minimises a smooth convex function by L-BFGS with 10 pairs (Nocedal & Wright 2006, algorithm 7.5) and a weak Wolfe
// line search by bisection (Lewis & Overton 2013).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace automill::linear {

struct Evaluation {
  double value = 0;
  std::vector<double> gradient{};
};

struct MinimizeOptions {
  double tolerance = 1e-5;  ///< ends when no element of the gradient is larger
  std::int64_t max_iterations = 500;
  std::optional<std::int64_t> stop_after{};  ///< replay: ends as if stopped after so many iterations
  std::function<void()> accepted{};  ///< the point that was evaluated last is the start, or that of the next iteration
};

struct MinimizeResult {
  std::vector<double> point{};
  double value = 0;
  std::int64_t iterations = 0;
  bool stopped = false;  ///< by the function, or by stop_after
};

/// `evaluate`: value and gradient at a point; nothing when the run is to stop (the last complete iteration is then the
/// result). `precondition`: an approximate inverse Hessian times a vector, symmetric positive definite.
MinimizeResult minimize_lbfgs(std::vector<double> start,
                              const std::function<std::optional<Evaluation>(const std::vector<double>&)>& evaluate,
                              const std::function<std::vector<double>(const std::vector<double>&)>& precondition,
                              const MinimizeOptions& options);

}  // namespace automill::linear
