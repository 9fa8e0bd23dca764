// Which kind a column gets, what is missing in it, and what the report says.

#include "data/csv_helpers.hpp"

namespace automill {
namespace {

using namespace csv_test;
using Texts = std::vector<std::string>;

/// One column from its cells.
Table column(const Texts& cells, const CsvOptions& options = {}) {
  std::string text = "id,x\n";
  for (const std::string& cell : cells) text += "1," + cell + "\n";
  return read_csv_text(text, options);
}
ColumnKind kind_of(const Texts& cells) { return kind(column(cells), "x"); }

TEST(CsvNumbers, PlainAndSignedAndWithExponent) {
  const Table table = column({"1", "-2", "+3", "0.5", ".25", "5.", "-1e3", "2E-2", "1e308", "-0.0"});
  expect_numbers(numbers(table, "x"), {1, -2, 3, 0.5, 0.25, 5, -1000, 0.02, 1e308, 0.0});
  EXPECT_FALSE(table.column("x").schema().integer);
}
TEST(CsvNumbers, Infinity) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Table table = column({"inf", "-inf", "Infinity", "-INFINITY", "+Inf", "1"});
  expect_numbers(numbers(table, "x"), {infinity, -infinity, infinity, -infinity, infinity, 1});
  EXPECT_FALSE(table.column("x").schema().integer);
  expect_numbers(numbers(column({"1e999", "-1e999", "1e-999"}), "x"), {infinity, -infinity, 0});
}
TEST(CsvNumbers, WholeNumbersAreMarked) {
  EXPECT_TRUE(column({"1", "2", ""}).column("x").schema().integer);
  EXPECT_TRUE(column({"1.0", "2.0"}).column("x").schema().integer);
  EXPECT_FALSE(column({"1", "2.5"}).column("x").schema().integer);
  EXPECT_FALSE(column({"", ""}).column("x").schema().integer);
}
TEST(CsvNumbers, WholeNumbersUpTo2To53AreExactAndBeyondTheyStayText) {
  const Table exact = column({"9007199254740992", "-9007199254740992", "1"});
  expect_numbers(numbers(exact, "x"), {9007199254740992.0, -9007199254740992.0, 1});
  EXPECT_TRUE(exact.column("x").schema().integer);
  const Table beyond = column({"9007199254740993", "1", "-9007199254740994"});
  EXPECT_EQ(kind(beyond, "x"), ColumnKind::category);
  EXPECT_EQ(texts(beyond, "x"), (Texts{"9007199254740993", "1", "-9007199254740994"}));
  EXPECT_EQ(kind_of({"123456789012345678901234567890", "1"}), ColumnKind::category);
  EXPECT_EQ(kind_of({"9007199254740993.0", "1"}), ColumnKind::number);  // written as a decimal: rounding is accepted
}
TEST(CsvNumbers, LeadingZerosAreCodes) {
  for (const char* code : {"007", "-007", "00", "00.5", "01e2"}) EXPECT_EQ(kind_of({"1", code}), ColumnKind::category);
  for (const char* number : {"0", "0.7", "-0", "0e5", ".07"}) EXPECT_EQ(kind_of({"1", number}), ColumnKind::number);
}
TEST(CsvNumbers, NotNumbers) {
  for (const char* cell : {"0x10", "1_000", "1 000", "--1", "1e", "e5", "1.2.3", "+", "1,5", "12a", "infinit", "1e5.5"})
    EXPECT_EQ(kind_of({"1", "\"" + std::string(cell) + "\""}), ColumnKind::category) << cell;
}
TEST(CsvNumbers, BlanksAroundThemDoNotCount) {
  expect_numbers(numbers(column({" 1", "2 ", "\t3\t", "4"}), "x"), {1, 2, 3, 4});
}
TEST(CsvNumbers, QuotedOnesAreNumbers) {
  expect_numbers(numbers(column({"\"1\"", "2", "\"3.5\"", "\"123456789.125\""}), "x"), {1, 2, 3.5, 123456789.125});
}
TEST(CsvNumbers, EveryStorageHoldsItsValuesAndMissing) {
  for (const double size : {1.0, 127.0, 128.0, 32767.0, 32768.0, 2147483647.0, 2147483648.0, 0.5}) {
    Texts cells{"", "-" + std::to_string(size), std::to_string(size), "0"};
    expect_numbers(numbers(column(cells), "x"), {missing, -size, size, 0});
  }
}
TEST(CsvNumbers, ALateStringChangesTheWholeColumn) {
  std::string text = "x\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "\n";
  text += "abc\n";
  for (const std::size_t chunk : {std::size_t{100}, std::size_t{0}}) {
    const Table table = read_csv_text(text, {.threads = 2, .chunk_bytes = chunk});
    EXPECT_EQ(kind(table, "x"), ColumnKind::category);
    EXPECT_EQ(table.column("x").text(17), "17");
    EXPECT_EQ(table.column("x").schema().dictionary->size(), 5001u);
  }
}

TEST(CsvMissing, MarkersCountOnlyBesideNumbersDatesAndBooleans) {
  const Texts markers{"NA", "N/A", "NaN", "nan", "null", "None", "?", "-", "."};
  for (const std::string& marker : markers) {
    const Table table = column({"1", marker, "2", " " + marker + " ", ""});
    expect_numbers(numbers(table, "x"), {1, missing, 2, missing, missing});
    EXPECT_EQ(table.column("x").schema().missing_markers, Texts{marker});
    EXPECT_EQ(kind_of({"2024-01-31", marker}), ColumnKind::datetime);
    expect_numbers(numbers(column({"yes", marker, "no"}), "x"), {1, missing, 0});
    const Table strings = column({"a", marker, ""});
    EXPECT_EQ(texts(strings, "x"), (Texts{"a", marker, "(missing)"}));
    EXPECT_TRUE(strings.column("x").schema().missing_markers.empty());
  }
  EXPECT_EQ(kind_of({"1", "na"}), ColumnKind::category);
  EXPECT_EQ(kind_of({"1", "NULL"}), ColumnKind::category);
}
TEST(CsvMissing, BlankFieldsAreMissingBesideNumbers) {
  const Table table = column({"1", "  ", "3"});
  expect_numbers(numbers(table, "x"), {1, missing, 3});
  EXPECT_EQ(texts(column({"a", "  ", "b"}), "x"), (Texts{"a", "  ", "b"}));
}
TEST(CsvMissing, MarkersAloneStayStrings) {
  EXPECT_EQ(texts(column({"?", "?", ""}), "x"), (Texts{"?", "?", "(missing)"}));
}
TEST(CsvMissing, NothingAtAllIsANumberColumn) {
  const Table table = column({"", "", ""});
  EXPECT_EQ(kind(table, "x"), ColumnKind::number);
  expect_numbers(numbers(table, "x"), {missing, missing, missing});
}
TEST(CsvMissing, OwnMarkersCountInEveryColumn) {
  const CsvOptions options{.missing = {"unknown", "-999"}};
  const Table strings = column({"a", "unknown", "b"}, options);
  EXPECT_EQ(texts(strings, "x"), (Texts{"a", "(missing)", "b"}));
  EXPECT_EQ(strings.column("x").schema().dictionary->names(), (Texts{"a", "b"}));
  EXPECT_EQ(strings.column("x").schema().missing_markers, options.missing);
  const Table values = column({"1", "-999", "unknown", "3"}, options);
  expect_numbers(numbers(values, "x"), {1, missing, missing, 3});
  EXPECT_EQ(values.column("x").schema().missing_markers, options.missing);
  expect_numbers(numbers(column({"2024-01-31", "unknown"}, options), "x"), {1706659200e6, missing});
  expect_numbers(numbers(column({"t", "unknown", "f"}, options), "x"), {1, missing, 0});
}

TEST(CsvBooleans, ExactlyOnePairOfSpellings) {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"true", "false"}, {"True", "False"}, {"TRUE", "FALSE"}, {"yes", "no"}, {"Yes", "No"},
      {"YES", "NO"},     {"t", "f"},        {"T", "F"},        {"y", "n"},    {"Y", "N"}};
  for (const auto& [truth, falsehood] : pairs) {
    const Table table = column({falsehood, truth, truth, ""});
    ASSERT_EQ(kind(table, "x"), ColumnKind::boolean) << truth;
    expect_numbers(numbers(table, "x"), {0, 1, 1, missing});
    EXPECT_EQ(table.column("x").schema().format, truth + "/" + falsehood);
  }
}
TEST(CsvBooleans, EverythingElseIsACategory) {
  for (const Texts& cells : std::vector<Texts>{{"yes", "No"},
                                               {"yes", "no", "maybe"},
                                               {"yes", "yes"},
                                               {"no"},
                                               {"true", "no"},
                                               {"t", "false"},
                                               {"yes", "no", "1"}})
    EXPECT_EQ(kind_of(cells), ColumnKind::category) << cells[0];
  EXPECT_EQ(kind_of({"0", "1"}), ColumnKind::number);
}

