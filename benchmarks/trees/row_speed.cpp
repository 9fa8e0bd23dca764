// Microseconds that a row alone takes through boosted trees, without Python: processor time of one thread, the best of
// ten passes over 5,000 rows.
//
//   benchmark_row_speed 64 500        (leaves, trees; 30 columns, a quarter of them with missing cells)

#include <automill/learners/gradient_boosting.hpp>
#include <cstdlib>
#include <ctime>
#include <iostream>

namespace {

using namespace automill;

constexpr std::size_t rows = 20000, columns = 30, predicted_rows = 5000;
using Columns = std::vector<std::vector<double>>;

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Columns random_columns(RandomStream& random) {
  Columns x(columns, std::vector<double>(rows));
  for (auto& column : x)
    for (double& value : column) value = random.normal();
  return x;
}

std::shared_ptr<const Dataset> make_problem(Columns& x, RandomStream& random) {
  Dataset dataset;
  for (std::size_t i = 0; i < rows; ++i) {
    double y = x[0][i] * x[1][i] + 2 * x[2][i] / (1 + x[2][i] * x[2][i]) + 0.5 * x[3][i] * x[3][i] + random.normal();
    for (std::size_t j = 4; j < 12; ++j) y += 0.3 * x[j][i];
    dataset.target.values.push_back(y);
  }
  std::vector<ColumnPtr> made;
  for (std::size_t j = 0; j < columns; ++j) {
    for (double& value : x[j])
      if (j % 4 == 0 && random.uniform() < 0.05) value = std::numeric_limits<double>::quiet_NaN();
    made.push_back(make_number_column({.name = "x" + std::to_string(j)}, x[j]));
  }
  dataset.features = Table::with_rows(std::move(made), rows);
  return make_dataset(std::move(dataset));
}

double best_microseconds(RowPredictor& predictor, const Columns& x) {
  std::vector<double> row(columns), out(1);
  double best = std::numeric_limits<double>::infinity();
  for (int pass = 0; pass < 10; ++pass) {
    const double start = processor_seconds();
    for (std::size_t i = 0; i < predicted_rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) row[j] = x[j][i];
      predictor.predict(RowView{.numbers = row.data()}, out);
    }
    best = std::min(best, processor_seconds() - start);
  }
  return 1e6 * best / predicted_rows;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t leaves = argc > 1 ? std::atoll(argv[1]) : 64, trees = argc > 2 ? std::atoll(argv[2]) : 500;
  RandomStream random(1, purpose("row speed"));
  Columns x = random_columns(random);
  const auto problem = make_problem(x, random);
  const FitResult fit =
      GradientBoosting({.n_estimators = trees, .num_leaves = leaves, .learning_rate = 0.05}).fit(problem);
  const auto predictor = fit.model->row_predictor();
  std::cout << trees << " trees of " << leaves << " leaves: " << best_microseconds(*predictor, x) << " us a row\n";
  return 0;
}
