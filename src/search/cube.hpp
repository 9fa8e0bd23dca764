#pragma once
// A search space as strategies see it: the unit cube, without names and values. Points are snapped: quantised
// coordinates lie in the middle of their level, coordinates that are not active are NaN. Same as
// space.point(space.configuration(point)), some hundred times as fast.

#include <automill/search/space.hpp>

#include "unit_scale.hpp"

namespace automill::search {

using Point = std::vector<double>;

class Cube {
 public:
  enum class Kind { continuous, quantised, categorical };

  explicit Cube(const SearchSpace& space);

  std::size_t dimensions() const { return coordinates_.size(); }
  Kind kind(std::size_t coordinate) const { return coordinates_[coordinate].kind; }
  /// Levels of a coordinate that is not continuous.
  std::uint64_t levels(std::size_t coordinate) const { return coordinates_[coordinate].scale.levels(); }
  std::uint64_t level_at(std::size_t coordinate, double unit) const {
    return coordinates_[coordinate].scale.level_at(unit);
  }
  double middle_of_level(std::size_t coordinate, std::uint64_t level) const;

  void snap(std::span<double> point) const;
  /// Whether a snapped point is a forbidden combination.
  bool forbids(std::span<const double> point) const;

 private:
  /// Holds where the coordinate is active and at one of these levels.
  struct Needed {
    std::size_t coordinate;
    std::vector<bool> levels;
  };
  struct Coordinate {
    Kind kind;
    UnitScale scale;
    std::vector<Needed> needs;
  };
  void add_needs(const SearchSpace& space, std::size_t parameter, std::vector<Needed>& needs) const;
  void add_need(const SearchSpace& space, std::size_t parameter, const std::vector<Value>& values,
                std::vector<Needed>& needs) const;
  bool holds(const std::vector<Needed>& needs, std::span<const double> point) const;

  std::vector<Coordinate> coordinates_;
  std::vector<std::size_t> order_;  ///< parents before children
  std::vector<std::vector<Needed>> forbidden_;
};

}  // namespace automill::search
