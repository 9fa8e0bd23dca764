// The bodies of the kernels; included by one translation unit a level, which defines AUTOMILL_KERNELS (name of the
// function that returns the table), AUTOMILL_LEVEL (a name), AUTOMILL_TARGET (function attribute) and
// AUTOMILL_VECTOR_BYTES. No function of another header may be called here: an inline function compiled for a newer
// processor could be the copy that the linker keeps for all.

#include <automill/learners/tree/kernels.hpp>
#if defined(__x86_64__)
#include <immintrin.h>  // its functions are always inlined and carry their own target
#endif

namespace automill::tree {
namespace {

#define AUTOMILL_INLINE AUTOMILL_TARGET inline __attribute__((always_inline))

constexpr int width = AUTOMILL_VECTOR_BYTES / 8;  // elements of a vector
typedef double Doubles __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef long long Integers __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef unsigned long long Words __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef double DoublesAnywhere __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), aligned(8), may_alias));
typedef unsigned long long WordsAnywhere __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), aligned(8), may_alias));
typedef std::uint64_t WordAnywhere __attribute__((may_alias));

constexpr double magic = 4503599627370496.0;  // 2^52: its low bits are an unsigned integer
constexpr unsigned long long magic_bits = 0x4330000000000000ULL;
constexpr double rounder = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer
constexpr unsigned long long rounder_bits = 0x4338000000000000ULL;

AUTOMILL_INLINE Doubles load(const double* at) { return *reinterpret_cast<const DoublesAnywhere*>(at); }
AUTOMILL_INLINE Words load_words(const void* at) { return *static_cast<const WordsAnywhere*>(at); }
AUTOMILL_INLINE void store(double* at, Doubles v) { *reinterpret_cast<DoublesAnywhere*>(at) = v; }
AUTOMILL_INLINE void store_words(void* at, Words v) { *static_cast<WordsAnywhere*>(at) = v; }
AUTOMILL_INLINE Doubles all(double v) { return Doubles{} + v; }

// Outcome of a comparison, element by element.
#if AUTOMILL_VECTOR_BYTES == 64
typedef __mmask8 Mask;
AUTOMILL_INLINE Mask above(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GT_OQ); }
AUTOMILL_INLINE Mask at_least(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GE_OQ); }
AUTOMILL_INLINE Mask same(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_EQ_OQ); }
AUTOMILL_INLINE bool any(Mask mask) { return mask != 0; }
AUTOMILL_INLINE Doubles select(Mask mask, Doubles yes, Doubles no) {
  return (Doubles)_mm512_mask_blend_pd(mask, (__m512d)no, (__m512d)yes);
}
#else
typedef Integers Mask;
AUTOMILL_INLINE Mask above(Doubles a, Doubles b) { return (Mask)(a > b); }
AUTOMILL_INLINE Mask at_least(Doubles a, Doubles b) { return (Mask)(a >= b); }
AUTOMILL_INLINE Mask same(Doubles a, Doubles b) { return (Mask)(a == b); }
AUTOMILL_INLINE bool any(Mask mask) {
#if defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 32
  return _mm256_movemask_pd((__m256d)mask) != 0;
#elif defined(__x86_64__)
  return _mm_movemask_pd((__m128d)mask) != 0;
#else
  long long bits = 0;
  for (int k = 0; k < width; ++k) bits |= mask[k];
  return bits != 0;
#endif
}
AUTOMILL_INLINE Doubles select(Mask mask, Doubles yes, Doubles no) { return mask ? yes : no; }
#endif
AUTOMILL_INLINE Doubles larger(Doubles a, Doubles b) { return select(above(a, b), a, b); }
AUTOMILL_INLINE Doubles smaller(Doubles a, Doubles b) { return select(above(b, a), a, b); }

constexpr std::size_t prefetch_ahead = 24;  // rows between a prefetch and its use
constexpr std::size_t near_rows = 4096;     // so few rows are not worth prefetching

// ---- histograms ----

