#pragma once
// What a round does with all rows: losses, their gradients, and rounding those to integers.
// Part of kernels_body.hpp, which says what may be called here.

#include <automill/learners/tree/kernels.hpp>

#include "kernels_vectors.hpp"

namespace automill::tree {
namespace {

/// As math::exp, for x in [-708, 709].
AUTOMILL_INLINE Doubles exp_of(Doubles x) {
  x = larger(smaller(x, all(709.0)), all(-708.0));
  const Doubles shifted = x * 1.4426950408889634 + rounder;
  const Doubles k = shifted - rounder;
  const Doubles r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  Doubles p = all(1.6059043836821613e-10);
  p = p * r + 2.08767569878681e-09;
  p = p * r + 2.505210838544172e-08;
  p = p * r + 2.755731922398589e-07;
  p = p * r + 2.7557319223985893e-06;
  p = p * r + 2.48015873015873e-05;
  p = p * r + 1.984126984126984e-04;
  p = p * r + 1.388888888888889e-03;
  p = p * r + 8.333333333333333e-03;
  p = p * r + 4.1666666666666664e-02;
  p = p * r + 1.6666666666666666e-01;
  p = p * r + 0.5;
  const Doubles value = 1.0 + (r + r * r * p);
  const Words exponent = ((Words)shifted - rounder_bits + 1023ULL) << 52;
  return value * (Doubles)exponent;
}

/// As math::log, for normal positive x.
AUTOMILL_INLINE Doubles log_of(Doubles x) {
  const Words bits = (Words)x;
  Doubles k = (Doubles)((bits >> 52) | magic_bits) - (magic + 1023.0);
  Doubles m = (Doubles)((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  const Mask high = above(m, all(1.4142135623730951));
  m = select(high, m * 0.5, m);
  k = select(high, k + 1.0, k);
  const Doubles f = m - 1.0, s = f / (2.0 + f), z = s * s;
  Doubles p = all(2.0 / 21);
  p = p * z + 2.0 / 19;
  p = p * z + 2.0 / 17;
  p = p * z + 2.0 / 15;
  p = p * z + 2.0 / 13;
  p = p * z + 2.0 / 11;
  p = p * z + 2.0 / 9;
  p = p * z + 2.0 / 7;
  p = p * z + 2.0 / 5;
  p = p * z + 2.0 / 3;
  const Doubles half_square = 0.5 * f * f;
  return k * 6.93147180369123816490e-01 -
         ((half_square - (s * (half_square + z * p) + k * 1.90821492927058770002e-10)) - f);
}

/// Calls body(i, n) for whole vectors and body on copies for the rest, so that the last rows run the same code.
template <int inputs, int outputs, class Body>
AUTOMILL_INLINE void for_each_vector(const double* const (&in)[inputs], double* const (&out)[outputs], std::size_t size,
                                     const Body& body) {
  Doubles x[inputs], y[outputs];
  std::size_t i = 0;
  for (; i + width <= size; i += width) {
    for (int k = 0; k < inputs; ++k) x[k] = in[k] == nullptr ? all(1.0) : load(in[k] + i);
    body(x, y);
    for (int k = 0; k < outputs; ++k) store(out[k] + i, y[k]);
  }
  if (i == size) return;
  for (int k = 0; k < inputs; ++k) {
    x[k] = all(1.0);
    for (std::size_t j = i; in[k] != nullptr && j < size; ++j) x[k][j - i] = in[k][j];
  }
  body(x, y);
  for (int k = 0; k < outputs; ++k)
    for (std::size_t j = i; j < size; ++j) out[k][j] = y[k][j - i];
}

AUTOMILL_INLINE Doubles magnitude(Doubles x) { return (Doubles)((Words)x & 0x7fffffffffffffffULL); }

struct LogisticBody {
  AUTOMILL_INLINE void operator()(const Doubles* x, Doubles* y) const {
    const Doubles e = exp_of(-magnitude(x[0]));
    const Doubles p = select(at_least(x[0], Doubles{}), all(1.0), e) / (1.0 + e);
    y[0] = (p - x[1]) * x[2];
    y[1] = p * (1.0 - p) * x[2];
  }
};

struct LogisticLossBody {
  AUTOMILL_INLINE void operator()(const Doubles* x, Doubles* y) const {
    const Doubles e = exp_of(-magnitude(x[0]));
    // log(1 + e^s) - y s
    y[0] = larger(x[0], Doubles{}) + log_of(1.0 + e) - x[1] * x[0];
  }
};

AUTOMILL_TARGET void logistic(const double* scores, const double* positive, const double* weights, std::size_t size,
                              double* gradients, double* hessians) {
  for_each_vector<3, 2>({scores, positive, weights}, {gradients, hessians}, size, LogisticBody{});
}

AUTOMILL_TARGET void logistic_loss(const double* scores, const double* positive, std::size_t size, double* losses) {
  for_each_vector<2, 1>({scores, positive}, {losses}, size, LogisticLossBody{});
}

AUTOMILL_TARGET void softmax(double* scores, std::size_t classes, std::size_t stride, std::size_t size,
                             double* log_sums) {
  for (std::size_t i = 0; i < size; i += width) {
    const std::size_t count = size - i < static_cast<std::size_t>(width) ? size - i : static_cast<std::size_t>(width);
    const bool full = count == static_cast<std::size_t>(width);
    double* at = scores + i;
    const auto get = [&](std::size_t k) AUTOMILL_TARGET {
      if (full) return load(at + k * stride);
      Doubles v{};
      for (std::size_t j = 0; j < count; ++j) v[j] = at[k * stride + j];
      return v;
    };
    const auto put = [&](std::size_t k, Doubles v) AUTOMILL_TARGET {
      if (full) store(at + k * stride, v);
      else
        for (std::size_t j = 0; j < count; ++j) at[k * stride + j] = v[j];
    };
    Doubles top = get(0), sum{};
    for (std::size_t k = 1; k < classes; ++k) top = larger(get(k), top);
    for (std::size_t k = 0; k < classes; ++k) {
      const Doubles e = exp_of(get(k) - top);
      sum += e;
      put(k, e);
    }
    if (log_sums != nullptr) {
      const Doubles logs = top + log_of(sum);
      for (std::size_t j = 0; j < count; ++j) log_sums[i + j] = logs[j];
    }
    for (std::size_t k = 0; k < classes; ++k) put(k, get(k) / sum);
  }
}

AUTOMILL_TARGET double largest(const double* values, std::size_t size) {
  // As integers, magnitudes of doubles are ordered, and infinity and NaN come last.
  Words top{};
  std::size_t i = 0;
  for (; i + width <= size; i += width) {
    const Words bits = (Words)magnitude(load(values + i));
    const Words more = (Words)((Integers)bits > (Integers)top);
    top = (more & bits) | (~more & top);
  }
  unsigned long long best = 0;
  for (int k = 0; k < width; ++k) best = top[k] > best ? top[k] : best;
  for (; i < size; ++i) {
    unsigned long long bits;
    __builtin_memcpy(&bits, values + i, 8);
    bits &= 0x7fffffffffffffffULL;
    best = bits > best ? bits : best;
  }
  double result;
  __builtin_memcpy(&result, &best, 8);
  return result;
}

AUTOMILL_TARGET std::uint64_t sum_magnitudes(const double* values, std::size_t size, double scale) {
  Words sum{};
  std::size_t i = 0;
  for (; i + width <= size; i += width)
    sum += (Words)(magnitude(load(values + i)) * scale + magic) & 0xfffffffffffffULL;
  unsigned long long total = 0;
  for (int k = 0; k < width; ++k) total += sum[k];
  for (; i < size; ++i) {
    const double rounded = __builtin_fabs(values[i]) * scale + magic;
    unsigned long long bits;
    __builtin_memcpy(&bits, &rounded, 8);
    total += bits & 0xfffffffffffffULL;
  }
  return total;
}

/// value * scale + u - 1/2 with u uniform in [0, 1), rounded to nearest: an integer with the right expectation.
AUTOMILL_INLINE Words round_at_random(Doubles scaled, Words uniform26) {
  constexpr double step = 1.0 / 67108864.0;  // 2^-26
  const Doubles noise = ((Doubles)(uniform26 | magic_bits) - (magic + 33554431.5)) * step;
  return (Words)(scaled + noise + rounder) - rounder_bits;
}

template <bool has_hessian>
AUTOMILL_INLINE void round_vector(const RoundingInput& in, Doubles g, Doubles h, Words keys, Words& first,
                                  Words& second) {
  const Words random = keys * in.multiplier;
  const Words qg = round_at_random(g * in.gradient_scale, random >> 38);
  const Words qh = has_hessian ? round_at_random(h * in.hessian_scale, (random >> 12) & 0x3ffffffULL) : Words{} + 1ULL;
  first = in.fields.wide ? qg << in.fields.gradient_shift : (qg << in.fields.gradient_shift) + qh;
  second = qh;
}

template <bool has_hessian>
AUTOMILL_TARGET void round_all(const RoundingInput& in, std::int64_t* first, std::int64_t* second) {
  Words a, b;
  std::size_t i = 0;
  for (; i + width <= in.size; i += width) {
    const Doubles h = has_hessian ? load(in.hessians + i) : Doubles{};
    round_vector<has_hessian>(in, load(in.gradients + i), h, load_words(in.keys + i), a, b);
    store_words(first + i, a);
    if (in.fields.wide) store_words(second + i, b);
  }
  if (i == in.size) return;
  Doubles g{}, h{};
  Words keys{};
  for (std::size_t j = i; j < in.size; ++j) {
    g[j - i] = in.gradients[j];
    if (has_hessian) h[j - i] = in.hessians[j];
    keys[j - i] = in.keys[j];
  }
  round_vector<has_hessian>(in, g, h, keys, a, b);
  for (std::size_t j = i; j < in.size; ++j) {
    first[j] = static_cast<std::int64_t>(a[j - i]);
    if (in.fields.wide) second[j] = static_cast<std::int64_t>(b[j - i]);
  }
}

AUTOMILL_TARGET void round_gradients(const RoundingInput& in, std::int64_t* first, std::int64_t* second) {
  if (in.hessians != nullptr) round_all<true>(in, first, second);
  else round_all<false>(in, first, second);
}

}  // namespace
}  // namespace automill::tree
