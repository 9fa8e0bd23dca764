// Free text: train uses what it says, and everything else that a model does works with it.

#include <gtest/gtest.h>

#include <automill/explain/predict_contributions.hpp>

#include "automl/books.hpp"
#include "automl/tables.hpp"

namespace automill {
namespace {

/// Reviews whose words "good" and "bad" tell the class (but for a tenth of the rows), beside a number that does not.
Table reviews(Task task, std::size_t rows, std::uint64_t seed = 1) {
  constexpr std::array<const char*, 8> fillers{"the", "film", "of", "last", "summer", "was", "long", "and"};
  std::vector<std::string> texts, labels;
  std::vector<double> nothing, values;
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("reviews"), i);
    const bool good = random.below(2) == 1, told = random.below(10) > 0 ? good : !good;
    std::string text = "Review " + std::to_string(random.below(1000000)) + ": ";
    for (int word = 0; word < 6; ++word) text += fillers[random.below(8)] + std::string(" ");
    texts.push_back(text + (told ? "GOOD!" : "bad ..."));
    labels.push_back(good ? "yes" : "no");
    values.push_back(good ? 1 + random.normal() * 0.1 : random.normal() * 0.1);
    nothing.push_back(random.normal());
  }
  std::vector<std::string_view> views(texts.begin(), texts.end());
  views[3] = {};  // missing
  return Table({make_text_column("review", views), tables::number("nothing", nothing),
                task == Task::regression ? tables::number("target", values) : tables::category("target", labels)});
}

AutoMLModel trained(const Table& data) {
  return train(data, {.target = "target", .max_trials = 5, .threads = 2, .folds = 4});
}

TEST(Text, TellsTheTarget) {
  for (Task task : {Task::binary, Task::regression}) {
    const Table data = reviews(task, 400);
    const AutoMLModel model = trained(data);
    expect_books_close(model, data, "target");
    expect_valid_predictions(model, data);
    EXPECT_NE(model.summary().find("free text"), std::string::npos) << model.summary();
    // a tenth of the rows is told wrongly: AUC 0.9, RMSE sqrt(0.1 * 0.9) + noise
    if (task == Task::binary) EXPECT_GT(model.validation_score().value, 0.85);
    else EXPECT_LT(model.validation_score().value, 0.36);
    for (const LeaderboardRow& row : model.leaderboard())
      if (row.family != "baseline") EXPECT_EQ(row.status, row.status == "member" ? "member" : "ok") << row.name;
  }
}

TEST(Text, IsKeptCheckedAndExplained) {
  const Table data = reviews(Task::binary, 300), others = reviews(Task::binary, 100, 2);
  const AutoMLModel model = trained(data);
  const ServedModel again = load(model.bytes());
  EXPECT_EQ(again.bytes(), model.bytes());
  EXPECT_TRUE(again.verify().ok) << again.verify().text();
  EXPECT_EQ(again.predict(others).raw().values, model.predict(others).raw().values);
  EXPECT_FALSE(model.check(others).text().empty());
  const auto importance = feature_importance(model, 2);
  EXPECT_EQ(importance[0].column, "review");
  EXPECT_GT(importance[0].importance, 0.2);
  EXPECT_EQ(feature_importance(again, others, 2)[0].column, "review");
  const AutoMLModel fresh = refit(model, data, {.threads = 2});
  EXPECT_EQ(fresh.predict(others).rows(), 100U);
}

TEST(Text, OneRowIsTheBatch) {
  const Table data = reviews(Task::binary, 200);
  const AutoMLModel model = trained(data);
  const auto batch = model.predict(data);
  auto one = model.row_predictor();
  const auto text = one.column("review"), number = one.column("nothing");
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if (data[0].missing(i)) one.set_missing(text);
    else one.set(text, data[0].text(i));
    one.set(number, data[1].number(i));
    const std::span<const double> row = one.predict();
    for (std::size_t k = 0; k < row.size(); ++k) ASSERT_EQ(row[k], batch.raw().row(i)[k]) << i;
  }
}

TEST(Text, ContributionsBelongToTheTextColumn) {
  const Table data = reviews(Task::binary, 300);
  const AutoMLModel model =
      train(data, {.target = "target", .max_trials = 3, .threads = 1, .folds = 3, .include = {"gbdt"}});
  const auto found = predict_contributions(model.member(model.leaderboard()[0].name + ".fold_0"), data);
  ASSERT_EQ(found.columns, (std::vector<std::string>{"review", "nothing"}));
  double of_review = 0, of_nothing = 0;
  for (std::size_t row = 0; row < found.rows(); ++row) {
    of_review += std::abs(found.of(row)[0]);
    of_nothing += std::abs(found.of(row)[1]);
  }
  EXPECT_GT(of_review, 3 * of_nothing);
}

TEST(Text, ThreadsMakeNoDifference) {
  const Table data = reviews(Task::binary, 200);
  TrainOptions options{.target = "target", .max_trials = 3, .threads = 1, .folds = 3};
  const AutoMLModel one = train(data, options);
  options.threads = 4;
  EXPECT_EQ(train(data, options).predict(data).raw().values, one.predict(data).raw().values);
}

/// Titles of 60 jobs as a column of categories; "senior" ones earn more.
Table titles(std::size_t rows, std::uint64_t seed = 1) {
  constexpr std::array<const char*, 12> jobs{"nurse",   "clerk",  "driver", "teacher", "cook",   "guard",
                                             "painter", "farmer", "baker",  "broker",  "tailor", "writer"};
  constexpr std::array<const char*, 5> ranks{"senior", "junior", "deputy", "assistant", "senior deputy"};
  std::vector<std::string> names;
  std::vector<double> pay, nothing;
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("titles"), i);
    const std::string rank = ranks[random.below(5)];
    names.push_back(rank + " " + jobs[random.below(12)]);
    pay.push_back((rank.starts_with("senior") ? 10 : 0) + random.normal());
    nothing.push_back(random.normal());
  }
  return Table({tables::category("title", names), tables::number("nothing", nothing), tables::number("target", pay)});
}

TEST(Text, StringsThatRepeatAreReadByWhatTheyHaveInCommon) {
  const Table data = titles(500);
  const AutoMLModel model = trained(data);
  expect_books_close(model, data, "target");
  expect_valid_predictions(model, data);
  EXPECT_NE(model.summary().find("strings that repeat"), std::string::npos) << model.summary();
  EXPECT_EQ(model.schema()[model.schema().column("title")].kind, ColumnKind::text);
  const Table unseen(
      {tables::category("title", {"senior astronaut", "junior astronaut"}), tables::number("nothing", {0.0, 0.0})});
  const std::vector<double> predicted = model.predict(unseen).raw().values;
  EXPECT_GT(predicted[0], 7);
  EXPECT_LT(predicted[1], 3);
}

TEST(Text, CategoriesStayWhereTheyAreAskedFor) {
  TrainOptions options{.target = "target", .max_trials = 2, .threads = 1, .folds = 3};
  options.types["title"] = ColumnKind::category;
  const AutoMLModel model = train(titles(300), options);
  EXPECT_EQ(model.schema()[model.schema().column("title")].kind, ColumnKind::category);
}

TEST(Text, ThreadsMakeNoDifferenceToStrings) {
  const Table data = titles(300);
  TrainOptions options{.target = "target", .max_trials = 4, .threads = 1, .folds = 3};
  const AutoMLModel one = train(data, options);
  options.threads = 4;
  EXPECT_EQ(train(data, options).predict(data).raw().values, one.predict(data).raw().values);
}

}  // namespace
}  // namespace automill
