#include <automill/learners/discriminant.hpp>
#include <automill/learners/quadratic_model.hpp>
#include <cmath>

#include "class_moments.hpp"
#include "design_columns.hpp"
#include "linear_tridiagonal.hpp"
#include "linear_vectors.hpp"
#include "triangular_factor.hpp"

namespace automill {
namespace {

using linear::ClassMoments;
using linear::Design;

/// Least variance in any direction, as a share of that of a column: what is collinear has no more, and classes that do
/// not vary are told apart by finite scores.
constexpr double least_share = 1e-10;

/// What both kinds know of the training rows.
struct DiscriminantRows {
  DiscriminantRows(const FitInput& input, const DiscriminantParameters& parameters, const std::string& learner,
                   linear::Layout layout, const RunContext& context)
      : design(input.train, parameters.standardize, context) {
    design.lay_out(layout);
    const std::vector<double> variances = design.variances();
    for (double variance : variances) {
      if (!std::isfinite(variance * variance))
        throw Error("fit.overflow", learner, "the variance of a column exceeds the largest number",
                    "standardize the columns");
      mean_variance += variance / static_cast<double>(variances.size());
    }
    moments.emplace(input.train, design, parameters.priors, context);
  }
  Design design;
  double mean_variance = 0;
  std::optional<ClassMoments> moments{};

  std::vector<std::uint32_t> positions_of(std::optional<std::int32_t> label) const {
    std::vector<std::uint32_t> positions;
    for (std::uint32_t i = 0; i < moments->labels().size(); ++i)
      if (!label || moments->labels()[i] == *label) positions.push_back(i);
    return positions;
  }
  /// With them, row weights give the covariances of the classes the weights of their priors.
  std::vector<double> prior_factors() const {
    std::vector<double> factors(moments->classes(), 0.0);
    for (std::size_t k = 0; k < factors.size(); ++k)
      if (moments->weight(k) > 0) factors[k] = moments->prior(k) / moments->weight(k);
    return factors;
  }
};

struct Shrunk {
  std::vector<double> covariance{};  ///< before it is shrunk
  double shrinkage = 0, mean = 0;    ///< mean: of its diagonal
};

/// Nothing when stopped. `rows`: how many there are, in weight.
std::optional<Shrunk> shrunk_covariance(const ClassMoments& moments, const std::vector<std::uint32_t>& positions,
                                        const std::vector<double>& factors, double rows, std::optional<double> given,
                                        const RunContext& context) {
  auto covariance = moments.covariance(positions, factors, context);
  if (!covariance) return std::nullopt;
  const auto size = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(covariance->size()))));
  Shrunk result{.mean = linear::trace(*covariance, size) / static_cast<double>(std::max<std::size_t>(1, size))};
  if (given) {
    result.shrinkage = *given;
  } else {
    const auto fourth = moments.fourth_moment(positions, factors, context);
    if (!fourth) return std::nullopt;
    result.shrinkage = linear::ledoit_wolf_shrinkage(*covariance, size, *fourth, rows);
  }
  result.covariance = std::move(*covariance);
  return result;
}

/// Priors alone: without columns, or stopped before there was more.
std::unique_ptr<LinearModel> prior_model(const Design& design, const ClassMoments& moments) {
  const std::size_t classes = moments.classes(), scores = classes == 2 ? 1 : classes;
  std::vector<double> intercepts;
  for (std::size_t k = 0; k < classes; ++k) intercepts.push_back(math::log(moments.prior(k)));
  if (classes == 2) intercepts = {intercepts[1] - intercepts[0]};
  const std::vector<double> weights(design.columns() * scores, 0.0);
  return std::make_unique<LinearModel>(
      design.make_state(classes == 2 ? Link::logistic : Link::softmax, weights, intercepts));
}

