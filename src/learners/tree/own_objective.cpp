// The objective of boosting around a user's function: the task's own loss gives what the function does not say.

#include <automill/learners/own_objective.hpp>

#include "objective_parts.hpp"

namespace automill::tree {

namespace {

std::string value_text(double value) { return std::isnan(value) ? "NaN" : param_detail::number_text(value); }

class UserObjective final : public Objective {
 public:
  UserObjective(const OwnObjective& own, std::unique_ptr<Objective> of_task)
      : own_(own), of_task_(std::move(of_task)) {}

  std::size_t width() const override { return of_task_->width(); }
  ScoreTransform transform() const override { return of_task_->transform(); }
  void begin(const TargetRows& targets) override { of_task_->begin(targets); }
  std::vector<double> base(const TargetRows& targets) const override {
    return own_.base_score ? std::vector<double>(width(), *own_.base_score) : of_task_->base(targets);
  }
  bool begin_round(const ScoresView& scores, const TargetRows& targets, std::int64_t round,
                   const RunContext& context) override {
    round_ = round;
    return width() == 1 || derive(scores, targets, context);
  }
  /// A single output is derived here, as the steps of leaf values ask again within a round.
  bool gradients(const ScoresView& scores, const TargetRows& targets, std::size_t k, QuantisedGradients& out,
                 const RunContext& context) override {
    if (width() == 1 && !derive(scores, targets, context)) return false;
    const std::size_t n = targets.rows();
    out.heavy_tails = true;
    out.gradients.resize(n);
    out.hessians.resize(n);
    bool constant = true;
    for (std::size_t i = 0; i < n; ++i) {
      const double weight = own_.weighted ? 1.0 : weight_of(targets, i);
      out.gradients[i] = weight * gradients_[i * width() + k];
      out.hessians[i] = weight * hessians_[i * width() + k];
      constant = constant && out.hessians[i] == 1.0;
    }
    out.kind = constant ? HessianKind::constant : HessianKind::varying;
    if (constant) out.hessians.clear();
    return true;
  }
  double unit(std::size_t k) const override { return of_task_->unit(k); }
  double loss(const ScoresView& scores, const TargetRows& targets) const override {
    if (!own_.loss) return of_task_->loss(scores, targets);
    std::vector<double> losses(targets.rows(), unfilled);
    const Cells cells(scores, targets, width());
    own_.loss(cells.rows, losses);
    for (std::size_t i = 0; i < losses.size(); ++i)
      if (std::isnan(losses[i]))
        refuse(place_of(targets, i), "loss", losses[i], "be a number", "keep exponents and divisors in bounds");
    return weighted_mean(std::move(losses), targets.weights);
  }

 private:
  static constexpr double unfilled = std::numeric_limits<double>::quiet_NaN();

  /// What the function sees.
  struct Cells {
    Cells(const ScoresView& view, const TargetRows& targets, std::size_t width)
        : scores(targets.rows() * width), truth(targets.labels.begin(), targets.labels.end()) {
      if (targets.outputs > 1)
        for (std::size_t i = 0; i < targets.rows(); ++i)
          for (std::size_t k = 0; k < width; ++k) truth.push_back(targets.values_of(k)[i]);
      for (std::size_t i = 0; i < targets.rows(); ++i)
        for (std::size_t k = 0; k < width; ++k) scores[i * width + k] = view.data[k * view.stride + view.rows[i]];
      rows = {.scores = scores,
              .targets = truth.empty() ? targets.values : truth,
              .weights = targets.weights,
              .outputs = width};
    }
    std::vector<double> scores, truth;
    ObjectiveRows rows;
  };

  /// Calls the function and checks what it gave. False: stopped.
  bool derive(const ScoresView& scores, const TargetRows& targets, const RunContext& context) {
    if (context.stop.stop_requested()) return false;
    const Cells cells(scores, targets, width());
    gradients_.assign(cells.scores.size(), unfilled);
    hessians_.assign(cells.scores.size(), unfilled);
    own_.derivatives(cells.rows, gradients_, hessians_);
    check_derivatives(targets);
    return true;
  }

  void check_derivatives(const TargetRows& targets) const {
    bool flat = true, at_rest = true;
    for (std::size_t cell = 0; cell < gradients_.size(); ++cell) {
      const double gradient = gradients_[cell], hessian = hessians_[cell];
      if (!std::isfinite(gradient))
        refuse(place_of_cell(targets, cell), "gradient", gradient, "be finite",
               "keep exponents and divisors in bounds");
      if (!std::isfinite(hessian) || hessian < 0)
        refuse(place_of_cell(targets, cell), "Hessian", hessian, "be finite and not negative",
               "where the loss is not convex, give a bound of its curvature");
      flat = flat && hessian == 0;
      at_rest = at_rest && gradient == 0;
    }
    if (round_ == 1 && flat && !at_rest)
      throw Error("fit.objective_value", "round 1",
                  "'" + own_.name + "' gave Hessians that are all 0: a step is the gradient divided by them",
                  "give 1 where the loss has no curvature");
  }

  std::string place_of(const TargetRows& targets, std::size_t i) const {
    return "round " + std::to_string(round_) + ", row " +
           std::to_string(targets.numbers.empty() ? i : targets.numbers[i]);
  }
  std::string place_of_cell(const TargetRows& targets, std::size_t cell) const {
    return place_of(targets, cell / width()) +
           (width() > 1 ? (targets.labels.empty() ? ", output " : ", class ") + std::to_string(cell % width())
                        : std::string());
  }
  [[noreturn]] void refuse(const std::string& place, const char* what, double value, const char* allowed,
                           const char* hint) const {
    throw Error("fit.objective_value", place,
                "'" + own_.name + "' gave the " + what + " " + value_text(value) + ": it must " + allowed, hint);
  }

  const OwnObjective& own_;
  std::unique_ptr<Objective> of_task_;
  std::vector<double> gradients_, hessians_;  ///< [row][output]
  std::int64_t round_ = 0;
};

}  // namespace

std::unique_ptr<Objective> make_own_objective(const OwnObjective& own, const Target& target) {
  if (!own.derivatives)
    throw Error("fit.objective_missing", "gradient_boosting.objective",
                "'" + own.label() + "' names a function, and parameters as data do not hold it",
                "give the function again: with_objective in C++, objective=... in Python");
  return std::make_unique<UserObjective>(own, make_objective({}, target));
}

}  // namespace automill::tree
