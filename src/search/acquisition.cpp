#include "acquisition.hpp"

#include <automill/core/math.hpp>
#include <numeric>

#include "features.hpp"
#include "normal_terms.hpp"
#include "sobol.hpp"

namespace automill::search {
namespace {

/// Whole-numbered coordinates with more levels than this are moved by gradients, too, and snapped.
constexpr std::uint64_t levels_of_steps = 12;
/// Categories that a coordinate is changed to, one after the other; of more, this many at random.
constexpr std::uint64_t most_levels_tried = 16;
constexpr std::size_t improved_points = 4, rounds = 3;
constexpr int gradient_evaluations = 30;

/// The search for the best point: see most_promising().
class Search {
 public:
  explicit Search(const AcquisitionSearch& given)
      : given_(given), cube_(given.history.cube), random_(given.seed, purpose("search candidates")) {}

  std::optional<Point> run() {
    std::vector<Point> points = spread_points(given_.candidates / 2);
    add_changed_incumbents(points, given_.candidates - points.size());
    std::erase_if(points, [&](const Point& point) { return !given_.history.is_new(point); });
    if (points.empty()) return std::nullopt;
    const std::vector<double> values = given_.acquisition.values(points);
    const std::vector<std::size_t> starts = best_of(points, values);
    Point best = points[starts.front()];
    double best_value = values[starts.front()];
    for (std::size_t start : starts) {
      const auto [point, value] = improved(points[start], values[start]);
      if (value > best_value) {
        best = point;
        best_value = value;
      }
    }
    return best;
  }

 private:
  std::vector<Point> spread_points(std::size_t count) {
    const SobolSequence sequence(cube_.dimensions(), given_.seed);
    std::vector<Point> points(count, Point(cube_.dimensions()));
    for (std::size_t i = 0; i < count; ++i) {
      sequence.point(static_cast<std::uint32_t>(i), points[i]);
      for (std::size_t c = 0; c < points[i].size(); ++c)
        if (cube_.kind(c) != Cube::Kind::categorical)
          points[i][c] = given_.region.low[c] + points[i][c] * (given_.region.high[c] - given_.region.low[c]);
      cube_.snap(points[i]);
    }
    return points;
  }
  /// A few coordinates move: nearby or far, each incumbent in turn, the better ones more often.
  void add_changed_incumbents(std::vector<Point>& points, std::size_t count) {
    const std::size_t d = cube_.dimensions();
    const double share = std::min(1.0, std::max(2.0, 0.3 * static_cast<double>(d)) / static_cast<double>(d));
    for (std::size_t i = 0; i < count && !given_.incumbents.empty(); ++i) {
      const std::size_t among = 1 + i % given_.incumbents.size();
      Point point = given_.incumbents[random_.below(among)];
      const double reach = math::exp(-5 + 4 * random_.uniform());  // 0.007 to 0.37
      const double part = i % 4 == 0 ? 1.0 : share;
      for (std::size_t c = 0; c < d; ++c)
        if (random_.uniform() < part) change(point, c, reach);
      cube_.snap(point);
      points.push_back(std::move(point));
    }
  }
  void change(Point& point, std::size_t c, double reach) {
    const double from = std::isnan(point[c]) ? random_.uniform() : point[c];
    if (cube_.kind(c) == Cube::Kind::categorical) point[c] = random_.uniform();
    else point[c] = std::clamp(from + reach * random_.normal(), given_.region.low[c], given_.region.high[c]);
  }
  /// Positions of the best points, best first, none close to a better one.
  std::vector<std::size_t> best_of(const std::vector<Point>& points, const std::vector<double>& values) const {
    std::vector<std::size_t> order(points.size()), chosen;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    for (std::size_t i : order) {
      const bool close =
          std::any_of(chosen.begin(), chosen.end(), [&](std::size_t j) { return near(points[i], points[j]); });
      if (!close) chosen.push_back(i);
      if (chosen.size() == improved_points) break;
    }
    return chosen;
  }
  bool near(const Point& a, const Point& b) const {
    constexpr double distance = 0.05;
    for (std::size_t c = 0; c < a.size(); ++c)
      if (std::abs(feature_of(cube_, c, a[c]) - feature_of(cube_, c, b[c])) > distance) return false;
    return true;
  }

