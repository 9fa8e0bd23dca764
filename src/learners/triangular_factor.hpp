#pragma once
// Cholesky's factor of a covariance and its inverse, and systems of equations, which can be stopped.

#include <automill/core/stop.hpp>
#include <cstddef>
#include <optional>
#include <vector>

namespace automill {

struct InverseFactor {
  std::vector<double> inverse{};  ///< L^-1, lower triangle, row by row
  double log_determinant = 0;     ///< of L
};

/// `matrix` = L L', size x size, symmetric and positive definite; pivots below `least` count as that. Nothing when
/// stopped. O(size^3).
std::optional<InverseFactor> inverse_factor(std::vector<double> matrix, std::size_t size, double least,
                                            const StopToken& stop);

/// x of `matrix` x = right, of whose symmetric, positive definite `matrix` the lower triangle is read; squared pivots
/// below `least` count as that. Nothing when stopped. O(size^3).
std::optional<std::vector<double>> solve_positive(std::vector<double> matrix, std::size_t size,
                                                  std::vector<double> right, double least, const StopToken& stop);

}  // namespace automill
