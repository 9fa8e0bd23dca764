// Naive Bayes against scikit-learn's classes, and what scikit-learn does not take: missing and unseen cells, absent
// classes, sparse columns.

#include <gtest/gtest.h>

#include <automill/learners/naive_bayes.hpp>

#include "error_tools.hpp"
#include "learners/table_tools.hpp"

namespace automill {
namespace {

using namespace table_tools;

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

TEST(NaiveBayes, gives_the_probabilities_of_scikit_learn) {
  const Value reference = read_reference("naive_bayes_reference.json");
  std::size_t cases = 0;
  for (const Value& each : reference.object().find("cases")->array()) {
    const Object& of = each.object();
    const auto data = classification_of(of);
    const auto learner = NaiveBayes{}.with_parameters(of.find("parameters")->object());
    const auto model = learner->fit(data).model;
    // the same formula in another order of operations; variances from three decimals lose a few more bits
    EXPECT_LT(largest_difference(model->predict(data->features), *of.find("probabilities")), 1e-9)
        << of.find("name")->text();
    ++cases;
  }
  EXPECT_EQ(cases, 11U);
}

/// Two classes; the columns are a copy of each other's information.
std::shared_ptr<const Dataset> with_holes() {
  return labelled(table_of({{1, 2, nan_value, 4, 5, 7}}, {{0, 0, 1, 1, -1, 1}}, 6), {0, 0, 0, 1, 1, 1});
}

TEST(NaiveBayes, a_missing_cell_says_nothing) {
  const auto data = with_holes();
  const auto model = NaiveBayes{}.fit(data).model;
  const Table rows = table_of({{nan_value, 3, nan_value}}, {{-1, -1, 0}}, 3);
  const Predictions p = model->predict(rows);
  EXPECT_DOUBLE_EQ(p.row(0)[0], 0.5);  // the shares of the classes
  // a normal distribution of 1, 2 and of 4, 5, 7, by hand
  const double low = math::exp(-0.5 * 1.5 * 1.5 / 0.25) / 0.5, variance = 14.0 / 9,
               high = math::exp(-0.5 * (3 - 16.0 / 3) * (3 - 16.0 / 3) / variance) / std::sqrt(variance);
  EXPECT_NEAR(p.row(1)[0], low / (low + high), 1e-7);  // smoothing by 1e-9 of the variance
  // category "0": (2 + 1) / (3 + 2) of class 0, (0 + 1) / (2 + 2) of class 1, whose missing cell does not count
  EXPECT_NEAR(p.row(2)[0], 0.6 / (0.6 + 0.25), 1e-12);
}

TEST(NaiveBayes, an_unseen_category_says_nothing) {
  const auto model = NaiveBayes{}.fit(with_holes()).model;
  const Predictions p = model->predict(table_of({{nan_value}}, {{9}}, 1));
  EXPECT_DOUBLE_EQ(p.row(0)[0], 0.5);
}

TEST(NaiveBayes, an_absent_class_has_the_prior_of_half_a_row) {
  for (const char* kind : {"mixed", "multinomial", "complement", "bernoulli"}) {
    const auto data = labelled(table_of({{1, 1, 1, 1}}, {}, 4), {0, 0, 1, 1}, {}, 3);
    const auto model = NaiveBayes({.kind = kind}).fit(data).model;
    const Predictions p = model->predict(table_of({{nan_value}}, {}, 1));
    if (std::string(kind) == "complement") continue;  // it has no priors but for absent classes
    EXPECT_NEAR(p.row(0)[2], 0.125 / 1.125, 1e-12) << kind;
  }
}

/// Counts, most of them 0, dense or as sparse columns.
std::shared_ptr<const Dataset> counts(bool sparse, bool two_classes) {
  constexpr std::size_t rows = 90, columns = 40;
  std::vector<std::int32_t> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) labels[i] = static_cast<std::int32_t>(i % (two_classes ? 2 : 3));
  std::vector<ColumnPtr> made;
  for (std::size_t j = 0; j < columns; ++j) {
    RandomStream random(3, purpose("test counts"), j);
    std::vector<double> values(rows), kept;
    std::vector<std::int32_t> at;
    for (std::size_t i = 0; i < rows; ++i) {
      if (random.uniform() > (j % 3 == i % 3 ? 0.3 : 0.1)) continue;
      values[i] = random.uniform() < 0.1 ? nan_value : static_cast<double>(1 + random.below(3));
      kept.push_back(values[i]);
      at.push_back(static_cast<std::int32_t>(i));
    }
    const ColumnSchema schema{.name = "x" + std::to_string(j)};
    made.push_back(sparse ? make_sparse_column(schema, rows, std::move(at), std::move(kept))
                          : make_number_column(schema, std::move(values)));
  }
  return labelled(Table(std::move(made)), std::move(labels));
}

TEST(NaiveBayes, sparse_columns_give_the_same_as_dense_ones) {
  for (const char* kind : {"mixed", "multinomial", "complement", "bernoulli"})
    for (bool two : {true, false}) {
      const NaiveBayes learner({.kind = kind});
      const auto dense = learner.fit(counts(false, two)).model, sparse = learner.fit(counts(true, two)).model;
      const Table rows = counts(true, two)->features, same = counts(false, two)->features;
      const auto expected = dense->predict(same).values, given = sparse->predict(rows).values;
      for (std::size_t i = 0; i < given.size(); ++i)
        ASSERT_NEAR(given[i], expected[i], 1e-9) << kind;  // sums of 40 log-likelihoods in another order
      EXPECT_EQ(sparse->predict(same).values, given) << kind << ": how the rows are stored does not matter";
    }
}

TEST(NaiveBayes, a_row_of_sparse_columns_is_a_row_of_the_batch) {
  for (const char* kind : {"mixed", "bernoulli"}) {
    const auto data = counts(true, false);
    const auto model = NaiveBayes({.kind = kind}).fit(data).model;
    const Predictions batch = model->predict(data->features);
    const auto one = model->row_predictor();
    std::vector<double> cells(data->features.size()), out(3);
    for (std::size_t i = 0; i < data->rows(); ++i) {
      for (std::size_t j = 0; j < cells.size(); ++j) cells[j] = data->features[j].number(i);
      one->predict({cells.data(), nullptr}, out);
      for (std::size_t k = 0; k < 3; ++k) ASSERT_EQ(out[k], batch.row(i)[k]) << kind << ", row " << i;
    }
  }
}

TEST(NaiveBayes, five_hundred_classes_with_a_row_each) {
  constexpr std::size_t rows = 500;
  std::vector<double> values(rows);
  std::vector<std::int32_t> labels(rows);
  std::iota(values.begin(), values.end(), 0.0);
  std::iota(labels.begin(), labels.end(), 0);
  const auto data = labelled(table_of({values, std::vector<double>(rows, 1.0)}, {}, rows), labels);
  for (const char* kind : {"mixed", "multinomial", "complement", "bernoulli"}) {
    const Predictions p = NaiveBayes({.kind = kind}).fit(data).model->predict(data->features);
    for (double value : p.values) ASSERT_TRUE(value >= 0 && value <= 1) << kind;
  }
}

TEST(NaiveBayes, what_counts_cannot_be_is_refused) {
  const auto negative = labelled(table_of({{1, -1}}, {}, 2), {0, 1});
  const auto categories = labelled(table_of({}, {{0, 1}}, 2), {0, 1});
  for (const char* kind : {"multinomial", "complement"}) {
    EXPECT_EQ(code_of([&] { NaiveBayes({.kind = kind}).fit(negative); }), "fit.negative");
    EXPECT_EQ(code_of([&] { NaiveBayes({.kind = kind}).fit(categories); }), "fit.categories");
  }
  EXPECT_EQ(code_of([&] { NaiveBayes({.kind = "bernoulli"}).fit(categories); }), "none");
}

}  // namespace
}  // namespace automill
