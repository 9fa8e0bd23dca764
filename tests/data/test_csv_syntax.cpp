// Rows and fields: RFC 4180 and what real files do beyond it.

#include "data/csv_helpers.hpp"

namespace automill {
namespace {

using namespace csv_test;
using Texts = std::vector<std::string>;

// RFC 4180, section 2, its examples by rule number.
TEST(CsvSyntax, Rfc4180Rules1And2LineEndsAndLastLineWithout) {
  for (const char* text : {"h,i,j\r\naaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "h,i,j\r\naaa,bbb,ccc\r\nzzz,yyy,xxx"}) {
    const Table table = read_csv_text(text);
    EXPECT_EQ(texts(table, "h"), (Texts{"aaa", "zzz"}));
    EXPECT_EQ(texts(table, "i"), (Texts{"bbb", "yyy"}));
    EXPECT_EQ(texts(table, "j"), (Texts{"ccc", "xxx"}));
  }
}
TEST(CsvSyntax, Rfc4180Rule4SpacesBelongToFields) {
  EXPECT_EQ(texts(read_csv_text("h,i\n aaa ,b\n"), "h"), (Texts{" aaa "}));
}
TEST(CsvSyntax, Rfc4180Rule5QuotedAndUnquotedFieldsMixed) {
  const Table table = read_csv_text("h,i,j\r\n\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx");
  EXPECT_EQ(texts(table, "h"), (Texts{"aaa", "zzz"}));
  EXPECT_EQ(texts(table, "j"), (Texts{"ccc", "xxx"}));
}
TEST(CsvSyntax, Rfc4180Rule6LineEndsAndDelimitersInQuotes) {
  const Table table = read_csv_text("h,i,j\r\n\"aaa\",\"b\r\nbb\",\"c,c\nc\"\r\nzzz,yyy,xxx");
  EXPECT_EQ(texts(table, "i"), (Texts{"b\r\nbb", "yyy"}));
  EXPECT_EQ(texts(table, "j"), (Texts{"c,c\nc", "xxx"}));
}
TEST(CsvSyntax, Rfc4180Rule7DoubledQuotes) {
  const Table table = read_csv_text("h,i\n\"b\"\"bb\",\"\"\"\"\nx,\"\"\"y\"\"\"\n");
  EXPECT_EQ(texts(table, "h"), (Texts{"b\"bb", "x"}));
  EXPECT_EQ(texts(table, "i"), (Texts{"\"", "\"y\""}));
}

TEST(CsvSyntax, EveryLineEndGivesTheSameRows) {
  for (const std::string end : {"\n", "\r\n", "\r"})
    for (const bool last : {true, false}) {
      const std::string text = "a,b" + end + "1,x" + end + "2,y" + (last ? end : "");
      const Table table = read_csv_text(text);
      expect_numbers(numbers(table, "a"), {1, 2});
      EXPECT_EQ(texts(table, "b"), (Texts{"x", "y"}));
    }
}
TEST(CsvSyntax, MixedLineEnds) { expect_numbers(numbers(read_csv_text("a\r1\n2\r\n3\r4"), "a"), {1, 2, 3, 4}); }
TEST(CsvSyntax, EmptyLinesAreSkipped) {
  expect_numbers(numbers(read_csv_text("\n\na,b\n\n1,2\r\n\r\n\n3,4\n\n"), "a"), {1, 3});
}
TEST(CsvSyntax, ByteOrderMarkIsTakenOff) {
  CsvReport report;
  const Table table = read_csv_text(
      "\xEF\xBB\xBF"
      "a,b\n1,2\n",
      {.report = &report});
  EXPECT_TRUE(table.contains("a"));
  EXPECT_TRUE(report.byte_order_mark);
}
TEST(CsvSyntax, QuotesInsideUnquotedFieldsAreOrdinary) {
  const Table table = read_csv_text("size,name\n5\" disk,a\n7\"\",b\"c\nx,\"d,e\"\n");
  EXPECT_EQ(texts(table, "size"), (Texts{"5\" disk", "7\"\"", "x"}));
  EXPECT_EQ(texts(table, "name"), (Texts{"a", "b\"c", "d,e"}));
}
TEST(CsvSyntax, EmptyFieldsAtAllPlaces) {
  const Table table = read_csv_text("a,b,c\n,1,\n2,,3\n,,\n");
  expect_numbers(numbers(table, "a"), {missing, 2, missing});
  expect_numbers(numbers(table, "b"), {1, missing, missing});
  expect_numbers(numbers(table, "c"), {missing, 3, missing});
}
TEST(CsvSyntax, QuotedEmptyFieldIsMissingToo) {
  expect_numbers(numbers(read_csv_text("a\n1\n\"\"\n"), "a"), {1, missing});
  EXPECT_EQ(texts(read_csv_text("a\nx\n\"\"\n"), "a"), (Texts{"x", "(missing)"}));
}
TEST(CsvSyntax, FieldsLongerThanABlockOfVectorCode) {
  const std::string longest(1000, 'x'),
      quoted = "\"" + std::string(500, ',') + "\n\"\"" + std::string(500, '\n') + "\"";
  const Table table = read_csv_text("a,b\n" + longest + "," + quoted + "\ny,z\n");
  EXPECT_EQ(texts(table, "a")[0], longest);
  EXPECT_EQ(texts(table, "b")[0], std::string(500, ',') + "\n\"" + std::string(500, '\n'));
  EXPECT_EQ(texts(table, "b")[1], "z");
}
// A quote, a delimiter or a line end at each position of a block and of the next one.
TEST(CsvSyntax, SpecialBytesAtEveryPositionOfABlock) {
  for (std::size_t length = 0; length < 140; ++length) {
    const std::string filler(length, 'f');
    const Table table = read_csv_text("a,b\n" + filler + "x,\"q,\n\"\"r\"\r\n\"" + filler + "\",t\n");
    ASSERT_EQ(table.rows(), 2u) << length;
    EXPECT_EQ(texts(table, "a"), (Texts{filler + "x", length == 0 ? "(missing)" : filler})) << length;
    EXPECT_EQ(texts(table, "b"), (Texts{"q,\n\"r", "t"})) << length;
  }
}

TEST(CsvHeader, EmptyNamesGetTheirPosition) {
  const Table table = read_csv_text(",b,\"\"\n1,2,3\n");
  EXPECT_EQ(table.schema()->names(), (Texts{"column_1", "b", "column_3"}));
}
TEST(CsvHeader, QuotedNames) {
  const Table table = read_csv_text("\"a,b\",\"c\"\"d\"\"\",\"e\nf\"\n1,2,3\n");
  EXPECT_EQ(table.schema()->names(), (Texts{"a,b", "c\"d\"", "e\nf"}));
}
TEST(CsvHeader, DuplicateNamesAreAllReportedWithPositions) {
  const Error error = error_of_text("a,b,a,c,b\n1,2,3,4,5\n");
  ASSERT_EQ(error.faults().size(), 2u);
  EXPECT_EQ(error.faults()[0].text(),
            "a: columns 1 and 3 of the header have this name (rename one of them) [data.duplicate_column]");
  EXPECT_EQ(error.faults()[1].text(),
            "b: columns 2 and 5 of the header have this name (rename one of them) [data.duplicate_column]");
}
TEST(CsvHeader, AnEmptyNameThatMeetsAGivenOneIsADuplicate) {
  EXPECT_EQ(error_of_text(",column_1\n1,2\n").code(), "data.duplicate_column");
}

TEST(CsvDelimiter, IsDetectedAndSaid) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    std::string text = "a?b?c\n1?x, y; z?2\n3?u|v?4\n";
    for (char& c : text) c = c == '?' ? delimiter : c == delimiter ? '_' : c;
    CsvReport report;
    const Table table = read_csv_text(text, {.report = &report});
    EXPECT_EQ(report.delimiter, delimiter);
    EXPECT_TRUE(report.delimiter_detected);
    expect_numbers(numbers(table, "c"), {2, 4});
  }
}
TEST(CsvDelimiter, DecimalCommasDoNotMislead) {
  const Table table = read_csv_text("a;b\n1,5;2,5\n3,5;4,5\n");
  EXPECT_EQ(table.size(), 2u);
}
TEST(CsvDelimiter, InsideQuotesItDoesNotCount) {
  EXPECT_EQ(read_csv_text("a;b\n\"1,2,3\";4\n\"5,6,7\";8\n").size(), 2u);
}
TEST(CsvDelimiter, OneColumnNeedsNone) {
  const Table table = read_csv_text("words\nhello\nworld\n");
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.rows(), 2u);
}
TEST(CsvDelimiter, GivenOneIsTaken) {
  CsvReport report;
  const Table table = read_csv_text("a:b,c\n1:2\n", {.delimiter = ':', .report = &report});
  EXPECT_EQ(table.schema()->names(), (Texts{"a", "b,c"}));
  EXPECT_FALSE(report.delimiter_detected);
}

