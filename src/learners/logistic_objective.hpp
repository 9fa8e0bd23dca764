#pragma once
// The loss of logistic regression. Two classes have one score (the log-odds of class 1), more have one each.

#include "smooth_fit.hpp"

namespace automill::linear {

/// Some rows with their classes.
struct LabelledRows : WeightedRows {
  std::vector<std::int32_t> labels{};
};

class LogisticObjective final : public LinearObjective {
 public:
  LogisticObjective(const Design& design, LabelledRows rows, std::size_t classes);

  /// Weights 0, and the intercepts of the class shares (a class that is not there: half a row).
  std::vector<double> start() const override;
  /// With one class the score stays at half a row for the other.
  bool determined() const override { return scores() > 1 || (shares_[0] > 0 && shares_[1] > 0); }

 private:
  double tile_loss(std::size_t tile, Judged which, std::vector<double>& scores) const override;
  void row_curvatures(std::size_t row, std::vector<double>& scores) const override;
  void row_hessian(std::size_t row, std::vector<double>& scores, std::vector<double>& hessian) const override;
  double start_curvature(std::size_t score) const override;

  std::vector<std::int32_t> labels_;
  std::vector<double> shares_{};  ///< weighted share of each class
};

/// Makes them of rows of a view. The design must outlive what it makes.
MakeObjective logistic_objectives(const Design& design);

}  // namespace automill::linear
