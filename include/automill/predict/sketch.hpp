#pragma once
// A small summary of a training column, kept with the model, against which new rows are checked.

#include <automill/core/export.hpp>
#include <automill/core/table.hpp>

namespace automill {

struct ColumnSketch {
  static constexpr std::size_t ranks = 33;
  std::uint64_t rows = 0, missing = 0;
  std::vector<double>
      quantiles{};  ///< number, boolean, datetime: 33 values at ranks 0, 1/32, ... 1; empty when all are missing
  std::vector<std::uint32_t> counts{};  ///< category: rows of each code
  std::vector<std::uint32_t>
      bin_counts{};  ///< rows of the sample above the edge before and at or below the edge, one for each edge

  /// The different quantiles, ascending: edges of bins.
  std::vector<double> edges() const;
};

/// Sketch of one column. `sample`: rows of which the inner quantiles and the counts of bins are made, so that large
/// tables take no longer; empty: all. Extremes, missing values and categories are of all rows. O(n + sample log 33).
AUTOMILL_EXPORT ColumnSketch make_sketch(const Column& column, std::span<const std::uint32_t> sample = {});

}  // namespace automill
