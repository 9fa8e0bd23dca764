#include <set>

#include "automl/cost_matrix.hpp"
#include "automl/prepare.hpp"
#include "automl/scoring.hpp"

namespace automill {
namespace {

/// Labelled rows of a table with their predictions.
struct Judged {
  Target target{};
  std::vector<std::uint32_t> input_row{};
  Predictions predictions{};
};

Judged judge(const ServedModel& model, const Table& data, const RunContext& context) {
  const TargetInfo& info = model.target();
  require_one_output(info);
  const LabelledRows rows = read_target(data.column(info.name), info);
  const Predictions all = model.predict(data, context).raw();
  Judged judged;
  judged.target = empty_target(info);
  judged.predictions.width = all.width;
  for (std::uint32_t i = 0; i < data.rows(); ++i) {
    const bool labelled = info.task == Task::regression ? std::isfinite(rows.values[i]) : rows.labels[i] >= 0;
    if (!labelled) continue;
    judged.input_row.push_back(i);
    if (info.task == Task::regression) judged.target.values.push_back(rows.values[i]);
    else judged.target.labels.push_back(rows.labels[i]);
    judged.predictions.values.insert(judged.predictions.values.end(), all.row(i).begin(), all.row(i).end());
  }
  if (judged.input_row.empty())
    throw Error("data.target_all_missing", info.name, "no row has a target to compare with");
  return judged;
}

std::vector<Metric> chosen_metrics(const ServedModel& model, const std::vector<std::string>& names) {
  std::vector<Metric> chosen;
  for (const auto& name : names) {
    const Metric metric = metric_of(model.target(), name);
    if (!metric.supports(model.task()))
      throw Error("option.contradiction", "metrics",
                  name + " is not defined for a " + task_name(model.task()) + " target");
    chosen.push_back(metric);
  }
  if (!names.empty()) return chosen;
  for (const Metric& metric : builtin_metrics())
    if (metric.supports(model.task())) chosen.push_back(metric);
  if (!model.target().costs.empty()) chosen.push_back(mean_cost(model.target()));
  return chosen;
}

void score_slice(const ServedModel& model, const Judged& judged, const std::vector<std::uint32_t>& rows,
                 const std::string& slice, const std::vector<Metric>& metrics, Evaluation& evaluation) {
  for (const Metric& metric : metrics) {
    const Scorer scorer(judged.target, {}, rows, metric, model.decision_threshold());
    Predictions predictions = scorer.gather(judged.predictions);
    const bool by_cost = metric.needs == MetricNeeds::labels && !model.target().costs.empty();
    if (by_cost && model.task() == Task::multiclass) predictions = decided(model.target(), predictions);
    const Score score = scorer.score(predictions.values, "", 0);
    evaluation.rows.push_back(
        {slice, metric.name, score.value, score.low, score.high, rows.size(), metric.higher_is_better()});
  }
}

std::string slice_name(const Column& column, std::size_t row) {
  if (column.kind() == ColumnKind::category || column.kind() == ColumnKind::text)
    return column.missing(row) ? "(missing)" : std::string(column.text(row));
  const double value = column.number(row);
  return std::isnan(value) ? "(missing)" : number_name(value);
}

}  // namespace

double Evaluation::value(std::string_view metric) const {
  std::vector<std::string> known;
  for (const auto& row : rows) {
    if (row.metric == metric && row.slice.empty()) return row.value;
    known.push_back(row.metric);
  }
  throw Error("metric.unknown", std::string(metric), "it was not evaluated", name_hint(metric, known));
}

Evaluation evaluate(const ServedModel& model, const Table& data, const std::vector<std::string>& metrics,
                    const std::string& by, const RunContext& context) {
  const auto chosen = chosen_metrics(model, metrics);
  const Judged judged = judge(model, data, context);
  Evaluation evaluation;
  if (judged.input_row.size() < data.rows())
    evaluation.warnings.push_back(std::to_string(data.rows() - judged.input_row.size()) +
                                  " rows without a target were left out");
  std::vector<std::uint32_t> all(judged.input_row.size());
  std::iota(all.begin(), all.end(), 0U);
  score_slice(model, judged, all, "", chosen, evaluation);
  if (by.empty()) return evaluation;
  std::map<std::string, std::vector<std::uint32_t>> slices;
  const Column& column = data.column(by);
  for (std::uint32_t i = 0; i < judged.input_row.size(); ++i)
    slices[slice_name(column, judged.input_row[i])].push_back(i);
  if (slices.size() > 1000)
    throw Error("data.too_many_slices", by, std::to_string(slices.size()) + " distinct values where 1000 are allowed",
                "slice by a column with few values");
  for (const auto& [name, rows] : slices) score_slice(model, judged, rows, name, chosen, evaluation);
  return evaluation;
}

Evaluation evaluate(const AutoMLModel& model, const Table& data, const std::vector<std::string>& metrics,
                    const std::string& by, const RunContext& context) {
  Evaluation evaluation = evaluate(static_cast<const ServedModel&>(model), data, metrics, by, context);
  if (model.training_data() == nullptr) return evaluation;
  const Dataset& training = *model.training_data();
  const LabelledRows rows = read_target(data.column(model.target().name), model.target());
  Target target = training.target;
  target.labels = rows.labels;
  target.values = rows.values;
  std::unordered_map<std::uint64_t, bool> known;
  for (std::uint64_t key : training.keys) known.emplace(key, true);
  const Table aligned = model.aligned(data);
  for (std::int32_t& label : target.labels) label = std::max(label, 0);  // rows without a label match by chance only
  std::size_t seen = 0;
  for (std::uint64_t key : row_keys(aligned, target)) seen += known.contains(key) ? 1 : 0;
  if (seen > 0)
    evaluation.warnings.push_back(std::to_string(seen) + " of " + std::to_string(data.rows()) +
                                  " rows were in training: the figures flatter the model");
  return evaluation;
}

}  // namespace automill
