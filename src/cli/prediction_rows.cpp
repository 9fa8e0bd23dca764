#include "cli/prediction_rows.hpp"

#include <array>
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

std::string number(double value, const char* if_not_finite) {
  std::string text;
  append_number(text, value, if_not_finite);
  return text;
}

}  // namespace

struct PredictionRows::Answers {
  Predictions predictions;
  std::optional<PredictedIntervals> intervals{};
  std::optional<PredictedQuantiles> quantiles{};
  std::optional<PredictedSets> sets{};
};

PredictionRows::PredictionRows(const ServedModel& model, Beside beside) : model_(model), beside_(std::move(beside)) {
  for (const std::string& label : model.classes()) {
    labels_.push_back(json_label(model.target(), label));
    keys_.push_back(to_json(Value(label)));
  }
  for (const std::string& output : model.target().outputs) keys_.push_back(to_json(Value(output)));
}

PredictionRows::Answers PredictionRows::answers(const Table& rows, const RunContext& context) const {
  Answers all{model_.predict(rows, context).raw()};
  if (beside_.interval) all.intervals = model_.predict_interval(rows, *beside_.interval, context);
  if (!beside_.quantiles.empty()) all.quantiles = model_.predict_quantiles(rows, beside_.quantiles, context);
  if (beside_.set) all.sets = model_.predict_set(rows, *beside_.set, context);
  return all;
}

std::string PredictionRows::header() const {
  const TargetInfo& target = model_.target();
  std::string header = target.outputs.empty() ? "prediction" : "";
  for (const std::string& output : target.outputs)
    header += (header.empty() ? "" : ",") + csv_field("prediction_" + output);
  for (const std::string& label : target.classes) header += "," + csv_field("probability_" + label);
  if (beside_.interval) header += ",interval_low,interval_high";
  for (const double level : beside_.quantiles) header += ",quantile_" + number(level, "");
  if (beside_.set)
    for (const std::string& label : target.classes) header += "," + csv_field("in_set_" + label);
  return header + "\n";
}

void PredictionRows::append_csv(std::string& text, const Table& rows, const RunContext& context) const {
  const TargetInfo& target = model_.target();
  const Answers all = answers(rows, context);
  const auto append_all = [&](std::span<const double> values) {
    for (const double value : values) {
      if (!text.empty() && text.back() != '\n') text += ',';
      append_number(text, value, "");
    }
  };
  std::vector<std::string> labels;
  for (const std::string& label : target.classes) labels.push_back(csv_field(label));
  for (std::size_t i = 0; i < all.predictions.rows(); ++i) {
    const auto row = all.predictions.row(i);
    if (is_classification(target.task)) text += labels[PredictionResult::decide(target, row)];
    append_all(row);
    if (all.intervals) append_all(std::array{all.intervals->low[i], all.intervals->high[i]});
    if (all.quantiles) append_all(all.quantiles->values.row(i));
    for (std::size_t k = 0; all.sets && k < labels.size(); ++k) text += all.sets->contains(i, k) ? ",1" : ",0";
    text += '\n';
  }
}

void PredictionRows::append_json_lines(std::string& text, const Table& rows, const RunContext& context) const {
  const TargetInfo& target = model_.target();
  const Answers all = answers(rows, context);
  const auto append_named = [&](const std::vector<std::string>& keys, std::span<const double> row) {
    text += "{";
    for (std::size_t k = 0; k < keys.size(); ++k)
      text += (k == 0 ? "" : ", ") + keys[k] + ": " + number(row[k], "null");
    text += "}";
  };
  std::vector<std::string> levels;
  for (const double level : beside_.quantiles) levels.push_back('"' + number(level, "") + '"');
  for (std::size_t i = 0; i < all.predictions.rows(); ++i) {
    const auto row = all.predictions.row(i);
    text += "{\"prediction\": ";
    if (is_classification(target.task)) {
      text += labels_[PredictionResult::decide(target, row)] + ", \"probabilities\": ";
      append_named(keys_, row);
    } else if (!keys_.empty()) {
      append_named(keys_, row);
    } else {
      append_number(text, row[0], "null");
    }
    if (all.intervals) {
      text += ", \"interval\": ";
      append_named({"\"low\"", "\"high\""}, std::array{all.intervals->low[i], all.intervals->high[i]});
    }
    if (all.quantiles) {
      text += ", \"quantiles\": ";
      append_named(levels, all.quantiles->values.row(i));
    }
    if (all.sets) {
      text += ", \"set\": [";
      bool first = true;
      for (std::size_t k = 0; k < labels_.size(); ++k) {
        if (!all.sets->contains(i, k)) continue;
        text += (first ? "" : ", ") + labels_[k];
        first = false;
      }
      text += "]";
    }
    text += "}\n";
  }
}

}  // namespace automill::cli
