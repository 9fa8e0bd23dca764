#include "learners/tree/symmetric_grower.hpp"

#include "learners/tree/partition.hpp"
#include "learners/tree/sparse_blocks.hpp"

namespace automill::tree {

SymmetricGrower::SymmetricGrower(const SymmetricParameters& parameters) : parameters_(parameters) {}

std::uint64_t SymmetricGrower::estimate_bytes(std::size_t rows, std::size_t histogram_size, std::size_t outputs,
                                              int depth) {
  const std::uint64_t kept = outputs == 1 ? 1 + (std::uint64_t{1} << std::max(0, depth - 1)) : 2;
  return 12 * rows + 8 * histogram_size * (kept + 1);
}

bool SymmetricGrower::grow(const BinnedTable& bins, std::span<const QuantisedGradients> outputs,
                           std::vector<std::uint32_t>& rows, double noise, std::uint64_t seed, std::uint64_t index,
                           const RunContext& context) {
  bins_ = &bins;
  context_ = &context;
  rows_ = &rows;
  noise_ = noise;
  seed_ = seed;
  active_ = draw_columns(bins, parameters_.column_fraction, seed, index);
  start(outputs);
  for (int level = 0; level < parameters_.depth; ++level) {
    const std::size_t before = splits_.size();
    if (!grow_level(level, index)) return false;
    if (splits_.size() == before) break;
  }
  finish();
  return true;
}

void SymmetricGrower::start(std::span<const QuantisedGradients> outputs) {
  constexpr double tiny = 1e-15;  // keeps 0 / 0 out where neither Hessian nor penalty is positive
  outputs_.clear();
  for (const QuantisedGradients& gradients : outputs) {
    const GradientScale& scale = gradients.scale;
    const double unit = scale.gradient_unit * scale.gradient_unit / scale.hessian_unit;
    if (outputs_.empty()) unit_ = unit;
    outputs_.push_back({&gradients, (parameters_.l2 + tiny) / scale.hessian_unit,
                        parameters_.min_hessian / scale.hessian_unit, unit / unit_});
  }
  histograms_.start(*bins_, outputs[0], active_, *context_);
  scores_.resize(bins_->histogram_size());
  scratch_.resize(rows_->size());
  for (Leaf& leaf : leaves_)
    if (!leaf.histogram.empty()) spare_.push_back(std::move(leaf.histogram));
  if (!spare_.empty() && spare_.front().size() != histograms_.size()) spare_.clear();
  leaves_.assign(1, Leaf{});
  leaves_[0].end = rows_->size();
  leaves_[0].sums = sums_of(*rows_);
  level_rows_.clear();
  splits_.clear();
}

/// Of each output. The histograms that come next are those of the last one.
std::vector<PackedSum> SymmetricGrower::sums_of(std::span<const std::uint32_t> rows) {
  std::vector<PackedSum> sums;
  for (const Output& output : outputs_) {
    if (!one_output()) histograms_.start(*bins_, *output.gradients, active_, *context_);
    sums.push_back(histograms_.sum(rows));
  }
  return sums;
}

/// One more level, unless no split gains. False: stopped.
bool SymmetricGrower::grow_level(int level, std::uint64_t index) {
  if (context_->stop.stop_requested()) return false;
  if (level == 0 && one_output()) {
    leaves_[0].histogram = spare_histogram();
    if (!histograms_.build(*rows_, leaves_[0].histogram.data())) return false;
  }
  if (!score_level()) return false;
  const double before = whole_score();
  const auto gain_of = [&](const Candidate& candidate) { return (candidate.score - before) * unit_; };
  Candidate best = find_best(level, index, noise_);
  if (!(gain_of(best) > parameters_.min_gain) && noise_ > 0) best = find_best(level, index, 0);
  const double gain = gain_of(best);
  if (!(gain > parameters_.min_gain)) return true;
  const Split split = split_of(best, gain / static_cast<double>(leaves_.size()));
  level_rows_.emplace_back();
  for (const Leaf& leaf : leaves_) level_rows_.back().push_back(static_cast<double>(leaf.size()));
  splits_.push_back(split);
  return divide(split, best, level + 1 == parameters_.depth);
}

bool SymmetricGrower::may_split(const Leaf& leaf) const {
  return static_cast<double>(leaf.size()) >= 2 * std::max(1.0, parameters_.min_rows);
}

double SymmetricGrower::whole_score(const Leaf& leaf, std::size_t output) const {
  const Moments total = outputs_[output].moments(leaf.sums[output]);
  return total.gradient * total.gradient / (total.hessian + outputs_[output].l2);
}

double SymmetricGrower::whole_score() const {
  double score = 0;
  for (std::size_t k = 0; k < outputs_.size(); ++k)
    for (const Leaf& leaf : leaves_) score += outputs_[k].unit * whole_score(leaf, k);
  return score;
}

/// A node with its whole histogram. Rows of a side are counted by their share of the node's Hessian, as in SplitFinder.
LevelInput SymmetricGrower::level_input(const Leaf& leaf, std::size_t output, const std::int64_t* histogram) const {
  const Moments total = outputs_[output].moments(leaf.sums[output]);
  const HistogramView view = histograms_.view(histogram);
  LevelInput input{.fields = outputs_[output].gradients->scale.fields,
                   .histogram = view.first,
                   .second = view.second,
                   .gradient = total.gradient,
                   .hessian = total.hessian,
                   .l2 = outputs_[output].l2};
  const double per_row = leaf.size() > 0 ? total.hessian / static_cast<double>(leaf.size()) : 0;
  input.lowest = std::max({0.0, outputs_[output].min_hessian, (parameters_.min_rows - 0.5) * per_row});
  input.highest = total.hessian - input.lowest;
  return input;
}

bool SymmetricGrower::usable(const BinnedTable::Group& group, std::size_t lane) const {
  if (!group.categorical) return true;
  return bins_->mappings()[group.columns[lane]].bins <= static_cast<std::size_t>(parameters_.max_cat_to_onehot) + 1;
}

void SymmetricGrower::add_split(const LevelInput& node, const Moments& left, double& score) const {
  if (!(left.hessian >= node.lowest && left.hessian <= node.highest)) {
    score += node.gradient * node.gradient / (node.hessian + node.l2);
    return;
  }
  const double right = node.gradient - left.gradient;
  score += left.gradient * left.gradient / (left.hessian + node.l2) +
           right * right / (node.hessian - left.hessian + node.l2);
}

void SymmetricGrower::add_wide_numbers(const LevelInput& node, const BinnedTable::Group& group, double* scores) const {
  const HistogramView view{node.histogram, node.second};
  PackedSum left;
  for (std::size_t bin = 0; bin + 1 < group.bins; ++bin) {
    left = left + view.at(group.entry(bin, 0));
    add_split(node, GradientScale{.fields = node.fields}.moments(left), scores[bin]);
  }
}

/// scores_ of all thresholds: sums over all leaves and outputs, in the first output's units. False: stopped.
bool SymmetricGrower::score_level() {
  if (!score_output(0, scores_)) return false;
  for (std::size_t k = 1; k < outputs_.size(); ++k) {
    own_scores_.resize(scores_.size());
    if (!score_output(k, own_scores_)) return false;
    for (std::size_t i = 0; i < scores_.size(); ++i) scores_[i] += outputs_[k].unit * own_scores_[i];
  }
  return true;
}

bool SymmetricGrower::score_output(std::size_t output, std::vector<double>& scores) {
  double whole = 0;  // of the leaves that no threshold splits
  for (const Leaf& leaf : leaves_)
    if (!may_split(leaf)) whole += whole_score(leaf, output);
  std::fill(scores.begin(), scores.end(), whole);
  std::vector<LevelInput> nodes;
  std::vector<PackedSum> totals;
  const auto score = [&] {
    score_nodes(nodes, scores);
    for (std::size_t i = 0; i < nodes.size() && !active_.sparse.empty(); ++i) score_sparse(nodes[i], totals[i], scores);
  };
  if (!one_output()) {
    histograms_.start(*bins_, *outputs_[output].gradients, active_, *context_);
    shared_.resize(histograms_.size());
  }
  for (const Leaf& leaf : leaves_) {
    if (!may_split(leaf)) continue;
    if (one_output()) {
      nodes.push_back(level_input(leaf, output, leaf.histogram.data()));
      totals.push_back(leaf.sums[output]);
      continue;
    }
    if (context_->stop.stop_requested()) return false;
    if (!histograms_.build(std::span(*rows_).subspan(leaf.begin, leaf.size()), shared_.data())) return false;
    nodes.assign(1, level_input(leaf, output, shared_.data()));
    totals.assign(1, leaf.sums[output]);
    score();
  }
  if (one_output()) score();
  return true;
}

void SymmetricGrower::score_nodes(std::span<const LevelInput> nodes, std::vector<double>& scores) const {
  std::size_t entries = 0;
  for (const ActiveGroup& active : active_.groups) entries += bins_->groups()[active.group].entries;
  constexpr std::size_t worth_threads = std::size_t{1} << 15;  // entries of all nodes: about 20 us
  const Executor& inline_one = InlineExecutor::instance();
  const Executor& executor = entries * nodes.size() >= worth_threads ? context_->executor() : inline_one;
  executor.run(active_.groups.size(), [&](std::size_t i) {
    for (const LevelInput& node : nodes) score_group(active_.groups[i], node, scores);
  });
}

/// `total`: the node's sum.
void SymmetricGrower::score_sparse(LevelInput node, PackedSum total, std::vector<double>& scores) {
  const SparseColumns& sparse = bins_->sparse();
  const HistogramView entries = HistogramView{node.histogram, node.second}.from(bins_->sparse_offset());
  for (std::size_t first = 0; first < active_.sparse.size(); first += lanes_per_block) {
    const auto lanes = std::span(active_.sparse).subspan(first);
    const auto some = lanes.first(std::min<std::size_t>(lanes.size(), lanes_per_block));
    write_out(sparse, some, entries.first, total.first, block_);
    if (node.second != nullptr) write_out(sparse, some, entries.second, total.second, second_block_);
    node.histogram = block_.data();
    if (node.second != nullptr) node.second = second_block_.data();
    node.bins = static_cast<int>(most_bins(sparse, some));
    block_scores_.assign(block_.size(), 0.0);
    kernels().add_level(node, block_scores_.data());
    for (std::size_t k = 0; k < some.size(); ++k) {
      double* to = scores.data() + bins_->sparse_offset() + sparse.first_entry(some[k]);
      for (std::size_t bin = 0; bin + 1 < sparse.bins(some[k]); ++bin)
        to[bin] += block_scores_[bin * lanes_per_block + k];
    }
  }
}

void SymmetricGrower::score_group(const ActiveGroup& active, const LevelInput& node,
                                  std::vector<double>& scores) const {
  const auto& group = bins_->groups()[active.group];
  const auto from = [&](std::size_t entry, std::size_t bins) {
    LevelInput input = node;
    input.histogram += entry;
    if (input.second != nullptr) input.second += entry;
    input.bins = static_cast<int>(bins);
    return input;
  };
  if (group.categorical) {
    for (std::uint8_t lane : active.lanes) {
      const std::size_t first = group.entry(0, lane);
      if (usable(group, lane))
        kernels().add_level_bins(from(first, bins_->mappings()[group.columns[lane]].bins), scores.data() + first);
    }
  } else if (group.wide) {
    add_wide_numbers(node, group, scores.data() + group.offset);
  } else {
    kernels().add_level(from(group.offset, group.bins), scores.data() + group.offset);
  }
}

SymmetricGrower::Candidate SymmetricGrower::find_best(int level, std::uint64_t index, double noise) const {
  Candidate best;
  const std::uint64_t key = combine_hashes(combine_hashes(seed_, purpose("noise of splits")),
                                           combine_hashes(index, static_cast<std::uint64_t>(level)));
  for (const ActiveGroup& active : active_.groups) find_in_group(active, key, noise, best);
  for (std::size_t first = 0; first < active_.sparse.size(); first += lanes_per_block) {
    const auto lanes = std::span(active_.sparse).subspan(first);
    find_in_sparse(lanes.first(std::min<std::size_t>(lanes.size(), lanes_per_block)), key, noise, best);
  }
  return best;
}

namespace {

/// Seeds and ends of the columns of a block of eight.
void set_lanes(LevelChoice& choice, const BinnedTable& bins, std::span<const std::uint32_t> columns,
               std::uint64_t key) {
  for (std::size_t k = 0; k < columns.size(); ++k) {
    choice.seeds[k] = combine_hashes(key, columns[k]) | 1;
    choice.ends[k] = static_cast<double>(bins.mappings()[columns[k]].bins - 1);
  }
}

}  // namespace

double SymmetricGrower::noisy(double score, double noise, RandomStream& random) const {
  return std::sqrt(score * unit_) + (noise > 0 ? noise * random.normal() : 0.0);
}

/// Takes a column's threshold where it is better than those of others.
void SymmetricGrower::offer(Candidate candidate, std::uint64_t key, double noise, Candidate& best) const {
  RandomStream random(combine_hashes(key, candidate.column), purpose("noise of columns"));
  candidate.noisy = noisy(candidate.score, noise, random);
  const bool first_of_equal = candidate.noisy == best.noisy && best.score >= 0 && candidate.column < best.column;
  if (best.score < 0 || candidate.noisy > best.noisy || first_of_equal) best = candidate;
}

void SymmetricGrower::find_in_group(const ActiveGroup& active, std::uint64_t key, double noise, Candidate& best) const {
  const auto& group = bins_->groups()[active.group];
  const bool by_kernel = !group.categorical && !group.wide;
  double chosen[lanes_per_block];
  if (by_kernel) {
    LevelChoice choice{
        .scores = scores_.data() + group.offset, .bins = static_cast<int>(group.bins), .unit = unit_, .noise = noise};
    set_lanes(choice, *bins_, group.columns, key);
    kernels().choose(choice, chosen);
  }
  for (std::uint8_t lane : active.lanes) {
    if (!usable(group, lane)) continue;
    const std::size_t bins = bins_->mappings()[group.columns[lane]].bins, end = group.categorical ? bins : bins - 1;
    const auto score_of = [&](std::size_t bin) { return scores_[group.entry(bin, lane)]; };
    std::size_t own = 0;
    if (by_kernel) {
      own = static_cast<std::size_t>(chosen[lane]);
    } else {
      RandomStream random(combine_hashes(key, group.columns[lane]), purpose("noise of thresholds"));
      double top = -std::numeric_limits<double>::infinity();
      for (std::size_t bin = 0; bin < end; ++bin) {
        const double value = noisy(score_of(bin), noise, random);
        if (value > top) own = bin;
        top = std::max(top, value);
      }
    }
    offer({.score = score_of(own),
           .group = static_cast<std::uint32_t>(active.group),
           .lane = lane,
           .column = group.columns[lane],
           .bin = static_cast<std::uint32_t>(own)},
          key, noise, best);
  }
}

/// `lanes`: up to eight.
void SymmetricGrower::find_in_sparse(std::span<const std::uint32_t> lanes, std::uint64_t key, double noise,
                                     Candidate& best) const {
  const SparseColumns& sparse = bins_->sparse();
  const std::size_t bins = most_bins(sparse, lanes);
  std::vector<double> block(bins * lanes_per_block, 0.0);
  std::vector<std::uint32_t> columns;
  const auto score_of = [&](std::uint32_t lane, std::size_t bin) {
    return scores_[bins_->sparse_offset() + sparse.first_entry(lane) + bin];
  };
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    columns.push_back(sparse.columns()[lanes[k]]);
    for (std::size_t bin = 0; bin + 1 < sparse.bins(lanes[k]); ++bin)
      block[bin * lanes_per_block + k] = score_of(lanes[k], bin);
  }
  LevelChoice choice{.scores = block.data(), .bins = static_cast<int>(bins), .unit = unit_, .noise = noise};
  set_lanes(choice, *bins_, columns, key);
  double chosen[lanes_per_block];
  kernels().choose(choice, chosen);
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    const auto own = static_cast<std::size_t>(chosen[k]);
    offer({.score = score_of(lanes[k], own),
           .group = BinnedTable::sparse_group,
           .lane = lanes[k],
           .column = columns[k],
           .bin = static_cast<std::uint32_t>(own)},
          key, noise, best);
  }
}

