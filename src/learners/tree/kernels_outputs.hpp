#pragma once
// Trees of several outputs: histograms whose entries are 4 or 8 sums side by side - of gradients, and of Hessians last.
// Part of kernels_body.hpp, which says what may be called here.

#include <automill/learners/tree/kernels.hpp>

#include "kernels_trees.hpp"
#include "kernels_vectors.hpp"

namespace automill::tree {
namespace {

/// The sums of an entry, which the compiler spreads over several registers where they do not fit one. By reference:
/// how such vectors are passed differs between levels.
struct FourSums {
  static constexpr int size = 4;
  typedef double Doubles __attribute__((vector_size(32), may_alias));
  typedef unsigned long long Words __attribute__((vector_size(32), may_alias));
  typedef unsigned long long Anywhere __attribute__((vector_size(32), aligned(8), may_alias));
  AUTOMILL_INLINE static double added(const Doubles& v) { return (v[0] + v[2]) + (v[1] + v[3]); }
};
struct EightSums {
  static constexpr int size = 8;
  typedef double Doubles __attribute__((vector_size(64), may_alias));
  typedef unsigned long long Words __attribute__((vector_size(64), may_alias));
  typedef unsigned long long Anywhere __attribute__((vector_size(64), aligned(8), may_alias));
  AUTOMILL_INLINE static double added(const Doubles& v) {
    const FourSums::Doubles halves =
        __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
    return FourSums::added(halves);
  }
};

// ---- histograms ----

template <class Sums, int count>
AUTOMILL_TARGET void add_outputs(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                 const std::int64_t* entries, std::int64_t* histogram, const std::uint32_t* starts,
                                 const std::uint8_t* lanes) {
  typedef typename Sums::Anywhere Entry;
  int shifts[count];
  Entry* columns[count];
  for (int k = 0; k < count; ++k) {
    shifts[k] = 8 * lanes[k];
    columns[k] = reinterpret_cast<Entry*>(histogram + std::size_t{starts[lanes[k]]} * Sums::size);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (i + prefetch_ahead < size) __builtin_prefetch(words + rows[i + prefetch_ahead]);
    const std::uint64_t word = words[rows[i]];
    const Entry entry = *reinterpret_cast<const Entry*>(entries + i * Sums::size);
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) columns[k][(word >> shifts[k]) & 255] += entry;
  }
}

/// Four lanes at a time: their histograms stay in the caches closest to the processor.
template <class Sums>
AUTOMILL_TARGET void build_outputs_of(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                      const std::int64_t* entries, std::int64_t* histogram, const std::uint32_t* starts,
                                      const std::uint8_t* lanes, int lane_count) {
  for (; lane_count >= 4; lanes += 4, lane_count -= 4)
    add_outputs<Sums, 4>(words, rows, size, entries, histogram, starts, lanes);
  if (lane_count == 3) add_outputs<Sums, 3>(words, rows, size, entries, histogram, starts, lanes);
  if (lane_count == 2) add_outputs<Sums, 2>(words, rows, size, entries, histogram, starts, lanes);
  if (lane_count == 1) add_outputs<Sums, 1>(words, rows, size, entries, histogram, starts, lanes);
}

AUTOMILL_TARGET void build_outputs(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                                   const std::int64_t* entries, int entry_size, std::int64_t* histogram,
                                   const std::uint32_t* starts, const std::uint8_t* lanes, int lane_count) {
  if (entry_size == FourSums::size)
    build_outputs_of<FourSums>(words, rows, size, entries, histogram, starts, lanes, lane_count);
  else build_outputs_of<EightSums>(words, rows, size, entries, histogram, starts, lanes, lane_count);
}

template <class Sums>
AUTOMILL_TARGET void build_outputs_wide_of(const std::uint16_t* codes, const std::uint32_t* rows, std::size_t size,
                                           const std::int64_t* entries, std::int64_t* histogram) {
  typedef typename Sums::Anywhere Entry;
  for (std::size_t i = 0; i < size; ++i)
    reinterpret_cast<Entry*>(histogram)[codes[rows[i]]] += *reinterpret_cast<const Entry*>(entries + i * Sums::size);
}

AUTOMILL_TARGET void build_outputs_wide(const std::uint16_t* codes, const std::uint32_t* rows, std::size_t size,
                                        const std::int64_t* entries, int entry_size, std::int64_t* histogram) {
  if (entry_size == FourSums::size) build_outputs_wide_of<FourSums>(codes, rows, size, entries, histogram);
  else build_outputs_wide_of<EightSums>(codes, rows, size, entries, histogram);
}

// ---- best threshold ----

/// As scan_direction, with one Hessian for all outputs: with D = H + l2 of each side and D = DL + DR,
///   gain = sum of G^2 / D + D sum of (GL - DL G / D)^2 / (DL DR) - the node's score,
/// so that thresholds are compared without a division. For the last sum, which is no gradient, GL - DL G / D is made 0.
template <class Sums>
AUTOMILL_TARGET void scan_outputs_direction(const OutputsScan& in, bool missing_left, double& numerator,
                                            double& denominator, OutputsBest& best) {
  typedef typename Sums::Doubles Values;
  typedef typename Sums::Anywhere Entry;
  const Entry* entries = reinterpret_cast<const Entry*>(in.histogram);
  const double l2 = in.l2, hessian_l2 = in.totals[Sums::size - 1] + l2, whole = hessian_l2 + l2;
  Values mean, shift;
  for (int k = 0; k < Sums::size; ++k) {
    mean[k] = k + 1 < Sums::size ? in.totals[k] / whole : 1.0;
    shift[k] = k + 1 < Sums::size ? mean[k] * l2 : 0.0;
  }
  // The Hessian is also added by itself: most bins of small nodes are outside its limits.
  const std::int64_t* hessians = in.histogram + Sums::size - 1;
  const double lowest = __builtin_ceil(in.lowest), highest = __builtin_floor(in.highest);
  const std::int64_t least = static_cast<std::int64_t>(lowest), most = static_cast<std::int64_t>(highest);
  typename Sums::Words sum{};
  std::int64_t hessian = 0;
  if (missing_left) {
    sum = entries[0];
    hessian = hessians[0];
  }
  const int end = missing_left ? in.bins - 1 : in.bins;
  for (int b = 1; b < end; ++b) {
    sum += entries[b];
    hessian += hessians[b * Sums::size];
    if (hessian < least) continue;
    if (hessian > most) break;
    const Values left = (Values)(sum + rounder_bits) - rounder;  // of sums below 2^51
    const double hl = static_cast<double>(hessian);
    const Values excess = left - mean * hl - shift;
    const Values squares = excess * excess;
    const double upper = Sums::added(squares), lower = (hl + l2) * (hessian_l2 - hl);
    if (!(upper * denominator > numerator * lower)) continue;
    numerator = upper;
    denominator = lower;
    best.bin = b;
    best.missing_left = missing_left;
  }
}

template <class Sums>
AUTOMILL_TARGET void scan_outputs_of(const OutputsScan& in, OutputsBest& best) {
  double numerator = -1, denominator = 1;
  scan_outputs_direction<Sums>(in, false, numerator, denominator, best);
  std::int64_t missing = 0;
  for (int k = 0; k < Sums::size; ++k) missing |= in.histogram[k];
  if (missing != 0) scan_outputs_direction<Sums>(in, true, numerator, denominator, best);
  const double whole = in.totals[Sums::size - 1] + 2 * in.l2;
  double squares = 0;
  for (int k = 0; k + 1 < Sums::size; ++k) squares += in.totals[k] * in.totals[k];
  best.gain = numerator >= 0 ? numerator / denominator * whole + (squares / whole - in.node_score) : -__builtin_inf();
}

AUTOMILL_TARGET void scan_outputs(const OutputsScan& in, OutputsBest& best) {
  if (in.entry_size == FourSums::size) scan_outputs_of<FourSums>(in, best);
  else scan_outputs_of<EightSums>(in, best);
}

}  // namespace
}  // namespace automill::tree
