// Rounds of boosting with one tree of all outputs (Iosipoi and Vakhrushev 2022; XGBoost's "multi_output_tree").

#include "learners/boosting_run.hpp"

namespace automill {

using namespace tree;

void BoostingRun::check_vector_leaves() const {
  const GradientBoostingParameters& p = parameters_;
  if (!has_vector_leaves(p, objective_->width())) return;
  const std::string owner = GradientBoosting::registered_name;
  const auto refuse = [&](const std::string& name, const std::string& text) {
    throw Error("fit.multi_output_tree", owner + "." + name, text,
                "leave it out, or set multi_strategy to one_output_per_tree");
  };
  if (objective_->renews_leaves())
    refuse("objective", "leaves of " + p.objective + " are quantiles of their rows, which differ between outputs");
  const std::pair<const char*, bool> others[] = {{"monotone_constraints", !monotone_.empty()},
                                                 {"path_smooth", p.path_smooth > 0},
                                                 {"max_delta_step", p.max_delta_step > 0},
                                                 {"extra_trees", p.extra_trees},
                                                 {"reg_alpha", p.reg_alpha > 0}};
  for (const auto& [name, given] : others)
    if (given) refuse(name, "trees of several outputs do not take it");
}

void BoostingRun::start_vectors() {
  if (!has_vector_leaves(parameters_, objective_->width())) return;
  std::vector<double> units;
  for (std::size_t k = 0; k < objective_->width(); ++k) units.push_back(objective_->unit(k));
  vectors_.emplace(std::move(units));
}

/// False: stopped.
bool BoostingRun::one_tree_of_all() {
  const auto index = static_cast<std::uint64_t>(state_->rounds + state_->rounds_without_split);
  if (!draw_for_all(index)) return false;
  grown_rows_ = sample_.in.empty() ? rows_ : sample_.in;
  TreeRequest request{.rows = &grown_rows_, .index = index, .round = state_->rounds};
  if (parameters_.growth == "symmetric") {
    if (!collect_outputs(index)) return false;
    request.gradients = outputs_;
  } else {
    if (!collect_vectors(index)) return false;
    vectors_->pack(rows_, bins_->rows());
    request.vectors = &*vectors_;
  }
  if (!grower_->grow(request, context_)) return false;
  if (!append_leaf_vectors(index)) return false;
  append_tree(grower_->tree(), grower_->bins(), state_->arrays);
  add_vectors_to_scores();
  return true;
}

/// Rows by the size of their gradients, which are weighed by factors only once the rows are known.
bool BoostingRun::draw_for_all(std::uint64_t index) {
  if (parameters_.data_sample_strategy == "bagging") return true;
  sample_ = RowSample{};
  if (!collect_vectors(index)) return false;
  vectors_->pool(gradients_);
  draw_by_gradient(index);
  return true;
}

/// False: stopped.
bool BoostingRun::collect_vectors(std::uint64_t index) {
  vectors_->begin(rows_.size(), combine_hashes(context_.seed, combine_hashes(purpose("vector gradients"), index)));
  for (std::size_t k = 0; k < objective_->width(); ++k) {
    if (!objective_->gradients(train_scores(), targets_, k, gradients_, context_)) return false;
    apply_factors(sample_, gradients_);
    vectors_->add(k, gradients_);
  }
  return true;
}

/// Gradients of each output for the splits of a symmetric tree, which count rows, not Hessians. False: stopped.
bool BoostingRun::collect_outputs(std::uint64_t index) {
  outputs_.resize(objective_->width());
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    QuantisedGradients& own = outputs_[k];
    if (!objective_->gradients(train_scores(), targets_, k, own, context_)) return false;
    for (double& gradient : own.gradients) gradient /= objective_->unit(k);
    count_rows(own);
    apply_factors(sample_, own);
    own.pack(rows_, keys_, bins_->rows(),
             combine_hashes(context_.seed, combine_hashes(purpose("rounding for splits"), index * outputs_.size() + k)),
             context_.executor());
  }
  return true;
}

