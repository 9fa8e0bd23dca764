// Spellings of numbers and times: what a format reads, and which format a column has. Expected numbers are those that
// the text says; points in time are days of the calendar times 86,400 s.

#include <gtest/gtest.h>

#include <automill/core/random.hpp>

#include "data/cell_format.hpp"
#include "data/convert_column.hpp"
#include "data/format_inference.hpp"

namespace automill {
namespace {

constexpr double day = 86400e6;
constexpr double christmas = 19715 * day;  // 2023-12-24

std::optional<double> read(ColumnKind kind, const char* spec, std::string_view text) {
  const auto format = CellFormat::from_spec(kind, spec);
  EXPECT_TRUE(format.has_value()) << spec;
  return format ? format->read(text) : std::nullopt;
}
std::optional<double> number(const char* spec, std::string_view text) { return read(ColumnKind::number, spec, text); }
std::optional<double> time(const char* spec, std::string_view text) { return read(ColumnKind::datetime, spec, text); }

TEST(CellFormat, NumbersWithSeparators) {
  EXPECT_EQ(number("#,#.#", "1,234,567.5"), 1234567.5);
  EXPECT_EQ(number("#,#.#", "999"), 999);
  EXPECT_EQ(number("#,#.#", "12,34,567"), 1234567);  // as in India
  EXPECT_EQ(number("#.#,#", "1.234.567,5"), 1234567.5);
  EXPECT_EQ(number("#.#,#", "1.234"), 1234);
  EXPECT_EQ(number("# #,#", "1 234,5"), 1234.5);
  EXPECT_EQ(number("# #,#",
                   "1\xC2\xA0"
                   "234,5"),
            1234.5);
  EXPECT_EQ(number("# #,#",
                   "1\xE2\x80\xAF"
                   "234,5"),
            1234.5);
  EXPECT_EQ(number("#'#.#", "12'345.25"), 12345.25);
  EXPECT_EQ(number("##,#", "3,25"), 3.25);
  EXPECT_EQ(number("##.#", "1e3"), 1000);
  EXPECT_EQ(number("##.#", ".5"), 0.5);
}

TEST(CellFormat, NumbersThatAreNone) {
  for (const char* text : {"",    "  ",     "1,23",   "12,3456", "0,123",
                           ",5",  "1,,234", "1,234,", "abc",     "1 2",
                           "--5", "1.2.3",  "inf",    "nan",     "$",
                           "(",   ")",      "()",     "5 kg",    "12345678901234567890123456789012345678901234567890"})
    EXPECT_FALSE(number("#,#.#", text).has_value()) << text;
}

TEST(CellFormat, UnitsAndSigns) {
  EXPECT_EQ(number("$#,#.#", "$1,234.50"), 1234.5);
  EXPECT_EQ(number("$#,#.#", "1,234.50"), 1234.5);
  EXPECT_EQ(number("$#,#.#", "-$5"), -5);
  EXPECT_EQ(number("$#,#.#", "$-5"), -5);
  EXPECT_EQ(number("$#,#.#", "($1,234.50)"), -1234.5);
  EXPECT_EQ(number("$#,#.#", "$(5)"), -5);
  EXPECT_EQ(number("$#,#.#", "\xE2\x88\x92$5"), -5);  // the minus sign of typesetting
  EXPECT_EQ(number("$#,#.#", "+$5"), std::nullopt);
  EXPECT_EQ(number("$#,#.#", "+5"), 5);
  EXPECT_EQ(number("$#,#.#", "\xE2\x82\xAC 5"), std::nullopt);
  EXPECT_EQ(number("#,#.# USD", "1,234 USD"), 1234);
  EXPECT_EQ(number("#,#.# USD", "1,234usd"), 1234);
  EXPECT_EQ(number("#,#.# USD", "1,234 EUR"), std::nullopt);
  EXPECT_EQ(number("#.#,# \xE2\x82\xAC", "1.234,50 \xE2\x82\xAC"), 1234.5);
  EXPECT_EQ(number("#,#.# months", "1 month"), 1);
  EXPECT_EQ(number("#,#.# month", "60 months"), 60);
  EXPECT_EQ(number("#,#.# s", "5 s"), 5);
  EXPECT_EQ(number("#,#.# ms", "5 m"), std::nullopt);
  EXPECT_EQ(number("#,#.# m", "5 ms"), std::nullopt);
  EXPECT_EQ(number("#,#.# kg", "kg"), std::nullopt);
  EXPECT_EQ(number("##.# %", "12.5%"), 12.5);
  EXPECT_EQ(number("##.# %", "-3 %"), -3);
}

TEST(CellFormat, Times) {
  EXPECT_EQ(time("%d.%m.%Y", "24.12.2023"), christmas);
  EXPECT_EQ(time("%d.%m.%Y", "2023-12-24"), christmas);
  EXPECT_EQ(time("%m/%d/%y", "12/24/23"), christmas);
  EXPECT_EQ(time("%m/%d/%y", "1/2/69"), -364 * day);
  EXPECT_EQ(time("%d %b %Y", "24 December 2023"), christmas);
  EXPECT_EQ(time("%d-%b-%Y", "24-DEC-2023"), christmas);
  EXPECT_EQ(time("%b %d, %Y", "Dec. 24, 2023"), christmas);
  EXPECT_EQ(time("%a, %d %b %Y", "Sun, 24 Dec 2023"), christmas);
  EXPECT_EQ(time("%m/%d/%Y %I:%M %p", "12/24/2023 12:00 AM"), christmas);
  EXPECT_EQ(time("%m/%d/%Y %I:%M %p", "12/24/2023 1:30 pm"), christmas + 13.5 * 3600e6);
  EXPECT_EQ(time("%d.%m.%Y %H:%M:%S", "24.12.2023  23:59:59"), christmas + 86399e6);
  EXPECT_EQ(time("%b %Y", "Jan 1970"), 0);
  for (const char* text : {"", "24.12.", "24.13.2023", "31.02.2023", "24.12.20233", "24/12/2023", "x"})
    EXPECT_FALSE(time("%d.%m.%Y", text).has_value()) << text;
  EXPECT_FALSE(time("%m/%d/%Y %I:%M %p", "12/24/2023 13:00 PM").has_value());
  EXPECT_FALSE(time("%d %b %Y", "24 Decembre 2023").has_value());
}

TEST(CellFormat, OddSpecsAreRefused) {
  for (const char* spec : {"", "#", "##", "###", "#.#.#", "#x#.#", "#,#;#", "# # #", "%d"})
    EXPECT_FALSE(CellFormat::from_spec(ColumnKind::number, spec).has_value()) << spec;
  for (const char* spec : {"", "d", "%", "%d%", "%x", "#,#.#"})
    EXPECT_FALSE(CellFormat::from_spec(ColumnKind::datetime, spec).has_value()) << spec;
  EXPECT_FALSE(CellFormat::from_spec(ColumnKind::category, "##.#").has_value());
  EXPECT_FALSE(CellFormat::from_spec(ColumnKind::number, std::string(80, '$') + "#,#.#").has_value());
}

/// Any bytes: no fault, and what is read is a number.
TEST(CellFormat, AnyBytes) {
  const char* numbers[] = {"$#,#.#", "#.#,# kg", "# #,#", "##.# %"};
  const char* times[] = {"%d.%m.%Y", "%b %d, %Y %I:%M %p", "%a %d/%m/%y"};
  for (std::uint64_t i = 0; i < 20000; ++i) {
    RandomStream random(7, purpose("cells"), i);
    static constexpr std::string_view alphabet = "0123456789.,'- $%()/:kgdecJanMonPM\xC2\xA0\xE2\x80\xAF#eE+";
    std::string text;
    for (std::uint64_t k = random.below(24); k > 0; --k) text += alphabet[random.below(alphabet.size())];
    for (const char* spec : numbers)
      if (const auto value = number(spec, text)) EXPECT_FALSE(std::isnan(*value)) << text;
    for (const char* spec : times)
      if (const auto value = time(spec, text)) EXPECT_TRUE(std::isfinite(*value)) << text;
    const auto first = CellFormat::from_spec(ColumnKind::number, text),
               second = CellFormat::from_spec(ColumnKind::datetime, text);
    if (first) (void)first->read("1,234.5");
    if (second) (void)second->read("24.12.2023");
  }
}

// ---- inference ----

std::optional<FoundFormat> infer(const std::vector<std::string>& texts, std::optional<ColumnKind> kind = {}) {
  std::vector<DistinctCell> cells;
  for (const auto& text : texts) cells.push_back({text, 1});
  return kind ? infer_format(cells, *kind) : infer_format(cells);
}
std::string format_of(const std::vector<std::string>& texts) {
  const auto found = infer(texts);
  return found ? column_kind_name(found->kind) + " " + found->format : "none";
}

TEST(FormatInference, Numbers) {
  EXPECT_EQ(format_of({"$1,234.50", "$5", "($3.20)"}), "number $#,#.#");
  EXPECT_EQ(format_of({"1,234", "999", "12,345"}), "number #,#.#");
  EXPECT_EQ(format_of({"1,5", "2,25", "3,125"}), "number #.#,#");
  EXPECT_EQ(format_of({"1.234,5", "2.000", "3"}), "number #.#,#");
  EXPECT_EQ(format_of({"1,234 USD", "99 USD", "1 USD"}), "number #,#.# USD");
  EXPECT_EQ(format_of({"12.5%", "3%", "0.1%"}), "number #,#.# %");
  EXPECT_EQ(format_of({"60 months", "36 months"}), "number #,#.# months");
  EXPECT_EQ(format_of({"0,123", "0,456"}), "number #.#,#");
  EXPECT_EQ(format_of({"0.5", "1.25", "7"}), "number #,#.#");
  EXPECT_EQ(format_of({"0.5", "1.25", "NA", "?"}), "number #,#.#");
}

TEST(FormatInference, WhatStaysCategories) {
  EXPECT_EQ(format_of({"1", "2", "3"}), "none");        // few whole numbers given as text
  EXPECT_EQ(format_of({"007", "12.5", "13"}), "none");  // codes
  EXPECT_EQ(format_of({"5 kg", "5 lb", "7 kg", "9 lb"}), "none");
  EXPECT_EQ(format_of({"A12", "B7", "C99"}), "none");
  EXPECT_EQ(format_of({"20-29", "30-39"}), "none");
  EXPECT_EQ(format_of({"<5", ">=10"}), "none");
  EXPECT_EQ(format_of({"1.2.3", "1.10.0"}), "none");
  EXPECT_EQ(format_of({"red", "green"}), "none");
  EXPECT_EQ(format_of({}), "none");
  EXPECT_EQ(format_of({"?", "NA"}), "none");
  EXPECT_EQ(format_of({"9007199254740993", "12.5"}), "none");
}

/// One cell in ten in another unit would be missing without a word.
TEST(FormatInference, WordsMayStandBesideNumbersButNotOtherNumbers) {
  std::vector<std::string> weights;
  for (int i = 1; i <= 30; ++i) weights.push_back(std::to_string(i) + " kg");
  weights.push_back("unknown weight");
  EXPECT_EQ(format_of(weights), "number #,#.# kg");
  weights.push_back("5 lb");
  EXPECT_EQ(format_of(weights), "none");
}

TEST(FormatInference, NinetyPercentMustParse) {
  std::vector<std::string> dates;
  for (int i = 1; i <= 27; ++i) dates.push_back((i < 10 ? "0" : "") + std::to_string(i) + ".03.2020");
  dates.insert(dates.end(), {"soon", "later", "unknown date"});
  const auto found = infer(dates);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->format, "%d.%m.%Y");
  EXPECT_EQ(found->unread, 3U);
  dates.push_back("never");
  EXPECT_FALSE(infer(dates).has_value());
}

TEST(FormatInference, DaysAndMonths) {
  EXPECT_EQ(format_of({"03/04/2020", "13/04/2020", "01/02/2021"}), "datetime %d/%m/%Y");
  EXPECT_EQ(format_of({"03/04/2020", "04/13/2020", "01/02/2021"}), "datetime %m/%d/%Y");
  const auto found = infer({"03/04/2020", "05/06/2020"});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->format, "%m/%d/%Y");
  EXPECT_NE(found->ambiguity.find("%d/%m/%Y"), std::string::npos);
  EXPECT_EQ(format_of({"3-Jan-2020", "14-Feb-2020"}), "datetime %d-%b-%Y");
  EXPECT_EQ(format_of({"Jan 3, 2020", "February 14, 2020"}), "datetime %b %d, %Y");
  EXPECT_EQ(format_of({"2020/01/03", "2021/11/30"}), "datetime %Y/%m/%d");
  EXPECT_EQ(format_of({"1/3/2020 4:05 PM", "11/30/2020 12:00 AM"}), "datetime %m/%d/%Y %I:%M %p");
  EXPECT_EQ(format_of({"24.12.2023 18:30", "01.02.2023 07:00"}), "datetime %d.%m.%Y %H:%M");
  EXPECT_EQ(format_of({"2020-01-03", "2021-11-30"}), "datetime %Y-%m-%d");
}

