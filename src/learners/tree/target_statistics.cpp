#include "learners/tree/target_statistics.hpp"

#include <algorithm>

namespace automill::tree {

namespace {

constexpr std::size_t most_signals = 8;  // classes beyond the most frequent ones have no statistics of their own
constexpr std::size_t most_codes = 64;
constexpr double smoothings[] = {1, 10};

void check_stop(const RunContext& context) {
  if (context.stop.stop_requested()) throw StoppedWhileBinning{};
}

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

bool is_source(const BinMapping& mapping, const StatisticsOptions& options) {
  return mapping.categorical && mapping.bins > std::max<std::size_t>(2, options.min_categories);
}

std::size_t columns_of(std::size_t sources, std::size_t signals) {
  return sources * (signals * std::size(smoothings) + 1);
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
  list_columns(options);
  for (std::size_t order = 0; order < options.orders && !empty(); ++order) {
    const std::uint64_t seed = combine_hashes(context.seed, combine_hashes(purpose("order of rows"), order));
    std::vector<std::pair<std::uint64_t, std::uint32_t>> drawn;
    for (std::uint32_t i = 0; i < rows.size(); ++i) drawn.emplace_back(combine_hashes(seed, keys[i]), i);
    std::sort(drawn.begin(), drawn.end());
    std::vector<std::uint32_t> walk;
    for (const auto& [key, i] : drawn) walk.push_back(i);
    ordered_.push_back(make_order(walk, order == 0, context));
  }
}

std::uint64_t TargetStatistics::estimate_bytes(const BinnedTable& table, std::size_t outputs,
                                               const StatisticsOptions& options) {
  std::size_t sources = 0;
  for (const BinMapping& mapping : table.mappings()) sources += is_source(mapping, options) ? 1 : 0;
  const std::size_t columns = columns_of(sources, signals_of(outputs));
  return (options.orders + 1) * ((columns + 7) / 8 * 8) * std::uint64_t{table.rows()} + columns * table.rows();
}

/// Classes as 0 and 1, numbers as they are.
void TargetStatistics::read_signals(const TargetRows& targets) {
  weights_ = targets.weights;
  if (weights_.empty()) weights_.assign(targets.rows(), 1.0);
  if (targets.labels.empty()) {
    signals_.push_back(targets.values);
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

void TargetStatistics::list_columns(const StatisticsOptions& options) {
  for (std::size_t signal = 0; signal < signals_.size(); ++signal)
    for (double smoothing : smoothings) kinds_.push_back({signal, smoothing});
  kinds_.push_back({});
  for (std::size_t g = 0; g < table_->groups().size(); ++g) {
    const auto& group = table_->groups()[g];
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
      if (is_source(table_->mappings()[group.columns[lane]], options))
        sources_.push_back({group.columns[lane], g, lane, 0});
  }
  std::sort(sources_.begin(), sources_.end(), [](const auto& a, const auto& b) { return a.column < b.column; });
  for (std::size_t s = 0; s < sources_.size(); ++s) sources_[s].first = s * kinds_.size();
  derived_.resize(sources_.size() * kinds_.size());
}

std::shared_ptr<const BinnedTable> TargetStatistics::make_order(std::span<const std::uint32_t> walk, bool first,
                                                                const RunContext& context) {
  const std::size_t rows = table_->rows();
  std::vector<std::uint8_t> codes(derived_.size() * rows);
  context.executor().run(sources_.size(), [&](std::size_t s) {
    check_stop(context);
    walk_source(sources_[s], walk, first, codes);
  });
  return BinnedTable::extend(table_, derived_, codes);
}

/// The first walk also finds the edges of the derived columns, and their codes by all rows.
void TargetStatistics::walk_source(const Source& source, std::span<const std::uint32_t> walk, bool first,
                                   std::span<std::uint8_t> codes) {
  const auto& group = table_->groups()[source.group];
  const std::size_t bins = table_->mappings()[source.column].bins, n = walk.size(), rows = table_->rows();
  const auto bin_of = [&](std::size_t row) { return table_->code(group, source.lane, row); };
  Sums sums{std::vector<double>(bins, 0.0), std::vector<double>(bins * signals_.size(), 0.0)};
  std::vector<double> values(kinds_.size() * n);
  for (std::size_t at = 0; at < n; ++at) {
    const std::uint32_t i = walk[at];
    const std::size_t bin = bin_of(rows_[i]);
    for (std::size_t k = 0; k < kinds_.size(); ++k)
      if (kinds_[k].signal) values[k * n + at] = value(kinds_[k], sums, bin);
    sums.weights[bin] += weights_[i];
    for (std::size_t signal = 0; signal < signals_.size(); ++signal)
      sums.sums[signal * bins + bin] += weights_[i] * signals_[signal][i];
  }
  for (std::size_t k = 0; k < kinds_.size(); ++k) {
    const std::size_t derived = source.first + k;
    if (!kinds_[k].signal)  // of all rows: it tells nothing of the target
      for (std::size_t at = 0; at < n; ++at) values[k * n + at] = value(kinds_[k], sums, bin_of(rows_[walk[at]]));
    const auto own = values.begin() + static_cast<std::ptrdiff_t>(k * n);
    if (first) set_mapping(derived, source, kinds_[k], {own, own + static_cast<std::ptrdiff_t>(n)}, sums);
    std::uint8_t* out = codes.data() + derived * rows;
    for (std::size_t row = 0; row < rows; ++row)
      out[row] = static_cast<std::uint8_t>(derived_[derived].code_of_bin[bin_of(row)]);
    for (std::size_t at = 0; at < n; ++at) out[rows_[walk[at]]] = code(derived, values[k * n + at]);
  }
}

void TargetStatistics::set_mapping(std::size_t derived, const Source& source, const Kind& kind,
                                   std::vector<double> values, const Sums& sums) {
  std::sort(values.begin(), values.end());
  BinMapping& mapping = derived_[derived];
  mapping.source = source.column;
  mapping.edges = find_edges(values, {.max_bin = most_codes, .min_rows_in_bin = 1});
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

std::shared_ptr<const BinnedTable> TargetStatistics::complete(std::shared_ptr<const BinnedTable> table) const {
  const std::size_t rows = table->rows();
  std::vector<std::uint8_t> codes(derived_.size() * rows);
  for (const Source& source : sources_)
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t bin = table->code(table->groups()[source.group], source.lane, row);
      for (std::size_t k = 0; k < kinds_.size(); ++k)
        codes[(source.first + k) * rows + row] = static_cast<std::uint8_t>(derived_[source.first + k].code_of_bin[bin]);
    }
  return BinnedTable::extend(std::move(table), derived_, codes);
}

}  // namespace automill::tree
