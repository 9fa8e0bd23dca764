#include "learners/tree/forest_grower.hpp"

namespace automill::tree {

namespace {

constexpr double rank_smoothing = 10;  // rows of the mean that are added to each category before it is ranked
constexpr std::size_t items_between_stops = 1 << 16;

std::size_t most_codes(std::span<const ForestColumn> columns) {
  std::size_t most = 1;
  for (const ForestColumn& column : columns) most = std::max(most, column.bins);
  return most;
}

}  // namespace

std::vector<ForestColumn> forest_columns(const BinnedTable& bins) {
  std::vector<ForestColumn> columns;
  for (std::size_t g = 0; g < bins.groups().size(); ++g) {
    const auto& group = bins.groups()[g];
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
      columns.push_back({group.columns[lane], g, lane, group.categorical, bins.mappings()[group.columns[lane]].bins});
  }
  for (std::size_t lane = 0; lane < bins.sparse().size(); ++lane)
    columns.push_back(
        {bins.sparse().columns()[lane], BinnedTable::sparse_group, lane, false, bins.sparse().bins(lane)});
  std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.column < b.column; });
  return columns;
}

ForestGrower::ForestGrower(const BinnedTable& bins, std::span<const ForestColumn> columns,
                           std::span<const std::uint32_t> rows, const ForestTarget& target,
                           const ForestGrowParameters& parameters)
    : bins_(bins),
      columns_(columns),
      rows_(rows),
      target_(target),
      parameters_(parameters),
      splitter_(target, parameters.min_samples_leaf, most_codes(columns)),
      rank_of_bin_(columns.size()) {}

std::optional<ForestTree> ForestGrower::grow(std::span<const std::uint8_t> copies, RandomStream random,
                                             const StopToken& stop) {
  random_ = random;
  tree_ = ForestTree{};
  draw(copies);
  rank_categories();
  order_.resize(columns_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  open_.clear();
  Node root{.place = add_place(), .end = items_.size(), .out_end = out_.size()};
  root.constant.assign((columns_.size() + 63) / 64, 0);
  open(std::move(root));
  std::int64_t leaves = 1;
  std::size_t work = 0;
  while (!open_.empty()) {
    Node node = take();
    work += node.size() * parameters_.tried_columns;
    if (work >= items_between_stops) {
      if (stop.stop_requested()) return std::nullopt;
      work = 0;
    }
    if (parameters_.max_leaf_nodes > 0 && leaves >= parameters_.max_leaf_nodes) {
      make_leaf(node);
      continue;
    }
    split(std::move(node));
    ++leaves;
  }
  return std::move(tree_);
}

ForestItem ForestGrower::item_of(std::size_t i, std::uint32_t weight) const {
  return {rows_[i], weight, target_.outputs > 1 ? static_cast<std::int64_t>(i) : target_.values[i]};
}

void ForestGrower::draw(std::span<const std::uint8_t> copies) {
  items_.clear();
  out_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::uint32_t weight = std::uint32_t{copies[i]} * target_.weight(i);
    if (weight > 0) items_.push_back(item_of(i, weight));
    else if (copies[i] == 0) out_.push_back(static_cast<std::uint32_t>(i));
  }
  if (items_.empty()) {  // few rows, none of which was drawn
    out_.clear();
    for (std::size_t i = 0; i < rows_.size(); ++i)
      items_.push_back(item_of(i, std::max<std::uint32_t>(1, target_.weight(i))));
  }
  item_scratch_.resize(items_.size());
  out_scratch_.resize(out_.size());
  codes_.resize(items_.size());
}

std::size_t ForestGrower::code(std::size_t column, std::uint32_t row) const {
  const ForestColumn& c = columns_[column];
  if (c.group == BinnedTable::sparse_group) return bins_.sparse().bin(c.lane, row);
  return bins_.code(bins_.groups()[c.group], c.lane, row);
}

/// A class, in proportion to its weight among all rows.
std::int64_t ForestGrower::draw_class() {
  double left = random_->uniform();
  std::size_t drawn = 0;
  while (drawn + 1 < target_.classes && left >= target_.prior[drawn]) left -= target_.prior[drawn++];
  return static_cast<std::int64_t>(drawn);
}

