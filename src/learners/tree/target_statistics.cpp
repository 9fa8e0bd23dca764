#include "learners/tree/target_statistics.hpp"

#include <algorithm>

namespace automill::tree {

namespace {

constexpr std::size_t most_signals = 16;  // classes beyond the most frequent ones have no statistics of their own
constexpr std::size_t most_statistic_codes = 32;  // 64 followed noise: the error of open_payments .067 instead of .054
constexpr double smoothings[] = {0.3, 3};
constexpr double cross_smoothing = 0.3;

std::vector<std::size_t> frequent_classes(const std::vector<std::int32_t>& labels) {
  std::vector<std::size_t> counts;
  for (std::int32_t label : labels) {
    counts.resize(std::max(counts.size(), static_cast<std::size_t>(label) + 1));
    ++counts[static_cast<std::size_t>(label)];
  }
  std::vector<std::size_t> classes(counts.size());
  std::iota(classes.begin(), classes.end(), std::size_t{0});
  std::stable_sort(classes.begin(), classes.end(), [&](auto a, auto b) { return counts[a] > counts[b]; });
  classes.resize(std::min(classes.size(), most_signals));
  return classes;
}

std::size_t signals_of(std::size_t outputs) { return std::min(outputs, most_signals); }

std::vector<std::uint32_t> random_order(std::span<const std::uint64_t> keys, std::uint64_t seed) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> drawn;
  for (std::uint32_t i = 0; i < keys.size(); ++i) drawn.emplace_back(combine_hashes(seed, keys[i]), i);
  std::sort(drawn.begin(), drawn.end());
  std::vector<std::uint32_t> order;
  for (const auto& [key, i] : drawn) order.push_back(i);
  return order;
}

bool is_source(const BinMapping& mapping, const StatisticsOptions& options) {
  return mapping.categorical && mapping.bins > std::max<std::size_t>(2, options.min_categories);
}

bool is_crossed(const BinMapping& mapping) { return mapping.categorical && !mapping.constant(); }

std::size_t columns_of(std::size_t columns, std::size_t crosses, std::size_t signals) {
  return columns * (signals * std::size(smoothings) + 1) + crosses * signals;
}

}  // namespace

/// Sums over the rows that were walked.
struct TargetStatistics::Sums {
  std::vector<double> weights{}, sums{};  ///< [bin], [signal][bin]
};

TargetStatistics::TargetStatistics(std::shared_ptr<const BinnedTable> table, std::span<const std::uint32_t> rows,
                                   std::span<const std::uint64_t> keys, const TargetRows& targets,
                                   const StatisticsOptions& options, const RunContext& context)
    : table_(std::move(table)), rows_(rows) {
  read_signals(targets);
  // A fit that is resumed with another seed has the same crosses.
  find_crosses(random_order(keys, purpose("order of rows for crosses")), options, context);
  list_columns(options);
  if (empty()) return;
  const SourceBins bins = bins_of_sources(*table_, context);
  for (std::size_t order = 0; order < options.orders; ++order) {
    const std::uint64_t seed = combine_hashes(context.seed, combine_hashes(purpose("order of rows"), order));
    ordered_.push_back(make_order(random_order(keys, seed), order == 0, bins, context));
  }
}

std::uint64_t TargetStatistics::estimate_bytes(const BinnedTable& table, std::size_t outputs,
                                               const StatisticsOptions& options) {
  std::size_t sources = 0, categories = 0;
  for (const BinMapping& mapping : table.mappings()) {
    sources += is_source(mapping, options) ? 1 : 0;
    categories += is_crossed(mapping) ? 1 : 0;
  }
  const std::size_t crosses =
      categories < 2 || options.crosses.most_pairs == 0 ? 0 : options.crosses.most_pairs + options.crosses.most_triples;
  const std::size_t columns = columns_of(sources, crosses, signals_of(outputs));
  return (options.orders + 1) * ((columns + 7) / 8 * 8) * std::uint64_t{table.rows()} +
         (columns + 2 * (sources + crosses)) * table.rows();
}

/// Classes as 0 and 1, numbers as they are.
void TargetStatistics::read_signals(const TargetRows& targets) {
  weights_ = targets.weights;
  if (weights_.empty()) weights_.assign(targets.rows(), 1.0);
  if (targets.labels.empty()) {
    for (std::size_t k = 0; k < signals_of(targets.outputs); ++k) {
      const auto values = targets.values_of(k);
      signals_.emplace_back(values.begin(), values.end());
    }
  } else {
    for (std::size_t chosen : frequent_classes(targets.labels)) {
      std::vector<double> signal;
      for (std::int32_t label : targets.labels) signal.push_back(static_cast<std::size_t>(label) == chosen ? 1.0 : 0.0);
      signals_.push_back(std::move(signal));
    }
  }
  const double total = order_free_sum(weights_);
  for (const auto& signal : signals_) {
    std::vector<double> weighted(signal.size());
    for (std::size_t i = 0; i < signal.size(); ++i) weighted[i] = signal[i] * weights_[i];
    means_.push_back(order_free_sum(weighted) / total);
  }
}

void TargetStatistics::find_crosses(std::span<const std::uint32_t> order, const StatisticsOptions& options,
                                    const RunContext& context) {
  std::vector<std::uint32_t> columns;
  for (std::uint32_t c = 0; c < table_->mappings().size(); ++c)
    if (is_crossed(table_->mappings()[c])) columns.push_back(c);
  crosses_ = tree::find_crosses(*table_, columns, rows_, order, {signals_, weights_}, options.crosses, context);
  mappings_ = table_->mappings();
  mappings_.insert(mappings_.end(), crosses_.begin(), crosses_.end());
}

