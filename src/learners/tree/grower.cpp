#include <automill/learners/tree/grower.hpp>
#include <cstring>

#include "partition.hpp"

namespace automill::tree {

namespace {

constexpr std::size_t rows_between_stops = std::size_t{1} << 17;  // about half a millisecond of one group
constexpr std::size_t work_between_stops = std::size_t{1} << 16;  // the same in rows times groups
constexpr std::size_t parallel_work = std::size_t{1} << 18;  // row-groups below which threads cost more than they give

}  // namespace

TreeGrower::TreeGrower(const BinnedTable& bins, const GrowParameters& parameters)
    : bins_(&bins), parameters_(parameters) {
  const std::uint64_t bytes = std::max<std::uint64_t>(1, 8 * bins.histogram_size());
  histogram_limit_ = static_cast<std::size_t>(std::max<std::uint64_t>(3, parameters.histogram_bytes / bytes));
}

std::uint64_t TreeGrower::estimate_bytes(std::size_t rows, std::size_t histogram_size, int num_leaves,
                                         std::uint64_t histogram_bytes) {
  const std::uint64_t one = 8 * histogram_size;
  const std::uint64_t all = one * static_cast<std::uint64_t>(num_leaves + 1);
  return 12 * rows + std::max(3 * one, std::min(all, histogram_bytes));
}

bool TreeGrower::grow(const QuantisedGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed,
                      std::uint64_t index, const RunContext& context) {
  gradients_ = &gradients;
  context_ = &context;
  rows_ = &rows;
  seed_ = seed;
  index_ = index;
  finder_ = std::make_unique<SplitFinder>(*bins_, gradients.scale, parameters_.split);
  if (planes_are_wide_ != wide()) {
    histograms_.clear();
    free_.clear();
    planes_are_wide_ = wide();
  }
  for (Leaf& leaf : leaves_) release(leaf);
  leaves_.assign(1, Leaf{});
  tree_ = GrownTree{};
  scratch_.resize(rows.size());
  choose_columns();

  Leaf& root = leaves_[0];
  root.end = rows.size();
  root.totals = {sum_of_rows(), static_cast<double>(rows.size())};
  root.totals.value = finder_->leaf_value(root.totals, 0);
  root.sets.resize(parameters_.interactions.size());
  std::iota(root.sets.begin(), root.sets.end(), 0U);
  if (parameters_.num_leaves > 1 && may_split(root)) {
    if (!make_histogram(root)) return false;
    find_best(root);
  }
  while (static_cast<int>(leaves_.size()) < parameters_.num_leaves) {
    const std::size_t leaf = best_leaf();
    if (!leaves_[leaf].best.found()) break;
    if (!split(leaf)) return false;
  }
  finish_leaves();
  return true;
}

PackedSum TreeGrower::sum_of_rows() const {
  PackedSum sum;
  for (std::uint32_t row : *rows_) sum.first += gradients_->first[row];
  if (wide())
    for (std::uint32_t row : *rows_) sum.second += gradients_->second[row];
  return sum;
}

bool TreeGrower::may_split(const Leaf& leaf) const {
  return static_cast<double>(leaf.rows()) >= 2 * std::max(1.0, parameters_.split.min_rows) &&
         (parameters_.max_depth < 0 || leaf.depth < parameters_.max_depth);
}

std::size_t TreeGrower::best_leaf() const {
  const auto before = [&](const Leaf& a, const Leaf& b) {
    if (parameters_.growth == Growth::depth_wise && a.best.found() && b.best.found() && a.depth != b.depth)
      return a.depth < b.depth;
    return a.best.gain > b.best.gain;
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < leaves_.size(); ++i)
    if (before(leaves_[i], leaves_[best])) best = i;
  return best;
}

/// Splits a leaf by its best split. False: stopped.
bool TreeGrower::split(std::size_t index) {
  if (context_->stop.stop_requested()) return false;
  const Split best = leaves_[index].best;
  const std::size_t begin = leaves_[index].begin, size = leaves_[index].rows();
  const std::size_t left = partition(*bins_, best, rows_->data() + begin, scratch_.data(), size);
  if (left == 0 || left == size) {
    give_up(leaves_[index]);
    return true;
  }
  Leaf parent = leaves_[index];
  const auto node = static_cast<std::int32_t>(tree_.nodes.size());
  tree_.nodes.push_back(
      {best, ~static_cast<std::int32_t>(index), ~static_cast<std::int32_t>(leaves_.size()), parent.totals.rows});
  if (parent.parent != none) {
    auto& above = tree_.nodes[static_cast<std::size_t>(parent.parent)];
    (parent.is_left ? above.left : above.right) = node;
  }
  Leaf a, b;
  a.depth = b.depth = parent.depth + 1;
  a.parent = b.parent = node;
  a.is_left = true;
  a.extra_l2 = b.extra_l2 = best.extra_l2;
  a.begin = begin;
  a.end = b.begin = begin + left;
  b.end = parent.end;
  a.totals = {best.left, static_cast<double>(left)};
  b.totals = {parent.totals.sum - best.left, static_cast<double>(size - left)};
  follow_path(parent, a, best.column);
  follow_path(parent, b, best.column);
  bound_children(parent, best, a, b);
  (a.rows() > b.rows() ? a : b).histogram = parent.histogram;  // the larger child takes it over
  leaves_[index] = a;
  leaves_.push_back(b);
  return find_children(index, leaves_.size() - 1);
}

/// A child without rows, whose number was only estimated: the other columns are searched.
void TreeGrower::give_up(Leaf& leaf) {
  leaf.given_up.push_back(leaf.best.column);
  leaf.best = Split{};
  if (leaf.histogram != none) find_best(leaf);
}

/// Histograms and best splits of two new leaves, where they can be split at all.
bool TreeGrower::find_children(std::size_t left, std::size_t right) {
  const bool more = static_cast<int>(leaves_.size()) < parameters_.num_leaves;
  const bool small_is_left = leaves_[left].rows() <= leaves_[right].rows();
  Leaf& small = leaves_[small_is_left ? left : right];
  Leaf& large = leaves_[small_is_left ? right : left];
  if (!more || !may_split(large)) {  // then the small one cannot either
    release(large);
    return true;
  }
  const bool subtract = large.histogram != none;
  if (may_split(small) || subtract) {
    if (!make_histogram(small)) return false;
  }
  if (subtract) {
    for (const ActiveGroup& active : active_) {
      const auto& group = bins_->groups()[active.group];
      for (int which = 0; which < (wide() ? 2 : 1); ++which)
        kernels().subtract(plane(large.histogram, which) + group.offset, plane(small.histogram, which) + group.offset,
                           group.bins * group.stride());
    }
  } else if (!make_histogram(large)) {
    return false;
  }
  find_best(large);
  if (may_split(small)) find_best(small);
  else release(small);
  return true;
}

std::int64_t* TreeGrower::plane(std::int32_t histogram, int which) const {
  return histograms_[static_cast<std::size_t>(histogram)].get() +
         static_cast<std::size_t>(which) * bins_->histogram_size();
}

HistogramView TreeGrower::view(std::int32_t histogram) const {
  return {plane(histogram, 0), wide() ? plane(histogram, 1) : nullptr};
}

/// A free buffer. When all are in use, the leaf with the smallest gain gives its histogram up: it is built again should
/// that leaf ever be split.
std::int32_t TreeGrower::take_histogram() {
  if (free_.empty() && histograms_.size() >= histogram_limit_) {
    Leaf* least = nullptr;
    for (Leaf& leaf : leaves_)
      if (leaf.histogram != none && leaf.best.found() && (least == nullptr || leaf.best.gain < least->best.gain))
        least = &leaf;
    if (least != nullptr) release(*least);
  }
  if (free_.empty()) {
    const std::size_t size = bins_->histogram_size() * (wide() ? 2 : 1);
    histograms_.push_back(std::make_unique_for_overwrite<std::int64_t[]>(size));
    return static_cast<std::int32_t>(histograms_.size()) - 1;
  }
  const std::int32_t taken = free_.back();
  free_.pop_back();
  return taken;
}

void TreeGrower::release(Leaf& leaf) {
  if (leaf.histogram != none) free_.push_back(leaf.histogram);
  leaf.histogram = none;
}

/// False: stopped.
bool TreeGrower::make_histogram(Leaf& leaf) {
  if (leaf.histogram == none) leaf.histogram = take_histogram();
  const std::size_t n = leaf.rows();
  ordered_.resize(std::max(ordered_.size(), n));
  const std::uint32_t* rows = rows_->data() + leaf.begin;
  for (std::size_t i = 0; i < n; ++i) ordered_[i] = gradients_->first[rows[i]];
  if (wide()) {
    ordered_second_.resize(std::max(ordered_second_.size(), n));
    for (std::size_t i = 0; i < n; ++i) ordered_second_[i] = gradients_->second[rows[i]];
  }
  const HistogramView out = view(leaf.histogram);
  if (context_->executor().width() > 1 && n * active_.size() >= parallel_work) {
    std::vector<char> done(active_.size());
    context_->executor().run(active_.size(), [&](std::size_t g) { done[g] = build_group(leaf, g, out) ? 1 : 0; });
    return std::find(done.begin(), done.end(), 0) == done.end();
  }
  for (std::size_t g = 0; g < active_.size(); ++g)
    if (!build_group(leaf, g, out)) return false;
  return true;
}

bool TreeGrower::build_group(const Leaf& leaf, std::size_t active, HistogramView out) const {
  const auto& lanes = active_[active].lanes;
  const auto& group = bins_->groups()[active_[active].group];
  const Kernels& run = kernels();
  const std::uint32_t* rows = rows_->data() + leaf.begin;
  for (int which = 0; which < (wide() ? 2 : 1); ++which) {
    auto* histogram = const_cast<std::int64_t*>(which == 0 ? out.first : out.second) + group.offset;
    const std::int64_t* gradients = which == 0 ? ordered_.data() : ordered_second_.data();
    std::memset(histogram, 0, group.bins * group.stride() * sizeof(std::int64_t));
    for (std::size_t first = 0; first < leaf.rows(); first += rows_between_stops) {
      if (leaf.rows() * active_.size() > work_between_stops && context_->stop.stop_requested()) return false;
      const std::size_t count = std::min(rows_between_stops, leaf.rows() - first);
      if (group.wide) run.build_wide(bins_->wide_codes(group), rows + first, count, gradients + first, histogram);
      else
        run.build(bins_->words(group), rows + first, count, gradients + first, histogram, lanes.data(),
                  static_cast<int>(lanes.size()));
    }
  }
  return true;
}

void TreeGrower::find_best(Leaf& leaf) {
  leaf.best = Split{};
  const HistogramView histogram = view(leaf.histogram);
  const std::uint64_t key = key_of(leaf);
  const bool any = any_column(leaf);
  const std::vector<bool> allowed = any ? std::vector<bool>{} : columns_of_node(leaf);
  std::vector<std::uint8_t> lanes;
  for (const ActiveGroup& active : active_) {
    RandomBins random{};
    const auto& columns = bins_->groups()[active.group].columns;
    lanes.clear();
    for (std::uint8_t lane : active.lanes)
      if (!any && allowed[columns[lane]]) lanes.push_back(lane);
    if (parameters_.extra_trees) {
      for (std::uint8_t lane : active.lanes)
        random.values[lane] =
            RandomStream(seed_, purpose("random threshold"), combine_hashes(key, columns[lane])).uniform();
    }
    finder_->find(active.group, any ? active.lanes : lanes, histogram, leaf.totals,
                  parameters_.extra_trees ? random.values : nullptr, leaf.best);
  }
}

/// Values of the children, and bounds where the split is on a monotone column: their leaves are on either side of the
/// point halfway between both values.
void TreeGrower::bound_children(const Leaf& parent, const Split& split, Leaf& left, Leaf& right) const {
  for (Leaf* child : {&left, &right}) {
    child->totals.lower = parent.totals.lower;
    child->totals.upper = parent.totals.upper;
    child->totals.value = finder_->leaf_value(child->totals, child->extra_l2, &parent.totals);
  }
  const int order = order_of_children(*bins_, parameters_.split.monotone, split.column, split.bin, split.missing_left);
  if (order == 0) return;
  NodeTotals& low = order > 0 ? left.totals : right.totals;
  NodeTotals& high = order > 0 ? right.totals : left.totals;
  const double middle = low.value + (high.value - low.value) / 2;
  low.upper = middle;
  high.lower = middle;
  low.value = std::min(low.value, middle);
  high.value = std::max(high.value, middle);
}

void TreeGrower::finish_leaves() {
  for (const Leaf& leaf : leaves_) tree_.leaves.push_back({leaf.totals.value, leaf.totals.rows});
}

}  // namespace automill::tree
