// preset "glass_box": one model that can be read, chosen by a stated rule, as data and as text.

#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/explain/coefficients.hpp>
#include <automill/explain/rules.hpp>
#include <automill/explain/shapes.hpp>

#include "automl/readable_choice.hpp"
#include "books.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

TrainOptions options(std::vector<std::string> include = {}) {
  return {.target = "target",
          .preset = "glass_box",
          .max_trials = 5,
          .threads = 1,
          .folds = 4,
          .include = std::move(include)};
}

// differences to the best: +1, +3: mean 2, standard error 1; +0.5, +1.5: mean 1, standard error 0.5
TEST(GlassBox, the_simplest_within_a_standard_error) {
  const std::vector<double> best{10, 20}, near{11, 23}, far{10.5, 21.5}, level{9.5, 20.6};
  const auto chosen = [](const std::vector<std::vector<double>>& losses, const std::vector<int>& complexity) {
    return choose_readable(losses, complexity).chosen;
  };
  EXPECT_EQ(chosen({best, near}, {3, 0}), 0U);   // 2 > 1
  EXPECT_EQ(chosen({best, far}, {3, 0}), 0U);    // 1 > 0.5
  EXPECT_EQ(chosen({best, level}, {3, 0}), 1U);  // -0.5, +0.6: mean 0.05, standard error 0.55
  EXPECT_EQ(chosen({best, level}, {3, 3}), 0U);  // equally simple: the better one
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(chosen({{nan, nan}, {nan, nan}}, {2, 1}), 1U);  // nothing tells them apart
  EXPECT_EQ(chosen({{nan, 1}, {5, 2}}, {2, 1}), 0U);        // one part alone has no standard error
  const ReadableChoice without = choose_readable({{1, 9}, {2, 1}}, {1, 1}, [](std::size_t part) { return part == 1; });
  EXPECT_EQ(without.chosen, 0U);
}

TEST(GlassBox, gives_one_model_and_says_which) {
  for (const Task task : {Task::regression, Task::binary, Task::multiclass}) {
    const Table data = tables::plain(task, 240);
    const AutoMLModel model = train(data, options());
    ASSERT_EQ(model.member_names().size(), 1U);
    const auto& ensemble = dynamic_cast<const WeightedEnsemble&>(*model.parts().model);
    EXPECT_EQ(dynamic_cast<const WeightedEnsemble*>(ensemble.members()[0].model.get()), nullptr) << "fold models";
    EXPECT_EQ(ensemble.temperature(), 1);
    EXPECT_NE(model.summary().find("glass box: " + model.member_names()[0]), std::string::npos) << model.summary();
    EXPECT_NE(model.validation_score().protocol.find("nested"), std::string::npos);
    for (const auto& row : model.leaderboard())
      EXPECT_TRUE(row.family == "baseline" || row.family == "ridge" || row.family == "logistic" ||
                  row.family == "decision_tree" || row.family == "explainable_boosting")
          << row.family;
    expect_books_close(model, data, "target");
    expect_valid_predictions(model, data);
    EXPECT_TRUE(load(model.bytes()).verify().ok);
    EXPECT_EQ(code_of([&] { feature_importance(model, 1); }), "model.no_training_data");  // it has seen every row
  }
}

TEST(GlassBox, same_bits_for_any_number_of_threads) {
  const Table data = tables::plain(Task::binary, 200);
  TrainOptions given = options();
  const AutoMLModel one = train(data, given);
  given.threads = 3;
  expect_same_bits(one, train(data, given));
}

TEST(GlassBox, refit_gives_one_model_again) {
  for (const char* family : {"decision_tree", "explainable_boosting", "logistic"}) {
    const AutoMLModel model = train(tables::plain(Task::binary, 200), options({family}));
    const AutoMLModel again = refit(load(model.bytes()), tables::plain(Task::binary, 220, 5), {.threads = 1});
    EXPECT_EQ(again.member_names(), model.member_names());
    const auto& ensemble = dynamic_cast<const WeightedEnsemble&>(*again.parts().model);
    EXPECT_EQ(dynamic_cast<const WeightedEnsemble*>(ensemble.members()[0].model.get()), nullptr);
    const auto line = [](const AutoMLModel& each) {
      const std::string text = each.summary();
      const std::size_t at = text.find("glass box: ");
      return text.substr(at, text.find_first_of(";\n", at) - at);
    };
    EXPECT_EQ(line(again), line(model));
  }
}

