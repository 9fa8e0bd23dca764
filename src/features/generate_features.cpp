#include <automill/features/generate_features.hpp>
#include <set>

#include "features/distinct_rows.hpp"
#include "features/feature_search.hpp"
#include "features/generate_features_fitted.hpp"
#include "features/group_tables.hpp"
#include "features/quick_model.hpp"

namespace automill {
namespace {

using namespace features;

constexpr std::size_t fewest_rows = 40;

/// Tables of all rows instead of those of the sample; columns of the training table instead of the distinct rows'.
void complete(FeatureProgram& program, const DistinctRows& rows, const RunContext& context) {
  const Schema& schema = *rows.data->features.schema();
  const std::size_t n = rows.rows();
  const MemoryClaim claim(context.memory, 8 * n * program.steps.size(), "steps of generated columns");
  std::vector<std::vector<double>> values(program.steps.size());
  for (std::uint32_t s = 0; s < program.steps.size(); ++s) {
    context.stop.throw_if_requested();
    Step& step = program.steps[s];
    values[s].resize(n);
    if (step.operation == Operation::input) {
      rows.data->features[step.first].numbers(0, n, values[s].data());
      continue;
    }
    learn_step(step, {values[step.first], values[step.second], rows.data->weights, program.groups(schema, step.first),
                      program.groups(schema, step.second)});
    evaluate(step, values[step.first].data(), values[step.second].data(), n, values[s].data());
  }
  for (Step& step : program.steps)
    if (step.operation == Operation::input) step.first = rows.columns[step.first];
}

/// The rows with the columns of a program on theirs.
std::shared_ptr<const Dataset> with_generated(const Dataset& data, FeatureProgram program, const RunContext& context) {
  FittedGenerateFeatures fitted(*data.features.schema(), std::move(program));
  fitted.set_input(data.features.schema());
  Dataset wide = data;
  wide.features = fitted.transform_aligned(data.features, context);
  return make_dataset(std::move(wide));
}

/// How much smaller the losses are with generated columns than without.
struct Gain {
  double sum = 0;     ///< over the rows, weights as copies
  double errors = 0;  ///< the same in standard errors of it
};

Gain gain_of(const std::vector<double>& without, const std::vector<double>& with, const std::vector<double>& weights) {
  double total = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < with.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[i], gain = without[i] - with[i];
    total += weight;
    sum += weight * gain;
    squares += weight * gain * gain;
  }
  const double deviation = std::sqrt(std::max(0.0, squares - sum * sum / total));
  return {sum, deviation > 0 ? sum / deviation : 0};
}

/// The outputs of both, once each.
FeatureProgram joined(const Schema& input, const FeatureProgram& first, const FeatureProgram& second,
                      std::size_t most) {
  FeatureProgram all = first;
  std::set<std::string> known;
  for (std::uint32_t output : first.outputs) known.insert(first.formula(input, output));
  const auto offset = static_cast<std::uint32_t>(all.steps.size());
  for (Step step : second.steps) {
    if (step.operation != Operation::input) {
      step.first += offset;
      step.second += offset;
    }
    all.steps.push_back(std::move(step));
  }
  for (std::uint32_t output : second.outputs)
    if (all.outputs.size() < most && known.insert(second.formula(input, output)).second)
      all.outputs.push_back(offset + output);
  return all;
}

/// The program with which gradient boosting predicts rows that it did not see best; an empty one where no program is
/// better than none beyond noise.
FeatureProgram best_of(const std::vector<FeatureProgram>& programs, const std::shared_ptr<const Dataset>& data,
                       std::size_t folds, const RunContext& context) {
  constexpr double least_errors = 1;
  FeatureProgram best;
  double most = 0;
  std::vector<double> without;
  for (const FeatureProgram& program : programs) {
    if (program.outputs.empty()) continue;
    if (without.empty()) without = out_of_fold_losses(data, folds, context);
    const auto with = out_of_fold_losses(with_generated(*data, program, context), folds, context);
    const Gain gain = gain_of(without, with, data->weights);
    if (!(gain.errors > least_errors && gain.sum > most)) continue;
    most = gain.sum;
    best = program;
  }
  return best;
}

FeatureProgram find_features(const GenerateFeaturesParameters& parameters, const DatasetView& train,
                             const RunContext& context) {
  if (train.rows() < fewest_rows || parameters.max_features == 0) return {};
  const DistinctRows rows = distinct_rows(train, context);
  if (rows.columns.empty() || rows.rows() < fewest_rows) return {};
  const auto folds = static_cast<std::size_t>(parameters.folds);
  const auto sample = rows.first(static_cast<std::size_t>(parameters.max_rows));
  const QuickResiduals residuals = quick_residuals(sample, folds, context);
  const std::size_t columns = rows.columns.size();
  const std::size_t most = parameters.max_features ? static_cast<std::size_t>(*parameters.max_features)
                                                   : std::min<std::size_t>(30, 10 + columns / 2);
  const auto search = [&](const Residuals& of) {
    if (of.empty()) return FeatureProgram{};
    return FeatureSearch(parameters, *sample, of, residuals.importance, context).run(most);
  };
  const FeatureProgram together = search(residuals.of_stumps), alone = search(residuals.of_mean);
  FeatureProgram all = joined(*sample->features.schema(), together, alone, most);
  if (parameters.validate) all = best_of({together, alone, all}, sample, folds, context);
  complete(all, rows, context);
  return all;
}

}  // namespace

DataShape GenerateFeatures::output_shape(const DataShape& input) const {
  DataShape made = input;
  made.columns += static_cast<std::size_t>(
      parameters_.max_features.value_or(std::min<std::int64_t>(30, 10 + static_cast<std::int64_t>(input.columns) / 2)));
  if (made.nonzeros > 0) made.nonzeros += made.columns - input.columns;
  return made;
}

/// Trying the candidates on the rows they are tried on, and the boosted models of the comparison.
CostEstimate GenerateFeatures::cost(const DataShape& input) const {
  const auto rows = static_cast<double>(input.rows), columns = static_cast<double>(input.columns);
  const double tried = std::min(rows, static_cast<double>(parameters_.max_rows));
  const double filled = output_shape(input).filled();
  return {60 * tried * (static_cast<double>(parameters_.max_candidates) + 500 * columns),
          16 * rows * filled + 64 * tried};
}

std::unique_ptr<FittedTransformer> GenerateFeatures::fit(const DatasetView& train, const RunContext& context) const {
  return std::make_unique<FittedGenerateFeatures>(*train.dataset().features.schema(),
                                                  find_features(parameters_, train, context));
}

}  // namespace automill
