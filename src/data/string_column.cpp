#include <array>
#include <automill/data/string_column.hpp>
#include <charconv>

#include "data/string_codes.hpp"
#include "data/text_rule.hpp"

namespace automill {
namespace {

template <class T>
std::string_view shortest(std::array<char, 40>& buffer, T value) {
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data())};
}

/// Days since 1970-01-01 as year, month, day (Howard Hinnant's civil_from_days).
struct Civil {
  std::int64_t year, month, day;
};
Civil civil(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097, day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153, month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

/// ISO 8601 in UTC; the time of day is left out at midnight.
std::string datetime_text(double microseconds) {
  const auto total = static_cast<std::int64_t>(microseconds);
  constexpr std::int64_t day = 86400000000;
  const std::int64_t days = total >= 0 ? total / day : -((day - 1 - total) / day), rest = total - days * day;
  const Civil date = civil(days);
  char text[64];
  int size = std::snprintf(text, sizeof text, "%04lld-%02lld-%02lld", static_cast<long long>(date.year),
                           static_cast<long long>(date.month), static_cast<long long>(date.day));
  const auto second = static_cast<long long>(rest / 1000000), fraction = static_cast<long long>(rest % 1000000);
  if (rest != 0)
    size += std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), "T%02lld:%02lld:%02lld",
                          second / 3600, second / 60 % 60, second % 60);
  if (fraction != 0)
    size += std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), ".%06lld", fraction);
  return {text, static_cast<std::size_t>(size)};
}

/// Integers of 64 bits exactly, past the precision of a double.
template <class T>
T stored(const ColumnChunk& chunk, std::size_t i) {
  const std::ptrdiff_t stride = chunk.stride != 0 ? chunk.stride : static_cast<std::ptrdiff_t>(sizeof(T));
  T value;
  std::memcpy(&value, static_cast<const char*>(chunk.data) + static_cast<std::ptrdiff_t>(chunk.first + i) * stride,
              sizeof value);
  return value;
}

std::string number_text(const ColumnChunk& chunk, std::size_t i, double value) {
  std::array<char, 40> buffer;
  if (chunk.storage == Storage::int64) return std::string(shortest(buffer, stored<std::int64_t>(chunk, i)));
  if (chunk.storage == Storage::uint64) return std::string(shortest(buffer, stored<std::uint64_t>(chunk, i)));
  if (value == std::floor(value) && std::abs(value) < 9e15)
    return std::string(shortest(buffer, static_cast<std::int64_t>(value)));
  return std::string(shortest(buffer, value));
}

std::string value_text(const Column& column, const ColumnChunk& chunk, std::size_t i, double value) {
  switch (column.kind()) {
    case ColumnKind::boolean:
      return value != 0 ? "true" : "false";
    case ColumnKind::datetime:
      return datetime_text(value);
    default:
      return number_text(chunk, i, value);
  }
}

}  // namespace

namespace {

bool is_text(const std::vector<std::string_view>& distinct, std::size_t present) {
  std::size_t words = 0;
  for (std::string_view value : distinct) words += words_in(value);
  return is_free_text(distinct.size(), present, words);
}

}  // namespace

ColumnPtr make_string_column(std::string name, std::vector<ColumnChunk> chunks, StringKind kind) {
  ColumnSchema text{.name = name, .kind = ColumnKind::text};
  if (kind == StringKind::text) return std::make_shared<const Column>(std::move(text), std::move(chunks));
  StringCodes codes;
  std::size_t rows = 0, present = 0;
  for (const ColumnChunk& chunk : chunks) rows += chunk.length;
  std::vector<std::int32_t> column;
  column.reserve(rows);
  for (const ColumnChunk& chunk : chunks) {
    for (std::size_t i = 0; i < chunk.length; ++i) {
      const std::string_view value = Column::chunk_text(chunk, i);
      if (value.data() == nullptr) {
        column.push_back(Dictionary::missing_code);
        continue;
      }
      ++present;
      column.push_back(codes.code(value));
    }
  }
  if (kind == StringKind::infer && is_text(codes.names(), present))
    return std::make_shared<const Column>(std::move(text), std::move(chunks));
  return sorted_category(std::move(name), std::move(column), codes.names());
}

ColumnPtr to_string_column(const Column& column, StringKind kind) {
  struct Texts {
    std::vector<std::string> values;
    std::vector<std::string_view> views;
  };
  auto owned = std::make_shared<Texts>();
  owned->views.reserve(column.size());
  const bool strings = column.kind() == ColumnKind::category || column.kind() == ColumnKind::text;
  if (!strings) owned->values.reserve(column.size());
  std::vector<double> numbers(column.size());
  column.numbers(0, numbers.size(), numbers.data());
  std::size_t row = 0;
  for (const ColumnChunk& chunk : column.chunks()) {
    for (std::size_t i = 0; i < chunk.length; ++i, ++row) {
      if (std::isnan(numbers[row])) {
        owned->views.emplace_back();
      } else if (strings) {
        owned->views.push_back(column.text(row));
      } else {
        owned->values.push_back(value_text(column, chunk, i, numbers[row]));
        owned->views.emplace_back(owned->values.back());
      }
    }
  }
  if (kind != StringKind::text) {
    ColumnChunk views{.storage = Storage::text_view, .length = row, .data = owned->views.data()};
    return make_string_column(column.name(), {views}, kind);
  }
  return make_text_column(column.name(), owned->views);
}

ColumnPtr keep_integers_exact(ColumnPtr column) {
  constexpr std::int64_t limit = std::int64_t{1} << 53;
  bool exact = true;
  for (const ColumnChunk& chunk : column->chunks()) {
    if (column->kind() != ColumnKind::number || chunk.scale != 1.0 || chunk.shift != 0.0) return column;
    for (std::size_t i = 0; i < chunk.length && exact; ++i) {
      if (chunk.storage == Storage::int64) {
        const auto value = stored<std::int64_t>(chunk, i);
        exact = (value >= -limit && value <= limit) || !chunk.valid(i);
      } else if (chunk.storage == Storage::uint64) {
        exact = stored<std::uint64_t>(chunk, i) <= static_cast<std::uint64_t>(limit) || !chunk.valid(i);
      } else {
        break;
      }
    }
  }
  if (exact) return column;
  const ColumnPtr digits = to_string_column(*column, StringKind::category);
  ColumnSchema schema = digits->schema();
  schema.integer = true;
  return std::make_shared<const Column>(std::move(schema), digits->chunks());
}

}  // namespace automill
