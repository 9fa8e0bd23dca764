#pragma once
// A quadratic in the weights of one score, through the rows ("naive updates" of Friedman, Hastie & Tibshirani 2010,
// section 2.1): for tables of more columns than a matrix of their products may have. Only columns that are asked for
// cost anything, and of sparse ones their nonzeros.

#include "coordinate_descent.hpp"
#include "linear_design.hpp"

namespace automill::linear {

/// The sparse columns of tiles, column by column. Rows are numbered tile_rows a tile.
class TransposedTiles {
 public:
  TransposedTiles(const Design& design, const std::vector<Tile>& tiles);
  struct Cells {
    std::span<const std::uint32_t> rows;
    std::span<const double> values;
  };
  /// `column`: of the design, a sparse one.
  Cells cells(std::size_t column) const {
    const std::size_t d = column - dense_, first = starts_[d], count = starts_[d + 1] - first;
    return {std::span(rows_).subspan(first, count), std::span(values_).subspan(first, count)};
  }

 private:
  std::size_t dense_;
  std::vector<std::size_t> starts_;
  std::vector<std::uint32_t> rows_;
  std::vector<double> values_;
};

/// q(b, b0) = sum_i v_i / 2 (x_i'(b - at) + b0 - at0)^2 - r_i (x_i'(b - at) + b0 - at0), with slopes r and curvatures v
/// of the rows at the weights where it begins.
class ColumnQuadratic {
 public:
  /// `slopes` and `curvatures`: tile_rows a tile, 0 beyond the rows.
  ColumnQuadratic(const Design& design, const std::vector<Tile>& tiles, const TransposedTiles& transposed,
                  std::vector<double> slopes, const std::vector<double>& curvatures, const StopToken& stop);
  double rest(std::size_t j);
  double curvature(std::size_t j) { return sums_of(j).curvature; }
  void move(std::size_t j, double step);
  bool stopped();
  /// Takes the intercept to its optimum; by how much.
  double move_intercept();
  double intercept_slope() const { return slope_total_; }

 private:
  /// Of a column x (with its shift taken off): sum of v x, and of v x^2.
  struct Sums {
    bool known = false;
    double first = 0, curvature = 0;
  };
  const Sums& sums_of(std::size_t j);
  double shift(std::size_t j) const { return design_->shifts()[j]; }
  bool dense(std::size_t j) const { return j < design_->dense_columns(); }

  const Design* design_;
  const std::vector<Tile>* tiles_;
  const TransposedTiles* transposed_;
  /// The slope of row i is slopes_[i] + curvatures[i] * offset_: a move of a shift or of the intercept costs nothing.
  std::vector<double> slopes_;
  const std::vector<double>* curvatures_;
  double offset_ = 0;
  double slope_total_ = 0, curvature_total_ = 0;
  std::vector<Sums> sums_;
  const StopToken* stop_;
  std::size_t work_ = 0;
  bool stopped_ = false;
};

}  // namespace automill::linear
