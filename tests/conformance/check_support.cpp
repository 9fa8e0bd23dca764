#include "conformance/check_support.hpp"

#include <latch>
#include <thread>

namespace automill::conformance {

void guarded(Findings& findings, const std::string& where, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) {
    findings.add(where + ": threw " + error.what());
  }
}

void at_the_same_time(Findings& findings, std::size_t count, const std::function<void(std::size_t)>& body) {
  std::latch ready(static_cast<std::ptrdiff_t>(count));
  std::vector<std::string> errors(count);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      ready.arrive_and_wait();
      try {
        body(i);
      } catch (const std::exception& error) {
        errors[i] = error.what();
      }
    });
  threads.clear();
  for (const auto& error : errors)
    if (!error.empty()) findings.add("at the same time: threw " + error);
}

std::optional<Error> expected_error(Findings& findings, const std::string& where, const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    findings.add(where + ": threw something that is not an Error: " + error.what());
    return std::nullopt;
  }
  findings.add(where + ": no Error");
  return std::nullopt;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return same_bits(x, y); });
}

namespace {

/// Values compared bit by bit: a fitted component may hold NaN.
bool same_value(const Value& a, const Value& b) {
  if (a.is_array() && b.is_array())
    return std::equal(a.array().begin(), a.array().end(), b.array().begin(), b.array().end(), same_value);
  if (a.is_object() && b.is_object())
    return std::equal(a.object().entries().begin(), a.object().entries().end(), b.object().entries().begin(),
                      b.object().entries().end(), [](const auto& x, const auto& y) {
                        return x.first == y.first && same_value(x.second, y.second);
                      });
  if (a.is_number() && b.is_number() && !a.is_integer() && !b.is_integer()) return same_bits(a.number(), b.number());
  return a == b;
}

}  // namespace

bool same_archive(const Archive& a, const Archive& b) {
  return same_value(a.root, b.root) &&
         std::equal(a.arrays.begin(), a.arrays.end(), b.arrays.begin(), b.arrays.end(),
                    [](const auto& x, const auto& y) { return x.type == y.type && x.bytes == y.bytes; });
}

std::string table_difference(const Table& a, const Table& b) {
  if (a.rows() != b.rows()) return std::to_string(a.rows()) + " and " + std::to_string(b.rows()) + " rows";
  if (a.schema()->names() != b.schema()->names()) return "other columns";
  for (std::size_t c = 0; c < a.size(); ++c) {
    if (a[c].kind() != b[c].kind()) return "column '" + a[c].name() + "' is of another kind";
    if (a[c].kind() == ColumnKind::category && a[c].schema().dictionary->names() != b[c].schema().dictionary->names())
      return "column '" + a[c].name() + "' has other categories";
    for (std::size_t i = 0; i < a.rows(); ++i) {
      const bool same = a[c].kind() == ColumnKind::text
                            ? a[c].text(i) == b[c].text(i) && a[c].missing(i) == b[c].missing(i)
                            : same_bits(a[c].number(i), b[c].number(i));
      if (!same)
        return "column '" + a[c].name() + "', row " + std::to_string(i) + ": " + number_of(a[c].number(i)) + " and " +
               number_of(b[c].number(i));
    }
  }
  return {};
}

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0, worst = 0;
  for (double value : a)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (same_bits(a[i], b[i])) continue;
    const double difference = std::abs(a[i] - b[i]) / std::max({std::abs(a[i]), std::abs(b[i]), largest});
    if (!(difference <= worst)) worst = std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
  }
  return worst;
}

std::string number_of(double value) { return param_detail::number_text(value); }

namespace {

void expect_fault(Findings& findings, const std::string& where, const std::string& parameter, const std::string& code,
                  bool needs_hint, const std::function<void()>& body) {
  const auto error = expected_error(findings, where, body);
  if (!error) return;
  const Fault& fault = error->faults().front();
  if (fault.code != code) findings.add(where + ": code " + fault.code + " instead of " + code);
  if (fault.place.find(parameter) == std::string::npos)
    findings.add(where + ": the place '" + fault.place + "' does not name '" + parameter + "'");
  if (fault.message.empty()) findings.add(where + ": no message");
  if (needs_hint && fault.hint.empty()) findings.add(where + ": no hint");
}

/// A value of a type that the parameter cannot have.
Value wrong_type_for(const ParameterDeclaration& declaration) {
  return declaration.type == "text" ? Value(1.5) : Value("not a " + declaration.type);
}

}  // namespace

