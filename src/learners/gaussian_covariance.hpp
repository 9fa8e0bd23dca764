#pragma once
// The covariance of a Gaussian process at rows of training, and what an objective's derivatives by its elements mean
// for length scales and signal.

#include <automill/learners/kernel_model.hpp>

#include "block_factor.hpp"

namespace automill::linear {

/// Rows in coordinates of the design, column by column: columns x rows.
struct GaussianPoints {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values{};
};

/// Natural logarithms: lengths (one for all columns, or one a column), then the variance of the signal.
using LogParameters = std::vector<double>;

/// dV / dK = (-inverse + a a' + u g' + g u') / 2, for an objective V of a covariance K.
struct CovarianceSlopes {
  SymmetricBlocks inverse{};
  std::vector<double> a{}, u{}, g{};  ///< u and g: empty for 0
};

enum class Slopes { none, all };

class GaussianCovariance {
 public:
  /// The points must outlive it.
  GaussianCovariance(const GaussianPoints& points, Kernel kernel, bool one_length);

  /// Before the rest. False: stopped. O(rows^2 columns) for one length.
  bool prepare(const RunContext& context);

  std::size_t lengths() const { return one_length_ ? 1 : points_->columns; }
  std::size_t rows() const { return points_->rows; }

  struct Matrices {
    SymmetricBlocks values{};
    SymmetricBlocks slopes{};  ///< of each value by the squared distance
  };
  /// Nothing when stopped. O(rows^2 columns), or O(rows^2) for one length.
  std::optional<Matrices> matrices(const LogParameters& parameters, Slopes which, const RunContext& context) const;
  /// Derivatives of V by each of the parameters. Nothing when stopped. As long again.
  std::optional<std::vector<double>> gradient(const LogParameters& parameters, const Matrices& matrices,
                                              const CovarianceSlopes& by_element, const RunContext& context) const;

 private:
  /// The points in units of the lengths.
  std::vector<double> scaled(const LogParameters& parameters) const;
  /// Of column `c` of a block, from row `first` of the block on, in units of the lengths.
  void squared_distances(const std::vector<double>& points, const LogParameters& parameters, std::size_t row,
                         std::size_t column, std::size_t c, std::vector<double>& out) const;
  std::vector<double> block_gradient(const std::vector<double>& points, const LogParameters& parameters,
                                     const Matrices& matrices, const CovarianceSlopes& by_element, std::size_t row,
                                     std::size_t column) const;

  const GaussianPoints* points_;
  Kernel kernel_;
  bool one_length_;
  SymmetricBlocks squares_{};  ///< of distances, for one length
};

}  // namespace automill::linear
