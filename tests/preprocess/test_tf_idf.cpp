// TfIdf against scikit-learn's TfidfVectorizer, its characters against Python's, and small tables by hand.

#include <unordered_set>

#include "preprocess/text_ngrams.hpp"
#include "text_tools.hpp"

using namespace preprocess_tools;

namespace {

using Names = std::vector<std::string>;

TEST(TextCharacters, AreThoseOfPython) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> found;
  std::uint64_t lower = 0;
  for (std::uint32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    const auto count = [&](const char* kind, bool is) {
      found[kind].first += is ? 1 : 0;
      found[kind].second += is ? code : 0;
    };
    count("word", unicode::is_word(code));
    count("space", unicode::is_space(code));
    count("digit", unicode::is_digit(code));
    lower = (lower + std::uint64_t{code} * unicode::lower(code)) % (std::uint64_t{1} << 61);
    if (unicode::is_capital(code)) {
      EXPECT_TRUE(unicode::is_small(unicode::lower(code))) << code;
    }
    std::string text;
    unicode::append_character(text, code);
    std::size_t at = 0;
    ASSERT_EQ(unicode::next_character(text, at), code);
    ASSERT_EQ(at, text.size());
  }
  const Value& expected_sums = text_reference().at("characters_of_python");
  for (const auto& [kind, sums] : found) {
    const auto python = numbers(expected_sums.at("kinds").at(kind));
    EXPECT_EQ(static_cast<double>(sums.first), python[0]) << kind;
    EXPECT_EQ(static_cast<double>(sums.second), python[1]) << kind;
  }
  EXPECT_EQ(lower, static_cast<std::uint64_t>(expected_sums.at("lower").integer()));
}

TEST(TextCharacters, BytesThatAreNotUtf8AreOneCharacterEach) {
  const std::string text = "a\xff\xc3(\xe2\x82";
  std::vector<std::uint32_t> codes;
  for (std::size_t at = 0; at < text.size();) codes.push_back(unicode::next_character(text, at));
  EXPECT_EQ(codes, (std::vector<std::uint32_t>{'a', 0xFFFD, 0xFFFD, '(', 0xFFFD, 0xFFFD}));
}

/// Values of scikit-learn are of another order of additions: 1e-12.
void expect_reference(const TfIdf& transformer, const Table& table, const char* what, char mark) {
  const auto fitted = fit_checked(transformer, rows_of(table));
  const Table out = fitted->transform(table);
  const Value& expected_matrix = text_reference().at(what);
  Names names;
  for (const std::string& name : texts(expected_matrix.at("names"))) names.push_back("t" + (mark + name));
  ASSERT_EQ(out.schema()->names(), names) << what;
  for (std::size_t c = 0; c < out.size(); ++c) {
    std::vector<double> values(table.rows(), 0.0);
    const Array& cells = expected_matrix.at("columns").array()[c].array();
    const auto rows = numbers(cells[0]), kept = numbers(cells[1]);
    for (std::size_t i = 0; i < rows.size(); ++i) values[static_cast<std::size_t>(rows[i])] = kept[i];
    EXPECT_TRUE(out[c].sparse());
    expect_same(values_of(out, out[c].name()), values, 1e-12);
  }
}

TEST(TfIdf, AgreesWithScikitLearn) {
  const Table table({text_column("t", texts(text_reference().at("texts")))});
  expect_reference(TfIdf{}, table, "words", ':');
  expect_reference(TfIdf{{.word_ngrams = 1,
                          .lowercase = false,
                          .min_df = 3,
                          .max_df = 0.2,
                          .sublinear_tf = false,
                          .smooth_idf = false,
                          .l2_norm = false}},
                   table, "raw", ':');
  expect_reference(TfIdf{{.word_ngrams = 0, .char_ngrams = 5, .min_df = 10, .sublinear_tf = false}}, table,
                   "characters", '~');
}

TEST(TfIdf, AgreesWithScikitLearnInAllScripts) {
  const Table table({text_column("t", texts(text_reference().at("scripts")))});
  expect_reference(TfIdf{{.word_ngrams = 3, .min_df = 1, .sublinear_tf = false}}, table, "script_words", ':');
  expect_reference(TfIdf{{.word_ngrams = 0,
                          .char_ngrams = 6,
                          .min_char_ngrams = 4,
                          .min_df = 1,
                          .sublinear_tf = false,
                          .use_idf = false}},
                   table, "script_characters", '~');
}

Names without_marks(const Names& names) {
  Names bare;
  for (const std::string& name : names) bare.push_back(name.substr(2));
  return bare;
}

TEST(TfIdf, SelectsWhatTellsMostOfTheTarget) {
  for (const Task task : {Task::binary, Task::regression}) {
    const Names best = texts(text_reference().at(task == Task::binary ? "chi2_best" : "f_best"));
    const TfIdf transformer{{.word_ngrams = 1, .max_features = static_cast<int>(best.size()), .selection = "target"}};
    EXPECT_EQ(without_marks(fit_checked(transformer, messages(task))->output_schema()->names()), best);
  }
}