Split SymmetricGrower::split_of(const Candidate& best, double gain) const {
  Split split{.gain = gain, .group = best.group, .lane = best.lane, .column = best.column};
  const BinMapping& mapping = bins_->mappings()[split.column];
  if (mapping.categorical) {
    split.categorical = true;
    split.left_bins.assign((mapping.bins + 63) / 64, 0);
    split.left_bins[best.bin / 64] |= std::uint64_t{1} << (best.bin % 64);
  } else if (best.bin == 0) {  // missing values alone: they go right, all numbers left
    split.bin = static_cast<std::uint32_t>(mapping.bins - 1);
  } else {
    split.bin = best.bin;
    split.missing_left = true;
  }
  return split;
}

PackedSum SymmetricGrower::sum_of_bin(const Leaf& leaf, const Candidate& column, std::size_t bin) const {
  const HistogramView view = histograms_.view(leaf.histogram.data());
  if (column.group != BinnedTable::sparse_group) {
    const auto& group = bins_->groups()[column.group];
    return view.at(group.entry(bin, column.lane));
  }
  const SparseColumns& sparse = bins_->sparse();
  const HistogramView entries = view.from(bins_->sparse_offset());
  if (bin != sparse.usual(column.lane)) return entries.at(sparse.entry(column.lane, bin));
  PackedSum others;
  for (std::size_t b = 0; b < sparse.bins(column.lane); ++b)
    if (b != bin) others = others + entries.at(sparse.entry(column.lane, b));
  return leaf.sums[0] - others;
}

