#pragma once
// The function that logistic regression minimises, on the tiles of a design:
//
//   f = sum_i w_i loss_i / W + penalty / 2 |weights|^2
//
// A point holds the weights (columns x scores, row-major), then the intercepts. Two classes have one score (the
// log-odds of class 1), more have one each.

#include "linear_gram.hpp"
#include "linear_lbfgs.hpp"
#include "linear_tridiagonal.hpp"

namespace automill::linear {

/// Some rows with their classes.
struct LabelledRows {
  std::vector<Tile> tiles{};
  std::vector<std::int32_t> labels{};
  std::vector<double> weights{};
  double total_weight = 0;
};

class LogisticObjective {
 public:
  LogisticObjective(const Design& design, LabelledRows rows, std::size_t classes);

  std::size_t scores() const { return scores_; }
  double total_weight() const { return rows_.total_weight; }
  /// Weights 0, and the intercepts of the class shares (a class that is not there: half a row).
  std::vector<double> start() const;
  /// Value and gradient; nothing when stopped. Sums of tiles are added up in an order set by the number of tiles.
  std::optional<Evaluation> evaluate(const std::vector<double>& point, double penalty, const RunContext& context) const;
  /// sum_i w_i loss_i / W; nothing when stopped.
  std::optional<double> mean_loss(const std::vector<double>& point, const RunContext& context) const;
  /// Minimises from `start`.
  MinimizeResult minimize(std::vector<double> start, double penalty, const MinimizeOptions& options,
                          const RunContext& context);
  /// Takes the Hessian at the class shares for the start of L-BFGS: of all columns where there are at most 512, the
  /// diagonal otherwise.
  void prepare(const RunContext& context);

 private:
  struct Sums;
  /// Which classes a row can have: in training only those that are there, so that the others' scores stay.
  enum class Classes { present, all };
  /// Loss of a tile; scores are replaced by w_i d loss_i / d score.
  double tile_loss(std::size_t tile, Classes which, std::vector<double>& scores) const;
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
  LabelledRows rows_;
  std::size_t scores_;
  std::vector<double> shares_{};  ///< weighted share of each class
  std::vector<Curvature> curvatures_{};
  std::int64_t iterations_ = 0;  ///< since the curvatures are from
};

}  // namespace automill::linear
