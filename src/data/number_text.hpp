#pragma once
// Numbers from text, correctly rounded, at a few nanoseconds each. Grammar: sign, digits with at most one point,
// exponent; "inf" and "infinity" in any case. No spaces, no separators of thousands, no hexadecimals.

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "data/digits.hpp"

namespace automill {

enum class NumberForm : std::uint8_t {
  not_a_number,
  number,         ///< with a point or an exponent, or infinite
  whole_number,   ///< digits alone, at most 2^53
  leading_zero,   ///< "007": a code rather than a number
  beyond_double,  ///< a whole number above 2^53, which a double does not hold exactly
};

namespace number_detail {

inline constexpr std::uint64_t largest_exact = std::uint64_t{1} << 53;
inline constexpr double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                           1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

inline NumberForm parse_infinity(std::string_view text, bool negative, double& value) {
  constexpr std::string_view spelled = "infinity";
  if (text.size() != 3 && text.size() != 8) return NumberForm::not_a_number;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] | 0x20) != spelled[i]) return NumberForm::not_a_number;
  value = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  return NumberForm::number;
}

/// Digits, their number and the power of ten of a decimal text.
struct Decimal {
  static constexpr int capacity = 19;  ///< digits that any 64-bit mantissa holds
  std::uint64_t mantissa = 0;          ///< the first 19 digits
  int digits = 0;                      ///< all of them
  std::int64_t exponent = 0;           ///< value = mantissa * 10^exponent where digits <= 19
  bool whole = true;                   ///< neither point nor exponent
  bool zero_led = false;

  double value(std::string_view text, bool negative) const {
    const double sign = negative ? -1.0 : 1.0;
    if (digits <= capacity && mantissa <= largest_exact && exponent >= -22 && exponent <= 22) {
      const double exact = static_cast<double>(mantissa);  // one rounding: exact operands
      return sign * (exponent < 0 ? exact / powers_of_ten[-exponent] : exact * powers_of_ten[exponent]);
    }
    double result = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error == std::errc::result_out_of_range) result = exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    return sign * result;
  }
};

/// Takes digits off the front of [at, end), eight at a time where there are so many.
inline const char* take_digits(const char* at, const char* end, Decimal& decimal) {
  while (end - at >= 8 && decimal.digits + 8 <= Decimal::capacity) {
    const std::uint64_t word = load_eight(at) ^ eight_characters("00000000");
    if (!all_digits(word)) break;
    decimal.mantissa = decimal.mantissa * 100000000 + eight_digits(word);
    decimal.digits += 8;
    at += 8;
  }
  for (; at != end && static_cast<unsigned char>(*at - '0') <= 9; ++at) {
    if (++decimal.digits <= Decimal::capacity)
      decimal.mantissa = decimal.mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  return at;
}

/// Takes "e-12" off the front of [at, end); null when it is not complete.
inline const char* take_exponent(const char* at, const char* end, Decimal& decimal) {
  ++at;
  const bool down = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  if (at == end) return nullptr;
  std::int64_t power = 0;
  for (; at != end && static_cast<unsigned char>(*at - '0') <= 9; ++at)
    if (power < 100000) power = power * 10 + (*at - '0');
  decimal.exponent += down ? -power : power;
  decimal.whole = false;
  return at;
}

/// Reads all of `text`, which has no sign.
inline bool read_decimal(std::string_view text, Decimal& decimal) {
  const char *at = text.data(), *const end = at + text.size();
  at = take_digits(at, end, decimal);
  const int before = decimal.digits;
  decimal.zero_led = before > 1 && text[0] == '0';
  if (at != end && *at == '.') {
    decimal.whole = false;
    at = take_digits(at + 1, end, decimal);
  }
  if (decimal.digits == 0) return false;
  const int stored = decimal.digits < Decimal::capacity ? decimal.digits : static_cast<int>(Decimal::capacity);
  decimal.exponent = before - stored;
  if (at != end && (*at | 0x20) == 'e') at = take_exponent(at, end, decimal);
  return at == end;
}

/// Any length and form. Kept out of the loops that parse_number is inlined into.
[[gnu::noinline]] inline NumberForm parse_any_number(std::string_view text, double& value) {
  if (text.empty()) return NumberForm::not_a_number;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  Decimal decimal;
  if (!read_decimal(text, decimal)) return parse_infinity(text, negative, value);
  value = decimal.value(text, negative);
  if (decimal.zero_led) return NumberForm::leading_zero;
  if (!decimal.whole) return NumberForm::number;
  const bool exact = decimal.digits <= Decimal::capacity && decimal.mantissa <= largest_exact;
  return exact ? NumberForm::whole_number : NumberForm::beyond_double;
}

}  // namespace number_detail

/// The number that `text` spells. `value` is set in every form but not_a_number.
/// `loadable`: the 8 bytes before the end of the text may be read (they need not belong to it).
[[gnu::always_inline]] inline NumberForm parse_number(std::string_view text, bool loadable, double& value) {
  using namespace number_detail;
  const char* end = text.data() + text.size();
  const bool negative = !text.empty() && text[0] == '-';
  const std::size_t length = text.size() - (negative ? 1 : 0);
  if (!loadable || length - 1 > 7) return parse_any_number(text, value);  // also length 0
  // up to 8 characters: the word that ends with the text; characters before it count as leading zeros
  const int unused = static_cast<int>(64 - 8 * length);
  std::uint64_t word = ((load_eight(end - 8) ^ eight_characters("00000000")) >> unused) << unused;
  const double sign = negative ? -1.0 : 1.0;
  const bool zero_led = *(end - length) == '0';
  if (all_digits(word)) {
    value = sign * static_cast<double>(eight_digits(word));
    return zero_led && length > 1 ? NumberForm::leading_zero : NumberForm::whole_number;
  }
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  const std::uint64_t x = word ^ (ones * ('.' ^ '0'));
  const std::uint64_t points = (x - ones) & ~x & (ones * 0x80);
  if (points == 0 || length < 2) return parse_any_number(text, value);
  const int at = std::countr_zero(points) & ~7;  // bits below the point
  const std::uint64_t low = (std::uint64_t{1} << at) - 1;
  word = (word & (~low << 8)) | ((word & low) << 8);
  if (!all_digits(word)) return parse_any_number(text, value);
  const int after = 7 - at / 8;
  value = sign * (static_cast<double>(eight_digits(word)) / powers_of_ten[after]);
  return zero_led && length - 1 - static_cast<std::size_t>(after) > 1 ? NumberForm::leading_zero : NumberForm::number;
}

}  // namespace automill
