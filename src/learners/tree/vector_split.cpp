#include "learners/tree/vector_split.hpp"

#include "split_parts.hpp"

namespace automill::tree {

namespace {

constexpr int direction_steps = 16;  // of the power method: the order of categories needs no more digits

using Gradients = std::array<double, VectorGradients::most_columns>;

double dot(const Gradients& a, const Gradients& b) {
  double sum = 0;
  for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
  return sum;
}

void add(VectorSum& sum, const std::int64_t* entry, std::size_t size) {
  for (std::size_t k = 0; k < size; ++k) sum[k] += entry[k];
}

/// Where x'Mx is largest on the unit sphere, up to its length: the power method from the line with the largest
/// diagonal.
Gradients first_direction(const std::array<Gradients, VectorGradients::most_columns>& matrix) {
  std::size_t start = 0;
  for (std::size_t c = 1; c < matrix.size(); ++c)
    if (matrix[c][c] > matrix[start][start]) start = c;
  Gradients direction = matrix[start];
  for (int step = 0; step < direction_steps; ++step) {
    double largest = 0;
    for (double value : direction) largest = std::max(largest, std::abs(value));
    if (largest == 0) return direction;
    for (double& value : direction) value /= largest;
    Gradients next{};
    for (std::size_t c = 0; c < matrix.size(); ++c) next[c] = dot(matrix[c], direction);
    direction = next;
  }
  return direction;
}

}  // namespace

VectorSplitFinder::VectorSplitFinder(const BinnedTable& bins, const VectorGradients& gradients,
                                     const SplitParameters& parameters)
    : bins_(&bins), parameters_(parameters), entry_size_(gradients.entry_size()) {
  constexpr double tiny = 1e-15;  // keeps 0 / 0 out where neither Hessian nor penalty is positive
  const double g = gradients.gradient_unit(), h = gradients.hessian_unit();
  l2_ = (parameters.l2 + tiny) / h;
  cat_l2_ = parameters.cat_l2 / h;
  cat_smooth_ = parameters.cat_smooth / h;
  min_hessian_ = parameters.min_hessian / h;
  min_rows_ = std::max(1.0, parameters.min_rows);
  gain_unit_ = std::clamp(g * g / h, 0x1p-900, 0x1p900);  // see SplitFinder
}

VectorSplitFinder::Moments VectorSplitFinder::moments(const std::int64_t* entry) const {
  Moments sum;
  for (std::size_t c = 0; c + 1 < entry_size_; ++c) sum.gradients[c] = static_cast<double>(entry[c]);
  sum.hessian = static_cast<double>(entry[entry_size_ - 1]);
  return sum;
}

VectorSplitFinder::Node VectorSplitFinder::prepare(const VectorTotals& totals) const {
  Node node{.total = moments(totals.sum.data()), .rows = totals.rows};
  for (std::size_t k = 0; k < entry_size_; ++k) node.entry[k] = static_cast<double>(totals.sum[k]);
  const double hessian = node.total.hessian;
  node.count_per_hessian = hessian > 0 ? node.rows / hessian : 0;
  node.score = score(node.total, l2_);
  // round(h * count_per_hessian) >= min_rows, for h of both sides, and h >= min_hessian
  const double least = node.count_per_hessian > 0 ? (min_rows_ - 0.5) / node.count_per_hessian : hessian + 1;
  node.lowest = std::max({1.0, least, min_hessian_});
  node.highest = hessian - node.lowest;
  return node;
}

double VectorSplitFinder::score(const Moments& sum, double l2) const {
  return dot(sum.gradients, sum.gradients) / (sum.hessian + l2);
}

/// By Lagrange's identity, as the kernels have it.
double VectorSplitFinder::gain(const Moments& left, const Node& node, double l2) const {
  const double whole = node.total.hessian + 2 * l2;
  const double dl = left.hessian + l2, dr = (node.total.hessian + l2) - left.hessian;
  Gradients excess;
  for (std::size_t c = 0; c < excess.size(); ++c) excess[c] = left.gradients[c] - node.total.gradients[c] / whole * dl;
  return dot(excess, excess) / (dl * dr) * whole +
         (dot(node.total.gradients, node.total.gradients) / whole - node.score);
}

/// Of equal gains the first column wins.
void VectorSplitFinder::offer(double gain, const Split& candidate, const VectorSum& left, VectorSplit& best) const {
  const double value = gain * gain_unit_;
  if (!(value > parameters_.min_gain)) return;
  if (value < best.split.gain || (value == best.split.gain && candidate.column >= best.split.column)) return;
  best = {candidate, left};
  best.split.gain = value;
}

void VectorSplitFinder::find(std::size_t group, std::span<const std::uint8_t> lanes, const std::int64_t* histogram,
                             const VectorTotals& totals, VectorSplit& best) const {
  const BinnedTable::Group& columns = bins_->groups()[group];
  const Node node = prepare(totals);
  if (!(node.lowest <= node.highest)) return;
  for (std::uint8_t lane : lanes) {
    Split candidate{.group = static_cast<std::uint32_t>(group),
                    .lane = lane,
                    .column = columns.columns[lane],
                    .categorical = columns.categorical};
    const std::int64_t* entries = column_entries(histogram, columns, lane, entry_size_);
    if (columns.categorical) find_categories(entries, node, candidate, best);
    else find_number(entries, node, candidate, best);
  }
}

void VectorSplitFinder::find_sparse(std::span<const std::uint32_t> lanes, const std::int64_t* histogram,
                                    const VectorTotals& totals, VectorSplit& best) const {
  const SparseColumns& sparse = bins_->sparse();
  const Node node = prepare(totals);
  if (!(node.lowest <= node.highest)) return;
  for (std::uint32_t lane : lanes) {
    const std::int64_t* entries = histogram + (bins_->sparse_offset() + sparse.first_entry(lane)) * entry_size_;
    const std::size_t bins = sparse.bins(lane), usual = sparse.usual(lane), size = (bins - 1) * entry_size_;
    if (std::all_of(entries, entries + size, [](std::int64_t value) { return value == 0; })) continue;
    const std::int64_t* behind = entries + usual * entry_size_;
    column_.assign(entries, behind);
    column_.resize(column_.size() + entry_size_);
    column_.insert(column_.end(), behind, entries + size);
    std::int64_t* rest = column_.data() + usual * entry_size_;  // what the other bins leave of the node
    std::copy_n(totals.sum.begin(), entry_size_, rest);
    for (std::size_t i = 0; i < size; ++i) rest[i % entry_size_] -= entries[i];
    Split candidate{.group = BinnedTable::sparse_group, .lane = lane, .column = sparse.columns()[lane]};
    find_number(column_.data(), node, candidate, best);
  }
}

void VectorSplitFinder::find_number(const std::int64_t* entries, const Node& node, Split& candidate,
                                    VectorSplit& best) const {
  OutputsBest found;
  kernels().scan_outputs({.histogram = entries,
                          .entry_size = static_cast<int>(entry_size_),
                          .bins = static_cast<int>(bins_->mappings()[candidate.column].bins),
                          .totals = node.entry.data(),
                          .l2 = l2_,
                          .node_score = node.score,
                          .lowest = node.lowest,
                          .highest = node.highest},
                         found);
  if (!(found.gain * gain_unit_ >= best.split.gain) || found.gain == no_gain) return;
  candidate.bin = static_cast<std::uint32_t>(found.bin);
  candidate.missing_left = found.missing_left;
  VectorSum left{};
  for (std::size_t b = found.missing_left ? 0 : 1; b <= candidate.bin; ++b)
    add(left, entries + b * entry_size_, entry_size_);
  // Without missing rows here, a later missing value goes with the larger child.
  if (std::all_of(entries, entries + entry_size_, [](std::int64_t value) { return value == 0; }))
    candidate.missing_left = 2 * std::rint(moments(left.data()).hessian * node.count_per_hessian) >= node.rows;
  offer(found.gain, candidate, left, best);
}

void VectorSplitFinder::find_categories(const std::int64_t* entries, const Node& node, Split& candidate,
                                        VectorSplit& best) const {
  const std::size_t bins = bins_->mappings()[candidate.column].bins;
  const bool one_hot = bins - 1 <= static_cast<std::size_t>(parameters_.max_cat_to_onehot);
  list_categories(entries, bins, node, one_hot ? 0 : parameters_.cat_smooth);
  candidate.left_bins.assign((bins + 63) / 64, 0);
  const double found = one_hot ? try_one_hot(node, candidate) : try_subsets(node, candidate);
  if (found == no_gain) return;
  VectorSum left{};
  for (std::size_t b = 0; b < bins; ++b)
    if (candidate.goes_left(b)) add(left, entries + b * entry_size_, entry_size_);
  offer(found, candidate, left, best);
}

/// Categories that the node's rows have, with so many of them at least.
void VectorSplitFinder::list_categories(const std::int64_t* entries, std::size_t bins, const Node& node,
                                        double least_rows) const {
  categories_.clear();
  for (std::uint32_t b = 0; b < bins; ++b) {
    const std::int64_t* entry = entries + b * entry_size_;
    if (std::all_of(entry, entry + entry_size_, [](std::int64_t value) { return value == 0; })) continue;
    Category category{.bin = b, .sum = moments(entry)};
    category.count = std::rint(category.sum.hessian * node.count_per_hessian);
    if (category.count >= least_rows) categories_.push_back(category);
  }
}

namespace {

void put_left(Split& split, std::uint32_t bin) { split.left_bins[bin / 64] |= std::uint64_t{1} << (bin % 64); }

}  // namespace

double VectorSplitFinder::try_one_hot(const Node& node, Split& candidate) const {
  double best = no_gain;
  const Category* chosen = nullptr;
  for (const Category& category : categories_) {
    if (!(category.sum.hessian >= node.lowest && category.sum.hessian <= node.highest)) continue;
    const double here = gain(category.sum, node, l2_);
    if (!(here > best)) continue;
    best = here;
    chosen = &category;
  }
  if (chosen != nullptr) put_left(candidate, chosen->bin);
  return best;
}

/// Along the direction in which the categories' smoothed values differ most, each weighed by its Hessian.
void VectorSplitFinder::order_categories() const {
  Gradients mean{};
  double hessian = 0;
  for (Category& category : categories_) {
    for (std::size_t c = 0; c < mean.size(); ++c) {
      category.value[c] = category.sum.gradients[c] / (category.sum.hessian + cat_smooth_);
      mean[c] += category.sum.hessian * category.value[c];
    }
    hessian += category.sum.hessian;
  }
  std::array<Gradients, VectorGradients::most_columns> spread{};
  for (const Category& category : categories_)
    for (std::size_t c = 0; c < mean.size(); ++c)
      for (std::size_t d = 0; d < mean.size(); ++d)
        spread[c][d] +=
            category.sum.hessian * (category.value[c] - mean[c] / hessian) * (category.value[d] - mean[d] / hessian);
  const Gradients direction = first_direction(spread);
  for (Category& category : categories_) category.place = dot(category.value, direction);
  std::stable_sort(categories_.begin(), categories_.end(),
                   [](const Category& a, const Category& b) { return a.place < b.place; });
}

double VectorSplitFinder::try_subsets(const Node& node, Split& candidate) const {
  if (categories_.empty()) return no_gain;
  order_categories();
  const std::size_t used = categories_.size();
  const PrefixLimits limits{
      std::min<std::size_t>(static_cast<std::size_t>(parameters_.max_cat_threshold), (used + 1) / 2), min_rows_,
      min_hessian_, parameters_.min_rows_per_group};
  double found = no_gain;
  const CategoryPrefix best = best_prefix<Moments>(
      used, limits, node.rows, node.total.hessian,
      [&](std::size_t place) -> const Category& { return categories_[place]; },
      [&](const Moments& left) { return gain(left, node, l2_ + cat_l2_); }, nullptr, found);
  candidate.extra_l2 = parameters_.cat_l2;
  for (std::size_t i = 0; i < best.size; ++i) put_left(candidate, categories_[best.place(i, used)].bin);
  return found;
}

}  // namespace automill::tree
