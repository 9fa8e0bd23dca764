#pragma once
// How the learning rate, dropout and weight decay go over a training run, t in [0, 1] (Holzmueller et al. 2024, "Better
// by Default", appendix A).

#include <automill/core/math.hpp>

namespace automill::neural {

constexpr double pi = 3.14159265358979323846;

/// cos(2 pi t): the distance to the next whole turn is exact; a Taylor polynomial of degree 23 of the sine serves a
/// quarter of a turn (error below 1e-15).
inline double cosine_of_turns(double t) {
  const double r = t - std::nearbyint(t), y = 2 * pi * (0.25 - std::abs(r)), z = y * y;
  double p = 1;
  for (int n = 22; n >= 2; n -= 2) p = 1 - p * z / (n * (n + 1));
  return p * y;
}

/// Four humps, each twice as long as the one before, from 0 to 0: (1 - cos(2 pi log2(1 + 15 t))) / 2.
inline double coslog4(double t) { return 0.5 * (1 - cosine_of_turns(math::log(1 + 15 * t) / math::log(2.0))); }

/// 1 for the first half, then half a cosine down to 0.
inline double flat_cos(double t) { return t < 0.5 ? 1.0 : 0.5 * (1 + cosine_of_turns(t - 0.5)); }

}  // namespace automill::neural
