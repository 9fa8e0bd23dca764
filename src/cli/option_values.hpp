#pragma once
// Values of options as people write them: "60", "90s", "5min", "4GiB", "a,b", "age=number". What cannot be read is a
// fault that names the option.

#include <automill/core/error.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace automill::cli {

/// "0.5", "1e-3". No unit.
std::optional<double> read_number(std::string_view text);
std::optional<std::int64_t> read_integer(std::string_view text);
/// Seconds: "60", "60s", "500ms", "5min", "5m", "1h".
std::optional<double> read_seconds(std::string_view text);
/// Bytes: "1073741824", "512MiB", "4GiB", "500MB", "4G" (as GiB).
std::optional<std::uint64_t> read_bytes(std::string_view text);
/// Elements of all values, each split at its commas; "\," is a comma that belongs to an element.
std::vector<std::string> read_list(const std::vector<std::string>& values);
/// "name=value", split at the last '='; names may hold any character.
std::optional<std::pair<std::string, std::string>> read_pair(const std::string& text);

}  // namespace automill::cli
