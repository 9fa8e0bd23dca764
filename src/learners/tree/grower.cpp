#include <automill/learners/tree/grower.hpp>
#include <cstring>

namespace automill::tree {

namespace {

constexpr std::size_t rows_between_stops = std::size_t{1} << 17;  // about half a millisecond of one group
constexpr std::size_t work_between_stops = std::size_t{1} << 16;  // the same in rows times groups
constexpr std::size_t parallel_work = std::size_t{1} << 18;  // row-groups below which threads cost more than they give

std::array<std::uint8_t, 256> side_table(const Split& split) {
  std::array<std::uint8_t, 256> goes_left{};
  const std::size_t codes = split.categorical ? std::min<std::size_t>(256, split.left_bins.size() * 64) : 256;
  for (std::size_t code = 0; code < codes; ++code) goes_left[code] = split.goes_left(code) ? 1 : 0;
  return goes_left;
}

std::vector<std::uint8_t> wide_side_table(const Split& split, std::size_t bins) {
  std::vector<std::uint8_t> goes_left(bins);
  for (std::size_t code = 0; code < bins; ++code) goes_left[code] = split.goes_left(code) ? 1 : 0;
  return goes_left;
}

/// Reorders rows: those that go left first. Returns how many.
std::size_t partition(const BinnedTable& bins, const Split& split, std::uint32_t* rows, std::uint32_t* scratch,
                      std::size_t size) {
  const BinnedTable::Group& group = bins.groups()[split.group];
  if (group.wide)
    return kernels().partition_wide(bins.wide_codes(group), wide_side_table(split, group.bins).data(), rows, scratch,
                                    size);
  return kernels().partition(bins.words(group), static_cast<int>(split.lane), side_table(split).data(), rows, scratch,
                             size);
}

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

void TreeGrower::choose_columns(std::uint64_t seed, std::uint64_t index) {
  std::vector<std::uint32_t> columns;
  for (const auto& group : bins_->groups()) columns.insert(columns.end(), group.columns.begin(), group.columns.end());
  std::vector<bool> chosen(bins_->mappings().size(), true);
  const auto count = static_cast<double>(columns.size());
  const auto wanted = static_cast<std::size_t>(std::max(1.0, std::round(parameters_.column_fraction * count)));
  if (wanted < columns.size()) {
    std::sort(columns.begin(), columns.end());
    RandomStream random(seed, purpose("columns of a tree"), index);
    random.shuffle(columns);
    for (std::size_t i = wanted; i < columns.size(); ++i) chosen[columns[i]] = false;
  }
  active_.clear();
  for (std::size_t g = 0; g < bins_->groups().size(); ++g) {
    ActiveGroup active{g, {}};
    const auto& group = bins_->groups()[g];
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
      if (chosen[group.columns[lane]]) active.lanes.push_back(static_cast<std::uint8_t>(lane));
    if (!active.lanes.empty()) active_.push_back(std::move(active));
  }
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
  choose_columns(seed, index);

  Leaf& root = leaves_[0];
  root.end = rows.size();
  root.totals = {sum_of_rows(), static_cast<double>(rows.size())};
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
  std::size_t best = 0;
  for (std::size_t i = 1; i < leaves_.size(); ++i)
    if (leaves_[i].best.gain > leaves_[best].best.gain) best = i;
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
  const auto key = combine_hashes(index_, combine_hashes(static_cast<std::uint64_t>(leaf.parent + 1), leaf.is_left));
  for (const ActiveGroup& active : active_) {
    RandomBins random{};
    const auto& columns = bins_->groups()[active.group].columns;
    std::vector<std::uint8_t> lanes;
    if (!leaf.given_up.empty()) {
      for (std::uint8_t lane : active.lanes)
        if (std::find(leaf.given_up.begin(), leaf.given_up.end(), columns[lane]) == leaf.given_up.end())
          lanes.push_back(lane);
    }
    if (parameters_.extra_trees) {
      for (std::uint8_t lane : active.lanes)
        random.values[lane] =
            RandomStream(seed_, purpose("random threshold"), combine_hashes(key, columns[lane])).uniform();
    }
    finder_->find(active.group, leaf.given_up.empty() ? active.lanes : lanes, histogram, leaf.totals,
                  parameters_.extra_trees ? random.values : nullptr, leaf.best);
  }
}

void TreeGrower::finish_leaves() {
  for (const Leaf& leaf : leaves_)
    tree_.leaves.push_back({finder_->leaf_value(leaf.totals, leaf.extra_l2), leaf.totals.rows});
}

namespace {

void route_node(const GrownTree& tree, const BinnedTable& bins, std::int32_t node, std::span<std::uint32_t> rows,
                std::uint32_t* scratch, const std::function<void(std::size_t, std::span<const std::uint32_t>)>& visit) {
  if (rows.empty()) return;
  if (node < 0) return visit(static_cast<std::size_t>(~node), rows);
  const auto& at = tree.nodes[static_cast<std::size_t>(node)];
  const std::size_t left = partition(bins, at.split, rows.data(), scratch, rows.size());
  route_node(tree, bins, at.left, rows.first(left), scratch, visit);
  route_node(tree, bins, at.right, rows.subspan(left), scratch, visit);
}

}  // namespace

void route(const GrownTree& tree, const BinnedTable& bins, std::vector<std::uint32_t>& rows,
           std::vector<std::uint32_t>& scratch,
           const std::function<void(std::size_t leaf, std::span<const std::uint32_t> rows)>& visit) {
  scratch.resize(std::max(scratch.size(), rows.size()));
  route_node(tree, bins, tree.nodes.empty() ? ~0 : 0, rows, scratch.data(), visit);
}

TreeArrays empty_arrays(const BinnedTable& bins) {
  TreeArrays arrays;
  for (std::uint32_t c = 0; c < bins.mappings().size(); ++c) {
    const BinMapping& mapping = bins.mappings()[c];
    if (mapping.constant()) continue;
    arrays.columns.push_back(c);
    CategoryTable table;
    if (mapping.categorical)
      table = {mapping.bin_of_code, mapping.missing_bin, static_cast<std::uint32_t>(mapping.bins)};
    arrays.categories.push_back(std::move(table));
  }
  return arrays;
}

namespace {

/// Threshold, feature and set of an inner node.
TreeNode raw_node(const Split& split, const BinnedTable& bins, TreeArrays& arrays) {
  const BinMapping& mapping = bins.mappings()[split.column];
  const auto place = std::lower_bound(arrays.columns.begin(), arrays.columns.end(), split.column);
  TreeNode node;
  node.feature = static_cast<std::uint32_t>(place - arrays.columns.begin());
  if (split.categorical) {
    node.feature |= TreeNode::category;
    node.threshold = static_cast<double>(arrays.sets.size());
    arrays.sets.insert(arrays.sets.end(), split.left_bins.begin(), split.left_bins.end());
  } else {
    if (split.missing_left) node.feature |= TreeNode::missing_left;
    node.threshold =
        split.bin - 1 < mapping.edges.size() ? mapping.edges[split.bin - 1] : std::numeric_limits<double>::infinity();
  }
  return node;
}

}  // namespace

void append_tree(const GrownTree& tree, const BinnedTable& bins, TreeArrays& arrays) {
  struct Pending {
    std::int32_t node;
    std::uint32_t place;
  };
  const auto add_place = [&] {
    arrays.nodes.emplace_back();
    arrays.rows.push_back(0);
    arrays.gains.push_back(0);
    return static_cast<std::uint32_t>(arrays.nodes.size() - 1);
  };
  arrays.roots.push_back(static_cast<std::uint32_t>(arrays.nodes.size()));
  std::vector<Pending> pending{{tree.nodes.empty() ? ~0 : 0, add_place()}};
  for (std::size_t i = 0; i < pending.size(); ++i) {  // breadth first: children after their node
    const auto [node, place] = pending[i];
    if (node < 0) {
      const auto& leaf = tree.leaves[static_cast<std::size_t>(~node)];
      arrays.nodes[place].threshold = leaf.value;
      arrays.rows[place] = static_cast<std::uint32_t>(leaf.rows);
      continue;
    }
    const auto& at = tree.nodes[static_cast<std::size_t>(node)];
    TreeNode raw = raw_node(at.split, bins, arrays);
    raw.child = add_place();
    pending.push_back({at.left, raw.child});
    pending.push_back({at.right, add_place()});
    arrays.nodes[place] = raw;
    arrays.rows[place] = static_cast<std::uint32_t>(at.rows);
    arrays.gains[place] = static_cast<float>(std::min(at.split.gain, double{std::numeric_limits<float>::max()}));
  }
}

}  // namespace automill::tree
