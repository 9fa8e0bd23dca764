// A learner or a pipeline by itself as a model that serves.

#include <gtest/gtest.h>

#include <automill/automl/serve.hpp>
#include <automill/core/pipeline.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>
#include <automill/preprocess/preprocess.hpp>
#include <set>

namespace automill {
namespace {

/// Two numbers, a category and a free text, with a label that follows the first number and the category.
std::shared_ptr<const Dataset> labelled(std::size_t rows) {
  static constexpr std::array<std::string_view, 3> jobs{"clerk", "nurse", "teacher"};
  std::vector<double> a, b;
  std::vector<std::string_view> job, note;
  Dataset dataset;
  dataset.target = {.task = Task::binary, .name = "rich", .classes = {"no", "yes"}};
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream random(1, purpose("test of serve"), i);
    a.push_back(random.normal());
    b.push_back(i % 7 == 0 ? std::nan("") : random.normal());
    job.push_back(jobs[random.below(3)]);
    note.push_back("as it is");
    dataset.target.labels.push_back(a.back() + (job.back() == "nurse" ? 1 : 0) > 0.3 ? 1 : 0);
  }
  dataset.features = Table({make_number_column({.name = "a"}, a), make_number_column({.name = "b"}, b),
                            make_category_column("job", job), make_text_column("note", note)});
  return make_dataset(std::move(dataset));
}

TEST(Serve, APipelineIsSavedAndVerifiesItself) {
  const auto dataset = labelled(300);
  const Pipeline pipeline{DropColumns{{.kinds = "text"}}, Impute{}, OneHot{}, Logistic{}};
  const FitResult fit = pipeline.fit(dataset);
  const Predictions expected = fit.model->predict(dataset->features);
  const ServedModel served = serve(pipeline.fit(dataset), *dataset, Object{{"made by", "a test"}});
  const ServedModel loaded = load(std::span<const std::byte>(served.bytes()));
  EXPECT_EQ(loaded.predict(dataset->features).raw().values, expected.values);
  EXPECT_EQ(loaded.predict(dataset->features).labels()[0], expected.row(0)[1] >= 0.5 ? "yes" : "no");
  EXPECT_EQ(loaded.target().name, "rich");
  EXPECT_EQ(loaded.metadata().find("made by")->text(), "a test");
  const VerifyReport verified = loaded.verify();
  EXPECT_TRUE(verified.ok);
  EXPECT_GT(verified.rows, 0U);
}

TEST(Serve, NewDataAreCheckedAgainstTheRowsOfTheFit) {
  const auto dataset = labelled(300);
  const auto numbers = DatasetView(dataset).with_features(dataset->features.without({"note"})).shared();
  const ServedModel served = serve(GradientBoosting({.n_estimators = 5}).fit(numbers), *numbers);
  EXPECT_TRUE(served.check(numbers->features).findings.empty());
  const std::vector<std::string_view> job(300, "pilot");
  const Table strange({make_number_column({.name = "a"}, std::vector<double>(300, 50.0)),
                       numbers->features.columns()[1], make_category_column("job", job)});
  std::set<std::string> columns;
  for (const auto& finding : served.check(strange).findings) columns.insert(finding.column);
  EXPECT_EQ(columns, (std::set<std::string>{"a", "job"}));
}

TEST(Serve, AFitWithoutAModelIsRefused) {
  const auto dataset = labelled(30);
  try {
    serve(FitResult{}, *dataset);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "train.no_model");
    EXPECT_EQ(error.place(), "rich");
  }
}

}  // namespace
}  // namespace automill
