#include "learners/decision_tree_run.hpp"

#include <automill/learners/tree/grower.hpp>

#include "learners/tree/tree_pruning.hpp"

namespace automill {

using namespace tree;

namespace {

constexpr std::int32_t tree_folds = 5, no_fold = -1;
constexpr std::size_t most_strengths = 200;  // that are tried

/// Training sums of a node or what is held out of them.
void add_sums(ForestSums& to, const ForestSums& from) {
  to.weight += from.weight;
  to.moment += from.moment;
  for (std::size_t k = 0; k < from.classes.size(); ++k) to.classes[k] += from.classes[k];
}

}  // namespace

DecisionTreeRun::DecisionTreeRun(const DecisionTreeParameters& parameters, const FitInput& input,
                                 const RunContext& context)
    : parameters_(parameters),
      input_(input),
      context_(context),
      growth_{.max_depth = parameters.max_depth <= 0 ? -1 : parameters.max_depth,
              .max_leaf_nodes = parameters.max_leaf_nodes.value_or(0),
              .min_samples_leaf = static_cast<double>(parameters.min_samples_leaf),
              .min_samples_split = static_cast<double>(parameters.min_samples_split),
              .keep_sums = true} {}

FitResult DecisionTreeRun::run() {
  try {
    prepare();
  } catch (const StoppedWhileBinning&) {
    throw Stopped();
  }
  auto grown = grow(no_fold);
  if (!grown) throw Stopped();
  tree_ = std::move(*grown);
  strengths_ = pruning_strengths(tree_);
  if (!parameters_.ccp_alpha) return finish(choose_strength());
  // without pruning, splits that gain nothing by themselves stay, too
  return finish(*parameters_.ccp_alpha > 0 ? *parameters_.ccp_alpha * unit_of_alpha() : -1.0);
}

/// A gain of 1 in ccp_alpha: scikit-learn's impurity of two classes counts both.
double DecisionTreeRun::unit_of_alpha() const {
  if (input_.train.task() == Task::binary) return 0.5 * weight_;
  return weight_ / target_.units[0] / target_.units[0];
}

void DecisionTreeRun::prepare() {
  target_ = forest_target(input_.train);
  const auto numbers = input_.train.row_numbers();
  rows_.assign(numbers.begin(), numbers.end());
  bins_ = shared_bins(input_.train.dataset(), static_cast<std::size_t>(parameters_.max_bin), context_);
  columns_ = forest_columns(*bins_);
  growth_.tried_columns = std::max<std::size_t>(1, columns_.size());
  const auto& groups = input_.train.dataset().groups;
  const std::uint64_t seed = combine_hashes(context_.seed, purpose("decision tree folds"));
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::uint64_t own = groups.empty() ? input_.train.key(i) : groups[rows_[i]];
    fold_.push_back(static_cast<std::int32_t>(combine_hashes(seed, own) % tree_folds));
    weight_ += target_.weight(i);
  }
  const auto at_once = static_cast<std::uint64_t>(std::min(tree_folds, context_.executor().width()));
  const std::size_t of_nodes = parameters_.max_leaf_nodes ? 0 : 200 + 32 * target_.width();
  claim_ = MemoryClaim(context_.memory, rows_.size() * (24 + at_once * (56 + of_nodes)), "decision tree");
}

/// Rows of the fold are only sent to their leaves.
std::optional<ForestTree> DecisionTreeRun::grow(std::int32_t without_fold) const {
  std::vector<std::uint8_t> copies(rows_.size(), 1);
  for (std::size_t i = 0; i < copies.size(); ++i)
    if (fold_[i] == without_fold) copies[i] = 0;
  ForestGrower grower(*bins_, columns_, rows_, target_, growth_);
  return grower.grow(copies, context_.random("decision tree", 0), context_.stop);
}