/// Values of the grown tree's leaves, with the full gradients of each output. False: stopped, and nothing was added.
bool BoostingRun::append_leaf_vectors(std::uint64_t index) {
  GrownTree& tree = grower_->tree();
  const std::size_t width = objective_->width(), leaves = tree.leaves.size();
  std::vector<double> penalties(leaves, parameters_.reg_lambda);
  for (const auto& node : tree.nodes)
    for (std::int32_t child : {node.left, node.right})
      if (child < 0) penalties[static_cast<std::size_t>(~child)] += node.split.extra_l2;
  std::vector<float> values(leaves * width, 0.0F);
  for (std::size_t k = 0; k < width && leaves > 1; ++k) {
    if (!objective_->gradients(train_scores(), targets_, k, gradients_, context_)) return false;
    apply_factors(sample_, gradients_);
    const std::uint64_t place = index * width + k;
    gradients_.pack(rows_, keys_, bins_->rows(),
                    combine_hashes(context_.seed, combine_hashes(purpose("rounding"), place)), context_.executor());
    set_leaf_outputs(k, penalties, values.data());
  }
  std::vector<float>& vectors = state_->arrays.leaf_vectors;
  for (std::size_t leaf = 0; leaf < leaves; ++leaf)
    tree.leaves[leaf].value = static_cast<double>(vectors.size() / width + leaf);
  vectors.insert(vectors.end(), values.begin(), values.end());
  return true;
}

/// -G / (H + penalty) of one output in each leaf. `values`: [leaf][output]. Where an output is all but settled, H would
/// be small enough to make a step of any size: it counts as that of min_child_samples mean rows at least, which is what
/// a tree of that output alone asks of its leaves.
void BoostingRun::set_leaf_outputs(std::size_t output, std::span<const double> penalties, float* values) const {
  std::vector<PackedSum> sums(penalties.size());
  PackedSum all;
  for (std::size_t leaf = 0; leaf < sums.size(); ++leaf) {
    for (std::uint32_t row : grower_->leaf_rows(leaf)) sums[leaf] = sums[leaf] + gradients_.at(row);
    all = all + sums[leaf];
  }
  const double share = static_cast<double>(parameters_.min_child_samples) / static_cast<double>(grown_rows_.size());
  const double least =
      std::max(parameters_.min_child_weight, std::min(1.0, share) * gradients_.scale.values(all).hessian);
  for (std::size_t leaf = 0; leaf < sums.size(); ++leaf) {
    const Moments sum = gradients_.scale.values(sums[leaf]);
    const double curvature = std::max(sum.hessian, least) + penalties[leaf];
    const double value = curvature > 0 ? -learning_rate_ * sum.gradient / curvature : 0.0;
    if (!(std::abs(value) <= double{std::numeric_limits<float>::max()}))
      throw Error("fit.target_spread", "target",
                  "output " + std::to_string(output) +
                      " needs leaves beyond single precision, which leaves of several "
                      "outputs hold",
                  "divide it, or set multi_strategy to one_output_per_tree");
    values[leaf * objective_->width() + output] = static_cast<float>(value);
  }
}

/// The leaves of the tree that was appended last. Outputs are passed over one by one: their scores lie apart.
void BoostingRun::add_vectors_to_scores() {
  const GrownTree& tree = grower_->tree();
  const auto nowhere = static_cast<std::uint32_t>(tree.leaves.size());
  std::vector<std::uint32_t> leaf_of(bins_->rows(), nowhere);
  const auto note = [&](std::size_t leaf, std::span<const std::uint32_t> rows) {
    for (std::uint32_t row : rows) leaf_of[row] = static_cast<std::uint32_t>(leaf);
  };
  for (std::size_t leaf = 0; leaf < tree.leaves.size(); ++leaf) note(leaf, grower_->leaf_rows(leaf));
  if (!sample_.in.empty()) route(tree, grower_->bins(), sample_.out, scratch_, note);
  std::vector<std::uint32_t> held_out = validation_ ? validation_->rows : std::vector<std::uint32_t>{};
  if (validation_ && validation_->shares_scores) route(tree, grower_->bins(), held_out, scratch_, note);
  add_leaves(leaf_of, state_->scores);
  if (!validation_ || validation_->shares_scores) return;
  leaf_of.assign(validation_->bins->rows(), nowhere);
  route(tree, *validation_->bins, held_out, scratch_, note);
  add_leaves(leaf_of, state_->validation_scores);
}

/// `leaf_of`: of each row that has scores; past the last leaf where it is in none.
void BoostingRun::add_leaves(const std::vector<std::uint32_t>& leaf_of, std::vector<double>& scores) const {
  const std::size_t width = objective_->width(), leaves = grower_->tree().leaves.size();
  const float* vectors = state_->arrays.leaf_vectors.data() + state_->arrays.leaf_vectors.size() - leaves * width;
  std::vector<double> values(leaves + 1, 0.0);
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t leaf = 0; leaf < leaves; ++leaf) values[leaf] = static_cast<double>(vectors[leaf * width + k]);
    double* to = scores.data() + k * leaf_of.size();
    for (std::size_t row = 0; row < leaf_of.size(); ++row) to[row] += values[leaf_of[row]];
  }
}

}  // namespace automill
