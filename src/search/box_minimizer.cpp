#include "box_minimizer.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

namespace automill::search {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double largest(const Vector& values) {
  double found = 0;
  for (double value : values) found = std::max(found, std::abs(value));
  return found;
}

/// The last steps and changes of the gradient.
class Pairs {
 public:
  void add(Vector step, Vector change) {
    const double product = dot(step, change);
    if (!(product > 1e-12 * std::sqrt(dot(step, step) * dot(change, change)))) return;  // no curvature to learn
    if (pairs_.size() == 8) pairs_.pop_front();
    scale_ = product / dot(change, change);
    pairs_.push_back({std::move(step), std::move(change), 1 / product});
  }
  bool empty() const { return pairs_.empty(); }
  void clear() { pairs_.clear(); }
  /// Approximate inverse Hessian times a gradient.
  Vector apply(Vector q) const {
    Vector factors(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      factors[i] = pairs_[i].inverse * dot(pairs_[i].step, q);
      for (std::size_t k = 0; k < q.size(); ++k) q[k] -= factors[i] * pairs_[i].change[k];
    }
    for (double& value : q) value *= scale_;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const double factor = factors[i] - pairs_[i].inverse * dot(pairs_[i].change, q);
      for (std::size_t k = 0; k < q.size(); ++k) q[k] += factor * pairs_[i].step[k];
    }
    return q;
  }

 private:
  struct Pair {
    Vector step, change;
    double inverse;
  };
  std::deque<Pair> pairs_;
  double scale_ = 1;
};

class Minimizer {
 public:
  Minimizer(Vector start, const Box& box, const Differentiable& function, const BoxMinimizerOptions& options)
      : box_(box), function_(function), options_(options), point_(std::move(start)), gradient_(point_.size()) {
    move_into_box(point_);
    value_ = evaluate(point_, gradient_);
  }

  BoxMinimum run() {
    while (evaluations_ < options_.max_evaluations) {
      const Vector downhill = projected(gradient_);
      if (!std::isfinite(value_) || largest(downhill) <= options_.tolerance) break;
      Vector direction = pairs_.empty() ? scaled_first(downhill) : projected(pairs_.apply(downhill));
      if (!(dot(direction, downhill) > 0)) {
        pairs_.clear();
        direction = scaled_first(downhill);
      }
      if (step_along(direction)) continue;
      if (pairs_.empty()) break;
      pairs_.clear();
    }
    return {point_, value_};
  }

 private:
  double evaluate(const Vector& point, Vector& gradient) {
    ++evaluations_;
    return function_(point, gradient);
  }
  void move_into_box(Vector& point) const {
    for (std::size_t i = 0; i < point.size(); ++i) point[i] = std::clamp(point[i], box_.low[i], box_.high[i]);
  }
  /// Zero where the variable is at a bound and downhill leads out.
  Vector projected(Vector values) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool held =
          (point_[i] <= box_.low[i] && gradient_[i] > 0) || (point_[i] >= box_.high[i] && gradient_[i] < 0);
      if (held) values[i] = 0;
    }
    return values;
  }
  Vector scaled_first(Vector gradient) const {
    const double scale = options_.first_step / std::max(largest(gradient), 1e-300);
    for (double& value : gradient) value *= scale;
    return gradient;
  }
  /// Goes against `direction`, halving until the value falls enough (Armijo); false when it does not.
  bool step_along(const Vector& direction) {
    Vector next(point_.size()), next_gradient(point_.size());
    double length = 1;
    for (int i = 0; i < 15 && evaluations_ < options_.max_evaluations; ++i, length *= 0.4) {
      for (std::size_t k = 0; k < next.size(); ++k) next[k] = point_[k] - length * direction[k];
      move_into_box(next);
      const double next_value = evaluate(next, next_gradient);
      double expected = 0;
      for (std::size_t k = 0; k < next.size(); ++k) expected += gradient_[k] * (next[k] - point_[k]);
      if (!std::isfinite(next_value) || !(next_value <= value_ + 1e-4 * expected) || !(next_value < value_)) continue;
      Vector step(next.size()), change(next.size());
      for (std::size_t k = 0; k < next.size(); ++k) {
        step[k] = next[k] - point_[k];
        change[k] = next_gradient[k] - gradient_[k];
      }
      pairs_.add(std::move(step), std::move(change));
      point_ = std::move(next);
      gradient_ = std::move(next_gradient);
      value_ = next_value;
      return true;
    }
    return false;
  }

  const Box& box_;
  const Differentiable& function_;
  const BoxMinimizerOptions& options_;
  Vector point_, gradient_;
  double value_ = 0;
  int evaluations_ = 0;
  Pairs pairs_;
};

}  // namespace

BoxMinimum minimize_in_box(std::vector<double> start, const Box& box, const Differentiable& function,
                           const BoxMinimizerOptions& options) {
  return Minimizer(std::move(start), box, function, options).run();
}

}  // namespace automill::search
