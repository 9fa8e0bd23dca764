#include "learners/additive/term_fit.hpp"

#include <algorithm>
#include <cmath>

namespace automill::additive {

namespace {

std::size_t numbered(const Term& term) { return term.bins - 1; }  // bins of numbers, without the missing one

}  // namespace

TermRows term_rows(const Term& term, std::vector<double> rows, const BagSettings& settings) {
  TermRows all{.rows = std::move(rows)};
  if (term.grid()) {
    all.cumulative = all.rows;
    const std::size_t line = term.second * lanes;
    for (std::size_t i = 0; i < all.cumulative.size(); ++i)
      if (i % line >= lanes) all.cumulative[i] += all.cumulative[i - lanes];
    for (std::size_t i = line; i < all.cumulative.size(); ++i) all.cumulative[i] += all.cumulative[i - line];
    return all;
  }
  if (term.categorical) return all;
  all.cumulative.assign(all.rows.begin() + lanes, all.rows.end());
  for (std::size_t i = lanes; i < all.cumulative.size(); ++i) all.cumulative[i] += all.cumulative[i - lanes];
  const std::size_t bins = numbered(term);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto upto = [&](std::size_t bin) { return all.cumulative[bin * lanes + lane]; };
    std::size_t low = 0, high = bins - 1;
    while (low < bins && upto(low) < settings.min_rows) ++low;
    while (high > 0 && upto(bins - 1) - upto(high - 1) < settings.min_rows) --high;
    all.lowest.push_back(static_cast<std::uint16_t>(low));
    all.highest.push_back(static_cast<std::uint16_t>(high));  // cuts in [lowest, highest) are allowed
  }
  return all;
}

double TermFit::score(const LaneSums& of) const {
  return of.hessian > 0 ? of.gradient * of.gradient / (of.hessian + settings_.l2) : 0.0;
}

float TermFit::value(const LaneSums& of) {
  const double newton = of.hessian > 0 ? -of.gradient / (of.hessian + settings_.l2) : 0.0;
  const auto step = static_cast<float>(settings_.learning_rate * std::clamp(newton, -50.0, 50.0));
  largest_ = std::max(largest_, std::abs(step));
  return step;
}

double TermFit::fit(const Term& term, const TermRows& rows, const double* sums, const RandomStream* random,
                    std::size_t width, float* update) {
  largest_ = 0;
  if (term.grid()) return fit_grid(term, rows, sums, random, width, update);
  if (term.categorical) return fit_categories(term, rows, sums, width, update);
  return fit_numbers(term, rows, sums, random, width, update);
}

void TermFit::accumulate_numbers(const Term& term, const double* sums) {
  const std::size_t bins = numbered(term);
  gradients_.resize(bins * lanes);
  hessians_.resize(bins * lanes);
  double g[lanes] = {}, h[lanes] = {};
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const double* of = sums + (bin + 1) * bin_sums;
    for (std::size_t lane = 0; lane < lanes; ++lane) gradients_[bin * lanes + lane] = g[lane] += of[lane];
    for (std::size_t lane = 0; lane < lanes; ++lane) hessians_[bin * lanes + lane] = h[lane] += of[lanes + lane];
  }
}

/// Cuts of all lanes into first_ and second_; bins - 1 where there is none.
void TermFit::cut_numbers(const Term& term, const TermRows& rows, const RandomStream* random) {
  const std::size_t bins = numbered(term);
  const double none = static_cast<double>(bins - 1);
  std::fill_n(first_.cut, lanes, none);
  std::fill_n(second_.cut, lanes, none);
  if (random != nullptr) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::size_t low = rows.lowest[lane], high = rows.highest[lane];
      RandomStream own = random[lane];
      if (low < high) first_.cut[lane] = static_cast<double>(low + own.below(high - low));
    }
    return;
  }
  CutSearch search{.gradients = gradients_.data(),
                   .hessians = hessians_.data(),
                   .rows = rows.cumulative.data(),
                   .bins = bins,
                   .min_rows = settings_.min_rows,
                   .min_hessian = std::max(settings_.min_hessian, 1e-12),
                   .l2 = settings_.l2,
                   .sign = term.sign};
  alignas(64) double uncut[lanes];
  std::fill_n(uncut, lanes, none);
  search.first_cut = uncut;
  lane_kernels().find_cut(search, first_);
  if (settings_.max_leaves < 3) return;
  search.first_cut = first_.cut;
  lane_kernels().find_cut(search, second_);
}

