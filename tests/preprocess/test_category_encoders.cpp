// CountEncoder, HashEncoder and MinHashEncoder against category_encoders, closed forms and properties.

#include "encoder_tools.hpp"

using namespace preprocess_tools;

namespace {

TEST(CountEncoder, AgreesWithCategoryEncoders) {
  const Table table = encoder_reference_categories();
  for (const char* value : {"count", "frequency"}) {
    const auto fitted = fit_checked(CountEncoder{{.value = value}}, rows_of(table));
    expect_columns(fitted->transform(table), encoder_reference().at("expected").at(value), 1e-15);
  }
}

TEST(CountEncoder, MissingUnseenWeightsAndLogarithm) {
  const Table table({category_column("c", {"a", "a", "b", ""}), number_column("n", {1, 2, 3, 4})});
  const Table more({category_column("c", {"b", "", "new", "a"}), number_column("n", {1, 2, 3, 4})});
  const auto counts = fit_checked(CountEncoder{}, rows_of(table));
  EXPECT_EQ(counts->output_schema()->names(), (std::vector<std::string>{"c_count", "n"}));
  expect_same(values_of(counts->transform(more), "c_count"), {1, 1, 0, 2});
  const auto weighted = fit_checked(CountEncoder{{.keep = true}}, rows_of(table, {3, 1, 2, 5}));
  EXPECT_EQ(weighted->output_schema()->names(), (std::vector<std::string>{"c", "c_count", "n"}));
  expect_same(values_of(weighted->transform(more), "c_count"), {2, 5, 0, 4});
  EXPECT_EQ(names_of(weighted->transform(table), "c"), names_of(table, "c"));
  const auto logs = fit_checked(CountEncoder{{.value = "log_count"}}, rows_of(table));
  expect_same(values_of(logs->transform(more), "c_count"), {std::log(2), std::log(2), 0, std::log(3)}, 1e-15);
}

TEST(HashEncoder, PlaceAndSignAreThoseOfTheHash) {
  const std::vector<std::string> names{"clerk", "nurse", "pilot", ""};
  const Table table({category_column("c", names)});
  const auto fitted = fit_checked(HashEncoder{{.bits = 3}}, rows_of(table));
  const Table out = fitted->transform(table);
  ASSERT_EQ(out.size(), 8U);
  for (std::size_t row = 0; row < 4; ++row)
    for (std::size_t k = 0; k < 8; ++k) {
      const std::uint64_t hash = hash_text(names[row]);
      const double expected = names[row].empty() || hash % 8 != k ? 0 : hash >> 63 != 0 ? -1 : 1;
      EXPECT_EQ(out[k].number(row), expected) << names[row] << " " << k;
    }
  const Table unseen({category_column("c", {"astronaut"})});
  for (std::size_t k = 0; k < 8; ++k) EXPECT_EQ(fitted->transform(unseen)[k].number(0), 0);
}

TEST(HashEncoder, MissingMayBeACategoryAndOneColumnIsEnough) {
  const Table table({category_column("c", {"a", "", "b"})});
  const auto fitted = fit_checked(HashEncoder{{.bits = 0, .missing_as_category = true}}, rows_of(table));
  const auto sign = [](const char* name) { return hash_text(name) >> 63 != 0 ? -1.0 : 1.0; };
  expect_same(values_of(fitted->transform(table), "c_hash_0"), {sign("a"), sign("(missing)"), sign("b")});
}

TEST(HashEncoder, SpreadsCategoriesEvenly) {  // 16 places, 8000 names: 500 +- 22 each; signs 4000 +- 45
  std::vector<std::string> names;
  for (int i = 0; i < 8000; ++i) names.push_back("name " + std::to_string(i));
  const Table table({category_column("c", names)});
  const Table out = HashEncoder{}.fit_transform(rows_of(table), {}).train;
  double positive = 0;
  for (std::size_t k = 0; k < out.size(); ++k) {
    double used = 0;
    for (double value : values_of(out, out[k].name())) {
      used += std::abs(value);
      positive += value > 0 ? 1 : 0;
    }
    EXPECT_NEAR(used, 500, 5 * 22) << k;
  }
  EXPECT_NEAR(positive, 4000, 5 * 45);
}

std::set<std::string> ngrams(const std::string& text) {  // of ASCII text
  const std::string padded = " " + text + " ";
  std::set<std::string> grams;
  for (std::size_t n = 2; n <= 4; ++n)
    for (std::size_t at = 0; at + n <= padded.size(); ++at) grams.insert(padded.substr(at, n));
  return grams;
}
double jaccard(const std::string& a, const std::string& b) {
  const std::set<std::string> left = ngrams(a), right = ngrams(b);
  double both = 0;
  for (const std::string& gram : left) both += right.contains(gram) ? 1 : 0;
  return both / (static_cast<double>(left.size() + right.size()) - both);
}

TEST(MinHashEncoder, AgreementOfNumbersIsTheSimilarityOfStrings) {
  const std::vector<std::string> names{
      "senior software engineer", "software engineer", "software engineers", "police officer", "police officer iii",
      "officer, police",          "firefighter",       "fire fighter",       "nurse"};
  const Table table({category_column("c", names)});
  const Table out = MinHashEncoder{{.components = 1000}}.fit_transform(rows_of(table), {}).train;
  ASSERT_EQ(out.size(), 1000U);
  for (std::size_t a = 0; a < names.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      double equal = 0;
      for (std::size_t k = 0; k < 1000; ++k) equal += out[k].number(a) == out[k].number(b) ? 1 : 0;
      const double expected = jaccard(names[a], names[b]);  // binomial: five deviations, and linear hashes
      EXPECT_NEAR(equal / 1000, expected, 5 * std::sqrt(expected * (1 - expected) / 1000) + 0.01)
          << names[a] << ", " << names[b];
    }
}

TEST(MinHashEncoder, LeastOfManyUniformNumbers) {  // mean of the least of n uniform numbers: 1 / (n + 1)
  const std::string name = "an unusually long name of a thing";
  const Table table({text_column("t", {name})});
  const Table out = MinHashEncoder{{.components = 1000}}.fit_transform(rows_of(table), {}).train;
  double mean = 0;
  for (std::size_t k = 0; k < 1000; ++k) mean += out[k].number(0) / 1000;
  const double expected = 1 / static_cast<double>(ngrams(name).size() + 1);
  EXPECT_NEAR(mean, expected, 5 * expected / std::sqrt(1000));
}

TEST(MinHashEncoder, TextAndCategoriesAlikeMissingAndUnseenZero) {
  const Table table({category_column("c", {"clerk", "nurse", "", "smith"}),
                     text_column("t", {"clerk", "nurse", "pilot", "smith"}), number_column("n", {1, 2, 3, 4})});
  const auto fitted = fit_checked(MinHashEncoder{{.components = 5}}, rows_of(table));
  const Table out = fitted->transform(table);
  ASSERT_EQ(out.size(), 11U);
  for (int k = 0; k < 5; ++k) {
    const auto of = [&](const char* name) {
      return values_of(out, std::string(name) + "_minhash_" + std::to_string(k));
    };
    for (std::size_t row : {0U, 1U, 3U}) {
      EXPECT_EQ(of("c")[row], of("t")[row]);
      EXPECT_GT(of("t")[row], 0);
      EXPECT_LE(of("t")[row], 1);
    }
    EXPECT_EQ(of("c")[2], 0);
    EXPECT_GT(of("t")[2], 0);
  }
  const std::vector<std::string_view> holes{std::string_view(), "new"};
  const Table more({category_column("c", {"new", ""}), make_text_column("t", holes), number_column("n", {1, 2})});
  const Table coded = fitted->transform(more);
  expect_equal_tables(row_by_row(*fitted, align(more, *fitted->input_schema())), coded);
  EXPECT_EQ(coded.column("c_minhash_0").number(0), 0);
  EXPECT_EQ(coded.column("t_minhash_0").number(0), 0);
  EXPECT_GT(coded.column("t_minhash_0").number(1), 0);
}

TEST(MinHashEncoder, CharactersAreCodePoints) {
  const auto encode = [](const std::string& text, int shortest, int longest) {
    const Table table({text_column("t", {text})});
    const Table out = MinHashEncoder{{.components = 3, .ngram_min = shortest, .ngram_max = longest}}
                          .fit_transform(rows_of(table), {})
                          .train;
    return std::vector<double>{out[0].number(0), out[1].number(0), out[2].number(0)};
  };
  // five characters with the blanks: the one 5-gram is the whole; letters of two bytes are one character each
  EXPECT_EQ(encode("äöü", 5, 5), encode("äöü", 5, 16));
  EXPECT_EQ(encode("äöü", 6, 16), (std::vector<double>{1, 1, 1}));  // no n-gram
  EXPECT_NE(encode("äöü", 5, 5), encode("aou", 5, 5));
  EXPECT_NO_THROW(encode("\xFF\x80\x80\xC3", 1, 4));  // not UTF-8
  EXPECT_NO_THROW(encode("", 2, 4));
}

TEST(MinHashEncoder, ColumnsWithFewCategoriesPassAndLengthsAreChecked) {
  const Table table({category_column("two", {"a", "b", "a"}), category_column("three", {"p", "q", "r"})});
  const auto fitted = fit_checked(MinHashEncoder{{.components = 1, .columns_from = 3}}, rows_of(table));
  EXPECT_EQ(fitted->output_schema()->names(), (std::vector<std::string>{"two", "three_minhash_0"}));
  try {
    MinHashEncoder{{.ngram_min = 5}}.fit_transform(rows_of(table), {});
    ADD_FAILURE() << "lengths that do not fit are taken";
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "min_hash_encoder.ngram_max: 4 is not allowed: it must be at least ngram_min, 5 [parameter.out_of_range]");
  }
}

TEST(CategoryEncoders, DamagedFilesAreRefused) {
  const Table table(
      {category_column("c", {"a", "b", ""}), text_column("t", {"x", "y", "z"}), number_column("n", {1, 2, 3})});
  const auto hash = HashEncoder{}.fit_transform(rows_of(table), {}).transformer;
  expect_refused(*hash, [](Archive& a) { a.root.object()["bits"] = 13; });
  expect_refused(*hash, [](Archive& a) { a.root.object()["missing_as_category"] = 1; });
  const auto least = MinHashEncoder{}.fit_transform(rows_of(table), {}).transformer;
  expect_refused(*least, [](Archive& a) { a.root.object()["components"] = 0; });
  expect_refused(*least, [](Archive& a) { a.root.object()["ngram_min"] = 5; });
  expect_refused(*least, [](Archive& a) { a.arrays[0].bytes[2] = std::byte{1}; });  // a number
  expect_refused(*least, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{2}; });
  expect_refused(*least, [](Archive& a) { a.arrays[0].bytes.pop_back(); });
}

}  // namespace
