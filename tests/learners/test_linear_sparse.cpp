// Linear learners on sparse columns: the models of dense columns where columns are not standardised, one scale for all
// where they are; single rows, batches and parts of them agree bit for bit.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <automill/learners/linear.hpp>

namespace automill {
namespace {

struct Problem {
  Table sparse, dense;
  Target target;
  DatasetView view(bool of_sparse, Task task, std::vector<std::uint32_t> rows = {}) const {
    Dataset dataset;
    dataset.features = of_sparse ? sparse : dense;
    dataset.target = target;
    dataset.target.task = task;
    if (task == Task::regression) dataset.target.labels.clear(), dataset.target.classes.clear();
    else dataset.target.values.clear();
    auto shared = make_dataset(std::move(dataset));
    if (rows.empty()) return DatasetView(shared);
    return {shared, RowSet{std::make_shared<std::vector<std::uint32_t>>(std::move(rows)), 7}};
  }
};

/// Columns a twentieth of whose cells are not 0, beside a dense one. Three of the columns tell the target.
Problem problem(std::size_t rows, std::size_t columns) {
  std::vector<ColumnPtr> sparse, dense;
  std::vector<double> score(rows, 0.0);
  for (std::size_t c = 0; c < columns; ++c) {
    RandomStream random(5, purpose("sparse columns"), c);
    std::vector<double> all(rows, 0.0), kept;
    std::vector<std::int32_t> places;
    for (std::size_t row = 0; row < rows; ++row) {
      if (random.below(20) != 0) continue;
      all[row] = 0.1 + random.uniform();
      kept.push_back(all[row]);
      places.push_back(static_cast<std::int32_t>(row));
      if (c < 3) score[row] += c == 1 ? -3 * all[row] : 3 * all[row];
    }
    const ColumnSchema schema{.name = "w" + std::to_string(c)};
    sparse.push_back(make_sparse_column(schema, rows, std::move(places), std::move(kept)));
    dense.push_back(make_number_column(schema, std::move(all)));
  }
  RandomStream random(5, purpose("dense column"));
  std::vector<double> values;
  for (std::size_t row = 0; row < rows; ++row) values.push_back(random.normal());
  Problem made;
  made.target.classes = {"a", "b", "c"};
  for (std::size_t row = 0; row < rows; ++row) {
    score[row] += values[row] + 0.3 * random.normal();
    made.target.values.push_back(score[row]);
    made.target.labels.push_back(score[row] < -0.3 ? 0 : score[row] < 0.3 ? 1 : 2);
  }
  for (auto* all : {&sparse, &dense}) all->push_back(make_number_column({.name = "x"}, values));
  made.sparse = Table(std::move(sparse));
  made.dense = Table(std::move(dense));
  return made;
}

std::vector<double> predictions(const Model& model, const Table& table) {
  Predictions all(table.rows(), model.output_spec().width);
  model.predict_aligned(table, all.view(), {});
  return all.values;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// The sums of both layouts are added up in another order: 1e-6 of the solver's tolerance, far below its own.
TEST(LinearSparse, ModelsAreThoseOfDenseColumnsUnlessStandardised) {
  const Problem p = problem(400, 60);
  const std::vector<std::uint32_t> some{1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 380, 381, 390};
  for (const auto& rows : {std::vector<std::uint32_t>{}, some}) {
    const Logistic logistic{{.c = 1.0, .standardize = false, .tolerance = 1e-10}};
    const auto a = logistic.fit(p.view(true, Task::multiclass, rows)),
               b = logistic.fit(p.view(false, Task::multiclass, rows));
    EXPECT_LT(largest_difference(predictions(*a.model, p.sparse), predictions(*b.model, p.dense)), 1e-7);
    const Ridge ridge{{.alpha = 0.5, .standardize = false}};
    const auto c = ridge.fit(p.view(true, Task::regression, rows)),
               d = ridge.fit(p.view(false, Task::regression, rows));
    EXPECT_LT(largest_difference(predictions(*c.model, p.sparse), predictions(*d.model, p.dense)), 1e-10);
  }
}

/// 200 rows and 700 columns: the matrix is that of the rows.
TEST(LinearSparse, RidgeWithMoreColumnsThanRows) {
  const Problem p = problem(200, 700);
  for (const bool given : {true, false}) {
    RidgeParameters parameters{.standardize = false};
    if (given) parameters.alpha = 0.5;
    const auto a = Ridge{parameters}.fit(p.view(true, Task::regression));
    const auto b = Ridge{parameters}.fit(p.view(false, Task::regression));
    EXPECT_LT(largest_difference(predictions(*a.model, p.sparse), predictions(*b.model, p.dense)), 1e-9);
    ASSERT_NE(a.out_of_bag, nullptr);
    EXPECT_LT(largest_difference(a.out_of_bag->values, b.out_of_bag->values), 1e-8);
  }
}

TEST(LinearSparse, WeightsAreRepeatedRows) {
  const Problem p = problem(120, 20);
  DatasetView once = p.view(true, Task::multiclass);
  std::vector<std::uint32_t> repeated;
  Dataset weighted = once.dataset();
  for (std::uint32_t row = 0; row < 120; ++row) {
    weighted.weights.push_back(1 + row % 3);
    repeated.insert(repeated.end(), 1 + row % 3, row);
  }
  Dataset copies = once.dataset();
  copies.features = FittedTransformerPipeline::copy_rows(TableView(p.sparse, repeated));
  copies.target.labels.clear();
  copies.keys.clear();
  for (std::uint32_t row : repeated) copies.target.labels.push_back(once.label(row));
  const Logistic logistic{{.c = 1.0, .tolerance = 1e-10}};
  const auto a = logistic.fit({.train = DatasetView(make_dataset(std::move(weighted)))}, {});
  const auto b = logistic.fit({.train = DatasetView(make_dataset(std::move(copies)))}, {});
  EXPECT_LT(largest_difference(predictions(*a.model, p.sparse), predictions(*b.model, p.sparse)), 1e-7);
}

/// Rows of tf-idf come with their weights: twice the values everywhere is the same problem, twice one column is not.
TEST(LinearSparse, ColumnsShareOneScale) {
  const Problem p = problem(300, 30);
  const auto scaled = [&](double all, double first) {
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < p.sparse.size(); ++c) {
      const Column& column = p.sparse[c];
      if (!column.sparse()) {
        columns.push_back(p.sparse.columns()[c]);
        continue;
      }
      std::vector<std::int32_t> rows;
      std::vector<double> values;
      column.for_each_stored([&](std::size_t row, double value) {
        rows.push_back(static_cast<std::int32_t>(row));
        values.push_back(value * all * (c == 0 ? first : 1));
      });
      columns.push_back(make_sparse_column(column.schema(), column.size(), std::move(rows), std::move(values)));
    }
    Problem other = p;
    other.sparse = Table(std::move(columns));
    const auto fitted = Logistic{{.c = 0.1, .tolerance = 1e-10}}.fit(other.view(true, Task::multiclass));
    return predictions(*fitted.model, other.sparse);
  };
  EXPECT_LT(largest_difference(scaled(1, 1), scaled(8, 1)), 1e-7);
  EXPECT_GT(largest_difference(scaled(1, 1), scaled(1, 8)), 1e-3);
}

TEST(LinearSparse, RowsAndPartsAgreeWithBatches) {
  const Problem p = problem(500, 80);
  const auto fitted = Logistic{}.fit(p.view(true, Task::multiclass));
  const auto batch = predictions(*fitted.model, p.sparse);
  EXPECT_EQ(predictions(*fitted.model, p.dense), batch);
  const std::vector<std::uint32_t> mixed{400, 3, 3, 17, 499};
  Predictions part(mixed.size(), 3), range(100, 3);
  fitted.model->predict_aligned(TableView(p.sparse, mixed), part.view(), {});
  fitted.model->predict_aligned(TableView(p.sparse, 300, 100), range.view(), {});
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < mixed.size(); ++i) EXPECT_EQ(part.values[i * 3 + k], batch[mixed[i] * 3 + k]);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(range.values[i * 3 + k], batch[(300 + i) * 3 + k]);
  }
  const auto one = fitted.model->row_predictor();
  std::vector<double> cells(p.sparse.size()), out(3);
  for (std::size_t row = 0; row < 500; ++row) {
    for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = p.sparse[c].number(row);
    one->predict({cells.data(), nullptr}, out);
    for (std::size_t k = 0; k < 3; ++k) ASSERT_EQ(out[k], batch[row * 3 + k]) << row;
  }
}

}  // namespace
}  // namespace automill
