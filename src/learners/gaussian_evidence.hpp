#pragma once
// How likely targets are under a Gaussian process, for every choice of its length scales, signal and noise: exactly for
// numbers (Rasmussen & Williams 2006, algorithm 2.1), by Laplace's approximation for two classes (algorithms 3.1, 5.1).

#include "gaussian_covariance.hpp"
#include "linear_lbfgs.hpp"

namespace automill::linear {

/// What is known of the function at some parameters: its mean at a point is the sum of `weights` times covariances to
/// the rows, its variance k(x, x) - |F k(x)|^2, where row i of F is row i of `inverse` times `factors`, element by
/// element.
struct GaussianPosterior {
  LogParameters parameters{};  ///< lengths, signal, and for numbers noise
  double evidence = 0;         ///< the logarithm of the marginal likelihood
  std::vector<double> weights{};
  BlockFactor::Inverse inverse{};
  std::vector<double> factors{};  ///< empty: 1

  /// F, row i below row i - 1, i + 1 numbers each.
  std::vector<double> packed_factor() const;
};

enum class With { weights, variances, gradient };  ///< each with those before it

class GaussianEvidence {
 public:
  virtual ~GaussianEvidence() = default;
  virtual std::size_t parameters() const = 0;
  struct Result {
    GaussianPosterior posterior{};
    std::vector<double> gradient{};  ///< of the evidence
  };
  /// Nothing when stopped. O(rows^3 + rows^2 columns).
  virtual std::optional<Result> at(const LogParameters& parameters, With with, const RunContext& context) = 0;
};

/// Targets of mean 0, about; each has a noise of its own: the parameter's, over the row's weight.
class RegressionEvidence final : public GaussianEvidence {
 public:
  RegressionEvidence(const GaussianCovariance& covariance, std::vector<double> targets, std::vector<double> weights)
      : covariance_(&covariance), targets_(std::move(targets)), weights_(std::move(weights)) {}
  std::size_t parameters() const override { return covariance_->lengths() + 2; }
  std::optional<Result> at(const LogParameters& parameters, With with, const RunContext& context) override;

 private:
  const GaussianCovariance* covariance_;
  std::vector<double> targets_, weights_;
};

/// Rows that are of a class or not, by a logistic function of a process of mean 0; a row counts as often as its weight
/// says. The mode is searched from that of the last call.
class LaplaceEvidence final : public GaussianEvidence {
 public:
  LaplaceEvidence(const GaussianCovariance& covariance, std::vector<std::uint8_t> labels, std::vector<double> weights)
      : covariance_(&covariance),
        labels_(std::move(labels)),
        row_weights_(std::move(weights)),
        scores_(labels_.size(), 0.0) {}
  std::size_t parameters() const override { return covariance_->lengths() + 1; }
  std::optional<Result> at(const LogParameters& parameters, With with, const RunContext& context) override;

 private:
  struct Mode {
    std::vector<double> scores{}, weights{};  ///< scores = K weights
    double value = 0;                         ///< log likelihood of the labels, and density of the scores
  };
  Mode mode_of(const SymmetricBlocks& covariance, std::vector<double> weights) const;
  /// At scores: by them, the first derivative of the likelihood, its second times -1, and the derivative of that.
  struct Derivatives {
    std::vector<double> first{}, second{}, third{};
  };
  Derivatives derivatives_of(const std::vector<double>& scores) const;
  std::optional<BlockFactor> factor_of(const SymmetricBlocks& covariance, const std::vector<double>& roots,
                                       const RunContext& context) const;
  /// Moves to the mode; the factor is that of I + W^1/2 K W^1/2 there, `roots` the diagonal of W^1/2.
  std::optional<BlockFactor> find_mode(const SymmetricBlocks& covariance, Mode& mode, std::vector<double>& roots,
                                       const RunContext& context) const;

  const GaussianCovariance* covariance_;
  std::vector<std::uint8_t> labels_;
  std::vector<double> row_weights_;
  std::vector<double> scores_;  ///< of the mode that was found last
};

}  // namespace automill::linear
