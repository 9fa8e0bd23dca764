#include <algorithm>
#include <automill/learners/tree/binning.hpp>

#include "data/bottom_sample.hpp"
#include "radix_sort.hpp"

namespace automill::tree {

namespace {

/// Values of the sampled rows that are not missing, and the number of those that are.
struct SampledValues {
  ValueCounts counts{};
  std::size_t missing = 0;
};

SampledValues count_sorted(std::vector<double>& values) {
  SampledValues sampled;
  const auto end = std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); });
  sampled.missing = static_cast<std::size_t>(values.end() - end);
  values.erase(end, values.end());
  std::vector<std::uint64_t> scratch;
  radix_sort(values, scratch);
  sampled.counts = ValueCounts::of(values);
  return sampled;
}

/// Rows from which edges are found: all, or those that are listed.
struct SampleRows {
  std::vector<std::uint32_t> rows{};
  std::vector<bool> in{};  ///< by row; empty: all
  std::size_t size = 0;
};

SampledValues sample_values(const Column& column, const SampleRows& sample) {
  if (!column.sparse()) {
    std::vector<double> values(sample.size);
    if (sample.in.empty()) column.numbers(0, column.size(), values.data());
    else column.gather(sample.rows, values.data());
    return count_sorted(values);
  }
  std::vector<double> values;
  column.for_each_stored([&](std::size_t row, double value) {
    if (sample.in.empty() || sample.in[row]) values.push_back(value);
  });
  const std::size_t zeros = sample.size - values.size();
  SampledValues sampled = count_sorted(values);
  if (zeros == 0) return sampled;
  auto& [all, counts] = sampled.counts;
  const auto place = std::lower_bound(all.begin(), all.end(), 0.0) - all.begin();
  if (place < std::ssize(all) && all[static_cast<std::size_t>(place)] == 0) {
    counts[static_cast<std::size_t>(place)] += zeros;
  } else {
    all.insert(all.begin() + place, 0.0);
    counts.insert(counts.begin() + place, zeros);
  }
  return sampled;
}

/// The bin that a share of the sample is in.
std::optional<std::uint16_t> usual_bin_of(const BinMapping& mapping, const SampledValues& sampled, double share) {
  std::vector<std::size_t> rows(mapping.bins, 0);
  rows[0] = sampled.missing;
  std::size_t bin = 1, all = sampled.missing;
  for (std::size_t i = 0; i < sampled.counts.values.size(); ++i) {
    while (bin <= mapping.edges.size() && sampled.counts.values[i] > mapping.edges[bin - 1]) ++bin;
    rows[bin] += sampled.counts.counts[i];
    all += sampled.counts.counts[i];
  }
  const auto most = std::max_element(rows.begin(), rows.end());
  if (static_cast<double>(*most) < share * static_cast<double>(all)) return std::nullopt;
  return static_cast<std::uint16_t>(most - rows.begin());
}

BinMapping map_numbers(const Column& column, const SampleRows& sample, const BinningOptions& options) {
  BinMapping mapping;
  const SampledValues sampled = sample_values(column, sample);
  mapping.has_missing = sampled.missing > 0;
  mapping.edges = find_edges(sampled.counts, options);
  mapping.bins = mapping.edges.size() + 2;
  if (!mapping.constant()) mapping.usual_bin = usual_bin_of(mapping, sampled, options.sparse_share);
  return mapping;
}

/// Counts of each code; the last one is of missing values.
std::vector<std::size_t> count_categories(const Column& column, std::size_t categories) {
  std::vector<std::size_t> counts(categories + 1, 0);
  std::vector<double> block(4096);
  for (std::size_t begin = 0; begin < column.size(); begin += block.size()) {
    const std::size_t count = std::min(block.size(), column.size() - begin);
    column.numbers(begin, count, block.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (std::isnan(block[i])) ++counts[categories];
      else if (block[i] < static_cast<double>(categories)) ++counts[static_cast<std::size_t>(block[i])];
    }
  }
  return counts;
}

BinMapping map_categories(const Column& column, const BinningOptions& options) {
  BinMapping mapping;
  mapping.categorical = true;
  const std::size_t categories = column.schema().dictionary->size();
  const std::vector<std::size_t> counts = count_categories(column, categories);
  std::vector<std::size_t> order;
  for (std::size_t code = 0; code <= categories; ++code)
    if (counts[code] > 0) order.push_back(code);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return counts[a] > counts[b]; });
  mapping.bin_of_code.assign(categories, 0);
  mapping.bins = 1;
  std::size_t covered = 0;
  for (std::size_t code : order) {
    // Beyond narrow codes a category must be worth its bin: LightGBM's rule of 99 % of the rows.
    const bool narrow = mapping.bins < BinnedTable::narrow_bins;
    if (!narrow && (counts[code] < options.min_rows_in_bin || 100 * covered >= 99 * column.size())) break;
    if (mapping.bins > options.max_categories) break;
    covered += counts[code];
    const auto bin = static_cast<std::uint16_t>(mapping.bins++);
    if (code == categories) mapping.missing_bin = bin;
    else mapping.bin_of_code[code] = bin;
  }
  return mapping;
}

