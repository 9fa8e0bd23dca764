#pragma once
// The functions of LeafGrowth, for the files that grow trees with it.

#include <automill/learners/tree/leaf_growth.hpp>

#include "node_columns.hpp"
#include "partition.hpp"

namespace automill::tree {

inline const Split& split_of(const Split& best) { return best; }

template <class Builder, class Totals, class Best>
LeafGrowth<Builder, Totals, Best>::LeafGrowth(const BinnedTable& bins, const GrowParameters& parameters)
    : bins_(&bins), parameters_(parameters) {}

template <class Builder, class Totals, class Best>
template <class Gradients>
void LeafGrowth<Builder, Totals, Best>::start(const Gradients& gradients, std::vector<std::uint32_t>& rows,
                                              std::uint64_t seed, std::uint64_t index, const RunContext& context) {
  context_ = &context;
  rows_ = &rows;
  seed_ = seed;
  index_ = index;
  tree_ = GrownTree{};
  scratch_.resize(rows.size());
  active_ = draw_columns(*bins_, parameters_.column_fraction, seed, index);
  chosen_ = mark_columns(*bins_, active_);
  builder_.start(*bins_, gradients, active_, context);
  histograms_.start(builder_.size(), parameters_.histogram_bytes);
  leaves_.assign(1, Leaf{});
  leaves_[0].end = rows.size();
  leaves_[0].sets.resize(parameters_.interactions.size());
  std::iota(leaves_[0].sets.begin(), leaves_[0].sets.end(), 0U);
}

template <class Builder, class Totals, class Best>
bool LeafGrowth<Builder, Totals, Best>::grow_leaves() {
  if (more_leaves() && may_split(leaves_[0])) {
    if (!make_histogram(leaves_[0])) return false;
    find_best(leaves_[0]);
  }
  while (more_leaves()) {
    const std::size_t leaf = best_leaf();
    if (!split_of(leaves_[leaf].best).found()) break;
    if (!split(leaf)) return false;
  }
  return true;
}

template <class Builder, class Totals, class Best>
bool LeafGrowth<Builder, Totals, Best>::may_split(const Leaf& leaf) const {
  return static_cast<double>(leaf.rows()) >= 2 * std::max(1.0, parameters_.split.min_rows) &&
         (parameters_.max_depth < 0 || leaf.depth < parameters_.max_depth);
}

template <class Builder, class Totals, class Best>
std::size_t LeafGrowth<Builder, Totals, Best>::best_leaf() const {
  const auto before = [&](const Leaf& a, const Leaf& b) {
    const Split &of_a = split_of(a.best), &of_b = split_of(b.best);
    if (parameters_.growth == Growth::depth_wise && of_a.found() && of_b.found() && a.depth != b.depth)
      return a.depth < b.depth;
    return of_a.gain > of_b.gain;
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < leaves_.size(); ++i)
    if (before(leaves_[i], leaves_[best])) best = i;
  return best;
}

/// Splits a leaf by its best split: the left child stays at the leaf's place, the right one comes last. False: stopped.
template <class Builder, class Totals, class Best>
bool LeafGrowth<Builder, Totals, Best>::split(std::size_t index) {
  if (context_->stop.stop_requested()) return false;
  const std::size_t begin = leaves_[index].begin, size = leaves_[index].rows();
  const std::size_t left = partition_side_by_side(*bins_, split_of(leaves_[index].best), rows_->data() + begin,
                                                  scratch_.data(), size, *context_);
  if (left == 0 || left == size) {
    give_up(leaves_[index]);
    return true;
  }
  const Leaf parent = leaves_[index];
  const Split& best = split_of(parent.best);
  Leaf a, b;
  a.depth = b.depth = parent.depth + 1;
  a.parent = b.parent = add_node(parent, index);
  a.is_left = true;
  a.extra_l2 = b.extra_l2 = best.extra_l2;
  a.begin = begin;
  a.end = b.begin = begin + left;
  b.end = parent.end;
  follow_path(parent, a, best.column);
  follow_path(parent, b, best.column);
  set_totals(parent, a, b);
  (a.rows() > b.rows() ? a : b).histogram = parent.histogram;  // the larger child takes it over
  leaves_[index] = std::move(a);
  leaves_.push_back(std::move(b));
  return find_after(parent, index, leaves_.size() - 1);
}

template <class Builder, class Totals, class Best>
std::int32_t LeafGrowth<Builder, Totals, Best>::add_node(const Leaf& parent, std::size_t left_leaf) {
  const auto node = static_cast<std::int32_t>(tree_.nodes.size());
  tree_.nodes.push_back({split_of(parent.best), ~static_cast<std::int32_t>(left_leaf),
                         ~static_cast<std::int32_t>(leaves_.size()), parent.totals.rows});
  if (parent.parent == none) return node;
  auto& above = tree_.nodes[static_cast<std::size_t>(parent.parent)];
  (parent.is_left ? above.left : above.right) = node;
  return node;
}

/// A child without rows, whose number was only estimated: the other columns are searched.
template <class Builder, class Totals, class Best>
void LeafGrowth<Builder, Totals, Best>::give_up(Leaf& leaf) {
  leaf.given_up.push_back(split_of(leaf.best).column);
  leaf.best = Best{};
  if (leaf.histogram != HistogramPool::none) find_best(leaf);
}

template <class Builder, class Totals, class Best>
bool LeafGrowth<Builder, Totals, Best>::find_children(std::size_t left, std::size_t right) {
  const bool small_is_left = leaves_[left].rows() <= leaves_[right].rows();
  Leaf& small = leaves_[small_is_left ? left : right];
  Leaf& large = leaves_[small_is_left ? right : left];
  if (!more_leaves() || !may_split(large)) {  // then the small one cannot either
    histograms_.give_back(large.histogram);
    return true;
  }
  if (large.histogram == HistogramPool::none) {
    if (!make_histogram(large) || (may_split(small) && !make_histogram(small))) return false;
  } else if (may_split(small)) {
    if (!make_histogram(small)) return false;
    builder_.subtract(integers(large), integers(small));
  } else if (!builder_.take_out({rows_->data() + small.begin, small.rows()}, integers(large))) {
    return false;
  }
  if (may_split(small)) {
    find_best_of_both(large, small);
  } else {
    find_best(large);
    histograms_.give_back(small.histogram);
  }
  return true;
}

/// When all are in use, the leaf with the smallest gain gives its histogram up: it is built again should that leaf ever
/// be split.
template <class Builder, class Totals, class Best>
std::int32_t LeafGrowth<Builder, Totals, Best>::take_histogram() {
  if (histograms_.full()) {
    Leaf* least = nullptr;
    for (Leaf& leaf : leaves_)
      if (leaf.histogram != HistogramPool::none && split_of(leaf.best).found() &&
          (least == nullptr || split_of(leaf.best).gain < split_of(least->best).gain))
        least = &leaf;
    if (least != nullptr) histograms_.give_back(least->histogram);
  }
  return histograms_.take();
}

template <class Builder, class Totals, class Best>
bool LeafGrowth<Builder, Totals, Best>::make_histogram(Leaf& leaf) {
  if (leaf.histogram == HistogramPool::none) leaf.histogram = take_histogram();
  return builder_.build({rows_->data() + leaf.begin, leaf.rows()}, integers(leaf));
}

template <class Builder, class Totals, class Best>
std::uint64_t LeafGrowth<Builder, Totals, Best>::key_of(const Leaf& leaf) const {
  return combine_hashes(index_, combine_hashes(static_cast<std::uint64_t>(leaf.parent + 1), leaf.is_left));
}

template <class Builder, class Totals, class Best>
template <class Find>
void LeafGrowth<Builder, Totals, Best>::with_columns_of(const Leaf& leaf, const Find& find) const {
  if (any_column(leaf)) find(active_);
  else find(only_marked(*bins_, active_, columns_of_node(leaf)));
}

/// The node may use all columns of the tree.
template <class Builder, class Totals, class Best>
bool LeafGrowth<Builder, Totals, Best>::any_column(const Leaf& leaf) const {
  return leaf.given_up.empty() && parameters_.interactions.empty() && parameters_.node_column_fraction >= 1;
}

template <class Builder, class Totals, class Best>
std::vector<bool> LeafGrowth<Builder, Totals, Best>::columns_of_node(const Leaf& leaf) const {
  std::vector<bool> allowed = chosen_;
  if (!parameters_.interactions.empty()) {
    std::vector<bool> together(chosen_.size(), false);
    for (std::uint32_t set : leaf.sets)
      for (std::uint32_t column : parameters_.interactions[set]) together[column] = true;
    for (std::size_t c = 0; c < allowed.size(); ++c) allowed[c] = allowed[c] && together[c];
  }
  if (parameters_.node_column_fraction < 1)
    keep_some(allowed, parameters_.node_column_fraction,
              RandomStream(seed_, purpose("columns of a node"), key_of(leaf)));
  for (std::uint32_t column : leaf.given_up) allowed[column] = false;
  return allowed;
}

/// The sets of columns that may still be used below a split.
template <class Builder, class Totals, class Best>
void LeafGrowth<Builder, Totals, Best>::follow_path(const Leaf& parent, Leaf& child, std::uint32_t column) const {
  for (std::uint32_t set : parent.sets) {
    const auto& columns = parameters_.interactions[set];
    if (std::binary_search(columns.begin(), columns.end(), column)) child.sets.push_back(set);
  }
}

}  // namespace automill::tree