template <int count, bool listed>
AUTOMILL_TARGET void build_lanes(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                 const std::int64_t* gradients, std::int64_t* histogram, const std::uint8_t* lanes) {
  int shifts[count];
  std::int64_t* planes[count];
  for (int k = 0; k < count; ++k) {
    shifts[k] = 8 * lanes[k];
    planes[k] = histogram + lanes[k];
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (listed && i + prefetch_ahead < size) __builtin_prefetch(words + rows[i + prefetch_ahead]);
    const std::uint64_t word = words[listed ? rows[i] : i];
    const std::int64_t gradient = gradients[i];
#pragma GCC unroll 8
    for (int k = 0; k < count; ++k) planes[k][((word >> shifts[k]) & 255) * lanes_per_block] += gradient;
  }
}

/// The first `count` lanes: shifts are known, so that no register is needed for them.
template <int count, bool listed>
AUTOMILL_TARGET void build_first(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                 const std::int64_t* gradients, std::int64_t* histogram) {
  for (std::size_t i = 0; i < size; ++i) {
    if (listed && i + prefetch_ahead < size) __builtin_prefetch(words + rows[i + prefetch_ahead]);
    const std::uint64_t word = words[listed ? rows[i] : i];
    const std::int64_t gradient = gradients[i];
#pragma GCC unroll 8
    for (int k = 0; k < count; ++k) histogram[((word >> (8 * k)) & 255) * 8 + k] += gradient;
  }
}

template <int count, bool listed>
AUTOMILL_TARGET void build_some(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                const std::int64_t* gradients, std::int64_t* histogram, const std::uint8_t* lanes) {
  if (lanes[count - 1] == count - 1) build_first<count, listed>(words, rows, size, gradients, histogram);
  else build_lanes<count, listed>(words, rows, size, gradients, histogram, lanes);
}

template <bool listed>
AUTOMILL_TARGET void build_any(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                               const std::int64_t* gradients, std::int64_t* histogram, const std::uint8_t* lanes,
                               int lane_count) {
  switch (lane_count) {
    case 1:
      return build_some<1, listed>(words, rows, size, gradients, histogram, lanes);
    case 2:
      return build_some<2, listed>(words, rows, size, gradients, histogram, lanes);
    case 3:
      return build_some<3, listed>(words, rows, size, gradients, histogram, lanes);
    case 4:
      return build_some<4, listed>(words, rows, size, gradients, histogram, lanes);
    case 5:
      return build_some<5, listed>(words, rows, size, gradients, histogram, lanes);
    case 6:
      return build_some<6, listed>(words, rows, size, gradients, histogram, lanes);
    case 7:
      return build_some<7, listed>(words, rows, size, gradients, histogram, lanes);
    default:
      return build_first<8, listed>(words, rows, size, gradients, histogram);
  }
}

AUTOMILL_TARGET void build(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                           const std::int64_t* gradients, std::int64_t* histogram, const std::uint8_t* lanes,
                           int lane_count) {
  if (rows == nullptr) build_any<false>(words, rows, size, gradients, histogram, lanes, lane_count);
  else build_any<true>(words, rows, size, gradients, histogram, lanes, lane_count);
}

AUTOMILL_TARGET void build_wide(const std::uint16_t* codes, const std::uint32_t* rows, std::size_t size,
                                const std::int64_t* gradients, std::int64_t* histogram) {
  for (std::size_t i = 0; i < size; ++i) histogram[codes[rows == nullptr ? i : rows[i]]] += gradients[i];
}

AUTOMILL_TARGET void subtract(std::int64_t* parent, const std::int64_t* child, std::size_t size) {
  std::size_t i = 0;
  for (; i + width <= size; i += width) store_words(parent + i, load_words(parent + i) - load_words(child + i));
  for (; i < size; ++i) parent[i] -= child[i];
}

// ---- best threshold ----

/// The best threshold so far: its gain grows with numerator / denominator, which is compared without a division.
struct ScanState {
  Doubles numerator, denominator, bin;
};
constexpr double other_direction = 65536;  // added to bins of thresholds with missing values on the left

