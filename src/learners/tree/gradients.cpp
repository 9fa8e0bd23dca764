#include <automill/learners/tree/gradients.hpp>

namespace automill::tree {

namespace {

int bits_of(std::size_t n) { return static_cast<int>(std::bit_width(n)); }

std::uint64_t low_bits(int n) { return (std::uint64_t{1} << n) - 1; }

/// Smallest power of two u with sum / u + rows <= capacity. A sum that no double holds is below rows * 2^1024.
double unit_for(double sum, double rows, double capacity) {
  if (!(sum > 0)) return 1.0;
  int exponent = 0;
  if (std::isinf(sum)) {
    std::frexp(rows / (capacity - rows), &exponent);
    exponent += 1024;
  } else {
    std::frexp(sum / (capacity - rows), &exponent);
  }
  return std::ldexp(1.0, std::clamp(exponent, -1000, 1023));
}

double capacity_of(int bits) { return std::ldexp(1.0, bits) - 1; }

/// A constant Hessian is counted exactly and leaves the other bits to the gradient; a varying one takes half. A field
/// that is read as a double holds at most 52 bits.
GradientScale packed_scale(std::size_t rows, HessianKind kind, const GradientAmounts& amounts) {
  const double n = static_cast<double>(rows);
  const bool constant = kind == HessianKind::constant;
  const int hessian_bits = constant ? std::max(bits_of(rows), 12) : 32;
  GradientScale scale;
  scale.fields = {.gradient_shift = hessian_bits, .hessian_mask = low_bits(hessian_bits)};
  scale.gradient_unit = unit_for(amounts.gradient_sum, n, capacity_of(63 - hessian_bits));
  if (!constant) scale.hessian_unit = unit_for(amounts.hessian_sum, n, capacity_of(hessian_bits));
  return scale;
}

constexpr std::size_t rows_of_block = std::size_t{1} << 15;  // worth a thread

/// `of(begin, end)` of blocks of rows; what it gives is combined in any order.
template <class Result, class Of, class Combine>
Result over_blocks(std::size_t rows, const Executor& executor, const Of& of, const Combine& combine) {
  if (executor.width() == 1 || rows < 2 * rows_of_block) return of(std::size_t{0}, rows);
  std::vector<Result> parts((rows + rows_of_block - 1) / rows_of_block);
  for_each_block(executor, rows, rows_of_block,
                 [&](std::size_t begin, std::size_t end) { parts[begin / rows_of_block] = of(begin, end); });
  Result all = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) all = combine(all, parts[i]);
  return all;
}

/// Exponents of the non-zero values.
struct Exponents {
  std::int64_t sum = 0, count = 0;
  /// 2^mean
  double typical_magnitude() const { return count == 0 ? 0 : std::ldexp(1.0, static_cast<int>(sum / count)); }
};

Exponents exponents_of(std::span<const double> values) {
  Exponents all;
  for (double value : values) {
    const auto exponent = static_cast<std::int64_t>((std::bit_cast<std::uint64_t>(value) >> 52) & 2047);
    all.sum += exponent == 0 ? 0 : exponent - 1023;
    all.count += exponent == 0 ? 0 : 1;
  }
  return all;
}

double typical_magnitude(const std::vector<double>& values, const Executor& executor) {
  return over_blocks<Exponents>(
             values.size(), executor,
             [&](std::size_t begin, std::size_t end) {
               return exponents_of(std::span(values).subspan(begin, end - begin));
             },
             [](Exponents a, Exponents b) {
               return Exponents{a.sum + b.sum, a.count + b.count};
             })
      .typical_magnitude();
}

[[noreturn]] void refuse_not_finite(const std::vector<double>& values, const char* what) {
  std::size_t i = 0;
  while (i < values.size() && std::isfinite(values[i])) ++i;
  throw Error("fit.gradient_not_finite", "row " + std::to_string(i),
              std::string("the ") + what + " of this training row is not finite",
              "check the target for extreme values, or lower the learning rate");
}

}  // namespace

GradientScale wide_scale(std::size_t rows, const GradientAmounts& amounts) {
  const double n = static_cast<double>(rows);
  GradientScale scale;
  scale.fields = {.gradient_shift = 12, .hessian_mask = low_bits(52), .wide = true};
  scale.gradient_unit = unit_for(amounts.gradient_sum, n, capacity_of(51));
  // One of the 52 bits is left free: a single row may hold nearly the whole sum, and rounding takes values below 2^51.
  scale.hessian_unit = unit_for(amounts.hessian_sum, n, capacity_of(51));
  return scale;
}

