#include <automill/learners/kernel_ridge.hpp>
#include <cmath>

#include "design_columns.hpp"
#include "kernel_system.hpp"
#include "keyed_rows.hpp"
#include "linear_targets.hpp"
#include "ridge_forms.hpp"

namespace automill {
namespace {

using linear::Design;
using linear::KernelBasis;
using linear::KernelSystem;
using linear::KernelTargets;

constexpr std::size_t median_rows = 256;                         // of which all distances are looked at
constexpr std::size_t trial_rows = 3000, trial_landmarks = 300;  // by which the length is chosen
constexpr std::size_t rows_of_factor = 512;                      // whose left-out scores make the probabilities

/// As many that rows times their square are about two seconds.
std::size_t landmarks_of(const KernelRidgeParameters& parameters, double rows) {
  const double usual = std::clamp(std::sqrt(2e9 / rows), 256.0, 1000.0);
  return static_cast<std::size_t>(std::min(rows, parameters.landmarks ? *parameters.landmarks : std::floor(usual)));
}

using KernelRowList = std::vector<std::uint32_t>;

/// Ascending, as rows are read.
KernelRowList first_of(const KernelRowList& order, std::size_t count) {
  KernelRowList rows(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size())));
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// The median of the distances between rows that differ; 1 where none do.
double median_distance(const Design& design, const Table& features, const KernelRowList& rows, const StopToken& stop) {
  std::vector<double> points, squares;
  const std::size_t columns = design.columns();
  for (std::size_t t = 0; t * linear::tile_rows < rows.size(); ++t) {
    linear::Tile tile;
    design.read_positions(features, rows, t, tile);
    for (std::size_t i = 0; i < tile.rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) points.push_back(tile.dense[j * linear::tile_rows + i]);
  }
  for (std::size_t a = 0; a < rows.size(); ++a) {
    stop.throw_if_requested();
    for (std::size_t b = 0; b < a; ++b) {
      double sum = 0;
      for (std::size_t j = 0; j < columns; ++j) {
        const double difference = points[a * columns + j] - points[b * columns + j];
        sum += difference * difference;
      }
      if (sum > 0) squares.push_back(sum);
    }
  }
  if (squares.empty()) return 1;
  const auto middle = squares.begin() + static_cast<std::ptrdiff_t>(squares.size() / 2);
  std::nth_element(squares.begin(), middle, squares.end());
  return std::sqrt(*middle);
}

/// Scores that were made without their rows, as differences from the shares of the classes: log odds, or log shares of
/// all classes, are `factor` times that and the logarithms of the shares.
class ScoreFactor {
 public:
  ScoreFactor(std::vector<double> differences, std::vector<double> starts, std::vector<std::int32_t> labels,
              std::vector<double> weights)
      : differences_(std::move(differences)),
        starts_(std::move(starts)),
        labels_(std::move(labels)),
        weights_(std::move(weights)) {}

