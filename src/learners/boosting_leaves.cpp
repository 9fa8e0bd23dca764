// Values of the leaves that boosting gives after a tree has grown: linear models, quantiles, further Newton steps.

#include "learners/boosting_run.hpp"
#include "learners/tree/linear_fit.hpp"

namespace automill {

using namespace tree;

/// Symmetric trees of log_loss count rows, not Hessians, when they choose splits; all steps of a leaf value take both.
bool BoostingRun::splits_by_rows() const { return parameters_.growth == "symmetric" && leaf_iterations() > 1; }

/// The Hessians are kept in `refined_`, for the first step of the leaf values.
void BoostingRun::use_rows_as_hessians() {
  refined_.gradients = gradients_.gradients;
  refined_.hessians.swap(gradients_.hessians);
  refined_.kind = gradients_.kind;
  refined_.heavy_tails = gradients_.heavy_tails;
  count_rows(gradients_);
}

/// Puts the rows' weights in the place of the Hessians.
void BoostingRun::count_rows(QuantisedGradients& gradients) const {
  gradients.hessians = targets_.weights;
  gradients.kind = targets_.weights.empty() ? HessianKind::constant : HessianKind::varying;
}

const std::vector<std::uint32_t>& BoostingRun::places() {
  if (place_.empty()) {
    place_.resize(bins_->rows());
    for (std::size_t i = 0; i < rows_.size(); ++i) place_[rows_[i]] = static_cast<std::uint32_t>(i);
  }
  return place_;
}

/// False: stopped.
bool BoostingRun::fit_linear() {
  if (!parameters_.linear_tree) return true;
  const LinearFit fit{.table = &input_.train.dataset().features,
                      .bins = &grower_->bins(),
                      .gradients = &gradients_,
                      .place = places(),
                      .penalty = {parameters_.linear_lambda, parameters_.reg_alpha, parameters_.reg_lambda},
                      .learning_rate = learning_rate_,
                      .longest_step = objective_->longest_step()};
  return fit_linear_leaves(
      grower_->tree(), fit, [this](std::size_t leaf) { return grower_->leaf_rows(leaf); }, context_);
}

void BoostingRun::renew_leaves(std::size_t output) {
  const double* scores = state_->scores.data() + output * bins_->rows();
  const std::vector<std::uint32_t>& place = places();
  const auto values = targets_.values_of(targets_.outputs > 1 ? output : 0);
  std::vector<std::pair<double, double>> residuals;
  for (std::size_t leaf = 0; leaf < grower_->tree().leaves.size(); ++leaf) {
    residuals.clear();
    for (std::uint32_t row : grower_->leaf_rows(leaf)) {
      const std::size_t i = place[row];
      const double weight = targets_.weights.empty() ? 1.0 : targets_.weights[i];
      residuals.emplace_back(values[i] - scores[row], sample_.factors.empty() ? weight : weight * sample_.factors[i]);
    }
    grower_->tree().leaves[leaf].value = objective_->leaf_value(output, residuals);
  }
  limit_leaves();
}

/// The order of leaves is needed, while they grow or after.
bool BoostingRun::orders_leaves() const {
  if (monotone_.empty()) return false;
  return parameters_.monotone_constraints_method == "intermediate" || objective_->renews_leaves() ||
         leaf_iterations() > 1;
}

/// After leaves got values that growing did not give them.
void BoostingRun::limit_leaves() {
  const double most = parameters_.max_delta_step;
  if (most > 0)
    for (auto& leaf : grower_->tree().leaves) leaf.value = std::clamp(leaf.value, -most, most);
  order_leaves(grower_->tree(), *bins_, monotone_);
}

std::int64_t BoostingRun::leaf_iterations() const {
  const bool one_log_loss = own_objective_ == nullptr && objective_->transform() == ScoreTransform::logistic;
  if (objective_->width() > 1) return 1;
  return parameters_.leaf_iterations.value_or(parameters_.growth == "symmetric" && one_log_loss ? 5 : 1);
}

/// Further Newton steps of the leaf values, each with the gradients where the last one led. False: stopped.
bool BoostingRun::refine_leaves(std::uint64_t index) {
  std::vector<GrownTree::Leaf>& leaves = grower_->tree().leaves;
  const bool from_zero = splits_by_rows();  // with the gradients that are known
  const std::int64_t steps = leaf_iterations() - (from_zero ? 0 : 1);
  if (steps == 0 || leaves.size() < 2) return true;
  std::vector<double> moved = state_->scores;
  const auto move = [&](std::size_t leaf, double by) {
    for (std::uint32_t row : grower_->leaf_rows(leaf)) moved[row] += by;
  };
  for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    if (from_zero) leaves[leaf].value = 0;
    else move(leaf, leaves[leaf].value);
  }
  for (std::int64_t step = 0; step < steps; ++step) {
    const bool known = from_zero && step == 0;
    if (!known && !objective_->gradients({moved.data(), bins_->rows(), rows_}, targets_, 0, refined_, context_))
      return false;
    apply_factors(sample_, refined_);
    const std::uint64_t seed =
        combine_hashes(purpose("refining"), combine_hashes(index, static_cast<std::uint64_t>(step)));
    refined_.pack(rows_, keys_, bins_->rows(), combine_hashes(context_.seed, seed), context_.executor());
    for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
      PackedSum sum;
      for (std::uint32_t row : grower_->leaf_rows(leaf)) sum = sum + refined_.at(row);
      const Moments moments = refined_.scale.values(sum);
      const double by = moments.hessian + parameters_.reg_lambda > 0
                            ? -moments.gradient / (moments.hessian + parameters_.reg_lambda)
                            : 0;
      leaves[leaf].value += by;
      move(leaf, by);
    }
  }
  limit_leaves();
  return true;
}

}  // namespace automill