/// Categories in the order of the target's mean - for many classes or outputs, of one that is drawn - among the rows of
/// this tree, so that a threshold cuts them into two sets (Breiman et al. 1984, theorem 4.5).
void ForestGrower::rank_categories() {
  const std::int64_t drawn_class = target_.classes > 0 ? draw_class() : -1;
  const std::size_t output =
      target_.outputs > 1 ? static_cast<std::size_t>(random_->below(target_.outputs)) : std::size_t{0};
  const auto value_of = [&](const ForestItem& item) {
    if (target_.classes > 0) return std::int64_t{item.value == drawn_class ? 1 : 0};
    return target_.outputs > 1 ? target_.row(static_cast<std::size_t>(item.value))[output] : item.value;
  };
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (!columns_[c].categorical) continue;
    std::vector<double> weights(columns_[c].bins, 0.0), means(columns_[c].bins, 0.0);
    std::vector<std::int64_t> moments(columns_[c].bins, 0);
    std::int64_t moment = 0;
    double weight = 0;
    for (const ForestItem& item : items_) {
      const std::size_t bin = code(c, item.row);
      const std::int64_t value = value_of(item);
      weights[bin] += item.weight;
      moments[bin] += item.weight * value;
      moment += item.weight * value;
      weight += item.weight;
    }
    const double mean = static_cast<double>(moment) / std::max(1.0, weight);
    for (std::size_t bin = 0; bin < means.size(); ++bin)
      means[bin] = (static_cast<double>(moments[bin]) + rank_smoothing * mean) / (weights[bin] + rank_smoothing);
    std::vector<std::uint16_t> order(means.size());
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return means[a] < means[b]; });
    rank_of_bin_[c].resize(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank)
      rank_of_bin_[c][order[rank]] = static_cast<std::uint16_t>(rank);
  }
}

std::span<const std::uint16_t> ForestGrower::gather(std::size_t column, const Node& node) {
  const ForestColumn& c = columns_[column];
  const ForestItem* items = items_.data() + node.begin;
  std::uint16_t* codes = codes_.data();
  const std::size_t n = node.size();
  if (c.group == BinnedTable::sparse_group) {
    for (std::size_t i = 0; i < n; ++i) codes[i] = static_cast<std::uint16_t>(bins_.sparse().bin(c.lane, items[i].row));
    return {codes, n};
  }
  const auto& group = bins_.groups()[c.group];
  if (group.wide) {
    const std::uint16_t* all = bins_.wide_codes(group);
    for (std::size_t i = 0; i < n; ++i) codes[i] = all[items[i].row];
  } else {
    const auto* all = reinterpret_cast<const std::uint8_t*>(bins_.words(group)) + c.lane;
    for (std::size_t i = 0; i < n; ++i) codes[i] = all[std::size_t{items[i].row} * 8];
  }
  if (c.categorical)
    for (std::size_t i = 0; i < n; ++i) codes[i] = rank_of_bin_[column][codes[i]];
  return {codes, n};
}

ForestSums ForestGrower::sums_of(std::size_t begin, std::size_t end) const {
  ForestSums sums;
  sums.rows = static_cast<double>(end - begin);
  std::int64_t weight = 0;
  sums.classes.assign(target_.classes, 0.0);
  if (target_.outputs > 1) sums.moments.assign(target_.outputs, 0);
  for (std::size_t i = begin; i < end; ++i) {
    const ForestItem& item = items_[i];
    weight += item.weight;
    if (target_.classes > 0) sums.classes[static_cast<std::size_t>(item.value)] += item.weight;
    else if (target_.outputs == 1) sums.moment += item.weight * item.value;
    for (std::size_t k = 0; k < sums.moments.size(); ++k)
      sums.moments[k] += item.weight * target_.row(static_cast<std::size_t>(item.value))[k];
  }
  if (target_.outputs > 1) sums.squares = target_.squares(sums.moments);
  sums.weight = static_cast<double>(weight);
  for (double share : sums.classes) sums.squares += share * share;
  return sums;
}