  /// The factor of least log-loss: its derivative rises with the factor.
  double best() const {
    constexpr double most = 100;
    double low = 0, high = most;
    if (slope(low) >= 0) return 0;
    if (slope(high) <= 0) return most;
    for (int i = 0; i < 50; ++i) {
      const double middle = 0.5 * (low + high);
      (slope(middle) < 0 ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }

 private:
  double slope(double factor) const {
    const std::size_t scores = starts_.size();
    double sum = 0;
    std::vector<double> shares(scores);
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const double* difference = differences_.data() + i * scores;
      for (std::size_t k = 0; k < scores; ++k) shares[k] = factor * difference[k] + starts_[k];
      if (scores == 1) shares[0] = math::sigmoid(shares[0]);
      else math::softmax(shares.data(), scores);
      for (std::size_t k = 0; k < scores; ++k) {
        const bool own = labels_[i] == static_cast<std::int32_t>(scores == 1 ? 1 : k);
        sum += weights_[i] * (shares[k] - (own ? 1.0 : 0.0)) * difference[k];
      }
    }
    return sum;
  }
  std::vector<double> differences_, starts_;  ///< rows x scores; scores
  std::vector<std::int32_t> labels_;
  std::vector<double> weights_;
};

class KernelFit {
 public:
  KernelFit(const FitInput& input, const KernelRidgeParameters& parameters, const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        features_(input.train.dataset().features),
        design_(input.train, true, context),
        regression_(input.train.task() == Task::regression),
        kernel_(parameters.kernel == "matern" ? Kernel::matern : Kernel::gaussian) {
    design_.lay_out(linear::Layout::dense);
    std::vector<std::uint64_t> keys;
    for (std::uint32_t from : design_.rows().keys_from) keys.push_back(input.train.key(from));
    order_ = keyed_order(keys, {}, context.seed, purpose("kernel landmarks"));
    if (regression_) take_values();
    else take_labels();
    start_state();
  }

  FitResult run() {
    FitResult result;
    result.report.rounds = 1;
    const bool varies =
        std::any_of(targets_.values.begin(), targets_.values.end(), [&](double t) { return t != targets_.values[0]; });
    if (design_.columns() > 0 && (varies || targets_.outputs > 1) && order_.size() > 1) {
      try {
        if (input_.stop_at_round.value_or(1) < 1) throw Stopped();
        fit(result.report.details);
      } catch (const Stopped&) {
        result.report.rounds = 0;
        result.report.stopped = context_.stop.stopped_by();
      }
    }
    result.model = std::make_unique<KernelModel>(std::move(state_));
    return result;
  }

 private:
  void take_values() {
    linear::CentredTargets centred = linear::centred_targets(input_.train, design_.rows());
    mean_ = centred.mean;
    unit_ = centred.unit;
    targets_.values = std::move(centred.targets);
  }
  void take_labels() {
    const std::size_t classes = input_.train.target().classes.size();
    const linear::TrainingRows& rows = design_.rows();
    targets_.outputs = classes == 2 ? 1 : classes;
    targets_.values.assign(rows.size() * targets_.outputs, 0.0);
    shares_.assign(classes, 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      labels_.push_back(input_.train.label(rows.keys_from[i]));
      const auto label = static_cast<std::size_t>(labels_.back());
      shares_[label] += rows.weights[i] / rows.total_weight;
      if (classes == 2) targets_.values[i] = label == 1 ? 1 : 0;
      else targets_.values[i * classes + label] = 1;
    }
  }

  /// Without landmarks: the mean, or the shares of the classes (of an absent one, that of half a row).
  void start_state() {
    state_.kernel = kernel_;
    if (regression_) {
      state_.offsets = {mean_};
    } else {
      const double least = 0.5 / (1 + design_.rows().total_weight);
      const auto log_share = [&](std::size_t k) { return math::log(std::max(shares_[k], least)); };
      state_.link = shares_.size() == 2 ? Link::logistic : Link::softmax;
      if (shares_.size() == 2) state_.offsets = {log_share(1) - log_share(0)};
      else
        for (std::size_t k = 0; k < shares_.size(); ++k) state_.offsets.push_back(log_share(k));
    }
    linear::take_columns(design_, state_);
  }

  void fit(Object& details) {
    const std::size_t m = landmarks_of(parameters_, static_cast<double>(order_.size()));
    const MemoryClaim claim(context_.memory, memory(m, design_.columns(), targets_.outputs), "similarities");
    const double median = median_distance(design_, features_, first_of(order_, median_rows), context_.stop);
    const double multiple = parameters_.length_scale ? *parameters_.length_scale : chosen_multiple(median, m);
    const KernelBasis basis = basis_of(m, multiple * median);
    const KernelRowList all = first_of(order_, order_.size());
    const KernelSystem system(design_, features_, basis, all, targets_, context_);
    const double penalty = parameters_.alpha ? *parameters_.alpha : best_penalty(system, all.size()).first;
    const double factor = regression_ ? unit_ : probability_factor(system, penalty);
    state_.length = basis.length();
    state_.weights.assign(m * targets_.outputs, 0.0);
    for (std::size_t k = 0; k < targets_.outputs; ++k) {
      const KernelSystem::Function function = system.solve(penalty, k);
      for (std::size_t l = 0; l < m; ++l) state_.weights[l * targets_.outputs + k] = factor * function.weights[l];
      // the mean, or the logarithm of the share, is in the offset already
      state_.offsets[k] += factor * (function.offset - (regression_ ? 0.0 : system.mean(k)));
    }
    state_.landmarks = basis.landmarks();
    details = Object{{"alpha", penalty}, {"length_scale", multiple}, {"landmarks", static_cast<std::int64_t>(m)}};
  }

  static std::uint64_t memory(std::size_t m, std::size_t columns, std::size_t outputs) {
    return 8 * (10 * m * m + 2 * m * columns + 4 * linear::tile_rows * m + 8 * m * outputs);
  }
  KernelBasis basis_of(std::size_t m, double length) const {
    return {design_, features_, first_of(order_, m), kernel_, length, context_.stop};
  }

  /// The penalty of least generalised cross-validation, and its error.
  static std::pair<double, double> best_penalty(const KernelSystem& system, std::size_t rows) {
    std::pair<double, double> best{1, std::numeric_limits<double>::infinity()};
    for (double penalty : linear::ridge_penalties(system.unit(), rows, 1)) {
      const double error = system.generalised_error(penalty);
      if (error < best.second) best = {penalty, error};
    }
    return best;
  }

  /// On some rows with some landmarks, for the multiple hardly depends on how many there are.
  double chosen_multiple(double median, std::size_t m) const {
    double best = 1, least = std::numeric_limits<double>::infinity();
    const KernelRowList rows = first_of(order_, trial_rows);
    for (double multiple : {1.0, 0.5, 2.0}) {
      const KernelBasis basis = basis_of(std::min(m, trial_landmarks), multiple * median);
      const KernelSystem system(design_, features_, basis, rows, targets_, context_);
      const double error = best_penalty(system, rows.size()).second;
      if (error >= least) continue;
      least = error;
      best = multiple;
    }
    return best;
  }

  double probability_factor(const KernelSystem& system, double penalty) const {
    const KernelRowList rows = first_of(order_, rows_of_factor);
    auto scores = system.left_out(penalty, rows, context_);
    if (!scores) throw Stopped();
    std::vector<std::int32_t> labels;
    std::vector<double> weights;
    for (std::uint32_t i : rows) {
      labels.push_back(labels_[i]);
      weights.push_back(design_.rows().weights[i]);
    }
    for (std::size_t a = 0; a < scores->size(); ++a) (*scores)[a] -= system.mean(a % targets_.outputs);
    return ScoreFactor(std::move(*scores), state_.offsets, std::move(labels), std::move(weights)).best();
  }

  const FitInput& input_;
  const KernelRidgeParameters& parameters_;
  const RunContext& context_;
  const Table& features_;
  Design design_;
  bool regression_;
  Kernel kernel_;
  KernelRowList order_{};
  KernelTargets targets_{};
  std::vector<std::int32_t> labels_{};
  std::vector<double> shares_{};
  double mean_ = 0, unit_ = 1;
  KernelState state_{};
};

}  // namespace

EstimatorTraits KernelRidge::traits() const {
  EstimatorTraits traits;
  traits.row_order_tolerance = 1e-3;
  return traits;
}

CostEstimate KernelRidge::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double outputs = static_cast<double>(shape.classes);
  // of more rows there are fewer landmarks, but no table is cheaper than its first rows
  const double most = parameters_.landmarks ? *parameters_.landmarks : 1000.0, m = std::min(n, most);
  const double spent = std::min(n, most) * m * m + std::max(0.0, n - most) * 256 * 256;
  return {2 * n * std::min(m, 256.0) * p + 3 * spent + 5 * m * m * m + 10 * n * p,
          24 * n + 80 * m * m + 16 * m * p + 8192 * m + 64 * m * outputs + 4e4};
}

FitResult KernelRidge::fit_checked(const FitInput& input, const RunContext& context) const {
  return KernelFit(input, parameters_, context).run();
}

}  // namespace automill
