#include <automill/ensemble/temperature.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>

#include "automl/cost_matrix.hpp"
#include "automl/prepare.hpp"
#include "automl/scoring.hpp"

namespace automill {
namespace {

/// A copy of one column whose rows are drawn in another order (keyed: the same for any thread count).
ColumnPtr permuted(const Column& column, std::span<const std::uint32_t> order) {
  if (column.kind() == ColumnKind::text) {
    std::vector<std::string_view> texts(order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      if (!column.missing(order[i])) texts[i] = column.text(order[i]);
    return make_text_column(column.name(), texts);
  }
  std::vector<double> values(order.size());
  column.gather(order, values.data());
  return make_number_column(column.schema(), std::move(values));
}

Table with_permuted(const Table& table, std::size_t column, std::uint64_t seed, std::uint64_t repeat) {
  std::vector<std::uint32_t> order(table.rows());
  std::iota(order.begin(), order.end(), 0U);
  RandomStream random(seed, purpose("permutation importance"), column * 1000 + repeat);
  random.shuffle(order);
  auto columns = table.columns();
  columns[column] = permuted(*columns[column], order);
  return Table::with_rows(std::move(columns), table.rows());
}

/// Loss of score for each column and repeat; `predict` gives predictions for a table with the model's schema.
template <class Predict>
std::vector<ImportanceRow> importance(const Table& features, const Scorer& scorer, int repeats,
                                      const RunContext& context, const Predict& predict) {
  const bool higher = scorer.metric().higher_is_better();
  const double base = scorer.value(scorer.gather(predict(features)).values);
  std::vector<ImportanceRow> rows(features.size());
  context.executor().run(features.size(), [&](std::size_t c) {
    std::vector<double> losses;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      if (repeat > 0 && context.stop.stop_requested()) break;
      const double value = scorer.value(
          scorer.gather(predict(with_permuted(features, c, context.seed, static_cast<std::uint64_t>(repeat)))).values);
      losses.push_back(higher ? base - value : value - base);
    }
    double mean = 0, square = 0;
    for (double loss : losses) mean += loss / static_cast<double>(losses.size());
    for (double loss : losses) square += (loss - mean) * (loss - mean);
    const double n = static_cast<double>(losses.size());
    const double half = n > 1 ? 1.645 * std::sqrt(square / (n - 1) / n) : 0.0;
    rows[c] = {features[c].name(), mean, mean - half, mean + half};
  });
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.importance > b.importance; });
  return rows;
}

void check_repeats(int repeats) {
  if (repeats < 1)
    throw Error("option.out_of_range", "repeats", std::to_string(repeats) + " is not allowed: it must be at least 1");
}

}  // namespace

std::vector<ImportanceRow> feature_importance(const ServedModel& model, const Table& data, int repeats,
                                              const RunContext& context) {
  check_repeats(repeats);
  const TargetInfo& info = model.target();
  require_one_output(info);
  const LabelledRows labelled = read_target(data.column(info.name), info);
  Target target{.task = info.task,
                .name = info.name,
                .classes = info.classes,
                .labels = labelled.labels,
                .values = labelled.values,
                .positive = info.positive};
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < data.rows(); ++i)
    if (info.task == Task::regression ? std::isfinite(labelled.values[i]) : labelled.labels[i] >= 0) rows.push_back(i);
  const Scorer scorer(target, {}, rows, metric_of(info, AutoMLModel(model).validation_score().metric),
                      model.decision_threshold());
  const Table features = model.aligned(data);
  return importance(features, scorer, repeats, context, [&](const Table& table) { return model.predict(table).raw(); });
}

std::vector<ImportanceRow> feature_importance(const AutoMLModel& model, int repeats, const RunContext& context) {
  check_repeats(repeats);
  const auto& dataset = model.training_data();
  const auto* ensemble = dynamic_cast<const WeightedEnsemble*>(model.parts().model.get());
  if (dataset == nullptr || ensemble == nullptr || model.shared_out_of_fold() == nullptr)
    throw Error("model.no_training_data", "", "the model does not hold its training rows",
                "give labelled rows: feature_importance(data)");
  if (model.metadata().contains("collapsed"))
    throw Error("model.no_training_data", "",
                "its members were fitted on all rows: none has not seen a row of training",
                "give labelled rows: feature_importance(data)");
  std::vector<std::int32_t> fold_of;  // of the rows that were used, in their order
  const OutOfFold& out_of_fold = model.out_of_fold();
  for (std::uint32_t row : model.training_rows()) fold_of.push_back(out_of_fold.fold[row]);
  std::vector<std::uint32_t> rows;
  std::map<std::int32_t, std::vector<std::uint32_t>> held_out;
  for (std::uint32_t i = 0; i < fold_of.size(); ++i) {
    if (fold_of[i] < 0) continue;
    rows.push_back(i);
    held_out[fold_of[i]].push_back(i);
  }
  const Scorer scorer(dataset->target, dataset->weights, rows,
                      metric_of(model.target(), model.validation_score().metric), model.decision_threshold());
  const auto predict = [&](const Table& table) {
    Predictions all(table.rows(), dataset->target.width());
    for (const auto& [fold, fold_rows] : held_out) {
      Predictions part(fold_rows.size(), all.width);
      for (const auto& member : ensemble->members()) {
        const auto* bagged = dynamic_cast<const WeightedEnsemble*>(member.model.get());
        const bool folds = bagged != nullptr && bagged->members().size() == held_out.size();
        const Model& fold_model = folds ? *bagged->members()[static_cast<std::size_t>(fold)].model : *member.model;
        Predictions one(fold_rows.size(), all.width);
        fold_model.predict_aligned(TableView(table, fold_rows), one.view(), RunContext{});
        for (std::size_t i = 0; i < one.values.size(); ++i) part.values[i] += member.weight * one.values[i];
      }
      apply_temperature_to_rows(ensemble->temperature(), part.view());
      for (std::size_t i = 0; i < fold_rows.size(); ++i)
        std::copy_n(part.values.data() + i * all.width, all.width, all.values.data() + fold_rows[i] * all.width);
    }
    return all;
  };
  return importance(dataset->features, scorer, repeats, context, predict);
}

}  // namespace automill
