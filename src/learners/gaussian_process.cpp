#include <automill/core/normal_quantile.hpp>
#include <automill/learners/gaussian_model.hpp>
#include <automill/learners/gaussian_process.hpp>
#include <cmath>

#include "design_columns.hpp"
#include "gaussian_evidence.hpp"
#include "keyed_rows.hpp"
#include "linear_targets.hpp"
#include "quantile_levels.hpp"

namespace automill {
namespace {

using linear::GaussianPoints;
using linear::GaussianPosterior;
using linear::LogParameters;
using linear::SymmetricBlocks;

constexpr std::size_t most_own_lengths = 50;
constexpr std::size_t first_likelihood_rows = 256;
constexpr int start_iterations = 10;  // of each start; the best one goes on
constexpr int last_iterations = 60;
// derivatives of the evidence of a row, by logarithms of parameters: of 1,000 rows the coarse one leaves the evidence
// within some hundredths of its best
constexpr double coarse_tolerance = 1e-3, fine_tolerance = 1e-4;

std::size_t most_likelihood_rows(bool classes) { return classes ? 512 : 1024; }

std::size_t most_rows_of(const GaussianProcessParameters& parameters, bool classes) {
  return parameters.max_rows ? static_cast<std::size_t>(*parameters.max_rows) : classes ? 1000 : 3000;
}

/// Numbers of rows that are looked at one after the other; the last are those of the model.
std::vector<std::size_t> levels_of(const GaussianProcessParameters& parameters, bool classes, std::size_t rows) {
  const std::size_t all = std::min(rows, most_rows_of(parameters, classes));
  std::vector<std::size_t> levels;
  for (std::size_t level : {first_likelihood_rows, most_likelihood_rows(classes)})
    if (level < all) levels.push_back(level);
  levels.push_back(all);
  return levels;
}

/// Covariance, its slopes, factor, inverse and the factor's inverse; for each function the posterior that is kept, its
/// packed copy and two more on the way there; the points.
std::uint64_t bytes_of(const GaussianProcessParameters& parameters, bool classes, std::size_t functions,
                       std::size_t rows, std::size_t columns) {
  const std::size_t all = levels_of(parameters, classes, rows).back();
  const std::size_t likely = std::min(all, most_likelihood_rows(classes));
  const std::uint64_t kept = classes || !parameters.quantiles.is_null() ? 2 * functions : 1;
  return (8 + kept) * SymmetricBlocks::bytes(likely) + (all > likely ? (3 + kept) * SymmetricBlocks::bytes(all) : 0) +
         3 * sizeof(double) * all * columns;
}

/// A search for the parameters of highest marginal likelihood: those that are not given.
class LikelihoodSearch {
 public:
  LikelihoodSearch(linear::GaussianEvidence& evidence, LogParameters given, std::size_t rows, linear::With with,
                   const RunContext& context)
      : evidence_(&evidence),
        given_(std::move(given)),
        rows_(static_cast<double>(rows)),
        with_(with),
        context_(context) {
    for (std::size_t k = 0; k < given_.size(); ++k)
      if (std::isnan(given_[k])) free_.push_back(k);
  }

  bool has_choice() const { return !free_.empty(); }
  struct Outcome {
    std::optional<GaussianPosterior> found{};  ///< nothing: stopped before there was one
    std::int64_t rounds = 0;
    bool stopped = false;
  };
  Outcome run(const LogParameters& start, int iterations, double tolerance, std::optional<std::int64_t> rounds_left) {
    Outcome outcome;
    if (rounds_left && *rounds_left < 1) return {.stopped = true};
    if (free_.empty()) {
      auto result = evidence_->at(given_, with_, context_);
      outcome.stopped = !result;
      outcome.rounds = result ? 1 : 0;
      if (result) outcome.found = std::move(result->posterior);
      return outcome;
    }
    linear::MinimizeOptions options{.tolerance = tolerance, .max_iterations = iterations};
    if (rounds_left) options.stop_after = *rounds_left - 1;
    std::optional<GaussianPosterior> last;
    options.accepted = [&] {
      std::swap(outcome.found, last);
      ++outcome.rounds;
    };
    std::vector<double> from;
    for (std::size_t k : free_) from.push_back(start[k]);
    const auto result = linear::minimize_lbfgs(
        std::move(from), [&](const std::vector<double>& point) { return evaluate(point, last); },
        [](const std::vector<double>& x) { return x; }, options);
    outcome.stopped = result.stopped;
    return outcome;
  }