/// Between each two strengths at which the tree changes, the middle in ratio; no pruning; and the root alone.
std::vector<double> DecisionTreeRun::strengths_to_try() const {
  std::vector<double> known;
  for (double strength : strengths_)
    if (std::isfinite(strength)) known.push_back(strength);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::vector<double> tried{0.0};
  const std::size_t step = 1 + known.size() / most_strengths;
  for (std::size_t i = 0; i + 1 < known.size(); i += step)
    tried.push_back(std::sqrt(known[i]) * std::sqrt(known[i + 1]));
  if (!known.empty()) tried.push_back(known.back());
  return tried;
}

/// What a leaf predicts: a value in the target's integers, the share of class 1, or the shares of all classes.
std::vector<double> DecisionTreeRun::leaf_of(const ForestSums& sums) const {
  const double weight = std::max(sums.weight, 1e-300);
  if (!is_classification(input_.train.task())) return {static_cast<double>(sums.moment) / weight};
  const double prior = parameters_.prior_weight * weight_ / static_cast<double>(rows_.size()),
               all = sums.weight + prior;
  if (target_.classes == 0) return {(static_cast<double>(sums.moment) + prior * target_.prior[0]) / all};
  std::vector<double> shares;
  for (std::size_t k = 0; k < target_.classes; ++k)
    shares.push_back((sums.classes[k] + prior * target_.prior[k]) / all);
  return shares;
}

/// Sum over leaves; of numbers without the squares of the targets, which are the same for all trees of a fold. Shares
/// of zero cost as much as half a row in all would make them.
double DecisionTreeRun::held_out_loss(const ForestTree& tree, const std::vector<ForestSums>& held_out, double strength,
                                      const std::vector<double>& strengths) const {
  const double least = 0.5 / static_cast<double>(rows_.size() + 1);
  const auto log_share = [&](double share) { return math::log(std::max(share, least)); };
  const std::vector<std::uint32_t> ends = ends_at(tree, strengths, strength);
  double loss = 0;
  for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
    const bool leaf = ends[node] == node && (tree.nodes[node].child == 0 || strengths[node] <= strength);
    if (!leaf || held_out[node].weight == 0) continue;
    const std::vector<double> values = leaf_of(tree.sums[node]);
    const ForestSums& rows = held_out[node];
    const auto moment = static_cast<double>(rows.moment);
    if (target_.classes > 0) {
      for (std::size_t k = 0; k < values.size(); ++k)
        if (rows.classes[k] > 0) loss -= rows.classes[k] * log_share(values[k]);
    } else if (is_classification(input_.train.task())) {
      if (moment > 0) loss -= moment * log_share(values[0]);
      if (moment < rows.weight) loss -= (rows.weight - moment) * log_share(1 - values[0]);
    } else {
      loss += values[0] * (rows.weight * values[0] - 2 * moment);
    }
  }
  return loss;
}

DecisionTreeRun::Losses DecisionTreeRun::losses_without(std::int32_t fold, const std::vector<double>& tried) const {
  const auto grown = grow(fold);
  if (!grown) return {};
  std::vector<ForestSums> held_out(grown->nodes.size());
  for (ForestSums& sums : held_out) sums.classes.assign(target_.classes, 0.0);
  for (const auto& [row, place] : grown->out_of_bag) {
    const double weight = target_.weight(row);
    held_out[place].weight += weight;
    if (target_.classes > 0) held_out[place].classes[static_cast<std::size_t>(target_.values[row])] += weight;
    else held_out[place].moment += std::int64_t{target_.weight(row)} * target_.values[row];
  }
  for (std::size_t node = held_out.size(); node-- > 0;)
    if (const std::uint32_t child = grown->nodes[node].child; child != 0) {
      add_sums(held_out[node], held_out[child]);
      add_sums(held_out[node], held_out[child + 1]);
    }
  const std::vector<double> strengths = pruning_strengths(*grown);
  double rows = 0;
  for (std::int32_t own : fold_) rows += own == fold ? 0 : 1;
  const double share = rows / static_cast<double>(rows_.size());  // gains are sums over fewer rows
  Losses losses;
  for (double strength : tried) {
    losses.push_back(held_out_loss(*grown, held_out, strength * share, strengths));
    if (context_.stop.stop_requested()) return {};
  }
  return losses;
}