/// Weights C^-1 m_k of each class; the score of a row is that times x, and a constant.
std::unique_ptr<LinearModel> discriminant_model(const DiscriminantRows& rows, const linear::Tridiagonal& reduced,
                                                const Shrunk& shrunk) {
  const ClassMoments& moments = *rows.moments;
  const std::size_t classes = moments.classes(), columns = rows.design.columns();
  const double shift = shrunk.shrinkage * shrunk.mean + least_share * rows.mean_variance;
  const linear::ShiftedTridiagonal solver(reduced, 1 - shrunk.shrinkage, shift);
  std::vector<double> weights(columns * classes), intercepts(classes);
  for (std::size_t k = 0; k < classes; ++k) {
    const std::vector<double> mean = moments.mean(k);
    const std::vector<double> solved = reduced.rotate_back(solver.solve(reduced.rotate(mean)));
    intercepts[k] = math::log(moments.prior(k));
    for (std::size_t j = 0; j < columns; ++j) {
      weights[j * classes + k] = solved[j];
      intercepts[k] -= 0.5 * solved[j] * mean[j];
    }
  }
  if (classes > 2) return std::make_unique<LinearModel>(rows.design.make_state(Link::softmax, weights, intercepts));
  std::vector<double> difference(columns);
  for (std::size_t j = 0; j < columns; ++j) difference[j] = weights[2 * j + 1] - weights[2 * j];
  const double intercept = intercepts[1] - intercepts[0];
  return std::make_unique<LinearModel>(rows.design.make_state(Link::logistic, difference, std::span(&intercept, 1)));
}

class QuadraticFit {
 public:
  QuadraticFit(const DiscriminantRows& rows, const DiscriminantParameters& parameters, const RunContext& context)
      : rows_(rows), parameters_(parameters), context_(context), size_(rows.design.columns()) {}

  /// Null: stopped.
  std::unique_ptr<Model> run(double& shrinkage) {
    const ClassMoments& moments = *rows_.moments;
    auto within = shrunk_covariance(moments, rows_.positions_of(std::nullopt), rows_.prior_factors(),
                                    rows_.design.rows().total_weight, parameters_.shrinkage, context_);
    if (!within) return nullptr;
    least_ = std::max(within->mean * 1e-8, least_share * rows_.mean_variance);
    QuadraticState state = columns();
    for (std::size_t k = 0; k < moments.classes(); ++k) {
      auto shrunk = of_class(k, *within);
      if (!shrunk || !add_class(state, k, std::move(*shrunk))) return nullptr;
      shrinkage += moments.prior(k) * last_shrinkage_;
    }
    return std::make_unique<QuadraticModel>(std::move(state));
  }

 private:
  /// The covariance within all classes where a class has none of its own.
  std::optional<Shrunk> of_class(std::size_t k, const Shrunk& within) const {
    const std::vector<std::uint32_t> positions = rows_.positions_of(static_cast<std::int32_t>(k));
    if (positions.size() < 2) return within;
    auto own = shrunk_covariance(*rows_.moments, positions, std::vector<double>(rows_.moments->classes(), 1.0),
                                 rows_.moments->weight(k), parameters_.shrinkage, context_);
    if (own && !(own->mean > least_)) return within;
    return own;
  }

  bool add_class(QuadraticState& state, std::size_t k, Shrunk shrunk) {
    last_shrinkage_ = shrunk.shrinkage;
    for (std::size_t a = 0; a < size_; ++a) {
      for (std::size_t b = 0; b < size_; ++b) shrunk.covariance[a * size_ + b] *= 1 - shrunk.shrinkage;
      shrunk.covariance[a * size_ + a] += shrunk.shrinkage * shrunk.mean + least_;
    }
    const auto factor = inverse_factor(std::move(shrunk.covariance), size_, least_, context_.stop);
    if (!factor) return false;
    const std::vector<double> mean = rows_.moments->mean(k);
    for (std::size_t i = 0; i < size_; ++i)
      state.images.push_back(linear::dot(factor->inverse.data() + i * (i + 1) / 2, mean.data(), i + 1));
    state.triangles.insert(state.triangles.end(), factor->inverse.begin(), factor->inverse.end());
    state.offsets.push_back(math::log(rows_.moments->prior(k)) - factor->log_determinant);
    return true;
  }

