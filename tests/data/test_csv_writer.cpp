// Written rows: quoting, shortest numbers, dates.

#include <automill/data/csv_writer.hpp>
#include <bit>
#include <random>

#include "data/csv_helpers.hpp"

namespace automill {
namespace {

using namespace csv_test;

std::string field(std::string_view text, char delimiter = ',') {
  std::string out;
  append_csv_field(out, text, delimiter);
  return out;
}
std::string number(double value) {
  std::string out;
  append_csv_number(out, value);
  return out;
}
std::string date(double microseconds) {
  std::string out;
  append_csv_datetime(out, microseconds);
  return out;
}

TEST(CsvWriter, QuotesOnlyWhereNeeded) {
  EXPECT_EQ(field("plain text"), "plain text");
  EXPECT_EQ(field(""), "");
  EXPECT_EQ(field("a,b"), "\"a,b\"");
  EXPECT_EQ(field("a;b"), "a;b");
  EXPECT_EQ(field("a;b", ';'), "\"a;b\"");
  EXPECT_EQ(field("a,b", ';'), "a,b");
  EXPECT_EQ(field("5\" disk"), "\"5\"\" disk\"");
  EXPECT_EQ(field("a\nb"), "\"a\nb\"");
  EXPECT_EQ(field("a\rb"), "\"a\rb\"");
  EXPECT_EQ(field("\xEF\xBB\xBF"
                  "a"),
            "\"\xEF\xBB\xBF"
            "a\"");
}
TEST(CsvWriter, NumbersAreShortAndExact) {
  EXPECT_EQ(number(1), "1");
  EXPECT_EQ(number(-0.5), "-0.5");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1e300), "1e+300");
  EXPECT_EQ(number(9007199254740992.0), "9007199254740992");
  EXPECT_EQ(number(9007199254740994.0), "9007199254740994.0");
  EXPECT_EQ(number(missing), "");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "inf");
  std::mt19937_64 random(3);
  for (int i = 0; i < 100000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(std::strtod(number(value).c_str(), nullptr), value);
  }
}
TEST(CsvWriter, Dates) {
  EXPECT_EQ(date(0), "1970-01-01");
  EXPECT_EQ(date(1709164800e6), "2024-02-29");
  EXPECT_EQ(date(-1), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(date(1717243200123456), "2024-06-01T12:00:00.123456");
  EXPECT_EQ(date(-62135596800e6), "0001-01-01");
  EXPECT_EQ(date(253402300799e6), "9999-12-31T23:59:59");
  EXPECT_EQ(date(missing), "");
}
TEST(CsvWriter, EveryDayOfFourCenturiesReadsBack) {
  std::string text = "d\n";
  std::vector<double> days;
  for (double day = -100 * 366; day < 300 * 366; ++day) {
    days.push_back(day * 86400e6);
    append_csv_datetime(text, days.back());
    text += "\n";
  }
  expect_numbers(numbers(read_csv_text(text), "d"), days);
}
TEST(CsvWriter, Rows) {
  std::string out;
  append_csv_row(out, std::vector<std::string_view>{"name", "a,b", ""});
  CsvRow(out).add("x").add(2.5).add(missing);
  CsvRow(out, ';').add("a;b").add("c");
  EXPECT_EQ(out, "name,\"a,b\",\nx,2.5,\n\"a;b\";c\n");
}
TEST(CsvWriter, ALoneEmptyFieldIsQuoted) {
  std::string out = "h\n";
  CsvRow(out).add("");
  CsvRow(out).add(missing);
  CsvRow(out).add("").add("");
  EXPECT_EQ(out, "h\n\"\"\n\"\"\n,\n");
}
TEST(CsvWriter, TablesAreWrittenAsTheyWereRead) {
  const std::string text =
      "n,c,d,b,t\n"
      "1,\"x,y\",2024-02-29,yes,some words that differ a lot\n"
      ",z,2024-02-29T12:30:00,no,\n"
      "2.5,,,,\"a \"\"quoted\"\" word in here\"\n";
  const Table table = read_csv_text(text, {.types = {{"t", ColumnKind::text}}});
  std::string out;
  append_csv_header(out, *table.schema());
  append_csv_rows(out, table, 0, table.rows());
  EXPECT_EQ(out, text);
}
TEST(CsvWriter, BooleansWithoutAFormat) {
  const bool values[] = {true, false};
  const Table table = Table::from({{"b", std::span<const bool>(values)}});
  std::string out;
  append_csv_rows(out, table, 0, 2);
  EXPECT_EQ(out, "true\nfalse\n");
}

}  // namespace
}  // namespace automill
