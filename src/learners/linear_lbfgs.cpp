#include "linear_lbfgs.hpp"

#include <cmath>
#include <deque>

#include "linear_vectors.hpp"

namespace automill::linear {
namespace {

double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

/// The last steps and changes of the gradient.
class Pairs {
 public:
  void add(std::vector<double> step, std::vector<double> change, double image_product) {
    const double product = dot(step, change);
    if (!(product > 0)) return;  // rounding, at the end
    if (pairs_.size() == 10) pairs_.pop_front();
    scale_ = product / image_product;
    pairs_.push_back({std::move(step), std::move(change), 1 / product});
  }
  template <class Precondition>
  std::vector<double> direction(const std::vector<double>& gradient, const Precondition& precondition) const {
    std::vector<double> q = gradient, factors(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      factors[i] = pairs_[i].inverse * dot(pairs_[i].step, q);
      add_scaled(q, -factors[i], pairs_[i].change);
    }
    std::vector<double> r = precondition(q);
    for (double& value : r) value *= scale_;
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      add_scaled(r, factors[i] - pairs_[i].inverse * dot(pairs_[i].change, r), pairs_[i].step);
    for (double& value : r) value = -value;
    return r;
  }
  bool empty() const { return pairs_.empty(); }
  void clear() {
    pairs_.clear();
    scale_ = 1;
  }

 private:
  struct Pair {
    std::vector<double> step, change;
    double inverse;
  };
  std::deque<Pair> pairs_;
  double scale_ = 1;  ///< of the preconditioner: s'y / y'Hy of the last pair
};

enum class Search { found, stopped, failed };

/// A step that meets the weak Wolfe conditions, at most 30 evaluations. Within rounding of the value, the decrease is
/// judged by the slope instead (Hager & Zhang 2005).
template <class Evaluate>
Search line_search(const std::vector<double>& point, const Evaluation& at, const std::vector<double>& direction,
                   const Evaluate& evaluate, std::vector<double>& next, Evaluation& next_at) {
  constexpr double decrease = 1e-4, curvature = 0.9;
  const double slope = dot(at.gradient, direction), rounding = 1e-13 * std::abs(at.value);
  if (!(slope < 0)) return Search::failed;
  double low = 0, high = std::numeric_limits<double>::infinity(), step = 1;
  for (int i = 0; i < 30; ++i) {
    next = point;
    add_scaled(next, step, direction);
    auto evaluated = evaluate(next);
    if (!evaluated) return Search::stopped;
    next_at = std::move(*evaluated);
    const double next_slope = dot(next_at.gradient, direction);
    const bool lower = next_at.value <= at.value + decrease * step * slope ||
                       (next_at.value <= at.value + rounding && next_slope <= (2 * decrease - 1) * slope);
    if (!lower) high = step;
    else if (next_slope < curvature * slope) low = step;
    else return Search::found;
    step = std::isinf(high) ? 2 * step : 0.5 * (low + high);
  }
  return Search::failed;
}

}  // namespace

MinimizeResult minimize_lbfgs(std::vector<double> start,
                              const std::function<std::optional<Evaluation>(const std::vector<double>&)>& evaluate,
                              const std::function<std::vector<double>(const std::vector<double>&)>& precondition,
                              const MinimizeOptions& options) {
  MinimizeResult result{.point = std::move(start)};
  std::optional<Evaluation> at = evaluate(result.point);
  result.stopped = !at;
  if (!at) return result;
  if (options.accepted) options.accepted();
  Pairs pairs;
  std::vector<double> next;
  Evaluation next_at;
  while (largest_magnitude(at->gradient) > options.tolerance && result.iterations < options.max_iterations) {
    if (options.stop_after && result.iterations >= *options.stop_after) {
      result.stopped = true;
      break;
    }
    const std::vector<double> direction = pairs.direction(at->gradient, precondition);
    const Search search = line_search(result.point, *at, direction, evaluate, next, next_at);
    result.stopped = search == Search::stopped;
    if (result.stopped) break;
    if (search == Search::failed) {
      if (pairs.empty()) break;  // as exact as rounding allows
      pairs.clear();
      continue;
    }
    std::vector<double> step = next, change = next_at.gradient;
    add_scaled(step, -1, result.point);
    add_scaled(change, -1, at->gradient);
    const double image_product = dot(change, precondition(change));
    pairs.add(std::move(step), std::move(change), image_product);
    std::swap(result.point, next);
    std::swap(*at, next_at);
    ++result.iterations;
    if (options.accepted) options.accepted();
  }
  result.value = at->value;
  return result;
}

}  // namespace automill::linear
