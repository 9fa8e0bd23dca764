#include "unit_scale.hpp"

#include <algorithm>
#include <automill/core/math.hpp>

namespace automill::search {
namespace {

/// Numbers at most this part of a step from a level stand for it: what printing and reading may change.
constexpr double rounding = 1e-9;

}  // namespace

UnitScale::UnitScale(const SearchParameter& parameter)
    : low_(parameter.low), high_(parameter.high), step_(parameter.step), scale_(parameter.scale) {
  using Kind = SearchParameter::Kind;
  if (parameter.kind != Kind::number && parameter.kind != Kind::integer) {
    low_ = 0;
    high_ = static_cast<double>(parameter.choices.size() - 1);
    step_ = 1;
    scale_ = Scale::linear;
  }
  double from = low_, to = high_;
  if (step_ > 0) {
    levels_ = static_cast<std::uint64_t>(std::floor((high_ - low_) / step_ + rounding)) + 1;
    high_ = number_of_level(levels_ - 1);
    from = scale_ == Scale::log ? low_ - std::min(step_, low_) / 2 : low_ - step_ / 2;
    to = high_ + step_ / 2;
  }
  start_ = along(from);
  end_ = along(to);
}

double UnitScale::along(double number) const { return scale_ == Scale::log ? math::log(number) : number; }

double UnitScale::number_of_level(std::uint64_t level) const {
  const double k = static_cast<double>(level), parts = std::nearbyint(1 / step_);
  // a step of 0.1 as tenths: 0.3 and not 0.30000000000000004
  if (parts > 1 && std::abs(parts * step_ - 1) < 1e-12) return low_ + k / parts;
  return low_ + k * step_;
}

std::optional<std::uint64_t> UnitScale::level_of_number(double number) const {
  const double level = std::nearbyint((number - low_) / step_);
  if (!(level >= 0 && level < static_cast<double>(levels_))) return std::nullopt;
  if (std::abs(number - (low_ + level * step_)) > rounding * step_) return std::nullopt;
  return static_cast<std::uint64_t>(level);
}

std::uint64_t UnitScale::level_at(double unit) const {
  const double value = start_ + std::clamp(unit, 0.0, 1.0) * (end_ - start_);
  const double number = scale_ == Scale::log ? math::exp(value) : value;
  const double level = std::floor((number - low_) / step_ + 0.5);
  return static_cast<std::uint64_t>(std::clamp(level, 0.0, static_cast<double>(levels_ - 1)));
}

double UnitScale::number_at(double unit) const {
  if (levels_ > 0) return number_of_level(level_at(unit));
  const double value = start_ + std::clamp(unit, 0.0, 1.0) * (end_ - start_);
  return std::clamp(scale_ == Scale::log ? math::exp(value) : value, low_, high_);
}

double UnitScale::unit_of(double number) const {
  return end_ > start_ ? std::clamp((along(number) - start_) / (end_ - start_), 0.0, 1.0) : 0.5;
}

}  // namespace automill::search
