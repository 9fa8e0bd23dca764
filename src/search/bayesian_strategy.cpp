// Bayesian optimisation: a Gaussian process of the scores, the logarithm of expected improvement, and the point where
// that is highest.

#include <automill/core/math.hpp>
#include <numeric>

#include "acquisition.hpp"
#include "features.hpp"
#include "gaussian_likelihood.hpp"
#include "score_scale.hpp"
#include "sobol.hpp"
#include "strategy.hpp"
#include "trust_region.hpp"

namespace automill::search {
namespace {

using automill_eigen::Index;

/// Evaluations of the likelihood that a fit takes, and operations that all of them may take an ask on average: models
/// of many trials are fitted anew less often.
constexpr int most_evaluations = 50, least_evaluations = 20;
constexpr double operations_an_ask = 1e7;
/// Of more trials, hyperparameters are fitted to a part.
constexpr std::size_t most_fitted_rows = 120;
constexpr std::size_t most_incumbents = 5;

/// Trials that count, in the order of their numbers.
struct Known {
  std::vector<const Observation*> trials;
  std::vector<double> scores;
};

/// Finished trials, and failed ones with the worst score of those.
Known known_of(const History& history) {
  Known known;
  double worst = -std::numeric_limits<double>::infinity();
  for (const Observation& each : history.observations)
    if (each.state == Observation::State::finished) worst = std::max(worst, each.score);
  for (const Observation& each : history.observations) {
    if (each.state == Observation::State::running) continue;
    known.trials.push_back(&each);
    known.scores.push_back(each.state == Observation::State::failed ? worst : each.score);
  }
  return known;
}

Matrix inputs_of(const Cube& cube, const std::vector<const Observation*>& trials) {
  Matrix inputs(static_cast<Index>(trials.size()), static_cast<Index>(cube.dimensions()));
  for (std::size_t i = 0; i < trials.size(); ++i)
    for (std::size_t c = 0; c < cube.dimensions(); ++c)
      inputs(static_cast<Index>(i), static_cast<Index>(c)) = feature_of(cube, c, trials[i]->point[c]);
  return inputs;
}

ColumnVector as_column(const std::vector<double>& values) {
  return automill_eigen::Map<const ColumnVector>(values.data(), static_cast<Index>(values.size()));
}

/// A process whose hyperparameters follow the data: fitted anew when enough trials have come.
class FollowingProcess {
 public:
  explicit FollowingProcess(std::vector<bool> categorical) : process_(std::move(categorical)) {}

  const GaussianProcess& follow(GaussianData data) {
    const auto rows = static_cast<std::size_t>(data.inputs.rows());
    const double n = static_cast<double>(std::min(rows, most_fitted_rows)), d = static_cast<double>(data.inputs.cols());
    const double affordable = operations_an_ask / (2 * n * n * (n + d));
    if (fitted_rows_ == 0 || static_cast<double>(rows) >= fitted_rows_ + least_evaluations / affordable) {
      std::vector<GaussianHyperparameters> starts{process_.default_hyperparameters()};
      if (fitted_rows_ > 0) starts.insert(starts.begin(), fitted_);
      if (fitted_rows_ > 0 && affordable < 2 * most_evaluations) starts.pop_back();
      fitted_ = process_.fitted(part_of(data), starts,
                                std::clamp(static_cast<int>(affordable), least_evaluations, most_evaluations));
      fitted_rows_ = static_cast<double>(rows);
    }
    process_.condition(std::move(data), fitted_);
    return process_;
  }

 private:
  /// All rows, or as many as are fitted: evenly from first to last.
  static GaussianData part_of(const GaussianData& data) {
    const auto rows = static_cast<std::size_t>(data.inputs.rows());
    if (rows <= most_fitted_rows) return data;
    GaussianData part{Matrix(static_cast<Index>(most_fitted_rows), data.inputs.cols()),
                      ColumnVector(static_cast<Index>(most_fitted_rows))};
    for (std::size_t i = 0; i < most_fitted_rows; ++i) {
      const auto from = static_cast<Index>(i * (rows - 1) / (most_fitted_rows - 1)), to = static_cast<Index>(i);
      part.inputs.row(to) = data.inputs.row(from);
      part.targets[to] = data.targets[from];
    }
    return part;
  }

