#pragma once
// ISO 8601 dates as microseconds since 1970-01-01 UTC: 2024-02-29, then optionally T or a space, 23:59, 23:59:59 or
// 23:59:59.123456, then optionally Z, +02:00, +0200 or +02. Without an offset the time is taken as UTC; digits of a
// second behind the sixth are cut off. Years 0001 to 9999.

#include <cstdint>
#include <optional>
#include <string_view>

#include "data/digits.hpp"

namespace automill {

namespace datetime_detail {

inline constexpr int none = -1;

/// Two digits at text[at]; `none` when they are not there.
inline int two_digits(std::string_view text, std::size_t at) {
  if (text.size() < at + 2) return none;
  const auto tens = static_cast<unsigned char>(text[at] - '0'), ones = static_cast<unsigned char>(text[at + 1] - '0');
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : none;
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
  const int hour = two_digits(text, 0), minute = two_digits(text, 3);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[2] != ':') return std::nullopt;
  std::int64_t microseconds = (hour * 60 + minute) * std::int64_t{60000000};
  text.remove_prefix(5);
  if (text.empty() || text[0] != ':') return microseconds;
  const int second = two_digits(text, 1);
  if (second < 0 || second > 59) return std::nullopt;
  microseconds += second * std::int64_t{1000000};
  text.remove_prefix(3);
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return microseconds;
  if (text.size() < 2 || !is_digit(text[1])) return std::nullopt;
  text.remove_prefix(1);
  for (std::int64_t unit = 100000; !text.empty() && is_digit(text[0]); unit /= 10) {
    microseconds += unit * (text[0] - '0');
    text.remove_prefix(1);
  }
  return microseconds;
}

/// An offset from UTC in microseconds: "", "Z", "+hh", "+hhmm", "+hh:mm".
inline std::optional<std::int64_t> read_offset(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if (text[0] != '+' && text[0] != '-') return std::nullopt;
  const int hours = two_digits(text, 1);
  const std::size_t colon = text.size() == 6 && text[3] == ':' ? 1 : 0;
  const int minutes = text.size() == 3           ? 0
                      : text.size() == 5 + colon ? two_digits(text, 3 + colon)
                                                 : static_cast<int>(none);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t offset = (hours * 60 + minutes) * std::int64_t{60000000};
  return text[0] == '-' ? -offset : offset;
}

/// The most frequent forms by whole words: "2024-02-29", with " 23:59", with " 23:59:59". False for anything else, also
/// for what is no date.
inline bool parse_plain_datetime(std::string_view text, std::int64_t& microseconds) {
  if (text.size() != 10 && text.size() != 16 && text.size() != 19) return false;
  const char* at = text.data();
  const std::uint64_t date = load_eight(at) ^ eight_characters("0000-00-");
  const auto digit = [](std::uint64_t word, int place) { return static_cast<int>(word >> (8 * place) & 0xFF); };
  const auto two = [&](std::uint64_t word, int place) { return 10 * digit(word, place) + digit(word, place + 1); };
  if (!all_digits(date) || (date & 0xFF0000FF00000000ULL) != 0) return false;
  const int year = 100 * two(date, 0) + two(date, 2), month = two(date, 5), day = two_digits(text, 8);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  std::int64_t seconds = days_since_1970(year, month, day) * 86400;
  if (text.size() > 10) {
    if (at[10] != ' ' && at[10] != 'T') return false;
    const std::uint64_t time = load_eight(at + 8) ^ eight_characters("00 00:00");  // the day again, a blank, hh:mm
    const std::uint64_t clock = time & ~std::uint64_t{0xFF0000};
    const int hour = two(clock, 3), minute = two(clock, 6);
    if (!all_digits(clock) || digit(clock, 5) != 0 || hour > 23 || minute > 59) return false;
    const int second = text.size() == 16 ? 0 : two_digits(text, 17);
    if (second < 0 || second > 59 || (text.size() == 19 && at[16] != ':')) return false;
    seconds += (hour * 60 + minute) * 60 + second;
  }
  microseconds = seconds * 1000000;
  return true;
}

}  // namespace datetime_detail

/// Microseconds since 1970-01-01 UTC; nothing when the text is not such a date.
inline std::optional<std::int64_t> parse_datetime(std::string_view text) {
  using namespace datetime_detail;
  std::int64_t plain = 0;
  if (parse_plain_datetime(text, plain)) return plain;
  constexpr std::int64_t day_length = 86400000000;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int century = two_digits(text, 0), of_century = two_digits(text, 2), month = two_digits(text, 5),
            day = two_digits(text, 8), year = 100 * century + of_century;
  if (century < 0 || of_century < 0 || year < 1 || month < 1 || month > 12 || day < 1) return std::nullopt;
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
