#include "cli/option_values.hpp"

#include <charconv>
#include <cmath>

namespace automill::cli {
namespace {

template <class T>
std::optional<T> read_whole(std::string_view text) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view name;
  double factor;
};

/// A number and one of the units; the first unit is meant when none is written.
template <std::size_t N>
std::optional<double> read_with_unit(std::string_view text, const Unit (&units)[N]) {
  const std::size_t digits = text.find_last_of("0123456789.");
  if (digits == std::string_view::npos) return std::nullopt;
  std::string_view number = text.substr(0, digits + 1), unit = text.substr(digits + 1);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto value = read_whole<double>(number);
  if (!value) return std::nullopt;
  for (const Unit& known : units)
    if (unit == known.name || (unit.empty() && known.factor == 1)) return *value * known.factor;
  return std::nullopt;
}

}  // namespace

std::optional<double> read_number(std::string_view text) { return read_whole<double>(text); }
std::optional<std::int64_t> read_integer(std::string_view text) { return read_whole<std::int64_t>(text); }

std::optional<double> read_seconds(std::string_view text) {
  static constexpr Unit units[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60}, {"m", 60}, {"h", 3600}};
  return read_with_unit(text, units);
}

std::optional<std::uint64_t> read_bytes(std::string_view text) {
  static constexpr Unit units[] = {
      {"B", 1},    {"KiB", 1024},    {"MiB", 1048576.0},  {"GiB", 1073741824.0},  {"TiB", 1099511627776.0},
      {"K", 1024}, {"M", 1048576.0}, {"G", 1073741824.0}, {"T", 1099511627776.0}, {"kB", 1e3},
      {"MB", 1e6}, {"GB", 1e9},      {"TB", 1e12}};
  const auto bytes = read_with_unit(text, units);
  if (!bytes || !(*bytes >= 0) || *bytes > 9e18) return std::nullopt;
  return static_cast<std::uint64_t>(*bytes);
}

std::vector<std::string> read_list(const std::vector<std::string>& values) {
  std::vector<std::string> elements;
  for (const std::string& value : values) {
    elements.emplace_back();
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '\\' && i + 1 < value.size() && (value[i + 1] == ',' || value[i + 1] == '\\'))
        elements.back() += value[++i];
      else if (value[i] == ',') elements.emplace_back();
      else elements.back() += value[i];
    }
  }
  return elements;
}

std::optional<std::pair<std::string, std::string>> read_pair(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace automill::cli
