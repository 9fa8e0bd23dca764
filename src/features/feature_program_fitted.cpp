#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "features/feature_program.hpp"

namespace automill::features {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double finite(double value) { return std::isfinite(value) ? value : nothing; }

template <class Of>
void each(const double* first, const double* second, std::size_t rows, double* out, const Of& of) {
  for (std::size_t i = 0; i < rows; ++i) out[i] = of(first[i], second[i]);
}

/// Place of a value in an ascending list; its size when it is not there.
template <class T>
double place(const std::vector<T>& all, T value) {
  const auto at = std::lower_bound(all.begin(), all.end(), value);
  return static_cast<double>(at != all.end() && *at == value ? at - all.begin()
                                                             : static_cast<std::ptrdiff_t>(all.size()));
}

/// Where a value lies among the quantiles of its group, 0 to 1.
double rank_among(const double* points, double value) {
  const double* end = points + rank_points;
  const auto below = std::lower_bound(points, end, value) - points,
             up_to = std::upper_bound(points, end, value) - points;
  return static_cast<double>(below + up_to) / (2.0 * rank_points);
}

/// `of(entry of the group's table, number)`; a group beyond the table is one that training did not see.
template <class Of>
void each_grouped(const Step& step, std::size_t width, const double* groups, const double* numbers, std::size_t rows,
                  double* out, const Of& of) {
  const std::size_t unseen = step.numbers.size() / width - 1;
  for (std::size_t i = 0; i < rows; ++i) {
    const bool known = groups[i] >= 0 && groups[i] < static_cast<double>(unseen);
    const std::size_t group = known ? static_cast<std::size_t>(groups[i]) : unseen;
    out[i] = std::isnan(groups[i]) ? nothing : of(step.numbers.data() + width * group, numbers[i]);
  }
}

double cross_of(const std::vector<std::uint64_t>& keys, double first, double second) {
  if (std::isnan(first) || std::isnan(second)) return nothing;
  const bool possible = first >= 0 && first < 0x1p32 && second >= 0 && second < 0x1p32;
  return possible ? place(keys, cross_key(first, second)) : static_cast<double>(keys.size());
}

std::string number_name(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// '&' and '\' inside a name are marked, so that joined names differ where their parts do.
std::string marked(const std::string& name) {
  std::string all;
  for (char c : name) {
    if (c == '&' || c == '\\') all += '\\';
    all += c;
  }
  return all;
}

const char* symbol(Operation operation) {
  constexpr const char* symbols[] = {"", " + ", " - ", " * ", " / "};
  return symbols[static_cast<std::size_t>(operation)];
}

}  // namespace

void evaluate(const Step& step, const double* first, const double* second, std::size_t rows, double* out) noexcept {
  switch (step.operation) {
    case Operation::input:
      break;
    case Operation::sum:
      each(first, second, rows, out, [](double a, double b) { return finite(a + b); });
      break;
    case Operation::difference:
      each(first, second, rows, out, [](double a, double b) { return finite(a - b); });
      break;
    case Operation::product:
      each(first, second, rows, out, [](double a, double b) { return finite(a * b); });
      break;
    case Operation::ratio:
      each(first, second, rows, out, [](double a, double b) { return finite(a / b); });
      break;
    case Operation::levels:
      for (std::size_t i = 0; i < rows; ++i) out[i] = std::isnan(first[i]) ? nothing : place(step.numbers, first[i]);
      break;
    case Operation::cross:
      each(first, second, rows, out, [&](double a, double b) { return cross_of(step.keys, a, b); });
      break;
    case Operation::count:
    case Operation::mean:
    case Operation::deviation:
      each_grouped(step, 1, first, second, rows, out, [](const double* entry, double) { return *entry; });
      break;
    case Operation::rank:
      each_grouped(step, rank_points, first, second, rows, out, [](const double* entry, double value) {
        return std::isnan(value) ? nothing : rank_among(entry, value);
      });
      break;
    case Operation::from_mean:
      each_grouped(step, 1, first, second, rows, out,
                   [](const double* entry, double value) { return finite(value - *entry); });
      break;
    case Operation::over_mean:
      each_grouped(step, 1, first, second, rows, out,
                   [](const double* entry, double value) { return finite(value / *entry); });
  }
}

bool FeatureProgram::is_group(const Schema& input, std::uint32_t step) const {
  const Step& at = steps[step];
  return at.operation == Operation::input ? input[at.first].kind == ColumnKind::category
                                          : features::is_group(at.operation);
}

std::size_t FeatureProgram::groups(const Schema& input, std::uint32_t step) const {
  const Step& at = steps[step];
  if (!is_group(input, step)) return 0;
  if (at.operation == Operation::input) return input[at.first].dictionary->size();
  return at.operation == Operation::levels ? at.numbers.size() : at.keys.size();
}

std::string FeatureProgram::fault(const Schema& input) const {
  const auto ascending = [](const auto& values) {
    return std::adjacent_find(values.begin(), values.end(), [](auto a, auto b) { return !(a < b); }) == values.end();
  };
  const auto finite_numbers = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  };
  if (steps.size() > most_steps || outputs.size() > most_outputs) return "too many steps";
  if (!ascending(outputs)) return "outputs are out of order";
  std::vector<std::size_t> inputs;
  for (std::uint32_t s = 0; s < steps.size(); ++s) {
    const Step& step = steps[s];
    const std::string where = "step " + std::to_string(s);
    if (static_cast<std::size_t>(step.operation) >= operations) return where + " has no operation";
    if (!finite_numbers(step.numbers)) return where + " holds a number that is not finite";
    if (step.operation != Operation::cross && !step.keys.empty()) return where + " has keys that it does not use";
    if (step.operation == Operation::input) {
      const bool usable = step.first < input.size() && input[step.first].kind != ColumnKind::text &&
                          input[step.first].kind != ColumnKind::datetime;
      if (!usable || step.second != 0 || !step.numbers.empty()) return where + " is no column of numbers or categories";
      inputs.push_back(1);
      continue;
    }
    if (step.first >= s || step.second >= s) return where + " uses a later one";
    const bool one = step.operation == Operation::levels || step.operation == Operation::count;
    if (one && step.second != step.first) return where + " has two operands where one is needed";
    inputs.push_back(inputs[step.first] + (one ? 0 : inputs[step.second]));
    if (inputs.back() > most_inputs) return where + " is made of too many columns";
    const bool first_groups = is_group(input, step.first), second_groups = is_group(input, step.second);
    const bool grouped = is_grouped(step.operation);
    const bool fits = is_arithmetic(step.operation)         ? !first_groups && !second_groups
                      : step.operation == Operation::levels ? !first_groups
                      : step.operation == Operation::cross  ? first_groups && second_groups
                                                            : first_groups && (one || !second_groups);
    if (!fits) return where + " mixes numbers and groups";
    const bool no_table = is_arithmetic(step.operation) || step.operation == Operation::cross;
    if (no_table && !step.numbers.empty()) return where + " has numbers that it does not use";
    if (step.operation == Operation::levels && !ascending(step.numbers)) return where + " has levels out of order";
    if (grouped) {
      const std::size_t width = step.operation == Operation::rank ? rank_points : 1;
      if (step.numbers.size() != width * (groups(input, step.first) + 1)) return where + " has a table of another size";
    }
    if (step.operation != Operation::cross) continue;
    if (!ascending(step.keys)) return where + " has keys out of order";
    const std::uint64_t first_size = groups(input, step.first), second_size = groups(input, step.second);
    for (std::uint64_t key : step.keys)
      if ((key >> 32) >= first_size || (key & 0xffffffffU) >= second_size) return where + " has a key of no groups";
  }
  for (std::uint32_t output : outputs) {
    if (output >= steps.size()) return "an output is no step";
    const Operation operation = steps[output].operation;
    if (operation == Operation::input || operation == Operation::levels) return "an output is a column itself";
  }
  return {};
}

