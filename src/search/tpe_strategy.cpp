// Tree-structured Parzen estimator over all parameters jointly (Bergstra et al., NeurIPS 2011; multivariate: Falkner,
// Klein & Hutter, ICML 2018): of points drawn from the density of the good trials, the one at which that exceeds the
// density of the others most.

#include <algorithm>
#include <automill/core/math.hpp>
#include <automill/core/random.hpp>
#include <numeric>

#include "normal_terms.hpp"
#include "sobol.hpp"
#include "strategy.hpp"

namespace automill::search {
namespace {

constexpr std::size_t usual_initial_trials = 10, most_good_trials = 25;
constexpr int candidates = 32;

/// A mean of kernels: one at each trial and one for what was believed before, which is uniform.
class ParzenDensity {
 public:
  ParzenDensity(const Cube& cube, std::vector<const Point*> points) : cube_(cube), points_(std::move(points)) {
    const double n = static_cast<double>(points_.size() + 1), d = static_cast<double>(cube.dimensions());
    const double scott = 0.2 * math::exp(-math::log(n) / (d + 4));
    width_ = std::clamp(scott, 1 / std::min(100.0, n + 1), 1.0);
    for (const Point* kernel : points_)
      for (std::size_t c = 0; c < kernel->size(); ++c) log_norms_.push_back(log_norm(c, (*kernel)[c]));
  }

  /// Of a snapped point: over the coordinates that are active in it.
  double log_density(const Point& point) const {
    std::vector<double> logs{uniform_log_density(point)};
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double* norms = log_norms_.data() + i * point.size();
      double sum = 0;
      for (std::size_t c = 0; c < point.size(); ++c)
        if (!std::isnan(point[c])) sum += log_kernel(c, (*points_[i])[c], point[c]) - norms[c];
      logs.push_back(sum);
    }
    const double largest = *std::max_element(logs.begin(), logs.end());
    double sum = 0;
    for (double each : logs) sum += math::exp(each - largest);
    return largest + math::log(sum / static_cast<double>(logs.size()));
  }

  Point draw(RandomStream& random) const {
    const std::size_t kernel = random.below(points_.size() + 1);
    Point point(cube_.dimensions());
    for (std::size_t c = 0; c < point.size(); ++c) {
      const bool uniform = kernel == points_.size() || std::isnan((*points_[kernel])[c]);
      point[c] = uniform ? random.uniform() : near((*points_[kernel])[c], c, random);
    }
    cube_.snap(point);
    return point;
  }

 private:
  /// Of a category: one observation at it, and one in all spread over the categories by all kernels.
  double other_category_share(std::size_t c) const {
    const double spread = 1 / static_cast<double>(points_.size() + 1);
    return spread / (1 + spread * static_cast<double>(cube_.levels(c)));
  }
  double uniform_log_density(const Point& point) const {
    double sum = 0;
    for (std::size_t c = 0; c < point.size(); ++c)
      if (!std::isnan(point[c]) && cube_.kind(c) == Cube::Kind::categorical)
        sum -= math::log(static_cast<double>(cube_.levels(c)));
    return sum;
  }
  double log_kernel(std::size_t c, double center, double unit) const {
    if (cube_.kind(c) == Cube::Kind::categorical) {
      const double levels = static_cast<double>(cube_.levels(c)), other = other_category_share(c);
      if (std::isnan(center)) return -math::log(levels);
      return math::log(cube_.level_at(c, center) == cube_.level_at(c, unit) ? 1 - (levels - 1) * other : other);
    }
    if (std::isnan(center)) return 0;
    const double z = (unit - center) / width_;
    return -0.5 * z * z;
  }
  /// Of a normal density that is cut off outside of [0, 1]: the logarithm of what it is divided by.
  double log_norm(std::size_t c, double center) const {
    if (std::isnan(center) || cube_.kind(c) == Cube::Kind::categorical) return 0;
    const double inside = normal_cdf((1 - center) / width_) - normal_cdf(-center / width_);
    return log_root_two_pi + math::log(width_ * inside);
  }
  double near(double center, std::size_t c, RandomStream& random) const {
    if (cube_.kind(c) == Cube::Kind::categorical) {
      const double levels = static_cast<double>(cube_.levels(c));
      return random.uniform() < levels * other_category_share(c) ? random.uniform() : center;
    }
    while (true) {  // at least a third of the draws are inside
      const double unit = center + width_ * random.normal();
      if (unit >= 0 && unit <= 1) return unit;
    }
  }

  const Cube& cube_;
  std::vector<const Point*> points_;
  double width_ = 1;
  std::vector<double> log_norms_;  ///< a kernel, then a coordinate
};

class TpeStrategy final : public Strategy {
 public:
  TpeStrategy(const Cube& cube, const StrategyOptions& options)
      : options_(options),
        spread_(cube.dimensions(), options.seed),
        initial_(static_cast<std::size_t>(options.initial_trials.value_or(usual_initial_trials))) {}

  Point propose(const History& history) override {
    std::vector<const Observation*> finished;
    for (const Observation& each : history.observations)
      if (each.state == Observation::State::finished) finished.push_back(&each);
    Point best(history.cube.dimensions());
    spread_.point(static_cast<std::uint32_t>(history.observations.size()), best);
    if (history.observations.size() < initial_ || finished.size() < 2) return best;
    const auto [good, others] = densities(history, std::move(finished));
    RandomStream random(options_.seed, purpose("search tpe"), history.observations.size());
    double best_ratio = -std::numeric_limits<double>::infinity();
    for (int i = 0; i < candidates; ++i) {
      Point point = good.draw(random);
      if (!history.is_new(point)) continue;
      const double ratio = good.log_density(point) - others.log_density(point);
      if (ratio <= best_ratio) continue;
      best_ratio = ratio;
      best = std::move(point);
    }
    return best;
  }

 private:
  /// The best tenth, at most 25, against all others: failed and running trials, too.
  static std::pair<ParzenDensity, ParzenDensity> densities(const History& history,
                                                           std::vector<const Observation*> finished) {
    std::stable_sort(finished.begin(), finished.end(),
                     [](const Observation* a, const Observation* b) { return a->score < b->score; });
    const std::size_t good_trials = std::min((finished.size() + 9) / 10, most_good_trials);
    std::vector<const Point*> good, others;
    for (std::size_t i = 0; i < finished.size(); ++i) (i < good_trials ? good : others).push_back(&finished[i]->point);
    for (const Observation& each : history.observations)
      if (each.state != Observation::State::finished) others.push_back(&each.point);
    return {ParzenDensity(history.cube, std::move(good)), ParzenDensity(history.cube, std::move(others))};
  }

  StrategyOptions options_;
  SobolSequence spread_;
  std::size_t initial_;
};

}  // namespace

std::unique_ptr<Strategy> make_tpe_strategy(const Cube& cube, const StrategyOptions& options) {
  return std::make_unique<TpeStrategy>(cube, options);
}

}  // namespace automill::search