TEST(CsvDates, Iso8601) {
  // seconds from Python 3.11: datetime(..., tzinfo=utc).timestamp()
  const std::vector<std::pair<std::string, double>> cases{{"1970-01-01", 0},
                                                          {"2024-02-29", 1709164800},
                                                          {"2000-02-29 12:34", 951827640},
                                                          {"2024-12-31T23:59:59", 1735689599},
                                                          {"1969-12-31 23:59:59.5", -0.5},
                                                          {"2024-06-01T12:00:00.123456Z", 1717243200.123456},
                                                          {"2024-06-01T12:00:00.123456999", 1717243200.123456},
                                                          {"2024-06-01T14:00:00+02:00", 1717243200},
                                                          {"2024-06-01T14:00:00+0200", 1717243200},
                                                          {"2024-06-01 06:30-05:30", 1717243200},
                                                          {"2024-06-01 14:00:00+02", 1717243200},
                                                          {"0001-01-01", -62135596800},
                                                          {"9999-12-31", 253402214400}};
  Texts cells;
  std::vector<double> expected;
  for (const auto& [text, seconds] : cases) {
    cells.push_back(text);
    expected.push_back(std::round(seconds * 1e6));
  }
  const Table table = column(cells);
  ASSERT_EQ(kind(table, "x"), ColumnKind::datetime);
  expect_numbers(numbers(table, "x"), expected);
}
TEST(CsvDates, NotDates) {
  for (const char* cell : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-01-32", "2024-1-1", "2024/01/01", "20240101",
                           "2024-01-01 24:00", "2024-01-01 12:60", "2024-01-01 12:00:60", "2024-01-01 12", "0000-01-01",
                           "2024-01-01X12:00", "2024-01-01T12:00+2", "2024-01-01T12:00:00.", "2024-01-01 12:00 ab",
                           "2024-01-01 1a:00", "2024-01-01 12-00", "2024-01-01 12:00-0"})
    EXPECT_EQ(kind_of({"2024-01-01", cell}), ColumnKind::category) << cell;
}
TEST(CsvDates, DatesAndNumbersTogetherAreStrings) {
  for (const Texts& cells : std::vector<Texts>{{"1", "2024-01-01"}, {"2024-01-01", "1"}})
    for (const std::size_t chunk : {std::size_t{3}, std::size_t{0}})
      EXPECT_EQ(texts(column(cells, {.threads = 2, .chunk_bytes = chunk}), "x"), cells);
}

