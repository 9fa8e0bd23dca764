// ParseText. Expected numbers are what the cells say; formats themselves are tested in data/test_cell_format.cpp.

#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

constexpr double christmas = 19715 * 86400e6;  // 2023-12-24

Table table() {
  return Table({text_column("price", {"1,234 USD", "99 USD", "(5 USD)", "call"}),
                category_column("share", {"12.5%", "3%", "", "0.25%"}),
                category_column("sold", {"24.12.2023", "25.12.2023", "", "26.12.2023"}),
                category_column("new", {"yes", "no", "", "yes"}), category_column("color", {"red", "green", "red", ""}),
                category_column("code", {"007", "012.5", "3", "4"}), text_column("note", {"a b c", "d", "1 2", "e"}),
                number_column("size", {1, 2, 3, missing})});
}

TEST(ParseText, EachColumn) {
  const auto fitted = fit_checked(ParseText{{.least_share = 0.75}}, rows_of(table()));
  const Table parsed = fitted->transform(table());
  expect_same(values_of(parsed, "price"), {1234, 99, -5, missing});
  expect_same(values_of(parsed, "share"), {12.5, 3, missing, 0.25});
  expect_same(values_of(parsed, "sold"), {christmas, christmas + 86400e6, missing, christmas + 2 * 86400e6});
  expect_same(values_of(parsed, "new"), {1, 0, missing, 1});
  expect_same(values_of(parsed, "size"), {1, 2, 3, missing});
  const Schema& schema = *fitted->output_schema();
  EXPECT_EQ(schema[0].kind, ColumnKind::number);
  EXPECT_TRUE(schema[0].integer);
  EXPECT_EQ(schema[0].format, "#,#.# USD");
  EXPECT_FALSE(schema[1].integer);
  EXPECT_EQ(schema[2].kind, ColumnKind::datetime);
  EXPECT_EQ(schema[3].kind, ColumnKind::boolean);
  EXPECT_EQ(schema[4].kind, ColumnKind::category);
  EXPECT_EQ(schema[5].kind, ColumnKind::category);
  EXPECT_EQ(schema[6].kind, ColumnKind::text);
}

TEST(ParseText, ParametersDecide) {
  const auto kinds = [](const ParseText& parse) {
    const auto fitted = fit_checked(parse, rows_of(table()));
    return std::pair{(*fitted->output_schema())[0].kind, (*fitted->output_schema())[3].kind};
  };
  EXPECT_EQ(kinds(ParseText{}), (std::pair{ColumnKind::text, ColumnKind::boolean}));  // 75 % of the prices are numbers
  EXPECT_EQ(kinds(ParseText{{.least_share = 0.75, .booleans = false}}),
            (std::pair{ColumnKind::number, ColumnKind::category}));
}

TEST(ParseText, NewRows) {
  const auto fitted = fit_checked(ParseText{{.least_share = 0.75}}, rows_of(table()));
  const Table rows =
      Table({text_column("price", {"2,000,000 USD", "3 EUR", ""}), category_column("share", {"3%", "99%", ""}),
             text_column("sold", {"24.12.2023", "2023-12-24", "?"}), text_column("new", {"no", "perhaps", ""}),
             category_column("color", {"red", "blue", ""}), category_column("code", {"3", "4", ""}),
             text_column("note", {"", "x", "y"}), number_column("size", {1, 2, 3})});
  const Table parsed = fitted->transform(rows);
  expect_same(values_of(parsed, "price"), {2000000, missing, missing});
  expect_same(values_of(parsed, "share"), {3, missing, missing});  // a category of training, and one that was not
  expect_same(values_of(parsed, "new"), {0, missing, missing});
}

TEST(ParseText, ColumnsOfTextReadCellsThatTrainingDidNotHave) {
  const Table train({text_column("share", {"12.5%", "3%", "1%"})});
  const auto fitted = fit_checked(ParseText{}, rows_of(train));
  expect_same(values_of(fitted->transform(Table({text_column("share", {"99%", "1,000 %", "none"})})), "share"),
              {99, 1000, missing});
}

TEST(ParseText, SmallAndEmptyTables) {
  const Table one({text_column("a", {"$5"}), category_column("b", {""}), category_column("c", {"x"})});
  const auto fitted = fit_checked(ParseText{}, rows_of(one));
  expect_same(values_of(fitted->transform(one), "a"), {5});
  EXPECT_EQ((*fitted->output_schema())[1].kind, ColumnKind::category);
  const auto none = fit_checked(ParseText{}, rows_of(Table({number_column("a", {1, 2})})));
  EXPECT_EQ((*none->output_schema())[0].kind, ColumnKind::number);
}

TEST(ParseText, WeightsAreCopies) {
  const Table train({text_column("a", {"$1", "$2", "none"})});
  const auto kind = [&](std::vector<double> weights) {
    return (*fit_checked(ParseText{}, rows_of(train, std::move(weights)))->output_schema())[0].kind;
  };
  EXPECT_EQ(kind({}), ColumnKind::text);           // 2 of 3
  EXPECT_EQ(kind({5, 4, 1}), ColumnKind::number);  // 9 of 10
  EXPECT_EQ(kind({5, 3, 1}), ColumnKind::text);    // 8 of 9
  EXPECT_EQ(kind({1, 1, 0}), ColumnKind::number);
}

TEST(ParseText, DamagedFileIsRefused) {
  const auto fitted = fit_checked(ParseText{{.least_share = 0.75}}, rows_of(table()));
  const auto change = [&](std::size_t column, const char* key, Value value) {
    expect_refused(*fitted,
                   [&](Archive& archive) { archive.root.object()["columns"].array()[column].object()[key] = value; });
  };
  change(0, "format", "#");
  change(0, "format", "");
  change(0, "kind", "numbers");
  change(0, "kind", "category");
  change(4, "format", "#,#.#");
  change(4, "integer", true);
  change(7, "format", "#,#.#");
  expect_refused(*fitted, [](Archive& archive) { archive.root.object()["columns"].array().pop_back(); });
}

}  // namespace
