// Tables, schemas, dictionaries and views of rows.

#include <gtest/gtest.h>

#include <automill/core/table.hpp>

namespace automill {
namespace {

TEST(Dictionary, codes_are_positions_and_unseen_is_its_size) {
  const Dictionary dictionary({"a", "b", "c"});
  EXPECT_EQ(dictionary.size(), 3U);
  EXPECT_EQ(dictionary.code("b"), 1);
  EXPECT_EQ(dictionary.code("z"), 3);
  EXPECT_EQ(dictionary.code(""), dictionary.unseen_code());
  EXPECT_EQ(Dictionary().code("a"), 0);
}

TEST(Schema, finds_columns_and_suggests_near_names) {
  const Schema schema({{.name = "age"}, {.name = "income"}});
  EXPECT_EQ(schema.column("income"), 1U);
  EXPECT_TRUE(schema.contains("age"));
  EXPECT_EQ(schema.names(), (std::vector<std::string>{"age", "income"}));
  try {
    (void)schema.column("incme");
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "incme: there is no such column (did you mean 'income'?) [data.column_unknown]");
  }
}

TEST(Table, from_borrows_numbers_and_reads_strings) {
  std::vector<double> age{39, 50};
  const std::vector<float> height{1.5F, 2.5F};
  const std::vector<std::int64_t> big{std::int64_t{1} << 40, 2};
  const std::vector<std::int32_t> small{-7, 8};
  const bool flags[] = {true, false};
  const std::vector<std::string_view> job{"nurse", "clerk"};
  const Table table = Table::from({{"age", std::span<const double>(age)},
                                   {"height", std::span<const float>(height)},
                                   {"big", std::span<const std::int64_t>(big)},
                                   {"small", std::span<const std::int32_t>(small)},
                                   {"flag", std::span<const bool>(flags)},
                                   {"job", std::span<const std::string_view>(job)}});
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.size(), 6U);
  EXPECT_EQ(table.column("age").number(1), 50);
  EXPECT_EQ(table.column("height").number(0), 1.5);
  EXPECT_EQ(table.column("big").number(0), 0x1p40);
  EXPECT_EQ(table.column("small").number(0), -7);
  EXPECT_EQ(table.column("flag").number(0), 1);
  EXPECT_EQ(table.column("flag").kind(), ColumnKind::boolean);
  EXPECT_TRUE(table.column("big").schema().integer);
  EXPECT_FALSE(table.column("age").schema().integer);
  EXPECT_EQ(table.column("job").text(0), "nurse");
  EXPECT_EQ(table.column("job").number(0), 1);  // names are sorted
  age[0] = 40;                                  // borrowed
  EXPECT_EQ(table.column("age").number(0), 40);
}

TEST(Table, refuses_unequal_lengths_and_double_names_at_once) {
  try {
    Table({make_number_column({.name = "a"}, {1, 2}), make_number_column({.name = "b"}, {1}),
           make_number_column({.name = "a"}, {1, 2}), make_number_column({.name = "a"}, {1, 2})});
    FAIL() << "no Error";
  } catch (const Error& error) {
    ASSERT_EQ(error.faults().size(), 2U) << error.what();
    EXPECT_EQ(error.faults()[0].code, "data.length_mismatch");
    EXPECT_EQ(error.faults()[0].place, "b");
    EXPECT_EQ(error.faults()[1].code, "data.duplicate_column");
    EXPECT_EQ(error.faults()[1].place, "a");
  }
}

TEST(Table, without_shares_the_other_columns) {
  const Table table({make_number_column({.name = "a"}, {1, 2}), make_number_column({.name = "b"}, {3, 4})});
  const Table rest = table.without({"a", "unknown"});
  EXPECT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest.columns()[0], table.columns()[1]);
  EXPECT_EQ(table.without({"a", "b"}).rows(), 2U);  // rows stay known without columns
}

TEST(Table, of_nothing) {
  EXPECT_EQ(Table().rows(), 0U);
  EXPECT_EQ(Table(std::vector<ColumnPtr>{}).size(), 0U);
  EXPECT_EQ(Table::with_rows({}, 5).rows(), 5U);
}

TEST(CategoryColumn, names_are_sorted_and_missing_is_kept) {
  const std::vector<std::string_view> values{"b", "", std::string_view(), "a", "b"};
  const ColumnPtr column = make_category_column("c", values);
  EXPECT_EQ(column->schema().dictionary->names(), (std::vector<std::string>{"", "a", "b"}));
  EXPECT_EQ(column->number(0), 2);
  EXPECT_EQ(column->number(1), 0);  // empty text is a category
  EXPECT_TRUE(column->missing(2));
}

std::vector<double> read(const TableView& view, std::size_t column) {
  std::vector<double> values(view.rows());
  view.numbers(column, values.data());
  return values;
}

TEST(TableView, whole_range_and_listed_rows) {
  const Table table({make_number_column({.name = "x"}, {10, 11, 12, 13, 14})});
  EXPECT_EQ(read(table, 0), (std::vector<double>{10, 11, 12, 13, 14}));
  EXPECT_EQ(read(TableView(table, 1, 3), 0), (std::vector<double>{11, 12, 13}));
  const std::vector<std::uint32_t> rows{4, 0, 4};
  const TableView listed(table, rows);
  EXPECT_EQ(read(listed, 0), (std::vector<double>{14, 10, 14}));
  EXPECT_EQ(listed.row(1), 0U);
  EXPECT_EQ(read(listed.part(1, 2), 0), (std::vector<double>{10, 14}));
  EXPECT_EQ(read(TableView(table, 1, 3).part(1, 1), 0), (std::vector<double>{12}));
  EXPECT_EQ(TableView(table, std::span<const std::uint32_t>()).rows(), 0U);  // an empty list is no rows, not all
}

TEST(TableView, of_takes_the_same_rows_of_another_table) {
  const Table table({make_number_column({.name = "x"}, {1, 2, 3})});
  const Table other({make_number_column({.name = "y"}, {7, 8, 9})});
  const std::vector<std::uint32_t> rows{2, 1};
  EXPECT_EQ(read(TableView(table, rows).of(other), 0), (std::vector<double>{9, 8}));
}

TEST(TableView, text_of_listed_rows) {
  const std::vector<std::string_view> values{"a", "b", "c"};
  const Table table({make_text_column("t", values)});
  const std::vector<std::uint32_t> rows{2, 0};
  EXPECT_EQ(TableView(table, rows).text(0, 0), "c");
  EXPECT_EQ(TableView(table, 1, 2).text(0, 0), "b");
}

}  // namespace
}  // namespace automill