/// Bins of numbers: the first edge that is not below the value, found in a fixed number of steps without branches.
class EdgeSearch {
 public:
  explicit EdgeSearch(const std::vector<double>& edges) {
    steps_ = static_cast<int>(std::bit_width(edges.size()));
    padded_.assign((std::size_t{1} << steps_), std::numeric_limits<double>::infinity());
    std::copy(edges.begin(), edges.end(), padded_.begin());
    last_ = edges.size();
  }
  template <class Code, class Store>
  void codes(const double* values, std::size_t count, const Store& store) const {
    for (std::size_t i = 0; i < count; ++i) {
      const double value = values[i];
      std::size_t at = 0;
      for (int step = steps_ - 1; step >= 0; --step) {
        const std::size_t half = std::size_t{1} << step;
        at += padded_[at + half - 1] < value ? half : 0;
      }
      at = std::min(at, last_);
      store(i, static_cast<Code>(std::isnan(value) ? 0 : at + 1));
    }
  }

 private:
  std::vector<double> padded_;
  std::size_t last_ = 0;
  int steps_ = 0;
};

template <class Code, class Store>
void store_codes(const BinMapping& mapping, const double* values, std::size_t count, const Store& store) {
  if (!mapping.categorical) return EdgeSearch(mapping.edges).codes<Code>(values, count, store);
  const auto known = static_cast<double>(mapping.bin_of_code.size());
  for (std::size_t i = 0; i < count; ++i)
    store(i, static_cast<Code>(std::isnan(values[i]) ? mapping.missing_bin
                               : values[i] >= 0 && values[i] < known
                                   ? mapping.bin_of_code[static_cast<std::size_t>(values[i])]
                                   : 0));
}

}  // namespace

std::shared_ptr<const BinnedTable> BinnedTable::make(const Table& table, std::span<const std::uint64_t> keys,
                                                     const BinningOptions& options, const RunContext& context) {
  SampleRows sample{.rows = bottom_sample(keys, options.sample, purpose("bin edges")), .size = table.rows()};
  if (!sample.rows.empty()) {
    sample.size = sample.rows.size();
    sample.in.assign(table.rows(), false);
    for (std::uint32_t row : sample.rows) sample.in[row] = true;
  }
  auto mappings = std::make_shared<std::vector<BinMapping>>(table.size());
  context.executor().run(table.size(), [&](std::size_t c) {
    check_stop(context);
    const Column& column = table[c];
    (*mappings)[c] =
        column.kind() == ColumnKind::category ? map_categories(column, options) : map_numbers(column, sample, options);
  });
  const auto sparse = std::count_if(mappings->begin(), mappings->end(), [](const auto& m) { return m.usual_bin; });
  if (static_cast<std::size_t>(sparse) < options.min_sparse)
    for (BinMapping& mapping : *mappings) mapping.usual_bin.reset();
  auto binned = std::make_shared<BinnedTable>();
  binned->mappings_ = std::move(mappings);
  binned->rows_ = table.rows();
  binned->lay_out();
  binned->fill(TableView(table), context);
  return binned;
}

std::shared_ptr<const BinnedTable> BinnedTable::like(const TableView& rows, const RunContext& context) const {
  auto binned = std::make_shared<BinnedTable>();
  binned->mappings_ = mappings_;
  binned->rows_ = rows.rows();
  binned->lay_out();
  binned->fill(rows, context);
  return binned;
}