bool ForestGrower::pure(const Node& node) const {
  const ForestItem& first = items_[node.begin];
  const auto equal = [&](const ForestItem& item) {
    if (target_.outputs == 1) return item.value == first.value;
    const std::int64_t* values = target_.row(static_cast<std::size_t>(item.value));
    return std::equal(values, values + target_.outputs, target_.row(static_cast<std::size_t>(first.value)));
  };
  return std::all_of(items_.begin() + static_cast<std::ptrdiff_t>(node.begin),
                     items_.begin() + static_cast<std::ptrdiff_t>(node.end), equal);
}

CodeKind ForestGrower::kind_of(std::size_t column) const {
  const ForestColumn& c = columns_[column];
  return {.codes = c.bins, .has_missing = !c.categorical, .edges = bins_.mappings()[c.column].edges};
}

bool ForestGrower::smaller_gain(const Node& a, const Node& b) {
  return a.gain() != b.gain() ? a.gain() < b.gain() : a.place > b.place;
}

/// A leaf at once, or a node that can be split.
void ForestGrower::open(Node node) {
  node.sums = sums_of(node.begin, node.end);
  if (parameters_.keep_sums) tree_.sums[node.place] = node.sums;
  const bool may_split = node.sums.rows >= std::max(parameters_.min_samples_split, 2 * parameters_.min_samples_leaf) &&
                         (parameters_.max_depth < 0 || node.depth < parameters_.max_depth) && !pure(node);
  if (may_split) search(node);
  if (!node.best.found()) return make_leaf(node);
  open_.push_back(std::move(node));
  if (parameters_.max_leaf_nodes > 0) std::push_heap(open_.begin(), open_.end(), smaller_gain);
}

void ForestGrower::search(Node& node) {
  const std::span<const ForestItem> items(items_.data() + node.begin, node.size());
  std::size_t tried = 0;
  for (std::size_t i = 0; i < order_.size() && (tried < parameters_.tried_columns || !node.best.found()); ++i) {
    std::swap(order_[i], order_[i + static_cast<std::size_t>(random_->below(order_.size() - i))]);
    const std::uint32_t column = order_[i];
    if (((node.constant[column / 64] >> (column % 64)) & 1) != 0) continue;
    const std::span<const std::uint16_t> codes = gather(column, node);
    ForestSplit best = node.best;
    const bool several = parameters_.random_thresholds
                             ? splitter_.find_random(items, codes, node.sums, kind_of(column), random_->uniform(), best)
                             : splitter_.find_best(items, codes, node.sums, kind_of(column), best);
    if (!several) {
      node.constant[column / 64] |= std::uint64_t{1} << (column % 64);
      continue;
    }
    ++tried;
    if (best.score > node.best.score) {
      node.best = best;
      node.best.column = column;
    }
  }
}

/// The node with the largest gain where leaves are counted, else the newest.
ForestGrower::Node ForestGrower::take() {
  if (parameters_.max_leaf_nodes > 0) std::pop_heap(open_.begin(), open_.end(), smaller_gain);
  Node node = std::move(open_.back());
  open_.pop_back();
  return node;
}

bool ForestGrower::goes_left(const ForestSplit& split, std::uint32_t row) const {
  const std::size_t bin = code(split.column, row);
  if (columns_[split.column].categorical) return rank_of_bin_[split.column][bin] <= split.last;
  return bin == 0 ? split.missing_left : bin <= split.last;
}

namespace {

/// Those that go left first; both sides keep their order. Returns how many.
template <class T, class Left>
std::size_t divide(std::span<T> all, T* scratch, const Left& left) {
  std::size_t l = 0, r = 0;
  for (const T& one : all) {
    if (left(one)) all[l++] = one;
    else scratch[r++] = one;
  }
  std::copy(scratch, scratch + r, all.begin() + static_cast<std::ptrdiff_t>(l));
  return l;
}

}  // namespace

