// Random tables, written and read back, and random bytes: the same for every chunk size, number of threads, delimiter
// and line end.

#include <rapidcheck.h>

#include <automill/data/csv_writer.hpp>

#include "data/csv_helpers.hpp"
#include "data/csv_index.hpp"

namespace automill {
namespace {

using namespace csv_test;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Runs a RapidCheck property inside a GoogleTest test.
template <class Property>
void check(const std::string& name, const Property& property) {
  EXPECT_TRUE(rc::check(name, property));
}

/// The kinds of columns that the generator makes; each is read back as what it is.
enum class Make { whole, narrow, decimal, boolean, datetime, string };

/// Numbers of many sizes; NaN is missing.
double random_number(Make make) {
  if (*rc::gen::inRange(0, 6) == 0) return missing;
  if (make == Make::narrow) return *rc::gen::inRange(-200, 200);
  if (make == Make::whole) return static_cast<double>(*rc::gen::inRange<std::int64_t>(-(1LL << 53), (1LL << 53) + 1));
  if (*rc::gen::inRange(0, 20) == 0) return *rc::gen::element(infinity, -infinity, 1e308, 5e-324, 0.1, 1e22);
  const double value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
  return std::isfinite(value) ? value : 0.5;
}

/// Strings with everything that could hurt; never one that could be a number, a date, a boolean or a marker.
std::string random_string() {
  static const std::vector<std::string> pieces{"a",
                                               "b",
                                               "\"",
                                               "\"\"",
                                               ",",
                                               ";",
                                               "\n",
                                               "\r\n",
                                               "\r",
                                               " ",
                                               "\t",
                                               "|",
                                               "\xC3\xA9",
                                               "\xF0\x9F\x98\x80",
                                               "0",
                                               "word",
                                               "a longer piece of text"};
  if (*rc::gen::inRange(0, 6) == 0) return "";
  std::string text = "s";
  const int count = *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i) text += pieces[*rc::gen::inRange<std::size_t>(0, pieces.size())];
  return text;
}

struct Written {
  std::vector<Make> makes;
  std::vector<std::vector<double>> numbers;  // by column, then row
  std::vector<std::vector<std::string>> strings;
  std::size_t rows = 0;
  std::string text;
};

Written random_table(char delimiter, const std::string& line_end) {
  Written table;
  table.rows = *rc::gen::inRange<std::size_t>(1, 30);
  const std::size_t columns = *rc::gen::inRange<std::size_t>(1, 6);
  for (std::size_t c = 0; c < columns; ++c) {
    table.makes.push_back(static_cast<Make>(*rc::gen::inRange(0, 6)));
    auto& numbers = table.numbers.emplace_back();
    auto& strings = table.strings.emplace_back();
    for (std::size_t r = 0; r < table.rows; ++r) {
      const Make make = table.makes[c];
      if (make == Make::string) strings.push_back(random_string());
      else if (make == Make::boolean) numbers.push_back(r < 2 ? static_cast<double>(r) : *rc::gen::inRange(0, 2));
      else if (make == Make::datetime)
        numbers.push_back(*rc::gen::inRange(0, 6) == 0
                              ? missing
                              : 1e3 * static_cast<double>(*rc::gen::inRange<std::int64_t>(-(1LL << 42), 1LL << 42)));
      else numbers.push_back(random_number(make));
    }
  }
  std::string plain;
  for (std::size_t r = 0; r <= table.rows; ++r) {
    {
      CsvRow row(plain, delimiter);
      for (std::size_t c = 0; c < columns; ++c) {
        if (r == 0) row.add("c" + std::to_string(c));
        else if (table.makes[c] == Make::string) row.add(table.strings[c][r - 1]);
        else if (table.makes[c] == Make::boolean) row.add(table.numbers[c][r - 1] != 0 ? "yes" : "no");
        else if (table.makes[c] == Make::datetime) {
          std::string date;
          append_csv_datetime(date, table.numbers[c][r - 1]);
          row.add(date);
        } else row.add(table.numbers[c][r - 1]);
      }
    }
    plain.pop_back();
    plain += line_end;
  }
  table.text = plain;
  return table;
}

void expect_table(const Written& written, const Table& table) {
  RC_ASSERT(table.rows() == written.rows);
  RC_ASSERT(table.size() == written.makes.size());
  for (std::size_t c = 0; c < table.size(); ++c) {
    const Column& column = table[c];
    for (std::size_t r = 0; r < written.rows; ++r) {
      if (written.makes[c] == Make::string) {
        RC_ASSERT(column.missing(r) == written.strings[c][r].empty());
        if (!column.missing(r)) RC_ASSERT(column.text(r) == written.strings[c][r]);
      } else if (written.makes[c] == Make::boolean && written.rows < 2) {
        RC_ASSERT(column.text(r) == "no");  // one spelling alone is no boolean
      } else {
        const double expected = written.numbers[c][r], value = column.number(r);
        RC_ASSERT(value == expected || (std::isnan(value) && std::isnan(expected)));
      }
    }
  }
}

CsvOptions random_options(char delimiter) {
  CsvOptions options;
  options.delimiter = delimiter;
  options.threads = *rc::gen::inRange(1, 4);
  options.chunk_bytes = *rc::gen::element<std::size_t>(1, 2, 3, 7, 16, 63, 64, 65, 200, 0);
  return options;
}

TEST(CsvProperty, WhatIsWrittenIsReadBack) {
  check("read(write(table)) == table", [] {
    const char delimiter = *rc::gen::element(',', ';', '\t', '|');
    const std::string line_end = *rc::gen::element<std::string>("\n", "\r\n", "\r");
    const Written written = random_table(delimiter, line_end);
    const CsvOptions options = random_options(delimiter);
    RC_LOG() << written.text << " chunk " << options.chunk_bytes << " threads " << options.threads;
    const Table table = read_csv_text(written.text, options);
    expect_table(written, table);
    CsvOptions others = options;
    expect_table(written, read_csv_text(written.text, *table.schema(), others));
  });
}

/// Everything that reading says about a text, as one string: the table, or the error.
std::string outcome(std::string_view text, const CsvOptions& options) {
  try {
    const Table table = read_csv_text(text, options);
    std::string all;
    for (std::size_t c = 0; c < table.size(); ++c) {
      all += table[c].name() + ":" + column_kind_name(table[c].kind()) + table[c].schema().format;
      all += table[c].schema().integer ? "i" : "d";
      for (const auto& marker : table[c].schema().missing_markers) all += "<" + marker + ">";
      for (std::size_t r = 0; r < table.rows(); ++r) {
        all += "|";
        if (!table[c].missing(r) && (table[c].kind() == ColumnKind::category || table[c].kind() == ColumnKind::text))
          all += std::string(table[c].text(r)) + "#";
        append_csv_number(all, table[c].number(r));
      }
    }
    return all;
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(CsvProperty, ChunksAndThreadsNeverMatter) {
  check("the outcome of any text is the same for every chunk size and number of threads", [] {
    static const std::vector<std::string> pieces{"a",        "1",    "\"",  "\"",   ",",          ",",   "\n",
                                                 "\n",       "\r",   "2.5", "NA",   "yes",        "no",  "-7",
                                                 "\xC3\xA9", "\xE9", " ",   "\"\"", "2024-01-01", "007", "t"};
    std::string text = *rc::gen::element<std::string>("h\n", "x,y\n", "\"p\nq\",r\n", "");
    const int count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i) text += pieces[*rc::gen::inRange<std::size_t>(0, pieces.size())];
    CsvOptions whole;
    whole.delimiter = ',';
    whole.threads = 1;
    RC_ASSERT(outcome(text, random_options(',')) == outcome(text, whole));
  });
}

TEST(CsvProperty, ColumnsThatChangeTheirKindLate) {
  check("numbers, dates, markers and strings in any order and mixture", [] {
    static const std::vector<std::string> cells{"1", "2",   "-3.5", "2024-01-01", "NA",  "?",
                                                "",  "abc", "yes",  "no",         "007", " "};
    const std::size_t first = *rc::gen::inRange<std::size_t>(0, cells.size()),
                      second = *rc::gen::inRange<std::size_t>(0, cells.size());
    std::string text = "k,x\n";
    const int rows = *rc::gen::inRange(1, 40), change = *rc::gen::inRange(0, 40);
    for (int r = 0; r < rows; ++r) text += "1," + cells[r < change ? first : second] + "\n";
    CsvOptions whole;
    whole.threads = 1;
    whole.delimiter = ',';
    RC_ASSERT(outcome(text, random_options(',')) == outcome(text, whole));
  });
}

// The vector code against the byte-by-byte one, which a wrong last row forces on the same text.
TEST(CsvProperty, FastAndSlowIndexAgree) {
  check("fields of regular rows", [] {
    const std::string line_end = *rc::gen::element<std::string>("\n", "\r\n", "\r");
    const Written written = random_table(',', line_end);
    const CsvDialect dialect{.delimiter = ',', .columns = written.makes.size()};
    FieldIndex fast, slow;
    fast.build(written.text, dialect, TextEnd::complete);
    const std::string forced = written.text + "\"x\"y" + std::string(dialect.columns - 1, ',');
    slow.build(forced, dialect, TextEnd::complete);
    RC_ASSERT(slow.faults().count == 1u);
    RC_ASSERT(fast.faults().count == 0u);
    RC_ASSERT(fast.rows() == written.rows + 1);
    RC_ASSERT(slow.rows() == fast.rows() + 1);
    for (std::size_t r = 0; r < fast.rows(); ++r)
      for (std::size_t c = 0; c < dialect.columns; ++c) RC_ASSERT(fast.field(r, c) == slow.field(r, c));
  });
}

}  // namespace
}  // namespace automill
