#pragma once
// What all bags of an additive model share: rows in the order of their keys, targets, and terms in bins.

#include <vector>

#include "learners/additive/lane_kernels.hpp"

namespace automill::additive {

/// A function of one column, or of two whose bins form a grid.
struct Term {
  std::vector<std::uint16_t> codes{};  ///< [row]: the bin; of a grid: bin of the first * `second` + bin of the second
  std::size_t bins = 0;
  bool categorical = false;
  int sign = 0;            ///< 1: may only rise, -1: only fall
  std::size_t second = 0;  ///< of a grid: bins of its second column; else 0
  bool grid() const { return second > 0; }
};

struct BagProblem {
  Loss loss = Loss::squared_error;
  std::size_t classes = 1;  ///< scores of a bag
  std::vector<float> targets{};
  std::vector<float> weights{};  ///< empty: all one
  std::vector<double> base{};    ///< [class]: where all bags start

  std::size_t rows() const { return targets.size(); }
  /// Lanes of a bag: its classes, filled up.
  std::size_t lanes_per_bag() const { return classes == 1 ? 1 : classes <= 4 ? 4 : width(); }
  std::size_t vectors() const { return (classes + lanes - 1) / lanes; }
  std::size_t width() const { return lanes * vectors(); }
  std::size_t bags_per_group() const { return width() / lanes_per_bag(); }
};

/// How trees grow.
struct BagSettings {
  double learning_rate = 0.015;
  std::size_t max_leaves = 3;
  double min_rows = 4, min_hessian = 1e-4, l2 = 0;
  double category_smoothing = 10, min_category_rows = 10;
  std::int64_t greedy_rounds = 10;  ///< between two looks at all terms
};

}  // namespace automill::additive