TEST(CsvStrings, CategoriesAreSortedByBytes) {
  const Table table = column({"b", "a", "B", "\xC3\xA9", "", "b"});
  EXPECT_EQ(table.column("x").schema().dictionary->names(), (Texts{"B", "a", "b", "\xC3\xA9"}));
  expect_numbers(numbers(table, "x"), {2, 1, 0, 3, missing, 2});
}
TEST(CsvStrings, ShortAndLongStringsThatBeginAlike) {
  Texts cells;
  for (std::size_t length = 1; length < 40; ++length) cells.push_back(std::string(length, 'a'));
  for (std::size_t length = 1; length < 40; ++length) cells.push_back(std::string(length, 'a'));
  const Table table = column(cells);
  EXPECT_EQ(texts(table, "x"), cells);
  EXPECT_EQ(table.column("x").schema().dictionary->size(), 39u);
}
TEST(CsvStrings, ManyCategoriesNeedWiderCodes) {
  for (const int count : {127, 128, 40000}) {
    Texts cells{""};
    for (int i = 0; i < count; ++i) cells.push_back("v" + std::to_string(i));
    cells.push_back("v0");
    const Table table = column(cells);
    cells[0] = "(missing)";
    EXPECT_EQ(table.column("x").schema().dictionary->size(), static_cast<std::size_t>(count));
    EXPECT_EQ(texts(table, "x"), cells) << count;
  }
}
TEST(CsvStrings, FreeText) {
  Texts reviews, names, repeated;
  for (int i = 0; i < 300; ++i) {
    reviews.push_back("this is review number " + std::to_string(i));
    names.push_back("person" + std::to_string(i));
    repeated.push_back("one of a few long categories " + std::to_string(i % 30));
  }
  reviews[7] = "";
  const Table table = column(reviews);
  ASSERT_EQ(kind(table, "x"), ColumnKind::text);
  reviews[7] = "(missing)";
  EXPECT_EQ(texts(table, "x"), reviews);
  EXPECT_EQ(kind_of(names), ColumnKind::category);
  EXPECT_EQ(kind_of(repeated), ColumnKind::category);  // a tenth differs: too few for so small a table
}

