#pragma once
// A function of two columns without what either of them adds by itself.

#include <span>
#include <vector>

namespace automill::additive {

/// What was taken out of a grid: row and column effects, for cells of [first][second].
struct Margins {
  std::vector<double> first{}, second{};
};

/// Purification for the weights of one grid (Lengerich et al. 2020): grid' = grid - first - second whose weighted means
/// are 0 in each row and column. That is a weighted least-squares fit of row and column effects, whose equations are
/// solved once for all grids.
class Purifier {
 public:
  /// `weights`: [first][second], 0 or more.
  Purifier(std::span<const double> weights, std::size_t first, std::size_t second);

  /// Changes the grid and gives what was taken out of it; rows and columns without weight stay as they are.
  Margins purify(std::span<double> grid) const;

 private:
  Margins sweep(std::span<double> grid) const;

  std::vector<double> weights_, of_first_, of_second_;  ///< weights and their sums
  std::vector<double> factor_;                          ///< L D L' of the equations of column effects
  std::size_t first_, second_;
};

}  // namespace automill::additive
