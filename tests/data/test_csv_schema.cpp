// Reading with the schema of training, from files, packed files and streams.

#include <zlib.h>

#include "data/csv_helpers.hpp"

namespace automill {
namespace {

using namespace csv_test;
using Texts = std::vector<std::string>;

/// The text as gzip, in `members` pieces of their own.
std::string packed(const std::string& text, std::size_t members = 1) {
  std::string result;
  const std::size_t piece = text.size() / members + 1;
  for (std::size_t at = 0; at < text.size() || at == 0; at += piece) {
    const std::string part = text.substr(at, piece);
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, static_cast<uLong>(part.size())) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    result += out;
  }
  return result;
}

const char* const training =
    "age,job,member,since,note\n"
    "39,clerk,yes,2020-01-31,likes long walks by the sea\n"
    "50,nurse,no,2021-02-28,reads many books every year\n"
    "NA,clerk,no,,plays the violin very well indeed\n";

Table train_table() { return read_csv_text(training, {.types = {{"note", ColumnKind::text}}}); }

TEST(CsvSchema, SameFileSameTable) {
  const Table first = train_table(), again = read_csv_text(training, *first.schema());
  for (const char* name : {"age", "member", "since"}) expect_numbers(numbers(again, name), numbers(first, name));
  EXPECT_EQ(texts(again, "job"), texts(first, "job"));
  EXPECT_EQ(texts(again, "note"), texts(first, "note"));
  EXPECT_EQ(again.column("job").schema().dictionary, first.column("job").schema().dictionary);
}
TEST(CsvSchema, ColumnsByNameOthersSkippedUnseenCodes) {
  const Schema schema = *train_table().schema();
  CsvReport report;
  const Table table = read_csv_text(
      "target,note,since,member,job,extra,age\n"
      "1,x,2022-03-01T10:00,yes,pilot,\"a,b\",NaN\n"
      "0,y,?,no,nurse,zz,-\n",
      schema, {.report = &report});
  EXPECT_EQ(table.schema()->names(), schema.names());
  EXPECT_EQ(report.skipped, (Texts{"target", "extra"}));
  const Dictionary& jobs = *schema[1].dictionary;
  expect_numbers(numbers(table, "job"), {static_cast<double>(jobs.unseen_code()), 1});
  EXPECT_EQ(table.column("job").text(0), "");
  expect_numbers(numbers(table, "age"), {missing, missing});
  expect_numbers(numbers(table, "member"), {1, 0});
  expect_numbers(numbers(table, "since"), {1646128800e6, missing});
  EXPECT_EQ(report.columns[0].reason, "as in training");
}
TEST(CsvSchema, KindsAreNotGuessedAgain) {
  // 007 and a huge integer would be categories in a first reading; numbers of category columns stay categories
  const Table trained = read_csv_text("n,c\n1,a\n2,b\n");
  const Table table = read_csv_text("n,c\n007,1\n9007199254740993,2\n", *trained.schema());
  expect_numbers(numbers(table, "n"), {7, 9007199254740992.0});
  EXPECT_EQ(kind(table, "c"), ColumnKind::category);
}
TEST(CsvSchema, ABooleanWithOneSpellingOnlyStaysBoolean) {
  const Table trained = read_csv_text("b\nyes\nno\n");
  expect_numbers(numbers(read_csv_text("b\nyes\nyes\n", *trained.schema()), "b"), {1, 1});
}
TEST(CsvSchema, BooleansThatDidNotComeFromTextTakeEverySpelling) {
  const Schema schema({ColumnSchema{.name = "b", .kind = ColumnKind::boolean}});
  expect_numbers(numbers(read_csv_text("b\nTrue\nFalse\n", schema), "b"), {1, 0});
  expect_numbers(numbers(read_csv_text("b\n1\n0\n", schema), "b"), {1, 0});
}
TEST(CsvSchema, OwnMissingMarkersOfTrainingAreKnown) {
  const Table trained = read_csv_text("n,c\n1,a\n-999,unknown\n", {.missing = {"-999", "unknown"}});
  const Table table = read_csv_text("n,c\n-999,unknown\n3,b\n", *trained.schema());
  expect_numbers(numbers(table, "n"), {missing, 3});
  expect_numbers(numbers(table, "c"), {missing, 1});
}
TEST(CsvSchema, FaultsNameRowColumnAndValue) {
  const Schema schema = *train_table().schema();
  const Error error =
      error_of([&] { read_csv_text("age,job,member,since,note\nold,x,maybe,2020-01-31,\n1,x,yes,soon,\n", schema); });
  ASSERT_EQ(error.faults().size(), 2u);
  EXPECT_EQ(error.faults()[0].text(),
            "text, row 1, column 'age': 'old' is not a number (line 2) (the column held number values in training) "
            "[data.cell_type]");
  EXPECT_EQ(error.faults()[1].place, "text, row 2, column 'since'");
  const Error boolean = error_of([&] { read_csv_text("age,job,member,since,note\n1,x,maybe,,\n", schema); });
  EXPECT_EQ(boolean.faults()[0].text(),
            "text, row 1, column 'member': 'maybe' is not yes or no (line 2) (the column held boolean values in "
            "training) [data.cell_type]");
}
TEST(CsvSchema, MissingColumnsAreAllNamed) {
  const Schema schema = *train_table().schema();
  const Error error = error_of([&] { read_csv_text("Age,job,since\n1,2,3\n", schema); });
  ASSERT_EQ(error.faults().size(), 3u);
  EXPECT_EQ(error.faults()[0].code, "data.column_missing");
  EXPECT_EQ(error.faults()[0].place, "age");
  EXPECT_NE(error.faults()[0].hint.find("Age"), std::string::npos);
  EXPECT_EQ(error.faults()[1].place, "member");
}
TEST(CsvSchema, NoRowsAreFine) {
  const Schema schema = *train_table().schema();
  const Table table = read_csv_text("age,job,member,since,note\n", schema);
  EXPECT_EQ(table.rows(), 0u);
  EXPECT_EQ(table.size(), 5u);
  EXPECT_EQ(kind(table, "since"), ColumnKind::datetime);
}
TEST(CsvSchema, TypesBesideASchemaAreRefused) {
  const Schema schema = *train_table().schema();
  EXPECT_EQ(error_of([&] {
              read_csv_text(training, schema, {.types = {{"age", ColumnKind::text}}});
            }).code(),
            "option.contradiction");
}

// ---- files ----

TEST(CsvFiles, PlainAndPacked) {
  const TemporaryFolder folder;
  const Table plain = read_csv(folder.write("a.csv", training));
  CsvReport report;
  for (const std::size_t members : {1u, 3u}) {
    const Table table = read_csv(folder.write("a.csv.gz", packed(training, members)), {.report = &report});
    EXPECT_TRUE(report.gzip);
    EXPECT_EQ(report.bytes, std::string_view(training).size());
    expect_numbers(numbers(table, "age"), numbers(plain, "age"));
    EXPECT_EQ(texts(table, "job"), texts(plain, "job"));
  }
}
TEST(CsvFiles, GzipByItsBytesNotByItsName) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_csv(folder.write("a.csv", packed(training))).rows(), 3u);
  EXPECT_EQ(read_csv(folder.write("b.csv.gz", training)).rows(), 3u);
}
TEST(CsvFiles, DamagedGzip) {
  const TemporaryFolder folder;
  std::string good;
  for (int i = 0; i < 1000; ++i) good += std::to_string(i * 7919) + ",";
  const std::string bytes = packed("a\n" + good);
  const Error early = error_of([&] { read_csv(folder.write("a.gz", bytes.substr(0, bytes.size() / 2))); });
  EXPECT_EQ(early.faults()[0].text(), folder.file("a.gz") +
                                          ": the gzip data end too early (copy or download the file again) "
                                          "[data.gzip_damaged]");
  std::string wrong = bytes;
  wrong[wrong.size() / 2] = static_cast<char>(wrong[wrong.size() / 2] ^ 0x55);
  EXPECT_EQ(error_of([&] { read_csv(folder.write("b.gz", wrong)); }).code(), "data.gzip_damaged");
  std::string checksum = bytes;
  checksum[checksum.size() - 6] = static_cast<char>(checksum[checksum.size() - 6] ^ 1);
  EXPECT_EQ(error_of([&] { read_csv(folder.write("c.gz", checksum)); }).code(), "data.gzip_damaged");
  EXPECT_EQ(error_of([&] { read_csv(folder.write("d.gz", bytes + "more")); }).code(), "data.gzip_damaged");
  EXPECT_EQ(read_csv(folder.write("e.gz", packed(training) + std::string(512, '\0'))).rows(), 3u);
}
TEST(CsvFiles, GzipThatInflatesTooFar) {
  const TemporaryFolder folder;
  const std::string path = folder.write("bomb.gz", packed("a\n" + std::string(std::size_t{8} << 20, '1')));
  const Error error = error_of([&] { read_csv(path, {.inflate_limit = std::uint64_t{4} << 20}); });
  EXPECT_EQ(error.faults()[0].text(), path +
                                          ": the file inflates to more than 4 MiB, the limit (raise inflate_limit, or "
                                          "unpack the file) [data.gzip_too_large]");
}