TEST(FormatInference, BooleansAndNestedCells) {
  EXPECT_EQ(format_of({"yes", "no"}), "boolean yes/no");
  EXPECT_EQ(format_of({"True", "False", "NA"}), "boolean True/False");
  EXPECT_EQ(format_of({"yes", "no", "maybe"}), "none");
  const auto nested = [](const std::vector<std::string>& texts) {
    std::vector<DistinctCell> cells;
    for (const auto& text : texts) cells.push_back({text, 1});
    return nested_cells(cells);
  };
  EXPECT_EQ(nested({"[1, 2]", "[]", "['a']"}), "lists");
  EXPECT_EQ(nested({"{\"a\": 1}", "{}"}), "JSON objects");
  EXPECT_EQ(nested({"[1, 2]", "plain", "plain too"}), "");
}

TEST(FormatInference, AKindThatIsAskedForMustFitEveryCell) {
  EXPECT_EQ(infer({"1", "2"}, ColumnKind::number)->format, "#,#.#");
  EXPECT_FALSE(infer({"$1", "$2", "x"}, ColumnKind::number).has_value());
  EXPECT_EQ(infer({"$1", "$2", "NA"}, ColumnKind::number)->format, "$#,#.#");
}

/// The format found is the one that wrote the column, whatever wrote it.
TEST(FormatInference, FindsWhatWroteTheColumn) {
  const char* specs[] = {"$#,#.#", "#.#,# kg", "# #,# %", "#'#.# CHF"};
  for (const char* spec : specs) {
    const auto format = CellFormat::from_spec(ColumnKind::number, spec);
    const std::string_view text(spec);
    const char thousands = text[text.find('#') + 1], point = text[text.find('#') + 3];
    std::vector<std::string> cells;
    std::vector<double> values;
    for (std::uint64_t i = 0; i < 300; ++i) {
      RandomStream random(3, purpose("written"), i);
      const auto whole = static_cast<std::int64_t>(random.below(5000000)),
                 cents = static_cast<std::int64_t>(random.below(100));
      std::string digits = std::to_string(whole);
      for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, thousands);
      digits += point + std::string(cents < 10 ? "0" : "") + std::to_string(cents);
      cells.push_back(std::string(text.substr(0, text.find('#'))) + digits +
                      std::string(text.substr(text.rfind('#') + 1)));
      values.push_back(static_cast<double>(whole * 100 + cents) / 100);
    }
    EXPECT_EQ(format_of(cells), std::string("number ") + spec);
    for (std::size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(format->read(cells[i]), values[i]) << cells[i];
  }
}

