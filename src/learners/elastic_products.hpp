#pragma once
// Elastic nets for squared loss through products of columns: a pass over the rows serves all folds and all penalties.

#include "elastic_path.hpp"
#include "linear_gram.hpp"

namespace automill::linear {

/// Sums of some rows.
struct SquaredSums {
  Gram gram{};         ///< with X'Wt
  double target = 0;   ///< sum of w t
  double squares = 0;  ///< sum of w t^2

  void add(const SquaredSums& other);
};

/// Rows of the design, by position, with their targets (one a row of the design). Nothing when stopped.
/// O(rows columns^2).
std::optional<SquaredSums> squared_sums(const Design& design, const Table& features,
                                        const std::vector<std::uint32_t>& positions, const std::vector<double>& targets,
                                        const RunContext& context);

/// The fit on the rows of `train`. The intercept is not penalised. `held_out` (or null) must outlive it.
std::unique_ptr<ElasticFit> make_product_fit(const SquaredSums& train, const SquaredSums* held_out);

}  // namespace automill::linear
