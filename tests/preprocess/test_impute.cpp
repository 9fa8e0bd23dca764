// Impute against scikit-learn's SimpleImputer and closed forms.

#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

TEST(Impute, AgreesWithScikitLearn) {
  const Table table = reference_numbers("number_names");
  for (const char* strategy : {"mean", "median", "most_frequent"}) {
    const auto fitted = fit_checked(Impute{{.numeric = strategy}}, rows_of(table));
    const Table filled = fitted->transform(table);
    const auto names = texts(reference().at("number_names"));
    const Value& lists = expected((std::string("impute_") + strategy).c_str());
    for (std::size_t c = 0; c < names.size(); ++c)
      expect_same(values_of(filled, names[c]), numbers(lists.array()[c]), 1e-10);  // a mean of values up to 1e5
    const auto indicators = texts(expected("impute_indicator_names"));
    for (std::size_t c = 0; c < indicators.size(); ++c)
      expect_same(values_of(filled, indicators[c]), numbers(expected("impute_indicators").array()[c]));
    EXPECT_EQ(filled.size(), names.size() + indicators.size());
  }
}

TEST(Impute, FillsEveryKind) {
  const Table table({number_column("n", {1, missing, 4, 2}),
                     number_column("b", {1, 1, missing, 0}, ColumnKind::boolean),
                     number_column("d", {0, 86400e6, missing, 3 * 86400e6}, ColumnKind::datetime),
                     category_column("c", {"x", "", "y", "y"}), text_column("t", {"some", "", "words", "here"})});
  const auto fitted = fit_checked(Impute{}, rows_of(table));
  const Table filled = fitted->transform(table);
  EXPECT_EQ(filled.schema()->names(),
            (std::vector<std::string>{"n", "n_missing", "b", "b_missing", "d", "d_missing", "c", "t"}));
  expect_same(values_of(filled, "n"), {1, 2, 4, 2});
  expect_same(values_of(filled, "n_missing"), {0, 1, 0, 0});
  expect_same(values_of(filled, "b"), {1, 1, 1, 0});
  expect_same(values_of(filled, "d"), {0, 86400e6, 86400e6, 3 * 86400e6});
  EXPECT_EQ(names_of(filled, "c"), (std::vector<std::string>{"x", "(missing)", "y", "y"}));
  EXPECT_EQ(filled.column("n_missing").kind(), ColumnKind::boolean);
  EXPECT_EQ(filled.column("d").kind(), ColumnKind::datetime);
}

TEST(Impute, WhatTrainingDidNotMissIsFilledWithoutAnIndicator) {
  const Table train({number_column("n", {1, 2, 9}), category_column("c", {"x", "y", "y"})});
  const auto fitted = fit_checked(Impute{}, rows_of(train));
  const Table filled = fitted->transform(Table({number_column("n", {missing, 5}), category_column("c", {"", "x"})}));
  EXPECT_EQ(filled.schema()->names(), (std::vector<std::string>{"n", "c"}));
  expect_same(values_of(filled, "n"), {2, 5});
  EXPECT_EQ(names_of(filled, "c"), (std::vector<std::string>{"y", "x"}));
}

TEST(Impute, ColumnsThatNeedNothingAreShared) {
  const Table train({number_column("n", {1, 2, 9}), category_column("c", {"x", "y", "y"})});
  const Transformer::Fitted fitted = Impute{}.fit_transform(rows_of(train), {});
  EXPECT_EQ(fitted.train.columns()[0], train.columns()[0]);
  EXPECT_EQ(fitted.train.columns()[1], train.columns()[1]);
}

TEST(Impute, UnseenCategoriesStayUnseen) {
  const Table train({category_column("c", {"a", "", "z"})});
  const auto fitted = fit_checked(Impute{}, rows_of(train));
  const Table filled = fitted->transform(Table({category_column("c", {"new", "", "z", "a"})}));
  EXPECT_EQ(names_of(filled, "c"), (std::vector<std::string>{"?", "(missing)", "z", "a"}));
}

TEST(Impute, OwnCategoryMeetsACategoryOfThatName) {
  const Table train({category_column("c", {"a", "", "(missing)", "A"})});
  const auto fitted = fit_checked(Impute{}, rows_of(train));
  EXPECT_EQ(names_of(fitted->transform(train), "c"), (std::vector<std::string>{"a", "(missing)", "(missing)", "A"}));
}

