#include "drift_statistics.hpp"

#include <automill/core/math.hpp>
#include <numeric>

namespace automill::drift {
namespace {

constexpr double least_expected = 5;

double x_log_ratio(double x, double to) { return x > 0 ? x * math::log(x / to) : 0; }

}  // namespace

double Counts::total_before() const { return std::accumulate(before.begin(), before.end(), 0.0); }
double Counts::total_now() const { return std::accumulate(now.begin(), now.end(), 0.0); }

Counts merge_neighbours(const Counts& counts) {
  const double share = std::min(1.0, counts.total_now() / counts.total_before());
  Counts merged;
  double before = 0, now = 0;
  for (std::size_t i = 0; i < counts.before.size(); ++i) {
    before += counts.before[i];
    now += counts.now[i];
    if (before * share < least_expected) continue;
    merged.before.push_back(std::exchange(before, 0));
    merged.now.push_back(std::exchange(now, 0));
  }
  if (merged.before.empty()) return {{before}, {now}};
  merged.before.back() += before;
  merged.now.back() += now;
  return merged;
}

Counts merge_rare(const Counts& counts, double unseen) {
  const double before = counts.total_before(), now = counts.total_now() + unseen;
  const double least = least_expected * (before + now) / std::min(before, now);  // of both sums together
  Counts merged;
  double rest_before = 0, rest_now = unseen;
  for (std::size_t i = 0; i < counts.before.size(); ++i) {
    if (counts.before[i] + counts.now[i] >= least) {
      merged.before.push_back(counts.before[i]);
      merged.now.push_back(counts.now[i]);
    } else {
      rest_before += counts.before[i];
      rest_now += counts.now[i];
    }
  }
  if (rest_before + rest_now >= least || merged.before.empty()) {
    merged.before.push_back(rest_before);
    merged.now.push_back(rest_now);
  }
  return merged;
}

double normal_tail(double z) { return 0.5 * std::erfc(z / 1.4142135623730951); }

double chi_square_tail(double x, std::size_t degrees) {
  if (x <= 0) return 1;
  // Q(k/2, x/2) by the recurrence Q(a + 1, y) = Q(a, y) + y^a e^-y / Gamma(a + 1) (Abramowitz & Stegun 26.4.4, 26.4.5)
  const double y = x / 2;
  const bool odd = degrees % 2 == 1;
  double tail = odd ? std::erfc(std::sqrt(y)) : math::exp(-y);
  double term = odd ? math::exp(-y) * std::sqrt(y / 0.78539816339744831) : tail * y;  // y^a e^-y / Gamma(a + 1)
  for (double a = odd ? 0.5 : 1; a < static_cast<double>(degrees) / 2; a += 1) {
    tail += term;
    term *= y / (a + 1);
  }
  return std::min(1.0, tail);
}

double kolmogorov_tail(double x) {
  if (x < 0.2) return 1;
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = math::exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-18 * sum) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

double homogeneity(const Counts& bins) {
  if (bins.before.size() < 2) return 1;
  const double before = bins.total_before(), now = bins.total_now();
  double statistic = 0;
  for (std::size_t i = 0; i < bins.before.size(); ++i) {
    const double all = bins.before[i] + bins.now[i], expected = all * now / (before + now);
    const double difference = bins.now[i] - expected;
    statistic += difference * difference / (expected * before / (before + now));
  }
  return chi_square_tail(statistic, bins.before.size() - 1);
}

double cumulative_shift(const Counts& counts) {
  const double before = counts.total_before(), now = counts.total_now();
  double largest = 0, sum = 0;
  for (std::size_t i = 0; i < counts.before.size(); ++i) {
    sum += counts.before[i] / before - counts.now[i] / now;
    largest = std::max(largest, std::abs(sum));
  }
  const double root = std::sqrt(before / (before + now) * now);
  return kolmogorov_tail(root * largest);
}

double total_variation(const Counts& counts) {
  const double before = counts.total_before(), now = counts.total_now();
  double sum = 0;
  for (std::size_t i = 0; i < counts.before.size(); ++i)
    sum += std::abs(counts.before[i] / before - counts.now[i] / now);
  return sum / 2;
}

double beyond_all(double beyond, double now, double before) {
  double probability = 1;
  for (double j = 0; j < beyond && probability > 1e-30; j += 1) probability *= (now - j) / (now + before - j);
  return probability;
}

double far_beyond(double ratio, double high, double near, double now, double before) {
  constexpr double unknown_tail = 1;  // as heavy as Cauchy's
  double tail = unknown_tail;
  if (before >= 256 && near > 0) tail = std::min(tail, math::log(high / near) / math::log(before / 32));
  const double careful = 1.5 * tail + 0.1;  // the estimate rests on one value
  return std::min(1.0, now / before * math::exp(-math::log(ratio) / careful));
}

double more_than_share(double count, double all, double share) {
  // log of share^all, then terms C(all, k) share^k (1 - share)^(all - k) for k = all, all - 1 ... count
  double term = all * math::log(share), tail = 0;
  for (double k = all; k >= count; k -= 1) {
    tail += math::exp(term);
    term += math::log(k / (all - k + 1)) + math::log((1 - share) / share);
  }
  return std::min(1.0, tail);
}

double share_grew(double a, double before, double b, double now) {
  if (now <= 0 || before <= 0 || b / now <= a / before) return 1;
  const double share = (a + b) / (before + now);
  const double deviance = 2 * (x_log_ratio(a, before * share) + x_log_ratio(before - a, before * (1 - share)) +
                               x_log_ratio(b, now * share) + x_log_ratio(now - b, now * (1 - share)));
  return normal_tail(std::sqrt(std::max(0.0, deviance)));
}

}  // namespace automill::drift