  std::pair<Point, double> improved(Point point, double value) {
    for (std::size_t round = 0; round < rounds; ++round) {
      follow_gradient(point, value);
      const double before = value;
      try_other_levels(point, value);
      if (!(value > before)) break;
    }
    return {std::move(point), value};
  }
  bool moves_by_gradient(std::size_t c, const Point& point) const {
    if (std::isnan(point[c]) || cube_.kind(c) == Cube::Kind::categorical) return false;
    return cube_.kind(c) == Cube::Kind::continuous || cube_.levels(c) > levels_of_steps;
  }
  void follow_gradient(Point& point, double& value) {
    std::vector<std::size_t> moving;
    std::vector<double> start;
    Box box;
    for (std::size_t c = 0; c < point.size(); ++c)
      if (moves_by_gradient(c, point)) {
        moving.push_back(c);
        start.push_back(point[c]);
        box.low.push_back(given_.region.low[c]);
        box.high.push_back(given_.region.high[c]);
      }
    if (moving.empty()) return;
    Point at = point;
    std::vector<double> whole(point.size());
    const Differentiable function = [&](std::span<const double> x, std::span<double> gradient) {
      for (std::size_t i = 0; i < moving.size(); ++i) at[moving[i]] = x[i];
      const double promised = given_.acquisition.value_with_gradient(at, whole);
      for (std::size_t i = 0; i < moving.size(); ++i) gradient[i] = -whole[moving[i]];
      return -promised;
    };
    const BoxMinimum found =
        minimize_in_box(std::move(start), box, function,
                        {.max_evaluations = gradient_evaluations, .tolerance = 1e-4, .first_step = 0.02});
    for (std::size_t i = 0; i < moving.size(); ++i) at[moving[i]] = found.point[i];
    cube_.snap(at);
    keep_better(point, value, at);
  }
  void try_other_levels(Point& point, double& value) {
    for (std::size_t c = 0; c < point.size(); ++c) {
      if (cube_.kind(c) == Cube::Kind::continuous || std::isnan(point[c])) continue;
      for (std::uint64_t level : other_levels(c, cube_.level_at(c, point[c]))) {
        Point other = point;
        other[c] = cube_.middle_of_level(c, level);
        cube_.snap(other);
        keep_better(point, value, other);
      }
    }
  }
  std::vector<std::uint64_t> other_levels(std::size_t c, std::uint64_t level) {
    const std::uint64_t count = cube_.levels(c);
    std::vector<std::uint64_t> others;
    if (cube_.kind(c) == Cube::Kind::quantised && count > levels_of_steps) {
      if (level > 0) others.push_back(level - 1);
      if (level + 1 < count) others.push_back(level + 1);
    } else if (count <= most_levels_tried) {
      for (std::uint64_t other = 0; other < count; ++other)
        if (other != level) others.push_back(other);
    } else {
      for (std::uint64_t i = 0; i < most_levels_tried; ++i) others.push_back(random_.below(count));
    }
    return others;
  }
  void keep_better(Point& point, double& value, const Point& other) const {
    if (!given_.history.is_new(other)) return;
    const double promised = given_.acquisition.value(other);
    if (!(promised > value)) return;
    point = other;
    value = promised;
  }

  const AcquisitionSearch& given_;
  const Cube& cube_;
  RandomStream random_;
};

}  // namespace

Acquisition::Acquisition(const Cube& cube, const GaussianProcess& scores, const SecondsModel* seconds)
    : cube_(cube), scores_(scores), seconds_(seconds), best_(scores.means_at_data().minCoeff()) {}

std::vector<double> Acquisition::values(const std::vector<Point>& points) const {
  Matrix inputs(static_cast<automill_eigen::Index>(points.size()),
                static_cast<automill_eigen::Index>(cube_.dimensions()));
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t c = 0; c < cube_.dimensions(); ++c)
      inputs(static_cast<automill_eigen::Index>(i), static_cast<automill_eigen::Index>(c)) =
          feature_of(cube_, c, points[i][c]);
  std::vector<GaussianPrediction> predictions(points.size());
  scores_.predict(inputs, predictions);
  std::vector<double> values;
  for (const GaussianPrediction& each : predictions)
    values.push_back(math::log(each.deviation) + improvement_terms((best_ - each.mean) / each.deviation).log_h);
  if (seconds_ == nullptr) return values;
  seconds_->process.predict(inputs, predictions);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= seconds_->spread * predictions[i].mean;
  return values;
}

double Acquisition::value_with_gradient(const Point& point, std::span<double> gradient) const {
  const std::vector<double> features = features_of(cube_, point);
  const GaussianGradient at = scores_.predict_with_gradient(features);
  const double deviation = at.at.deviation;
  const ImprovementTerms terms = improvement_terms((best_ - at.at.mean) / deviation);
  for (std::size_t c = 0; c < gradient.size(); ++c) {
    gradient[c] = (terms.pdf_over_h * at.deviation[c] - terms.cdf_over_h * at.mean[c]) / deviation;
    if (std::isnan(point[c])) gradient[c] = 0;
  }
  double value = math::log(deviation) + terms.log_h;
  if (seconds_ == nullptr) return value;
  const GaussianGradient seconds = seconds_->process.predict_with_gradient(features);
  for (std::size_t c = 0; c < gradient.size(); ++c)
    if (!std::isnan(point[c])) gradient[c] -= seconds_->spread * seconds.mean[c];
  return value - seconds_->spread * seconds.at.mean;
}

std::optional<Point> most_promising(const AcquisitionSearch& search) { return Search(search).run(); }

}  // namespace automill::search
