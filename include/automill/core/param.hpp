#pragma once
// A hyperparameter is declared once, beside its learner. Default, check, JSON, command line flag, Python signature,
// documentation and search space all follow from that one declaration.
//
//   struct RidgeParameters {
//     double l2 = 1.0;
//     std::string solver = "auto";
//     static auto declare() {
//       return std::tuple{
//           parameter("l2", &RidgeParameters::l2, "Strength of the L2 penalty.").range(0, 1e12).search(1e-6, 1e3,
//           Scale::log), parameter("solver", &RidgeParameters::solver, "How the equations are
//           solved.").choices({"auto", "primal", "dual"})};
//     }
//   };
//   declarations<RidgeParameters>();                          // names, types, ranges, defaults as data
//   assign_parameters(parameters, Object{{"l2", 0.5}}, "ridge");  // every fault in one Error

#include <automill/core/error.hpp>
#include <automill/core/nearest_name.hpp>
#include <automill/core/value.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace automill {

enum class Scale { linear, log };

/// Searched range of a parameter; absent where a parameter is not tuned.
struct SearchRange {
  double low = 0, high = 0;
  Scale scale = Scale::linear;
};

/// Everything that is known of one parameter, without its C++ type.
struct ParameterDeclaration {
  std::string name;
  std::string description;
  std::string type;  ///< "bool", "integer", "number", "text" or "list or object"
  Value default_value;
  bool optional = false;  ///< null means "decided from the data"
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;
  std::optional<SearchRange> search;
  std::string only_if_parameter;  ///< meaningful only when that parameter has the value below
  Value only_if_value;
};

namespace param_detail {
template <class T>
struct Unwrap {
  using type = T;
  static constexpr bool optional = false;
};
/// A list or an object, or null: what may be in it is checked by the component, which knows the columns.
template <>
struct Unwrap<Value> {
  using type = Value;
  static constexpr bool optional = true;
};
template <class T>
struct Unwrap<std::optional<T>> {
  using type = T;
  static constexpr bool optional = true;
};

template <class T>
std::string type_name() {
  if constexpr (std::is_same_v<T, bool>) return "bool";
  else if constexpr (std::is_integral_v<T>) return "integer";
  else if constexpr (std::is_floating_point_v<T>) return "number";
  else if constexpr (std::is_same_v<T, Value>) return "list or object";
  else return "text";
}
template <class T>
Value to_value(const T& v) {
  if constexpr (std::is_same_v<T, bool>) return v;
  else if constexpr (std::is_integral_v<T>) return static_cast<std::int64_t>(v);
  else if constexpr (std::is_floating_point_v<T>) return static_cast<double>(v);
  else if constexpr (std::is_same_v<T, Value>) return v;
  else return std::string(v);
}
template <class T>
Value to_value(const std::optional<T>& v) {
  return v ? to_value(*v) : Value{};
}

/// Whether a whole number can be held by an integer of type T; every number fits a floating-point type.
template <class T>
bool fits(const Value& v) {
  if constexpr (std::is_floating_point_v<T>) return true;
  else if (v.is_integer()) return std::in_range<T>(v.integer());
  else return v.number() >= -0x1p63 && v.number() < 0x1p63 && std::in_range<T>(static_cast<std::int64_t>(v.number()));
}
/// Without the detour through double where an integer was given: 64 bits stay exact.
template <class T>
T converted(const Value& v) {
  if constexpr (std::is_integral_v<T>)
    if (v.is_integer()) return static_cast<T>(v.integer());
  return static_cast<T>(v.number());
}

inline std::string number_text(double v) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.12g", v);
  return buffer;
}
inline std::string value_text(const Value& v) {
  if (v.is_text()) return "'" + v.text() + "'";
  if (v.is_bool()) return v.boolean() ? "true" : "false";
  if (v.is_number()) return number_text(v.number());
  return v.kind();
}
}  // namespace param_detail

/// One declaration, tied to a member of the parameter struct `P`.
template <class P, class T>
class Parameter {
 public:
  Parameter(const char* name, T P::*member, const char* description) : member_(member) {
    declaration_.name = name;
    declaration_.description = description;
    declaration_.type = param_detail::type_name<typename param_detail::Unwrap<T>::type>();
    declaration_.optional = param_detail::Unwrap<T>::optional;
    declaration_.default_value = param_detail::to_value(P{}.*member);
  }
  Parameter range(double minimum, double maximum) && {
    declaration_.minimum = minimum;
    declaration_.maximum = maximum;
    return std::move(*this);
  }
  Parameter search(double low, double high, Scale scale = Scale::linear) && {
    declaration_.search = SearchRange{low, high, scale};
    return std::move(*this);
  }
  Parameter choices(std::vector<std::string> names) && {
    declaration_.choices = std::move(names);
    return std::move(*this);
  }
  Parameter only_if(const char* other, Value value) && {
    declaration_.only_if_parameter = other;
    declaration_.only_if_value = std::move(value);
    return std::move(*this);
  }

