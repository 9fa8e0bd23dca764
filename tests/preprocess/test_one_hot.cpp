// OneHot and Ordinal against scikit-learn's encoders and small tables.

#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

using Names = std::vector<std::string>;

TEST(OneHot, AgreesWithScikitLearn) {
  const Table table = reference_categories();
  const auto fitted = fit_checked(OneHot{{.min_count = 1, .binary_as_one = false}}, rows_of(table));
  const Table encoded = fitted->transform(table);
  EXPECT_EQ(encoded.schema()->names(), texts(expected("one_hot_names")));
  expect_columns(encoded, expected("one_hot"), 0);
}

TEST(OneHot, RareCategoriesShareAColumn) {
  const Table table(
      {category_column("c", {"a", "a", "b", "b", "x", "y", ""}), number_column("n", {1, 2, 3, 4, 5, 6, 7})});
  const auto fitted = fit_checked(OneHot{}, rows_of(table));
  const Table encoded = fitted->transform(table);
  EXPECT_EQ(encoded.schema()->names(), (Names{"c=a", "c=b", "c=(other)", "c=(missing)", "n"}));
  expect_same(values_of(encoded, "c=a"), {1, 1, 0, 0, 0, 0, 0});
  expect_same(values_of(encoded, "c=(other)"), {0, 0, 0, 0, 1, 1, 0});
  expect_same(values_of(encoded, "c=(missing)"), {0, 0, 0, 0, 0, 0, 1});
  EXPECT_EQ(encoded.column("c=a").kind(), ColumnKind::boolean);
  EXPECT_EQ(encoded.columns()[4], table.columns()[1]);
}

TEST(OneHot, KeepsTheMostFrequentCategories) {
  const Table table({category_column("c", {"d", "d", "a", "a", "b", "b", "b", "c"})});
  const auto fitted = fit_checked(OneHot{{.max_categories = 2, .min_count = 1}}, rows_of(table));
  EXPECT_EQ(fitted->output_schema()->names(), (Names{"c=a", "c=b", "c=(other)"}));  // a and d are equal: by name
  const auto weighted =
      fit_checked(OneHot{{.max_categories = 2, .min_count = 1}}, rows_of(table, {5, 1, 1, 1, 1, 1, 1, 9}));
  EXPECT_EQ(weighted->output_schema()->names(), (Names{"c=c", "c=d", "c=(other)"}));
}

TEST(OneHot, TwoCategoriesBecomeOneColumnUnlessMore) {
  const auto names = [](const std::vector<std::string>& values, bool one = true) {
    return fit_checked(OneHot{{.binary_as_one = one}}, rows_of(Table({category_column("c", values)})))
        ->output_schema()
        ->names();
  };
  EXPECT_EQ(names({"no", "yes", "no", "yes"}), (Names{"c=yes"}));
  EXPECT_EQ(names({"no", "yes", "no", "yes"}, false), (Names{"c=no", "c=yes"}));
  EXPECT_EQ(names({"no", "yes", "no", "yes", ""}), (Names{"c=no", "c=yes", "c=(missing)"}));
  EXPECT_EQ(names({"no", "yes", "no", "yes", "never"}), (Names{"c=no", "c=yes", "c=(other)"}));
  EXPECT_EQ(names({"no", "no"}), (Names{"c=no"}));
}

TEST(OneHot, UnseenAndMissingAreZerosUnlessAskedOtherwise) {
  const Table train({category_column("c", {"a", "a", "b", "b", "x"})});
  const Table more({category_column("c", {"new", "", "x", "b"})});
  const Table zeros = fit_checked(OneHot{}, rows_of(train))->transform(more);
  expect_same(values_of(zeros, "c=(other)"), {0, 0, 1, 0});
  expect_same(values_of(zeros, "c=b"), {0, 0, 0, 1});
  const Table other = fit_checked(OneHot{{.unseen = "other"}}, rows_of(train))->transform(more);
  expect_same(values_of(other, "c=(other)"), {1, 0, 1, 0});
  const Table holes({category_column("c", {"a", "a", "b", "b", ""})});
  EXPECT_EQ(fit_checked(OneHot{{.missing = "zeros"}}, rows_of(holes))->output_schema()->names(), (Names{"c=a", "c=b"}));
}

