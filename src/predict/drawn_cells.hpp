#pragma once
// Cells as training had them, drawn column by column from the sketches that go with a model.

#include <automill/core/random.hpp>
#include <automill/predict/sketch.hpp>
#include <cmath>
#include <limits>

namespace automill {

/// Between two neighbouring quantiles, whole where the column is; a standard normal number where nothing is known.
inline double drawn_number(const ColumnSketch& sketch, const ColumnSchema& column, RandomStream& random) {
  if (sketch.quantiles.empty()) return random.normal();
  const std::size_t rank = random.below(sketch.quantiles.size() - 1);
  const double low = sketch.quantiles[rank], high = sketch.quantiles[rank + 1];
  const double between = low + (high - low) * random.uniform();
  const double value = std::isfinite(between) ? between : low;  // infinite quantiles have nothing between them
  return column.kind == ColumnKind::number && !column.integer ? value : std::round(value);
}

/// As often as training had it; any code, the unseen one too, where nothing is known.
inline double drawn_code(const ColumnSketch& sketch, const ColumnSchema& column, RandomStream& random) {
  std::uint64_t total = 0;
  for (const std::uint32_t count : sketch.counts) total += count;
  if (total == 0) return static_cast<double>(random.below(column.dictionary->size() + 1));
  std::uint64_t left = random.below(total);
  std::size_t code = 0;
  while (left >= sketch.counts[code]) left -= sketch.counts[code++];
  return static_cast<double>(code);
}

/// NaN as often as cells were missing. Sketches keep no text: a cell of one is 0 where it is there.
inline double drawn_cell(const ColumnSketch& sketch, const ColumnSchema& column, RandomStream& random) {
  const double missing = sketch.rows == 0 ? 0 : static_cast<double>(sketch.missing) / static_cast<double>(sketch.rows);
  if (random.uniform() < missing) return std::numeric_limits<double>::quiet_NaN();
  if (column.kind == ColumnKind::category) return drawn_code(sketch, column, random);
  return column.kind == ColumnKind::text ? 0 : drawn_number(sketch, column, random);
}

}  // namespace automill
