#pragma once
// The rows that a network trains on or is judged by, encoded, in an order of their content.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>

#include "network_model.hpp"

namespace automill::neural {

struct InputOptions {
  std::size_t max_one_hot = 9;     ///< categories of a column, a missing one included, that become columns of their own
  std::size_t category_width = 8;  ///< of learned vectors
};

/// Positions in the view of the rows that have a weight, by the hash of their content: a random order that does not
/// depend on the order of rows. Faults: weights that are negative or not finite.
std::vector<std::uint32_t> order_by_content(const DatasetView& view, const RunContext& context);

/// How the columns are read, from the rows of the view at `order`. Columns that are constant there are left out.
NetworkInput fit_input(const DatasetView& view, std::span<const std::uint32_t> order, const InputOptions& options,
                       const RunContext& context);

/// Center, scale and range of each output of a regression target.
std::vector<OutputScale> fit_scales(const DatasetView& view, std::span<const std::uint32_t> order);

struct TrainingRows {
  std::size_t rows = 0;
  std::vector<float> numbers{};             ///< rows x numbers
  std::vector<std::uint32_t> table_rows{};  ///< rows x categories
  std::vector<std::int32_t> labels{};       ///< classes
  std::vector<float> values{};              ///< regression: rows x outputs, in units of the scales
  std::vector<float> weights{};             ///< of mean 1; empty: all 1

  /// `features` has the schema that the input was fitted to; its rows are those of the view.
  TrainingRows(const NetworkInput& input, const std::vector<OutputScale>& scales, const DatasetView& view,
               const TableView& features, std::span<const std::uint32_t> order, const RunContext& context);
};

/// Bytes of so many rows.
std::uint64_t training_rows_bytes(std::size_t rows, std::size_t numbers, std::size_t categories, std::size_t outputs);

}  // namespace automill::neural
