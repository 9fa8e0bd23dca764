#pragma once
// Rows of a tree. Whether a row is in depends on its own key, its own gradient and on amounts that do not depend on the
// order of rows.

#include <automill/learners/tree/gradients.hpp>

namespace automill {

struct RowSample {
  std::vector<std::uint32_t> in, out;  ///< table rows
  std::vector<double> factors;         ///< of each training row, 0 for those outside; empty: all are in
  bool all() const { return out.empty(); }
};

/// The training rows: their numbers in the table and keys, in the same order.
struct RowsToSample {
  std::span<const std::uint32_t> rows;
  std::span<const std::uint64_t> keys;
  std::uint64_t seed = 0;  ///< of this draw
};

/// Each row with the same probability; factors are left out, all would be equal.
RowSample sample_uniformly(const RowsToSample& from, double share);

/// Gradient-based one-side sampling (Ke et al., "LightGBM", NeurIPS 2017): the share `top` of the rows with the largest
/// |g h|, and of the others so many that they are a share `other` of all; their factor makes up for those left out.
RowSample sample_one_side(const RowsToSample& from, const tree::QuantisedGradients& gradients, double top,
                          double other);

/// Minimal variance sampling (Ibragimov & Gusev, "Minimal variance sampling in stochastic gradient boosting", NeurIPS
/// 2019): a row is in with probability min(1, sqrt(g^2 + l h^2) / m) and has the inverse of that as its factor; m makes
/// the expected share `share`, and l is the squared mean step, (sum |g| / sum h)^2.
RowSample sample_minimal_variance(const RowsToSample& from, const tree::QuantisedGradients& gradients, double share);

/// Multiplies gradients and Hessians by the factors of their rows.
void apply_factors(const RowSample& sample, tree::QuantisedGradients& gradients);

}  // namespace automill