/// T(G) = sign(G) max(|G| - l1, 0).
AUTOMILL_INLINE Doubles threshold_l1(Doubles g, Doubles l1) {
  return larger(g - l1, Doubles{}) + smaller(g + l1, Doubles{});
}

/// One direction: missing values go right (sums start empty) or left (sums start with bin 0). The Hessian of the left
/// side only grows with the bin, so each lane has one range of allowed bins; the scan ends when all are behind it.
///
/// With D = H + l2 of each side, gain = T(GL)^2 / DL + T(GR)^2 / DR = (T(GL)^2 DR + T(GR)^2 DL) / (DL DR), and without
/// l1 it is G^2 / D + D (GL - DL G / D)^2 / (DL DR) with the constant D = DL + DR (Lagrange's identity), which takes
/// half the operations and does not cancel.
///
/// A field of at most 52 bits becomes a double by putting it into the low bits of 2^52; the sign of the top field by a
/// flip of its sign bit first. Exact at every level.
template <bool with_l1, bool one_bin, bool wide>
AUTOMILL_TARGET void scan_direction(const ScanInput& in, int part, bool missing_left, ScanState& state) {
  const std::int64_t* first = in.histogram + part;
  const std::int64_t* second = wide ? in.second + part : first;
  const int gradient_shift = in.fields.gradient_shift;
  const unsigned long long sign = 1ULL << (63 - gradient_shift);
  const Words sign_and_magic = Words{} + (sign ^ magic_bits), mask = Words{} + in.fields.hessian_mask;
  const Doubles lowest = all(in.lowest), highest = all(in.highest),
                signed_zero = all(magic + static_cast<double>(sign));
  const Doubles gradient = all(in.gradient), l1 = all(in.l1), l2 = all(in.l2), hessian_l2 = all(in.hessian + in.l2);
  const Doubles mean = all(in.gradient / (in.hessian + 2 * in.l2));
  Words sum{}, sum2{};
  if (missing_left) {
    sum = load_words(first);
    if (wide) sum2 = load_words(second);
  }
  Doubles only{}, bin = all(missing_left ? other_direction : 0.0);
  if (one_bin)
    for (int k = 0; k < width; ++k) only[k] = static_cast<double>(in.only_bin[part + k]) + bin[k];
  ScanState best = state;
  const int end = missing_left ? in.bins - 1 : in.bins;
  for (int b = 1; b < end; ++b) {
    bin += 1.0;
    sum += load_words(first + b * lanes_per_block);
    if (wide) sum2 += load_words(second + b * lanes_per_block);
    const Doubles hl = (Doubles)(((wide ? sum2 : sum) & mask) | magic_bits) - magic;
    Mask allowed = at_least(hl, lowest) & at_least(highest, hl);
    if (!any(allowed)) {
      if (!any(at_least(highest, hl))) break;
      continue;
    }
    if (one_bin) allowed = allowed & same(bin, only);
    const Doubles gl = (Doubles)((sum >> gradient_shift) ^ sign_and_magic) - signed_zero;
    const Doubles dl = hl + l2, dr = hessian_l2 - hl, denominator = dl * dr;
    Doubles numerator;
    if (with_l1) {
      const Doubles tl = threshold_l1(gl, l1), tr = threshold_l1(gradient - gl, l1);
      numerator = tl * tl * dr + tr * tr * dl;
    } else {
      const Doubles excess = gl - mean * dl;
      numerator = excess * excess;
    }
    const Mask better = allowed & above(numerator * best.denominator, best.numerator * denominator);
    best.numerator = select(better, numerator, best.numerator);
    best.denominator = select(better, denominator, best.denominator);
    best.bin = select(better, bin, best.bin);
  }
  state = best;
}

AUTOMILL_INLINE bool any_bits(Words v) {
  unsigned long long bits = 0;
  for (int k = 0; k < width; ++k) bits |= v[k];
  return bits != 0;
}

