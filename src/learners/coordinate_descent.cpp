#include "coordinate_descent.hpp"

#include "linear_algebra.hpp"

namespace automill::linear {

void ProductQuadratic::move_together(const ElasticPenalty& penalty, std::span<double> weights,
                                     const std::vector<std::uint32_t>& columns) {
  constexpr std::size_t most = 400;  // some milliseconds
  std::vector<std::uint32_t> active;
  for (std::uint32_t j : columns)
    if (weights[j] != 0 && curvature(j) > 0) active.push_back(j);
  if (active.size() < 2 || active.size() > most || stop_->stop_requested()) return;
  const auto size = static_cast<automill_eigen::Index>(active.size());
  automill_eigen::MatrixXd matrix(size, size);
  automill_eigen::VectorXd slopes(size);
  double trace = 0;
  for (automill_eigen::Index a = 0; a < size; ++a) {
    const std::uint32_t j = active[static_cast<std::size_t>(a)];
    for (automill_eigen::Index b = 0; b < size; ++b)
      matrix(a, b) = products_[j * rest_.size() + active[static_cast<std::size_t>(b)]];
    trace += matrix(a, a);
    slopes(a) = rest_[j] - penalty.l2_of(j) * weights[j] - (weights[j] > 0 ? penalty.l1_of(j) : -penalty.l1_of(j));
  }
  for (automill_eigen::Index a = 0; a < size; ++a)  // what is left of 0 curvature is a step, too: until a weight is 0
    matrix(a, a) += penalty.l2_of(active[static_cast<std::size_t>(a)]) + 1e-12 * trace / static_cast<double>(size);
  const automill_eigen::LLT<automill_eigen::MatrixXd> factor(matrix);
  if (factor.info() != automill_eigen::Success) return;
  const automill_eigen::VectorXd steps = factor.solve(slopes);
  if (!steps.allFinite()) return;
  double length = 1;
  automill_eigen::Index ends = size;
  for (automill_eigen::Index a = 0; a < size; ++a) {
    const std::uint32_t j = active[static_cast<std::size_t>(a)];
    if (j >= penalty.free_from || !(weights[j] * (weights[j] + steps(a)) <= 0)) continue;
    const double until = -weights[j] / steps(a);
    if (until > length) continue;
    length = until;
    ends = a;
  }
  for (automill_eigen::Index a = 0; a < size; ++a) {
    const std::uint32_t j = active[static_cast<std::size_t>(a)];
    const double after = a == ends ? 0.0 : weights[j] + length * steps(a);
    move(j, after - weights[j]);
    weights[j] = after;
  }
}

}  // namespace automill::linear