double TermFit::fit_numbers(const Term& term, const TermRows& rows, const double* sums, const RandomStream* random,
                            std::size_t width, float* update) {
  const std::size_t bins = numbered(term);
  accumulate_numbers(term, sums);
  cut_numbers(term, rows, random);
  float values[3][lanes] = {}, missing[lanes] = {};
  std::uint16_t cuts[2][lanes];
  double gain = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    auto low = static_cast<std::size_t>(first_.cut[lane]), high = static_cast<std::size_t>(second_.cut[lane]);
    if (low > high) std::swap(low, high);
    cuts[0][lane] = static_cast<std::uint16_t>(low);
    cuts[1][lane] = static_cast<std::uint16_t>(high);
    const auto upto = [&](std::size_t bin) {
      const std::size_t at = bin * lanes + lane;
      return LaneSums{gradients_[at], hessians_[at], rows.cumulative[at]};
    };
    const auto between = [](const LaneSums& a, const LaneSums& b) {
      return LaneSums{b.gradient - a.gradient, b.hessian - a.hessian, b.rows - a.rows};
    };
    const LaneSums all = upto(bins - 1), a = upto(low), b = upto(high);
    const LaneSums leaves[3] = {a, between(a, b), between(b, all)};
    const LaneSums alone{sums[lane], sums[lanes + lane], rows.rows[lane]};
    const bool parted = allowed(alone) && allowed(all);
    const bool cut = low + 1 < bins;
    const bool fits = allowed(leaves[0]) && allowed(leaves[1]) && (high + 1 == bins || allowed(leaves[2]));
    if (!parted && (!cut || !fits)) continue;
    double own = 0;
    if (cut && fits) {
      const bool rises = value(leaves[0]) <= value(high + 1 < bins ? leaves[2] : leaves[1]);
      if (random != nullptr && term.sign != 0 && rises != (term.sign > 0)) continue;
      for (std::size_t k = 0; k < 3; ++k) {
        values[k][lane] = value(leaves[k]);
        own += score(leaves[k]);
      }
      own -= score(all);
    } else {
      for (auto& each : values) each[lane] = value(all);
    }
    if (parted) {
      missing[lane] = value(alone);
      own += score(alone) + score(all) -
             score({alone.gradient + all.gradient, alone.hessian + all.hessian, alone.rows + all.rows});
    }
    gain += own;
  }
  for (std::size_t lane = 0; lane < lanes; ++lane) update[lane] = missing[lane];
  for (std::size_t bin = 0; bin < bins; ++bin)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const float upper = bin > cuts[1][lane] ? values[2][lane] : values[1][lane];
      update[(bin + 1) * width + lane] = bin > cuts[0][lane] ? upper : values[0][lane];
    }
  return gain;
}

double TermFit::fit_categories(const Term& term, const TermRows& rows, const double* sums, std::size_t width,
                               float* update) {
  double gain = 0;
  for (std::size_t bin = 0; bin < term.bins; ++bin) std::fill_n(update + bin * width, lanes, 0.0F);
  for (std::size_t lane = 0; lane < lanes; ++lane) gain += category_lane(term, rows, sums, lane, width, update);
  return gain;
}

namespace {

constexpr std::uint16_t pooled = 0xffff;  // categories of few rows, as one

}  // namespace

