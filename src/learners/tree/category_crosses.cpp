#include "learners/tree/category_crosses.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "learners/tree/tree_cells.hpp"

namespace automill::tree {

namespace {

constexpr double least_surety = 2.5;  // standard errors that a gain is above zero
constexpr double least_gain = 0.02;   // share of the target's variance: less is not worth columns of its own

/// Numbers 0, 1, 2 ... for keys as they are met.
class KeyNumbers {
 public:
  explicit KeyNumbers(std::size_t most) : keys_(std::bit_ceil(2 * most + 1)), numbers_(keys_.size(), none) {}
  std::uint32_t number(std::uint64_t key) {
    std::size_t at = static_cast<std::size_t>(combine_hashes(key, 1)) & (keys_.size() - 1);
    while (numbers_[at] != none && keys_[at] != key) at = (at + 1) & (keys_.size() - 1);
    if (numbers_[at] == none) {
      keys_[at] = key;
      numbers_[at] = count_++;
    }
    return numbers_[at];
  }
  std::size_t count() const { return count_; }

 private:
  static constexpr std::uint32_t none = ~0U;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> numbers_;
  std::uint32_t count_ = 0;
};

/// A column or a cross on the rows that are tried, in their order.
struct Part {
  std::vector<std::uint32_t> columns{};          ///< ascending
  std::vector<std::uint32_t> bins{};             ///< numbers of its bins
  std::size_t count = 0;                         ///< of bins
  std::vector<std::vector<double>> estimates{};  ///< [signal][row]
  double gain = 0;                               ///< share of the target that it tells beyond its parts
  std::size_t first = 0, second = 0;             ///< parts of a cross
};

class CrossFinder {
 public:
  CrossFinder(const CrossTarget& target, std::span<const std::uint32_t> order, double smoothing)
      : smoothing_(smoothing) {
    for (std::uint32_t i : order) weights_.push_back(target.weights[i]);
    const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (const std::vector<double>& signal : target.signals) {
      std::vector<double>& values = values_.emplace_back();
      for (std::uint32_t i : order) values.push_back(signal[i]);
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < values.size(); ++i) sum += weights_[i] * values[i];
      const double mean = total > 0 ? sum / total : 0;
      for (std::size_t i = 0; i < values.size(); ++i) squares += weights_[i] * (values[i] - mean) * (values[i] - mean);
      means_.push_back(mean);
      spread_ += squares;
    }
  }

  std::size_t rows() const { return weights_.size(); }

  /// A column by itself.
  Part single(std::uint32_t column, std::vector<std::uint32_t> bins, std::size_t count) const {
    Part part{.columns = {column}, .bins = std::move(bins), .count = count};
    for (std::size_t signal = 0; signal < values_.size(); ++signal) {
      std::vector<double> estimates(rows(), means_[signal]);
      part.gain += refine(part, signal, estimates).sum / spread_;
      part.estimates.push_back(std::move(estimates));
    }
    return part;
  }

  /// Two parts together; none where they surely tell no more, or not much more, than each by itself.
  std::optional<Part> cross(const Part& a, const Part& b) const {
    Part part;
    std::set_union(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                   std::back_inserter(part.columns));
    KeyNumbers numbers(rows());
    part.bins.reserve(rows());
    for (std::size_t i = 0; i < rows(); ++i)
      part.bins.push_back(numbers.number(std::uint64_t{a.bins[i]} * b.count + b.bins[i]));
    part.count = numbers.count();
    Gain gain;
    for (std::size_t signal = 0; signal < values_.size(); ++signal) {
      std::vector<double> estimates = best_sum(a.estimates[signal], b.estimates[signal], values_[signal]);
      const Gain own = refine(part, signal, estimates);
      gain.sum += own.sum;
      gain.squares += own.squares;
      part.estimates.push_back(std::move(estimates));
    }
    part.gain = gain.sum / spread_;
    const bool sure = gain.sum > least_surety * std::sqrt(gain.squares);
    return sure && part.gain >= least_gain ? std::optional(std::move(part)) : std::nullopt;
  }

 private:
  struct Gain {
    double sum = 0, squares = 0;
  };

