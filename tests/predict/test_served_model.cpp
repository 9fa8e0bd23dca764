// Served models: results by kind, thresholds, alignment, bound structs, and the ensemble's sums.

#include <gtest/gtest.h>

#include <automill/predict/bind.hpp>

#include "sample_models.hpp"

namespace automill {
namespace {

std::string code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

TEST(ServedModel, results_say_the_right_kind) {
  const Table rows = samples::people(20, 3);
  const PredictionResult labels = samples::multiclass().predict(rows);
  EXPECT_EQ(labels.labels().size(), 20U);
  EXPECT_EQ(labels.probabilities().width, 3U);
  EXPECT_EQ(code_of([&] { labels.values(); }), "predict.wrong_kind");
  const PredictionResult values = samples::regression().predict(rows);
  EXPECT_EQ(values.values().size(), 20U);
  EXPECT_EQ(code_of([&] { values.labels(); }), "predict.wrong_kind");
  EXPECT_EQ(code_of([&] { values.probabilities(); }), "predict.wrong_kind");
}

TEST(ServedModel, results_outlive_the_model) {
  const Table rows = samples::people(5, 3);
  const PredictionResult result = samples::binary().predict(rows);
  for (const std::string_view label : result.labels()) EXPECT_TRUE(label == "no" || label == "yes");
}

TEST(ServedModel, order_of_columns_and_extra_ones_do_not_matter) {
  const ServedModel model = samples::binary();
  const Table rows = samples::people(50, 3);
  std::vector<ColumnPtr> columns(rows.columns().rbegin(), rows.columns().rend());
  columns.push_back(make_number_column({.name = "extra"}, std::vector<double>(50)));
  EXPECT_EQ(model.predict(Table(columns)).raw().values, model.predict(rows).raw().values);
  EXPECT_EQ(model.predict(Table::with_rows(samples::people(0, 3).columns(), 0)).rows(), 0U);
  EXPECT_EQ(code_of([&] { model.predict(rows.without({"age"})); }), "data.column_missing");
}

TEST(ServedModel, a_boolean_column_takes_zeros_and_ones_of_a_number_column) {
  const ServedModel model = samples::binary();
  const Table rows = samples::people(50, 3), others = rows.without({"member"});
  const auto with_member = [&](double yes) {
    std::vector<double> values(50);
    for (std::size_t i = 0; i < 50; ++i) values[i] = yes * rows.column("member").number(i);
    std::vector<ColumnPtr> columns = others.columns();
    columns.push_back(make_number_column({.name = "member"}, std::move(values)));
    return Table(std::move(columns));
  };
  EXPECT_EQ(model.predict(with_member(1)).raw().values, model.predict(rows).raw().values);
  EXPECT_EQ(code_of([&] { model.predict(with_member(2)); }), "data.column_retyped");
}

TEST(ServedModel, threshold_decides_and_is_kept) {
  const Table rows = samples::people(200, 3);
  const ServedModel model = samples::binary(), all = model.with_decision_threshold(0), loaded = load(all.bytes());
  EXPECT_EQ(model.decision_threshold(), 0.375);
  EXPECT_EQ(loaded.decision_threshold(), 0);
  const PredictionResult result = model.predict(rows);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    EXPECT_EQ(result.labels()[i], result.probabilities().row(i)[1] >= 0.375 ? "yes" : "no");
    EXPECT_EQ(loaded.predict(rows).labels()[i], "yes");
  }
  EXPECT_EQ(code_of([&] { model.with_decision_threshold(1.5); }), "option.out_of_range");
  EXPECT_EQ(code_of([&] { model.with_decision_threshold(samples::missing); }), "option.out_of_range");
  EXPECT_EQ(code_of([&] { samples::regression().with_decision_threshold(0.5); }), "model.no_threshold");
}

TEST(ServedModel, verify_notices_another_prediction) {
  ModelParts parts = samples::binary().parts();
  EXPECT_TRUE(samples::share(parts).verify().ok);
  EXPECT_NE(samples::share(parts).verify().text().find("bit for bit"), std::string::npos);
  parts.self_test_outputs[3] *= 1 + 1e-6;
  const VerifyReport report = samples::share(parts).verify();
  EXPECT_FALSE(report.ok);
  EXPECT_NEAR(report.largest_difference, 1e-6, 1e-8);
  EXPECT_NE(report.text().find("NOT as"), std::string::npos);
  parts.self_test_outputs[3] = samples::missing;
  EXPECT_FALSE(samples::share(parts).verify().ok);
  parts.self_test_cells.clear();
  parts.self_test_outputs.clear();
  EXPECT_FALSE(samples::share(parts).verify().ok);
}

TEST(SelfTest, rows_are_synthetic_and_the_same_each_time) {
  const ModelParts parts = samples::binary().parts();
  const std::size_t columns = parts.schema->size();
  EXPECT_EQ(make_self_test(parts, 16).second, parts.self_test_outputs);
  ASSERT_EQ(parts.self_test_cells.size(), 16 * columns);
  for (std::size_t c = 0; c < columns; ++c) EXPECT_TRUE(std::isnan(parts.self_test_cells[c]));
  const std::size_t job = parts.schema->column("job"), age = parts.schema->column("age");
  EXPECT_EQ(parts.self_test_cells[columns + job], 5);  // unseen: five jobs are known
  for (std::size_t i = 1; i < 16; ++i) {
    const double years = parts.self_test_cells[i * columns + age];
    EXPECT_TRUE(years >= 18 && years < 78 && years == std::round(years)) << years;
  }
}

struct Applicant {
  int age;
  std::string job;
  bool member;
};

TEST(Bind, scores_a_struct) {
  const ServedModel model = samples::binary();
  auto score =
      bind(model, field("age", &Applicant::age), field("job", &Applicant::job), field("member", &Applicant::member));
  NamedRowPredictor one = model.row_predictor();
  one.set(one.column("age"), 44.0);
  one.set(one.column("job"), "nurse");
  one.set(one.column("member"), 1.0);
  EXPECT_EQ(score(Applicant{44, "nurse", true})[1], one.predict()[1]);
  EXPECT_EQ(code_of([&] { bind(model, field("job", &Applicant::age)); }), "predict.field_kind");
  EXPECT_EQ(code_of([&] { bind(model, field("age", &Applicant::job)); }), "predict.field_kind");
  EXPECT_EQ(code_of([&] { bind(model, field("jbo", &Applicant::job)); }), "data.column_unknown");
}

TEST(WeightedEnsemble, is_the_weighted_sum_of_its_members_for_any_executor) {
  const ServedModel model = samples::multiclass();
  const auto& ensemble = dynamic_cast<const WeightedEnsemble&>(*model.parts().model);
  const Table rows = samples::people(9000, 4);  // more than two blocks
  std::vector<double> sum(rows.rows() * 3, 0.0);
  for (const auto& member : ensemble.members()) {
    const Predictions part = member.model->predict(rows);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += member.weight * part.values[i];
  }
  EXPECT_EQ(ensemble.predict(rows).values, sum);
  for (std::size_t i = 0; i < rows.rows(); ++i) EXPECT_NEAR(sum[3 * i] + sum[3 * i + 1] + sum[3 * i + 2], 1, 1e-12);
}

TEST(WeightedEnsemble, describes_itself_as_a_tree) {
  const std::string text = samples::binary().parts().model->describe();
  EXPECT_EQ(text.substr(0, text.find("\n    ")), "weighted_ensemble\n  linear_1 x 0.5");
  EXPECT_NE(text.find("  trees_1 x 0.3\n    tree_ensemble"), std::string::npos);
}

}  // namespace
}  // namespace automill