// ---- what is refused: full texts ----

TEST(CsvErrors, RaggedRowsAreAllNamed) {
  const Error error = error_of_text("a,b,c\n1,2,3\n4,5\n\"6\n\",7,8\n9,10,11,12\n");
  ASSERT_EQ(error.faults().size(), 2u);
  EXPECT_EQ(error.faults()[0].text(),
            "text, row 2: has 2 fields where the header has 3 (line 3) (add the missing fields) [data.ragged_row]");
  EXPECT_EQ(error.faults()[1].text(),
            "text, row 4: has 4 fields where the header has 3 (line 6) (put quotes around fields that hold the "
            "delimiter) [data.ragged_row]");
}
TEST(CsvErrors, TheFirstTenFaultsAndTheNumberOfTheOthers) {
  std::string text = "a,b\n1,2\n";
  for (int i = 0; i < 25; ++i) text += "1\n";
  for (const std::size_t chunk : {std::size_t{7}, std::size_t{0}}) {
    const Error error = error_of_text(text, {.threads = 2, .chunk_bytes = chunk});
    ASSERT_EQ(error.faults().size(), 11u);
    EXPECT_EQ(error.faults()[0].place, "text, row 2");
    EXPECT_EQ(error.faults()[9].place, "text, row 11");
    EXPECT_EQ(error.faults()[10].text(), "text: and 15 more faults [data.ragged_row]");
  }
}
TEST(CsvErrors, UnclosedQuote) {
  const Error error = error_of_text("a,b\n1,2\n3,\"x\n4,5\n6,7\n");
  EXPECT_EQ(error.faults()[0].text(),
            "text, row 2: a quote opens in this row that is never closed (line 3) (write a quote inside a quoted field "
            "twice) [data.unclosed_quote]");
  EXPECT_EQ(error_of_text("\"a,b\n1,2\n").code(), "data.unclosed_quote");
}
TEST(CsvErrors, TextAfterAQuotedField) {
  const Error error = error_of_text("a,b\n1,\"x\"y\n");
  EXPECT_EQ(error.faults()[0].text(),
            "text, row 1: a quoted field is followed by text instead of the delimiter (line 2) (write a quote inside a "
            "quoted field twice) [data.text_after_quote]");
  EXPECT_EQ(error_of_text("\"a\"b,c\n1,2\n").code(), "data.text_after_quote");
}
TEST(CsvErrors, NotUtf8NamesTheRow) {
  const Error error = error_of_text("a,b\n1,x\n2,caf\xE9\n");
  EXPECT_EQ(error.faults()[0].text(),
            "text, row 2: byte 6 of the row is not UTF-8 (line 3) (convert the file to UTF-8, for instance with iconv "
            "-f latin1 -t utf-8) [data.not_utf8]");
  EXPECT_EQ(error_of_text("caf\xE9,b\n1,2\n").code(), "data.not_utf8");
  EXPECT_EQ(error_of_text(std::string_view("\xFF\xFE"
                                           "a\0",
                                           4))
                .code(),
            "data.not_utf8");
}
TEST(CsvErrors, Utf8ThatOnlyLooksRight) {
  for (const char* bad : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF0\x80\x80\x80", "\x80",
                          "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xFF"})
    EXPECT_EQ(error_of_text(std::string("a\nx") + bad + "\n").code(), "data.not_utf8") << bad;
  for (const char* good : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(texts(read_csv_text(std::string("a\nx") + good + "\n"), "a")[0], std::string("x") + good);
}
TEST(CsvErrors, EmptyAndHeaderOnly) {
  EXPECT_STREQ(error_of_text("").what(), "text: the file is empty (it needs a header line and rows) [data.empty_file]");
  EXPECT_EQ(error_of_text("\n\r\n").code(), "data.empty_file");
  EXPECT_EQ(error_of_text("\xEF\xBB\xBF").code(), "data.empty_file");
  EXPECT_STREQ(error_of_text("a,b\n").what(),
               "text: the file has a header but no rows (add at least one row) [data.header_only]");
  EXPECT_EQ(error_of_text("a,b").code(), "data.header_only");
  EXPECT_EQ(error_of_text("a,b\n\n\n").code(), "data.header_only");
}
TEST(CsvErrors, OtherFormatsAreNamed) {
  EXPECT_STREQ(error_of_text("PAR1\x15\x04").what(),
               "text: this is not a text table but a Parquet file (read it with pyarrow, polars or DuckDB and pass the "
               "table) [data.not_csv]");
  for (const std::string_view start :
       {"PK\x03\x04", "\x28\xB5\x2F\xFD\x04", "BZh91AY&SY\x01", "SQLite format 3\x01", "ARROW1\x01"})
    EXPECT_EQ(error_of_text(start).code(), "data.not_csv") << start;
  EXPECT_TRUE(read_csv_text("PAR1,BZh\n1,2\n").contains("PAR1"));  // only a name
  EXPECT_EQ(error_of_text(std::string_view("a\0b,c\n1,2\n", 10)).code(), "data.not_csv");
}
TEST(CsvErrors, FilesThatCannotBeOpened) {
  const TemporaryFolder folder;
  const std::string none = folder.file("none.csv");
  EXPECT_EQ(error_of([&] { read_csv(none); }).faults()[0].text(),
            none + ": there is no such file (check the path and the folder it is relative to) [data.file_missing]");
  EXPECT_EQ(error_of([&] { read_csv(folder.path()); }).faults()[0].text(),
            folder.path() + ": this is a folder, not a file (name one file in it) [data.folder]");
  EXPECT_EQ(error_of([&] { read_csv(folder.write("empty.csv", "")); }).code(), "data.empty_file");
}
TEST(CsvErrors, OptionsOutOfRange) {
  for (const char bad : {'"', '\n', '\r', '\0', '\xE9'}) {
    const Error error = error_of_text("a,b\n1,2\n", {.delimiter = bad});
    EXPECT_EQ(error.code(), "option.out_of_range");
    EXPECT_EQ(error.place(), "delimiter");
  }
  EXPECT_EQ(error_of_text("a,b\n1,2\n", {.threads = -1}).place(), "threads");
}
TEST(CsvErrors, Stopped) {
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(error_of_text("a,b\n1,2\n", {.stop = StopToken(source.get_token())}).code(), "data.stopped");
}

}  // namespace
}  // namespace automill
