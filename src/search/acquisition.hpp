#pragma once
// How much a point of the cube promises, and the search for the point that promises most.

#include <automill/core/random.hpp>

#include "box_minimizer.hpp"
#include "gaussian_process.hpp"
#include "strategy.hpp"

namespace automill::search {

/// Logarithms of seconds, as a model of them in units of `spread`.
struct SecondsModel {
  GaussianProcess process;
  double spread;
};

/// Logarithm of expected improvement over the best score that is expected at a point with a score; with `seconds`, less
/// the logarithm of the seconds that are expected.
class Acquisition {
 public:
  Acquisition(const Cube& cube, const GaussianProcess& scores, const SecondsModel* seconds);

  /// Of snapped points.
  std::vector<double> values(const std::vector<Point>& points) const;
  double value(const Point& point) const { return values({point}).front(); }
  /// And its derivatives; 0 for coordinates that are categorical or not active.
  double value_with_gradient(const Point& point, std::span<double> gradient) const;

 private:
  const Cube& cube_;
  const GaussianProcess& scores_;
  const SecondsModel* seconds_;
  double best_;
};

struct AcquisitionSearch {
  const Acquisition& acquisition;
  const History& history;
  std::vector<Point> incumbents;  ///< best first
  Box region;                     ///< of continuous and quantised coordinates
  std::uint64_t seed;             ///< of this search
  std::size_t candidates;         ///< that are looked at before the best of them are improved
};

/// Evenly spread points and changes of the incumbents; the best are improved by gradients in continuous coordinates
/// and by other levels of the others. Nothing when every point met was asked before or is forbidden.
std::optional<Point> most_promising(const AcquisitionSearch& search);

}  // namespace automill::search
