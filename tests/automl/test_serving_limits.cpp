// max_predict_time and max_model_size: measured before the model is given, held, and their price said.

#include "automl/serving_limits.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

TrainOptions options() {
  return {.target = "target", .max_trials = 6, .threads = 1, .folds = 5, .include = {"gbdt", "random_forest"}};
}

const Table& data() {
  static const Table table = tables::plain(Task::multiclass, 400);
  return table;
}
const AutoMLModel& unlimited() {
  static const AutoMLModel model = train(data(), options());
  return model;
}
double microseconds(const AutoMLModel& model) {
  return microseconds_of_one_row(*model.parts().model, model.training_data()->features);
}

TEST(ServingLimits, that_hold_anyway_change_nothing) {
  TrainOptions given = options();
  given.max_model_size = 1ULL << 30;
  given.max_predict_time = Seconds(1);
  const AutoMLModel model = train(data(), given);
  EXPECT_EQ(model.predict(data()).raw().values, unlimited().predict(data()).raw().values);
  EXPECT_NE(model.summary().find(": within the limits\n"), std::string::npos) << model.summary();
  EXPECT_EQ(unlimited().summary().find("within the limits"), std::string::npos);
}

TEST(ServingLimits, size_holds) {
  const std::size_t whole = unlimited().bytes().size();
  for (const double share : {0.6, 0.25}) {
    TrainOptions given = options();
    given.max_model_size = static_cast<std::uint64_t>(share * static_cast<double>(whole));
    const AutoMLModel model = train(data(), given);
    EXPECT_LE(model.bytes().size(), *given.max_model_size);
    EXPECT_NE(model.summary().find("within the limits by one model a member and "), std::string::npos);
    EXPECT_NE(model.summary().find("; log_loss "), std::string::npos);
    EXPECT_TRUE(model.verify().ok);
    EXPECT_LT(model.validation_score().value, 1.0);  // the prior has 1.09
    double weight = 0;
    for (const auto& row : model.leaderboard()) weight += row.weight;
    EXPECT_NEAR(weight, 1, 1e-12);
    EXPECT_EQ(model.predict_set(data(), 0.9).rows(), data().rows());
  }
}

TEST(ServingLimits, time_holds) {
  TrainOptions given = options();
  given.max_predict_time = Seconds(1e-6 * microseconds(unlimited()) / 3);
  const AutoMLModel model = train(data(), given);
  EXPECT_LE(microseconds(model), 1.5e6 * given.max_predict_time->count());  // measured again: other programs run
}

TEST(ServingLimits, refit_keeps_them) {
  TrainOptions given = options();
  given.max_model_size = unlimited().bytes().size() / 2;
  const AutoMLModel again = refit(train(data(), given), tables::plain(Task::multiclass, 350, 2), {.threads = 1});
  EXPECT_LE(again.bytes().size(), *given.max_model_size);
  EXPECT_EQ(Value(again.recipe()).at("max_model_size").integer(), static_cast<std::int64_t>(*given.max_model_size));
}

TEST(ServingLimits, what_nothing_holds_is_an_error) {
  TrainOptions given = options();
  given.max_predict_time = Seconds(1e-12);
  const std::string text = text_of([&] { train(data(), given); });
  EXPECT_NE(text.find("max_predict_time, max_model_size: the smallest model that was found takes "), std::string::npos);
  EXPECT_NE(text.find("[train.serving_limits]"), std::string::npos);
  given.max_predict_time = Seconds(0);
  EXPECT_NE(text_of([&] { train(data(), given); }).find("[option.out_of_range]"), std::string::npos);
  given.max_predict_time = {};
  given.max_model_size = 100;
  EXPECT_NE(text_of([&] { train(data(), given); }).find("[option.out_of_range]"), std::string::npos);
}

}  // namespace
}  // namespace automill
