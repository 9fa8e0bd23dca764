#pragma once
// Minimises a smooth function inside a box: L-BFGS (Nocedal & Wright 2006, algorithm 7.4) on the variables that are not
// held at a bound, with a projected backtracking line search (Bertsekas 1982). Functions here have some tens of
// variables and cost microseconds to milliseconds.

#include <functional>
#include <span>
#include <vector>

namespace automill::search {

struct Box {
  std::vector<double> low, high;
};

/// Value at a point; writes the gradient. A value that is not finite is a step too far.
using Differentiable = std::function<double(std::span<const double> point, std::span<double> gradient)>;

struct BoxMinimum {
  std::vector<double> point;
  double value = 0;
};

struct BoxMinimizerOptions {
  int max_evaluations = 100;
  double tolerance = 1e-5;  ///< ends when no element of the projected gradient is larger
  double first_step = 0.1;  ///< longest element of the first step
};

/// `start` is moved into the box.
BoxMinimum minimize_in_box(std::vector<double> start, const Box& box, const Differentiable& function,
                           const BoxMinimizerOptions& options = {});

}  // namespace automill::search
