#pragma once
// Losses of boosting: gradients and Hessians with respect to the scores, the constant to start from, the loss itself,
// and for losses without curvature the leaf value that minimises it.

#include <automill/learners/own_objective.hpp>
#include <automill/learners/tree/gradients.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

/// Targets and weights of the rows of a view, in the order of the view.
struct TargetRows {
  std::vector<double> values{};              ///< regression: [output][row]; binary: 1 for the positive class, else 0
  std::vector<std::int32_t> labels{};        ///< multiclass
  std::vector<double> weights{};             ///< empty: all one
  std::span<const std::uint32_t> numbers{};  ///< of the rows in their table, for messages; empty: 0, 1, 2 ...
  std::size_t outputs = 1;                   ///< of values
  std::size_t rows() const { return labels.empty() ? values.size() / outputs : labels.size(); }
  std::span<const double> values_of(std::size_t output) const { return {values.data() + output * rows(), rows()}; }
};

/// Error when a weight is negative or not finite, or all are zero. `numbers` are those of the view.
AUTOMILL_EXPORT TargetRows read_targets(const DatasetView& view);

/// Scores of chosen rows: score k of row i is data[k * stride + rows[i]].
struct ScoresView {
  const double* data = nullptr;
  std::size_t stride = 0;
  std::span<const std::uint32_t> rows{};
  void gather(std::size_t k, std::size_t begin, std::size_t count, double* out) const {
    for (std::size_t i = 0; i < count; ++i) out[i] = data[k * stride + rows[begin + i]];
  }
};

class AUTOMILL_EXPORT Objective {
 public:
  virtual ~Objective() = default;
  virtual std::size_t width() const { return 1; }
  virtual ScoreTransform transform() const = 0;
  /// Error that names the first row whose target the loss does not allow.
  virtual void check(const TargetRows&) const {}
  /// Called first, with the targets of training: checks them and learns what `loss` needs of them.
  virtual void begin(const TargetRows& targets) { check(targets); }
  /// Constant scores that minimise the loss, for targets that passed the check.
  virtual std::vector<double> base(const TargetRows& targets) const = 0;
  /// Called once a round (the first is 1), before `gradients` of each output; false when the context stopped.
  virtual bool begin_round(const ScoresView&, const TargetRows&, std::int64_t /*round*/, const RunContext&) {
    return true;
  }
  /// Gradients and Hessians of output k; false when the context stopped.
  virtual bool gradients(const ScoresView& scores, const TargetRows& targets, std::size_t k, QuantisedGradients& out,
                         const RunContext& context) = 0;
  /// What output k's part of the loss is counted in, so that outputs with units of their own count alike.
  virtual double unit(std::size_t) const { return 1; }
  /// Mean loss.
  virtual double loss(const ScoresView& scores, const TargetRows& targets) const = 0;
  /// Most that a leaf may add before the learning rate: a longer Newton step comes of second derivatives that have all
  /// but vanished, not of the rows.
  virtual double longest_step() const { return std::numeric_limits<double>::infinity(); }
  /// Leaves are renewed by leaf_value: the loss has no useful curvature.
  virtual bool renews_leaves() const { return false; }
  /// Best constant of output k for residuals y - score of a leaf, which may be reordered.
  virtual double leaf_value(std::size_t k, std::vector<std::pair<double, double>>& residuals_and_weights) const;
};

struct ObjectiveParameters {
  std::string name = "auto";
  double alpha = 0.5;                   ///< quantile: its level; huber: the residual where the loss becomes linear
  std::vector<double> quantiles{};      ///< quantile: levels that are learned side by side; empty: alpha alone
  double fair_c = 1.0;                  ///< fair: the same
  double tweedie_variance_power = 1.5;  ///< variance = mean ^ power, in (1, 2)
};

/// Numbers: "squared_error", "absolute_error", "huber", "fair", "quantile", "poisson", "gamma", "tweedie" or
/// "cross_entropy"; classes: "log_loss" or "one_vs_all"; "auto" follows the task. A target of several outputs has the
/// loss of each, side by side. Error when the loss does not fit the task or its parameter is out of range. Formulas:
/// LightGBM's, with the slope of each loss as its gradient (half of it for the squared error).
AUTOMILL_EXPORT std::unique_ptr<Objective> make_objective(const ObjectiveParameters& parameters, const Target& target);

/// A function of the user, which must outlive the objective; what it leaves out is as "auto" has it. Error without
/// derivatives.
AUTOMILL_EXPORT std::unique_ptr<Objective> make_own_objective(const OwnObjective& own, const Target& target);

/// Weighted quantile: the smallest value at which the weight up to it is at least `level` of all.
AUTOMILL_EXPORT double weighted_quantile(std::vector<std::pair<double, double>>& values_and_weights, double level);

}  // namespace automill::tree
