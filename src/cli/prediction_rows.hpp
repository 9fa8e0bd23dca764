#pragma once
// Predictions as text: a header and a line a row, or a JSON object a line.

#include <automill/predict/served_model.hpp>
#include <optional>
#include <string>

namespace automill::cli {

/// What is asked for beside predictions.
struct Beside {
  std::optional<double> interval{}, set{};  ///< coverage
  std::vector<double> quantiles{};          ///< empty: none
};

/// Rows of a model as text.
class PredictionRows {
 public:
  PredictionRows(const ServedModel& model, Beside beside);

  /// "prediction,probability_<label>,..." with a line end; for regression "prediction". Behind them
  /// "interval_low,interval_high", "quantile_<level>" and "in_set_<label>" where they are asked for.
  std::string header() const;
  /// Appends a line a row. Numbers are the shortest text that reads back to the same bits; in a set is 1, outside 0.
  void append_csv(std::string& text, const Table& rows, const RunContext& context) const;
  /// {"prediction": ..., "probabilities": {label: ...}, "interval": {"low": ..., "high": ...},
  /// "quantiles": {level: ...}, "set": [label ...]} a line; what is not asked for is absent.
  void append_json_lines(std::string& text, const Table& rows, const RunContext& context) const;

 private:
  struct Answers;
  Answers answers(const Table& rows, const RunContext& context) const;
  const ServedModel& model_;
  Beside beside_;
  std::vector<std::string> labels_{}, keys_{};  ///< of classes for CSV and as JSON; keys: of classes or outputs
};

}  // namespace automill::cli