void check_parameter_errors(Findings& findings, const std::vector<ParameterDeclaration>& declared,
                            const std::function<void(const Object&)>& make) {
  const std::string unknown = declared.empty() ? "whatever" : declared.front().name + "x";
  const auto error = expected_error(findings, "unknown parameter '" + unknown + "'", [&] { make({{unknown, 1}}); });
  if (error && error->code() != "parameter.unknown") findings.add("unknown parameter: code " + error->code());
  if (error && error->hint().empty()) findings.add("unknown parameter: no hint");
  if (error && !declared.empty() && error->hint().find(declared.front().name) == std::string::npos)
    findings.add("unknown parameter '" + unknown + "': the hint '" + error->hint() + "' does not name '" +
                 declared.front().name + "'");
  for (const ParameterDeclaration& each : declared) {
    const auto fails = [&](const Value& value, const std::string& code, bool hint) {
      expect_fault(findings, each.name + " = " + param_detail::value_text(value), each.name, code, hint, [&] {
        make({{each.name, value}});
      });
    };
    fails(wrong_type_for(each), "parameter.wrong_type", false);
    if (!each.optional) fails(nullptr, "parameter.wrong_type", false);
    if (!each.choices.empty()) fails("no such choice", "parameter.unknown_choice", true);
    if (each.type == "integer" || each.type == "number") {
      const double step = std::max(1.0, std::abs(each.maximum));
      if (std::isfinite(each.minimum))
        fails(each.minimum - std::max(1.0, std::abs(each.minimum)), "parameter.out_of_range", false);
      if (std::isfinite(each.maximum)) fails(each.maximum + step, "parameter.out_of_range", false);
      if (each.type == "number") fails(std::nan(""), "parameter.out_of_range", false);
    }
  }
  if (declared.size() < 2) return;
  const auto both = expected_error(findings, "two wrong parameters", [&] {
    make({{declared[0].name, wrong_type_for(declared[0])}, {declared[1].name, wrong_type_for(declared[1])}});
  });
  if (both && both->faults().size() != 2)
    findings.add("two wrong parameters: " + std::to_string(both->faults().size()) + " faults in the Error");
}

namespace {

/// A value that differs from the default, where one can be made of the declaration.
std::optional<Value> other_value(const ParameterDeclaration& each) {
  if (each.type == "bool") return Value(!(each.default_value.is_bool() && each.default_value.boolean()));
  if (each.type == "text") {
    for (const auto& choice : each.choices)
      if (!(Value(choice) == each.default_value)) return Value(choice);
    return std::nullopt;
  }
  if (each.type == "list or object") return Value(Array{});
  const double low = std::isfinite(each.minimum) ? each.minimum : -7,
               high = std::isfinite(each.maximum) ? each.maximum : low + 14;
  for (const double share : {0.5, 0.25, 1.0}) {
    const double number = low + share * (high - low);
    const Value value = each.type == "integer" ? Value(static_cast<std::int64_t>(std::floor(number))) : Value(number);
    if (!(value == each.default_value)) return value;
  }
  return std::nullopt;
}

void check_declaration(Findings& findings, const ParameterDeclaration& each) {
  if (each.description.size() < 8) findings.add(each.name + ": no description");
  if (each.default_value.is_number() &&
      !(each.default_value.number() >= each.minimum && each.default_value.number() <= each.maximum))
    findings.add(each.name + ": the default is out of range");
  if (!each.search) return;
  const SearchRange& search = *each.search;
  if (!(search.low < search.high && search.low >= each.minimum && search.high <= each.maximum))
    findings.add(each.name + ": the searched range does not lie in the allowed one");
  if (search.scale == Scale::log && !(search.low > 0))
    findings.add(each.name + ": a logarithmic range must begin above 0");
}

}  // namespace

void check_parameter_values(Findings& findings, const std::string& description,
                            const std::vector<ParameterDeclaration>& declared,
                            const std::function<Object(const Object&)>& parameters_of) {
  if (description.size() < 8) findings.add("the registry has no description");
  const Object defaults = parameters_of({});
  if (defaults.size() != declared.size()) findings.add("parameters() has other entries than the declaration");
  for (const ParameterDeclaration& each : declared) {
    check_declaration(findings, each);
    const Value* value = defaults.find(each.name);
    if (value == nullptr) {
      findings.add(each.name + ": not among parameters()");
      continue;
    }
    if (!(*value == each.default_value)) findings.add(each.name + ": the default differs from the declaration");
    const auto other = other_value(each);
    if (!other) continue;
    const Object changed = parameters_of({{each.name, *other}});
    if (changed.find(each.name) == nullptr || !(*changed.find(each.name) == *other))
      findings.add(each.name + ": " + param_detail::value_text(*other) + " was set, another value is read");
    Object expected = defaults;
    expected[each.name] = *other;
    if (!(changed == expected)) findings.add(each.name + ": setting it changes other parameters");
    if (!(parameters_of(changed) == changed))
      findings.add(each.name + ": parameters() given back do not make the same");
  }
}

}  // namespace automill::conformance
