#pragma once
// What the tests of additive models share.

#include <gtest/gtest.h>

#include <automill/learners/additive.hpp>
#include <automill/learners/additive_contributions.hpp>

#include "tree_tools.hpp"

namespace additive_tools {

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

inline const AdditiveModel& additive(const FitResult& fit) { return dynamic_cast<const AdditiveModel&>(*fit.model); }

/// One bag of all rows: nothing is drawn, every round is trained.
inline ExplainableBoostingParameters plain(std::int64_t rounds, double learning_rate) {
  return {.interactions = 0,
          .outer_bags = 1,
          .validation_size = 0,
          .learning_rate = learning_rate,
          .max_leaves = 3,
          .min_samples_leaf = 1,
          .min_hessian = 0,
          .max_rounds = rounds,
          .smoothing_rounds = 0,
          .interaction_smoothing_rounds = 0};
}

/// Few rounds, for tests that are not about accuracy.
inline ExplainableBoostingParameters quick() {
  return {.outer_bags = 3,
          .learning_rate = 0.1,
          .max_rounds = 60,
          .smoothing_rounds = 5,
          .interaction_smoothing_rounds = 5};
}

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

/// y of a sum, a product and noise; column 3 says nothing.
inline std::vector<double> product_target(const Columns& x, double noise) {
  RandomStream random(5, purpose("product target"));
  std::vector<double> y(x[0].size());
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = x[0][i] + math::sigmoid(4 * x[1][i]) + 1.5 * x[1][i] * x[2][i] + noise * random.normal();
  return y;
}

}  // namespace additive_tools