std::vector<PackedSum> SymmetricGrower::left_sums(const Leaf& leaf, std::size_t left, const Candidate& best) {
  if (!one_output() || !may_split(leaf)) return sums_of(std::span(*rows_).subspan(leaf.begin, left));
  if (bins_->mappings()[best.column].categorical) return {sum_of_bin(leaf, best, best.bin)};
  PackedSum sum;
  for (std::size_t bin = 0; bin <= best.bin; ++bin) sum = sum + sum_of_bin(leaf, best, bin);
  return {best.bin == 0 ? leaf.sums[0] - sum : sum};
}

/// Leaf i becomes leaves 2 i and 2 i + 1. The larger child takes the histogram over. False: stopped.
bool SymmetricGrower::divide(const Split& split, const Candidate& best, bool last) {
  std::vector<Leaf> children(2 * leaves_.size());
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    Leaf& parent = leaves_[i];
    const std::size_t left =
        partition_side_by_side(*bins_, split, rows_->data() + parent.begin, scratch_.data(), parent.size(), *context_);
    Leaf& a = children[2 * i];
    Leaf& b = children[2 * i + 1];
    a.begin = parent.begin;
    a.end = b.begin = parent.begin + left;
    b.end = parent.end;
    a.sums = left_sums(parent, left, best);
    for (std::size_t k = 0; k < a.sums.size(); ++k) b.sums.push_back(parent.sums[k] - a.sums[k]);
    if (one_output() && !pass_on(parent.histogram, a.size() <= b.size() ? a : b, a.size() <= b.size() ? b : a, last)) {
      leaves_ = std::move(children);
      return false;
    }
  }
  leaves_ = std::move(children);
  return true;
}

