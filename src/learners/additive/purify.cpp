#include "learners/additive/purify.hpp"

#include <cstddef>

namespace automill::additive {

/// Row effects put in, the equations of column effects b are (D2 - W' D1^-1 W) b = r, positive semidefinite with a
/// direction for each part of the grid that is connected: such pivots are left out, their effect is 0.
Purifier::Purifier(std::span<const double> weights, std::size_t first, std::size_t second)
    : weights_(weights.begin(), weights.end()),
      of_first_(first, 0.0),
      of_second_(second, 0.0),
      factor_(second * second, 0.0),
      first_(first),
      second_(second) {
  for (std::size_t a = 0; a < first; ++a)
    for (std::size_t b = 0; b < second; ++b) {
      of_first_[a] += weights[a * second + b];
      of_second_[b] += weights[a * second + b];
    }
  for (std::size_t b = 0; b < second; ++b) factor_[b * second + b] = of_second_[b];
  for (std::size_t a = 0; a < first; ++a) {
    if (!(of_first_[a] > 0)) continue;
    const double* line = weights_.data() + a * second;
    for (std::size_t b = 0; b < second; ++b)
      for (std::size_t c = 0; c <= b; ++c) factor_[b * second + c] -= line[b] * (line[c] / of_first_[a]);
  }
  for (std::size_t b = 0; b < second; ++b) {
    double* row = factor_.data() + b * second;
    for (std::size_t c = 0; c < b; ++c) {
      double sum = row[c];
      for (std::size_t k = 0; k < c; ++k) sum -= row[k] * factor_[c * second + k] * factor_[k * second + k];
      const double pivot = factor_[c * second + c];
      row[c] = pivot > 0 ? sum / pivot : 0.0;
    }
    for (std::size_t k = 0; k < b; ++k) row[b] -= row[k] * row[k] * factor_[k * second + k];
    if (!(row[b] > 1e-9 * of_second_[b])) row[b] = 0;
  }
}

/// Takes the mean out of each row, then out of each column.
Margins Purifier::sweep(std::span<double> grid) const {
  Margins taken{std::vector<double>(first_, 0.0), std::vector<double>(second_, 0.0)};
  for (std::size_t a = 0; a < first_; ++a) {
    if (!(of_first_[a] > 0)) continue;
    for (std::size_t b = 0; b < second_; ++b) taken.first[a] += weights_[a * second_ + b] * grid[a * second_ + b];
    taken.first[a] /= of_first_[a];
    for (std::size_t b = 0; b < second_; ++b) grid[a * second_ + b] -= taken.first[a];
  }
  for (std::size_t b = 0; b < second_; ++b) {
    if (!(of_second_[b] > 0)) continue;
    for (std::size_t a = 0; a < first_; ++a) taken.second[b] += weights_[a * second_ + b] * grid[a * second_ + b];
    taken.second[b] /= of_second_[b];
    for (std::size_t a = 0; a < first_; ++a) grid[a * second_ + b] -= taken.second[b];
  }
  return taken;
}

Margins Purifier::purify(std::span<double> grid) const {
  Margins all{std::vector<double>(first_, 0.0), std::vector<double>(second_, 0.0)};
  // right-hand side: column sums of the grid less its row means
  std::vector<double> effects(second_, 0.0);
  for (std::size_t a = 0; a < first_; ++a) {
    if (!(of_first_[a] > 0)) continue;
    double mean = 0;
    for (std::size_t b = 0; b < second_; ++b) mean += weights_[a * second_ + b] * grid[a * second_ + b];
    mean /= of_first_[a];
    for (std::size_t b = 0; b < second_; ++b) effects[b] += weights_[a * second_ + b] * (grid[a * second_ + b] - mean);
  }
  for (std::size_t b = 0; b < second_; ++b)
    for (std::size_t k = 0; k < b; ++k) effects[b] -= factor_[b * second_ + k] * effects[k];
  for (std::size_t b = second_; b-- > 0;) {
    const double pivot = factor_[b * second_ + b];
    effects[b] = pivot > 0 ? effects[b] / pivot : 0.0;
    for (std::size_t k = b + 1; k < second_; ++k) effects[b] -= factor_[k * second_ + b] * effects[k];
    if (!(pivot > 0)) effects[b] = 0;
  }
  for (std::size_t b = 0; b < second_; ++b) {
    if (!(of_second_[b] > 0)) effects[b] = 0;
    all.second[b] = effects[b];
    for (std::size_t a = 0; a < first_; ++a) grid[a * second_ + b] -= effects[b];
  }
  for (int polish = 0; polish < 3; ++polish) {  // what rounding left
    const Margins more = sweep(grid);
    for (std::size_t a = 0; a < first_; ++a) all.first[a] += more.first[a];
    for (std::size_t b = 0; b < second_; ++b) all.second[b] += more.second[b];
  }
  return all;
}

}  // namespace automill::additive
