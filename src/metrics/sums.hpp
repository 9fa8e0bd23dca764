#pragma once
// Sums that hold 1e-12 for any number of rows: the rounding error of every addition is carried along.

#include <automill/core/metric.hpp>
#include <cmath>
#include <cstddef>
#include <limits>

namespace automill::metric_bodies {

inline constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();  ///< where a metric has no value

/// Compensated sum: Knuth's TwoSum, errors added up apart (Ogita, Rump, Oishi 2005, algorithm 4.4).
class Sum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    const double rounded = next - sum_;
    error_ += (sum_ - (next - rounded)) + (term - rounded);
    sum_ = next;
  }
  /// An overflow stays infinite, as with plain addition.
  double value() const { return std::isfinite(sum_) ? sum_ + error_ : sum_; }

 private:
  double sum_ = 0.0;
  double error_ = 0.0;
};

/// Sum over rows of weight x term(row).
template <class Term>
double weighted_sum(const MetricInput& in, Term term) {
  Sum sum;
  for (std::size_t row = 0; row < in.rows(); ++row) sum.add(in.weight(row) * term(row));
  return sum.value();
}

inline double total_weight(const MetricInput& in) {
  return weighted_sum(in, [](std::size_t) { return 1.0; });
}

/// Weighted mean over rows of term(row).
template <class Term>
double weighted_mean(const MetricInput& in, Term term) {
  return weighted_sum(in, term) / total_weight(in);
}

}  // namespace automill::metric_bodies