void ForestGrower::split(Node node) {
  const std::size_t left = divide(std::span(items_).subspan(node.begin, node.size()), item_scratch_.data(),
                                  [&](const ForestItem& item) { return goes_left(node.best, item.row); });
  const std::size_t out_left =
      divide(std::span(out_).subspan(node.out_begin, node.out_end - node.out_begin), out_scratch_.data(),
             [&](std::uint32_t i) { return goes_left(node.best, rows_[i]); });
  TreeNode inner = inner_node(node.best);
  inner.child = add_place();
  add_place();
  tree_.nodes[node.place] = inner;
  tree_.rows[node.place] = static_cast<std::uint32_t>(node.size());
  const double unit = target_.outputs > 1 ? 1.0 : target_.units[0];  // factors have taken the units out
  const double gain = std::max(0.0, node.gain()) * unit * unit;
  tree_.gains[node.place] = static_cast<float>(std::min(gain, double{std::numeric_limits<float>::max()}));
  Node a{.place = inner.child,
         .begin = node.begin,
         .end = node.begin + left,
         .out_begin = node.out_begin,
         .out_end = node.out_begin + out_left,
         .depth = node.depth + 1,
         .constant = node.constant};
  Node b{.place = inner.child + 1,
         .begin = a.end,
         .end = node.end,
         .out_begin = a.out_end,
         .out_end = node.out_end,
         .depth = node.depth + 1,
         .constant = std::move(node.constant)};
  open(std::move(b));
  open(std::move(a));
}

std::uint32_t ForestGrower::add_place() {
  tree_.nodes.emplace_back();
  tree_.rows.push_back(0);
  tree_.gains.push_back(0);
  if (parameters_.keep_sums) tree_.sums.emplace_back();
  return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
}

TreeNode ForestGrower::inner_node(const ForestSplit& split) {
  TreeNode node;
  const ForestColumn& column = columns_[split.column];
  node.feature = split.column;
  if (column.categorical) {
    node.feature |= TreeNode::category;
    node.threshold = static_cast<double>(tree_.sets.size());
    const auto& ranks = rank_of_bin_[split.column];
    tree_.sets.resize(tree_.sets.size() + (ranks.size() + 63) / 64, 0);
    std::uint64_t* set = tree_.sets.data() + static_cast<std::size_t>(node.threshold);
    for (std::size_t bin = 0; bin < ranks.size(); ++bin)
      if (ranks[bin] <= split.last) set[bin / 64] |= std::uint64_t{1} << (bin % 64);
    return node;
  }
  if (split.missing_left) node.feature |= TreeNode::missing_left;
  const auto& edges = bins_.mappings()[column.column].edges;
  node.threshold = split.last - 1 < edges.size() ? edges[split.last - 1] : std::numeric_limits<double>::infinity();
  return node;
}

void ForestGrower::make_leaf(const Node& node) {
  TreeNode& leaf = tree_.nodes[node.place];
  tree_.rows[node.place] = static_cast<std::uint32_t>(node.size());
  const double weight = node.sums.weight + parameters_.prior_weight, share = node.sums.weight / weight;
  if (target_.vector_leaves()) leaf.threshold = static_cast<double>(tree_.leaf_vectors.size() / target_.width());
  for (std::size_t k = 0; k < target_.classes; ++k)
    tree_.leaf_vectors.push_back(
        static_cast<float>((node.sums.classes[k] + parameters_.prior_weight * target_.prior[k]) / weight));
  for (std::size_t k = 0; k < node.sums.moments.size(); ++k) {
    const double mean = static_cast<double>(node.sums.moments[k]) / node.sums.weight * target_.units[k];
    tree_.leaf_vectors.push_back(
        static_cast<float>(mean * share + (target_.prior[k] - target_.centers[k]) * (1 - share)));
  }
  if (!target_.vector_leaves()) {
    const double mean =
        target_.centers[0] + static_cast<double>(node.sums.moment) / node.sums.weight * target_.units[0];
    leaf.threshold = mean * share + target_.prior[0] * (1 - share);
  }
  for (std::size_t i = node.out_begin; i < node.out_end; ++i) tree_.out_of_bag.emplace_back(out_[i], node.place);
}

}  // namespace automill::tree
