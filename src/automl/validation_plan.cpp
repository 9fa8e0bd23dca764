#include "automl/validation_plan.hpp"

namespace automill {
namespace {

/// What trees see: text becomes many columns.
double columns_of_trees(const Table& features) {
  constexpr double of_text = 40;
  double columns = 0;
  for (const auto& column : features.columns()) columns += column->kind() == ColumnKind::text ? of_text : 1;
  return std::max(1.0, columns);
}

/// Rough seconds of one boosting round on one core: histograms, split scans and row work.
double seconds_per_round(const Dataset& dataset, double share_of_rows) {
  const double rows = static_cast<double>(dataset.rows()) * share_of_rows, columns = columns_of_trees(dataset.features);
  const double trees = dataset.target.task == Task::multiclass ? static_cast<double>(dataset.target.width()) : 1.0;
  const double bins = std::min(255.0, rows);
  return trees * (rows * columns * 0.8e-9 + 61 * columns * bins * 0.5e-9 + rows * 12e-9);
}

std::size_t fold_limit(const Prepared& prepared) {
  const Dataset& dataset = *prepared.dataset;
  if (dataset.groups.empty()) return std::max<std::size_t>(2, std::min<std::size_t>(8, dataset.rows()));
  std::vector<std::uint64_t> groups = dataset.groups;
  std::sort(groups.begin(), groups.end());
  return std::min<std::size_t>(8, static_cast<std::size_t>(std::unique(groups.begin(), groups.end()) - groups.begin()));
}

/// Most folds of which one booster of `rounds` takes at most a third of the core seconds; 1: hold out once.
std::size_t affordable_folds(const Prepared& prepared, const TimeBudget& budget, std::size_t limit) {
  if (!budget.seconds) return limit;
  constexpr double rounds = 300, share = 0.35;
  const double core_seconds = *budget.seconds * budget.threads;
  for (const std::size_t folds : {limit, std::size_t{5}, std::size_t{3}}) {
    const double cost = static_cast<double>(folds) * rounds *
                        seconds_per_round(*prepared.dataset, 1.0 - 1.0 / static_cast<double>(folds));
    if (folds <= limit && cost <= share * core_seconds) return folds;
  }
  return prepared.dataset->rows() < 2000 ? std::min<std::size_t>(3, limit) : 1;
}

/// Fewer rounds fit: each must count for more.
double learning_rate_for(const Prepared& prepared, const TimeBudget& budget, std::size_t folds) {
  if (!budget.seconds) return 0.05;
  const double share = folds == 1 ? 0.8 : 1.0 - 1.0 / static_cast<double>(folds);
  const double waves = std::ceil(static_cast<double>(folds) / budget.threads);
  const double rounds = 0.3 * *budget.seconds / (waves * seconds_per_round(*prepared.dataset, share));
  return std::clamp(0.05 * 300.0 / std::max(1.0, rounds), 0.04, 0.3);
}

}  // namespace

ValidationPlan choose_validation(const Prepared& prepared, const TrainOptions& options, const TimeBudget& budget,
                                 std::size_t validation_rows) {
  const Dataset& dataset = *prepared.dataset;
  ValidationPlan plan;
  std::size_t folds = 1;
  if (dataset.rows() == 1) {  // nothing can be held out
    plan.split = SplitPlan{.folds = 1, .fold_of = {SplitPlan::never_held_out}, .protocol = "not validated: one row"};
    plan.split.finish();
  } else if (validation_rows > 0) {
    std::vector<std::int32_t> fold_of(dataset.rows(), SplitPlan::never_held_out);
    const std::size_t first = prepared.input_rows - validation_rows;  // validation rows stand behind the training rows
    for (std::size_t i = 0; i < fold_of.size(); ++i)
      if (prepared.input_row[i] >= first) fold_of[i] = 0;
    plan.split = predefined_folds(std::move(fold_of));
    plan.split.protocol = "validation data";
  } else if (prepared.fold_of) {
    plan.split = predefined_folds(*prepared.fold_of);
    folds = plan.split.folds;
  } else if (options.holdout) {
    plan.split = make_holdout(dataset, *options.holdout, options.seed);
  } else if (!dataset.times.empty()) {
    folds = options.folds ? static_cast<std::size_t>(*options.folds) : 5;
    plan.split = make_time_folds(dataset, folds);
  } else {
    folds = options.folds ? static_cast<std::size_t>(*options.folds)
                          : affordable_folds(prepared, budget, fold_limit(prepared));
    if (folds == 1 && !dataset.groups.empty()) folds = std::min<std::size_t>(3, fold_limit(prepared));
    plan.split = folds == 1 ? make_holdout(dataset, dataset.rows() > 50000 ? 0.1 : 0.2, options.seed)
                            : make_folds(dataset, folds, options.seed);
    if (!options.folds && folds < fold_limit(prepared))
      plan.note = std::to_string(folds) + (folds == 1 ? " split" : " folds") + " instead of " +
                  std::to_string(fold_limit(prepared)) + ": the time is short for these rows";
  }
  plan.learning_rate = learning_rate_for(prepared, budget, folds);
  return plan;
}

}  // namespace automill