std::shared_ptr<const BinnedTable> BinnedTable::extend(std::shared_ptr<const BinnedTable> table,
                                                       const std::vector<BinMapping>& crosses,
                                                       const std::vector<BinMapping>& derived,
                                                       std::span<const std::uint8_t> codes) {
  auto extended = std::make_shared<BinnedTable>();
  const std::size_t rows = table->rows();
  auto mappings = std::make_shared<std::vector<BinMapping>>(table->mappings());
  mappings->insert(mappings->end(), crosses.begin(), crosses.end());
  const std::size_t first = mappings->size();
  mappings->insert(mappings->end(), derived.begin(), derived.end());
  extended->rows_ = rows;
  extended->groups_ = table->groups_;
  for (Group& group : extended->groups_) group.shared = true;
  extended->histogram_size_ = table->histogram_size_;
  extended->sparse_ = table->sparse_;
  extended->sparse_offset_ = table->sparse_offset_;
  const std::size_t blocks = (derived.size() + 7) / 8;
  extended->words_ = std::make_unique<std::uint64_t[]>(blocks * rows);
  for (std::size_t block = 0; block < blocks; ++block) {
    Group group{.offset = extended->histogram_size_, .data = block * rows};
    auto* bytes = reinterpret_cast<std::uint8_t*>(extended->words_.get() + group.data);
    for (std::size_t d = 8 * block; d < std::min(derived.size(), 8 * block + 8); ++d) {
      group.columns.push_back(static_cast<std::uint32_t>(first + d));
      group.bins = std::max(group.bins, derived[d].bins);
      for (std::size_t row = 0; row < rows; ++row) bytes[8 * row + d % 8] = codes[d * rows + row];
    }
    group.entries = group.bins * 8;
    extended->histogram_size_ += group.entries;
    extended->groups_.push_back(std::move(group));
  }
  extended->mappings_ = std::move(mappings);
  extended->extended_ = std::move(table);
  return extended;
}

/// Columns in blocks of eight: numbers that are missing somewhere together, since their blocks are searched in both
/// directions, and those with most bins first, so that the bins of a block are alike. Equal ones: in the order of the
/// table.
void BinnedTable::lay_out() {
  const auto& mappings = *mappings_;
  std::vector<std::uint32_t> order;
  for (std::uint32_t c = 0; c < mappings.size(); ++c)
    if (!mappings[c].constant()) order.push_back(c);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    if (mappings[a].categorical != mappings[b].categorical) return mappings[b].categorical;
    if (mappings[a].has_missing != mappings[b].has_missing) return mappings[a].has_missing;
    return mappings[a].bins > mappings[b].bins;
  });
  std::size_t words = 0, wide = 0;
  std::vector<SparseColumns::Layout> sparse;
  for (std::uint32_t c : order) {
    const BinMapping& mapping = mappings[c];
    if (mapping.usual_bin) {
      sparse.push_back({c, static_cast<std::uint32_t>(mapping.bins), *mapping.usual_bin});
      continue;
    }
    const bool is_wide = mapping.bins > narrow_bins;
    const bool open = !groups_.empty() && !is_wide && !groups_.back().wide && groups_.back().columns.size() < 8 &&
                      groups_.back().categorical == mapping.categorical;
    if (!open) {
      Group group{.categorical = mapping.categorical, .wide = is_wide};
      group.data = is_wide ? wide : words;
      (is_wide ? wide : words) += rows_;
      groups_.push_back(group);
    }
    groups_.back().columns.push_back(c);
    groups_.back().bins = std::max(groups_.back().bins, mapping.bins);
  }
  for (Group& group : groups_) {
    group.offset = histogram_size_;
    std::size_t entries = 0;
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane) {
      group.starts[lane] = static_cast<std::uint32_t>(entries);
      entries += group.categorical ? mappings[group.columns[lane]].bins : group.bins;
    }
    group.entries = group.categorical || group.wide ? entries : group.bins * 8;
    histogram_size_ += (group.entries + 7) / 8 * 8;
  }
  sparse_ = std::make_shared<const SparseColumns>(sparse);
  sparse_offset_ = histogram_size_;
  histogram_size_ += sparse_->entries();
  words_ = std::make_unique_for_overwrite<std::uint64_t[]>(words);
  wide_ = std::make_unique_for_overwrite<std::uint16_t[]>(wide);
}

void BinnedTable::fill(const TableView& rows, const RunContext& context) {
  constexpr std::size_t block = 4096;
  const std::size_t blocks = (rows_ + block - 1) / block;
  context.executor().run(blocks * groups_.size(), [&](std::size_t i) {
    check_stop(context);
    const std::size_t begin = i % blocks * block;
    fill_group(groups_[i / blocks], rows, begin, std::min(rows_, begin + block));
  });
  if (sparse_->empty()) return;
  auto sparse = std::make_shared<SparseColumns>(*sparse_);
  fill_sparse(*sparse, rows, context);
  sparse_ = std::move(sparse);
}

namespace {

/// Positions in a view of the rows of its table; none where a row is not in it. Nullopt: some row is there twice.
std::optional<std::vector<std::uint32_t>> positions_of(const TableView& rows) {
  std::vector<std::uint32_t> positions(rows.table().rows(), ~std::uint32_t{0});
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    std::uint32_t& position = positions[rows.row(i)];
    if (position != ~std::uint32_t{0}) return std::nullopt;
    position = static_cast<std::uint32_t>(i);
  }
  return positions;
}

