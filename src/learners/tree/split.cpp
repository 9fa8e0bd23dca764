#include "split_parts.hpp"

namespace automill::tree {

SplitFinder::SplitFinder(const BinnedTable& bins, const GradientScale& scale, const SplitParameters& parameters)
    : bins_(&bins), scale_(scale), parameters_(parameters), constrained_(parameters.constrained()) {
  // With g = integer * u_g and h = integer * u_h:  g^2 / (h + l2) = (u_g^2 / u_h) * g_int^2 / (h_int + l2 / u_h).
  constexpr double tiny = 1e-15;  // keeps 0 / 0 out where neither Hessian nor penalty is positive
  const double g = scale.gradient_unit, h = scale.hessian_unit;
  l1_ = parameters.l1 / g;
  l2_ = (parameters.l2 + tiny) / h;
  cat_l2_ = parameters.cat_l2 / h;
  cat_smooth_ = parameters.cat_smooth / h;
  min_hessian_ = parameters.min_hessian / h;
  min_rows_ = std::max(1.0, parameters.min_rows);
  // Gains of extreme units overflow or vanish as doubles; bounded, they keep their order, and only that counts there.
  gain_unit_ = std::clamp(g * g / h, 0x1p-900, 0x1p900);
  value_unit_ = g / h;
}

double SplitFinder::score(const Moments& sum, double l2) const {
  const double t = threshold_l1(sum.gradient, l1_);
  return t * t / (sum.hessian + l2);
}

/// Scores of both children less the node's; without l1 by Lagrange's identity, as the kernels have it.
double SplitFinder::gain(const Moments& left, const Node& node, double l2) const {
  if (constrained_) return constrained_gain(left, node, l2, 0);
  if (l1_ > 0) return score(left, l2) + score(node.total - left, l2) - node.score;
  const double whole = node.total.hessian + 2 * l2;
  const double dl = left.hessian + l2, dr = (node.total.hessian + l2) - left.hessian;
  const double excess = left.gradient - node.total.gradient / whole * dl;
  return excess * excess / (dl * dr) * whole + (node.total.gradient * node.total.gradient / whole - node.score);
}

SplitFinder::Node SplitFinder::prepare(const NodeTotals& totals) const {
  Node node{.total = scale_.moments(totals.sum), .rows = totals.rows};
  const double hessian = node.total.hessian;
  node.count_per_hessian = hessian > 0 ? node.rows / hessian : 0;
  node.score = score(node.total, l2_);
  if (constrained_) {
    node.value = totals.value / value_unit_;
    node.lower = totals.lower / value_unit_;
    node.upper = totals.upper / value_unit_;
    node.score = score_at(node.total, l2_, node.value);
  }
  // round(h * count_per_hessian) >= min_rows, for h of both sides, and h >= min_hessian
  const double least = node.count_per_hessian > 0 ? (min_rows_ - 0.5) / node.count_per_hessian : hessian + 1;
  node.lowest = std::max({1.0, least, min_hessian_});
  node.highest = hessian - node.lowest;
  return node;
}

/// Of equal gains the first column wins.
bool SplitFinder::better(double gain, std::uint32_t column, const Split& best) const {
  const double value = gain * gain_unit_;
  if (!(value > parameters_.min_gain)) return false;
  return value > best.gain || (value == best.gain && column < best.column);
}

void SplitFinder::offer(double gain, std::uint32_t column, Split& best, const Split& candidate) const {
  if (!better(gain, column, best)) return;
  best = candidate;
  best.gain = gain * gain_unit_;
  best.column = column;
}

void SplitFinder::find(std::size_t group, std::span<const std::uint8_t> lanes, HistogramView histogram,
                       const NodeTotals& totals, const double* random_bins, Split& best) const {
  if (lanes.empty()) return;  // all were given up
  const BinnedTable::Group& columns = bins_->groups()[group];
  const Node node = prepare(totals);
  const auto index = static_cast<std::uint32_t>(group);
  if (columns.categorical) {
    for (std::uint8_t lane : lanes) find_categories(columns, index, lane, histogram, node, random_bins, best);
  } else if (columns.wide || constrained_) {
    for (std::uint8_t lane : lanes) find_number(columns, index, lane, histogram, node, random_bins, best);
  } else {
    find_numbers(columns, index, lanes, histogram, node, random_bins, best);
  }
}

void SplitFinder::find_numbers(const BinnedTable::Group& group, std::uint32_t index,
                               std::span<const std::uint8_t> lanes, HistogramView histogram, const Node& node,
                               const double* random_bins, Split& best) const {
  alignas(64) std::int64_t only[lanes_per_block] = {};
  for (std::uint8_t lane : lanes)
    if (random_bins != nullptr)
      only[lane] =
          1 + static_cast<std::int64_t>(pick(
                  random_bins[lane], std::max<std::size_t>(1, bins_->mappings()[group.columns[lane]].edges.size())));
  const ScanInput input{.fields = scale_.fields,
                        .histogram = histogram.first + group.offset,
                        .second = histogram.second != nullptr ? histogram.second + group.offset : nullptr,
                        .bins = static_cast<int>(group.bins),
                        .gradient = node.total.gradient,
                        .hessian = node.total.hessian,
                        .l1 = l1_,
                        .l2 = l2_,
                        .parent_score = node.score,
                        .lowest = node.lowest,
                        .highest = node.highest,
                        .only_bin = random_bins != nullptr ? only : nullptr};
  LaneBest found;
  kernels().scan(input, found);
  std::uint8_t best_lane = lanes[0];
  for (std::uint8_t lane : lanes)
    if (found.gain[lane] > found.gain[best_lane] ||
        (found.gain[lane] == found.gain[best_lane] && group.columns[lane] < group.columns[best_lane]))
      best_lane = lane;
  if (!better(found.gain[best_lane], group.columns[best_lane], best)) return;
  Split candidate{.group = index, .lane = best_lane};
  candidate.bin = static_cast<std::uint32_t>(found.bin[best_lane]);
  candidate.missing_left = found.missing_left[best_lane] != 0;
  const std::size_t at = group.offset + best_lane;
  const PackedSum missing = histogram.at(at);
  if (candidate.missing_left) candidate.left = missing;
  for (std::size_t b = 1; b <= candidate.bin; ++b) candidate.left = candidate.left + histogram.at(at + b * 8);
  // Without missing rows here, a later missing value goes with the larger child.
  if (missing == PackedSum{}) candidate.missing_left = 2 * count(scale_.moments(candidate.left), node) >= node.rows;
  offer(found.gain[best_lane], group.columns[best_lane], best, candidate);
}

void SplitFinder::find_categories(const BinnedTable::Group& group, std::uint32_t index, std::uint32_t lane,
                                  HistogramView histogram, const Node& node, const double* random_bins,
                                  Split& best) const {
  const std::size_t bins = bins_->mappings()[group.columns[lane]].bins;
  const bool one_hot = bins - 1 <= static_cast<std::size_t>(parameters_.max_cat_to_onehot);
  list_categories(group, lane, histogram, node, one_hot ? 0 : parameters_.cat_smooth);
  double best_gain = no_gain;
  Split candidate{.group = index, .lane = lane, .categorical = true};
  candidate.left_bins.assign((bins + 63) / 64, 0);
  const double* random = random_bins != nullptr ? random_bins + lane : nullptr;
  if (one_hot) try_one_hot(node, candidate, best_gain, random);
  else try_subsets(node, candidate, best_gain, random);
  if (best_gain > no_gain) offer(best_gain, group.columns[lane], best, candidate);
}

/// Categories that the node's rows have, with so many of them at least. Most of a deep node's are too few: their
/// integer Hessians tell, and no branch is taken that could not be guessed.
void SplitFinder::list_categories(const BinnedTable::Group& group, std::size_t lane, HistogramView histogram,
                                  const Node& node, double least_rows) const {
  const std::size_t bins = bins_->mappings()[group.columns[lane]].bins, begin = group.entry(0, lane);
  const double least = node.count_per_hessian > 0 ? (least_rows - 1) / node.count_per_hessian : 0;
  const auto least_hessian = static_cast<std::uint64_t>(std::clamp(least, 0.0, 0x1p62));
  const std::int64_t* first = histogram.first + begin;
  const std::int64_t* hessians = histogram.second != nullptr ? histogram.second + begin : first;
  used_bins_.resize(std::max(used_bins_.size(), bins));
  std::size_t used = 0;
  for (std::size_t b = 0; b < bins; ++b) {
    const std::int64_t gradient = first[b], hessian = hessians[b];
    used_bins_[used] = static_cast<std::uint32_t>(b);
    used +=
        static_cast<std::size_t>((static_cast<std::uint64_t>(hessian) & scale_.fields.hessian_mask) >= least_hessian) &
        static_cast<std::size_t>((gradient | hessian) != 0);
  }
  categories_.clear();
  for (std::size_t i = 0; i < used; ++i) {
    const std::uint32_t b = used_bins_[i];
    const PackedSum packed = histogram.at(begin + b);
    const Moments sum = scale_.moments(packed);
    const double rows = count(sum, node);
    if (rows >= least_rows) categories_.push_back({b, sum, rows, packed});
  }
}

void SplitFinder::try_one_hot(const Node& node, Split& candidate, double& best_gain, const double* random) const {
  const std::size_t only = random != nullptr && !categories_.empty() ? pick(*random, categories_.size()) : 0;
  const Category* chosen = nullptr;
  for (std::size_t i = 0; i < categories_.size(); ++i) {
    const Category& category = categories_[i];
    if ((random != nullptr && i != only) || !allowed(category.sum, node)) continue;
    const double here = gain(category.sum, node, l2_);
    if (!(here > best_gain)) continue;
    best_gain = here;
    chosen = &category;
  }
  if (chosen == nullptr) return;
  candidate.left = chosen->packed;
  candidate.left_bins[chosen->bin / 64] |= std::uint64_t{1} << (chosen->bin % 64);
}

namespace {

constexpr std::int64_t place_bits = 0xffff;

/// An integer that is ordered as the value is, to 36 bits of its mantissa, and of equal values by place: sorting those
/// takes a third of the time of sorting pairs.
std::int64_t sort_key(double value, std::uint32_t place) {
  const auto bits = std::bit_cast<std::int64_t>(value + 0.0);
  const std::int64_t ordered = bits ^ ((bits >> 63) & std::numeric_limits<std::int64_t>::max());
  return (ordered & ~place_bits) | place;
}
std::size_t place_of(std::int64_t key) { return static_cast<std::size_t>(key & place_bits); }

/// The `most` smallest keys come first and the `most` largest last, both in order; what is between is not.
void sort_ends(std::vector<std::int64_t>& keys, std::size_t most) {
  if (2 * most < keys.size()) {
    const auto low = keys.begin() + static_cast<std::ptrdiff_t>(most),
               high = keys.end() - static_cast<std::ptrdiff_t>(most);
    std::nth_element(keys.begin(), low, keys.end());
    std::nth_element(low, high, keys.end());
    std::sort(keys.begin(), low);
    std::sort(high, keys.end());
  } else {
    std::sort(keys.begin(), keys.end());
  }
}

}  // namespace

/// Categories in the order of their smoothed value.
void SplitFinder::try_subsets(const Node& node, Split& candidate, double& best_gain, const double* random) const {
  const std::size_t used = categories_.size();
  if (used == 0) return;
  const PrefixLimits limits{
      std::min<std::size_t>(static_cast<std::size_t>(parameters_.max_cat_threshold), (used + 1) / 2), min_rows_,
      min_hessian_, parameters_.min_rows_per_group};
  order_.clear();
  for (std::uint32_t i = 0; i < used; ++i) {
    const Moments& sum = categories_[i].sum;
    order_.push_back(sort_key(sum.gradient / (sum.hessian + cat_smooth_), i));
  }
  sort_ends(order_, limits.most);
  const std::size_t only = random != nullptr ? pick(*random, std::max<std::size_t>(1, limits.most)) : 0;
  const auto at = [&](std::size_t place) -> const Category& { return categories_[place_of(order_[place])]; };
  const CategoryPrefix best = best_prefix<Moments>(
      used, limits, node.rows, node.total.hessian, at,
      [&](const Moments& left) { return gain(left, node, l2_ + cat_l2_); }, random != nullptr ? &only : nullptr,
      best_gain);
  candidate.extra_l2 = parameters_.cat_l2;
  for (std::size_t i = 0; i < best.size; ++i) {
    const Category& c = at(best.place(i, used));
    candidate.left = candidate.left + c.packed;
    candidate.left_bins[c.bin / 64] |= std::uint64_t{1} << (c.bin % 64);
  }
}

}  // namespace automill::tree
