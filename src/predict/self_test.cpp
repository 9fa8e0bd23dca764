#include <array>
#include <automill/predict/self_test.hpp>
#include <cstdio>

#include "predict/drawn_cells.hpp"

namespace automill {
namespace {

constexpr std::array<std::string_view, 4> texts{"", "a", "the quick brown fox jumps over 13 lazy dogs", "-1.5"};

/// In a text column the number of one of the texts.
double self_test_cell(const ColumnSketch& sketch, const ColumnSchema& column, RandomStream& random) {
  const double cell = drawn_cell(sketch, column, random);
  return column.kind == ColumnKind::text && !std::isnan(cell) ? static_cast<double>(random.below(texts.size())) : cell;
}

/// The outputs of rows whose cells are as make_self_test draws them.
std::vector<double> predict_cells(const ModelParts& parts, std::span<const double> cells, std::size_t rows) {
  const std::size_t columns = parts.schema->size(), width = parts.model->output_spec().width;
  const auto predictor = parts.model->row_predictor();
  std::vector<double> outputs(rows * width), numbers(columns);
  std::vector<std::string_view> row_texts(columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      numbers[c] = cells[i * columns + c];
      row_texts[c] = {};
      if ((*parts.schema)[c].kind != ColumnKind::text || std::isnan(numbers[c])) continue;
      const bool known = numbers[c] >= 0 && numbers[c] < static_cast<double>(texts.size());
      row_texts[c] = texts[known ? static_cast<std::size_t>(numbers[c]) : 0];
      numbers[c] = 0;
    }
    predictor->predict({numbers.data(), row_texts.data()}, {outputs.data() + i * width, width});
  }
  return outputs;
}

/// |a - b| relative to the larger one, above 1e-300; equal bits, or two NaN, are no difference.
double relative_difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(a - b) / std::max({std::abs(a), std::abs(b), 1e-300});
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

}  // namespace

std::pair<std::vector<double>, std::vector<double>> make_self_test(const ModelParts& parts, std::size_t rows) {
  const Schema& schema = *parts.schema;
  std::vector<double> cells(rows * schema.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 1; i < rows; ++i) {
    for (std::size_t c = 0; c < schema.size(); ++c) {
      RandomStream random(0, combine_hashes(purpose("self-test"), hash_text(schema[c].name)), i);
      const ColumnSketch sketch = parts.sketches.empty() ? ColumnSketch{} : parts.sketches[c];
      const bool unseen = i == 1 && schema[c].kind == ColumnKind::category;
      cells[i * schema.size() + c] =
          unseen ? static_cast<double>(schema[c].dictionary->unseen_code()) : self_test_cell(sketch, schema[c], random);
    }
  }
  std::vector<double> outputs = predict_cells(parts, cells, rows);
  return {std::move(cells), std::move(outputs)};
}

VerifyReport ServedModel::verify() const {
  // Where the processor's instructions differ, sums may be rounded otherwise; a wrong model differs by far more.
  constexpr double tolerance = 1e-9;
  const ModelParts& parts = *parts_;
  VerifyReport report{.rows = parts.self_test_outputs.size() / parts.model->output_spec().width};
  const std::vector<double> outputs = predict_cells(parts, parts.self_test_cells, report.rows);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    report.largest_difference =
        std::max(report.largest_difference, relative_difference(outputs[i], parts.self_test_outputs[i]));
  report.ok = report.rows > 0 && report.largest_difference <= tolerance;
  return report;
}

std::string VerifyReport::text() const {
  if (rows == 0) return "the model holds no self-test rows: nothing was verified";
  if (largest_difference == 0)
    return std::to_string(rows) + " self-test rows predicted bit for bit as when it was saved";
  char difference[32];
  std::snprintf(difference, sizeof difference, "%.1e", largest_difference);
  return std::to_string(rows) + " self-test rows: " + (ok ? "ok" : "NOT as when it was saved") +
         ", largest relative difference " + difference;
}

}  // namespace automill