void list_all_cells(const BinMapping& mapping, const TableView& rows, std::size_t column,
                    std::vector<SparseCell>& cells) {
  constexpr std::size_t block = 4096;
  const EdgeSearch search(mapping.edges);
  std::vector<double> values(std::min(block, rows.rows()));
  for (std::size_t begin = 0; begin < rows.rows(); begin += block) {
    const std::size_t count = std::min(block, rows.rows() - begin);
    rows.part(begin, count).numbers(column, values.data());
    search.codes<std::uint32_t>(values.data(), count, [&](std::size_t i, std::uint32_t bin) {
      if (bin != *mapping.usual_bin) cells.push_back({static_cast<std::uint32_t>(begin + i), bin});
    });
  }
}

}  // namespace

void BinnedTable::fill_sparse(SparseColumns& sparse, const TableView& rows, const RunContext& context) const {
  const auto positions = positions_of(rows);
  std::vector<std::vector<SparseCell>> cells(sparse.size());
  context.executor().run(sparse.size(), [&](std::size_t lane) {
    check_stop(context);
    const std::uint32_t c = sparse.columns()[lane];
    const BinMapping& mapping = (*mappings_)[c];
    const Column& column = rows.table()[c];
    // cells that are not kept are zeros, which must be in the usual bin
    if (!positions || !column.sparse() || mapping.bin(0.0) != *mapping.usual_bin)
      return list_all_cells(mapping, rows, c, cells[lane]);
    column.for_each_stored([&](std::size_t row, double value) {
      const std::uint32_t position = (*positions)[row];
      const auto bin = static_cast<std::uint32_t>(mapping.bin(value));
      if (position != ~std::uint32_t{0} && bin != *mapping.usual_bin) cells[lane].push_back({position, bin});
    });
    const auto by_row = [](const SparseCell& a, const SparseCell& b) { return a.row < b.row; };
    if (!rows.ascending()) std::sort(cells[lane].begin(), cells[lane].end(), by_row);
  });
  sparse.fill(cells, rows_, [&] { check_stop(context); });
}

std::uint64_t BinnedTable::estimate_bytes(const Table& table) {
  std::uint64_t bytes = 0, dense = 0;
  for (const ColumnPtr& column : table.columns()) {
    if (column->sparse() && 10 * column->stored() <= table.rows())
      bytes += 1024 + (sizeof(SparseCell) + 18) * std::uint64_t{column->stored()};
    else ++dense;
  }
  return bytes + (dense + 7) / 8 * 8 * table.rows() + dense * 2048;
}

void BinnedTable::fill_group(const Group& group, const TableView& rows, std::size_t begin, std::size_t end) {
  const std::size_t count = end - begin;
  const TableView part = rows.part(begin, count);
  std::vector<double> values(count);
  std::uint64_t* words = words_.get() + group.data + begin;
  if (!group.wide) std::fill(words, words + count, 0);
  for (std::size_t lane = 0; lane < group.columns.size(); ++lane) {
    const BinMapping& mapping = (*mappings_)[group.columns[lane]];
    part.numbers(group.columns[lane], values.data());
    if (group.wide) {
      std::uint16_t* codes = wide_.get() + group.data + begin;
      store_codes<std::uint16_t>(mapping, values.data(), count,
                                 [&](std::size_t i, std::uint16_t code) { codes[i] = code; });
    } else {
      auto* codes = reinterpret_cast<std::uint8_t*>(words) + lane;
      store_codes<std::uint8_t>(mapping, values.data(), count,
                                [&](std::size_t i, std::uint8_t code) { codes[8 * i] = code; });
    }
  }
}

std::shared_ptr<const BinnedTable> shared_bins(const Dataset& dataset, std::size_t max_bin, const RunContext& context) {
  BinningOptions options;
  options.max_bin = max_bin;
  const auto make = [&] { return BinnedTable::make(dataset.features, dataset.keys, options, context); };
  if (context.cache == nullptr) return make();
  std::uint64_t key = combine_hashes(purpose("binned table"), max_bin);
  for (const auto& column : dataset.features.columns()) key = combine_hashes(key, column->identity());
  if (dataset.rows() > options.sample)  // the keys chose the sample
    for (std::uint64_t row : dataset.keys) key += mix64(row);
  return context.cache->get_or_make<BinnedTable>(key, BinnedTable::estimate_bytes(dataset.features), make);
}

}  // namespace automill::tree
