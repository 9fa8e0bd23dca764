#include "drift_statistics.hpp"

#include <automill/core/math.hpp>
#include <numeric>

namespace automill::drift {
namespace {

constexpr double least_expected = 5;

/// Neighbouring bins merged until each has enough expected rows; what is left over joins the last one.
Counts merged(const Counts& counts) {
  const double share = std::min(1.0, counts.total_now() / counts.total_before());
  Counts result;
  double before = 0, now = 0;
  for (std::size_t i = 0; i < counts.before.size(); ++i) {
    before += counts.before[i];
    now += counts.now[i];
    if (before * share < least_expected) continue;
    result.before.push_back(std::exchange(before, 0));
    result.now.push_back(std::exchange(now, 0));
  }
  if (result.before.empty()) return counts;
  result.before.back() += before;
  result.now.back() += now;
  return result;
}

double x_log_ratio(double x, double to) { return x > 0 ? x * math::log(x / to) : 0; }

}  // namespace

double Counts::total_before() const { return std::accumulate(before.begin(), before.end(), 0.0); }
double Counts::total_now() const { return std::accumulate(now.begin(), now.end(), 0.0); }

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

double homogeneity(const Counts& counts) {
  const Counts bins = merged(counts);
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

double share_grew(double a, double before, double b, double now) {
  if (now <= 0 || before <= 0 || b / now <= a / before) return 1;
  const double share = (a + b) / (before + now);
  const double deviance = 2 * (x_log_ratio(a, before * share) + x_log_ratio(before - a, before * (1 - share)) +
                               x_log_ratio(b, now * share) + x_log_ratio(now - b, now * (1 - share)));
  return normal_tail(std::sqrt(std::max(0.0, deviance)));
}

}  // namespace automill::drift
