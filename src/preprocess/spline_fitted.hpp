#pragma once
// The fitted half of Spline, type "spline".

#include "column_lists.hpp"
#include "columnwise.hpp"

namespace automill {

constexpr std::size_t largest_spline_degree = 5;

struct SplineShape {
  std::size_t degree = 3;
  bool linear_beyond = false;  ///< beyond the knots: a line, else the value at the end
  bool include_bias = true;    ///< the last column is kept
};

/// The knots with `degree` further ones at each end, at the distance of the first and of the last two. Empty where they
/// are fewer than two, too close (1e-290) or too large (1e300): no spline can be made of them.
AUTOMILL_EXPORT std::vector<double> extended_knots(const std::vector<double>& knots, std::size_t degree);

class AUTOMILL_EXPORT FittedSpline final : public Columnwise {
 public:
  /// Extended knots of number columns; none: the column gives no columns.
  FittedSpline(const Schema& input, SplineShape shape, ColumnLists knots);

  std::string type() const override { return "spline"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  SplineShape shape_;
  ColumnLists knots_;
};

}  // namespace automill
