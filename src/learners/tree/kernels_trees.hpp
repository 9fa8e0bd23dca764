#pragma once
// What growing a tree does: histograms, the best threshold of a node or of a level, rows to children.
// Part of kernels_body.hpp, which says what may be called here.

#include <automill/learners/tree/kernels.hpp>

#include "kernels_vectors.hpp"

namespace automill::tree {
namespace {

constexpr std::size_t prefetch_ahead = 24;  // rows between a prefetch and its use
constexpr std::size_t near_rows = 4096;     // so few rows are not worth prefetching

// ---- histograms ----

/// Lanes that lie `stride` entries apart from bin to bin; `starts`: where each begins, null: at its number.
template <int count, bool listed, int stride>
AUTOMILL_TARGET void build_lanes(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                 const std::int64_t* gradients, std::int64_t* histogram, const std::uint32_t* starts,
                                 const std::uint8_t* lanes) {
  int shifts[count];
  std::int64_t* planes[count];
  for (int k = 0; k < count; ++k) {
    shifts[k] = 8 * lanes[k];
    planes[k] = histogram + (starts != nullptr ? starts[lanes[k]] : lanes[k]);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (listed && i + prefetch_ahead < size) __builtin_prefetch(words + rows[i + prefetch_ahead]);
    const std::uint64_t word = words[listed ? rows[i] : i];
    const std::int64_t gradient = gradients[i];
#pragma GCC unroll 8
    for (int k = 0; k < count; ++k) planes[k][((word >> shifts[k]) & 255) * stride] += gradient;
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
                                const std::int64_t* gradients, std::int64_t* histogram, const std::uint32_t* starts,
                                const std::uint8_t* lanes) {
  if (starts != nullptr) build_lanes<count, listed, 1>(words, rows, size, gradients, histogram, starts, lanes);
  else if (lanes[count - 1] == count - 1) build_first<count, listed>(words, rows, size, gradients, histogram);
  else build_lanes<count, listed, lanes_per_block>(words, rows, size, gradients, histogram, starts, lanes);
}

template <bool listed>
AUTOMILL_TARGET void build_any(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                               const std::int64_t* gradients, std::int64_t* histogram, const std::uint32_t* starts,
                               const std::uint8_t* lanes, int lane_count) {
  switch (lane_count) {
    case 1:
      return build_some<1, listed>(words, rows, size, gradients, histogram, starts, lanes);
    case 2:
      return build_some<2, listed>(words, rows, size, gradients, histogram, starts, lanes);
    case 3:
      return build_some<3, listed>(words, rows, size, gradients, histogram, starts, lanes);
    case 4:
      return build_some<4, listed>(words, rows, size, gradients, histogram, starts, lanes);
    case 5:
      return build_some<5, listed>(words, rows, size, gradients, histogram, starts, lanes);
    case 6:
      return build_some<6, listed>(words, rows, size, gradients, histogram, starts, lanes);
    case 7:
      return build_some<7, listed>(words, rows, size, gradients, histogram, starts, lanes);
    default:
      return build_some<8, listed>(words, rows, size, gradients, histogram, starts, lanes);
  }
}

AUTOMILL_TARGET void build(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                           const std::int64_t* gradients, std::int64_t* histogram, const std::uint8_t* lanes,
                           int lane_count) {
  if (rows == nullptr) build_any<false>(words, rows, size, gradients, histogram, nullptr, lanes, lane_count);
  else build_any<true>(words, rows, size, gradients, histogram, nullptr, lanes, lane_count);
}

AUTOMILL_TARGET void build_categories(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                      const std::int64_t* gradients, std::int64_t* histogram,
                                      const std::uint32_t* starts, const std::uint8_t* lanes, int lane_count) {
  if (rows == nullptr) build_any<false>(words, rows, size, gradients, histogram, starts, lanes, lane_count);
  else build_any<true>(words, rows, size, gradients, histogram, starts, lanes, lane_count);
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

/// Both children's scores of a node for left sides with these sums.
template <bool wide>
struct LevelScore {
  AUTOMILL_INLINE explicit LevelScore(const LevelInput& in)
      : gradient_shift(in.fields.gradient_shift),
        sign_and_magic(Words{} + ((1ULL << (63 - in.fields.gradient_shift)) ^ magic_bits)),
        mask(Words{} + in.fields.hessian_mask),
        signed_zero(all(magic + static_cast<double>(1ULL << (63 - in.fields.gradient_shift)))),
        gradient(all(in.gradient)),
        l2(all(in.l2)),
        hessian_l2(all(in.hessian + in.l2)),
        lowest(all(in.lowest)),
        highest(all(in.highest)),
        whole(all(in.gradient * in.gradient / (in.hessian + in.l2))) {}

  AUTOMILL_INLINE Doubles of(Words sum, Words sum2) const {
    const Doubles hl = (Doubles)(((wide ? sum2 : sum) & mask) | magic_bits) - magic;
    const Doubles gl = (Doubles)((sum >> gradient_shift) ^ sign_and_magic) - signed_zero;
    const Doubles gr = gradient - gl, dl = hl + l2, dr = hessian_l2 - hl;
    const Doubles both = (gl * gl * dr + gr * gr * dl) / (dl * dr);
    return select(at_least(hl, lowest) & at_least(highest, hl), both, whole);
  }

  int gradient_shift;
  Words sign_and_magic, mask;
  Doubles signed_zero, gradient, l2, hessian_l2, lowest, highest, whole;
};

template <bool wide>
AUTOMILL_TARGET void add_level_lanes(const LevelInput& in, int part, double* scores) {
  const LevelScore<wide> score(in);
  Words sum{}, sum2{};
  for (int b = 0; b + 1 < in.bins; ++b) {
    sum += load_words(in.histogram + b * lanes_per_block + part);
    if (wide) sum2 += load_words(in.second + b * lanes_per_block + part);
    double* at = scores + b * lanes_per_block + part;
    store(at, load(at) + score.of(sum, sum2));
  }
}

AUTOMILL_TARGET void add_level(const LevelInput& in, double* scores) {
  for (int part = 0; part < lanes_per_block; part += width) {
    if (in.fields.wide) add_level_lanes<true>(in, part, scores);
    else add_level_lanes<false>(in, part, scores);
  }
}

template <bool wide>
AUTOMILL_TARGET void add_bins(const LevelInput& in, double* scores) {
  const LevelScore<wide> score(in);
  int b = 0;
  for (; b + width <= in.bins; b += width)
    store(scores + b,
          load(scores + b) + score.of(load_words(in.histogram + b), wide ? load_words(in.second + b) : Words{}));
  const int left = in.bins - b;
  if (left == 0) return;
  std::int64_t first[width] = {}, second[width] = {};
  double last[width];
  __builtin_memcpy(first, in.histogram + b, static_cast<std::size_t>(left) * sizeof *first);
  if (wide) __builtin_memcpy(second, in.second + b, static_cast<std::size_t>(left) * sizeof *second);
  store(last, score.of(load_words(first), load_words(second)));
  for (int k = 0; k < left; ++k) scores[b + k] += last[k];
}

AUTOMILL_TARGET void add_level_bins(const LevelInput& in, double* scores) {
  if (in.fields.wide) add_bins<true>(in, scores);
  else add_bins<false>(in, scores);
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

}  // namespace
}  // namespace automill::tree