TEST(ReadCells, TextAndCategoriesGiveTheSameNumbers) {
  const ColumnSchema wanted{.name = "price", .kind = ColumnKind::number, .missing_markers = {"$0"}, .format = "$#,#.#"};
  const std::vector<std::string_view> cells{"$1,234.50", {}, "call us", "$5", "$0"};
  const std::vector<double> expected{1234.5, NAN, NAN, 5, NAN};
  for (const ColumnPtr& column : {make_text_column("price", cells), make_category_column("price", cells)}) {
    const ColumnPtr read = read_cells(column, wanted);
    ASSERT_EQ(read->kind(), ColumnKind::number);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (std::isnan(expected[i])) EXPECT_TRUE(read->missing(i)) << i;
      else EXPECT_EQ(read->number(i), expected[i]) << i;
    }
  }
  const ColumnPtr numbers = make_number_column({.name = "price"}, {1, 2});
  EXPECT_EQ(read_cells(numbers, wanted), numbers);
  const ColumnSchema flag{.name = "flag", .kind = ColumnKind::boolean, .format = "yes/no"};
  const ColumnPtr good = make_text_column("flag", std::vector<std::string_view>{"yes", "no", {}});
  EXPECT_EQ(read_cells(good, flag)->number(0), 1);
  const ColumnPtr marked = read_cells(make_text_column("flag", std::vector<std::string_view>{"yes", "NA", " "}), flag);
  ASSERT_EQ(marked->kind(), ColumnKind::boolean);
  EXPECT_TRUE(marked->missing(1) && marked->missing(2));
  const ColumnPtr bad = make_text_column("flag", std::vector<std::string_view>{"yes", "maybe"});
  EXPECT_EQ(read_cells(bad, flag), bad);  // prediction names it
}

}  // namespace
}  // namespace automill