TEST(GlassBox, keeps_columns_monotone) {
  for (const Task task : {Task::regression, Task::binary}) {
    TrainOptions given = options();
    given.monotone = {{"a", -1}};  // against the data
    const AutoMLModel model = train(tables::plain(task, 240), given);
    EXPECT_NE(model.summary().find("left out, for they cannot promise that"), std::string::npos);
    const Table others = tables::plain(task, 30, 7);
    for (std::uint32_t row = 0; row < 30; ++row) {
      std::vector<double> rising;
      for (int k = -40; k <= 40; ++k) rising.push_back(0.1 * k);
      const Table same = tables::rows_of(others, std::vector<std::uint32_t>(rising.size(), row));
      const Predictions all = model.predict(tables::with(same, tables::number("a", rising))).raw();
      const std::size_t about = task == Task::regression ? 0 : model.target().positive;
      for (std::size_t k = 1; k < rising.size(); ++k) EXPECT_LE(all.row(k)[about], all.row(k - 1)[about] + 1e-12);
    }
  }
}

TEST(GlassBox, a_smaller_model_for_its_limit) {
  TrainOptions given = options();
  given.max_model_size = 24 << 10;
  const AutoMLModel model = train(tables::plain(Task::regression, 300), given);
  EXPECT_EQ(model.member_names().size(), 1U);
  EXPECT_LE(model.bytes().size(), *given.max_model_size);
}

TEST(GlassBox, what_does_not_go_with_it_is_refused) {
  const Table data = tables::plain(Task::regression, 60);
  TrainOptions given = options();
  given.refit = "never";
  EXPECT_EQ(text_of([&] { train(data, given); }),
            "refit: 'never' keeps the models of all folds, and glass_box gives one model (leave refit out) "
            "[option.contradiction]");
  EXPECT_EQ(code_of([&] { train(data, options({"gbdt"})); }), "option.contradiction");
}

TEST(GlassBox, coefficients_are_the_prediction) {
  const Table data = tables::plain(Task::regression, 200);
  const AutoMLModel model = train(data, options({"ridge"}));
  const Coefficients all = coefficients(model);
  EXPECT_EQ(all.scale, "value");
  std::map<std::string, double> by_name;
  for (const auto& each : all.features) by_name[each.feature] = each.values[0];
  const Predictions predictions = model.predict(data).raw();
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const double sum = all.intercepts[0] + by_name.at("a") * data.column("a").number(i) +
                       by_name.at("b") * data.column("b").number(i) +
                       by_name.at("job=" + std::string(data.column("job").text(i)));
    EXPECT_NEAR(sum, predictions.values[i], 1e-9);
  }
  for (const auto& each : all.features) EXPECT_EQ(each.column, each.feature.substr(0, each.feature.find('=')));
  EXPECT_EQ(code_of([&] { coefficients(train(data, options({"decision_tree"}))); }), "explain.coefficients");
  EXPECT_EQ(code_of([&] { rules(model); }), "explain.rules");
}

// log-odds of the positive class, whichever it is
TEST(GlassBox, coefficients_of_classes_are_log_odds_of_the_positive_one) {
  const Table data = tables::plain(Task::binary, 200);
  for (const char* positive : {"yes", "no"}) {
    TrainOptions given = options({"logistic"});
    given.positive_class = positive;
    const AutoMLModel model = train(data, given);
    const Coefficients all = coefficients(model);
    EXPECT_EQ(all.outputs, std::vector<std::string>{positive});
    for (const auto& each : all.features)
      if (each.feature == "a") EXPECT_EQ(each.values[0] > 0, std::string(positive) == "yes");  // 'yes' rises with a
  }
}

TEST(GlassBox, rules_of_a_tree_are_its_words) {
  std::vector<double> x, y;
  std::vector<std::string> job;
  for (int i = 0; i < 80; ++i) {
    x.push_back(i % 20 < 10 ? 1 : 3);
    job.push_back(i % 2 == 0 ? "clerk" : "cook");
    y.push_back(x.back() > 2 ? (i % 2 == 0 ? 5 : 9) : 1);
  }
  const Table data({tables::number("x", x), tables::category("job", job), tables::number("target", y)});
  TrainOptions given = options({"decision_tree"});
  given.task = "regression";
  given.max_trials = 1;
  const TreeRules tree = rules(train(data, given));
  ASSERT_EQ(tree.rules.size(), 3U) << tree.text;
  std::map<double, std::size_t> rows;
  for (const TreeRule& rule : tree.rules) rows[rule.prediction[0]] = rule.rows;
  EXPECT_EQ(rows, (std::map<double, std::size_t>{{1, 40}, {5, 20}, {9, 20}}));
  EXPECT_NE(tree.text.find("if x <= "), std::string::npos) << tree.text;
  EXPECT_NE(tree.text.find("job in "), std::string::npos) << tree.text;
  EXPECT_NE(tree.text.find("target 9 (20 rows)"), std::string::npos) << tree.text;
}

}  // namespace
}  // namespace automill
