#pragma once
// The two passes over all rows that steps of linear fits are made of: scores of the rows, and sums over them.

#include "linear_design.hpp"

namespace automill::linear {

/// intercept + x' weights of all rows. Nothing when stopped.
std::optional<std::vector<double>> scores_of_rows(const Design& design, const std::vector<Tile>& tiles,
                                                  std::size_t rows, const std::vector<double>& weights,
                                                  double intercept, const RunContext& context);

struct RowSums {
  std::vector<double> columns{};  ///< X'v
  double total = 0;               ///< of v
};

/// In an order that does not depend on threads. Nothing when stopped.
std::optional<RowSums> sums_over_rows(const Design& design, const std::vector<Tile>& tiles,
                                      const std::vector<double>& v, const RunContext& context);

}  // namespace automill::linear