/// Categories in the order of their smoothed means, those of few rows as one; then cut like a number.
double TermFit::category_lane(const Term& term, const TermRows& rows, const double* sums, std::size_t lane,
                              std::size_t width, float* update) {
  const auto of_bin = [&](std::size_t bin) {
    const double* of = sums + bin * bin_sums;
    return LaneSums{of[lane], of[lanes + lane], rows.rows[bin * lanes + lane]};
  };
  const auto few = [&](std::size_t bin) { return rows.rows[bin * lanes + lane] < settings_.min_category_rows; };
  LaneSums pool, all;
  const auto plus = [](LaneSums& to, const LaneSums& more) {
    to = {to.gradient + more.gradient, to.hessian + more.hessian, to.rows + more.rows};
  };
  order_.clear();
  const auto list = [&](const LaneSums& of, std::uint16_t bin) {
    order_.emplace_back(of.gradient / (of.hessian + settings_.category_smoothing), bin);
  };
  for (std::size_t bin = 0; bin < term.bins; ++bin) {
    const LaneSums of = of_bin(bin);
    plus(all, of);
    if (few(bin)) plus(pool, of);
    else list(of, static_cast<std::uint16_t>(bin));
  }
  if (pool.rows > 0) list(pool, pooled);
  if (order_.size() < 2) return 0;
  std::sort(order_.begin(), order_.end());
  upto_.clear();
  LaneSums sum;
  for (const auto& [mean, bin] : order_) {
    plus(sum, bin == pooled ? pool : of_bin(bin));
    upto_.push_back(sum);
  }
  const std::size_t last = order_.size() - 1;
  std::size_t cuts[2] = {last, last};
  const double gain = cut_categories(upto_, cuts);
  if (cuts[0] == last) return 0;
  const auto between = [](const LaneSums& a, const LaneSums& b) {
    return LaneSums{b.gradient - a.gradient, b.hessian - a.hessian, b.rows - a.rows};
  };
  const float values[3] = {value(upto_[cuts[0]]), value(between(upto_[cuts[0]], upto_[cuts[1]])),
                           value(between(upto_[cuts[1]], all))};
  const auto value_at = [&](std::size_t place) { return values[place <= cuts[0] ? 0 : place <= cuts[1] ? 1 : 2]; };
  for (std::size_t place = 0; place <= last; ++place) {
    const std::uint16_t bin = order_[place].second;
    if (bin != pooled) {
      update[bin * width + lane] = value_at(place);
      continue;
    }
    for (std::size_t each = 0; each < term.bins; ++each)
      if (few(each)) update[each * width + lane] = value_at(place);
  }
  return gain;
}

/// The best cut, and where three leaves are allowed a second one; both stay at the end where nothing is gained.
double TermFit::cut_categories(const std::vector<LaneSums>& upto, std::size_t (&cuts)[2]) const {
  const std::size_t last = upto.size() - 1;
  const auto between = [](const LaneSums& a, const LaneSums& b) {
    return LaneSums{b.gradient - a.gradient, b.hessian - a.hessian, b.rows - a.rows};
  };
  double gain = 0;
  for (std::size_t leaves = 2; leaves <= std::min<std::size_t>(3, settings_.max_leaves); ++leaves) {
    const std::size_t first = cuts[0];
    std::size_t best = last;
    double most = 0;
    for (std::size_t place = 0; place < last; ++place) {
      if (place == first) continue;
      const LaneSums from = place < first ? LaneSums{} : upto[first], end = place < first ? upto[first] : upto[last];
      const LaneSums left = between(from, upto[place]), right = between(upto[place], end);
      if (!allowed(left) || !allowed(right)) continue;
      const double more = score(left) + score(right) - score(between(from, end));
      if (more > most) {
        most = more;
        best = place;
      }
    }
    if (best == last) break;
    gain += most;
    cuts[leaves == 2 ? 0 : 1] = best;
  }
  if (cuts[0] > cuts[1]) std::swap(cuts[0], cuts[1]);
  return gain;
}

void TermFit::accumulate_grid(const Term& term, const double* sums) {
  const std::size_t second = term.second, first = term.bins / second, line = second * lanes;
  gradients_.resize(term.bins * lanes);
  hessians_.resize(term.bins * lanes);
  for (std::size_t a = 0; a < first; ++a) {
    double g[lanes] = {}, h[lanes] = {};
    for (std::size_t b = 0; b < second; ++b) {
      const double* of = sums + (a * second + b) * bin_sums;
      const std::size_t at = a * line + b * lanes;
      for (std::size_t lane = 0; lane < lanes; ++lane) gradients_[at + lane] = g[lane] += of[lane];
      for (std::size_t lane = 0; lane < lanes; ++lane) hessians_[at + lane] = h[lane] += of[lanes + lane];
      if (a == 0) continue;
      for (std::size_t lane = 0; lane < lanes; ++lane) gradients_[at + lane] += gradients_[at - line + lane];
      for (std::size_t lane = 0; lane < lanes; ++lane) hessians_[at + lane] += hessians_[at - line + lane];
    }
  }
}

