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
  constant_.assign(slot_words(), 0);
  unused_slots_.clear();
  open({.place = add_place(), .end = items_.size(), .out_end = out_.size()}, 0);
  std::int64_t leaves = 1;
  std::size_t work = 0;
  while (!open_.empty()) {
    const Node node = take();
    work += node.size() * parameters_.tried_columns;
    if (work >= items_between_stops) {
      if (stop.stop_requested()) return std::nullopt;
      work = 0;
    }
    if (parameters_.max_leaf_nodes > 0 && leaves >= parameters_.max_leaf_nodes) {
      make_leaf(node);
      continue;
    }
    split(node);
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
  tree_.out_of_bag.reserve(out_.size());
}

/// Calls `visit` with a function from a row to its code, so that loops over rows do not ask where the codes lie.
template <class Visit>
auto ForestGrower::with_codes(std::size_t column, const Visit& visit) const {
  const ForestColumn& c = columns_[column];
  if (c.group == BinnedTable::sparse_group)
    return visit([&sparse = bins_.sparse(), lane = c.lane](std::uint32_t row) { return sparse.bin(lane, row); });
  const auto& group = bins_.groups()[c.group];
  if (group.wide) return visit([all = bins_.wide_codes(group)](std::uint32_t row) { return std::size_t{all[row]}; });
  return visit([all = bins_.words(group), shift = 8 * c.lane](std::uint32_t row) {
    return static_cast<std::size_t>((all[row] >> shift) & 255);
  });
}

/// The same with the ranks of categories.
template <class Visit>
auto ForestGrower::with_ranks(std::size_t column, const Visit& visit) const {
  return with_codes(column, [&](const auto& code) {
    if (!columns_[column].categorical) return visit(code);
    return visit(
        [&code, ranks = rank_of_bin_[column].data()](std::uint32_t row) { return std::size_t{ranks[code(row)]}; });
  });
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
    with_codes(c, [&](const auto& code) {
      for (const ForestItem& item : items_) {
        const std::size_t bin = code(item.row);
        const std::int64_t value = value_of(item);
        weights[bin] += item.weight;
        moments[bin] += item.weight * value;
        moment += item.weight * value;
        weight += item.weight;
      }
    });
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
  const ForestItem* items = items_.data() + node.begin;
  std::uint16_t* codes = codes_.data();
  with_ranks(column, [&](const auto& rank) {
    for (std::size_t i = 0; i < node.size(); ++i) codes[i] = static_cast<std::uint16_t>(rank(items[i].row));
  });
  return {codes, node.size()};
}

/// Of the node's items, and whether all have the same target.
void ForestGrower::add_up(Node& node) const {
  const std::span<const ForestItem> items(items_.data() + node.begin, node.size());
  ForestSums& sums = node.sums;
  sums.rows = static_cast<double>(items.size());
  sums.classes.assign(target_.classes, 0.0);
  if (target_.outputs > 1) sums.moments.assign(target_.outputs, 0);
  std::int64_t weight = 0, different = 0;
  for (const ForestItem& item : items) {
    weight += item.weight;
    different |= item.value ^ items[0].value;
    if (target_.classes > 0) sums.classes[static_cast<std::size_t>(item.value)] += item.weight;
    else if (target_.outputs == 1) sums.moment += item.weight * item.value;
    for (std::size_t k = 0; k < sums.moments.size(); ++k)
      sums.moments[k] += item.weight * target_.row(static_cast<std::size_t>(item.value))[k];
  }
  sums.weight = static_cast<double>(weight);
  for (double share : sums.classes) sums.squares += share * share;
  node.pure = target_.outputs > 1 ? equal_outputs(items) : different == 0;
  if (target_.outputs > 1) sums.squares = target_.squares(sums.moments);
}

bool ForestGrower::equal_outputs(std::span<const ForestItem> items) const {
  const std::int64_t* first = target_.row(static_cast<std::size_t>(items[0].value));
  return std::all_of(items.begin(), items.end(), [&](const ForestItem& item) {
    return std::equal(first, first + target_.outputs, target_.row(static_cast<std::size_t>(item.value)));
  });
}

CodeKind ForestGrower::kind_of(std::size_t column) const {
  const ForestColumn& c = columns_[column];
  return {.codes = c.bins, .has_missing = !c.categorical, .edges = bins_.mappings()[c.column].edges};
}

bool ForestGrower::smaller_gain(const Node& a, const Node& b) {
  return a.gain() != b.gain() ? a.gain() < b.gain() : a.place > b.place;
}

/// A leaf at once, or a node that can be split. `slot`: of its parent's constant columns.
void ForestGrower::open(Node node, std::uint32_t slot) {
  add_up(node);
  if (parameters_.keep_sums) tree_.sums[node.place] = node.sums;
  const bool may_split = node.sums.rows >= std::max(parameters_.min_samples_split, 2 * parameters_.min_samples_leaf) &&
                         (parameters_.max_depth < 0 || node.depth < parameters_.max_depth) && !node.pure;
  if (!may_split) return make_leaf(node);
  node.slot = copy_slot(slot);
  search(node);
  if (!node.best.found()) {
    unused_slots_.push_back(node.slot);
    return make_leaf(node);
  }
  open_.push_back(std::move(node));
  if (parameters_.max_leaf_nodes > 0) std::push_heap(open_.begin(), open_.end(), smaller_gain);
}

