#pragma once
// Points of the cube as inputs of a Gaussian process: coordinates that are not active are in the middle, or a category
// of their own, so that they never tell two points apart.

#include <algorithm>

#include "cube.hpp"

namespace automill::search {

inline std::vector<bool> categorical_coordinates(const Cube& cube) {
  std::vector<bool> all(cube.dimensions());
  for (std::size_t c = 0; c < all.size(); ++c) all[c] = cube.kind(c) == Cube::Kind::categorical;
  return all;
}

inline double feature_of(const Cube& cube, std::size_t coordinate, double unit) {
  if (cube.kind(coordinate) != Cube::Kind::categorical) return std::isnan(unit) ? 0.5 : unit;
  return std::isnan(unit) ? -1.0 : static_cast<double>(cube.level_at(coordinate, unit));
}

/// `point` is snapped.
inline std::vector<double> features_of(const Cube& cube, const Point& point) {
  std::vector<double> features(point.size());
  for (std::size_t c = 0; c < features.size(); ++c) features[c] = feature_of(cube, c, point[c]);
  return features;
}

}  // namespace automill::search