void TermFit::cut_grid(const Term& term, const TermRows& rows) {
  const std::size_t second = term.second, line = second * lanes;
  std::fill_n(grid_.gain, lanes, 0.0);
  GridSearch search{.gradients = gradients_.data(),
                    .hessians = hessians_.data(),
                    .rows = rows.cumulative.data(),
                    .outer = term.bins / second,
                    .inner = second,
                    .outer_stride = line,
                    .inner_stride = lanes,
                    .min_rows = settings_.min_rows,
                    .min_hessian = std::max(settings_.min_hessian, 1e-12),
                    .l2 = settings_.l2};
  lane_kernels().find_grid(search, grid_, 0, orientation_);
  std::swap(search.outer, search.inner);
  std::swap(search.outer_stride, search.inner_stride);
  lane_kernels().find_grid(search, grid_, 1, orientation_);
}

void TermFit::cut_grid_at_random(const Term& term, const RandomStream* random) {
  const std::size_t second = term.second, first = term.bins / second;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    RandomStream own = random[lane];
    orientation_[lane] = static_cast<double>(own.below(2));
    const std::size_t outer = orientation_[lane] > 0 ? second : first, inner = orientation_[lane] > 0 ? first : second;
    grid_.gain[lane] = outer > 1 && inner > 1 ? 1 : 0;
    if (grid_.gain[lane] == 0) continue;
    grid_.outer[lane] = static_cast<double>(own.below(outer - 1));
    grid_.below[lane] = static_cast<double>(own.below(inner - 1));
    grid_.above[lane] = static_cast<double>(own.below(inner - 1));
  }
}

/// The gains of random cuts are not asked for.
double TermFit::fit_grid(const Term& term, const TermRows& rows, const double* sums, const RandomStream* random,
                         std::size_t width, float* update) {
  accumulate_grid(term, sums);
  if (random != nullptr) cut_grid_at_random(term, random);
  else cut_grid(term, rows);
  for (std::size_t bin = 0; bin < term.bins; ++bin) std::fill_n(update + bin * width, lanes, 0.0F);
  double gain = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane)
    if (grid_.gain[lane] > 0) gain += grid_lane(term, rows, lane, width, update);
  return gain;
}

/// Sides that are too small for leaves of their own are not parted, or where they are one of the two, nothing is.
double TermFit::grid_lane(const Term& term, const TermRows& rows, std::size_t lane, std::size_t width, float* update) {
  const bool turned = orientation_[lane] > 0;
  const std::size_t line = term.second * lanes, first = term.bins / term.second;
  const std::size_t outer_stride = turned ? lanes : line, inner_stride = turned ? line : lanes;
  const std::size_t outer = turned ? term.second : first, inner = turned ? first : term.second;
  const auto cut = static_cast<std::size_t>(grid_.outer[lane]);
  std::size_t across[2] = {static_cast<std::size_t>(grid_.below[lane]), static_cast<std::size_t>(grid_.above[lane])};
  const auto upto = [&](std::size_t a, std::size_t b) {
    const std::size_t at = a * outer_stride + b * inner_stride + lane;
    return LaneSums{gradients_[at], hessians_[at], rows.cumulative[at]};
  };
  const auto minus = [](const LaneSums& a, const LaneSums& b) {
    return LaneSums{a.gradient - b.gradient, a.hessian - b.hessian, a.rows - b.rows};
  };
  const auto side_upto = [&](std::size_t side, std::size_t b) {
    return side == 0 ? upto(cut, b) : minus(upto(outer - 1, b), upto(cut, b));
  };
  float values[2][2];
  for (std::size_t side = 0; side < 2; ++side) {
    const LaneSums whole = side_upto(side, inner - 1);
    if (!allowed(whole)) return 0;
    LaneSums near = side_upto(side, across[side]);
    if (!allowed(near) || !allowed(minus(whole, near))) {
      across[side] = inner - 1;
      near = whole;
    }
    values[side][0] = value(near);
    values[side][1] = across[side] + 1 < inner ? value(minus(whole, near)) : 0.0F;
  }
  for (std::size_t bin = 0; bin < term.bins; ++bin) {
    const std::size_t a = bin / term.second, b = bin % term.second;
    const std::size_t along = turned ? b : a, other = turned ? a : b, side = along > cut ? 1 : 0;
    update[bin * width + lane] = values[side][other > across[side] ? 1 : 0];
  }
  return grid_.gain[lane];
}

}  // namespace automill::additive