template <bool with_l1, bool one_bin, bool wide>
AUTOMILL_TARGET void scan_lanes(const ScanInput& in, LaneBest& best) {
  for (int part = 0; part < lanes_per_block; part += width) {
    ScanState state{all(-1.0), all(1.0), Doubles{}};
    scan_direction<with_l1, one_bin, wide>(in, part, false, state);
    Words missing = load_words(in.histogram + part);
    if (wide) missing |= load_words(in.second + part);
    if (any_bits(missing)) scan_direction<with_l1, one_bin, wide>(in, part, true, state);
    const double whole = in.hessian + 2 * in.l2, scale = with_l1 ? 1.0 : whole;
    const double offset = with_l1 ? -in.parent_score : in.gradient * in.gradient / whole - in.parent_score;
    const Doubles gain = state.numerator / state.denominator * scale + offset;
    const Mask other = at_least(state.bin, all(other_direction));
    store(best.gain + part, select(at_least(state.numerator, Doubles{}), gain, all(-__builtin_inf())));
    store(best.bin + part, select(other, state.bin - other_direction, state.bin));
    store(best.missing_left + part, select(other, all(1.0), Doubles{}));
  }
}

template <bool with_l1, bool one_bin>
AUTOMILL_TARGET void scan_planes(const ScanInput& in, LaneBest& best) {
  if (in.fields.wide) scan_lanes<with_l1, one_bin, true>(in, best);
  else scan_lanes<with_l1, one_bin, false>(in, best);
}

AUTOMILL_TARGET void scan(const ScanInput& in, LaneBest& best) {
  if (in.l1 > 0) {
    if (in.only_bin != nullptr) scan_planes<true, true>(in, best);
    else scan_planes<true, false>(in, best);
  } else {
    if (in.only_bin != nullptr) scan_planes<false, true>(in, best);
    else scan_planes<false, false>(in, best);
  }
}

// ---- thresholds that all nodes of a level share ----

template <bool wide>
AUTOMILL_TARGET void add_level_lanes(const LevelInput& in, int part, double* scores) {
  const int gradient_shift = in.fields.gradient_shift;
  const unsigned long long sign = 1ULL << (63 - gradient_shift);
  const Words sign_and_magic = Words{} + (sign ^ magic_bits), mask = Words{} + in.fields.hessian_mask;
  const Doubles signed_zero = all(magic + static_cast<double>(sign)), gradient = all(in.gradient), l2 = all(in.l2),
                hessian_l2 = all(in.hessian + in.l2), lowest = all(in.lowest), highest = all(in.highest),
                whole = all(in.gradient * in.gradient / (in.hessian + in.l2));
  Words sum{}, sum2{};
  for (int b = 0; b + 1 < in.bins; ++b) {
    sum += load_words(in.histogram + b * lanes_per_block + part);
    if (wide) sum2 += load_words(in.second + b * lanes_per_block + part);
    const Doubles hl = (Doubles)(((wide ? sum2 : sum) & mask) | magic_bits) - magic;
    const Doubles gl = (Doubles)((sum >> gradient_shift) ^ sign_and_magic) - signed_zero;
    const Doubles gr = gradient - gl, dl = hl + l2, dr = hessian_l2 - hl;
    const Doubles both = (gl * gl * dr + gr * gr * dl) / (dl * dr);
    double* at = scores + b * lanes_per_block + part;
    store(at, load(at) + select(at_least(hl, lowest) & at_least(highest, hl), both, whole));
  }
}

AUTOMILL_TARGET void add_level(const LevelInput& in, double* scores) {
  for (int part = 0; part < lanes_per_block; part += width) {
    if (in.fields.wide) add_level_lanes<true>(in, part, scores);
    else add_level_lanes<false>(in, part, scores);
  }
}

AUTOMILL_INLINE Doubles root(Doubles v) {
#if defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 64
  return (Doubles)_mm512_sqrt_pd((__m512d)v);
#elif defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 32
  return (Doubles)_mm256_sqrt_pd((__m256d)v);
#elif defined(__x86_64__)
  return (Doubles)_mm_sqrt_pd((__m128d)v);
#else
  for (int k = 0; k < width; ++k) v[k] = __builtin_sqrt(v[k]);
  return v;
#endif
}

