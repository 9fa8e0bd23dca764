#pragma once
// The training rows in an order of their own: each different row once, with the number of its copies, by the hash of
// its content. What is computed on them does not depend on the order of rows, on repeated rows instead of weights, or
// on columns that are constant or copies of others; any first rows are a random sample.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>

namespace automill::features {

struct DistinctRows {
  std::vector<std::uint32_t> columns{};   ///< of the input that tell something, by name: no text, no sparse ones
  std::vector<std::uint32_t> constant{};  ///< those with one value
  std::vector<std::pair<std::uint32_t, std::uint32_t>> copies{};  ///< and which column each is a copy of
  std::shared_ptr<const Dataset> data{};  ///< these columns; weights are numbers of copies, keys the hashes

  std::size_t rows() const { return data->rows(); }
  double count(std::size_t row) const { return data->weights.empty() ? 1.0 : data->weights[row]; }
  /// The first rows; O(rows x columns).
  std::shared_ptr<const Dataset> first(std::size_t rows) const;
};

/// O(rows x columns + rows log rows). Error for weights that are none.
DistinctRows distinct_rows(const DatasetView& train, const RunContext& context);

}  // namespace automill::features
