// RareCategories and MergeCategories on small tables.

#include "data/characters.hpp"
#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

using Names = std::vector<std::string>;

TEST(RareCategories, RareAndUnseenBecomeOther) {
  const Table table(
      {category_column("c", {"a", "a", "b", "b", "x", "~", ""}), number_column("n", {1, 2, 3, 4, 5, 6, 7})});
  const auto fitted = fit_checked(RareCategories{{.min_count = 2}}, rows_of(table));
  EXPECT_EQ(names_of(fitted->transform(table), "c"), (Names{"a", "a", "b", "b", "(other)", "(other)", ""}));
  EXPECT_EQ((*fitted->output_schema())[0].dictionary->names(), (Names{"(other)", "a", "b"}));
  const Table more({category_column("c", {"new", "b", ""}), number_column("n", {1, 2, 3})});
  EXPECT_EQ(names_of(fitted->transform(more), "c"), (Names{"(other)", "b", ""}));
}

TEST(RareCategories, OtherMayBeThereAlreadyAndNamesMayComeBeforeIt) {
  const Table table({category_column("c", {"!", "!", "(other)", "(other)", "z", "z", "rare"})});
  const auto fitted = fit_checked(RareCategories{{.min_count = 2}}, rows_of(table));
  EXPECT_EQ(names_of(fitted->transform(table), "c"), (Names{"!", "!", "(other)", "(other)", "z", "z", "(other)"}));
  EXPECT_EQ((*fitted->output_schema())[0].dictionary->names(), (Names{"!", "(other)", "z"}));
  const Table rare_other({category_column("c", {"!", "!", "(other)", "z", "z"})});
  const auto again = fit_checked(RareCategories{{.min_count = 2}}, rows_of(rare_other));
  EXPECT_EQ(names_of(again->transform(rare_other), "c"), (Names{"!", "!", "(other)", "z", "z"}));
}

TEST(RareCategories, MostFrequentStayAndWeightsCount) {
  const Table table({category_column("c", {"d", "d", "a", "a", "b", "b", "b", "c"})});
  const RareCategories two{{.min_count = 1, .max_categories = 2}};
  EXPECT_EQ(names_of(fit_checked(two, rows_of(table))->transform(table), "c"),
            (Names{"(other)", "(other)", "a", "a", "b", "b", "b", "(other)"}));
  EXPECT_EQ(names_of(fit_checked(two, rows_of(table, {5, 1, 1, 1, 1, 1, 1, 9}))->transform(table), "c"),
            (Names{"d", "d", "(other)", "(other)", "(other)", "(other)", "(other)", "c"}));
}

TEST(RareCategories, EveryCategoryRareOrNoRowAtAll) {
  const Table table({category_column("c", {"a", "b"})});
  EXPECT_EQ(names_of(fit_checked(RareCategories{}, rows_of(table))->transform(table), "c"),
            (Names{"(other)", "(other)"}));
  const Table empty({category_column("c", {"", ""})});
  EXPECT_EQ(names_of(fit_checked(RareCategories{}, rows_of(empty))->transform(empty), "c"), (Names{"", ""}));
}

TEST(MergeCategories, VariantsBecomeTheMostFrequentOne) {
  const Table table(
      {category_column("job", {"clerk", "Clerk", " clerk ", "Clerk", "data  analyst", "Data analyst", "x"})});
  const auto fitted = fit_checked(MergeCategories{}, rows_of(table));
  EXPECT_EQ(names_of(fitted->transform(table), "job"),
            (Names{"Clerk", "Clerk", "Clerk", "Clerk", "Data analyst", "Data analyst", "x"}));
  EXPECT_EQ((*fitted->output_schema())[0].dictionary->names(), (Names{"Clerk", "Data analyst", "x"}));
  EXPECT_EQ(fitted->describe(0), "merge_categories: 6 categories of 1 columns become 3\n");
  const Table more({category_column("job", {" clerk ", "CLERK", ""})});
  EXPECT_EQ(names_of(fitted->transform(more), "job"), (Names{"Clerk", "?", ""}));
  const auto weighted = fit_checked(MergeCategories{}, rows_of(table, {1, 1, 5, 1, 1, 1, 1}));
  EXPECT_EQ(names_of(weighted->transform(table), "job")[0], " clerk ");
}

