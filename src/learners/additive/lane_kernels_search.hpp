#pragma once
// Where bins are cut: the cut with the largest gain for each of eight lanes.
// Part of lane_kernels_body.hpp, which says what may be called here.

#include "lane_kernels_losses.hpp"

namespace automill::additive {
namespace {

constexpr std::size_t half = 4;  // lanes of a vector of doubles
typedef long long HalfIntegers __attribute__((vector_size(32), may_alias, aligned(8)));

AUTOMILL_LANES const HalfDoubles& doubles(const double* at) { return *reinterpret_cast<const HalfDoubles*>(at); }
AUTOMILL_LANES HalfDoubles& doubles(double* at) { return *reinterpret_cast<HalfDoubles*>(at); }

/// Sums of gradients and Hessians on one side of a cut.
struct Side {
  HalfDoubles g, h, rows;
};

AUTOMILL_LANES void subtract(const Side& all, const Side& part, Side& rest) {
  rest.g = all.g - part.g;
  rest.h = all.h - part.h;
  rest.rows = all.rows - part.rows;
}

/// What all cuts must obey, and l2, as vectors.
struct Limits {
  HalfDoubles min_rows, min_hessian, l2;
};

template <class Search>
AUTOMILL_LANES void limits_of(const Search& search, Limits& limits) {
  limits.min_rows = HalfDoubles{} + search.min_rows;
  limits.min_hessian = HalfDoubles{} + search.min_hessian;
  limits.l2 = HalfDoubles{} + search.l2;
}

AUTOMILL_LANES void both_allowed(const Limits& limits, const Side& left, const Side& right, HalfIntegers& allowed) {
  allowed = (left.rows >= limits.min_rows) & (right.rows >= limits.min_rows) & (left.h >= limits.min_hessian) &
            (right.h >= limits.min_hessian);
}

/// G^2 / H of both sides, with one division.
AUTOMILL_LANES void score_of_two(const Limits& limits, const Side& left, const Side& right, HalfDoubles& score) {
  const HalfDoubles hl = left.h + limits.l2, hr = right.h + limits.l2;
  score = (left.g * left.g * hr + right.g * right.g * hl) / (hl * hr);
}

AUTOMILL_LANES void score_of_one(const Limits& limits, const Side& side, HalfDoubles& score) {
  const HalfDoubles h = side.h + limits.l2, least = HalfDoubles{} + 1e-300;
  score = side.g * side.g / (h > least ? h : least);
}

AUTOMILL_LANES void cumulative(const CutSearch& s, std::size_t at, Side& side) {
  side = {doubles(s.gradients + at), doubles(s.hessians + at), doubles(s.rows + at)};
}

AUTOMILL_LANES void pick(const HalfIntegers& first, const Side& a, const Side& b, Side& out) {
  out.g = first ? a.g : b.g;
  out.h = first ? a.h : b.h;
  out.rows = first ? a.rows : b.rows;
}

/// Values of sides are -G / H: whether those of `low` and `high` go the way of the sign.
AUTOMILL_LANES void in_order(const Limits& limits, int sign, const Side& low, const Side& high, HalfIntegers& allowed) {
  const HalfDoubles rise = low.g * (high.h + limits.l2) - high.g * (low.h + limits.l2);
  allowed = sign > 0 ? rise >= HalfDoubles{} : rise <= HalfDoubles{};
}

/// The part of the bins that a cut first_cut leaves on either side, for half of the lanes.
struct Parts {
  Side low, high, all;
  HalfDoubles cut, low_score, high_score;
};

AUTOMILL_LANES void parts_of(const CutSearch& s, const Limits& limits, std::size_t at, Parts& parts) {
  cumulative(s, (s.bins - 1) * s.stride + at, parts.all);
  parts.cut = doubles(s.first_cut + at);
  for (std::size_t lane = 0; lane < half; ++lane) {
    const std::size_t from = static_cast<std::size_t>(parts.cut[lane]) * s.stride + at + lane;
    parts.low.g[lane] = s.gradients[from];
    parts.low.h[lane] = s.hessians[from];
    parts.low.rows[lane] = s.rows[from];
  }
  subtract(parts.all, parts.low, parts.high);
  score_of_one(limits, parts.low, parts.low_score);
  score_of_one(limits, parts.high, parts.high_score);
}

AUTOMILL_TARGET void find_cut(const CutSearch& s, CutFound& found) {
  Limits limits;
  limits_of(s, limits);
  const HalfDoubles last = HalfDoubles{} + static_cast<double>(s.bins - 1);
  for (std::size_t at = 0; at < lanes; at += half) {
    Parts parts{};
    parts_of(s, limits, at, parts);
    const HalfIntegers whole = parts.cut == last;
    HalfDoubles best{}, best_cut = last;
    for (std::size_t bin = 0; bin + 1 < s.bins; ++bin) {
      const HalfDoubles here = HalfDoubles{} + static_cast<double>(bin);
      const HalfIntegers below = here < parts.cut;
      Side upto, left, right, end;
      cumulative(s, bin * s.stride + at, upto);
      Side beyond;
      subtract(upto, parts.low, beyond);
      pick(below, upto, beyond, left);
      pick(below, parts.low, parts.all, end);
      subtract(end, upto, right);
      HalfIntegers allowed;
      both_allowed(limits, left, right, allowed);
      allowed &= here != parts.cut;
      if (s.sign != 0) {
        HalfIntegers rises, low_fits, high_fits;
        in_order(limits, s.sign, left, right, rises);
        in_order(limits, s.sign, right, parts.high, low_fits);
        in_order(limits, s.sign, parts.low, left, high_fits);
        allowed &= rises & (whole | (below ? low_fits : high_fits));
      }
      HalfDoubles score;
      score_of_two(limits, left, right, score);
      score -= below ? parts.low_score : parts.high_score;
      const HalfIntegers better = allowed & (score > best);
      best = better ? score : best;
      best_cut = better ? here : best_cut;
    }
    doubles(found.gain + at) = best;
    doubles(found.cut + at) = best_cut;
  }
}

/// The better of leaving a side whole and cutting it at the cell after `left`.
struct SideBest {
  HalfDoubles score, cut;
};

AUTOMILL_LANES void consider(const Limits& limits, const Side& left, const Side& all, const HalfDoubles& here,
                             SideBest& best) {
  Side right;
  subtract(all, left, right);
  HalfIntegers allowed;
  both_allowed(limits, left, right, allowed);
  HalfDoubles score;
  score_of_two(limits, left, right, score);
  const HalfIntegers better = allowed & (score > best.score);
  best.score = better ? score : best.score;
  best.cut = better ? here : best.cut;
}

AUTOMILL_LANES void grid_side(const GridSearch& s, std::size_t outer, std::size_t inner, std::size_t at, Side& side) {
  const std::size_t from = outer * s.outer_stride + inner * s.inner_stride + at;
  side = {doubles(s.gradients + from), doubles(s.hessians + from), doubles(s.rows + from)};
}

AUTOMILL_TARGET void find_grid(const GridSearch& s, GridFound& found, double orientation, double* orientations) {
  Limits limits;
  limits_of(s, limits);
  const HalfDoubles none = HalfDoubles{} + static_cast<double>(s.inner - 1);
  for (std::size_t at = 0; at < lanes; at += half) {
    HalfDoubles best = doubles(found.gain + at), outer_cut = doubles(found.outer + at);
    HalfDoubles below_cut = doubles(found.below + at), above_cut = doubles(found.above + at);
    HalfDoubles oriented = doubles(orientations + at);
    Side all;
    grid_side(s, s.outer - 1, s.inner - 1, at, all);
    HalfDoubles whole_score;
    score_of_one(limits, all, whole_score);
    for (std::size_t outer = 0; outer + 1 < s.outer; ++outer) {
      Side below, above;
      grid_side(s, outer, s.inner - 1, at, below);
      subtract(all, below, above);
      HalfIntegers allowed;
      both_allowed(limits, below, above, allowed);
      SideBest low{{}, none}, high{{}, none};
      score_of_one(limits, below, low.score);
      score_of_one(limits, above, high.score);
      for (std::size_t inner = 0; inner + 1 < s.inner; ++inner) {
        const HalfDoubles here = HalfDoubles{} + static_cast<double>(inner);
        Side left, column, right;
        grid_side(s, outer, inner, at, left);
        grid_side(s, s.outer - 1, inner, at, column);
        subtract(column, left, right);
        consider(limits, left, below, here, low);
        consider(limits, right, above, here, high);
      }
      const HalfDoubles gain = low.score + high.score - whole_score;
      const HalfIntegers better = allowed & (gain > best);
      best = better ? gain : best;
      outer_cut = better ? HalfDoubles{} + static_cast<double>(outer) : outer_cut;
      below_cut = better ? low.cut : below_cut;
      above_cut = better ? high.cut : above_cut;
      oriented = better ? HalfDoubles{} + orientation : oriented;
    }
    doubles(found.gain + at) = best;
    doubles(found.outer + at) = outer_cut;
    doubles(found.below + at) = below_cut;
    doubles(found.above + at) = above_cut;
    doubles(orientations + at) = oriented;
  }
}

}  // namespace
}  // namespace automill::additive
