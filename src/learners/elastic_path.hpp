#pragma once
// A path of elastic nets from strong penalties to weak ones, each starting where the last one ended, and the choice of
// one of them by rows that were held out.

#include <automill/core/run_context.hpp>
#include <memory>
#include <optional>

#include "coordinate_descent.hpp"

namespace automill::linear {

/// Weights (columns x scores, row-major) and then intercepts, in design coordinates.
using ElasticPoint = std::vector<double>;

/// A loss on some rows, and where its path is.
class ElasticFit {
 public:
  virtual ~ElasticFit() = default;
  /// Largest derivative of the loss in a weight where all are 0: weights are 0 for an l1 from there on.
  virtual double largest_slope() const = 0;
  /// Goes to the optimum for a penalty. `before`: l1 of the penalty where it is. False: stopped, the place is between
  /// the two.
  virtual bool go_to(const ElasticPenalty& penalty, double before, double tolerance, const RunContext& context) = 0;
  /// Mean loss on the rows that were held out of this fit; nothing when stopped.
  virtual std::optional<double> held_out_loss(const RunContext& context) const = 0;
  virtual double held_out_weight() const = 0;
  virtual ElasticPoint point() const = 0;
  virtual void set_point(const ElasticPoint& point) = 0;
};

struct ElasticOptions {
  std::optional<double> alpha{};  ///< given, not chosen
  double l1_ratio = 0.5;
  double l1_unit = 1;      ///< alpha * l1_ratio * l1_unit is the l1 of the fits
  int path_length = 100;   ///< of penalties
  double shortest = 1e-4;  ///< the weakest, as a share of the strongest
  double tolerance = 1e-6;
  std::optional<std::int64_t> stop_after{};  ///< replay: steps done
};

struct ElasticResult {
  ElasticPoint point{};
  double alpha = 0;
  std::vector<double> losses{};  ///< held-out loss at each penalty of the path, weakest last
  std::int64_t steps = 0;
  bool stopped = false;
};

/// `all`: fits on all rows; `folds`: on those of a fold each. The path ends where ten penalties have not lowered the
/// held-out loss by 1e-4 of it.
ElasticResult follow_path(ElasticFit& all, const std::vector<std::unique_ptr<ElasticFit>>& folds,
                          const ElasticOptions& options, const RunContext& context);

}  // namespace automill::linear
