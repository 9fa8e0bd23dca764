#include "learners/forest_run.hpp"

#include <automill/learners/tree/grower.hpp>

namespace automill {

using namespace tree;

namespace {

constexpr double most_reserved = 1 << 30;        // bytes
constexpr std::size_t trees_between_checks = 4;  // a thread, between two looks at time and memory

/// Copies of a row in a bootstrap sample: the Poisson distribution, which drawing with replacement tends to.
class PoissonCopies {
 public:
  explicit PoissonCopies(double mean) {
    double probability = math::exp(-mean), below = probability;
    for (std::uint32_t copies = 0; copies < most_copies; ++copies) {
      below_[copies] = below;
      probability *= mean / (copies + 1);
      below += probability;
    }
  }
  /// Without branches: it cannot be guessed.
  std::uint8_t of(double uniform) const {
    std::uint8_t copies = 0;
    for (double below : below_) copies = static_cast<std::uint8_t>(copies + (uniform >= below ? 1 : 0));
    return copies;
  }

 private:
  std::array<double, most_copies> below_{};  ///< [k]: probability of k copies or fewer
};

ScoreTransform transform_of(Task task) {
  return is_classification(task) ? ScoreTransform::probability : ScoreTransform::identity;
}

}  // namespace

std::size_t tried_columns(const std::optional<double>& max_features, bool classes, std::size_t columns) {
  const auto all = static_cast<double>(columns);
  const double tried = max_features ? *max_features * all : classes ? std::sqrt(all) : all;
  return static_cast<std::size_t>(std::clamp(std::floor(tried), 1.0, std::max(1.0, all)));
}

ForestRun::ForestRun(ForestOptions options, const FitInput& input, const RunContext& context)
    : options_(std::move(options)), input_(input), context_(context) {
  if (input.stop_at_round) options_.trees = *input.stop_at_round;
}

FitResult ForestRun::run() {
  try {
    prepare();
  } catch (const StoppedWhileBinning&) {
    throw Stopped();
  }
  grow();
  return finish();
}

void ForestRun::prepare() {
  target_ = forest_target(input_.train);
  const auto numbers = input_.train.row_numbers();
  rows_.assign(numbers.begin(), numbers.end());
  bins_ = shared_bins(input_.train.dataset(), static_cast<std::size_t>(options_.max_bin), context_);
  columns_ = forest_columns(*bins_);
  options_.grow.tried_columns =
      tried_columns(options_.max_features, is_classification(input_.train.task()), columns_.size());
  arrays_ = empty_arrays(*bins_);
  arrays_.transform = transform_of(input_.train.task());
  arrays_.base = target_.outputs > 1 ? target_.centers : std::vector<double>(target_.width(), 0.0);
  out_sums_.assign(rows_.size() * target_.width(), 0.0);
  out_trees_.assign(rows_.size(), 0);
  const auto threads = static_cast<std::uint64_t>(context_.executor().width());
  bytes_ = rows_.size() * (16 + 8 * target_.width() + threads * (40 + 16 * trees_between_checks));
  claim_ = MemoryClaim(context_.memory, bytes_, "forest");
}

void ForestRun::grow() {
  const auto trees = static_cast<std::size_t>(options_.trees);
  const std::size_t block = trees_between_checks * static_cast<std::size_t>(context_.executor().width());
  while (arrays_.trees() < trees) {
    if (!make_room()) {
      stopped_ = "memory limit";
      return;
    }
    const std::size_t first = arrays_.trees();
    const auto grown = grow_block(first, std::min(block, trees - first));
    const auto complete = static_cast<std::size_t>(
        std::find_if(grown.begin(), grown.end(), [](const auto& tree) { return !tree; }) - grown.begin());
    const bool stopped = complete < grown.size();
    if (stopped) stopped_ = context_.stop.stopped_by();
    if (stopped && first > 0) return;  // at once: what was grown meanwhile is dropped
    for (std::size_t i = 0; i < complete; ++i) append(*grown[i]);
    if (stopped) return;
  }
}

/// Room for all trees once the first ones tell how large they are; where that is not granted, for some more.
bool ForestRun::make_room() {
  const std::size_t done = arrays_.trees();
  if (done == 0 || has_room_) return true;
  const double share = 1.1 * static_cast<double>(options_.trees) / static_cast<double>(done);
  const double used = static_cast<double>(arrays_.nodes.size() * (sizeof(TreeNode) + 8) + 8 * arrays_.sets.size() +
                                          4 * arrays_.leaf_vectors.size());
  has_room_ = share * used < most_reserved && claim_.try_grow(bytes_ + static_cast<std::uint64_t>(share * used));
  if (!has_room_) return claim_.try_grow(bytes_ + 3 * arrays_.bytes());  // vectors double
  const auto reserve = [&](auto& values) {
    values.reserve(static_cast<std::size_t>(share * static_cast<double>(values.size())));
  };
  reserve(arrays_.nodes);
  reserve(arrays_.rows);
  reserve(arrays_.gains);
  reserve(arrays_.sets);
  reserve(arrays_.leaf_vectors);
  return true;
}

std::vector<std::optional<ForestTree>> ForestRun::grow_block(std::size_t first, std::size_t count) const {
  std::vector<std::optional<ForestTree>> trees(count);
  context_.executor().run(count, [&](std::size_t i) {
    if (context_.stop.stop_requested()) return;
    const std::vector<std::uint8_t> copies = copies_of(first + i);
    ForestGrower grower(*bins_, columns_, rows_, target_, options_.grow);
    trees[i] = grower.grow(copies, context_.random("forest splits", first + i), context_.stop);
  });
  return trees;
}

/// Each row is drawn by a random number of its own, whatever the others do.
std::vector<std::uint8_t> ForestRun::copies_of(std::size_t tree) const {
  const double share = options_.max_samples.value_or(1.0);
  if (!options_.bootstrap && share >= 1) return std::vector<std::uint8_t>(rows_.size(), 1);
  const std::uint64_t seed = combine_hashes(context_.seed, combine_hashes(purpose("forest rows"), tree));
  const PoissonCopies drawn(share);
  std::vector<std::uint8_t> copies(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const double uniform = uniform_of(combine_hashes(seed, input_.train.key(i)));
    copies[i] = options_.bootstrap ? drawn.of(uniform) : static_cast<std::uint8_t>(uniform < share);
  }
  return copies;
}

void ForestRun::append(const ForestTree& tree) {
  const auto first = static_cast<std::uint32_t>(arrays_.nodes.size());
  const double first_set = static_cast<double>(arrays_.sets.size()),
               first_vector = static_cast<double>(arrays_.leaf_vectors.size() / target_.width());
  arrays_.roots.push_back(first);
  for (TreeNode node : tree.nodes) {
    if (node.child == 0) {
      if (target_.vector_leaves()) node.threshold += first_vector;
    } else {
      node.child += first;
      if ((node.feature & TreeNode::category) != 0) node.threshold += first_set;
    }
    arrays_.nodes.push_back(node);
  }
  const auto extend = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  extend(arrays_.rows, tree.rows);
  extend(arrays_.gains, tree.gains);
  extend(arrays_.sets, tree.sets);
  extend(arrays_.leaf_vectors, tree.leaf_vectors);
  note_out_of_bag(tree);
}

void ForestRun::note_out_of_bag(const ForestTree& tree) {
  const std::size_t width = target_.width();
  const double share = 1 / static_cast<double>(options_.trees);  // sums of the largest numbers would overflow
  for (const auto& [row, place] : tree.out_of_bag) {
    ++out_trees_[row];
    const double value = tree.nodes[place].threshold;
    if (!target_.vector_leaves()) out_sums_[row] += value * share;
    for (std::size_t k = 0; target_.vector_leaves() && k < width; ++k)
      out_sums_[row * width + k] +=
          share * static_cast<double>(tree.leaf_vectors[static_cast<std::size_t>(value) * width + k]);
  }
}

/// Sums of leaves of a share of all trees to a prediction.
void ForestRun::put(const double* sums, double share, double* out) const {
  std::vector<double> mean(sums, sums + target_.width());
  for (std::size_t k = 0; k < mean.size(); ++k) mean[k] = arrays_.base[k] + mean[k] / share;
  transform_scores(arrays_.transform, mean.data(), mean.size(), input_.train.target().positive, out);
}

/// Null where trees use all rows. Rows that every tree has seen are predicted by the mean of all.
std::unique_ptr<Predictions> ForestRun::out_of_bag() const {
  if (!options_.bootstrap && options_.max_samples.value_or(1.0) >= 1) return nullptr;
  auto predictions = std::make_unique<Predictions>(rows_.size(), input_.train.target().width());
  std::vector<double> prior(predictions->width);
  transform_scores(arrays_.transform, target_.prior.data(), target_.width(), input_.train.target().positive,
                   prior.data());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    double* out = predictions->values.data() + i * predictions->width;
    if (out_trees_[i] > 0)
      put(out_sums_.data() + i * target_.width(), out_trees_[i] / static_cast<double>(options_.trees), out);
    else std::copy(prior.begin(), prior.end(), out);
  }
  return predictions;
}

