// Numbers from text against strtod of the C library (correctly rounded in glibc), over many forms and lengths.

#include <gtest/gtest.h>

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "data/number_text.hpp"

namespace automill {
namespace {

/// The text behind eight other bytes, so that the vector code may load them.
NumberForm parse_loadable(const std::string& text, double& value) {
  const std::string padded = "9999.9-9" + text;
  return parse_number(std::string_view(padded).substr(8), true, value);
}

void expect_as_strtod(const std::string& text) {
  const double expected = std::strtod(text.c_str(), nullptr);
  for (const bool loadable : {true, false}) {
    double value = 17;
    const NumberForm form = loadable ? parse_loadable(text, value) : parse_number(text, false, value);
    ASSERT_NE(form, NumberForm::not_a_number) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>(expected)) << text << " gave " << value;
  }
}

TEST(NumberText, AllShortDecimals) {
  for (int number = -1100; number <= 11000; ++number) {
    const std::string digits = std::to_string(number);
    expect_as_strtod(digits);
    for (std::size_t point = number < 0 ? 1 : 0; point <= digits.size(); ++point)
      expect_as_strtod(std::string(digits).insert(point, "."));
  }
}
TEST(NumberText, RandomDigitsOfEveryLength) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    std::string text(random() % 4 == 0 ? "-" : "");
    const std::size_t length = 1 + random() % 26;
    for (std::size_t k = 0; k < length; ++k) text.push_back(static_cast<char>('0' + random() % 10));
    if (random() % 3 != 0) text.insert(text.size() - random() % length, ".");
    if (random() % 5 == 0) text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
    expect_as_strtod(text);
  }
}
TEST(NumberText, RandomDoublesInSeventeenDigits) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    char text[64];
    std::snprintf(text, sizeof text, i % 2 == 0 ? "%.17g" : "%.16e", value);
    expect_as_strtod(text);
  }
}
TEST(NumberText, EdgesOfTheRange) {
  for (const char* text : {"1.7976931348623157e308", "4.9406564584124654e-324", "2.2250738585072014e-308", "1e-400",
                           "1e400", "-1e400", "0.000000000000000000000000000000000000000000001",
                           "100000000000000000000000000000000000000000000", "9007199254740993", "9007199254740992.5",
                           "18446744073709551616", "99999999999999999999", "0e99999999999", "1e-99999999999", "1e22",
                           "1e23", "123456789012345678e-10", "0.1e1", "00000000000000000000000000000000000000001"})
    expect_as_strtod(text);
}

TEST(NumberText, Forms) {
  const std::vector<std::pair<std::string, NumberForm>> cases{{"0", NumberForm::whole_number},
                                                              {"-0", NumberForm::whole_number},
                                                              {"12345678", NumberForm::whole_number},
                                                              {"123456789", NumberForm::whole_number},
                                                              {"9007199254740992", NumberForm::whole_number},
                                                              {"1.0", NumberForm::number},
                                                              {"1e3", NumberForm::number},
                                                              {"123456789.5", NumberForm::number},
                                                              {"inf", NumberForm::number},
                                                              {"007", NumberForm::leading_zero},
                                                              {"-00", NumberForm::leading_zero},
                                                              {"00.5", NumberForm::leading_zero},
                                                              {"000000000001", NumberForm::leading_zero},
                                                              {"0.5", NumberForm::number},
                                                              {"0.25000000000", NumberForm::number},
                                                              {"9007199254740993", NumberForm::beyond_double},
                                                              {"99999999999999999999", NumberForm::beyond_double}};
  for (const auto& [text, form] : cases) {
    double value = 0;
    EXPECT_EQ(parse_loadable(text, value), form) << text;
    EXPECT_EQ(parse_number(text, false, value), form) << text;
  }
}
// One wrong character at every place of numbers of every length.
TEST(NumberText, AnyOtherCharacterIsNoNumber) {
  const std::string wrong =
      " /:;<=>?@ABCDFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdfghijklmnopqrstuvwxyz{}|~!\"#$%&'()*,\x80\xff\x7f\x01";
  for (std::size_t length = 1; length <= 20; ++length)
    for (std::size_t at = 0; at < length; ++at)
      for (const char c : wrong) {
        std::string text(length, '1');
        text[at] = c;
        double value = 0;
        ASSERT_EQ(parse_loadable(text, value), NumberForm::not_a_number) << text;
        ASSERT_EQ(parse_number(text, false, value), NumberForm::not_a_number) << text;
      }
  for (const char* text : {"", "-", "+", ".", "-.", "1..2", "1.2.", "--1", "+-1", "1e", "1e+", "e1", ".e1", "1-", "nan",
                           "in", "infinit", "infinityy"}) {
    double value = 0;
    EXPECT_EQ(parse_loadable(text, value), NumberForm::not_a_number) << text;
    EXPECT_EQ(parse_number(text, false, value), NumberForm::not_a_number) << text;
  }
}

}  // namespace
}  // namespace automill
