#include <algorithm>
#include <automill/learners/tree/objective.hpp>

namespace automill::tree {

namespace {

constexpr std::size_t block = 4096;  // rows between two looks at the stop token, a small part of a millisecond

/// sum of w * v over sum of w, the same for any order of rows.
double weighted_mean(std::vector<double> values, const std::vector<double>& weights) {
  if (weights.empty()) return order_free_sum(values) / static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= weights[i];
  return order_free_sum(values) / order_free_sum(weights);
}

double weight_of(const TargetRows& targets, std::size_t i) {
  return targets.weights.empty() ? 1.0 : targets.weights[i];
}

bool weights_vary_much(const std::vector<double>& weights) {
  if (weights.empty()) return false;
  const double mean = order_free_sum(weights) / static_cast<double>(weights.size());
  return kernels().largest(weights.data(), weights.size()) > 64 * mean;
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
    double buffer[block];
    for (std::size_t begin = 0; begin < n; begin += block) {
      if (context.stop.stop_requested()) return false;
      const std::size_t count = std::min(block, n - begin);
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
  double leaf_value(std::vector<std::pair<double, double>>& pairs) const override {
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

/// Counts with a log link. The Hessian is e^(s + 0.7), as LightGBM has it (poisson_max_delta_step): steps stay small.
class Poisson final : public RowwiseObjective {
 public:
  ScoreTransform transform() const override { return ScoreTransform::exponential; }
  std::vector<double> base(const TargetRows& targets) const override {
    for (std::size_t i = 0; i < targets.rows(); ++i)
      if (targets.values[i] < 0)
        throw Error("fit.target_negative", "row " + std::to_string(i),
                    std::to_string(targets.values[i]) + " is not allowed: poisson needs targets of 0 or more");
    const double mean = weighted_mean(targets.values, targets.weights);
    if (!(mean > 0)) throw Error("fit.target_zero", "target", "poisson needs a target above 0 somewhere");
    return {math::log(mean)};
  }

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

class BinaryLogLoss final : public Objective {
 public:
  ScoreTransform transform() const override { return ScoreTransform::logistic; }
  std::vector<double> base(const TargetRows& targets) const override {
    const double p = std::clamp(weighted_mean(targets.values, targets.weights), 1e-15, 1 - 1e-15);
    return {math::log(p / (1 - p))};
  }
  bool gradients(const ScoresView& scores, const TargetRows& targets, std::size_t, QuantisedGradients& out,
                 const RunContext& context) override {
    const std::size_t n = targets.rows();
    out.kind = HessianKind::varying;
    out.heavy_tails = weights_vary_much(targets.weights);
    out.gradients.resize(n);
    out.hessians.resize(n);
    double buffer[block];
    for (std::size_t begin = 0; begin < n; begin += block) {
      if (context.stop.stop_requested()) return false;
      const std::size_t count = std::min(block, n - begin);
      scores.gather(0, begin, count, buffer);
      kernels().logistic(buffer, targets.values.data() + begin,
                         targets.weights.empty() ? nullptr : targets.weights.data() + begin, count,
                         out.gradients.data() + begin, out.hessians.data() + begin);
    }
    return true;
  }
  double loss(const ScoresView& scores, const TargetRows& targets) const override {
    std::vector<double> losses(targets.rows()), own(targets.rows());
    scores.gather(0, 0, own.size(), own.data());
    kernels().logistic_loss(own.data(), targets.values.data(), own.size(), losses.data());
    return weighted_mean(std::move(losses), targets.weights);
  }
};

/// One score a class. Hessian K / (K - 1) p (1 - p), as LightGBM has it.
class Softmax final : public Objective {
 public:
  explicit Softmax(std::size_t classes) : classes_(classes) {}
  std::size_t width() const override { return classes_; }
  ScoreTransform transform() const override { return ScoreTransform::softmax; }
  std::vector<double> base(const TargetRows& targets) const override {
    std::vector<double> base;
    for (std::size_t k = 0; k < classes_; ++k) {
      std::vector<double> is_class(targets.rows());
      for (std::size_t i = 0; i < is_class.size(); ++i)
        is_class[i] = targets.labels[i] == static_cast<std::int32_t>(k) ? 1.0 : 0.0;
      base.push_back(math::log(std::max(1e-15, weighted_mean(std::move(is_class), targets.weights))));
    }
    return base;
  }
  bool begin_round(const ScoresView& scores, const TargetRows& targets, const RunContext& context) override {
    const std::size_t n = targets.rows();
    probabilities_.resize(n * classes_);
    return for_each_part(n, context, [&](std::size_t begin, std::size_t count) {
      for (std::size_t k = 0; k < classes_; ++k) scores.gather(k, begin, count, probabilities_.data() + k * n + begin);
      kernels().softmax(probabilities_.data() + begin, classes_, n, count, nullptr);
    });
  }
  bool gradients(const ScoresView&, const TargetRows& targets, std::size_t k, QuantisedGradients& out,
                 const RunContext& context) override {
    const std::size_t n = targets.rows();
    out.kind = HessianKind::varying;
    out.heavy_tails = weights_vary_much(targets.weights);
    out.gradients.resize(n);
    out.hessians.resize(n);
    const double factor = static_cast<double>(classes_) / static_cast<double>(std::max<std::size_t>(2, classes_) - 1);
    const double* p = probabilities_.data() + k * n;
    return for_each_part(n, context, [&](std::size_t begin, std::size_t count) {
      for (std::size_t i = begin; i < begin + count; ++i) {
        out.gradients[i] = p[i] - (targets.labels[i] == static_cast<std::int32_t>(k) ? 1.0 : 0.0);
        out.hessians[i] = factor * p[i] * (1.0 - p[i]);
      }
      if (targets.weights.empty()) return;
      for (std::size_t i = begin; i < begin + count; ++i) {
        out.gradients[i] *= targets.weights[i];
        out.hessians[i] *= targets.weights[i];
      }
    });
  }
  double loss(const ScoresView& scores, const TargetRows& targets) const override {
    const std::size_t n = targets.rows();
    std::vector<double> losses(n), own(std::min(n, block) * classes_);
    for (std::size_t begin = 0; begin < n; begin += block) {
      const std::size_t count = std::min(block, n - begin), stride = std::min(n, block);
      for (std::size_t k = 0; k < classes_; ++k) scores.gather(k, begin, count, own.data() + k * stride);
      std::vector<double> chosen(count), logs(count);
      for (std::size_t i = 0; i < count; ++i)
        chosen[i] = own[static_cast<std::size_t>(targets.labels[begin + i]) * stride + i];
      kernels().softmax(own.data(), classes_, stride, count, logs.data());
      for (std::size_t i = 0; i < count; ++i) losses[begin + i] = logs[i] - chosen[i];
    }
    return weighted_mean(std::move(losses), targets.weights);
  }

 private:
  template <class Body>
  static bool for_each_part(std::size_t n, const RunContext& context, const Body& body) {
    constexpr std::size_t part = 1024;
    for (std::size_t begin = 0; begin < n; begin += part) {
      if (context.stop.stop_requested()) return false;
      body(begin, std::min(part, n - begin));
    }
    return true;
  }
  std::size_t classes_;
  std::vector<double> probabilities_;
};

}  // namespace

double Objective::leaf_value(std::vector<std::pair<double, double>>&) const { return 0; }

double weighted_quantile(std::vector<std::pair<double, double>>& pairs, double level) {
  std::sort(pairs.begin(), pairs.end());
  std::vector<double> weights;
  for (const auto& pair : pairs) weights.push_back(pair.second);
  const double wanted = level * order_free_sum(weights);
  double sum = 0;
  for (const auto& [value, weight] : pairs)
    if ((sum += weight) >= wanted) return value;
  return pairs.empty() ? 0 : pairs.back().first;
}

TargetRows read_targets(const DatasetView& view) {
  const Target& target = view.target();
  TargetRows rows;
  double largest_weight = 0;
  for (std::size_t i = 0; i < view.rows(); ++i) {
    if (target.task == Task::regression) rows.values.push_back(view.value(i));
    else if (target.task == Task::binary)
      rows.values.push_back(view.label(i) == static_cast<std::int32_t>(target.positive) ? 1.0 : 0.0);
    else rows.labels.push_back(view.label(i));
    if (!view.weighted()) continue;
    const double weight = view.weight(i);
    if (!(weight >= 0) || !std::isfinite(weight))
      throw Error("data.weight_invalid", "row " + std::to_string(view.row_numbers()[i]),
                  std::to_string(weight) + " is not allowed as a weight: it must be finite and not negative");
    largest_weight = std::max(largest_weight, weight);
    rows.weights.push_back(weight);
  }
  if (view.weighted() && largest_weight == 0) throw Error("data.weight_invalid", "weights", "all weights are 0");
  if (std::all_of(rows.weights.begin(), rows.weights.end(), [](double weight) { return weight == 1; }))
    rows.weights.clear();  // the same as none, to the last bit
  return rows;
}

std::unique_ptr<Objective> make_objective(const std::string& name, const Target& target, double alpha) {
  const bool classes = is_classification(target.task);
  if (name != "auto" && classes != (name == "log_loss"))
    throw Error("parameter.unknown_choice", "gradient_boosting.objective",
                "'" + name + "' does not fit a " + task_name(target.task) + " target",
                classes ? "use log_loss" : "use squared_error, absolute_error, quantile or poisson");
  if (target.task == Task::binary) return std::make_unique<BinaryLogLoss>();
  if (target.task == Task::multiclass) return std::make_unique<Softmax>(target.width());
  if (name == "absolute_error") return std::make_unique<Quantile>(0.5, 2.0);
  if (name == "quantile") return std::make_unique<Quantile>(alpha, 1.0);
  if (name == "poisson") return std::make_unique<Poisson>();
  return std::make_unique<SquaredError>();
}

}  // namespace automill::tree