  /// Adds to each row's estimate what the rows before it in the same bin missed on average.
  Gain refine(const Part& part, std::size_t signal, std::vector<double>& estimates) const {
    std::vector<double> sums(2 * part.count, 0.0);
    Gain gain;
    for (std::size_t i = 0; i < rows(); ++i) {
      double* sum = sums.data() + 2 * std::size_t{part.bins[i]};
      const double before = values_[signal][i] - estimates[i], moved = sum[0] / (sum[1] + smoothing_);
      const double after = before - moved, less = weights_[i] * (before * before - after * after);
      estimates[i] += moved;
      gain.sum += less;
      gain.squares += less * less;
      sum[0] += weights_[i] * before;
      sum[1] += weights_[i];
    }
    return gain;
  }

  /// Least squares of a constant and two columns.
  std::vector<double> best_sum(const std::vector<double>& a, const std::vector<double>& b,
                               const std::vector<double>& y) const {
    double w = 0, mean_a = 0, mean_b = 0, mean_y = 0;
    for (std::size_t i = 0; i < rows(); ++i) {
      w += weights_[i];
      mean_a += weights_[i] * a[i];
      mean_b += weights_[i] * b[i];
      mean_y += weights_[i] * y[i];
    }
    mean_a /= w, mean_b /= w, mean_y /= w;
    double aa = 0, ab = 0, bb = 0, ay = 0, by = 0;
    for (std::size_t i = 0; i < rows(); ++i) {
      const double da = a[i] - mean_a, db = b[i] - mean_b, dy = y[i] - mean_y;
      aa += weights_[i] * da * da;
      ab += weights_[i] * da * db;
      bb += weights_[i] * db * db;
      ay += weights_[i] * da * dy;
      by += weights_[i] * db * dy;
    }
    constexpr double ridge = 1e-6;  // of a column that tells nothing, and of two that tell the same
    aa += ridge * (aa + bb) + std::numeric_limits<double>::min();
    bb += ridge * (aa + bb) + std::numeric_limits<double>::min();
    const double determinant = aa * bb - ab * ab;
    const double of_a = (ay * bb - by * ab) / determinant, of_b = (by * aa - ay * ab) / determinant;
    std::vector<double> sums(rows());
    for (std::size_t i = 0; i < rows(); ++i) sums[i] = mean_y + of_a * (a[i] - mean_a) + of_b * (b[i] - mean_b);
    return sums;
  }

