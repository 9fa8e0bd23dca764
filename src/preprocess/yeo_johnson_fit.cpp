#include "yeo_johnson_fit.hpp"

namespace automill {
namespace {

/// The smallest value of a function of one number in [low, high], and where: golden sections and parabolas (Brent 1973,
/// "localmin"). NaN counts as infinite.
template <class Function>
double minimize(double low, double high, double tolerance, const Function& function) {
  constexpr double golden = 0.3819660112501051;
  const auto value_at = [&](double at) {
    const double value = function(at);
    return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
  };
  double best = low + golden * (high - low), second = best, third = best;
  double f_best = value_at(best), f_second = f_best, f_third = f_best, step = 0, step_before = 0;
  for (int round = 0; round < 100; ++round) {
    const double middle = 0.5 * (low + high), least = tolerance * std::abs(best) + tolerance / 4;
    if (std::abs(best - middle) <= 2 * least - 0.5 * (high - low)) break;
    const double r = (best - second) * (f_best - f_third), q = (best - third) * (f_best - f_second);
    const double bottom = 2 * (q - r), top = (best - third) * q - (best - second) * r;
    const double jump = bottom == 0 ? 0.0 : -top / bottom;
    const bool parabola = std::abs(step_before) > least && bottom != 0 &&
                          std::abs(jump) < 0.5 * std::abs(step_before) && best + jump > low && best + jump < high;
    if (parabola) {
      step_before = std::exchange(step, jump);
      const double to = best + jump;
      if (to - low < 2 * least || high - to < 2 * least) step = best < middle ? least : -least;
    } else {
      step_before = best < middle ? high - best : low - best;
      step = golden * step_before;
    }
    const double next = best + (std::abs(step) >= least ? step : step > 0 ? least : -least), f_next = value_at(next);
    if (f_next <= f_best) {
      (next < best ? high : low) = best;
      third = second, f_third = f_second;
      second = best, f_second = f_best;
      best = next, f_best = f_next;
      continue;
    }
    (next < best ? low : high) = next;
    if (f_next <= f_second || second == best) {
      third = second, f_third = f_second;
      second = next, f_second = f_next;
    } else if (f_next <= f_third || third == best || third == second) {
      third = next, f_third = f_next;
    }
  }
  return best;
}

struct Moments {
  double mean = 0, square = 0;  ///< `square`: mean squared distance from the mean
};

constexpr std::size_t block = 65536;

/// Of terms(i), one a value, in their order: the same bits for any number of threads.
template <class Terms>
Moments moments_of(const std::vector<CountedValue>& values, double total, const StopToken& stop, const Terms& terms) {
  std::vector<double> made(values.size());
  double sum = 0, square = 0;
  for (std::size_t begin = 0; begin < values.size(); begin += block) {
    stop.throw_if_requested();
    for (std::size_t i = begin; i < std::min(values.size(), begin + block); ++i) {
      made[i] = terms(i);
      sum += values[i].count * made[i];
    }
  }
  const double mean = sum / total;
  for (std::size_t i = 0; i < made.size(); ++i) square += values[i].count * ((made[i] - mean) * (made[i] - mean));
  return {mean, square / total};
}

/// Log-likelihood of a row, less what does not depend on the power: -ln(variance) / 2 + (power - 1) mean(s), where
/// s = sign(x) ln(1 + |x|). Where all values have one sign, powers are taken relative to the end of the values at which
/// they are largest: nothing overflows, and a variance far below the squared mean keeps its digits.
class Likelihood {
 public:
  Likelihood(const std::vector<CountedValue>& values, const StopToken& stop) : values_(values), stop_(stop) {
    for (const CountedValue& each : values) {
      total_ += each.count;
      logs_.push_back(math::log1p(std::abs(each.value)));
      slope_ += each.count * (each.value < 0 ? -logs_.back() : logs_.back());
    }
    slope_ /= total_;
    if (values.front().value >= 0) sign_ = 1;
    else if (values.back().value <= 0) sign_ = -1;
  }

  double operator()(double power) const { return 0.5 * log_variance(power) - (power - 1) * slope_; }
  double total() const { return total_; }

 private:
  double log_variance(double power) const {
    const double own = sign_ < 0 ? 2 - power : power, first = std::min(logs_.front(), logs_.back()),
                 last = std::max(logs_.front(), logs_.back()),
                 end = sign_ == 0 ? 0.0
                       : own > 0  ? last
                                  : first;
    const auto raised = [&](double log, double exponent) {
      return exponent == 0 ? log - end : math::expm1(exponent * (log - end)) / exponent;
    };
    const Moments found = moments_of(values_, total_, stop_, [&](std::size_t i) {
      return values_[i].value < 0 || sign_ < 0 ? -raised(logs_[i], 2 - power) : raised(logs_[i], power);
    });
    return math::log(found.square) + 2 * own * end;
  }

  const std::vector<CountedValue>& values_;
  const StopToken& stop_;
  std::vector<double> logs_{};  ///< ln(1 + |x|)
  double total_ = 0, slope_ = 0;
  int sign_ = 0;  ///< of all values; 0: they have both
};

}  // namespace

PowerFit fit_power(const std::vector<CountedValue>& values, const StopToken& stop) {
  PowerFit fit;
  if (values.empty()) return fit;
  fit.center = values.front().value;
  if (values.size() == 1) return fit;
  const Likelihood likelihood(values, stop);
  fit.power = minimize(least_power, largest_power, 1e-8, likelihood);
  const auto moments = [&] {
    return moments_of(values, likelihood.total(), stop,
                      [&](std::size_t i) { return yeo_johnson(values[i].value, fit.power); });
  };
  Moments found = moments();
  const auto usable = [&] {
    const double span = yeo_johnson(values.back().value, fit.power) - yeo_johnson(values.front().value, fit.power);
    return std::isfinite(found.square) && std::sqrt(found.square) > 1e-9 * std::abs(found.mean) && span > 0;
  };
  if (!usable()) {  // the power squeezes all values into a few digits, or they overflow: the values as they are
    fit.power = 1;
    found = moments();
  }
  if (!std::isfinite(found.square)) return {};  // beyond the range of doubles: no scale
  fit.center = found.mean;
  fit.deviation = std::sqrt(found.square);
  return fit;
}

}  // namespace automill
