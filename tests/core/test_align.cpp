// New tables in the layout of training: order, extra, missing and retyped columns, dictionaries, unseen categories.

#include <gtest/gtest.h>

#include <automill/core/align.hpp>

namespace automill {
namespace {

ColumnPtr numbers(const char* name, std::vector<double> values, ColumnKind kind = ColumnKind::number) {
  return make_number_column({.name = name, .kind = kind}, std::move(values));
}
ColumnPtr categories(const char* name, std::vector<std::string_view> values) {
  return make_category_column(name, values);
}

Schema training_schema() {
  return *Table({numbers("age", {1, 2}), categories("job", {"clerk", "nurse"}),
                 numbers("flag", {0, 1}, ColumnKind::boolean), numbers("when", {0, 1}, ColumnKind::datetime)})
              .schema();
}

Table good_table() {
  return Table({numbers("when", {5}, ColumnKind::datetime), numbers("extra", {9}), categories("job", {"nurse"}),
                numbers("flag", {1}, ColumnKind::boolean), numbers("age", {44})});
}

std::vector<Fault> faults_of(const Table& table, const Schema& schema) {
  try {
    align(table, schema);
  } catch (const Error& error) {
    return error.faults();
  }
  return {};
}

TEST(Align, orders_columns_and_ignores_extra_ones) {
  const Schema schema = training_schema();
  const Table aligned = align(good_table(), schema);
  ASSERT_EQ(aligned.size(), 4U);
  for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(aligned[c].name(), schema[c].name);
  EXPECT_EQ(aligned.column("age").number(0), 44);
  EXPECT_EQ(aligned.column("job").text(0), "nurse");
}

TEST(Align, shares_columns_that_fit) {
  const Table table({numbers("age", {1}), categories("job", {"a"})});
  const Table aligned = align(table, *table.schema());
  EXPECT_EQ(aligned.columns()[0], table.columns()[0]);
  EXPECT_EQ(aligned.columns()[1], table.columns()[1]);
}

TEST(Align, recodes_other_dictionaries) {
  const Table training({categories("job", {"b", "d"})});
  const Table table({categories("job", {"a", "b", "c", "d", std::string_view()})});
  const Table aligned = align(table, *training.schema());
  const Column& job = aligned[0];
  EXPECT_EQ(job.schema().dictionary, training[0].schema().dictionary);
  EXPECT_EQ(job.number(0), 2);  // unseen
  EXPECT_EQ(job.number(1), 0);
  EXPECT_EQ(job.number(2), 2);
  EXPECT_EQ(job.number(3), 1);
  EXPECT_TRUE(job.missing(4));
}

TEST(Align, a_code_beyond_its_own_dictionary_stays_unseen) {
  const Table training({categories("job", {"a", "b", "c"})});
  ColumnSchema schema{.name = "job"};
  schema.dictionary = std::make_shared<const Dictionary>(std::vector<std::string>{"a"});
  const Table table({make_category_column(schema, {0, 1, -1})});
  const Table aligned = align(table, *training.schema());
  const Column& job = aligned[0];
  EXPECT_EQ(job.number(0), 0);
  EXPECT_EQ(job.number(1), 3);
  EXPECT_TRUE(job.missing(2));
}

TEST(Align, text_and_categories_become_each_other) {
  const std::vector<std::string_view> values{"b", "x", std::string_view()};
  const Table text({make_text_column("job", values)});
  const Table category({categories("job", {"a", "b"})});
  const Table coded = align(text, *category.schema());
  EXPECT_EQ(coded[0].kind(), ColumnKind::category);
  EXPECT_EQ(coded[0].number(0), 1);
  EXPECT_EQ(coded[0].number(1), 2);
  EXPECT_TRUE(coded[0].missing(2));
  const Table back = align(coded, *text.schema());
  EXPECT_EQ(back[0].kind(), ColumnKind::text);
  EXPECT_EQ(back[0].text(0), "b");
  EXPECT_TRUE(back[0].missing(2));
}

TEST(Align, numbers_and_booleans_stand_for_each_other) {
  const Table table({numbers("flag", {1, 0, std::nan("")})});
  const Table training({numbers("flag", {0}, ColumnKind::boolean)});
  EXPECT_EQ(align(table, *training.schema())[0].number(0), 1);
  EXPECT_EQ(align(training, *table.schema())[0].number(0), 0);
}

// what reads the aligned table decides by the kinds of training
TEST(Align, gives_every_column_the_kind_of_the_schema) {
  const Table training({numbers("a", {0}, ColumnKind::boolean), numbers("b", {0})});
  const Table table({numbers("a", {1}), numbers("b", {1}, ColumnKind::boolean)});
  const Table aligned = align(table, *training.schema());
  EXPECT_EQ(aligned[0].kind(), ColumnKind::boolean);
  EXPECT_EQ(aligned[1].kind(), ColumnKind::number);
  EXPECT_EQ(aligned[0].number(0), 1);
}

TEST(Align, a_column_that_is_all_missing_fits_every_kind) {
  const double nan = std::nan("");
  const Schema schema = *Table({numbers("number", {1, 2}), categories("category", {"a", "b"}),
                                make_text_column("text", std::vector<std::string_view>{"a", "b"}),
                                numbers("when", {1, 2}, ColumnKind::datetime)})
                             .schema();
  const std::vector<std::string_view> none(2);
  const Table table({make_text_column("number", none), numbers("category", {nan, nan}), numbers("text", {nan, nan}),
                     make_category_column("when", none)});
  const Table aligned = align(table, schema);
  for (std::size_t c = 0; c < schema.size(); ++c) {
    EXPECT_EQ(aligned[c].kind(), schema[c].kind);
    EXPECT_TRUE(aligned[c].missing(0) && aligned[c].missing(1)) << schema[c].name;
  }
}

TEST(Align, names_every_fault) {
  const Table table({numbers("Age", {1}), numbers("job", {3}), categories("when", {"monday"})});
  const auto faults = faults_of(table, training_schema());
  ASSERT_EQ(faults.size(), 4U);
  EXPECT_EQ(faults[0].text(), "age: the column is not in the input (did you mean 'Age'?) [data.column_missing]");
  EXPECT_EQ(faults[1].text(),
            "job: is number here but was category in training (read the file with the model's schema, or convert the "
            "column) [data.column_retyped]");
  EXPECT_EQ(faults[2].code, "data.column_missing");
  EXPECT_EQ(faults[3].code, "data.column_retyped");
  EXPECT_EQ(faults[3].place, "when");
}

TEST(Align, of_no_rows_and_of_no_columns) {
  EXPECT_EQ(align(Table({numbers("age", {})}), *Table({numbers("age", {1})}).schema()).rows(), 0U);
  EXPECT_EQ(align(good_table(), Schema{}).rows(), 1U);
}

}  // namespace
}  // namespace automill