// integers relative to the largest magnitude
double magnitude_bound(const std::vector<double>& values, double top, const Executor& executor) {
  if (values.empty() || top == 0) return 0;
  int exponent = 0;
  std::frexp(top, &exponent);
  // |value| < 2^exponent; in units of 2^(exponent - 31) it is at most 2^31, and 2^32 of them fit
  const double scale = std::ldexp(1.0, std::min(31 - exponent, 1000));
  const auto sum = over_blocks<std::uint64_t>(
      values.size(), executor,
      [&](std::size_t begin, std::size_t end) {
        return kernels().sum_magnitudes(values.data() + begin, end - begin, scale);
      },
      std::plus<>{});
  return (static_cast<double>(sum) + static_cast<double>(values.size())) / scale;
}

double largest_finite(const std::vector<double>& values, const char* what, const Executor& executor) {
  const auto top = over_blocks<double>(
      values.size(), executor,
      [&](std::size_t begin, std::size_t end) { return kernels().largest(values.data() + begin, end - begin); },
      [](double a, double b) { return a > b || std::isnan(a) ? a : b; });
  if (!std::isfinite(top)) refuse_not_finite(values, what);
  return top;
}

GradientScale choose_scale(std::size_t rows, HessianKind kind, const GradientAmounts& amounts) {
  const GradientScale packed = packed_scale(rows, kind, amounts);
  const bool coarse = (amounts.gradient_typical > 0 && amounts.gradient_typical < 4 * packed.gradient_unit) ||
                      (kind == HessianKind::varying && amounts.hessian_typical > 0 &&
                       amounts.hessian_typical < 4 * packed.hessian_unit);
  if (!coarse) return packed;
  GradientAmounts wide = amounts;
  if (kind == HessianKind::constant) wide.hessian_sum = static_cast<double>(rows);
  return wide_scale(rows, wide);
}

GradientAmounts QuantisedGradients::amounts(const Executor& executor) const {
  const double top_gradient = largest_finite(gradients, "gradient", executor);
  const bool varying = kind == HessianKind::varying;
  const double top_hessian = varying ? largest_finite(hessians, "second derivative", executor) : 1.0;
  GradientAmounts all{.gradient_sum = magnitude_bound(gradients, top_gradient, executor),
                      .hessian_sum = magnitude_bound(hessians, top_hessian, executor)};
  if (heavy_tails) {
    all.gradient_typical = typical_magnitude(gradients, executor);
    all.hessian_typical = typical_magnitude(hessians, executor);
  }
  return all;
}

void QuantisedGradients::pack(std::span<const std::uint32_t> rows, std::span<const std::uint64_t> keys,
                              std::size_t table_rows, std::uint64_t round_seed, const Executor& executor) {
  scale = choose_scale(rows.size(), kind, amounts(executor));
  first.resize(table_rows);
  if (scale.fields.wide) second.resize(table_rows);
  constexpr std::size_t block = 1024;
  const std::vector<double> ones(scale.fields.wide && kind == HessianKind::constant ? block : 0, 1.0);
  const auto pack_block = [&](std::size_t begin, std::size_t end) {
    const std::size_t count = end - begin;
    std::int64_t a[block], b[block];
    const RoundingInput input{.gradients = gradients.data() + begin,
                              .hessians = kind == HessianKind::varying ? hessians.data() + begin
                                          : ones.empty()               ? nullptr
                                                                       : ones.data(),
                              .keys = keys.data() + begin,
                              .size = count,
                              .gradient_scale = 1.0 / scale.gradient_unit,
                              .hessian_scale = 1.0 / scale.hessian_unit,
                              .multiplier = mix64(round_seed) | 1,
                              .fields = scale.fields};
    kernels().round_gradients(input, a, b);
    for (std::size_t i = 0; i < count; ++i) first[rows[begin + i]] = a[i];
    if (scale.fields.wide)
      for (std::size_t i = 0; i < count; ++i) second[rows[begin + i]] = b[i];
  };
  const Executor& inline_one = InlineExecutor::instance();
  for_each_block(rows.size() >= 2 * rows_of_block ? executor : inline_one, rows.size(), rows_of_block,
                 [&](std::size_t begin, std::size_t end) {
                   for (std::size_t at = begin; at < end; at += block) pack_block(at, std::min(end, at + block));
                 });
}

double order_free_sum(std::span<const double> values) {
  const double top = kernels().largest(values.data(), values.size());
  if (top == 0 || values.empty()) return 0;
  if (!std::isfinite(top)) {  // then these alone decide, in any order
    double sum = 0;
    for (double value : values) sum += std::isfinite(value) ? 0.0 : value;
    return sum;
  }
  int exponent = 0;
  std::frexp(top, &exponent);
  const int shift = std::clamp(62 - bits_of(values.size()) - exponent, -1000, 1000);
  const double scale = std::ldexp(1.0, shift);
  std::int64_t sum = 0;
  for (double value : values) sum += static_cast<std::int64_t>(value * scale);
  return static_cast<double>(sum) / scale;
}

}  // namespace automill::tree
