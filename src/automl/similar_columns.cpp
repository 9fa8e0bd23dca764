#include "automl/similar_columns.hpp"

#include <array>
#include <automill/core/random.hpp>
#include <map>

namespace automill {
namespace {

constexpr double alike = 0.9999;
constexpr std::size_t least_rows_for_pairs = 20;

/// A number column with mean 0 and length 1 over the rows, missing values as 0, and where it lies in two directions.
struct UnitColumn {
  std::size_t column = 0;
  std::vector<float> values{};
  std::array<double, 2> at{};
};

/// Two standard normal numbers a row: what columns are projected on.
using Projections = std::vector<std::array<double, 2>>;
Projections make_projections(std::size_t rows) {
  Projections projections(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream random(0, purpose("directions of columns"), i);
    projections[i] = {random.normal(), random.normal()};
  }
  return projections;
}

std::optional<UnitColumn> direction_of(const Table& table, std::size_t column, std::span<const std::uint32_t> rows,
                                       const Projections& projections) {
  std::vector<double> values(rows.size());
  table[column].gather(rows, values.data());
  double sum = 0, squares = 0, present = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++present;
  }
  if (present < least_rows_for_pairs || present < 0.9 * static_cast<double>(values.size())) return std::nullopt;
  const double mean = sum / present;
  for (double& value : values) {
    value = std::isfinite(value) ? value - mean : 0;
    squares += value * value;
  }
  if (!(squares > 0) || !std::isfinite(squares)) return std::nullopt;
  UnitColumn direction{.column = column, .values = std::vector<float>(values.size())};
  const double scale = 1 / std::sqrt(squares);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i] * scale;
    direction.values[i] = static_cast<float>(value);
    for (std::size_t k = 0; k < 2; ++k) direction.at[k] += value * projections[i][k];
  }
  return direction;
}

double correlation(const UnitColumn& a, const UnitColumn& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += double{a.values[i]} * double{b.values[i]};
  return sum;
}

/// Unit columns at a correlation of 0.9999 are 0.014 apart, and so are their projections, times a standard normal.
constexpr double near = 0.08;

bool may_be_alike(const UnitColumn& a, const UnitColumn& b) {
  for (const double sign : {1.0, -1.0})
    if (std::abs(a.at[0] - sign * b.at[0]) < near && std::abs(a.at[1] - sign * b.at[1]) < near) return true;
  return false;
}

std::vector<SimilarColumns> similar_numbers(std::vector<UnitColumn>& all, const RunContext& context) {
  std::sort(all.begin(), all.end(), [](const UnitColumn& a, const UnitColumn& b) {
    return std::pair(std::abs(a.at[0]), a.column) < std::pair(std::abs(b.at[0]), b.column);
  });
  std::vector<SimilarColumns> pairs;
  for (std::size_t i = 0; i < all.size(); ++i) {
    context.stop.throw_if_requested();
    for (std::size_t k = i + 1; k < all.size() && std::abs(all[k].at[0]) - std::abs(all[i].at[0]) < near; ++k) {
      if (!may_be_alike(all[i], all[k])) continue;
      const double found = correlation(all[i], all[k]);
      if (std::abs(found) > alike)
        pairs.push_back({std::min(all[i].column, all[k].column), std::max(all[i].column, all[k].column), found});
    }
  }
  return pairs;
}

/// Codes renamed by their first appearance: equal for columns that map one to one. Nothing for constants and for
/// columns most of whose values are different.
std::optional<std::uint64_t> partition_hash(const Table& table, std::size_t column,
                                            std::span<const std::uint32_t> rows) {
  std::vector<double> codes(rows.size());
  table[column].gather(rows, codes.data());
  std::unordered_map<double, std::uint64_t> seen;
  std::uint64_t hash = 0, missing = 0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const bool none = std::isnan(codes[i]);
    missing += none;
    const std::uint64_t name = seen.emplace(none ? -1.0 : codes[i], seen.size()).first->second;
    hash = combine_hashes(hash, name);
  }
  if (seen.size() < 2 || 2 * seen.size() > codes.size() || 2 * missing > codes.size()) return std::nullopt;
  return hash;
}

}  // namespace

std::vector<SimilarColumns> similar_columns(const Table& table, std::span<const std::uint32_t> rows,
                                            const RunContext& context) {
  std::vector<SimilarColumns> pairs;
  if (rows.size() < least_rows_for_pairs) return pairs;
  std::vector<std::optional<UnitColumn>> directions(table.size());
  std::vector<std::optional<std::uint64_t>> partitions(table.size());
  const Projections projections = make_projections(rows.size());
  context.executor().run(table.size(), [&](std::size_t c) {
    context.stop.throw_if_requested();
    if (table[c].kind() == ColumnKind::category) partitions[c] = partition_hash(table, c, rows);
    else if (table[c].kind() != ColumnKind::text) directions[c] = direction_of(table, c, rows, projections);
  });
  std::vector<UnitColumn> numbers;
  for (auto& direction : directions)
    if (direction) numbers.push_back(std::move(*direction));
  pairs = similar_numbers(numbers, context);
  std::map<std::uint64_t, std::size_t> first_with;
  for (std::size_t c = 0; c < table.size(); ++c) {
    if (!partitions[c]) continue;
    const auto [known, added] = first_with.emplace(*partitions[c], c);
    if (!added) pairs.push_back({known->second, c, 0});
  }
  std::sort(pairs.begin(), pairs.end(), [](const SimilarColumns& a, const SimilarColumns& b) {
    return std::pair(a.second, a.first) < std::pair(b.second, b.first);
  });
  std::vector<SimilarColumns> kept;  // each column once, with the first that it is like
  for (const SimilarColumns& pair : pairs)
    if (kept.empty() || kept.back().second != pair.second) kept.push_back(pair);
  return kept;
}

}  // namespace automill