  GaussianProcess process_;
  GaussianHyperparameters fitted_;
  double fitted_rows_ = 0;
};

class BayesianStrategy final : public Strategy {
 public:
  BayesianStrategy(const Cube& cube, const StrategyOptions& options)
      : options_(options),
        spread_(cube.dimensions(), options.seed),
        scores_(categorical_coordinates(cube)),
        seconds_(categorical_coordinates(cube)) {
    const auto d = static_cast<std::int64_t>(cube.dimensions());
    initial_ = static_cast<std::size_t>(options.initial_trials.value_or(std::clamp<std::int64_t>(d + 1, 4, 10)));
  }

  Point propose(const History& history) override {
    const Known known = known_of(history);
    std::size_t finished = 0;
    for (const Observation& each : history.observations) finished += each.state == Observation::State::finished;
    if (history.cube.dimensions() == 0 || history.observations.size() < initial_ || finished < 2)
      return spread_point(history);
    GaussianProcess process =
        scores_.follow({inputs_of(history.cube, known.trials), as_column(scaled_scores(known.scores))});
    add_running(history, known, process);
    const std::optional<SecondsModel> seconds = options_.per_second ? seconds_model(history) : std::nullopt;
    const Acquisition acquisition(history.cube, process, seconds ? &*seconds : nullptr);
    const double n = static_cast<double>(known.trials.size());
    const AcquisitionSearch search{acquisition,
                                   history,
                                   incumbents(known),
                                   region(history, known, process),
                                   combine_hashes(options_.seed, history.observations.size()),
                                   static_cast<std::size_t>(std::clamp(1e7 / (n * n), 250.0, 2000.0))};
    return most_promising(search).value_or(spread_point(history));
  }

 private:
  Point spread_point(const History& history) const {
    Point point(history.cube.dimensions());
    spread_.point(static_cast<std::uint32_t>(history.observations.size()), point);
    return point;
  }
  /// Running trials, with their last score on the way, or the score that is expected of them.
  void add_running(const History& history, const Known& known, GaussianProcess& process) const {
    std::vector<const Observation*> running, all = known.trials;
    for (const Observation& each : history.observations)
      if (each.state == Observation::State::running) running.push_back(&each);
    if (running.empty()) return;
    std::vector<GaussianPrediction> expected(running.size());
    process.predict(inputs_of(history.cube, running), expected);
    std::vector<double> targets(process.data().targets.begin(), process.data().targets.end());
    for (std::size_t i = 0; i < running.size(); ++i) {
      all.push_back(running[i]);
      targets.push_back(running[i]->partial ? scaled_like(known.scores, process, *running[i]->partial)
                                            : expected[i].mean);
    }
    process.condition({inputs_of(history.cube, all), as_column(targets)}, process.hyperparameters());
  }
  /// The target of the finished trial whose score is nearest.
  static double scaled_like(const std::vector<double>& scores, const GaussianProcess& process, double score) {
    std::size_t nearest = 0;
    for (std::size_t i = 1; i < scores.size(); ++i)
      if (std::abs(scores[i] - score) < std::abs(scores[nearest] - score)) nearest = i;
    return process.data().targets[static_cast<Index>(nearest)];
  }
  std::optional<SecondsModel> seconds_model(const History& history) {
    std::vector<const Observation*> timed;
    std::vector<double> logs;
    for (const Observation& each : history.observations)
      if (each.seconds) {
        timed.push_back(&each);
        logs.push_back(math::log(std::max(*each.seconds, 1e-6)));
      }
    if (timed.size() < 2) return std::nullopt;
    double spread = 0;
    std::vector<double> targets = standardised(std::move(logs), spread);
    return SecondsModel{seconds_.follow({inputs_of(history.cube, timed), as_column(targets)}), spread};
  }
  static std::vector<Point> incumbents(const Known& known) {
    std::vector<std::size_t> order(known.scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return known.scores[a] < known.scores[b]; });
    std::vector<Point> best;
    for (std::size_t i = 0; i < std::min(order.size(), most_incumbents); ++i)
      best.push_back(known.trials[order[i]]->point);
    return best;
  }
  static Box region(const History& history, const Known& known, const GaussianProcess& process) {
    const std::size_t d = history.cube.dimensions();
    if (d <= dimensions_without_region) return {std::vector<double>(d, 0.0), std::vector<double>(d, 1.0)};
    std::vector<Point> points;
    for (const Observation* each : known.trials) points.push_back(each->point);
    return trust_region(points, known.scores, process.hyperparameters().lengths);
  }

  StrategyOptions options_;
  SobolSequence spread_;
  FollowingProcess scores_, seconds_;
  std::size_t initial_;
};

}  // namespace

std::unique_ptr<Strategy> make_bayesian_strategy(const Cube& cube, const StrategyOptions& options) {
  return std::make_unique<BayesianStrategy>(cube, options);
}

}  // namespace automill::search
