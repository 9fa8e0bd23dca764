#pragma once
// A symmetric matrix as Q T Q' with T tridiagonal (Householder). Solving with scale * matrix + shift * I then costs
// O(size) after a rotation, for any number of shifts (Elden 1977 uses it so for ridge paths), and the reduction costs a
// fraction of the eigenvalues.

#include <automill/core/stop.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace automill::linear {

struct Tridiagonal {
  std::size_t size = 0;
  std::vector<double> diagonal{};  ///< of T
  std::vector<double> beside{};    ///< size - 1 elements above the diagonal of T
  std::vector<double> basis{};     ///< Q, row by row

  /// Q' x and Q x.
  std::vector<double> rotate(std::span<const double> x) const;
  std::vector<double> rotate_back(std::span<const double> x) const;
};

/// `matrix`: size x size, symmetric. O(size^3): 0.3 s for 1,000. Nothing when stopped.
std::optional<Tridiagonal> reduce_symmetric(const std::vector<double>& matrix, std::size_t size, const StopToken& stop);

/// scale T + shift I = L D L', for a positive semidefinite matrix and shift >= 0. A pivot that is 0 within rounding
/// takes no part: its component of a solution is 0.
class ShiftedTridiagonal {
 public:
  ShiftedTridiagonal(const Tridiagonal& t, double scale, double shift);

  /// L's elements below the diagonal (the first is 0), and the reciprocals of D.
  const std::vector<double>& ratios() const { return ratios_; }
  const std::vector<double>& inverse_pivots() const { return inverse_pivots_; }
  /// D^-1 L^-1 x.
  std::vector<double> half_solve(std::span<const double> x) const;
  /// (scale T + shift I)^-1 x.
  std::vector<double> solve(std::span<const double> x) const;
  /// Trace of (scale T + shift I)^-1.
  double inverse_trace() const;

 private:
  std::vector<double> ratios_, inverse_pivots_;
};

}  // namespace automill::linear
