#pragma once
// The two ways to solve ridge regression for many penalties: through the columns (primal) or through the rows (dual).
// Both reduce a matrix to tridiagonal form once; then a penalty costs O(size) for the solution and O(rows size) for all
// leave-one-out errors.

#include "linear_gram.hpp"
#include "linear_tridiagonal.hpp"

namespace automill::linear {

/// Distinct rows with their weights, and targets with a weighted mean of 0.
struct RidgeTask {
  const Design& design;
  const Table& features;
  std::vector<double> targets{};
  std::span<const double> weights{};
  double total_weight = 0;

  std::size_t rows() const { return weights.size(); }
  std::size_t tiles() const { return (rows() + tile_rows - 1) / tile_rows; }
};

class RidgeForm {
 public:
  virtual ~RidgeForm() = default;
  /// Mean of the diagonal of X'WX: the unit of penalties.
  virtual double unit() const = 0;
  /// Weights of the design columns.
  virtual std::vector<double> solve(double penalty) const = 0;
  /// Generalised cross-validation (Golub, Heath & Wahba 1979): the mean squared leave-one-out error if all rows had the
  /// same leverage. O(size), so it is there when there is no time for the real errors.
  double generalised_error(double penalty) const;
  /// Weighted sums of squared leave-one-out errors, one a penalty. Nothing when stopped.
  std::optional<std::vector<double>> errors(const std::vector<double>& penalties, const RunContext& context) const;
  /// Leave-one-out errors (target minus prediction), one a row. Nothing when stopped.
  std::optional<std::vector<double>> left_out(double penalty, const RunContext& context) const;

 protected:
  explicit RidgeForm(const RidgeTask& task) : task_(&task) {}
  /// Rows of tile t in the basis of the tridiagonal matrix: `out` is tile_rows x size, column by column. False:
  /// stopped.
  virtual bool rotated(std::size_t t, Tile& scratch, std::vector<double>& out, const StopToken& stop) const = 0;
  /// Weighted sum of squared residuals, from the solution u of (matrix + penalty I) u = target_.
  virtual double squared_residuals(double penalty, const std::vector<double>& u) const = 0;
  /// The leave-one-out error of a row from its two forms (see tridiagonal_forms).
  virtual double left_out_error(std::size_t row, double penalty, double quadratic, double linear) const = 0;

  const RidgeTask* task_;
  Tridiagonal reduced_{};
  std::vector<double> target_{};  ///< right-hand side in that basis

 private:
  /// Calls each(tile, penalty index, row, error) for all rows; tiles in parallel.
  template <class Each>
  bool sweep(const std::vector<double>& penalties, const RunContext& context, const Each& each) const;
};

/// For rows >= columns. Nothing when stopped. O(rows columns^2).
std::unique_ptr<RidgeForm> make_primal_form(const RidgeTask& task, const RunContext& context);
/// For fewer rows than columns; the design must be laid out dense. O(rows^2 columns).
std::unique_ptr<RidgeForm> make_dual_form(const RidgeTask& task, const RunContext& context);

/// 30 penalties from strong to weak, in units of `unit`: 1e2 (more where columns outnumber rows) down to 1e-6.
std::vector<double> ridge_penalties(double unit, std::size_t rows, std::size_t columns);

}  // namespace automill::linear
