#include "learners/tree/vector_grower.hpp"

#include "node_columns.hpp"
#include "partition.hpp"

namespace automill::tree {

namespace {

std::uint64_t bytes_of_one(std::size_t histogram_size, std::size_t entry_size) {
  return std::max<std::uint64_t>(1, 8 * histogram_size * entry_size);
}

}  // namespace

VectorGrower::VectorGrower(const BinnedTable& bins, const GrowParameters& parameters)
    : bins_(&bins), parameters_(parameters) {}

std::uint64_t VectorGrower::estimate_bytes(std::size_t rows, std::size_t histogram_size, std::size_t outputs,
                                           const GrowParameters& parameters) {
  const std::uint64_t one = bytes_of_one(histogram_size, VectorGradients::entry_size_of(outputs));
  const std::uint64_t all = one * static_cast<std::uint64_t>(parameters.num_leaves + 1);
  return rows * (4 + 8 * VectorGradients::entry_size_of(outputs)) +
         std::max(3 * one, std::min(all, parameters.histogram_bytes));
}

bool VectorGrower::grow(const VectorGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed,
                        std::uint64_t index, const RunContext& context) {
  context_ = &context;
  rows_ = &rows;
  seed_ = seed;
  index_ = index;
  if (!start(gradients)) return false;
  while (more_leaves()) {
    const std::size_t leaf = best_leaf();
    if (!leaves_[leaf].best.split.found()) break;
    if (!split(leaf)) return false;
  }
  for (const Leaf& leaf : leaves_) tree_.leaves.push_back({.rows = leaf.totals.rows});
  return true;
}

/// The root and its best split. False: stopped.
bool VectorGrower::start(const VectorGradients& gradients) {
  finder_.emplace(*bins_, gradients, parameters_.split);
  for (Leaf& leaf : leaves_) release(leaf);
  leaves_.assign(1, Leaf{});
  tree_ = GrownTree{};
  scratch_.resize(rows_->size());
  active_ = draw_columns(*bins_, parameters_.column_fraction, seed_, index_);
  builder_.start(*bins_, gradients, active_, *context_);
  Leaf& root = leaves_[0];
  root.end = rows_->size();
  root.totals = {builder_.sum(*rows_), static_cast<double>(root.end)};
  if (!more_leaves() || !may_split(root)) return true;
  if (!make_histogram(root)) return false;
  find_best(root);
  return true;
}

bool VectorGrower::may_split(const Leaf& leaf) const {
  return static_cast<double>(leaf.rows()) >= 2 * std::max(1.0, parameters_.split.min_rows) &&
         (parameters_.max_depth < 0 || leaf.depth < parameters_.max_depth);
}

std::size_t VectorGrower::best_leaf() const {
  const auto before = [&](const Leaf& a, const Leaf& b) {
    if (parameters_.growth == Growth::depth_wise && a.best.split.found() && b.best.split.found() && a.depth != b.depth)
      return a.depth < b.depth;
    return a.best.split.gain > b.best.split.gain;
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < leaves_.size(); ++i)
    if (before(leaves_[i], leaves_[best])) best = i;
  return best;
}

/// Splits a leaf by its best split. False: stopped.
bool VectorGrower::split(std::size_t index) {
  if (context_->stop.stop_requested()) return false;
  const Leaf parent = leaves_[index];
  const std::size_t left =
      partition(*bins_, parent.best.split, rows_->data() + parent.begin, scratch_.data(), parent.rows());
  if (left == 0 || left == parent.rows()) {
    give_up(leaves_[index]);
    return true;
  }
  Leaf a, b;
  a.depth = b.depth = parent.depth + 1;
  a.parent = b.parent = add_node(parent, index);
  a.is_left = true;
  a.begin = parent.begin;
  a.end = b.begin = parent.begin + left;
  b.end = parent.end;
  a.totals = {parent.best.left, static_cast<double>(left)};
  b.totals = {parent.totals.sum, static_cast<double>(b.rows())};
  for (std::size_t k = 0; k < b.totals.sum.size(); ++k) b.totals.sum[k] -= a.totals.sum[k];
  (a.rows() > b.rows() ? a : b).histogram = parent.histogram;  // the larger child takes it over
  leaves_[index] = std::move(a);
  leaves_.push_back(std::move(b));
  return find_children(index, leaves_.size() - 1);
}

/// The node of a leaf that was split: its left child stays at the leaf's place, the right one comes last.
std::int32_t VectorGrower::add_node(const Leaf& parent, std::size_t left_leaf) {
  const auto node = static_cast<std::int32_t>(tree_.nodes.size());
  tree_.nodes.push_back({parent.best.split, ~static_cast<std::int32_t>(left_leaf),
                         ~static_cast<std::int32_t>(leaves_.size()), parent.totals.rows});
  if (parent.parent == none) return node;
  auto& above = tree_.nodes[static_cast<std::size_t>(parent.parent)];
  (parent.is_left ? above.left : above.right) = node;
  return node;
}

/// A child without rows, whose number was only estimated: the other columns are searched.
void VectorGrower::give_up(Leaf& leaf) {
  leaf.given_up.push_back(leaf.best.split.column);
  leaf.best = VectorSplit{};
  if (leaf.histogram != none) find_best(leaf);
}

/// Histograms and best splits of two new leaves, where they can be split at all. False: stopped.
bool VectorGrower::find_children(std::size_t left, std::size_t right) {
  const bool small_is_left = leaves_[left].rows() <= leaves_[right].rows();
  Leaf& small = leaves_[small_is_left ? left : right];
  Leaf& large = leaves_[small_is_left ? right : left];
  if (!more_leaves() || !may_split(large)) {  // then the small one cannot either
    release(large);
    return true;
  }
  if (large.histogram == none) {
    if (!make_histogram(large) || (may_split(small) && !make_histogram(small))) return false;
  } else if (may_split(small)) {
    if (!make_histogram(small)) return false;
    builder_.subtract(integers(large), integers(small));
  } else if (!builder_.take_out({rows_->data() + small.begin, small.rows()}, integers(large))) {
    return false;
  }
  find_best(large);
  if (may_split(small)) find_best(small);
  else release(small);
  return true;
}

/// A free buffer. When all are in use, the leaf with the smallest gain gives its histogram up: it is built again should
/// that leaf ever be split.
std::int32_t VectorGrower::take_histogram() {
  const std::size_t limit =
      std::max<std::size_t>(3, parameters_.histogram_bytes / (8 * std::max<std::size_t>(1, builder_.size())));
  if (free_.empty() && histograms_.size() >= limit) {
    Leaf* least = nullptr;
    for (Leaf& leaf : leaves_)
      if (leaf.histogram != none && leaf.best.split.found() &&
          (least == nullptr || leaf.best.split.gain < least->best.split.gain))
        least = &leaf;
    if (least != nullptr) release(*least);
  }
  if (free_.empty()) {
    histograms_.emplace_back().make_room(builder_.size());
    return static_cast<std::int32_t>(histograms_.size()) - 1;
  }
  const std::int32_t taken = free_.back();
  free_.pop_back();
  return taken;
}

void VectorGrower::release(Leaf& leaf) {
  if (leaf.histogram != none) free_.push_back(leaf.histogram);
  leaf.histogram = none;
}

/// False: stopped.
bool VectorGrower::make_histogram(Leaf& leaf) {
  if (leaf.histogram == none) leaf.histogram = take_histogram();
  return builder_.build({rows_->data() + leaf.begin, leaf.rows()}, integers(leaf));
}

ActiveColumns VectorGrower::columns_of_node(const Leaf& leaf) const {
  std::vector<bool> allowed = mark_columns(*bins_, active_);
  if (parameters_.node_column_fraction < 1) {
    const std::uint64_t key = combine_hashes(
        index_, combine_hashes(static_cast<std::uint64_t>(leaf.parent + 1), static_cast<std::uint64_t>(leaf.is_left)));
    keep_some(allowed, parameters_.node_column_fraction, RandomStream(seed_, purpose("columns of a node"), key));
  }
  for (std::uint32_t column : leaf.given_up) allowed[column] = false;
  return only_marked(*bins_, active_, allowed);
}

void VectorGrower::find_best(Leaf& leaf) {
  leaf.best = VectorSplit{};
  const bool any = leaf.given_up.empty() && parameters_.node_column_fraction >= 1;
  const ActiveColumns some = any ? ActiveColumns{} : columns_of_node(leaf);
  const ActiveColumns& columns = any ? active_ : some;
  for (const ActiveGroup& active : columns.groups)
    finder_->find(active.group, active.lanes, integers(leaf), leaf.totals, leaf.best);
  if (!columns.sparse.empty()) finder_->find_sparse(columns.sparse, integers(leaf), leaf.totals, leaf.best);
}

}  // namespace automill::tree
