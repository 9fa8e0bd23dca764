// Discriminant analysis against scikit-learn (discriminant_reference.json), closed forms, and properties.

#include <gtest/gtest.h>

#include <automill/learners/discriminant.hpp>
#include <automill/learners/quadratic_model.hpp>

#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

const Value& discriminant_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/discriminant_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "discriminant_reference.json");
  }();
  return value;
}

struct Labelled {
  Columns x;
  std::shared_ptr<const Dataset> dataset;
};

Labelled labelled_of(const Value& data) {
  Labelled result{columns_of(data.at("features")), nullptr};
  std::vector<std::int32_t> labels;
  for (double label : numbers(data.at("labels"))) labels.push_back(static_cast<std::int32_t>(label));
  result.dataset = classification(result.x, labels, static_cast<std::size_t>(data.at("classes").integer()));
  return result;
}

void expect_probabilities(const Predictions& ours, const Value& theirs, double tolerance, const std::string& where) {
  for (std::size_t i = 0; i < ours.rows(); ++i) {
    const std::vector<double> row = numbers(theirs.array()[i]);
    for (std::size_t k = 0; k < row.size(); ++k)
      EXPECT_NEAR(ours.row(i)[k], row[k], tolerance) << where << " row " << i;
  }
}

TEST(Discriminant, AgreesWithScikitLearn) {
  for (const Value& data : discriminant_reference().at("cases").array()) {
    const Labelled labelled = labelled_of(data);
    for (const Value& fit : data.at("fits").array()) {
      const DiscriminantParameters parameters{
          .shrinkage = fit.at("shrinkage").number(), .priors = data.at("priors").text(), .standardize = false};
      const std::string where = data.at("name").text() + " " + std::to_string(*parameters.shrinkage);
      const Table& rows = labelled.dataset->features;
      // what is added to the diagonal, 1e-10 and 1e-8 of it, over the shrinkage of 1e-3
      expect_probabilities(LinearDiscriminant{parameters}.fit(labelled.dataset).model->predict(rows), fit.at("linear"),
                           1e-6, where + " linear");
      expect_probabilities(QuadraticDiscriminant{parameters}.fit(labelled.dataset).model->predict(rows),
                           fit.at("quadratic"), 1e-4, where + " quadratic");
    }
  }
}

TEST(Discriminant, TheShrinkageIsThatOfLedoitAndWolf) {
  for (const Value& data : discriminant_reference().at("cases").array()) {
    if (data.at("priors").text() != "empirical") continue;  // rows count alike there
    const FitResult fit = LinearDiscriminant{{.standardize = false}}.fit(labelled_of(data).dataset);
    EXPECT_NEAR(detail(fit, "shrinkage"), data.at("ledoit_wolf").number(), 1e-10) << data.at("name").text();
  }
}

TEST(Discriminant, BordersOfTwoNormalDistributions) {
  // one column, means -1 and 1, variance 1 within either class: log odds 2 x
  const Columns x{{-2, 0, 0, 2}};
  const auto dataset = classification(x, {0, 0, 1, 1}, 2);
  const FitResult fit = LinearDiscriminant{{.shrinkage = 0.0, .standardize = false}}.fit(dataset);
  EXPECT_NEAR(fitted(fit).weight(0), 2, 1e-8);
  EXPECT_NEAR(fitted(fit).intercept(), 0, 1e-8);
  // mean 0 both, variances 1 and 4: log odds -log 2 + 3/8 x^2
  const auto wide = classification({{-1, 1, -2, 2}}, {0, 0, 1, 1}, 2);
  const FitResult curved = QuadraticDiscriminant{{.shrinkage = 0.0, .standardize = false}}.fit(wide);
  for (double at : {0.0, 1.5}) {
    const Predictions p = curved.model->predict(table_of({{at}}));
    EXPECT_NEAR(std::log(p.row(0)[1] / p.row(0)[0]), -std::log(2.0) + 0.375 * at * at, 1e-6);
  }
}

TEST(Discriminant, CollinearColumnsAreTaken) {
  const Columns x = random_columns(3, 80, 1);
  const std::vector<std::int32_t> labels = labels_from(linear_target(x, 1, 2), 3);
  const auto once = classification(x, labels, 3), twice = classification({x[0], x[1], x[2], x[0], x[1]}, labels, 3);
  for (double shrinkage : {0.0}) {
    const auto a = LinearDiscriminant{{.shrinkage = shrinkage}}.fit(once).model->predict(once->features).values;
    const auto b = LinearDiscriminant{{.shrinkage = shrinkage}}.fit(twice).model->predict(twice->features).values;
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << i;
  }
}

