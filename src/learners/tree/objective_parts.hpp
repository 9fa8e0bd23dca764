#pragma once
// What the losses share: weighted means, losses that are functions of one score and one target, and the makers of the
// losses by name.

#include <algorithm>
#include <automill/learners/tree/objective.hpp>

namespace automill::tree {

constexpr std::size_t objective_block = 4096;  ///< rows between two looks at the stop token: part of a millisecond

/// sum of w * v over sum of w, the same for any order of rows.
inline double weighted_mean(std::vector<double> values, const std::vector<double>& weights) {
  if (weights.empty()) return order_free_sum(values) / static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= weights[i];
  return order_free_sum(values) / order_free_sum(weights);
}

inline double weight_of(const TargetRows& targets, std::size_t i) {
  return targets.weights.empty() ? 1.0 : targets.weights[i];
}

inline bool weights_vary_much(const std::vector<double>& weights) {
  if (weights.empty()) return false;
  const double mean = order_free_sum(weights) / static_cast<double>(weights.size());
  return kernels().largest(weights.data(), weights.size()) > 64 * mean;
}

/// Room for gradients and Hessians of all rows, where the Hessian varies and the loss is bounded.
inline void make_room(const TargetRows& targets, QuantisedGradients& out) {
  out.kind = HessianKind::varying;
  out.heavy_tails = weights_vary_much(targets.weights);
  out.gradients.resize(targets.rows());
  out.hessians.resize(targets.rows());
}

/// Losses of one score whose gradient is a function of (score, target), row by row.
class RowwiseObjective : public Objective {
 public:
  bool gradients(const ScoresView& scores, const TargetRows& targets, std::size_t, QuantisedGradients& out,
                 const RunContext& context) override {
    const std::size_t n = targets.rows();
    const bool constant = constant_hessian() && targets.weights.empty();
    out.kind = constant ? HessianKind::constant : HessianKind::varying;
    out.heavy_tails = true;
    out.gradients.resize(n);
    out.hessians.resize(constant ? 0 : n);
    double buffer[objective_block];
    for (std::size_t begin = 0; begin < n; begin += objective_block) {
      if (context.stop.stop_requested()) return false;
      const std::size_t count = std::min(objective_block, n - begin);
      scores.gather(0, begin, count, buffer);
      derive(buffer, targets.values.data() + begin, count, out.gradients.data() + begin,
             constant ? nullptr : out.hessians.data() + begin);
      if (targets.weights.empty()) continue;
      for (std::size_t i = begin; i < begin + count; ++i) {
        out.gradients[i] *= targets.weights[i];
        out.hessians[i] *= targets.weights[i];
      }
    }
    return true;
  }
  double loss(const ScoresView& scores, const TargetRows& targets) const override {
    std::vector<double> losses(targets.rows());
    scores.gather(0, 0, losses.size(), losses.data());
    for (std::size_t i = 0; i < losses.size(); ++i) losses[i] = row_loss(losses[i], targets.values[i]);
    return weighted_mean(std::move(losses), targets.weights);
  }

 protected:
  virtual bool constant_hessian() const { return false; }
  /// `hessians` may be null where the Hessian is constant.
  virtual void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
                      double* hessians) const = 0;
  virtual double row_loss(double score, double target) const = 0;
};

/// Error "fit.target_...": the target of row i is not allowed.
[[noreturn]] inline void refuse_target(const char* code, const TargetRows& targets, std::size_t i,
                                       const char* allowed) {
  const std::size_t row = targets.numbers.empty() ? i : targets.numbers[i];
  throw Error(code, "row " + std::to_string(row),
              param_detail::number_text(targets.values[i]) + " is not allowed: " + allowed);
}

/// Null when no loss has that name.
std::unique_ptr<Objective> make_regression_objective(const ObjectiveParameters& parameters);
/// Quantiles of one target, at the levels of the parameters.
std::unique_ptr<Objective> make_quantiles(const ObjectiveParameters& parameters);
/// The loss of the parameters for each output. Null when no loss has that name.
std::unique_ptr<Objective> make_objective_of_outputs(const ObjectiveParameters& parameters, std::size_t outputs);
std::unique_ptr<Objective> make_multiclass_objective(const std::string& name, std::size_t classes);
std::unique_ptr<Objective> make_log_loss();
/// The same loss of a number in [0, 1].
std::unique_ptr<Objective> make_cross_entropy();

}  // namespace automill::tree
