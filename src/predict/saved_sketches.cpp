#include "saved_sketches.hpp"

namespace automill {
namespace {

/// Lists of different lengths as one array of lengths and one of elements.
template <class T>
struct Lists {
  std::vector<std::uint32_t> sizes{};
  std::vector<T> all{};

  void add(const std::vector<T>& one) {
    sizes.push_back(static_cast<std::uint32_t>(one.size()));
    all.insert(all.end(), one.begin(), one.end());
  }
  void save(ArchiveWriter& out, const std::string& name) const {
    out.array(name + "_sizes", sizes);
    out.array(name, all);
  }
  static Lists load(const ArchiveReader& in, const std::string& name, std::size_t columns) {
    Lists lists{in.array<std::uint32_t>(name + "_sizes", columns), in.array<T>(name)};
    std::uint64_t total = 0;
    for (const std::uint32_t size : lists.sizes) total += size;
    if (total != lists.all.size()) in.fail("'" + name + "' does not have the sizes that it says");
    return lists;
  }
  /// The lists in order, one a call.
  std::vector<T> next() {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
    at += sizes[list];
    return {begin, begin + static_cast<std::ptrdiff_t>(sizes[list++])};
  }
  std::size_t list = 0, at = 0;
};

void check_sketch(const ColumnSketch& sketch, const ColumnSchema& column, const ArchiveReader& in) {
  const std::string name = "sketch of '" + column.name + "': ";
  if (sketch.rows > (1ULL << 48) || sketch.missing > sketch.rows)
    in.fail(name + "more rows are missing than there are");
  const bool category = column.kind == ColumnKind::category;
  if (!sketch.counts.empty() && (!category || sketch.counts.size() != column.dictionary->size()))
    in.fail(name + "one count a category is needed");
  std::uint64_t total = sketch.missing;
  for (const std::uint32_t count : sketch.counts) total += count;
  for (const std::uint32_t count : sketch.bin_counts) total += count;
  if (total > sketch.rows) in.fail(name + "counts are larger than the number of rows");
  if (!sketch.quantiles.empty() && (category || sketch.quantiles.size() != ColumnSketch::ranks))
    in.fail(name + std::to_string(ColumnSketch::ranks) + " quantiles are needed");
  for (std::size_t i = 0; i < sketch.quantiles.size(); ++i)
    if (std::isnan(sketch.quantiles[i]) || (i > 0 && sketch.quantiles[i] < sketch.quantiles[i - 1]))
      in.fail(name + "quantiles must ascend");
  if (sketch.bin_counts.size() != sketch.edges().size()) in.fail(name + "one count an edge is needed");
}

}  // namespace

void save_sketches(const std::vector<ColumnSketch>& sketches, ArchiveWriter& out) {
  std::vector<std::uint64_t> rows, missing;
  Lists<double> quantiles;
  Lists<std::uint32_t> bin_counts, counts;
  for (const ColumnSketch& sketch : sketches) {
    rows.push_back(sketch.rows);
    missing.push_back(sketch.missing);
    quantiles.add(sketch.quantiles);
    bin_counts.add(sketch.bin_counts);
    counts.add(sketch.counts);
  }
  out.array("rows", rows);
  out.array("missing", missing);
  quantiles.save(out, "quantiles");
  bin_counts.save(out, "bin_counts");
  counts.save(out, "counts");
}

std::vector<ColumnSketch> load_sketches(const ArchiveReader& in, const Schema& schema) {
  const auto rows = in.array<std::uint64_t>("rows");
  if (!rows.empty() && rows.size() != schema.size()) in.fail("one sketch a column is needed");
  const auto missing = in.array<std::uint64_t>("missing", rows.size());
  auto quantiles = Lists<double>::load(in, "quantiles", rows.size());
  auto bin_counts = Lists<std::uint32_t>::load(in, "bin_counts", rows.size());
  auto counts = Lists<std::uint32_t>::load(in, "counts", rows.size());
  std::vector<ColumnSketch> sketches;
  for (std::size_t c = 0; c < rows.size(); ++c) {
    sketches.push_back({.rows = rows[c],
                        .missing = missing[c],
                        .quantiles = quantiles.next(),
                        .counts = counts.next(),
                        .bin_counts = bin_counts.next()});
    check_sketch(sketches.back(), schema[c], in);
  }
  return sketches;
}

}  // namespace automill
