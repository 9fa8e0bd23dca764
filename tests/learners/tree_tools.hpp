#pragma once
// What the tests of the tree engine share: tables of numbers and categories, kernels of every level, and rows whose
// gradients are known integers.

#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/tree/grower.hpp>
#include <automill/learners/tree/objective.hpp>

#include "linear_tools.hpp"

namespace tree_tools {

using namespace automill;
using namespace automill::tree;
using linear_tools::Columns;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

/// Bits of doubles: NaN equals itself, and -0 is not 0.
inline std::vector<std::uint64_t> bits_of(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  for (double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

/// The levels that this processor runs, the baseline first.
inline std::vector<const Kernels*> kernel_levels() {
  std::vector<const Kernels*> levels{&baseline_kernels()};
  if (best_simd_level() >= SimdLevel::avx2) levels.push_back(&avx2_kernels());
  if (best_simd_level() >= SimdLevel::avx512) levels.push_back(&avx512_kernels());
  return levels;
}

inline RandomStream random_of(std::uint64_t seed) { return {seed, purpose("tree tests")}; }

inline std::vector<double> random_numbers(std::size_t count, std::uint64_t seed) {
  RandomStream random = random_of(seed);
  std::vector<double> values(count);
  for (double& value : values) value = random.normal();
  return values;
}

inline std::vector<std::uint64_t> random_keys(std::size_t count, std::uint64_t seed) {
  RandomStream random = random_of(seed);
  std::vector<std::uint64_t> keys(count);
  for (auto& key : keys) key = random.next();
  return keys;
}

inline std::vector<std::uint32_t> first_rows(std::size_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

inline std::vector<std::size_t> shuffled_rows(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  RandomStream random = random_of(seed);
  random.shuffle(rows);
  return rows;
}

inline ColumnPtr number_column(const std::string& name, std::vector<double> values) {
  return make_number_column({.name = name}, std::move(values));
}

/// Codes: -1 is missing, `categories` unseen.
inline ColumnPtr category_column(const std::string& name, std::vector<std::int32_t> codes, std::size_t categories) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < categories; ++k) names.push_back("c" + std::to_string(100'000 + k));
  ColumnSchema schema{.name = name, .kind = ColumnKind::category};
  schema.dictionary = std::make_shared<const Dictionary>(std::move(names));
  return make_category_column(std::move(schema), std::move(codes));
}

inline std::shared_ptr<const BinnedTable> binned(const Table& table,
                                                 const BinningOptions& options = {.min_rows_in_bin = 1},
                                                 const RunContext& context = {}) {
  return BinnedTable::make(table, random_keys(table.rows(), 1), options, context);
}

inline std::shared_ptr<const Dataset> numeric_dataset(Table table, std::vector<double> y,
                                                      std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.features = std::move(table);
  dataset.target.values = std::move(y);
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

/// Code of the Error that an action throws; empty when it throws none.
inline std::string error_code(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

/// Where a column lies in the binned copy.
struct Place {
  std::size_t group = 0, lane = 0;
};
inline Place place_of(const BinnedTable& bins, std::uint32_t column) {
  for (std::size_t g = 0; g < bins.groups().size(); ++g)
    for (std::size_t lane = 0; lane < bins.groups()[g].columns.size(); ++lane)
      if (bins.groups()[g].columns[lane] == column) return {g, lane};
  throw std::logic_error("the column is constant");
}

}  // namespace tree_tools