TEST(OneHot, CategoriesWithoutTrainingRowsGetNoColumn) {
  auto dictionary = std::make_shared<const Dictionary>(Names{"a", "b", "c"});
  const Table train({make_category_column({.name = "c", .dictionary = dictionary}, {0, 0, 2, 2})});
  const auto fitted = fit_checked(OneHot{{.binary_as_one = false}}, rows_of(train));
  EXPECT_EQ(fitted->output_schema()->names(), (Names{"c=a", "c=c"}));
  const Table more({category_column("c", {"b"})});
  expect_same(values_of(fitted->transform(more), "c=a"), {0});
}

TEST(OneHot, NamesThatAreTakenGetANumber) {
  const Table table({number_column("c=a", {1, 2, 3, 4}), category_column("c", {"a", "b", "a", "b"}),
                     category_column("c=", {"a", "(missing)", "", "a"})});
  const auto fitted = fit_checked(OneHot{{.min_count = 1, .binary_as_one = false}}, rows_of(table));
  EXPECT_EQ(fitted->output_schema()->names(), (Names{"c=a", "c=a_2", "c=b", "c==(missing)", "c==a", "c==(missing)_2"}));
}

TEST(OneHot, ManyRowsInBlocks) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 9001; ++i) values.push_back("k" + std::to_string(i * i % 13));
  const Table table({category_column("c", values)});
  const Table encoded = fit_checked(OneHot{}, rows_of(table))->transform(table);
  for (std::size_t i : {0U, 4095U, 4096U, 9000U})
    for (std::size_t c = 0; c < encoded.size(); ++c)
      EXPECT_EQ(encoded[c].number(i), encoded[c].name() == "c=" + values[i] ? 1 : 0);
}

TEST(OneHot, DamagedFileIsRefused) {
  const Table table({category_column("c", {"a", "a", "b", "b", ""}), number_column("n", {1, 2, 3, 4, 5})});
  const auto fitted = fit_checked(OneHot{}, rows_of(table));
  const auto set_code = [](Archive& a, std::int32_t value) { std::memcpy(a.arrays[0].bytes.data(), &value, 4); };
  expect_refused(*fitted, [&](Archive& a) { set_code(a, 3); });
  expect_refused(*fitted, [&](Archive& a) { set_code(a, -2); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(4); });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["encodings"].array().pop_back(); });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["encodings"].array()[1].object()["names"] = Array{"x"}; });
}

TEST(Ordinal, AgreesWithScikitLearn) {
  const Table table = reference_categories();
  const auto fitted = fit_checked(Ordinal{}, rows_of(table));
  expect_columns(fitted->transform(table), expected("ordinal"), 0);
}

TEST(Ordinal, ByFrequencyAndUnseenIsMissing) {
  const Table table(
      {category_column("c", {"a", "b", "b", "c", "c", "c", "d"}), text_column("t", {"", "", "", "", "", "", ""})});
  const auto fitted = fit_checked(Ordinal{{.order = "frequency"}}, rows_of(table));
  expect_same(values_of(fitted->transform(table), "c"), {2, 1, 1, 0, 0, 0, 3});
  const Table more({category_column("c", {"new", "", "d"}), text_column("t", {"", "", ""})});
  expect_same(values_of(fitted->transform(more), "c"), {missing, missing, 3});
  EXPECT_TRUE((*fitted->output_schema())[0].integer);
  const auto weighted = fit_checked(Ordinal{{.order = "frequency"}}, rows_of(table, {9, 1, 1, 1, 1, 1, 1}));
  expect_same(values_of(weighted->transform(table), "c"), {0, 2, 2, 1, 1, 1, 3});
}

TEST(Ordinal, DamagedFileIsRefused) {
  const Table table({category_column("c", {"a", "b"})});
  const auto fitted = fit_checked(Ordinal{}, rows_of(table));
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(4); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{2}; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["columns"] = Array{}; });
}

}  // namespace