  double smoothing_, spread_ = 0;
  std::vector<double> weights_{}, means_{};
  std::vector<std::vector<double>> values_{};  ///< [signal][row]
};

bool by_gain(const Part& a, const Part& b) { return a.gain != b.gain ? a.gain > b.gain : a.columns < b.columns; }

/// The best crosses of the given pairs of parts.
std::vector<Part> best_crosses(const CrossFinder& finder, const std::vector<Part>& first,
                               const std::vector<Part>& second,
                               const std::vector<std::pair<std::size_t, std::size_t>>& tried, std::size_t most,
                               const RunContext& context) {
  std::vector<std::optional<Part>> made(tried.size());
  context.executor().run(tried.size(), [&](std::size_t i) {
    check_stop(context);
    made[i] = finder.cross(first[tried[i].first], second[tried[i].second]);
    if (made[i]) std::tie(made[i]->first, made[i]->second) = tried[i];
  });
  std::vector<Part> best;
  for (std::optional<Part>& part : made)
    if (part) best.push_back(std::move(*part));
  std::sort(best.begin(), best.end(), by_gain);
  if (best.size() > most) best.resize(most);
  return best;
}

/// Keys of the most frequent pairs of bins among the rows.
BinMapping make_mapping(const BinnedTable& table, const std::vector<BinMapping>& mappings, std::uint32_t first,
                        std::uint32_t second, std::span<const std::uint32_t> rows, std::size_t most_bins) {
  const auto bins = category_bins(table, mappings, first), others = category_bins(table, mappings, second);
  std::vector<std::uint32_t> all;
  for (std::uint32_t row : rows) all.push_back(cross_key(bins[row], others[row], mappings[second].bins));
  std::sort(all.begin(), all.end());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> counted;  // how often, and the key
  for (std::size_t i = 0, next = 0; i < all.size(); i = next) {
    while (next < all.size() && all[next] == all[i]) ++next;
    counted.emplace_back(static_cast<std::uint32_t>(next - i), all[i]);
  }
  std::sort(counted.begin(), counted.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  counted.resize(std::min(counted.size(), most_bins));
  CrossedBins cross{.first = first, .second = second};
  for (const auto& [count, key] : counted) cross.keys.push_back(key);
  std::sort(cross.keys.begin(), cross.keys.end());
  BinMapping mapping{.categorical = true, .bins = cross.keys.size() + 1};
  mapping.cross = std::move(cross);
  return mapping;
}

}  // namespace

std::vector<std::uint16_t> category_bins(const BinnedTable& table, const std::vector<BinMapping>& mappings,
                                         std::size_t column) {
  std::vector<std::uint16_t> bins(table.rows());
  if (const auto& cross = mappings[column].cross) {
    const auto first = category_bins(table, mappings, cross->first),
               second = category_bins(table, mappings, cross->second);
    for (std::size_t row = 0; row < bins.size(); ++row) {
      const std::uint32_t key = cross_key(first[row], second[row], mappings[cross->second].bins);
      bins[row] = static_cast<std::uint16_t>(bin_of_key(cross->keys, key));
    }
    return bins;
  }
  for (const BinnedTable::Group& group : table.groups())
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
      if (group.columns[lane] == column)
        for (std::size_t row = 0; row < bins.size(); ++row)
          bins[row] = static_cast<std::uint16_t>(table.code(group, lane, row));
  return bins;
}

std::vector<BinMapping> find_crosses(const BinnedTable& table, std::span<const std::uint32_t> columns,
                                     std::span<const std::uint32_t> rows, std::span<const std::uint32_t> order,
                                     const CrossTarget& target, const CrossOptions& options,
                                     const RunContext& context) {
  if (columns.size() < 2 || options.most_pairs == 0) return {};
  order = order.first(std::min(order.size(), options.most_rows));
  const CrossFinder finder(target, order, options.smoothing);
  std::vector<Part> singles(columns.size());
  context.executor().run(columns.size(), [&](std::size_t c) {
    check_stop(context);
    const auto all = category_bins(table, table.mappings(), columns[c]);
    std::vector<std::uint32_t> bins;
    for (std::uint32_t i : order) bins.push_back(all[rows[i]]);
    singles[c] = finder.single(columns[c], std::move(bins), table.mappings()[columns[c]].bins);
  });
  std::sort(singles.begin(), singles.end(), by_gain);
  if (singles.size() > options.most_columns) singles.resize(options.most_columns);

  std::vector<std::pair<std::size_t, std::size_t>> tried;
  for (std::size_t a = 0; a < singles.size(); ++a)
    for (std::size_t b = a + 1; b < singles.size(); ++b)
      if (std::max(singles[a].count, singles[b].count) >= options.min_bins) tried.emplace_back(a, b);
  const std::vector<Part> pairs = best_crosses(finder, singles, singles, tried, options.most_pairs, context);
  tried.clear();
  std::vector<std::vector<std::uint32_t>> known;
  for (std::size_t a = 0; a < std::min(pairs.size(), options.most_triples); ++a)
    for (std::size_t b = 0; b < singles.size(); ++b) {
      std::vector<std::uint32_t> together = pairs[a].columns;
      together.push_back(singles[b].columns[0]);
      std::sort(together.begin(), together.end());
      if (std::adjacent_find(together.begin(), together.end()) != together.end()) continue;
      if (std::find(known.begin(), known.end(), together) != known.end()) continue;
      known.push_back(std::move(together));
      tried.emplace_back(a, b);
    }
  const std::vector<Part> triples = best_crosses(finder, pairs, singles, tried, options.most_triples, context);

  std::vector<BinMapping> mappings = table.mappings();
  const auto own = static_cast<std::uint32_t>(mappings.size());
  for (const Part& pair : pairs)
    mappings.push_back(make_mapping(table, mappings, singles[pair.first].columns[0], singles[pair.second].columns[0],
                                    rows, options.most_bins));
  for (const Part& triple : triples)
    mappings.push_back(make_mapping(table, mappings, own + static_cast<std::uint32_t>(triple.first),
                                    singles[triple.second].columns[0], rows, options.most_bins));
  return {mappings.begin() + own, mappings.end()};
}

}  // namespace automill::tree
