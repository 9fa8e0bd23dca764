#include "neighbor_rows.hpp"

#include <cmath>

namespace automill::neighbors {

std::pair<std::size_t, std::size_t> point_sizes(const std::vector<NeighborColumn>& columns) {
  std::size_t coordinates = 0, categories = 0;
  for (const NeighborColumn& column : columns) {
    if (column.kind == NeighborColumn::Kind::number) coordinates += column.marks_missing ? 2 : 1;
    if (column.kind == NeighborColumn::Kind::category) ++categories;
  }
  return {coordinates, categories};
}

void read_points(const std::vector<NeighborColumn>& columns, const TableView& rows, Queries& queries) {
  const auto [coordinates, categories] = point_sizes(columns);
  queries.count = rows.rows();
  queries.numbers.resize(rows.rows() * coordinates);
  queries.codes.resize(rows.rows() * categories);
  std::vector<double> values(rows.rows());
  std::size_t first_number = 0, first_code = 0;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (columns[j].kind == NeighborColumn::Kind::unused) continue;
    rows.numbers(j, values.data());
    double* numbers = nullptr;
    std::int32_t* codes = nullptr;
    for (std::size_t i = 0; i < values.size(); ++i) {
      numbers = queries.numbers.data() + i * coordinates + first_number;
      codes = queries.codes.data() + i * categories + first_code;
      write_cell(columns[j], values[i], numbers, codes);
    }
    if (values.empty()) continue;
    const std::size_t last = values.size() - 1;
    first_number = static_cast<std::size_t>(numbers - queries.numbers.data()) - last * coordinates;
    first_code = static_cast<std::size_t>(codes - queries.codes.data()) - last * categories;
  }
}

void share_places(std::span<const Neighbor> found, std::size_t k, bool by_distance, std::span<const double> weights,
                  Shares& out) {
  out.points.clear();
  out.shares.clear();
  std::size_t before = found.size(), tied = 0;
  if (found.size() > k) {  // those as far as the k-th share what is left of k
    const double at = found[k - 1].squared_distance;
    before = 0;
    while (found[before].squared_distance < at * (1 - same_distance)) ++before;
    while (before + tied < found.size() && found[before + tied].squared_distance <= at * (1 + same_distance)) ++tied;
  }
  const double share_of_tied = tied > 0 ? static_cast<double>(k - before) / static_cast<double>(tied) : 0.0;
  const bool copies =
      by_distance && !found.empty() && found.front().squared_distance == 0;  // they alone count, as in scikit-learn
  double total = 0;
  for (std::size_t i = 0; i < before + tied; ++i) {
    const Neighbor& each = found[i];
    if (copies && each.squared_distance > 0) break;
    double share = i < before ? 1.0 : share_of_tied;
    if (by_distance && !copies) share /= std::sqrt(each.squared_distance);
    if (!weights.empty()) share *= weights[each.point];
    out.points.push_back(each.point);
    out.shares.push_back(share);
    total += share;
  }
  for (double& share : out.shares) share = total > 0 ? share / total : 1.0 / static_cast<double>(out.shares.size());
}

void average(const NeighborsState& state, const Shares& shares, std::span<double> out) {
  const auto k = static_cast<double>(state.n_neighbors);
  const double own = k / (k + state.prior_weight);
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = state.prior_weight > 0 ? (1 - own) * state.prior[c] : 0.0;
  for (std::size_t i = 0; i < shares.points.size(); ++i) {
    const std::uint32_t point = shares.points[i];
    const double share = state.prior_weight > 0 ? own * shares.shares[i] : shares.shares[i];
    if (state.values.empty()) out[static_cast<std::size_t>(state.labels[point])] += share;
    else out[0] += share * state.values[point];
  }
  if (state.values.empty())
    for (double& each : out) each = std::min(each, 1.0);  // shares add up to 1 within rounding
}

}  // namespace automill::neighbors