/// That of least mean loss over the folds, or the largest whose loss is within a standard error of it.
double DecisionTreeRun::choose_strength() {
  const std::vector<double> tried = strengths_to_try();
  if (tried.size() < 2) return 0;
  const std::size_t folds =
      input_.stop_at_round
          ? static_cast<std::size_t>(std::clamp<std::int64_t>(*input_.stop_at_round - 1, 0, tree_folds))
          : tree_folds;
  std::vector<Losses> of_folds(folds);
  context_.executor().run(
      folds, [&](std::size_t fold) { of_folds[fold] = losses_without(static_cast<std::int32_t>(fold), tried); });
  if (context_.stop.stop_requested()) stopped_ = context_.stop.stopped_by();
  // those before the first that was stopped: their number repeats the choice
  of_folds.erase(std::find_if(of_folds.begin(), of_folds.end(), [](const Losses& losses) { return losses.empty(); }),
                 of_folds.end());
  rounds_ += static_cast<std::int64_t>(of_folds.size());
  if (of_folds.empty()) return 0;
  const auto mean_of = [&](const auto& value) {
    double sum = 0;
    for (const Losses& losses : of_folds) sum += value(losses);
    return sum / static_cast<double>(of_folds.size());
  };
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < tried.size(); ++i) {
    const double mean = mean_of([&](const Losses& losses) { return losses[i]; });
    if (mean > least) continue;  // of equal ones the smaller tree
    least = mean;
    best = i;
  }
  if (parameters_.pruning == "least_loss" || of_folds.size() < 2) return tried[best];
  std::size_t chosen = best;
  const auto n = static_cast<double>(of_folds.size());
  for (std::size_t i = best + 1; i < tried.size(); ++i) {
    const double more = mean_of([&](const Losses& losses) { return losses[i] - losses[best]; });
    const double variance = mean_of([&](const Losses& losses) {
      const double apart = losses[i] - losses[best] - more;
      return apart * apart;
    });
    if (more <= std::sqrt(variance / (n - 1))) chosen = i;
  }
  return tried[chosen];
}

FitResult DecisionTreeRun::finish(double strength) {
  ForestTree small = pruned(tree_, strengths_, strength, columns_);
  TreeArrays arrays = empty_arrays(*bins_);
  const bool classes = is_classification(input_.train.task());
  arrays.transform = classes ? ScoreTransform::probability : ScoreTransform::identity;
  arrays.base.assign(target_.width(), 0.0);
  std::int64_t leaves = 0;
  for (TreeNode& node : small.nodes) {
    if (node.child != 0) continue;
    ++leaves;
    const std::vector<double> values = leaf_of(tree_.sums[static_cast<std::size_t>(node.threshold)]);
    if (target_.vector_leaves()) {
      node.threshold = static_cast<double>(arrays.leaf_vectors.size() / target_.width());
      for (double value : values) arrays.leaf_vectors.push_back(static_cast<float>(value));
    } else {
      node.threshold = classes ? values[0] : target_.centers[0] + values[0] * target_.units[0];
    }
  }
  arrays.roots = {0};
  arrays.nodes = std::move(small.nodes);
  arrays.rows = std::move(small.rows);
  arrays.gains = std::move(small.gains);
  arrays.sets = std::move(small.sets);
  drop_unused_cells(arrays);
  FitResult result;
  result.report.stopped = stopped_;
  result.report.rounds = rounds_;
  result.report.bytes = claim_.bytes();
  result.report.details = Object{{"leaves", leaves},
                                 {"leaves_before_pruning", static_cast<std::int64_t>((tree_.nodes.size() + 1) / 2)},
                                 {"ccp_alpha", std::max(0.0, strength) / unit_of_alpha()}};
  result.model = std::make_unique<TreeEnsemble>(std::move(arrays));
  return result;
}

}  // namespace automill
