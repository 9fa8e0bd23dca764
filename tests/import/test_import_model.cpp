// Imported models against what LightGBM and XGBoost predicted (tests/import/models/README.md names the versions).

#include <gtest/gtest.h>

#include <automill/automl/automl_model.hpp>

#include "import_tools.hpp"

using namespace import_tools;

namespace {

bool multiplied(const std::string& name) { return name.ends_with("_sigmoid") || name.ends_with("_one_vs_all"); }

TEST(ImportModel, lightgbm_scores_are_the_same_bits) {
  const auto names = entries("lightgbm");
  EXPECT_EQ(names.size(), 25U);
  for (const std::string& name : names) {
    const Expected expected = read_expected(name);
    const ServedModel model = import_model(expected.path);
    std::vector<double> theirs = expected.raw;
    // LightGBM's raw scores of a forest are sums that it divides later; those of other sigmoids it multiplies later
    if (name.ends_with("_forest"))
      for (double& value : theirs) value /= 8;
    if (name.ends_with("_sigmoid"))
      for (double& value : theirs) value *= 1.7;
    if (name.ends_with("_one_vs_all"))
      for (double& value : theirs) value *= 0.7;
    const std::vector<double> ours = raw_scores(model, expected.rows);
    if (name.ends_with("_forest") || multiplied(name)) EXPECT_LT(largest_difference(ours, theirs), 1e-15) << name;
    else EXPECT_EQ(ours, theirs) << name;
  }
}

TEST(ImportModel, lightgbm_predictions_agree) {
  for (const std::string& name : entries("lightgbm")) {
    Expected expected = read_expected(name);
    const ServedModel model = import_model(expected.path);
    if (name.ends_with("_one_vs_all")) {  // AutoMill's probabilities of a row sum to one
      for (std::size_t i = 0; i < expected.predictions.size(); i += 3) {
        double* row = expected.predictions.data() + i;
        const double sum = row[0] + row[1] + row[2];
        for (std::size_t k = 0; k < 3; ++k) row[k] /= sum;
      }
    }
    EXPECT_LT(largest_difference(their_predictions(model, expected.rows), expected.predictions), 1e-14) << name;
  }
}

TEST(ImportModel, xgboost_agrees_within_single_precision) {
  const auto names = entries("xgboost");
  EXPECT_EQ(names.size(), 25U);
  for (const std::string& name : names) {
    const Expected expected = read_expected(name);
    const ServedModel model = import_model(expected.path);
    std::vector<double> theirs = expected.predictions;
    if (name.ends_with("_logitraw"))
      for (double& value : theirs) value = 1 / (1 + std::exp(-value));
    std::vector<double> ours = their_predictions(model, expected.rows);
    if (name.ends_with("_forest")) {  // multi:softmax gives classes
      std::vector<double> classes;
      for (const std::size_t label : model.predict(expected.rows).label_indices())
        classes.push_back(static_cast<double>(label));
      ours = classes;
    }
    EXPECT_LT(largest_difference(ours, theirs), 1e-6) << name;
    if (!name.ends_with("_forest")) {
      EXPECT_LT(largest_difference(raw_scores(model, expected.rows), expected.raw), 1e-6) << name;
    }
  }
}

TEST(ImportModel, one_row_a_batch_and_a_loaded_file_agree) {
  for (const std::string& name : entries()) {
    const Expected expected = read_expected(name);
    const ServedModel model = import_model(expected.path);
    const auto bytes = model.bytes();
    const ServedModel loaded = load(std::span<const std::byte>(bytes));
    const std::vector<double> batch = model.predict(expected.rows).raw().values;
    EXPECT_EQ(loaded.predict(expected.rows).raw().values, batch) << name;
    EXPECT_EQ(loaded.bytes(), bytes) << name;
    const VerifyReport report = loaded.verify();
    EXPECT_TRUE(report.ok && report.rows == 16 && report.largest_difference == 0) << name << ": " << report.text();
    const Table aligned = align(expected.rows, model.schema());
    const auto one = model.parts().model->row_predictor();
    std::vector<double> cells(aligned.size()), out(batch.size() / aligned.rows());
    for (std::size_t i = 0; i < aligned.rows(); ++i) {
      for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = aligned[c].number(i);
      one->predict({cells.data(), nullptr}, out);
      for (std::size_t k = 0; k < out.size(); ++k) EXPECT_EQ(out[k], batch[i * out.size() + k]) << name;
    }
  }
}

TEST(ImportModel, the_self_test_takes_both_ways_of_most_splits) {
  const ServedModel model = import_model(folder + "lightgbm4_binary.txt");
  const auto& outputs = model.parts().self_test_outputs;
  EXPECT_GE(std::set<double>(outputs.begin(), outputs.end()).size(), 24U);  // 16 rows x 2, few alike
}

TEST(ImportModel, what_the_file_says_is_kept) {
  const ServedModel model = import_model(folder + "lightgbm4_binary.txt");
  EXPECT_EQ(model.classes(), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(model.target().name, "target");
  EXPECT_EQ(model.target().label_type, "integer");
  EXPECT_EQ(model.schema()[4].kind, ColumnKind::category);
  EXPECT_EQ(model.schema()[4].dictionary->names(),
            (std::vector<std::string>{"blue", "green", "red", "violet", "\xc3\xa9t\xc3\xa9"}));
  EXPECT_EQ(model.schema()[5].dictionary->names(), (std::vector<std::string>{"1999", "2004", "2021"}));
  const Object& facts = model.metadata().find("imported")->object();
  EXPECT_EQ(facts.find("format")->text(), "LightGBM");
  EXPECT_EQ(facts.find("objective")->text(), "binary sigmoid:1");
  EXPECT_EQ(facts.find("rounds")->integer(), 8);
  const TreeArrays& arrays = ensemble_of(model).arrays();
  EXPECT_EQ(arrays.rows[0], 500U);
  EXPECT_GT(arrays.gains[0], 0.0F);
}

TEST(ImportModel, missing_unseen_and_unlisted_categories) {
  // LightGBM's pandas columns: unseen is missing; XGBoost's codes: unseen is not in any set
  const ServedModel model = import_model(folder + "lightgbm4_binary.txt");
  auto one = model.row_predictor();
  one.clear();
  const double absent = one.predict()[1];
  one.set(one.column("color"), "ultraviolet");
  EXPECT_EQ(one.predict()[1], absent);
  one.set(one.column("color"), "red");
  EXPECT_NE(one.predict()[1], absent);
}

// ---- options ----

TEST(ImportModel, classes_and_target_have_the_names_that_are_given) {
  const ServedModel model =
      import_model(folder + "xgboost32_multiclass.ubj", {.classes = {"low", "middle", "high"}, .target = "level"});
  EXPECT_EQ(model.classes(), (std::vector<std::string>{"low", "middle", "high"}));
  EXPECT_EQ(model.target().name, "level");
  EXPECT_EQ(model.target().label_type, "text");
  const auto import_with = [](const std::string& file, ImportOptions options) {
    return code_of([&] { import_model(folder + file, options); });
  };
  EXPECT_EQ(import_with("xgboost32_multiclass.ubj", {.classes = {"a", "b"}}), "import.classes");
  EXPECT_EQ(import_with("xgboost32_multiclass.ubj", {.classes = {"a", "b", "a"}}), "import.classes");
  EXPECT_EQ(import_with("lightgbm4_fair.txt", {.classes = {"a", "b"}}), "import.classes");
  EXPECT_EQ(import_with("lightgbm4_fair.txt", {.target = "width"}), "option.contradiction");
  EXPECT_EQ(import_with("lightgbm4_fair.txt", {.rounds = 0}), "option.out_of_range");
}

TEST(ImportModel, rounds_are_those_of_early_stopping_or_as_asked) {
  const Expected expected = read_expected("xgboost32_early_stopping");
  const auto trees = [&](std::optional<std::int64_t> rounds) {
    return ensemble_of(import_model(expected.path, {.rounds = rounds})).arrays().trees();
  };
  const std::size_t best = trees({});
  EXPECT_LT(best, trees(1000000));
  EXPECT_EQ(trees(2), 2U);
  EXPECT_EQ(ensemble_of(import_model(folder + "xgboost32_forest.json", {.rounds = 1})).arrays().trees(), 12U);
}

TEST(ImportModel, categories_can_be_named) {
  // codes 0 .. 4 of colors, 0 .. 2 of years: the rows have names now
  const Expected codes = read_expected("xgboost21_binary");
  const std::vector<std::string> colors{"blue", "green", "red", "violet", "pink"};
  const ServedModel by_code = import_model(codes.path),
                    by_name = import_model(codes.path, {.categories = {{"color", colors}}});
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < codes.rows.rows(); ++i) {
    const double code = codes.rows.column("color").number(i);
    names.push_back(std::isnan(code) ? std::string_view()
                    : code > 4       ? "unseen"
                                     : std::string_view(colors[static_cast<std::size_t>(code)]));
  }
  std::vector<ColumnPtr> columns = codes.rows.columns();
  columns[4] = make_category_column("color", names);
  const auto a = by_code.predict(codes.rows).raw().values, b = by_name.predict(Table(columns)).raw().values;
  EXPECT_EQ(std::vector<double>(a.begin() + 4, a.end()),
            std::vector<double>(b.begin() + 4, b.end()));  // two are unseen
  EXPECT_EQ(code_of([&] { import_model(codes.path, {.categories = {{"colour", colors}}}); }), "import.categories");
  EXPECT_EQ(code_of([&] { import_model(codes.path, {.categories = {{"color", {"a", "a"}}}}); }), "import.categories");
  EXPECT_EQ(code_of([&] { import_model(codes.path, {.categories = {{"color", {"a"}}}}); }), "import.damaged");
}

TEST(ImportModel, an_imported_model_prints_and_answers_what_it_can) {
  const Expected expected = read_expected("lightgbm4_binary");
  const AutoMLModel model(import_model(expected.path));
  const std::string text = model.summary();
  EXPECT_NE(text.find("imported from LightGBM v4, not validated here"), std::string::npos) << text;
  EXPECT_TRUE(model.leaderboard().empty());
  EXPECT_TRUE(model.leaderboard(expected.rows).empty());
  EXPECT_EQ(model.validation_score().metric, "roc_auc");
  EXPECT_TRUE(std::isnan(model.validation_score().value));
  EXPECT_FALSE(model.interrupted());
  EXPECT_TRUE(model.check(expected.rows).findings.empty());
  EXPECT_EQ(code_of([&] { model.recipe(); }), "model.no_recipe");
  EXPECT_EQ(code_of([&] { model.out_of_fold(); }), "model.no_out_of_fold");
  std::vector<double> target;
  for (const double p : expected.predictions) target.push_back(p > 0.5);
  auto columns = expected.rows.columns();
  columns.push_back(make_number_column({.name = "target"}, target));
  const Table labelled(columns);
  EXPECT_EQ(evaluate(model, labelled).value("accuracy"), 1.0);
  EXPECT_EQ(feature_importance(static_cast<const ServedModel&>(model), labelled).size(), 6U);
}

}  // namespace
