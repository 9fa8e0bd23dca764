// Losses of several outputs side by side: quantities that are predicted together, or quantiles of one.

#include "objective_parts.hpp"

namespace automill::tree {

namespace {

class SideBySide : public Objective {
 public:
  explicit SideBySide(std::vector<std::unique_ptr<Objective>> parts) : parts_(std::move(parts)) {}
  std::size_t width() const override { return parts_.size(); }
  ScoreTransform transform() const override { return parts_[0]->transform(); }
  void check(const TargetRows& targets) const override {
    for (std::size_t k = 0; k < width(); ++k) parts_[k]->check(targets_of(targets, k));
  }
  std::vector<double> base(const TargetRows& targets) const override {
    std::vector<double> all;
    for (std::size_t k = 0; k < width(); ++k) all.push_back(parts_[k]->base(targets_of(targets, k))[0]);
    return all;
  }
  bool gradients(const ScoresView& scores, const TargetRows& targets, std::size_t k, QuantisedGradients& out,
                 const RunContext& context) override {
    return parts_[k]->gradients(scores_of(scores, k), targets_of(targets, k), 0, out, context);
  }
  double loss(const ScoresView& scores, const TargetRows& targets) const override {
    double sum = 0;
    for (std::size_t k = 0; k < width(); ++k)
      sum += parts_[k]->loss(scores_of(scores, k), targets_of(targets, k)) / unit(k);
    return sum / static_cast<double>(width());
  }
  bool renews_leaves() const override { return parts_[0]->renews_leaves(); }
  double leaf_value(std::size_t k, std::vector<std::pair<double, double>>& pairs) const override {
    return parts_[k]->leaf_value(0, pairs);
  }

 protected:
  virtual TargetRows targets_of(const TargetRows& targets, std::size_t) const { return targets; }
  static ScoresView scores_of(const ScoresView& scores, std::size_t k) {
    return {scores.data + k * scores.stride, scores.stride, scores.rows};
  }

  std::vector<std::unique_ptr<Objective>> parts_;
};

/// Levels of one target. Their losses have the target's unit and are added as they are; predictions ascend with the
/// levels.
class Quantiles final : public SideBySide {
 public:
  using SideBySide::SideBySide;
  ScoreTransform transform() const override { return ScoreTransform::ascending; }
};

/// Quantities in units of their own: each loss counts as a share of what the best constant loses on the training rows.
class OfOutputs final : public SideBySide {
 public:
  using SideBySide::SideBySide;
  void begin(const TargetRows& targets) override {
    check(targets);
    std::vector<std::uint32_t> rows(targets.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    const std::vector<double> constants = base(targets);
    for (std::size_t k = 0; k < width(); ++k) {
      const std::vector<double> scores(rows.size(), constants[k]);
      const double loss = parts_[k]->loss({scores.data(), rows.size(), rows}, targets_of(targets, k));
      units_.push_back(loss != 0 ? std::abs(loss) : 1.0);
    }
  }

  double unit(std::size_t k) const override { return units_[k]; }

 private:
  TargetRows targets_of(const TargetRows& targets, std::size_t k) const override {
    const auto values = targets.values_of(k);
    return {.values = {values.begin(), values.end()}, .weights = targets.weights, .numbers = targets.numbers};
  }
  std::vector<double> units_;
};

}  // namespace

std::unique_ptr<Objective> make_quantiles(const ObjectiveParameters& parameters) {
  std::vector<std::unique_ptr<Objective>> parts;
  for (double level : parameters.quantiles)
    parts.push_back(make_regression_objective({.name = "quantile", .alpha = level}));
  return std::make_unique<Quantiles>(std::move(parts));
}

std::unique_ptr<Objective> make_objective_of_outputs(const ObjectiveParameters& parameters, std::size_t outputs) {
  std::vector<std::unique_ptr<Objective>> parts;
  for (std::size_t k = 0; k < outputs; ++k) {
    parts.push_back(make_regression_objective(parameters));
    if (parts.back() == nullptr) return nullptr;
  }
  return std::make_unique<OfOutputs>(std::move(parts));
}

}  // namespace automill::tree