TEST(CsvTypes, AskedForKindsAreTaken) {
  const std::string text = "n,c,t,d,b\n1,2,3,2024-01-31,1\n007,,5,2024-02-29,0\n";
  const Table table = read_csv_text(text, {.types = {{"n", ColumnKind::number},
                                                     {"c", ColumnKind::category},
                                                     {"t", ColumnKind::text},
                                                     {"d", ColumnKind::datetime},
                                                     {"b", ColumnKind::boolean}}});
  expect_numbers(numbers(table, "n"), {1, 7});
  EXPECT_EQ(kind(table, "c"), ColumnKind::category);
  EXPECT_EQ(texts(table, "c"), (Texts{"2", "(missing)"}));
  EXPECT_EQ(kind(table, "t"), ColumnKind::text);
  EXPECT_EQ(texts(table, "t"), (Texts{"3", "5"}));
  EXPECT_EQ(kind(table, "d"), ColumnKind::datetime);
  EXPECT_EQ(kind(table, "b"), ColumnKind::boolean);
  expect_numbers(numbers(table, "b"), {1, 0});
  EXPECT_EQ(table.column("b").schema().format, "1/0");
}
TEST(CsvTypes, CellsThatDoNotFit) {
  const Error error = error_of_text("n,d\n1,2024-01-31\nabc,2024-01-31\n2,soon\n",
                                    {.types = {{"n", ColumnKind::number}, {"d", ColumnKind::datetime}}});
  ASSERT_EQ(error.faults().size(), 2u);
  EXPECT_EQ(error.faults()[0].text(),
            "text, row 2, column 'n': 'abc' is not a number (line 3) (leave the column out of types to have its kind "
            "decided from the values) [data.cell_type]");
  EXPECT_EQ(
      error.faults()[1].text(),
      "text, row 3, column 'd': 'soon' is not an ISO 8601 date or time (line 4) (leave the column out of types to "
      "have its kind decided from the values) [data.cell_type]");
  const Error boolean = error_of_text("b\nyes\nno\nmaybe\n", {.types = {{"b", ColumnKind::boolean}}});
  EXPECT_EQ(
      boolean.faults()[0].text(),
      "text, row 3, column 'b': 'maybe' is not yes or no (line 4) (leave the column out of types to have its kind "
      "decided from the values) [data.cell_type]");
}
TEST(CsvTypes, UnknownColumnsGetTheNearestName) {
  const Error error = error_of_text("income,age\n1,2\n", {.types = {{"incme", ColumnKind::number}}});
  EXPECT_EQ(error.code(), "data.column_unknown");
  EXPECT_NE(std::string(error.what()).find("income"), std::string::npos) << error.what();
}

TEST(CsvReports, SayWhatWasFound) {
  CsvReport report;
  read_csv_text("n,c,d,b,z,t\n1,x,2024-01-31,yes,007,\nNA,y,,no,1,\n2.5,,?,no,2,\n", {.report = &report});
  EXPECT_EQ(report.delimiter, ',');
  EXPECT_EQ(report.rows, 3u);
  EXPECT_FALSE(report.gzip);
  EXPECT_FALSE(report.byte_order_mark);
  EXPECT_GE(report.seconds, 0);
  ASSERT_EQ(report.columns.size(), 6u);
  const auto& n = report.columns[0];
  EXPECT_EQ(n.name, "n");
  EXPECT_EQ(n.kind, ColumnKind::number);
  EXPECT_EQ(n.reason, "every value is a number");
  EXPECT_EQ(n.missing, 1u);
  EXPECT_EQ(n.missing_as, (decltype(n.missing_as){{"NA", 1}}));
  EXPECT_EQ(report.columns[1].reason, "'x' in row 1 is not a number; 2 different values");
  EXPECT_EQ(report.columns[2].reason, "every value is an ISO 8601 date or time");
  EXPECT_EQ(report.columns[2].missing_as, (decltype(n.missing_as){{"", 1}, {"?", 1}}));
  EXPECT_EQ(report.columns[3].reason, "it holds yes and no only");
  EXPECT_EQ(report.columns[4].reason, "'007' in row 1 has a leading zero; 3 different values");
  EXPECT_EQ(report.columns[5].reason, "every value is missing");
  EXPECT_EQ(report.columns[5].missing, 3u);
}
TEST(CsvReports, TheReasonNamesTheFirstRowForEveryChunkSize) {
  std::string text = "x\n";
  for (int i = 0; i < 500; ++i) text += std::to_string(i) + "\n";
  text += "abc\nabd\n";
  for (const std::size_t chunk : {std::size_t{5}, std::size_t{333}, std::size_t{0}}) {
    CsvReport report;
    read_csv_text(text, {.threads = 2, .chunk_bytes = chunk, .report = &report});
    EXPECT_EQ(report.columns[0].reason, "'abc' in row 501 is not a number; 502 different values");
  }
}

}  // namespace
}  // namespace automill