void ForestRun::average_leaves() {
  const double share = 1 / static_cast<double>(arrays_.trees());
  constexpr std::size_t block = 1 << 16;
  for_each_block(context_.executor(), arrays_.leaf_vectors.size(), block, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      arrays_.leaf_vectors[i] = static_cast<float>(share * static_cast<double>(arrays_.leaf_vectors[i]));
  });
  if (target_.vector_leaves()) return;
  const double factors[] = {share, 1.0};  // without a branch: whether a node is a leaf cannot be guessed
  for_each_block(context_.executor(), arrays_.nodes.size(), block, [&](std::size_t begin, std::size_t end) {
    TreeNode* nodes = arrays_.nodes.data();
    for (std::size_t i = begin; i < end; ++i) nodes[i].threshold *= factors[nodes[i].child != 0 ? 1 : 0];
  });
}

FitResult ForestRun::finish() {
  if (arrays_.trees() == 0) throw Stopped();
  FitResult result;
  result.out_of_bag = out_of_bag();
  result.report.stopped = stopped_;
  result.report.rounds = static_cast<std::int64_t>(arrays_.trees());
  result.report.bytes = claim_.bytes();
  result.report.details = Object{{"trees", result.report.rounds}};
  if (stopped_ == "finished") drop_unused_cells(arrays_);  // else there may be no time to go through millions of nodes
  average_leaves();
  if (!has_room_) arrays_.shrink_to_fit();
  result.model = std::make_unique<TreeEnsemble>(std::move(arrays_));
  return result;
}

}  // namespace automill
