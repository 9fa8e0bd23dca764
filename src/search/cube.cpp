#include "cube.hpp"

#include <algorithm>
#include <limits>

#include "parameter_values.hpp"
#include "space_check.hpp"

namespace automill::search {
namespace {

Cube::Kind kind_of(const SearchParameter& parameter) {
  if (parameter.kind == SearchParameter::Kind::categorical) return Cube::Kind::categorical;
  return level_count(parameter) ? Cube::Kind::quantised : Cube::Kind::continuous;
}

std::size_t coordinate_of(const SearchSpace& space, std::size_t parameter) {
  const auto& all = space.coordinates();
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), parameter) - all.begin());
}

}  // namespace

Cube::Cube(const SearchSpace& space) {
  for (std::size_t parameter : space.coordinates()) {
    const SearchParameter& declared = space.parameters()[parameter].second;
    coordinates_.push_back({kind_of(declared), UnitScale(declared), {}});
  }
  for (std::size_t parameter : space.order()) {
    const std::size_t coordinate = coordinate_of(space, parameter);
    if (coordinate == dimensions()) continue;
    order_.push_back(coordinate);
    add_needs(space, parameter, coordinates_[coordinate].needs);
  }
  for (const Object& combination : space.forbidden()) {
    std::vector<Needed>& all = forbidden_.emplace_back();
    for (const auto& [name, values] : combination.entries())
      add_need(space, find_parameter(space.parameters(), name), values.array(), all);
  }
}

/// What makes a parameter active, said of coordinates.
void Cube::add_needs(const SearchSpace& space, std::size_t parameter, std::vector<Needed>& needs) const {
  for (const SearchCondition& condition : space.parameters()[parameter].second.conditions)
    add_need(space, find_parameter(space.parameters(), condition.parameter), condition.values, needs);
}

/// A parameter that has one value alone is no coordinate: it has that value wherever it is active.
void Cube::add_need(const SearchSpace& space, std::size_t parameter, const std::vector<Value>& values,
                    std::vector<Needed>& needs) const {
  const std::size_t coordinate = coordinate_of(space, parameter);
  if (coordinate == dimensions()) return add_needs(space, parameter, needs);
  Needed needed{coordinate, std::vector<bool>(levels(coordinate))};
  const SearchParameter& declared = space.parameters()[parameter].second;
  for (const Value& value : values) needed.levels[level_at(coordinate, unit_of_value(declared, value))] = true;
  needs.push_back(std::move(needed));
}

double Cube::middle_of_level(std::size_t coordinate, std::uint64_t level) const {
  const UnitScale& scale = coordinates_[coordinate].scale;
  return scale.unit_of(scale.number_of_level(level));
}

bool Cube::holds(const std::vector<Needed>& needs, std::span<const double> point) const {
  for (const Needed& needed : needs) {
    const double unit = point[needed.coordinate];
    if (std::isnan(unit) || !needed.levels[level_at(needed.coordinate, unit)]) return false;
  }
  return true;
}

void Cube::snap(std::span<double> point) const {
  for (std::size_t c : order_) {
    const Coordinate& coordinate = coordinates_[c];
    if (!holds(coordinate.needs, point)) point[c] = std::numeric_limits<double>::quiet_NaN();
    else if (std::isnan(point[c])) point[c] = 0.5;
    if (std::isnan(point[c])) continue;
    const UnitScale& scale = coordinate.scale;
    point[c] = scale.levels() > 0 ? scale.unit_of(scale.number_of_level(scale.level_at(point[c])))
                                  : std::clamp(point[c], 0.0, 1.0);
  }
}

bool Cube::forbids(std::span<const double> point) const {
  return std::any_of(forbidden_.begin(), forbidden_.end(), [&](const auto& all) { return holds(all, point); });
}

}  // namespace automill::search