// ---- streams ----

/// All batches of a stream in one list of rows, as text.
Texts rows_of(CsvStream& stream, std::size_t most) {
  Texts rows;
  while (auto batch = stream.next()) {
    EXPECT_GE(batch->rows(), 1u);
    EXPECT_LE(batch->rows(), most);
    for (std::size_t i = 0; i < batch->rows(); ++i)
      rows.push_back(std::to_string(batch->column("n").number(i)) + "|" + std::string(batch->column("c").text(i)));
  }
  return rows;
}

TEST(CsvStreams, GiveTheSameRowsAsReadingAtOnce) {
  const TemporaryFolder folder;
  std::string text = "skip,n,c\r\n";
  Texts expected;
  for (int i = 0; i < 30000; ++i) {
    const std::string c = i % 3 == 0 ? "plain" : i % 3 == 1 ? "\"quo,\"\"ted\r\n\"" : "";
    text += "\"z\nz\"," + std::to_string(i) + "," + c + "\r\n";
    expected.push_back(std::to_string(static_cast<double>(i)) + "|" +
                       (i % 3 == 0   ? "plain"
                        : i % 3 == 1 ? "quo,\"ted\r\n"
                                     : ""));
  }
  ASSERT_GT(text.size(), std::size_t{1} << 19);
  const std::string path = folder.write("a.csv", text), gzip = folder.write("a.csv.gz", packed(text, 2));
  const Table trained = read_csv_text("n,c\n1,plain\n2,\"quo,\"\"ted\r\n\"\n");
  for (const std::size_t most : {std::size_t{1}, std::size_t{1000}, std::size_t{100000}}) {
    if (most == 1) continue;  // a million small tables: covered below by a small file
    CsvStream stream(path, *trained.schema(), {}, most), from_gzip(gzip, *trained.schema(), {}, most);
    EXPECT_EQ(rows_of(stream, most), expected);
    EXPECT_EQ(stream.rows(), 30000u);
    EXPECT_EQ(rows_of(from_gzip, most), expected);
  }
}
TEST(CsvStreams, OneRowAtATime) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.csv", "n,c\n1,a\n\n2,b\r\n3,\"a\"");
  CsvStream stream(path, *read_csv_text("n,c\n1,a\n2,b\n").schema(), {}, 1);
  EXPECT_EQ(rows_of(stream, 1), (Texts{"1.000000|a", "2.000000|b", "3.000000|a"}));
  EXPECT_FALSE(stream.next().has_value());
}
TEST(CsvStreams, RowsLongerThanTheWindow) {
  const TemporaryFolder folder;
  const std::string big(std::size_t{3} << 20, 'x');
  const std::string path = folder.write("a.csv", "c,n\n" + big + ",1\nshort,2\n" + big + ",3\n");
  const Schema schema({ColumnSchema{.name = "n"}, ColumnSchema{.name = "c", .kind = ColumnKind::text}});
  CsvStream stream(path, schema);
  EXPECT_EQ(rows_of(stream, 16384), (Texts{"1.000000|" + big, "2.000000|short", "3.000000|" + big}));
}
TEST(CsvStreams, HeaderLongerThanTheWindow) {
  const TemporaryFolder folder;
  std::string header = "n,c", row = "1,a";
  for (int i = 0; i < 200000; ++i) {
    header += ",column" + std::to_string(i);
    row += ",";
  }
  CsvStream stream(folder.write("a.csv", header + "\n" + row + "\n"), *read_csv_text("n,c\n1,a\n").schema());
  EXPECT_EQ(rows_of(stream, 1), (Texts{"1.000000|a"}));
}
TEST(CsvStreams, FaultsNameTheRowOfTheFileAndEndTheStream) {
  const TemporaryFolder folder;
  const Schema schema = *read_csv_text("n,c\n1,a\n").schema();
  const auto second_fault = [&](const std::string& text) {
    CsvStream stream(folder.write("a.csv", text), schema, {}, 2);
    EXPECT_TRUE(stream.next().has_value());
    const Error error = error_of([&] { stream.next(); });
    EXPECT_FALSE(stream.next().has_value());
    return error;
  };
  const Error ragged = second_fault("n,c\n1,a\n2,a\n3,a\n4\n");
  EXPECT_EQ(ragged.code(), "data.ragged_row");
  EXPECT_EQ(ragged.place(), folder.file("a.csv") + ", row 4");
  const Error type = second_fault("n,c\n1,a\n2,a\nx,a\n");
  EXPECT_EQ(type.code(), "data.cell_type");
  EXPECT_EQ(type.place(), folder.file("a.csv") + ", row 3, column 'n'");
  EXPECT_EQ(second_fault("n,c\n1,a\n2,a\n3,\"a\n").code(), "data.unclosed_quote");
}
TEST(CsvStreams, HeaderFaultsComeAtOnce) {
  const TemporaryFolder folder;
  const Schema schema = *read_csv_text("n,c\n1,a\n").schema();
  const auto code = [&](const std::string& path) { return error_of([&] { CsvStream(path, schema); }).code(); };
  EXPECT_EQ(code(folder.write("a.csv", "n\n1\n")), "data.column_missing");
  EXPECT_EQ(code(folder.write("a.csv", "")), "data.empty_file");
  EXPECT_EQ(code(folder.file("none.csv")), "data.file_missing");
  EXPECT_EQ(code(folder.path()), "data.folder");
  EXPECT_EQ(error_of([&] { CsvStream(folder.write("a.csv", training), schema, {}, 0); }).place(), "batch_rows");
  CsvStream empty(folder.write("a.csv", "n,c\n"), schema);
  EXPECT_FALSE(empty.next().has_value());
}

}  // namespace
}  // namespace automill