 private:
  /// Logarithms beyond these cost their squares, so that the search comes back.
  static constexpr double wall = 12, end = 20;

  std::optional<linear::Evaluation> evaluate(const std::vector<double>& point, std::optional<GaussianPosterior>& last) {
    LogParameters all = given_;
    for (std::size_t f = 0; f < free_.size(); ++f) all[free_[f]] = std::clamp(point[f], -end, end);
    auto result = evidence_->at(all, linear::With::gradient, context_);
    if (!result) return std::nullopt;
    linear::Evaluation evaluation{-result->posterior.evidence / rows_, {}};
    for (std::size_t f = 0; f < free_.size(); ++f) {
      const double beyond = point[f] - std::clamp(point[f], -wall, wall);
      evaluation.value += 0.5 * beyond * beyond;
      const double slope = std::abs(point[f]) < end ? -result->gradient[free_[f]] / rows_ : 0.0;
      evaluation.gradient.push_back(slope + beyond);
    }
    last = std::move(result->posterior);
    return evaluation;
  }

  linear::GaussianEvidence* evidence_;
  LogParameters given_;  ///< NaN: free
  std::vector<std::size_t> free_{};
  double rows_;
  linear::With with_;
  const RunContext& context_;
};

class GaussianProcessFit {
 public:
  GaussianProcessFit(const FitInput& input, const GaussianProcessParameters& parameters, const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        design_(input.train, true, context),
        regression_(input.train.task() == Task::regression) {
    design_.lay_out(linear::Layout::dense);
    state_.kernel = parameters.kernel == "matern" ? Kernel::matern : Kernel::gaussian;
    for (double level : quantile_levels(parameters.quantiles, GaussianProcess::registered_name))
      state_.levels.push_back(math::normal_quantile(level));
    const linear::TrainingRows& rows = design_.rows();
    if (regression_) take_values();
    else take_labels();
    std::vector<std::uint64_t> keys;
    for (std::uint32_t from : rows.keys_from) keys.push_back(input.train.key(from));
    order_ = keyed_order(keys, labels_, context.seed, purpose("gaussian process rows"));
    one_length_ = parameters.length_scale || !parameters.relevance.value_or(design_.columns() <= most_own_lengths);
    start_state();
  }

  FitResult run() {
    FitResult result;
    if (design_.columns() > 0 && order_.size() > 1 &&
        std::any_of(varies_.begin(), varies_.end(), [](bool v) { return v; }))
      fit(result.report);
    else result.report.rounds = 1;
    if (stopped_) result.report.stopped = context_.stop.stopped_by();
    result.model = std::make_unique<GaussianModel>(std::move(state_));
    return result;
  }

 private:
  void take_values() {
    linear::CentredTargets centred = linear::centred_targets(input_.train, design_.rows());
    const double deviation = linear::deviation_of(centred.targets, design_.rows());
    varies_ = {deviation > 0};
    state_.offsets = {centred.mean};
    targets_ = std::move(centred.targets);
    if (!(deviation > 0)) return;
    state_.unit = centred.unit * deviation;
    for (double& target : targets_) target /= deviation;
  }
  /// A class that no row has: the share of half a row.
  void take_labels() {
    const linear::TrainingRows& rows = design_.rows();
    std::vector<double> shares(input_.train.target().classes.size(), 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      labels_.push_back(input_.train.label(rows.keys_from[i]));
      shares[static_cast<std::size_t>(labels_.back())] += rows.weights[i] / rows.total_weight;
    }
    const double least = 0.5 / (1 + rows.total_weight);
    for (std::size_t k = shares.size() == 2 ? 1 : 0; k < shares.size(); ++k) {
      const bool absent = shares[k] == 0, alone = shares[k] > 1 - 1e-12;
      varies_.push_back(!absent && !alone);
      const double share = std::clamp(shares[k], least, 1 - least);
      state_.offsets.push_back(math::log(share) - math::log(1 - share));
    }
  }

  void start_state() {
    linear::take_columns(design_, state_);
    state_.signals.assign(state_.functions(), 0.0);
    state_.inverse_lengths.assign(state_.functions() * state_.used.size(), 1.0);
  }

  std::size_t functions() const { return varies_.size(); }
  bool has_spread() const { return !regression_ || !state_.levels.empty(); }

  void fit(FitReport& report) {
    const std::size_t rows = order_.size();
    const MemoryClaim claim(context_.memory, bytes_of(parameters_, !regression_, functions(), rows, design_.columns()),
                            "covariances of rows");
    std::vector<std::optional<GaussianPosterior>> best(functions());
    try {
      for (std::size_t level : levels_of(parameters_, !regression_, rows)) {
        const std::vector<std::uint32_t> chosen = thinned(order_, level);
        const GaussianPoints points = points_of(chosen);
        auto found = fit_level(chosen, points, best);
        if (!found) break;
        best = std::move(*found);
        take_posteriors(points, best);
        report.details = details_of(best, level);
        if (stopped_) break;
      }
    } catch (const Stopped&) {
      stopped_ = true;
    }
    report.rounds = rounds_;
  }

  /// Rows in the order of `chosen`, which does not depend on that of the table.
  GaussianPoints points_of(const std::vector<std::uint32_t>& chosen) const {
    GaussianPoints points{chosen.size(), design_.columns(), std::vector<double>(chosen.size() * design_.columns())};
    std::vector<std::uint32_t> ranks(chosen.size()), ascending;
    std::iota(ranks.begin(), ranks.end(), 0U);
    std::sort(ranks.begin(), ranks.end(), [&](auto a, auto b) { return chosen[a] < chosen[b]; });
    for (std::uint32_t rank : ranks) ascending.push_back(chosen[rank]);
    linear::Tile tile;
    for (std::size_t t = 0; t * linear::tile_rows < ascending.size(); ++t) {
      context_.stop.throw_if_requested();
      design_.read_positions(input_.train.dataset().features, ascending, t, tile);
      for (std::size_t j = 0; j < points.columns; ++j)
        for (std::size_t i = 0; i < tile.rows; ++i)
          points.values[j * points.rows + ranks[t * linear::tile_rows + i]] = tile.dense[j * linear::tile_rows + i];
    }
    return points;
  }

  /// The posteriors of some rows, from what fewer said; nothing where a function has none when the fit is stopped.
  std::optional<std::vector<std::optional<GaussianPosterior>>> fit_level(
      const std::vector<std::uint32_t>& rows, const GaussianPoints& points,
      const std::vector<std::optional<GaussianPosterior>>& before) {
    linear::GaussianCovariance covariance(points, state_.kernel, one_length_);
    if (!covariance.prepare(context_)) throw Stopped();
    std::vector<std::optional<GaussianPosterior>> found(functions());
    for (std::size_t k = 0; k < functions(); ++k) {
      if (!varies_[k]) continue;
      const auto evidence = evidence_of(covariance, rows, k);
      if (!stopped_) found[k] = search(*evidence, rows.size(), k, before[k]);
      if (!found[k]) return std::nullopt;
    }
    return found;
  }

  std::unique_ptr<linear::GaussianEvidence> evidence_of(const linear::GaussianCovariance& covariance,
                                                        const std::vector<std::uint32_t>& rows, std::size_t k) const {
    constexpr double most = 1e6;  // beyond it a weight says no more
    const linear::TrainingRows& all = design_.rows();
    const double mean = regression_ ? all.total_weight / static_cast<double>(all.size()) : 1.0;
    std::vector<double> weights, values;
    std::vector<std::uint8_t> labels;
    for (std::uint32_t row : rows) {
      weights.push_back(std::clamp(all.weights[row] / mean, 1 / most, most));
      if (regression_) values.push_back(targets_[row]);
      else labels.push_back(labels_[row] == static_cast<std::int32_t>(functions() == 1 ? 1 : k) ? 1 : 0);
    }
    if (regression_)
      return std::make_unique<linear::RegressionEvidence>(covariance, std::move(values), std::move(weights));
    return std::make_unique<linear::LaplaceEvidence>(covariance, std::move(labels), std::move(weights));
  }

  std::optional<GaussianPosterior> search(linear::GaussianEvidence& evidence, std::size_t rows, std::size_t k,
                                          const std::optional<GaussianPosterior>& before) {
    const linear::With with = has_spread() ? linear::With::variances : linear::With::weights;
    const std::size_t most = most_likelihood_rows(!regression_);
    const LogParameters given = rows <= most ? given_parameters() : before->parameters;
    LikelihoodSearch searching(evidence, given, rows, with, context_);
    std::optional<GaussianPosterior> best;
    const auto go = [&](const LogParameters& from, int iterations, double tolerance) {
      std::optional<std::int64_t> left;
      if (input_.stop_at_round) left = *input_.stop_at_round - rounds_;
      auto outcome = searching.run(from, iterations, tolerance, left);
      rounds_ += outcome.rounds;
      stopped_ = outcome.stopped;
      if (outcome.found && (!best || outcome.found->evidence > best->evidence)) best = std::move(outcome.found);
    };
    if (!before && searching.has_choice())
      for (int start = 0; start <= parameters_.restarts && !stopped_; ++start)
        go(start_of(start, k), start_iterations, coarse_tolerance);
    const double tolerance = rows == order_.size() && rows <= first_likelihood_rows ? fine_tolerance : coarse_tolerance;
    if (!stopped_) go(before ? before->parameters : best ? best->parameters : given, last_iterations, tolerance);
    return best;
  }

  std::size_t lengths() const { return one_length_ ? 1 : design_.columns(); }
  /// Logarithms; NaN where the data choose.
  LogParameters given_parameters() const {
    const auto given = [](const std::optional<double>& value) { return value ? math::log(*value) : std::nan(""); };
    LogParameters all(lengths(), given(parameters_.length_scale));
    all.push_back(given(parameters_.signal));
    if (regression_) all.push_back(given(parameters_.noise));
    return all;
  }
  LogParameters start_of(int start, std::size_t k) const {
    LogParameters all(lengths(), 0.5 * math::log(static_cast<double>(design_.columns())));
    all.push_back(0);
    if (regression_) all.push_back(-2.3);
    if (start == 0) return all;
    RandomStream random = context_.random("gaussian process starts", k * 1000 + static_cast<std::size_t>(start));
    const double shift = random.normal();
    for (std::size_t j = 0; j < all.size(); ++j)
      all[j] += j < lengths() ? shift + 0.5 * random.normal() : random.normal();
    return all;
  }

  void take_posteriors(const GaussianPoints& points, const std::vector<std::optional<GaussianPosterior>>& all) {
    const std::size_t columns = points.columns, rows = points.rows;
    state_.landmarks.resize(rows * columns);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) state_.landmarks[i * columns + j] = points.values[j * rows + i];
    state_.weights.assign(functions() * rows, 0.0);
    state_.triangles.clear();
    for (std::size_t k = 0; k < functions(); ++k) {
      if (!all[k]) {
        if (has_spread()) state_.triangles.resize(state_.triangles.size() + rows * (rows + 1) / 2, 0.0);
        continue;
      }
      const GaussianPosterior& posterior = *all[k];
      std::copy(posterior.weights.begin(), posterior.weights.end(),
                state_.weights.begin() + static_cast<std::ptrdiff_t>(k * rows));
      for (std::size_t j = 0; j < columns; ++j)
        state_.inverse_lengths[k * columns + j] = math::exp(-posterior.parameters[one_length_ ? 0 : j]);
      state_.signals[k] = math::exp(posterior.parameters[lengths()]);
      if (regression_) state_.noise = math::exp(posterior.parameters.back());
      else state_.offsets[k] = 0;
      if (!has_spread()) continue;
      const std::vector<double> factor = posterior.packed_factor();
      state_.triangles.insert(state_.triangles.end(), factor.begin(), factor.end());
    }
  }

