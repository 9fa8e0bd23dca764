#pragma once
// Predictions as text: a header and a line a row, or a JSON object a line.

#include <automill/predict/prediction_result.hpp>
#include <string>

namespace automill::cli {

/// "prediction,probability_<label>,..." with a line end; for regression "prediction".
std::string prediction_header(const TargetInfo& target);

/// Appends a line a row. Numbers are the shortest text that reads back to the same bits.
void append_csv(std::string& text, const TargetInfo& target, const Predictions& predictions);
/// {"prediction": ..., "probabilities": {label: ...}} a line.
void append_json_lines(std::string& text, const TargetInfo& target, const Predictions& predictions);

}  // namespace automill::cli
