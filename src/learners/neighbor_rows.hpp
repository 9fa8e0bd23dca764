#pragma once
// Between rows of a table and points, and between neighbours and predictions.

#include <automill/core/export.hpp>

#include "neighbor_search.hpp"

namespace automill::neighbors {

/// Coordinates and categories of points made with these columns.
AUTOMILL_EXPORT std::pair<std::size_t, std::size_t> point_sizes(const std::vector<NeighborColumn>& columns);

/// Writes what a cell is in a point: up to two coordinates, or a code. Both ends move on.
inline void write_cell(const NeighborColumn& column, double value, double*& numbers, std::int32_t*& codes) {
  if (column.kind == NeighborColumn::Kind::category) {
    *codes++ = std::isnan(value) ? -1 : static_cast<std::int32_t>(value);
  } else if (column.kind == NeighborColumn::Kind::number) {
    const double clipped = value < column.lower ? column.lower : value > column.upper ? column.upper : value;
    const double unit = std::sqrt(column.weight);
    *numbers++ = std::isnan(value) ? 0.0 : (clipped - column.center) / column.scale * unit;
    if (column.marks_missing) *numbers++ = std::isnan(value) ? unit : 0.0;
  }
}

/// Rows as points; `queries.count` of them. O(rows columns).
AUTOMILL_EXPORT void read_points(const std::vector<NeighborColumn>& columns, const TableView& rows, Queries& queries);

/// How much each of the neighbours counts, sum 1. `found`: as Search gives it for at least k.
struct Shares {
  std::vector<std::uint32_t> points{};
  std::vector<double> shares{};
};
AUTOMILL_EXPORT void share_places(std::span<const Neighbor> found, std::size_t k, bool by_distance,
                                  std::span<const double> weights, Shares& out);

/// Predictions of a row: the shares of the neighbours, and the prior.
AUTOMILL_EXPORT void average(const NeighborsState& state, const Shares& shares, std::span<double> out);

}  // namespace automill::neighbors