TEST(Discriminant, QuadraticBordersAreLearnedWhereLinearOnesFail) {
  const Columns x = random_columns(4, 600, 1);
  std::vector<std::int32_t> labels;
  Columns spread = x;
  for (std::size_t i = 0; i < 600; ++i) {
    labels.push_back(static_cast<std::int32_t>(i % 2));
    for (auto& column : spread) column[i] *= i % 2 == 0 ? 1 : 3;
  }
  const auto dataset = classification(spread, labels, 2);
  const auto right = [&](const FitResult& fit) {
    const Predictions p = fit.model->predict(dataset->features);
    double sum = 0;
    for (std::size_t i = 0; i < 600; ++i) sum += (p.row(i)[1] > 0.5) == (labels[i] == 1) ? 1.0 / 600 : 0;
    return sum;
  };
  EXPECT_GT(right(QuadraticDiscriminant{}.fit(dataset)), 0.85);
  EXPECT_LT(right(LinearDiscriminant{}.fit(dataset)), 0.65);
}

template <class Learner>
void expect_finite(const Columns& x, const std::vector<std::int32_t>& labels, std::size_t classes) {
  for (std::optional<double> shrinkage :
       {std::optional<double>{}, std::optional<double>{0.0}, std::optional<double>{1.0}})
    for (const char* priors : {"empirical", "uniform"}) {
      const auto data = classification(x, labels, classes);
      const FitResult fit = Learner{{.shrinkage = shrinkage, .priors = priors}}.fit(data);
      for (double value : fit.model->predict(data->features).values) EXPECT_TRUE(std::isfinite(value));
      const double huge = std::numeric_limits<double>::max();
      if (x.size() == 2)
        for (double value : fit.model->predict(table_of({{huge, -huge}, {huge, std::nan("")}})).values)
          EXPECT_TRUE(std::isfinite(value));
    }
}

TEST(Discriminant, DegenerateDataGiveFiniteModels) {
  const auto all = [](const Columns& x, const std::vector<std::int32_t>& labels, std::size_t classes) {
    expect_finite<LinearDiscriminant>(x, labels, classes);
    expect_finite<QuadraticDiscriminant>(x, labels, classes);
  };
  const Columns x = random_columns(2, 6, 1);
  all(x, {0, 0, 0, 1, 1, 1}, 2);
  all(x, {0, 0, 0, 0, 0, 1}, 2);  // one row of a class
  all(x, {0, 1, 2, 3, 4, 5}, 6);  // of each
  all(x, {1, 1, 1, 1, 1, 1}, 2);  // one class
  all(x, {1, 1, 1, 1, 1, 1}, 3);
  all({x[0], x[0]}, {0, 0, 0, 1, 1, 1}, 2);
  all({{0, 0, 0, 1, 1, 1}, x[0]}, {0, 0, 0, 1, 1, 1}, 2);                // a column that is the class
  all({{0, 0, 0, 1, 1, 1}, {5, 5, 5, 5, 5, 5}}, {0, 0, 0, 1, 1, 1}, 2);  // and nothing else
  all({{7, 7, 7, 7, 7, 7}}, {0, 0, 0, 1, 1, 1}, 2);                      // constant
  all({{1e300, -1e300, 3, 1, 2, 5}, {1e-300, 0, 0, 2e-300, 0, 0}}, {0, 0, 0, 1, 1, 1}, 2);
  all(random_columns(40, 9, 3), {0, 0, 0, 1, 1, 1, 2, 2, 2}, 3);
}

TEST(Discriminant, AQuadraticModelIsSavedAndDamageIsRefused) {
  const Columns x = random_columns(3, 40, 1);
  const auto dataset = classification(x, labels_from(linear_target(x, 1, 2), 3), 3);
  const FitResult fit = QuadraticDiscriminant{}.fit(dataset);
  Registry registry = loaders();
  registry.add_model_loader("quadratic_model", load_quadratic_model);
  const Archive good = saved(*fit.model);
  const auto loaded = registry.load_model(ArchiveReader(good), fit.model->context());
  EXPECT_EQ(loaded->predict(table_of(x)).values, fit.model->predict(table_of(x)).values);
  EXPECT_EQ(predict_row_by_row(*loaded, x), fit.model->predict(table_of(x)).values);
  for (std::size_t array = 0; array < good.arrays.size(); ++array) {
    Archive shorter = good;
    shorter.arrays[array].bytes.resize(shorter.arrays[array].bytes.size() - element_size(shorter.arrays[array].type));
    EXPECT_THROW(registry.load_model(ArchiveReader(shorter), fit.model->context()), Error) << array;
  }
  Archive beyond = good;
  const std::uint32_t far = 7;
  std::memcpy(beyond.arrays[0].bytes.data(), &far, 4);
  EXPECT_THROW(registry.load_model(ArchiveReader(beyond), fit.model->context()), Error);
}

}  // namespace