void TargetStatistics::list_columns(const StatisticsOptions& options) {
  for (std::uint32_t c = 0; c < mappings_.size(); ++c) {
    const bool cross = mappings_[c].cross.has_value();
    if (!cross && !is_source(mappings_[c], options)) continue;
    const std::size_t first = kinds_.size();
    for (std::size_t signal = 0; signal < signals_.size(); ++signal) {
      if (cross) kinds_.push_back({signal, cross_smoothing});
      else
        for (double smoothing : smoothings) kinds_.push_back({signal, smoothing});
    }
    if (!cross) kinds_.push_back({});
    sources_.push_back({c, first, kinds_.size() - first});
  }
  derived_.resize(kinds_.size());
}

TargetStatistics::SourceBins TargetStatistics::bins_of_sources(const BinnedTable& table,
                                                               const RunContext& context) const {
  SourceBins bins(sources_.size());
  context.executor().run(sources_.size(), [&](std::size_t s) {
    check_stop(context);
    bins[s] = category_bins(table, mappings_, sources_[s].column);
  });
  return bins;
}

std::shared_ptr<const BinnedTable> TargetStatistics::make_order(std::span<const std::uint32_t> walk, bool first,
                                                                const SourceBins& bins, const RunContext& context) {
  std::vector<std::uint8_t> codes(derived_.size() * table_->rows());
  context.executor().run(sources_.size(), [&](std::size_t s) {
    check_stop(context);
    walk_source(sources_[s], bins[s], walk, first, codes);
  });
  return BinnedTable::extend(table_, crosses_, derived_, codes);
}

/// The first walk also finds the edges of the derived columns, and their codes by all rows.
void TargetStatistics::walk_source(const Source& source, const std::vector<std::uint16_t>& bin_of,
                                   std::span<const std::uint32_t> walk, bool first, std::span<std::uint8_t> codes) {
  const std::size_t bins = mappings_[source.column].bins, n = walk.size(), rows = table_->rows();
  const std::span kinds = std::span(kinds_).subspan(source.first, source.kinds);
  Sums sums{std::vector<double>(bins, 0.0), std::vector<double>(bins * signals_.size(), 0.0)};
  std::vector<double> values(kinds.size() * n);
  for (std::size_t at = 0; at < n; ++at) {
    const std::uint32_t i = walk[at];
    const std::size_t bin = bin_of[rows_[i]];
    for (std::size_t k = 0; k < kinds.size(); ++k)
      if (kinds[k].signal) values[k * n + at] = value(kinds[k], sums, bin);
    sums.weights[bin] += weights_[i];
    for (std::size_t signal = 0; signal < signals_.size(); ++signal)
      sums.sums[signal * bins + bin] += weights_[i] * signals_[signal][i];
  }
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const std::size_t derived = source.first + k;
    if (!kinds[k].signal)  // of all rows: it tells nothing of the target
      for (std::size_t at = 0; at < n; ++at) values[k * n + at] = value(kinds[k], sums, bin_of[rows_[walk[at]]]);
    const auto own = values.begin() + static_cast<std::ptrdiff_t>(k * n);
    if (first) set_mapping(derived, source, kinds[k], {own, own + static_cast<std::ptrdiff_t>(n)}, sums);
    std::uint8_t* out = codes.data() + derived * rows;
    for (std::size_t row = 0; row < rows; ++row)
      out[row] = static_cast<std::uint8_t>(derived_[derived].code_of_bin[bin_of[row]]);
    for (std::size_t at = 0; at < n; ++at) out[rows_[walk[at]]] = code(derived, values[k * n + at]);
  }
}

void TargetStatistics::set_mapping(std::size_t derived, const Source& source, const Kind& kind,
                                   std::vector<double> values, const Sums& sums) {
  std::sort(values.begin(), values.end());
  BinMapping& mapping = derived_[derived];
  mapping.source = source.column;
  mapping.edges = find_edges(ValueCounts::of(values), {.max_bin = most_statistic_codes, .min_rows_in_bin = 1});
  mapping.bins = mapping.edges.size() + 2;
  for (std::size_t bin = 0; bin < sums.weights.size(); ++bin)
    mapping.code_of_bin.push_back(code(derived, value(kind, sums, bin)));
}

double TargetStatistics::value(const Kind& kind, const Sums& sums, std::size_t bin) const {
  if (!kind.signal) return sums.weights[bin];
  const std::size_t bins = sums.weights.size();
  return (sums.sums[*kind.signal * bins + bin] + kind.smoothing * means_[*kind.signal]) /
         (sums.weights[bin] + kind.smoothing);
}

/// 1, 2 ...: codes of numbers leave 0 to missing ones.
std::uint8_t TargetStatistics::code(std::size_t derived, double value) const {
  const auto& edges = derived_[derived].edges;
  return static_cast<std::uint8_t>(1 + (std::lower_bound(edges.begin(), edges.end(), value) - edges.begin()));
}

std::shared_ptr<const BinnedTable> TargetStatistics::complete(std::shared_ptr<const BinnedTable> table,
                                                              const RunContext& context) const {
  const std::size_t rows = table->rows();
  const SourceBins bins = bins_of_sources(*table, context);
  std::vector<std::uint8_t> codes(derived_.size() * rows);
  for (std::size_t s = 0; s < sources_.size(); ++s)
    for (std::size_t derived = sources_[s].first; derived < sources_[s].first + sources_[s].kinds; ++derived)
      for (std::size_t row = 0; row < rows; ++row)
        codes[derived * rows + row] = static_cast<std::uint8_t>(derived_[derived].code_of_bin[bins[s][row]]);
  return BinnedTable::extend(std::move(table), crosses_, derived_, codes);
}

}  // namespace automill::tree
