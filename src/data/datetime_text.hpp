#pragma once
// ISO 8601 dates as microseconds since 1970-01-01 UTC: 2024-02-29, then optionally T or a space, 23:59, 23:59:59 or
// 23:59:59.123456, then optionally Z, +02:00, +0200 or +02. Without an offset the time is taken as UTC; digits of a
// second behind the sixth are cut off. Years 0001 to 9999.

#include <cstdint>
#include <optional>
#include <string_view>

namespace automill {

namespace datetime_detail {

/// `count` digits at text[at]; -1 when they are not there.
inline int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    if (digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

inline int days_in_month(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant's days_from_civil; years count from March).
inline std::int64_t days_since_1970(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = y / 400, year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/// Takes "hh:mm", "hh:mm:ss" or with a fraction off the front of `text`; microseconds of the day.
inline std::optional<std::int64_t> take_time(std::string_view& text) {
  const int hour = digits_at(text, 0, 2), minute = digits_at(text, 3, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[2] != ':') return std::nullopt;
  std::int64_t microseconds = (hour * 60 + minute) * std::int64_t{60000000};
  text.remove_prefix(5);
  if (text.empty() || text[0] != ':') return microseconds;
  const int second = digits_at(text, 1, 2);
  if (second < 0 || second > 59) return std::nullopt;
  microseconds += second * std::int64_t{1000000};
  text.remove_prefix(3);
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return microseconds;
  if (digits_at(text, 1, 1) < 0) return std::nullopt;
  text.remove_prefix(1);
  for (std::int64_t unit = 100000; digits_at(text, 0, 1) >= 0; unit /= 10) {
    microseconds += unit * (text[0] - '0');
    text.remove_prefix(1);
  }
  return microseconds;
}

/// An offset from UTC in microseconds: "", "Z", "+hh", "+hhmm", "+hh:mm".
inline std::optional<std::int64_t> read_offset(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if (text[0] != '+' && text[0] != '-') return std::nullopt;
  const int hours = digits_at(text, 1, 2);
  const std::size_t colon = text.size() == 6 && text[3] == ':' ? 1 : 0;
  const int minutes = text.size() == 3 ? 0 : text.size() == 5 + colon ? digits_at(text, 3 + colon, 2) : -1;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t offset = (hours * 60 + minutes) * std::int64_t{60000000};
  return text[0] == '-' ? -offset : offset;
}

}  // namespace datetime_detail

/// Microseconds since 1970-01-01 UTC; nothing when the text is not such a date.
inline std::optional<std::int64_t> parse_datetime(std::string_view text) {
  using namespace datetime_detail;
  constexpr std::int64_t day_length = 86400000000;
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (day > days_in_month(year, month)) return std::nullopt;
  const std::int64_t date = days_since_1970(year, month, day) * day_length;
  text.remove_prefix(10);
  if (text.empty()) return date;
  if (text[0] != 'T' && text[0] != 't' && text[0] != ' ') return std::nullopt;
  text.remove_prefix(1);
  const auto time = take_time(text);
  if (!time) return std::nullopt;
  const auto offset = read_offset(text);
  if (!offset) return std::nullopt;
  return date + *time - *offset;
}

}  // namespace automill