TEST(Impute, NamesThatAreTakenGetANumber) {
  const Table train({number_column("n", {1, missing}), number_column("n_missing", {3, missing}),
                     number_column("n_missing_2", {3, 4})});
  const auto fitted = fit_checked(Impute{}, rows_of(train));
  EXPECT_EQ(fitted->output_schema()->names(),
            (std::vector<std::string>{"n", "n_missing_3", "n_missing", "n_missing_missing", "n_missing_2"}));
}

TEST(Impute, ConstantAndMostFrequentAreTakenWhenAsked) {
  const Table train({number_column("n", {1, missing, 7}), category_column("c", {"x", "", "x"}),
                     number_column("d", {5, missing, 7}, ColumnKind::datetime)});
  const auto fitted = fit_checked(
      Impute{{.numeric = "constant", .fill_value = -1, .categorical = "most_frequent", .indicators = "never"}},
      rows_of(train));
  const Table filled = fitted->transform(train);
  EXPECT_EQ(filled.size(), 3U);
  expect_same(values_of(filled, "n"), {1, -1, 7});
  expect_same(values_of(filled, "d"), {5, 6, 7});
  EXPECT_EQ(names_of(filled, "c"), (std::vector<std::string>{"x", "x", "x"}));
}

TEST(Impute, WeightsCountAsCopies) {
  const Table train({number_column("n", {1, 2, 10, missing})});
  const auto filled = [&](const char* strategy, std::vector<double> weights) {
    return values_of(fit_checked(Impute{{.numeric = strategy}}, rows_of(train, std::move(weights)))->transform(train),
                     "n")[3];
  };
  EXPECT_EQ(filled("median", {1, 1, 3, 1}), 10);
  EXPECT_EQ(filled("median", {1, 1, 2, 1}), 6);  // 1 2 10 10
  EXPECT_EQ(filled("mean", {1, 2, 1, 5}), 3.75);
  EXPECT_EQ(filled("most_frequent", {1, 3, 2, 5}), 2);
  EXPECT_NEAR(filled("mean", {0.5, 1, 0.5, 9}), 3.75, 1e-15);
}

TEST(Impute, ColumnsThatAreAllMissingAndInfiniteValues) {
  const double infinite = std::numeric_limits<double>::infinity();
  const Table train({number_column("none", {missing, missing, missing}), category_column("empty", {"", "", ""}),
                     number_column("wide", {infinite, 1, 3})});
  const auto fitted = fit_checked(Impute{}, rows_of(train));
  expect_same(values_of(fitted->transform(train), "none"), {0, 0, 0});
  EXPECT_EQ(names_of(fitted->transform(train), "empty"),
            (std::vector<std::string>{"(missing)", "(missing)", "(missing)"}));
  const Table more({number_column("none", {1}), category_column("empty", {""}), number_column("wide", {missing})});
  expect_same(values_of(fitted->transform(more), "wide"), {2});
  const auto frequent = fit_checked(Impute{{.categorical = "most_frequent"}}, rows_of(train));
  EXPECT_EQ(names_of(frequent->transform(train), "empty"), (std::vector<std::string>{"", "", ""}));
}

TEST(Impute, WholeNumbersStayWholeWhenTheFillIs) {
  const auto whole = [](std::vector<double> values) {
    const Table table({make_number_column({.name = "n", .integer = true}, std::move(values))});
    return (*fit_checked(Impute{}, rows_of(table))->output_schema())[0].integer;
  };
  EXPECT_TRUE(whole({1, 2, 3, missing}));
  EXPECT_FALSE(whole({1, 2, missing}));  // 1.5
}

TEST(Impute, DamagedFileIsRefused) {
  const Table train({number_column("n", {1, missing, 7}), category_column("c", {"x", "", "y"}),
                     category_column("d", {"x", "x", "y"}), text_column("t", {"", "", ""}),
                     number_column("b", {0, 1, missing}, ColumnKind::boolean)});
  const auto fitted = fit_checked(Impute{}, rows_of(train));
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.pop_back(); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{9}; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{3}; });  // own category for a number
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[3] = std::byte{1}; });  // a text filled
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 2, 2); });               // a category that is not there
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 2, 0.5); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 0, missing); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 4, 1e-323); });  // a boolean that is neither
  expect_refused(*fitted, [](Archive& a) { a.root.object()["state_version"] = 2; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["fills"] = 1; });
}

TEST(Impute, ParametersAreChecked) {
  EXPECT_THROW(Impute{{.numeric = "middle"}}, Error);
  EXPECT_THROW(Impute{}.with_parameters(Object{{"categorical", "drop"}}), Error);
  EXPECT_EQ(Impute{}.with_parameters(Object{{"fill_value", 3}})->parameters().find("fill_value")->number(), 3);
}

}  // namespace
