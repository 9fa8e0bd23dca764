#pragma once
// What a step does with all rows: states, gradients, histograms.
// Part of lane_kernels_body.hpp, which says what may be called here.

#include "lane_kernels.hpp"

namespace automill::additive {
namespace {

#define AUTOMILL_LANES AUTOMILL_TARGET inline __attribute__((always_inline))

// Vectors go by reference: passed by value, their registers would depend on the level.
typedef float Floats __attribute__((vector_size(32), may_alias, aligned(4)));
typedef int Ints __attribute__((vector_size(32), may_alias, aligned(4)));
typedef double HalfDoubles __attribute__((vector_size(32), may_alias, aligned(8)));
typedef float HalfFloats __attribute__((vector_size(16), may_alias, aligned(4)));

AUTOMILL_LANES Floats& floats(float* at) { return *reinterpret_cast<Floats*>(at); }
AUTOMILL_LANES const Floats& floats(const float* at) { return *reinterpret_cast<const Floats*>(at); }

/// e^x in single precision (Cephes' expf), x within [-87, 87]; relative error below 2e-7.
AUTOMILL_LANES void exponential(Floats& x) {
  const Floats zero{};
  const Floats most = zero + 87.0F, least = zero - 87.0F;
  x = x > most ? most : x;
  x = x < least ? least : x;
  const Floats shifted = x * 1.44269504088896341F + 12582912.0F;  // 1.5 * 2^23: rounds to an integer
  const Floats k = shifted - 12582912.0F;
  const Floats r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
  Floats p = zero + 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  const Ints exponent = ((Ints)shifted - 0x4B400000 + 127) << 23;
  x = p * (Floats)exponent;
}

/// log(x) in single precision (Cephes' logf), for normal positive x.
AUTOMILL_LANES void logarithm(Floats& x) {
  const Ints bits = (Ints)x;
  Ints k = (bits >> 23) - 126;
  Floats m = (Floats)((bits & 0x007fffff) | 0x3f000000);  // [0.5, 1)
  const Ints low = m < 0.707106781186547524F;
  k = k + low;  // -1 where low
  m = m - 1.0F + (Floats)((Ints)m & low);
  const Floats z = m * m;
  Floats p = Floats{} + 7.0376836292e-2F;
  p = p * m - 1.1514610310e-1F;
  p = p * m + 1.1676998740e-1F;
  p = p * m - 1.2420140846e-1F;
  p = p * m + 1.4249322787e-1F;
  p = p * m - 1.6668057665e-1F;
  p = p * m + 2.0000714765e-1F;
  p = p * m - 2.4999993993e-1F;
  p = p * m + 3.3333331174e-1F;
  const Floats of_k = __builtin_convertvector(k, Floats);
  x = m + (p * m * z - 0.5F * z + of_k * -2.12194440e-4F) + of_k * 0.693359375F;
}

AUTOMILL_LANES void keep_lanes(Floats& x, const Ints& mask) { x = (Floats)((Ints)x & mask); }

AUTOMILL_LANES void mask_of(std::uint8_t bits, Ints& mask) {
  const Ints bit{1, 2, 4, 8, 16, 32, 64, 128};
  mask = ((Ints{} + static_cast<int>(bits)) & bit) == bit;
}

/// The sum over the lanes of each bag, in all of them.
AUTOMILL_LANES void sum_of_bag(Floats& x, std::size_t lanes_per_bag) {
  x += __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
  x += __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5);
  if (lanes_per_bag > 4) x += __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
}

/// The class of each lane.
AUTOMILL_LANES void class_of_lanes(std::size_t lanes_per_bag, std::size_t vector, Ints& of) {
  of = Ints{0, 1, 2, 3, 4, 5, 6, 7};
  if (lanes_per_bag == 4) of = of & 3;
  of = of + static_cast<int>(vector * lanes);
}

/// e^d for |d| <= most_step: the error of the series is below 2e-6.
AUTOMILL_LANES void small_exponential(const Floats& d, Floats& e) {
  e = 1.0F + d * (1.0F + d * (0.5F + d * (0.166666667F + d * 0.0416666667F)));
}

/// Residual (score - target).
struct SquaredError {
  static constexpr bool constant_hessian = true;
  static AUTOMILL_LANES void advance(Floats& state, const Floats& d) { state += d; }
  static AUTOMILL_LANES void derive(const Floats& state, float, Floats& g, Floats& h) {
    g = state;
    h = Floats{} + 1.0F;
  }
  static AUTOMILL_LANES void begin(const Floats& score, float target, Floats& state, Floats& loss) {
    state = score - target;
    loss = state * state;
  }
};

/// Probability p. With the step d, p becomes p + p (1 - p) d (1 + (1/2 - p) d + (1/6 - p (1 - p)) d^2): the series of
/// the sigmoid, wrong by less than d^4 / 190.
struct Logistic {
  static constexpr bool constant_hessian = false;
  static AUTOMILL_LANES void advance(Floats& p, const Floats& d) {
    const Floats h = p - p * p, t = h * d;
    p += t + t * d * ((0.5F - p) + (0.166666667F - h) * d);
  }
  static AUTOMILL_LANES void derive(const Floats& p, float target, Floats& g, Floats& h) {
    g = p - target;
    h = p - p * p;
  }
  static AUTOMILL_LANES void begin(const Floats& score, float target, Floats& state, Floats& loss) {
    const Floats zero{};
    Floats e = score > zero ? -score : score;
    exponential(e);
    Floats one_more = 1.0F + e;
    state = (score > zero ? zero + 1.0F : e) / one_more;
    logarithm(one_more);
    loss = (score > zero ? score : zero) + one_more - target * score;
  }
};

/// Rate: e^score.
struct Poisson {
  static constexpr bool constant_hessian = false;
  static AUTOMILL_LANES void advance(Floats& rate, const Floats& d) {
    Floats e;
    small_exponential(d, e);
    rate *= e;
  }
  static AUTOMILL_LANES void derive(const Floats& rate, float target, Floats& g, Floats& h) {
    g = rate - target;
    h = rate;
  }
  static AUTOMILL_LANES void begin(const Floats& score, float target, Floats& state, Floats& loss) {
    state = score;
    exponential(state);
    loss = state - target * score;
  }
};

template <class Of>
AUTOMILL_TARGET void step_of(const LaneRows& rows, const std::uint16_t* codes, const float* update, float* gradients,
                             float* hessians) {
  for (std::size_t i = 0; i < rows.count; ++i) {
    Floats state = floats(rows.state + lanes * i);
    if (update != nullptr) {
      Of::advance(state, floats(update + lanes * codes[i]));
      floats(rows.state + lanes * i) = state;
    }
    Floats g, h;
    Of::derive(state, rows.targets[i], g, h);
    if (rows.weights != nullptr) {
      g *= rows.weights[i];
      h *= rows.weights[i];
    }
    Ints mask;
    mask_of(rows.in_bag[i], mask);
    keep_lanes(g, mask);
    keep_lanes(h, mask);
    floats(gradients + lanes * i) = g;
    floats(hessians + lanes * i) = h;
  }
}

AUTOMILL_TARGET void step_of_classes(const LaneRows& rows, const std::uint16_t* codes, const float* update,
                                     float* gradients, float* hessians) {
  const std::size_t vectors = rows.vectors, width = lanes * vectors;
  for (std::size_t i = 0; i < rows.count; ++i) {
    float* p = rows.state + width * i;
    if (update != nullptr) {
      Floats sum{}, e;
      for (std::size_t v = 0; v < vectors; ++v) {
        small_exponential(floats(update + width * codes[i] + lanes * v), e);
        floats(p + lanes * v) *= e;
        sum += floats(p + lanes * v);
      }
      sum_of_bag(sum, rows.lanes_per_bag);
      const Floats factor = 1.0F / sum;
      for (std::size_t v = 0; v < vectors; ++v) floats(p + lanes * v) *= factor;
    }
    Ints mask, label;
    mask_of(rows.in_bag[i], mask);
    for (std::size_t v = 0; v < vectors; ++v) {
      class_of_lanes(rows.lanes_per_bag, v, label);
      const Floats q = floats(p + lanes * v), one = Floats{} + 1.0F;
      Floats hit = (Floats)((Ints)one & (label == static_cast<int>(rows.targets[i])));
      Floats g = q - hit, h = q - q * q;
      if (rows.weights != nullptr) {
        g *= rows.weights[i];
        h *= rows.weights[i];
      }
      keep_lanes(g, mask);
      keep_lanes(h, mask);
      floats(gradients + width * i + lanes * v) = g;
      floats(hessians + width * i + lanes * v) = h;
    }
  }
}

AUTOMILL_TARGET void step(Loss loss, const LaneRows& rows, const std::uint16_t* codes, const float* update,
                          float* gradients, float* hessians) {
  if (loss == Loss::softmax) return step_of_classes(rows, codes, update, gradients, hessians);
  if (loss == Loss::logistic) return step_of<Logistic>(rows, codes, update, gradients, hessians);
  if (loss == Loss::poisson) return step_of<Poisson>(rows, codes, update, gradients, hessians);
  step_of<SquaredError>(rows, codes, update, gradients, hessians);
}

template <class Of, bool updated>
AUTOMILL_TARGET void step_and_add_of(const LaneRows& rows, const std::uint16_t* codes, const float* update,
                                     const std::uint16_t* to, float* histogram) {
  const float* weights = rows.weights;
  float* states = rows.state;
  for (std::size_t i = 0; i < rows.count; ++i) {
    Floats state = floats(states + lanes * i);
    if (updated) {
      Of::advance(state, floats(update + lanes * codes[i]));
      floats(states + lanes * i) = state;
    }
    Floats g, h;
    Of::derive(state, rows.targets[i], g, h);
    if (weights != nullptr) {
      g *= weights[i];
      h *= weights[i];
    }
    Ints mask;
    mask_of(rows.in_bag[i], mask);
    keep_lanes(g, mask);
    float* sums = histogram + bin_sums * to[i];
    floats(sums) += g;
    if (Of::constant_hessian) continue;
    keep_lanes(h, mask);
    floats(sums + lanes) += h;
  }
}

template <class Of>
AUTOMILL_LANES void step_and_add_either(const LaneRows& rows, const std::uint16_t* codes, const float* update,
                                        const std::uint16_t* to, float* histogram) {
  if (update != nullptr) step_and_add_of<Of, true>(rows, codes, update, to, histogram);
  else step_and_add_of<Of, false>(rows, codes, update, to, histogram);
}

AUTOMILL_TARGET void step_and_add(Loss loss, const LaneRows& rows, const std::uint16_t* codes, const float* update,
                                  const std::uint16_t* to, float* histogram) {
  if (loss == Loss::logistic) step_and_add_either<Logistic>(rows, codes, update, to, histogram);
  else if (loss == Loss::poisson) step_and_add_either<Poisson>(rows, codes, update, to, histogram);
  else step_and_add_either<SquaredError>(rows, codes, update, to, histogram);
}

AUTOMILL_TARGET void add(const std::uint16_t* codes, const float* gradients, const float* hessians, std::size_t count,
                         std::size_t vectors, std::size_t vector, float* histogram) {
  const std::size_t width = lanes * vectors, first = lanes * vector;
  for (std::size_t i = 0; i < count; ++i) {
    float* sums = histogram + bin_sums * codes[i];
    floats(sums) += floats(gradients + width * i + first);
    if (hessians != nullptr) floats(sums + lanes) += floats(hessians + width * i + first);
  }
}

AUTOMILL_TARGET void add_table(const std::uint16_t* codes, const float* table, std::size_t count, std::size_t width,
                               float* scores) {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t v = 0; v < width; v += lanes)
      floats(scores + width * i + v) += floats(table + width * codes[i] + v);
}