  const ParameterDeclaration& declaration() const { return declaration_; }
  Value get(const P& parameters) const { return param_detail::to_value(parameters.*member_); }

  /// Stores `value` after the checks; a fault is added (and nothing stored) when it is not allowed.
  void set(P& parameters, const Value& value, const std::string& place, Faults& faults) const {
    using Inner = typename param_detail::Unwrap<T>::type;
    if (value.is_null()) {
      if constexpr (param_detail::Unwrap<T>::optional) parameters.*member_ = T{};
      else faults.add("parameter.wrong_type", place, "null is not allowed: " + allowed());
      return;
    }
    if constexpr (std::is_same_v<Inner, bool>) {
      if (value.is_bool()) parameters.*member_ = value.boolean();
      else wrong_type(value, place, faults);
    } else if constexpr (std::is_same_v<Inner, Value>) {
      if (value.is_array() || value.is_object()) parameters.*member_ = value;
      else wrong_type(value, place, faults);
    } else if constexpr (std::is_arithmetic_v<Inner>) {
      if (!value.is_number() || (std::is_integral_v<Inner> && value.number() != std::floor(value.number())))
        return wrong_type(value, place, faults);
      const double number = value.number();
      if (!(number >= declaration_.minimum && number <= declaration_.maximum) || !param_detail::fits<Inner>(value))
        return out_of_range(value, place, faults);
      parameters.*member_ = param_detail::converted<Inner>(value);
    } else {
      if (!value.is_text()) return wrong_type(value, place, faults);
      if (!declaration_.choices.empty()) {
        bool known = false;
        for (const auto& choice : declaration_.choices) known = known || choice == value.text();
        if (!known) {
          faults.add("parameter.unknown_choice", place, "'" + value.text() + "' is not a choice",
                     name_hint(value.text(), declaration_.choices));
          return;
        }
      }
      parameters.*member_ = value.text();
    }
  }

 private:
  std::string allowed() const {
    std::string text = "it must be of type " + declaration_.type;
    if (std::isfinite(declaration_.minimum) || std::isfinite(declaration_.maximum)) {
      text += " in [" + param_detail::number_text(declaration_.minimum) + ", " +
              param_detail::number_text(declaration_.maximum) + "]";
    }
    return text;
  }
  void wrong_type(const Value& value, const std::string& place, Faults& faults) const {
    faults.add("parameter.wrong_type", place, param_detail::value_text(value) + " is not allowed: " + allowed());
  }
  void out_of_range(const Value& value, const std::string& place, Faults& faults) const {
    faults.add("parameter.out_of_range", place, param_detail::value_text(value) + " is not allowed: " + allowed());
  }
  T P::*member_;
  ParameterDeclaration declaration_;
};

template <class P, class T>
Parameter<P, T> parameter(const char* name, T P::*member, const char* description) {
  return {name, member, description};
}

/// A parameter struct: default constructible and with a static `declare()` that returns a tuple of Parameter.
template <class P>
concept Declared = std::is_default_constructible_v<P> && requires {
  P::declare();
};

/// Parameters of a component that has none.
struct NoParameters {
  static auto declare() { return std::tuple<>{}; }
};

template <Declared P>
std::vector<ParameterDeclaration> declarations() {
  std::vector<ParameterDeclaration> all;
  std::apply([&](const auto&... each) { (all.push_back(each.declaration()), ...); }, P::declare());
  return all;
}

template <Declared P>
Object parameter_values(const P& parameters) {
  Object values;
  std::apply([&](const auto&... each) { (values.append(each.declaration().name, each.get(parameters)), ...); },
             P::declare());
  return values;
}

/// Sets the parameters named in `values`; unknown names and values that are not allowed are collected in one Error.
template <Declared P>
void assign_parameters(P& parameters, const Object& values, const std::string& owner) {
  Faults faults;
  const auto declared = P::declare();
  for (const auto& entry : values.entries()) {
    const std::string& name = entry.first;
    const Value& value = entry.second;
    bool found = false;
    const auto try_one = [&](const auto& each) {
      if (each.declaration().name != name) return;
      found = true;
      each.set(parameters, value, owner + "." + name, faults);
    };
    std::apply([&](const auto&... each) { (try_one(each), ...); }, declared);
    if (!found) {
      std::vector<std::string> known;
      for (const auto& d : declarations<P>()) known.push_back(d.name);
      faults.add("parameter.unknown", owner + "." + name, "there is no such parameter", name_hint(name, known));
    }
  }
  faults.throw_if_any();
}

/// Checks values that were set directly on the struct (C++ callers), with the same messages.
template <Declared P>
void check_parameters(const P& parameters, const std::string& owner) {
  P copy;
  assign_parameters(copy, parameter_values(parameters), owner);
}

}  // namespace automill
