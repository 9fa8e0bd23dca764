#include "objective_parts.hpp"

namespace automill::tree {

namespace {

class SquaredError final : public RowwiseObjective {
 public:
  ScoreTransform transform() const override { return ScoreTransform::identity; }
  std::vector<double> base(const TargetRows& targets) const override {
    return {weighted_mean(targets.values, targets.weights)};
  }

 protected:
  bool constant_hessian() const override { return true; }
  void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
              double* hessians) const override {
    for (std::size_t i = 0; i < count; ++i) gradients[i] = scores[i] - targets[i];
    if (hessians != nullptr) std::fill(hessians, hessians + count, 1.0);
  }
  double row_loss(double score, double target) const override { return (score - target) * (score - target); }
};

/// Pinball loss; level 1/2 is half the absolute error.
class Quantile final : public RowwiseObjective {
 public:
  explicit Quantile(double level, double scale) : level_(level), scale_(scale) {}
  ScoreTransform transform() const override { return ScoreTransform::identity; }
  std::vector<double> base(const TargetRows& targets) const override {
    std::vector<std::pair<double, double>> pairs;
    for (std::size_t i = 0; i < targets.rows(); ++i) pairs.emplace_back(targets.values[i], weight_of(targets, i));
    return {weighted_quantile(pairs, level_)};
  }
  bool renews_leaves() const override { return true; }
  double leaf_value(std::size_t, std::vector<std::pair<double, double>>& pairs) const override {
    return weighted_quantile(pairs, level_);
  }

 protected:
  bool constant_hessian() const override { return true; }
  void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
              double* hessians) const override {
    for (std::size_t i = 0; i < count; ++i)
      gradients[i] = scale_ * (scores[i] > targets[i] ? 1 - level_ : scores[i] < targets[i] ? -level_ : 0.0);
    if (hessians != nullptr) std::fill(hessians, hessians + count, 1.0);
  }
  double row_loss(double score, double target) const override {
    return scale_ * (target >= score ? level_ * (target - score) : (1 - level_) * (score - target));
  }

 private:
  double level_, scale_;
};

/// The score at which the sum of weighted slopes is zero, for a convex loss whose gradient falls from positive to
/// negative between the largest and the smallest target: false position with halved ends (the Illinois rule).
template <class Slope>
double location(const TargetRows& targets, const Slope& slope) {
  std::vector<double> slopes(targets.rows());
  const auto sum_at = [&](double score) {
    for (std::size_t i = 0; i < slopes.size(); ++i)
      slopes[i] = weight_of(targets, i) * slope(score - targets.values[i]);
    return order_free_sum(slopes);
  };
  const auto [least, most] = std::minmax_element(targets.values.begin(), targets.values.end());
  double low = *least, high = *most, at_low = sum_at(low), at_high = sum_at(high);
  if (at_low >= 0) return low;
  if (at_high <= 0) return high;
  for (int step = 0, side = 0; step < 200; ++step) {
    double middle = low - at_low * ((high - low) / (at_high - at_low));
    if (step % 8 == 7 || !(middle > low && middle < high)) middle = low + (high - low) / 2;
    if (!(middle > low && middle < high)) break;  // neighbours
    const double here = sum_at(middle);
    if (here == 0) return middle;
    if (here < 0) {
      low = middle;
      at_low = here;
      if (side == -1) at_high /= 2;
      side = -1;
    } else {
      high = middle;
      at_high = here;
      if (side == 1) at_low /= 2;
      side = 1;
    }
    if (high - low <= 1e-15 * std::max(std::abs(low), std::abs(high))) break;
  }
  return low + (high - low) / 2;
}

/// Squared error near the target, absolute error beyond `delta`.
class Huber final : public RowwiseObjective {
 public:
  explicit Huber(double delta) : delta_(delta) {}
  ScoreTransform transform() const override { return ScoreTransform::identity; }
  std::vector<double> base(const TargetRows& targets) const override {
    return {location(targets, [&](double residual) { return std::clamp(residual, -delta_, delta_); })};
  }

 protected:
  bool constant_hessian() const override { return true; }
  void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
              double* hessians) const override {
    for (std::size_t i = 0; i < count; ++i) gradients[i] = std::clamp(scores[i] - targets[i], -delta_, delta_);
    if (hessians != nullptr) std::fill(hessians, hessians + count, 1.0);
  }
  double row_loss(double score, double target) const override {
    const double distance = std::abs(score - target);
    return distance <= delta_ ? 0.5 * distance * distance : delta_ * (distance - 0.5 * delta_);
  }

 private:
  double delta_;
};

/// c^2 (|r| / c - log(1 + |r| / c)): squared error near the target, ever flatter beyond c.
class Fair final : public RowwiseObjective {
 public:
  explicit Fair(double c) : c_(c) {}
  ScoreTransform transform() const override { return ScoreTransform::identity; }
  std::vector<double> base(const TargetRows& targets) const override {
    return {location(targets, [&](double residual) { return c_ * residual / (std::abs(residual) + c_); })};
  }