TEST(MergeCategories, OnlyWhatIsAskedFor) {
  const Table table({category_column("c", {"a b", "A b", "a  b"})});
  const auto merged = [&](MergeCategoriesParameters parameters) {
    return names_of(fit_checked(MergeCategories{parameters}, rows_of(table))->transform(table), "c");
  };
  EXPECT_EQ(merged({.ignore_blanks = false}), (Names{"A b", "A b", "a  b"}));
  EXPECT_EQ(merged({.ignore_case = false}), (Names{"a  b", "A b", "a  b"}));
  EXPECT_EQ(merged({.ignore_case = false, .ignore_blanks = false}), (Names{"a b", "A b", "a  b"}));
}

TEST(MergeCategories, AColumnWithoutVariantsIsShared) {
  const Table table({category_column("c", {"a", "b"})});
  EXPECT_EQ(fit_checked(MergeCategories{}, rows_of(table))->transform(table).columns()[0], table.columns()[0]);
}

TEST(MergeCategories, ReportNamesTheVariants) {
  const Table table({category_column("job", {"clerk", "Clerk", "clerk", " clerk", "nurse"}),
                     category_column("city", {"Wien", "wien", "Graz", "Graz", "Graz"})});
  const auto found = find_category_variants(rows_of(table));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].column, "job");
  EXPECT_EQ(found[0].name, "clerk");
  EXPECT_EQ(found[0].others, (Names{" clerk", "Clerk"}));
  EXPECT_EQ(found[0].rows, 2);
  EXPECT_EQ(found[1].column, "city");
  EXPECT_EQ(found[1].name, "Wien");
  EXPECT_TRUE(find_category_variants(rows_of(table), {.ignore_case = false, .ignore_blanks = false}).empty());
}

TEST(LowerCase, OfSeveralAlphabets) {
  EXPECT_EQ(unicode::lower_text("ABC xyz 123"), "abc xyz 123");
  EXPECT_EQ(unicode::lower_text("ÄÖÜ ÉÈ Ñ Ø ×"), "äöü éè ñ ø ×");
  EXPECT_EQ(unicode::lower_text("ŁÓDŹ ČŽŸ"), "łódź čžÿ");
  EXPECT_EQ(unicode::lower_text("ΑΘΗΝΑ ΆΈΉΊΌΎΏ"), "αθηνα άέήίόύώ");
  EXPECT_EQ(unicode::lower_text("МОСКВА ЁЂ"), "москва ёђ");
  EXPECT_EQ(unicode::lower_text("東京 \xFF\xC3"), "東京 \xFF\xC3");
  EXPECT_EQ(unicode::lower_text("straße"), "straße");
}

TEST(CategoryMaps, DamagedFilesAreRefused) {
  const Table table({category_column("c", {"a", "A", "b"}), number_column("n", {1, 2, 3})});
  const auto fitted = MergeCategories{}.fit_transform(rows_of(table), {}).transformer;
  const auto column = [](Archive& a, std::size_t c) -> Object& {
    return a.root.object()["columns"].array()[c].object();
  };
  const auto set_code = [](Archive& a, std::int32_t value) { std::memcpy(a.arrays[0].bytes.data(), &value, 4); };
  expect_refused(*fitted, [&](Archive& a) { set_code(a, 3); });
  expect_refused(*fitted, [&](Archive& a) { set_code(a, -1); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(8); });
  expect_refused(*fitted, [&](Archive& a) { column(a, 0)["names"] = Array{"b", "A"}; });
  expect_refused(*fitted, [&](Archive& a) { column(a, 0)["names"] = Array{"A", "A"}; });
  expect_refused(*fitted, [&](Archive& a) { column(a, 1)["names"] = Array{"A"}; });
  expect_refused(*fitted, [&](Archive& a) { std::swap(column(a, 0), column(a, 1)); });
}

}  // namespace
