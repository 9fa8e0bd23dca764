#pragma once
// A range of numbers as the interval [0, 1]: linear or logarithmic, of every number or of levels at a fixed distance.

#include <automill/search/space.hpp>

namespace automill::search {

/// Each level of a quantised range has the part of [0, 1] that belongs to the numbers nearer to it than to others.
class UnitScale {
 public:
  /// Of a number or an integer, by its range; of an ordinal or a categorical, by the positions of its choices.
  explicit UnitScale(const SearchParameter& parameter);

  /// Number of levels; 0 where every number counts.
  std::uint64_t levels() const { return levels_; }
  double number_of_level(std::uint64_t level) const;
  /// The level that a number stands for, or nothing when it is none within rounding.
  std::optional<std::uint64_t> level_of_number(double number) const;
  std::uint64_t level_at(double unit) const;
  double number_at(double unit) const;
  double unit_of(double number) const;

 private:
  double along(double number) const;

  double low_ = 0, high_ = 1, step_ = 0;
  Scale scale_ = Scale::linear;
  std::uint64_t levels_ = 0;
  double start_ = 0, end_ = 1;  ///< of the interval, on the scale
};

}  // namespace automill::search
