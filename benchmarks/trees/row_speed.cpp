// Microseconds that a row alone takes through boosted trees, without Python: processor time of one thread, the best of
// forty passes over 5,000 rows.
//
//   benchmark_row_speed 64 500 30 0.05       leaves, trees, columns, share of cells that a quarter of the columns miss
//   benchmark_row_speed MODEL ROWS           a saved model of numbers, and its rows: a file of float64, row by row

#include <automill/learners/gradient_boosting.hpp>
#include <automill/predict/served_model.hpp>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>

namespace {

using namespace automill;

constexpr std::size_t rows = 20000, predicted_rows = 5000;
using Columns = std::vector<std::vector<double>>;

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Columns random_columns(std::size_t columns, RandomStream& random) {
  Columns x(columns, std::vector<double>(rows));
  for (auto& column : x)
    for (double& value : column) value = random.normal();
  return x;
}

std::shared_ptr<const Dataset> make_problem(Columns& x, double missing, RandomStream& random) {
  Dataset dataset;
  for (std::size_t i = 0; i < rows; ++i) {
    double y = x[0][i] * x[1][i] + 2 * x[2][i] / (1 + x[2][i] * x[2][i]) + 0.5 * x[3][i] * x[3][i] + random.normal();
    for (std::size_t j = 4; j < std::min<std::size_t>(12, x.size()); ++j) y += 0.3 * x[j][i];
    dataset.target.values.push_back(y);
  }
  std::vector<ColumnPtr> made;
  for (std::size_t j = 0; j < x.size(); ++j) {
    for (double& value : x[j])
      if (j % 4 == 0 && random.uniform() < missing) value = std::numeric_limits<double>::quiet_NaN();
    made.push_back(make_number_column({.name = "x" + std::to_string(j)}, x[j]));
  }
  dataset.features = Table::with_rows(std::move(made), rows);
  return make_dataset(std::move(dataset));
}

template <class PredictRow>
double best_microseconds(std::size_t count, const PredictRow& predict_row) {
  double best = std::numeric_limits<double>::infinity();
  for (int pass = 0; pass < 40; ++pass) {
    const double start = processor_seconds();
    for (std::size_t i = 0; i < count; ++i) predict_row(i);
    best = std::min(best, processor_seconds() - start);
  }
  return 1e6 * best / static_cast<double>(count);
}

double time_boosting(std::int64_t leaves, std::int64_t trees, std::size_t columns, double missing) {
  RandomStream random(1, purpose("row speed"));
  Columns x = random_columns(columns, random);
  const auto problem = make_problem(x, missing, random);
  const FitResult fit =
      GradientBoosting({.n_estimators = trees, .num_leaves = leaves, .learning_rate = 0.05}).fit(problem);
  const auto predictor = fit.model->row_predictor();
  std::vector<double> row(columns), out(1);
  return best_microseconds(predicted_rows, [&](std::size_t i) {
    for (std::size_t j = 0; j < columns; ++j) row[j] = x[j][i];
    predictor->predict(RowView{.numbers = row.data()}, out);
  });
}

double time_saved(const std::string& model, const std::string& rows_file) {
  const ServedModel served = load(model);
  NamedRowPredictor one = served.row_predictor();
  std::ifstream in(rows_file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::vector<double> cells(bytes.size() / sizeof(double));
  std::copy_n(bytes.data(), cells.size() * sizeof(double), reinterpret_cast<char*>(cells.data()));
  const auto columns = static_cast<std::uint32_t>(served.schema().size());
  return best_microseconds(cells.size() / columns, [&](std::size_t i) {
    for (std::uint32_t j = 0; j < columns; ++j) one.set(RowColumn{j}, cells[i * columns + j]);
    one.predict();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, double otherwise) { return argc > i ? std::atof(argv[i]) : otherwise; };
  const bool saved = argc == 3 && std::atof(argv[1]) == 0;
  const double time =
      saved ? time_saved(argv[1], argv[2])
            : time_boosting(static_cast<std::int64_t>(number(1, 64)), static_cast<std::int64_t>(number(2, 500)),
                            static_cast<std::size_t>(number(3, 30)), number(4, 0.05));
  std::cout << time << " us a row\n";
  return 0;
}