/// Adds the losses of a block of rows to sums of higher precision.
AUTOMILL_LANES void add_losses(const Floats& sum, double* losses) {
  for (std::size_t lane = 0; lane < lanes; ++lane) losses[lane] += static_cast<double>(sum[lane]);
}

template <class Of>
AUTOMILL_TARGET void start_of(const LaneRows& rows, const float* scores, std::uint8_t counted, double* losses) {
  Floats sum{};
  for (std::size_t i = 0; i < rows.count; ++i) {
    Floats state, loss;
    Of::begin(floats(scores + lanes * i), rows.targets[i], state, loss);
    floats(rows.state + lanes * i) = state;
    if (rows.weights != nullptr) loss *= rows.weights[i];
    Ints mask;
    mask_of(static_cast<std::uint8_t>(~rows.in_bag[i] & counted), mask);
    keep_lanes(loss, mask);
    sum += loss;
  }
  add_losses(sum, losses);
}

AUTOMILL_TARGET void start_of_classes(const LaneRows& rows, const float* scores, std::uint8_t counted, double* losses) {
  const std::size_t vectors = rows.vectors, width = lanes * vectors;
  Floats all{};
  for (std::size_t i = 0; i < rows.count; ++i) {
    const float* s = scores + width * i;
    float* p = rows.state + width * i;
    Floats top = floats(s), sum{}, hits{};
    Ints label, mask;
    for (std::size_t v = 1; v < vectors; ++v) top = floats(s + lanes * v) > top ? floats(s + lanes * v) : top;
    Floats other = __builtin_shufflevector(top, top, 1, 0, 3, 2, 5, 4, 7, 6);
    top = other > top ? other : top;
    other = __builtin_shufflevector(top, top, 2, 3, 0, 1, 6, 7, 4, 5);
    top = other > top ? other : top;
    other = __builtin_shufflevector(top, top, 4, 5, 6, 7, 0, 1, 2, 3);
    if (rows.lanes_per_bag > 4) top = other > top ? other : top;
    for (std::size_t v = 0; v < vectors; ++v) {
      class_of_lanes(rows.lanes_per_bag, v, label);
      Floats e = floats(s + lanes * v) - top;
      exponential(e);
      keep_lanes(e, label < static_cast<int>(rows.classes));
      floats(p + lanes * v) = e;
      sum += e;
      Floats hit = floats(s + lanes * v) - top;
      keep_lanes(hit, label == static_cast<int>(rows.targets[i]));
      hits += hit;
    }
    sum_of_bag(sum, rows.lanes_per_bag);
    const Floats factor = 1.0F / sum;
    for (std::size_t v = 0; v < vectors; ++v) floats(p + lanes * v) *= factor;
    sum_of_bag(hits, rows.lanes_per_bag);
    logarithm(sum);
    Floats loss = sum - hits;
    if (rows.weights != nullptr) loss *= rows.weights[i];
    class_of_lanes(rows.lanes_per_bag, 0, label);
    mask_of(static_cast<std::uint8_t>(~rows.in_bag[i] & counted), mask);
    keep_lanes(loss, mask & (label == 0));  // once a bag
    all += loss;
  }
  add_losses(all, losses);
}

AUTOMILL_TARGET void start(Loss loss, const LaneRows& rows, const float* scores, std::uint8_t counted, double* losses) {
  if (loss == Loss::softmax) return start_of_classes(rows, scores, counted, losses);
  if (loss == Loss::logistic) return start_of<Logistic>(rows, scores, counted, losses);
  if (loss == Loss::poisson) return start_of<Poisson>(rows, scores, counted, losses);
  start_of<SquaredError>(rows, scores, counted, losses);
}

AUTOMILL_TARGET void flush(float* histogram, double* sums, std::size_t size) {
  for (std::size_t i = 0; i < size; i += 4) {
    const HalfFloats part = *reinterpret_cast<const HalfFloats*>(histogram + i);
    *reinterpret_cast<HalfDoubles*>(sums + i) += __builtin_convertvector(part, HalfDoubles);
    *reinterpret_cast<HalfFloats*>(histogram + i) = HalfFloats{};
  }
}

}  // namespace
}  // namespace automill::additive