std::string FeatureProgram::formula(const Schema& input, std::uint32_t number) const {
  const Step& step = steps[number];
  const auto part = [&](std::uint32_t operand) {
    const std::string inner = formula(input, operand);
    return is_arithmetic(steps[operand].operation) ? "(" + inner + ")" : inner;
  };
  switch (step.operation) {
    case Operation::input:
      return input[step.first].name;
    case Operation::levels:
      return formula(input, step.first);
    case Operation::cross:
      return formula(input, step.first) + " & " + formula(input, step.second);
    case Operation::count:
      return "count(" + formula(input, step.first) + ")";
    case Operation::mean:
    case Operation::deviation:
    case Operation::rank: {
      const char* name = step.operation == Operation::mean   ? "mean("
                         : step.operation == Operation::rank ? "rank("
                                                             : "std(";
      return name + formula(input, step.second) + " by " + formula(input, step.first) + ")";
    }
    case Operation::from_mean:
    case Operation::over_mean:
      return part(step.second) + (step.operation == Operation::from_mean ? " - mean by " : " / mean by ") +
             formula(input, step.first);
    default:
      return part(step.first) + symbol(step.operation) + part(step.second);
  }
}

std::string FeatureProgram::words(const Schema& input, std::uint32_t number) const {
  const Step& step = steps[number];
  const auto first = [&] { return formula(input, step.first); };
  const auto second = [&] { return formula(input, step.second); };
  switch (step.operation) {
    case Operation::input:
    case Operation::levels:
      return first();
    case Operation::sum:
      return "sum of " + first() + " and " + second();
    case Operation::difference:
      return "difference of " + first() + " and " + second();
    case Operation::product:
      return "product of " + first() + " and " + second();
    case Operation::ratio:
      return "ratio of " + first() + " to " + second();
    case Operation::cross:
      return first() + " and " + second() + " together";
    case Operation::count:
      return "number of training rows with the same " + first();
    case Operation::mean:
      return "mean of " + second() + " in the same " + first();
    case Operation::deviation:
      return "standard deviation of " + second() + " in the same " + first();
    case Operation::rank:
      return "rank of " + second() + " in the same " + first();
    case Operation::from_mean:
      return "difference of " + second() + " to its mean in the same " + first();
    case Operation::over_mean:
      return "ratio of " + second() + " to its mean in the same " + first();
  }
  return {};
}

