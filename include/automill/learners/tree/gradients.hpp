#pragma once
// Gradients as integers. A row's gradient and Hessian are packed into one 64-bit integer, so that a histogram
// entry is one addition and sums do not depend on the order of rows or on threads.
//
// Overflow is excluded by the sums themselves: with the unit u, a value is rounded at random to one of its two
// neighbours, so |integer| <= |value| / u + 1, and the sum over any rows is at most S / u + n where S = sum of |value|
// over all n rows. The units are the smallest powers of two for which that fits the fields. Because u follows the sum
// and not the largest value, one huge value costs the others few bits; where it costs too many (heavy tails, extreme
// weights), the sums go to two integers of 64 bits ("wide").

#include <automill/core/dataset.hpp>
#include <automill/core/executor.hpp>
#include <automill/learners/tree/kernels.hpp>

namespace automill::tree {

/// A sum of packed gradients. `second` is used by wide sums only.
struct PackedSum {
  std::int64_t first = 0, second = 0;
  PackedSum operator+(PackedSum b) const { return {first + b.first, second + b.second}; }
  PackedSum operator-(PackedSum b) const { return {first - b.first, second - b.second}; }
  bool operator==(const PackedSum&) const = default;
};

/// A sum in integer units.
struct Moments {
  double gradient = 0, hessian = 0;
};

enum class HessianKind { constant, varying };

/// How gradients of a round are packed.
struct GradientScale {
  FieldLayout fields;
  double gradient_unit = 1, hessian_unit = 1;  ///< value = integer * unit; powers of two, or the constant Hessian

  Moments moments(PackedSum sum) const {
    const auto low = static_cast<std::uint64_t>(fields.wide ? sum.second : sum.first);
    return {static_cast<double>(sum.first >> fields.gradient_shift), static_cast<double>(low & fields.hessian_mask)};
  }
  /// In units of the loss.
  Moments values(PackedSum sum) const {
    const Moments integers = moments(sum);
    return {integers.gradient * gradient_unit, integers.hessian * hessian_unit};
  }
};

/// Unit-free amounts of a round from which the scale follows. Sums of magnitudes are upper bounds, rounded up; infinite
/// where no double holds them.
struct GradientAmounts {
  double gradient_sum = 0, hessian_sum = 0;          ///< sums of |value|
  double gradient_typical = 0, hessian_typical = 0;  ///< geometric mean of the non-zero magnitudes; 0: not asked
};

/// Chooses fields and units for `rows` rows. Where a typical value would be below four units, the sums are wide.
AUTOMILL_EXPORT GradientScale choose_scale(std::size_t rows, HessianKind kind, const GradientAmounts& amounts);

/// The wide one: sums are below 2^51.
AUTOMILL_EXPORT GradientScale wide_scale(std::size_t rows, const GradientAmounts& amounts);

/// An upper bound of the sum of |value|, the same for any order of values; `top` is the largest of them.
AUTOMILL_EXPORT double magnitude_bound(const std::vector<double>& values, double top,
                                       const Executor& executor = InlineExecutor::instance());

/// The largest |value|. Error that names the first training row whose `what` is not finite.
AUTOMILL_EXPORT double largest_finite(const std::vector<double>& values, const char* what,
                                      const Executor& executor = InlineExecutor::instance());

/// Gradients of one tree: doubles in the order of the training rows, and packed integers by row of the table.
class QuantisedGradients {
 public:
  std::vector<double> gradients, hessians;  ///< of training row i; no Hessians where they are all one
  HessianKind kind = HessianKind::varying;
  bool heavy_tails = false;  ///< the objective or the weights are not bounded: ask whether wide is needed
  GradientScale scale;
  std::vector<std::int64_t> first, second;  ///< packed, by row of the table; second for wide sums only
  PackedSum at(std::uint32_t row) const { return {first[row], scale.fields.wide ? second[row] : 0}; }

  /// Rounds the doubles at random by row key and packs them. `rows`: table rows of the training rows. Error when a
  /// gradient is not finite.
  AUTOMILL_EXPORT void pack(std::span<const std::uint32_t> rows, std::span<const std::uint64_t> keys,
                            std::size_t table_rows, std::uint64_t round_seed,
                            const Executor& executor = InlineExecutor::instance());

 private:
  GradientAmounts amounts(const Executor& executor) const;
};

/// Sum that does not depend on the order: values become integers relative to the largest one (error below
/// n^2 2^-62 of it). Infinite where some are, NaN where they contradict each other or one is NaN.
AUTOMILL_EXPORT double order_free_sum(std::span<const double> values);

}  // namespace automill::tree
