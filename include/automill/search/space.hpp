#pragma once
// What a search chooses from: named parameters with ranges, scales, conditions and forbidden combinations. A
// configuration is an Object with a value for every parameter that is active in it.
//
//   SearchSpace space{{"learning_rate", Float(1e-3, 0.3, {.log = true})},
//                     {"num_leaves", Int(4, 256, {.log = true})},
//                     {"growth", Categories({"leaf_wise", "symmetric"})},
//                     {"depth", Int(2, 10).when("growth", "symmetric")}};
//   space.configuration(std::vector{0.5, 0.5, 0.9, 0.1});   // from the unit cube
//   SearchSpace::from_value(space.to_value());              // as plain data, hence as JSON
//
// As data, a parameter is {"type": "float" | "int", "low", "high", "log", "step"}, {"type": "categorical" | "ordinal",
// "choices"} or {"type": "fixed", "value"}, each with an optional "when": {parameter: value or list of values}; a list
// is short for categories, any other plain value for a fixed one.

#include <automill/core/param.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace automill {

/// A parameter is part of a configuration only when another one is and has one of these values.
struct SearchCondition {
  std::string parameter;
  std::vector<Value> values;
};

/// One parameter of a space. Float, Int, Categories, OrderedCategories and Fixed make them; SearchSpace checks them.
struct AUTOMILL_EXPORT SearchParameter {
  enum class Kind { number, integer, categorical, ordinal, fixed };
  Kind kind = Kind::fixed;
  double low = 0, high = 0;      ///< of number and integer, both included
  Scale scale = Scale::linear;   ///< of number and integer
  double step = 0;               ///< values are low, low + step, ...; 0: every number
  std::vector<Value> choices{};  ///< of categorical and ordinal (from least to most); of fixed, its value
  std::vector<SearchCondition> conditions{};

  /// The same parameter, only where `parameter` has this value, or one of a list of values; all conditions must hold.
  SearchParameter when(std::string parameter, Value value) const;
};

struct FloatOptions {
  bool log = false;              ///< equal ratios count alike; needs low > 0
  std::optional<double> step{};  ///< only low, low + step, ... up to high
};
struct IntOptions {
  bool log = false;
  std::int64_t step = 1;
};

/// A real number in [low, high].
AUTOMILL_EXPORT SearchParameter Float(double low, double high, const FloatOptions& options = {});
/// A whole number in [low, high], within 2^53.
AUTOMILL_EXPORT SearchParameter Int(std::int64_t low, std::int64_t high, const IntOptions& options = {});
/// One of these values, none nearer to another than to a third.
AUTOMILL_EXPORT SearchParameter Categories(Array choices);
/// One of these values, in order from least to most.
AUTOMILL_EXPORT SearchParameter OrderedCategories(Array choices);
/// Always this value.
AUTOMILL_EXPORT SearchParameter Fixed(Value value);

/// Checked parameters. Cheap to ask, not to copy. Every search parameter but the fixed ones is a coordinate of the unit
/// cube, in the order of the parameters.
class AUTOMILL_EXPORT SearchSpace {
 public:
  using Entry = std::pair<std::string, SearchParameter>;

  SearchSpace(std::initializer_list<Entry> parameters) : SearchSpace(std::vector<Entry>(parameters)) {}
  /// `forbidden`: combinations that no configuration may hold, each {parameter: value or list of values}. All faults
  /// come in one Error: empty ranges, logarithms from 0, conditions that can never hold or run in a circle, unknown
  /// names, combinations that leave nothing.
  explicit SearchSpace(std::vector<Entry> parameters, std::vector<Object> forbidden = {});

  /// {"parameters": {name: parameter}, "forbidden": [...]}, as to_value() gives it; or the parameters alone.
  static SearchSpace from_value(const Value& value);
  Value to_value() const;

  const std::vector<Entry>& parameters() const { return parameters_; }
  /// Combinations that are not allowed: {parameter: list of values}.
  const std::vector<Object>& forbidden() const { return forbidden_; }
  /// Positions of parameters, those that conditions ask before those that have the conditions.
  const std::vector<std::size_t>& order() const { return order_; }
  /// Coordinates of the unit cube: the positions of their parameters.
  const std::vector<std::size_t>& coordinates() const { return coordinates_; }
  std::size_t dimensions() const { return coordinates_.size(); }
  /// Number of values of a parameter; nothing where every number counts.
  std::optional<std::uint64_t> levels(std::size_t parameter) const;

  /// The configuration at a point of the unit cube (numbers outside are moved in). Coordinates of parameters that are
  /// not active are not used. O(parameters).
  Object configuration(std::span<const double> point) const;
  /// The point of a configuration that check() accepts: the middle of a level where values are quantised, and NaN
  /// where a parameter is not active.
  std::vector<double> point(const Object& configuration) const;

  /// Refuses unknown, missing and inactive parameters, values outside their ranges, and forbidden combinations. Gives
  /// the configuration in the order of the parameters, whole numbers as integers, numbers as numbers.
  Object check(const Object& configuration) const;
  bool forbids(const Object& configuration) const;

  /// All configurations that are allowed, or nothing when they are more than `most` or without end.
  std::optional<std::vector<Object>> all_configurations(std::size_t most) const;

 private:
  bool is_active(std::size_t parameter, const Object& configuration) const;
  Object in_order(std::vector<std::optional<Value>> values) const;
  bool enumerate(std::size_t depth, Object& so_far, std::size_t most, std::vector<Object>& all) const;
  std::size_t position_of(std::string_view name) const;

  std::vector<Entry> parameters_;
  std::vector<Object> forbidden_;
  std::vector<std::size_t> order_, coordinates_;
};

}  // namespace automill