std::vector<std::int64_t> SymmetricGrower::spare_histogram() {
  std::vector<std::int64_t> histogram;
  if (!spare_.empty()) {
    histogram = std::move(spare_.back());
    spare_.pop_back();
  }
  histogram.resize(histograms_.size());
  return histogram;
}

/// A parent's histogram becomes the larger child's; children that stay whole need none. False: stopped.
bool SymmetricGrower::pass_on(std::vector<std::int64_t>& histogram, Leaf& small, Leaf& large, bool last) {
  if (last || !may_split(large)) {
    if (!histogram.empty()) spare_.push_back(std::move(histogram));
    return true;
  }
  const auto rows = std::span(*rows_).subspan(small.begin, small.size());
  large.histogram = std::move(histogram);
  if (!may_split(small)) {
    return histograms_.take_out(rows, large.histogram.data());
  }
  small.histogram = spare_histogram();
  if (!histograms_.build(rows, small.histogram.data())) return false;
  histograms_.subtract(large.histogram.data(), small.histogram.data());
  return true;
}

/// Level by level: node i of a level has the children 2 i and 2 i + 1 of the next.
void SymmetricGrower::finish() {
  tree_ = GrownTree{};
  const std::size_t levels = splits_.size();
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t count = std::size_t{1} << level, next = 2 * count - 1;
    for (std::size_t i = 0; i < count; ++i) {
      const auto left = static_cast<std::int32_t>(level + 1 < levels ? next + 2 * i : 2 * i);
      const std::int32_t right = left + 1;
      tree_.nodes.push_back({splits_[level], level + 1 < levels ? left : ~left, level + 1 < levels ? right : ~right,
                             level_rows_[level][i]});
    }
  }
  for (const Leaf& leaf : leaves_) {
    GrownTree::Leaf grown{.rows = static_cast<double>(leaf.size())};
    if (one_output() && leaf.size() > 0) {
      const GradientScale& scale = outputs_[0].gradients->scale;
      const Moments total = outputs_[0].moments(leaf.sums[0]);
      grown.value = -total.gradient / (total.hessian + outputs_[0].l2) * (scale.gradient_unit / scale.hessian_unit);
    }
    tree_.leaves.push_back(grown);
  }
}

}  // namespace automill::tree
