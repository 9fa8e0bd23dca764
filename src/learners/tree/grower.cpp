#include <automill/learners/tree/grower.hpp>

#include "node_columns.hpp"
#include "partition.hpp"

namespace automill::tree {

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
  context_ = &context;
  rows_ = &rows;
  seed_ = seed;
  index_ = index;
  finder_ = std::make_unique<SplitFinder>(*bins_, gradients.scale, parameters_.split);
  for (Leaf& leaf : leaves_) release(leaf);
  leaves_.assign(1, Leaf{});
  tree_ = GrownTree{};
  order_.reset();
  if (parameters_.monotone_method == MonotoneMethod::intermediate && !parameters_.split.monotone.empty())
    order_.emplace(tree_, *bins_, parameters_.split.monotone);
  scratch_.resize(rows.size());
  choose_columns();
  builder_.start(*bins_, gradients, active_, context);
  if (builder_.size() != histogram_size_) {  // sums have become wide, or narrow again
    histograms_.clear();
    free_.clear();
    histogram_size_ = builder_.size();
  }

  Leaf& root = leaves_[0];
  root.end = rows.size();
  root.totals = {builder_.sum(rows), static_cast<double>(rows.size())};
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
  if (!order_) return find_children(index, leaves_.size() - 1);
  const std::vector<std::uint32_t> moved = bound_around(index, leaves_.size() - 1, parent.totals);
  return find_children(index, leaves_.size() - 1) && find_again(moved);
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
  if (large.histogram == none) {
    if (!make_histogram(large) || (may_split(small) && !make_histogram(small))) return false;
  } else if (may_split(small)) {
    if (!make_histogram(small)) return false;
    builder_.subtract(integers(large), integers(small));
  } else {
    builder_.take_out({rows_->data() + small.begin, small.rows()}, integers(large));
  }
  find_best(large);
  if (may_split(small)) find_best(small);
  else release(small);
  return true;
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
    histograms_.push_back(std::make_unique_for_overwrite<std::int64_t[]>(histogram_size_));
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
  return builder_.build({rows_->data() + leaf.begin, leaf.rows()}, integers(leaf));
}

void TreeGrower::find_best(Leaf& leaf) {
  leaf.best = Split{};
  const HistogramView histogram = builder_.view(integers(leaf));
  const RandomThresholds drawn{seed_, key_of(leaf)};
  const RandomThresholds* random = parameters_.extra_trees ? &drawn : nullptr;
  if (any_column(leaf)) return find_best_of(active_, leaf, histogram, random);
  find_best_of(only_marked(*bins_, active_, columns_of_node(leaf)), leaf, histogram, random);
}

void TreeGrower::find_best_of(const ActiveColumns& columns, Leaf& leaf, HistogramView histogram,
                              const RandomThresholds* random) {
  for (const ActiveGroup& active : columns.groups) {
    double drawn[lanes_per_block] = {};
    if (random != nullptr)
      for (std::uint8_t lane : active.lanes) drawn[lane] = random->of(bins_->groups()[active.group].columns[lane]);
    finder_->find(active.group, active.lanes, histogram, leaf.totals, random != nullptr ? drawn : nullptr, leaf.best);
  }
  if (!columns.sparse.empty()) finder_->find_sparse(columns.sparse, histogram, leaf.totals, random, leaf.best);
}

void TreeGrower::finish_leaves() {
  for (const Leaf& leaf : leaves_) tree_.leaves.push_back({leaf.totals.value, leaf.totals.rows});
}

}  // namespace automill::tree
