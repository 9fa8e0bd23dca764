#include "column_quadratic.hpp"

#include "linear_kernels.hpp"

namespace automill::linear {

TransposedTiles::TransposedTiles(const Design& design, const std::vector<Tile>& tiles)
    : dense_(design.dense_columns()), starts_(design.columns() - dense_ + 1, 0) {
  if (design.columns() == dense_) return;
  for (const Tile& tile : tiles)
    for (std::uint32_t column : tile.columns) ++starts_[column - dense_ + 1];
  for (std::size_t d = 1; d < starts_.size(); ++d) starts_[d] += starts_[d - 1];
  rows_.resize(starts_.back());
  values_.resize(starts_.back());
  std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t t = 0; t < tiles.size(); ++t)
    for (std::size_t i = 0; i < tiles[t].rows; ++i)
      for (std::uint32_t a = tiles[t].starts[i]; a < tiles[t].starts[i + 1]; ++a) {
        const std::size_t at = next[tiles[t].columns[a] - dense_]++;
        rows_[at] = static_cast<std::uint32_t>(t * tile_rows + i);
        values_[at] = tiles[t].values[a];
      }
}

ColumnQuadratic::ColumnQuadratic(const Design& design, const std::vector<Tile>& tiles,
                                 const TransposedTiles& transposed, std::vector<double> slopes,
                                 const std::vector<double>& curvatures, const StopToken& stop)
    : design_(&design),
      tiles_(&tiles),
      transposed_(&transposed),
      slopes_(std::move(slopes)),
      curvatures_(&curvatures),
      sums_(design.columns()),
      stop_(&stop) {
  for (std::size_t i = 0; i < slopes_.size(); ++i) {
    slope_total_ += slopes_[i];
    curvature_total_ += curvatures[i];
  }
}

const ColumnQuadratic::Sums& ColumnQuadratic::sums_of(std::size_t j) {
  Sums& sums = sums_[j];
  if (sums.known) return sums;
  double squares = 0;
  if (dense(j)) {
    for (std::size_t t = 0; t < tiles_->size(); ++t) {
      const double* x = (*tiles_)[t].dense.data() + j * tile_rows;
      const double* v = curvatures_->data() + t * tile_rows;
      for (std::size_t i = 0; i < tile_rows; ++i) {
        sums.first += v[i] * x[i];
        squares += v[i] * x[i] * x[i];
      }
    }
    sums.curvature = squares;
    work_ += slopes_.size();
  } else {
    const auto cells = transposed_->cells(j);
    for (std::size_t a = 0; a < cells.rows.size(); ++a) {
      const double product = (*curvatures_)[cells.rows[a]] * cells.values[a];
      sums.first += product;
      squares += product * cells.values[a];
    }
    sums.curvature = squares - shift(j) * (2 * sums.first - shift(j) * curvature_total_);
    sums.first -= shift(j) * curvature_total_;
    work_ += cells.rows.size();
  }
  sums.known = true;
  return sums;
}

double ColumnQuadratic::rest(std::size_t j) {
  const Sums& sums = sums_of(j);
  double product = 0;
  if (dense(j)) {
    for (std::size_t t = 0; t < tiles_->size(); ++t)
      add_transposed_product((*tiles_)[t].dense.data() + j * tile_rows, 1, slopes_.data() + t * tile_rows, 1, &product,
                             1);
    work_ += slopes_.size();
    return product + offset_ * sums.first;
  }
  const auto cells = transposed_->cells(j);
  for (std::size_t a = 0; a < cells.rows.size(); ++a) product += cells.values[a] * slopes_[cells.rows[a]];
  work_ += 4 * cells.rows.size() + 8;
  return product + offset_ * (sums.first + shift(j) * curvature_total_) - shift(j) * slope_total_;
}

void ColumnQuadratic::move(std::size_t j, double step) {
  slope_total_ -= step * sums_of(j).first;
  if (dense(j)) {
    for (std::size_t t = 0; t < tiles_->size(); ++t) {
      const double* x = (*tiles_)[t].dense.data() + j * tile_rows;
      const double* v = curvatures_->data() + t * tile_rows;
      double* slopes = slopes_.data() + t * tile_rows;
      for (std::size_t i = 0; i < tile_rows; ++i) slopes[i] -= step * v[i] * x[i];
    }
    work_ += 2 * slopes_.size();
    return;
  }
  const auto cells = transposed_->cells(j);
  for (std::size_t a = 0; a < cells.rows.size(); ++a)
    slopes_[cells.rows[a]] -= step * (*curvatures_)[cells.rows[a]] * cells.values[a];
  offset_ += step * shift(j);
  work_ += 8 * cells.rows.size();
}

bool ColumnQuadratic::stopped() {
  if (work_ < 1U << 18) return stopped_;
  work_ = 0;
  return stopped_ = stopped_ || stop_->stop_requested();
}

double ColumnQuadratic::move_intercept() {
  if (!(curvature_total_ > 0)) return 0;
  const double step = slope_total_ / curvature_total_;
  offset_ -= step;
  slope_total_ = 0;
  return step;
}

}  // namespace automill::linear