 protected:
  void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
              double* hessians) const override {
    for (std::size_t i = 0; i < count; ++i) {
      const double residual = scores[i] - targets[i], share = c_ / (std::abs(residual) + c_);
      gradients[i] = residual * share;
      hessians[i] = share * share;
    }
  }
  double row_loss(double score, double target) const override {
    const double distance = std::abs(score - target) / c_;
    return c_ * c_ * (distance - math::log(1 + distance));
  }

 private:
  double c_;
};

double bounded_exp(double score) { return math::exp(std::clamp(score, -300.0, 300.0)); }

/// Losses with a log link; their best constant is the mean.
class LogLink : public RowwiseObjective {
 public:
  explicit LogLink(const char* name) : name_(name) {}
  ScoreTransform transform() const override { return ScoreTransform::exponential; }
  void check(const TargetRows& targets) const override {
    for (std::size_t i = 0; i < targets.rows(); ++i)
      if (!(targets.values[i] >= 0))
        refuse_target("fit.target_negative", targets, i, (std::string(name_) + " needs targets of 0 or more").c_str());
  }
  std::vector<double> base(const TargetRows& targets) const override {
    const double mean = weighted_mean(targets.values, targets.weights);
    if (!(mean > 0)) throw Error("fit.target_zero", "target", std::string(name_) + " needs a target above 0 somewhere");
    return {math::log(mean)};
  }

 private:
  const char* name_;
};

/// Counts. The Hessian is e^(s + 0.7), as LightGBM has it (poisson_max_delta_step): steps stay small.
class Poisson final : public LogLink {
 public:
  Poisson() : LogLink("poisson") {}

 protected:
  void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
              double* hessians) const override {
    constexpr double step = 2.0137527074704766;  // e^0.7
    for (std::size_t i = 0; i < count; ++i) {
      const double e = math::exp(std::min(scores[i], 300.0));
      gradients[i] = e - targets[i];
      hessians[i] = e * step;
    }
  }
  double row_loss(double score, double target) const override {
    return math::exp(std::min(score, 300.0)) - target * score;
  }
};

/// Positive amounts whose spread grows with their mean.
class Gamma final : public LogLink {
 public:
  Gamma() : LogLink("gamma") {}
  void check(const TargetRows& targets) const override {
    for (std::size_t i = 0; i < targets.rows(); ++i)
      if (!(targets.values[i] > 0)) refuse_target("fit.target_not_positive", targets, i, "gamma needs targets above 0");
  }

 protected:
  void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
              double* hessians) const override {
    for (std::size_t i = 0; i < count; ++i) {
      hessians[i] = targets[i] * bounded_exp(-scores[i]);
      gradients[i] = 1 - hessians[i];
    }
  }
  double row_loss(double score, double target) const override { return score + target * bounded_exp(-score); }
};

/// Amounts of 0 or more with variance = mean^power: between poisson (1) and gamma (2).
class Tweedie final : public LogLink {
 public:
  explicit Tweedie(double power) : LogLink("tweedie"), down_(1 - power), up_(2 - power) {}

 protected:
  void derive(const double* scores, const double* targets, std::size_t count, double* gradients,
              double* hessians) const override {
    for (std::size_t i = 0; i < count; ++i) {
      const double of_target = targets[i] * bounded_exp(down_ * scores[i]), of_score = bounded_exp(up_ * scores[i]);
      gradients[i] = of_score - of_target;
      hessians[i] = up_ * of_score - down_ * of_target;
    }
  }
  double row_loss(double score, double target) const override {
    return bounded_exp(up_ * score) / up_ - target * bounded_exp(down_ * score) / down_;
  }

 private:
  double down_, up_;  // of the exponents
};

}  // namespace

std::unique_ptr<Objective> make_regression_objective(const ObjectiveParameters& parameters) {
  const std::string& name = parameters.name;
  if (name == "auto" || name == "squared_error") return std::make_unique<SquaredError>();
  if (name == "absolute_error") return std::make_unique<Quantile>(0.5, 2.0);
  if (name == "quantile") {
    if (!(parameters.alpha < 1))
      throw Error("parameter.out_of_range", "gradient_boosting.alpha",
                  param_detail::number_text(parameters.alpha) + " is not allowed: the level of a quantile is below 1");
    return std::make_unique<Quantile>(parameters.alpha, 1.0);
  }
  if (name == "huber") return std::make_unique<Huber>(parameters.alpha);
  if (name == "fair") return std::make_unique<Fair>(parameters.fair_c);
  if (name == "poisson") return std::make_unique<Poisson>();
  if (name == "gamma") return std::make_unique<Gamma>();
  if (name == "tweedie") return std::make_unique<Tweedie>(parameters.tweedie_variance_power);
  if (name == "cross_entropy") return make_cross_entropy();
  return nullptr;
}

}  // namespace automill::tree
