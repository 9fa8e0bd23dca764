#include "automl/own_predictions.hpp"

#include <cmath>

namespace automill {

std::string wrong_width(std::size_t given, std::size_t needed) {
  return "gave " + std::to_string(given) + " numbers a row, not " + std::to_string(needed);
}

namespace {

std::string wrong_size(const Predictions& predictions, const DatasetView& rows) {
  if (predictions.width != rows.target().width()) return wrong_width(predictions.width, rows.target().width());
  if (predictions.values.size() == rows.rows() * predictions.width) return {};
  return "gave predictions of " + std::to_string(predictions.rows()) + " rows where there are " +
         std::to_string(rows.rows());
}

}  // namespace

std::string fault_of(const Predictions& predictions, const FitReport& report, const DatasetView& rows) {
  constexpr double tolerance = 1e-3;
  if (std::string fault = wrong_size(predictions, rows); !fault.empty()) return fault;
  for (const auto& [round, checkpoint] : report.checkpoints)
    if (std::string fault = wrong_size(checkpoint, rows); !fault.empty()) return fault;
  if (!is_classification(rows.target().task)) return {};
  for (std::size_t i = 0; i < predictions.rows(); ++i) {
    double sum = 0;
    for (const double probability : predictions.row(i)) {
      if (probability < -tolerance || probability > 1 + tolerance)
        return "gave a probability of " + std::to_string(probability);
      sum += probability;
    }
    if (std::abs(sum - 1) > tolerance) return "gave probabilities that sum to " + std::to_string(sum);
  }
  return {};
}

}  // namespace automill