  QuadraticState columns() const {
    QuadraticState state;
    linear::take_columns(rows_.design, state);
    return state;
  }

  const DiscriminantRows& rows_;
  const DiscriminantParameters& parameters_;
  const RunContext& context_;
  std::size_t size_;
  double least_ = 0, last_shrinkage_ = 0;
};

EstimatorTraits discriminant_traits() {
  EstimatorTraits traits;
  traits.tasks = {Task::binary, Task::multiclass};
  traits.row_order_tolerance = 1e-6;
  return traits;
}

}  // namespace

EstimatorTraits LinearDiscriminant::traits() const { return discriminant_traits(); }
EstimatorTraits QuadraticDiscriminant::traits() const { return discriminant_traits(); }

CostEstimate LinearDiscriminant::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const auto classes = static_cast<double>(std::max<std::size_t>(2, shape.classes));
  return {2 * n * shape.filled() * std::min(p, shape.filled()) + 20 * n * p + 3 * p * p * p,
          24 * n + 112 * p * p + 160 * p * classes + 4e4};
}

CostEstimate QuadraticDiscriminant::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const auto classes = static_cast<double>(std::max<std::size_t>(2, shape.classes));
  return {4 * n * p * p + 20 * n * p + classes * p * p * p,
          24 * n + (112 + 8 * classes) * p * p + 160 * p * classes + 4e4};
}

FitResult LinearDiscriminant::fit_checked(const FitInput& input, const RunContext& context) const {
  const DiscriminantRows rows(input, parameters_, registered_name, linear::Layout::sparse_where_possible, context);
  FitResult result;
  result.report.rounds = 1;
  const std::uint64_t p = rows.design.columns();
  const MemoryClaim claim(context.memory, 32 * p * p, "covariances");
  std::optional<Shrunk> shrunk;
  std::optional<linear::Tridiagonal> reduced;
  if (p > 0 && input.stop_at_round.value_or(1) > 0) {
    shrunk = shrunk_covariance(*rows.moments, rows.positions_of(std::nullopt), rows.prior_factors(),
                               rows.design.rows().total_weight, parameters_.shrinkage, context);
    if (shrunk) reduced = linear::reduce_symmetric(shrunk->covariance, p, context.stop);
  }
  if (reduced) {
    result.model = discriminant_model(rows, *reduced, *shrunk);
    result.report.details = Object{{"shrinkage", shrunk->shrinkage}};
  } else {
    result.model = prior_model(rows.design, *rows.moments);
    if (p > 0) {
      result.report.rounds = 0;
      result.report.stopped = context.stop.stopped_by();
    }
  }
  return result;
}

FitResult QuadraticDiscriminant::fit_checked(const FitInput& input, const RunContext& context) const {
  const DiscriminantRows rows(input, parameters_, registered_name, linear::Layout::dense, context);
  FitResult result;
  result.report.rounds = 1;
  const std::uint64_t p = rows.design.columns(), classes = rows.moments->classes();
  const MemoryClaim claim(context.memory, (40 + 8 * classes) * p * p, "covariances");
  double shrinkage = 0;
  if (p > 0 && input.stop_at_round.value_or(1) > 0)
    result.model = QuadraticFit(rows, parameters_, context).run(shrinkage);
  if (result.model != nullptr) {
    result.report.details = Object{{"shrinkage", shrinkage}};
    return result;
  }
  result.model = prior_model(rows.design, *rows.moments);
  if (p == 0) return result;
  result.report.rounds = 0;
  result.report.stopped = context.stop.stopped_by();
  return result;
}

}  // namespace automill