  Object details_of(const std::vector<std::optional<GaussianPosterior>>& all, std::size_t rows) const {
    double evidence = 0;
    for (const auto& posterior : all) evidence += posterior ? posterior->evidence : 0;
    Object details{{"rows", static_cast<std::int64_t>(rows)}, {"log_marginal_likelihood", evidence}};
    if (functions() > 1) return details;
    Array scales;
    for (double inverse : state_.inverse_lengths) scales.push_back(1 / inverse);
    details["signal"] = state_.signals[0];
    if (regression_) details["noise"] = state_.noise;
    details["length_scales"] = scales;
    return details;
  }

  const FitInput& input_;
  const GaussianProcessParameters& parameters_;
  const RunContext& context_;
  linear::Design design_;
  bool regression_, one_length_ = false, stopped_ = false;
  std::vector<std::uint32_t> order_{};
  std::vector<double> targets_{};  ///< of mean 0 and variance 1
  std::vector<std::int32_t> labels_{};
  std::vector<bool> varies_{};  ///< the targets of each function
  std::int64_t rounds_ = 0;
  GaussianState state_{};
};

}  // namespace

EstimatorTraits GaussianProcess::traits() const {
  EstimatorTraits traits;
  traits.row_order_tolerance = 1e-3;
  return traits;
}

OutputSpec GaussianProcess::output_spec(const Target& target) const {
  OutputSpec output = output_of(target);
  if (parameters_.quantiles.is_null()) return output;
  const std::string owner = registered_name;
  if (target.task != Task::regression)
    throw Error("fit.quantiles", owner + ".quantiles",
                "the target is " + task_name(target.task) + " and has no quantiles", "leave them out");
  return output_of_levels(std::move(output), quantile_levels(parameters_.quantiles, owner));
}

CostEstimate GaussianProcess::cost(const DataShape& shape) const {
  const bool classes = shape.classes > 1;
  const std::size_t functions = shape.classes > 2 ? shape.classes : 1;
  const std::size_t columns = std::max<std::size_t>(1, shape.columns);
  const auto d = static_cast<double>(columns), all = static_cast<double>(functions) * (classes ? 4.0 : 1.0);
  double operations = 10 * static_cast<double>(shape.rows) * d;
  const std::vector<std::size_t> levels = levels_of(parameters_, classes, shape.rows);
  for (std::size_t level : levels) {
    const auto n = static_cast<double>(level);
    const double evaluations = level <= first_likelihood_rows           ? 50.0 * (1 + parameters_.restarts)
                               : level <= most_likelihood_rows(classes) ? 30.0
                                                                        : 1.0;
    operations += evaluations * all * n * n * (n + 3 * std::min(d, 50.0) + 30);
  }
  return {operations, static_cast<double>(bytes_of(parameters_, classes, functions, shape.rows, columns)) +
                          24.0 * static_cast<double>(shape.rows) + 4e4};
}

FitResult GaussianProcess::fit_checked(const FitInput& input, const RunContext& context) const {
  static_cast<void>(output_spec(input.train.target()));  // refuses quantiles of classes before the work
  return GaussianProcessFit(input, parameters_, context).run();
}

}  // namespace automill