TEST(TfIdf, KeepsTheMostFrequent) {
  const Table table({text_column("t", {"aa bb", "aa bb cc", "aa", "dd dd dd dd"})});
  const auto names = [&](TfIdfParameters parameters, std::vector<double> weights = {}) {
    return fit_checked(TfIdf(std::move(parameters)), rows_of(table, std::move(weights)))->output_schema()->names();
  };
  EXPECT_EQ(names({.word_ngrams = 1, .min_df = 1, .max_features = 2}), (Names{"t:aa", "t:bb"}));
  EXPECT_EQ(names({.word_ngrams = 1, .min_df = 1, .max_df = 0.5}), (Names{"t:bb", "t:cc", "t:dd"}));
  EXPECT_EQ(names({.word_ngrams = 1, .min_df = 5, .max_features = 2}, {1, 1, 1, 9}), (Names{"t:dd"}));
  EXPECT_EQ(names({.word_ngrams = 1, .min_df = 100}), Names{});
}

TEST(TfIdf, MissingAndEmptyTextsHoldNothing) {
  std::vector<std::string_view> values{"good film", std::string_view(), "", "good"};
  const Table table({make_text_column("t", values), number_column("n", {1, 2, 3, 4})});
  const Table out = fit_checked(TfIdf{{.min_df = 1}}, rows_of(table))->transform(table);
  EXPECT_EQ(out.schema()->names(), (Names{"t:film", "t:good", "t:good film", "n"}));
  expect_same(values_of(out, "t:good"), {out.column("t:good").number(0), 0, 0, 1});
  EXPECT_EQ(out.columns()[3], table.columns()[1]);
  const Table nothing({make_text_column("t", std::vector<std::string_view>(3))});
  EXPECT_EQ(fit_checked(TfIdf{}, rows_of(nothing))->output_schema()->size(), 0U);
}

TEST(TfIdf, NamesThatAreTakenGetANumber) {
  const Table table({text_column("t", {"x1 x1", "x1"}), number_column("t:x1", {1, 2})});
  EXPECT_EQ(fit_checked(TfIdf{{.word_ngrams = 1}}, rows_of(table))->output_schema()->names(),
            (Names{"t:x1_2", "t:x1"}));
}

/// Counts by hand: "aa" in 2 of the rows of the first class and 0 of the others, "bb" in 1 and 1, "cc" in 0 and 2.
TEST(TfIdf, LogCountRatios) {
  Dataset dataset;
  dataset.features = Table({text_column("t", {"aa bb", "aa", "cc bb", "cc"})});
  dataset.target = {.task = Task::binary, .classes = {"n", "y"}, .labels = {1, 1, 0, 0}};
  const DatasetView view(make_dataset(std::move(dataset)));
  const TfIdf transformer{{.word_ngrams = 1, .min_df = 1, .use_idf = false, .l2_norm = false, .naive_bayes = true}};
  const Table out = fit_checked(transformer, view)->transform(view.dataset().features);
  expect_same(values_of(out, "t:aa"), {std::log(3.0), std::log(3.0), 0, 0}, 1e-15);
  expect_same(values_of(out, "t:bb"), {0, 0, 0, 0});
  expect_same(values_of(out, "t:cc"), {0, 0, std::log(3.0), std::log(3.0)}, 1e-15);
}

TEST(TfIdf, FaultsComeTogether) {
  const Table table({text_column("t", {"a", "b"})});
  try {
    TfIdf{{.word_ngrams = 0, .naive_bayes = true}}.fit_transform(rows_of(table), {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.faults().size(), 2U);
    EXPECT_EQ(error.code(), "option.contradiction");
  }
  EXPECT_THROW(TfIdf({.char_ngrams = 2}).fit_transform(rows_of(table), {}), Error);
}

TEST(TfIdf, AsMuchMemoryAsIsGranted) {
  const Table table({text_column("t", texts(text_reference().at("texts")))});
  MemoryMeter meter(10'000);
  RunContext context;
  context.memory = &meter;
  EXPECT_THROW(TfIdf{}.fit_transform(rows_of(table), context), Error);
  EXPECT_EQ(meter.used(), 0U);
}

TEST(TfIdf, DamagedFilesAreRefused) {
  const Table table({text_column("t", {"aa bb", "aa"})});
  const auto fitted = fit_checked(TfIdf{{.min_df = 1}}, rows_of(table));
  expect_refused(*fitted, [](Archive& archive) { archive.arrays[1].bytes.back() = std::byte{9}; });  // term_ends
  expect_refused(*fitted, [](Archive& archive) { set_number(archive, 3, 0, missing); });             // weights
  expect_refused(*fitted, [](Archive& archive) { archive.arrays[2].bytes.resize(8); });              // hashes
  expect_refused(*fitted,
                 [](Archive& archive) { archive.arrays[4] = archive.arrays[3], archive.arrays[4].bytes.resize(8); });
}

}  // namespace
