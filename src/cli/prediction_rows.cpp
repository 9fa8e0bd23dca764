#include "cli/prediction_rows.hpp"

#include <charconv>
#include <cmath>

#include "json.hpp"

namespace automill::cli {
namespace {

/// A field after RFC 4180: quoted where it has to be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void append_number(std::string& text, double value, const char* if_not_finite) {
  if (!std::isfinite(value)) {
    text += if_not_finite;
    return;
  }
  char buffer[32];
  text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

/// The label as JSON: numbers and booleans as such.
std::string json_label(const TargetInfo& target, const std::string& label) {
  return target.label_type == "text" ? to_json(Value(label)) : label;
}

}  // namespace

std::string prediction_header(const TargetInfo& target) {
  std::string header = target.outputs.empty() ? "prediction" : "";
  for (const std::string& output : target.outputs)
    header += (header.empty() ? "" : ",") + csv_field("prediction_" + output);
  for (const std::string& label : target.classes) header += "," + csv_field("probability_" + label);
  return header + "\n";
}

void append_csv(std::string& text, const TargetInfo& target, const Predictions& predictions) {
  std::vector<std::string> labels;
  for (const std::string& label : target.classes) labels.push_back(csv_field(label));
  for (std::size_t i = 0; i < predictions.rows(); ++i) {
    const auto row = predictions.row(i);
    if (is_classification(target.task)) text += labels[PredictionResult::decide(target, row)];
    for (std::size_t k = 0; !is_classification(target.task) && k < row.size(); ++k) {
      if (k > 0) text += ',';
      append_number(text, row[k], "");
    }
    for (std::size_t k = 0; k < target.classes.size(); ++k) {
      text += ',';
      append_number(text, row[k], "");
    }
    text += '\n';
  }
}

void append_json_lines(std::string& text, const TargetInfo& target, const Predictions& predictions) {
  std::vector<std::string> labels, keys;
  for (const std::string& label : target.classes) {
    labels.push_back(json_label(target, label));
    keys.push_back(to_json(Value(label)));
  }
  for (const std::string& output : target.outputs) keys.push_back(to_json(Value(output)));
  const auto append_named = [&](std::span<const double> row) {
    text += "{";
    for (std::size_t k = 0; k < keys.size(); ++k) {
      text += (k == 0 ? "" : ", ") + keys[k] + ": ";
      append_number(text, row[k], "null");
    }
    text += "}";
  };
  for (std::size_t i = 0; i < predictions.rows(); ++i) {
    const auto row = predictions.row(i);
    text += "{\"prediction\": ";
    if (is_classification(target.task)) {
      text += labels[PredictionResult::decide(target, row)] + ", \"probabilities\": ";
      append_named(row);
    } else if (!keys.empty()) {
      append_named(row);
    } else {
      append_number(text, row[0], "null");
    }
    text += "}\n";
  }
}

}  // namespace automill::cli