/// Marsaglia's xorshift with 64 bits ("Xorshift RNGs", 2003), and the sum of its four parts of 16 bits.
AUTOMILL_INLINE Doubles next_noise(Words& state) {
  constexpr double mean = 2 * 65535.0, deviation = 37837.22;  // 65536 / sqrt(3)
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  const Words sum = (state & 0xffffULL) + ((state >> 16) & 0xffffULL) + ((state >> 32) & 0xffffULL) + (state >> 48);
  return ((Doubles)(sum | magic_bits) - (magic + mean)) * (1.0 / deviation);
}

AUTOMILL_TARGET void choose(const LevelChoice& in, double* best) {
  for (int part = 0; part < lanes_per_block; part += width) {
    const Doubles unit = all(in.unit), noise = all(in.noise), ends = load(in.ends + part);
    Words state = load_words(in.seeds + part);
    Doubles top = all(-__builtin_inf()), chosen{}, bin{};
    for (int b = 0; b + 1 < in.bins; ++b) {
      Doubles value = root(load(in.scores + b * lanes_per_block + part) * unit);
      if (in.noise > 0) value += next_noise(state) * noise;
      const Mask better = above(value, top) & above(ends, bin);
      top = select(better, value, top);
      chosen = select(better, bin, chosen);
      bin += 1.0;
    }
    store(best + part, chosen);
  }
}

// ---- rows to children ----

struct Sides {
  std::size_t left = 0, right = 0;
};

/// Rows [begin, end) to the front of `rows` and to `scratch`; both are written, one counts.
template <bool far>
AUTOMILL_INLINE void partition_part(const std::uint8_t* codes, const std::uint8_t* goes_left, std::uint32_t* rows,
                                    std::uint32_t* scratch, std::size_t begin, std::size_t end, Sides& sides) {
  std::size_t left = sides.left, right = sides.right;
  for (std::size_t i = begin; i < end; ++i) {
    if (far) __builtin_prefetch(codes + std::size_t{rows[i + prefetch_ahead]} * 8);
    const std::uint32_t row = rows[i];
    const std::size_t goes = goes_left[codes[std::size_t{row} * 8]];
    rows[left] = row;
    scratch[right] = row;
    left += goes;
    right += 1 - goes;
  }
  sides = {left, right};
}

AUTOMILL_TARGET std::size_t partition(const std::uint64_t* words, int lane, const std::uint8_t* goes_left,
                                      std::uint32_t* rows, std::uint32_t* scratch, std::size_t size) {
  const std::uint8_t* codes = reinterpret_cast<const std::uint8_t*>(words) + lane;
  const std::size_t far_end = size > near_rows ? size - prefetch_ahead : 0;
  Sides sides;
  partition_part<true>(codes, goes_left, rows, scratch, 0, far_end, sides);
  partition_part<false>(codes, goes_left, rows, scratch, far_end, size, sides);
  if (sides.right > 0) __builtin_memcpy(rows + sides.left, scratch, sides.right * sizeof(std::uint32_t));
  return sides.left;
}

AUTOMILL_TARGET std::size_t partition_wide(const std::uint16_t* codes, const std::uint8_t* goes_left,
                                           std::uint32_t* rows, std::uint32_t* scratch, std::size_t size) {
  std::size_t left = 0, right = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint32_t row = rows[i];
    const std::size_t goes = goes_left[codes[row]];
    rows[left] = row;
    scratch[right] = row;
    left += goes;
    right += 1 - goes;
  }
  if (right > 0) __builtin_memcpy(rows + left, scratch, right * sizeof(std::uint32_t));
  return left;
}

// ---- gradients ----

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

const Kernels& AUTOMILL_KERNELS() {
  static const Kernels table{AUTOMILL_LEVEL, build,         build_wide, subtract,       scan,
                             add_level,      choose,        partition,  partition_wide, round_gradients,
                             logistic,       logistic_loss, softmax,    largest,        sum_magnitudes};
  return table;
}

}  // namespace automill::tree
