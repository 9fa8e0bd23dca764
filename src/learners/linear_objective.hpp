#pragma once
// The function that a linear model with a smooth loss minimises, on the tiles of a design:
//
//   f = sum_i w_i loss_i / W + penalty / 2 |weights|^2
//
// A point holds the weights (columns x scores, row-major), then the intercepts. The loss is of a derived class.

#include "linear_gram.hpp"
#include "linear_lbfgs.hpp"
#include "linear_tridiagonal.hpp"

namespace automill::linear {

/// Rows to fit on, or to judge by.
struct WeightedRows {
  std::vector<Tile> tiles{};
  std::vector<double> weights{};
  double total_weight = 0;
};

/// First and second derivatives of the mean loss in the scores of rows: a list a score, tile_rows a tile, 0 beyond the
/// rows.
struct RowDerivatives {
  std::vector<std::vector<double>> slopes{}, curvatures{};
};

class LinearObjective {
 public:
  LinearObjective(const Design& design, WeightedRows rows, std::size_t scores)
      : design_(&design), rows_(std::move(rows)), scores_(scores) {}
  virtual ~LinearObjective() = default;
  LinearObjective(LinearObjective&&) = default;
  LinearObjective& operator=(LinearObjective&&) = default;

  const Design& design() const { return *design_; }
  const WeightedRows& rows() const { return rows_; }
  std::size_t scores() const { return scores_; }
  double total_weight() const { return rows_.total_weight; }
  /// Weights 0, and the best intercepts for them.
  virtual std::vector<double> start() const = 0;
  /// False: the point of the start is the model, whatever the columns (one class).
  virtual bool determined() const { return true; }

  /// Value and gradient; nothing when stopped. Sums of tiles are added up in an order set by the number of tiles.
  std::optional<Evaluation> evaluate(const std::vector<double>& point, double penalty, const RunContext& context) const;
  /// sum_i w_i loss_i / W of rows that were held out; nothing when stopped.
  std::optional<double> mean_loss(const std::vector<double>& point, const RunContext& context) const;
  /// Scores of the rows, tile_rows a tile and score (row i of tile t and score k: i + tile_rows (t scores + k));
  /// nothing when stopped.
  std::optional<std::vector<double>> row_scores(const std::vector<double>& point, const RunContext& context) const;
  /// Minimises from `start`.
  MinimizeResult minimize(std::vector<double> start, double penalty, const MinimizeOptions& options,
                          const RunContext& context);
  /// Second derivatives of the mean loss in the weights of each score by itself, as sums over rows: products
  /// v_i x_i x_i', sums v_i x_i, and the total of v_i. Of at most so many tiles, spread evenly. Nothing when stopped.
  std::optional<std::vector<Gram>> second_derivatives(const std::vector<double>& point, std::size_t most_tiles,
                                                      const RunContext& context) const;
  /// The same of all scores together with their intercepts: a symmetric matrix in the order of a point, a unit of
  /// weight.
  std::optional<std::vector<double>> joint_second_derivatives(const std::vector<double>& point, std::size_t most_tiles,
                                                              const RunContext& context) const;
  std::optional<RowDerivatives> row_derivatives(const std::vector<double>& point, const RunContext& context) const;
  /// Takes the Hessian at the start for that of L-BFGS: of all columns where there are at most 512, the diagonal
  /// otherwise.
  void prepare(const RunContext& context);

 protected:
  /// In training only what is there counts, so that the scores of absent classes stay.
  enum class Judged { training, held_out };
  /// Weighted loss of a tile; scores (tile_rows each) are replaced by w_i d loss_i / d score, 0 beyond the rows.
  virtual double tile_loss(std::size_t tile, Judged which, std::vector<double>& scores) const = 0;
  /// Scores of a row are replaced by second derivatives of its loss, each in its own score.
  virtual void row_curvatures(std::size_t row, std::vector<double>& scores) const = 0;
  /// Second derivatives of a row's loss in all pairs of its scores, row-major; `scores` may be overwritten.
  virtual void row_hessian(std::size_t row, std::vector<double>& scores, std::vector<double>& hessian) const = 0;
  /// Mean of those at the start.
  virtual double start_curvature(std::size_t score) const = 0;

 private:
  struct Sums;
  template <class OfTile>
  std::optional<std::vector<Sums>> over_tiles(const RunContext& context, const OfTile& of_tile) const;
  std::vector<double> precondition(const std::vector<double>& gradient, double penalty) const;
  /// Takes the Hessian at a point for what follows (of each score by itself).
  void renew_curvatures(const std::vector<double>& point, const RunContext& context);

  /// Second derivatives of the mean loss in one score: of its intercept and (centred for that) of its weights.
  struct Curvature {
    double intercept = 0;            ///< sum of v_i, the curvatures of the rows
    std::vector<double> means{};     ///< of the columns, weighted by v; empty: 0
    Tridiagonal weights{};           ///< sum of v_i x_i x_i' about the means, where that is known
    std::vector<double> diagonal{};  ///< and its diagonal where it is not
    double factor = 1;               ///< of `weights` and `diagonal`
  };

  const Design* design_;
  WeightedRows rows_;
  std::size_t scores_;
  std::vector<Curvature> curvatures_{};
  std::int64_t iterations_ = 0;  ///< since the curvatures are from
};

}  // namespace automill::linear