std::vector<std::string> FeatureProgram::group_names(const Schema& input, std::uint32_t number) const {
  const Step& step = steps[number];
  if (step.operation == Operation::input) {
    std::vector<std::string> names = input[step.first].dictionary->names();
    for (std::string& name : names) name = marked(name);
    return names;
  }
  std::vector<std::string> names;
  if (step.operation == Operation::levels) {
    for (double level : step.numbers) names.push_back(number_name(level));
    return names;
  }
  const auto first = group_names(input, step.first), second = group_names(input, step.second);
  for (std::uint64_t key : step.keys)
    names.push_back(first[static_cast<std::size_t>(key >> 32)] + " & " +
                    second[static_cast<std::size_t>(key & 0xffffffffU)]);
  return names;
}

std::vector<std::size_t> FeatureProgram::name_lengths(const Schema& input, std::uint32_t number) const {
  const Step& step = steps[number];
  if (step.operation == Operation::levels) return std::vector<std::size_t>(step.numbers.size(), 24);
  std::vector<std::size_t> lengths;
  if (step.operation == Operation::input) {
    for (const std::string& name : input[step.first].dictionary->names()) lengths.push_back(2 * name.size());
    return lengths;
  }
  const auto first = name_lengths(input, step.first), second = name_lengths(input, step.second);
  for (std::uint64_t key : step.keys)
    lengths.push_back(3 + first[static_cast<std::size_t>(key >> 32)] +
                      second[static_cast<std::size_t>(key & 0xffffffffU)]);
  return lengths;
}

std::uint64_t FeatureProgram::bytes(const Schema& input, std::uint32_t output) const {
  std::uint64_t bytes = bytes_of({.name = formula(input, output)}) + 64;
  if (!is_group(input, output)) return bytes;
  const Step& step = steps[output];
  for (std::uint32_t part : {step.first, step.second, output})
    for (std::size_t length : name_lengths(input, part)) bytes += 2 * length + 3 * sizeof(std::string);
  return bytes;
}

}  // namespace automill::features
