#include "gaussian_evidence.hpp"

#include <cmath>

#include "linear_vectors.hpp"

namespace automill::linear {
namespace {

constexpr double log_two_pi = 1.8378770664093454836;
constexpr double least_pivot = 1e-12;  // beside targets of variance 1

Slopes slopes_for(With with) { return with == With::gradient ? Slopes::all : Slopes::none; }

}  // namespace

std::vector<double> GaussianPosterior::packed_factor() const {
  std::vector<double> rows = inverse.packed();
  if (factors.empty()) return rows;
  double* row = rows.data();
  for (std::size_t i = 0; i < factors.size(); row += ++i)
    for (std::size_t j = 0; j <= i; ++j) row[j] *= factors[j];
  return rows;
}

std::optional<GaussianEvidence::Result> RegressionEvidence::at(const LogParameters& parameters, With with,
                                                               const RunContext& context) {
  auto matrices = covariance_->matrices(parameters, slopes_for(with), context);
  if (!matrices) return std::nullopt;
  const double noise = math::exp(parameters.back());
  SymmetricBlocks noisy = with == With::gradient ? matrices->values : std::move(matrices->values);
  for (std::size_t i = 0; i < targets_.size(); ++i) noisy.at(i, i) += noise / weights_[i];
  const auto factor = BlockFactor::of(std::move(noisy), least_pivot, context);
  if (!factor) return std::nullopt;
  Result result{.posterior = {.parameters = parameters, .weights = factor->solve(targets_)}};
  result.posterior.evidence = -0.5 * (dot(targets_, result.posterior.weights) + factor->log_determinant() +
                                      static_cast<double>(targets_.size()) * log_two_pi);
  if (with == With::weights) return result;
  auto inverse = factor->inverse(context);
  if (!inverse) return std::nullopt;
  if (with == With::gradient) {
    auto square = inverse->square(context);
    if (!square) return std::nullopt;
    const CovarianceSlopes slopes{.inverse = std::move(*square), .a = result.posterior.weights};
    auto gradient = covariance_->gradient(parameters, *matrices, slopes, context);
    if (!gradient) return std::nullopt;
    result.gradient = std::move(*gradient);
    double by_noise = 0;
    for (std::size_t i = 0; i < targets_.size(); ++i)
      by_noise += 0.5 * (slopes.a[i] * slopes.a[i] - slopes.inverse.at(i, i)) * noise / weights_[i];
    result.gradient.push_back(by_noise);
  }
  result.posterior.inverse = std::move(*inverse);
  return result;
}

LaplaceEvidence::Mode LaplaceEvidence::mode_of(const SymmetricBlocks& covariance, std::vector<double> weights) const {
  Mode mode{.scores = covariance.times(weights), .weights = std::move(weights)};
  mode.value = -0.5 * dot(mode.weights, mode.scores);
  for (std::size_t i = 0; i < labels_.size(); ++i)
    mode.value -= row_weights_[i] * math::log1p_exp(labels_[i] != 0 ? -mode.scores[i] : mode.scores[i]);
  return mode;
}

LaplaceEvidence::Derivatives LaplaceEvidence::derivatives_of(const std::vector<double>& scores) const {
  Derivatives result;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double share = math::sigmoid(scores[i]), rest = math::sigmoid(-scores[i]);
    result.first.push_back(row_weights_[i] * (labels_[i] != 0 ? rest : -share));
    result.second.push_back(row_weights_[i] * share * rest);
    result.third.push_back(row_weights_[i] * share * rest * (rest - share));
  }
  return result;
}

std::optional<BlockFactor> LaplaceEvidence::factor_of(const SymmetricBlocks& covariance,
                                                      const std::vector<double>& roots,
                                                      const RunContext& context) const {
  SymmetricBlocks matrix = covariance;
  matrix.scale(roots);
  for (std::size_t i = 0; i < roots.size(); ++i) matrix.at(i, i) += 1;
  return BlockFactor::of(std::move(matrix), least_pivot, context);  // no eigenvalue is below 1
}

std::optional<BlockFactor> LaplaceEvidence::find_mode(const SymmetricBlocks& covariance, Mode& mode,
                                                      std::vector<double>& roots, const RunContext& context) const {
  constexpr int most_steps = 100;
  constexpr double close = 1e-6;  // Newton's next step would be about its square
  for (int step = 0;; ++step) {
    const Derivatives by_score = derivatives_of(mode.scores);
    roots.clear();
    for (double second : by_score.second) roots.push_back(std::sqrt(second));
    auto factor = factor_of(covariance, roots, context);
    if (!factor) return std::nullopt;
    std::vector<double> b(roots.size()), image;
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = by_score.second[i] * mode.scores[i] + by_score.first[i];
    image = covariance.times(b);
    for (std::size_t i = 0; i < b.size(); ++i) image[i] *= roots[i];
    image = factor->solve(image);
    for (std::size_t i = 0; i < b.size(); ++i) b[i] -= roots[i] * image[i];
    Mode next = mode_of(covariance, b);
    const double rounding = 1e-13 * std::abs(mode.value);
    for (int halving = 0; halving < 20 && next.value < mode.value - rounding; ++halving) {
      for (std::size_t i = 0; i < b.size(); ++i) b[i] = 0.5 * (b[i] + mode.weights[i]);
      next = mode_of(covariance, b);
    }
    double moved = 0;
    for (std::size_t i = 0; i < b.size(); ++i) moved = std::max(moved, std::abs(next.scores[i] - mode.scores[i]));
    if (next.value >= mode.value - rounding) mode = std::move(next);
    if (moved < close || step == most_steps) return factor;
  }
}

std::optional<GaussianEvidence::Result> LaplaceEvidence::at(const LogParameters& parameters, With with,
                                                            const RunContext& context) {
  const auto matrices = covariance_->matrices(parameters, slopes_for(with), context);
  if (!matrices) return std::nullopt;
  // Newton's step needs the scores alone, and takes any start as worse than where it leads
  Mode mode{.scores = scores_, .value = -std::numeric_limits<double>::infinity()};
  std::vector<double> roots;
  const auto factor = find_mode(matrices->values, mode, roots, context);
  if (!factor) return std::nullopt;
  scores_ = mode.scores;
  const Derivatives by_score = derivatives_of(mode.scores);
  Result result{.posterior = {.parameters = parameters,
                              .evidence = mode.value - 0.5 * factor->log_determinant(),
                              .weights = by_score.first,
                              .factors = roots}};
  if (with == With::weights) return result;
  auto inverse = factor->inverse(context);
  if (!inverse) return std::nullopt;
  if (with == With::gradient) {
    auto square = inverse->square(context);
    if (!square) return std::nullopt;
    // the mode moves: its variances (1 - (B^-1)_ii) / W_ii, times the derivative of W there
    std::vector<double> by_mode(roots.size());
    for (std::size_t i = 0; i < roots.size(); ++i) {
      const double second = by_score.second[i], variance = second > 0 ? (1 - square->at(i, i)) / second : 0.0;
      by_mode[i] = -0.5 * variance * by_score.third[i];
    }
    square->scale(roots);
    std::vector<double> moved = square->times(matrices->values.times(by_mode));
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] = by_mode[i] - moved[i];
    const CovarianceSlopes slopes{
        .inverse = std::move(*square), .a = by_score.first, .u = std::move(moved), .g = by_score.first};
    auto gradient = covariance_->gradient(parameters, *matrices, slopes, context);
    if (!gradient) return std::nullopt;
    result.gradient = std::move(*gradient);
  }
  result.posterior.inverse = std::move(*inverse);
  return result;
}

}  // namespace automill::linear
