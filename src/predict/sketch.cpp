#include <automill/predict/sketch.hpp>

namespace automill {
namespace {

std::size_t rank_position(std::size_t rank, std::size_t count) {
  return rank * (count - 1) / (ColumnSketch::ranks - 1);
}

/// Puts the values of ranks [low, high] of `values` where a full sort would; the rest lies between them. O(n log
/// ranks).
void place_ranks(std::vector<double>& values, std::size_t low, std::size_t high, std::size_t begin, std::size_t end) {
  if (low > high || begin >= end) return;
  const std::size_t middle = (low + high) / 2, position = rank_position(middle, values.size());
  const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
  if (position >= begin && position < end) std::nth_element(at(begin), at(position), at(end));
  if (middle > low) place_ranks(values, low, middle - 1, begin, std::min(position, end));
  place_ranks(values, middle + 1, high, std::max(begin, position + 1), end);
}

/// `values`: some; `extremes`: least and greatest of all.
void sketch_numbers(std::vector<double> values, std::pair<double, double> extremes, ColumnSketch& sketch) {
  place_ranks(values, 0, ColumnSketch::ranks - 1, 0, values.size());
  for (std::size_t rank = 0; rank < ColumnSketch::ranks; ++rank)
    sketch.quantiles.push_back(values[rank_position(rank, values.size())]);
  sketch.quantiles.front() = extremes.first;
  sketch.quantiles.back() = extremes.second;
  const std::vector<double> edges = sketch.edges();
  sketch.bin_counts.assign(edges.size(), 0);
  for (const double value : values)
    ++sketch.bin_counts[static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin())];
}

std::vector<double> present_numbers(const Column& column, std::span<const std::uint32_t> rows) {
  std::vector<double> values(rows.size());
  column.gather(rows, values.data());
  std::erase_if(values, [](double v) { return std::isnan(v); });
  return values;
}

}  // namespace

std::vector<double> ColumnSketch::edges() const {
  std::vector<double> edges = quantiles;
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

ColumnSketch make_sketch(const Column& column, std::span<const std::uint32_t> sample) {
  ColumnSketch sketch{.rows = column.size()};
  std::vector<double> values(column.size());
  column.numbers(0, values.size(), values.data());
  sketch.missing = static_cast<std::uint64_t>(std::erase_if(values, [](double v) { return std::isnan(v); }));
  if (column.kind() == ColumnKind::text) return sketch;
  if (column.kind() != ColumnKind::category) {
    if (values.empty()) return sketch;
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    const std::pair<double, double> extremes{*least, *greatest};
    if (!sample.empty()) values = present_numbers(column, sample);
    sketch_numbers(values.empty() ? std::vector{extremes.first, extremes.second} : std::move(values), extremes, sketch);
    return sketch;
  }
  sketch.counts.assign(column.schema().dictionary->size(), 0);
  for (const double code : values)
    if (code < static_cast<double>(sketch.counts.size())) ++sketch.counts[static_cast<std::size_t>(code)];
  return sketch;
}

}  // namespace automill