std::uint32_t ForestGrower::copy_slot(std::uint32_t from) {
  const std::size_t words = slot_words();
  if (unused_slots_.empty()) {
    unused_slots_.push_back(static_cast<std::uint32_t>(constant_.size() / words));
    constant_.resize(constant_.size() + words);
  }
  const std::uint32_t slot = unused_slots_.back();
  unused_slots_.pop_back();
  std::copy_n(constant_.data() + from * words, words, constant_.data() + slot * words);
  return slot;
}

/// No other column can be better: both sides are pure.
bool ForestGrower::perfect(const Node& node) const {
  if (!node.best.found()) return false;
  if (node.sums.rows == 2) return true;
  if (target_.classes > 0) return node.best.score >= node.sums.weight;
  return target_.two_classes && node.best.score >= static_cast<double>(node.sums.moment);
}

void ForestGrower::search(Node& node) {
  const std::span<const ForestItem> items(items_.data() + node.begin, node.size());
  std::uint64_t* constant = constant_.data() + node.slot * slot_words();
  std::size_t tried = 0;
  for (std::size_t i = 0; i < order_.size() && (tried < parameters_.tried_columns || !node.best.found()); ++i) {
    std::swap(order_[i], order_[i + static_cast<std::size_t>(random_->below(order_.size() - i))]);
    const std::uint32_t column = order_[i];
    if (((constant[column / 64] >> (column % 64)) & 1) != 0) continue;
    const std::span<const std::uint16_t> codes = gather(column, node);
    const double before = node.best.score;
    const CodeKind kind = kind_of(column);
    const bool several = parameters_.random_thresholds
                             ? splitter_.find_random(items, codes, node.sums, kind, random_->uniform(), node.best)
                             : splitter_.find_best(items, codes, node.sums, kind, node.best);
    if (!several) {
      constant[column / 64] |= std::uint64_t{1} << (column % 64);
      continue;
    }
    ++tried;
    if (!(node.best.score > before)) continue;
    node.best.column = column;
    if (perfect(node)) return;
  }
}

/// The node with the largest gain where leaves are counted, else the newest.
ForestGrower::Node ForestGrower::take() {
  if (parameters_.max_leaf_nodes > 0) std::pop_heap(open_.begin(), open_.end(), smaller_gain);
  Node node = std::move(open_.back());
  open_.pop_back();
  return node;
}

namespace {

/// Those that go left first; both sides keep their order. Returns how many. Without branches: sides cannot be guessed.
template <class T, class Left>
std::size_t divide(std::span<T> all, T* scratch, const Left& left) {
  std::size_t l = 0, r = 0;
  for (const T one : all) {
    const std::size_t goes_left = left(one) ? 1 : 0;
    all[l] = one;
    scratch[r] = one;
    l += goes_left;
    r += 1 - goes_left;
  }
  std::copy(scratch, scratch + r, all.begin() + static_cast<std::ptrdiff_t>(l));
  return l;
}

}  // namespace

void ForestGrower::split(const Node& node) {
  const CodeSides sides(!columns_[node.best.column].categorical, node.best);
  std::size_t left = 0, out_left = 0;
  with_ranks(node.best.column, [&](const auto& rank) {
    left = divide(std::span(items_).subspan(node.begin, node.size()), item_scratch_.data(),
                  [&](const ForestItem& item) { return sides.left(rank(item.row)); });
    out_left = divide(std::span(out_).subspan(node.out_begin, node.out_end - node.out_begin), out_scratch_.data(),
                      [&](std::uint32_t i) { return sides.left(rank(rows_[i])); });
  });
  TreeNode inner = inner_node(node.best);
  inner.child = add_place();
  add_place();
  tree_.nodes[node.place] = inner;
  tree_.rows[node.place] = static_cast<std::uint32_t>(node.size());
  const double unit = target_.outputs > 1 ? 1.0 : target_.units[0];  // factors have taken the units out
  const double gain = std::max(0.0, node.gain()) * unit * unit;
  tree_.gains[node.place] = static_cast<float>(std::min(gain, double{std::numeric_limits<float>::max()}));
  const std::size_t middle = node.begin + left, out_middle = node.out_begin + out_left;
  open({.place = inner.child + 1,
        .begin = middle,
        .end = node.end,
        .out_begin = out_middle,
        .out_end = node.out_end,
        .depth = node.depth + 1},
       node.slot);
  open({.place = inner.child,
        .begin = node.begin,
        .end = middle,
        .out_begin = node.out_begin,
        .out_end = out_middle,
        .depth = node.depth + 1},
       node.slot);
  unused_slots_.push_back(node.slot);
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
      set[bin / 64] |= std::uint64_t{ranks[bin] <= split.last ? 1U : 0U} << (bin % 64);
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
