#include <automill/explain/predict_contributions.hpp>
#include <automill/learners/additive_contributions.hpp>
#include <automill/learners/baseline.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/tree/contributions.hpp>

#include "explain/score_parts.hpp"

namespace automill {
namespace {

/// Scores of a part of which an output of the whole is made: all in order, or for two classes one of them, which may
/// be the other way round.
struct Outputs {
  std::size_t first = 0;
  double sign = 1;
};

Outputs outputs_of(const Model& model) {
  const OutputSpec& spec = model.output_spec();
  if (spec.task != Task::binary) return {};
  if (const auto* linear = dynamic_cast<const LinearModel*>(&model);
      linear != nullptr && linear->state().scores() == 1)  // the log-odds of class 1
    return {0, spec.positive == 1 ? 1.0 : -1.0};
  if (dynamic_cast<const AdditiveModel*>(&model) != nullptr) return {0, 1.0};
  const auto* trees = dynamic_cast<const TreeEnsemble*>(&model);
  return {trees != nullptr && trees->arrays().width() == 1 ? 0 : spec.positive, 1.0};
}

/// Contributions of a linear model: distances from its training means, or from the means of a background.
Contributions linear_contributions(const LinearModel& model, const TableView& rows, const TableView* background) {
  const std::size_t columns = model.state().columns(), outputs = model.state().scores(), width = columns + 1;
  Contributions all{.columns = columns, .outputs = outputs};
  all.values.assign(rows.rows() * outputs * width, 0.0);
  std::vector<double> cells(rows.rows()), others(background != nullptr ? background->rows() : 0);
  std::vector<double> bias = model.state().intercepts;
  for (std::size_t j = 0; j < columns; ++j) {
    double mean = 0;
    if (background != nullptr) {
      background->numbers(j, others.data());
      for (double value : others) mean += model.distance(j, value);
      mean /= static_cast<double>(others.size());
    }
    rows.numbers(j, cells.data());
    for (std::size_t k = 0; k < outputs; ++k) {
      bias[k] += mean * model.weight(j, k);
      for (std::size_t row = 0; row < cells.size(); ++row)
        all.values[(row * outputs + k) * width + j] = (model.distance(j, cells[row]) - mean) * model.weight(j, k);
    }
  }
  for (std::size_t row = 0; row < rows.rows(); ++row)
    for (std::size_t k = 0; k < outputs; ++k) all.values[(row * outputs + k) * width + columns] = bias[k];
  return all;
}

/// Of rows as the model sees them; `background` likewise, or null.
Contributions contributions_of(const Model& model, const TableView& rows, const TableView* background,
                               const RunContext& context) {
  if (const auto* trees = dynamic_cast<const TreeEnsemble*>(&model))
    return background != nullptr ? contributions(*trees, rows, *background, context)
                                 : contributions(*trees, rows, context);
  if (const auto* additive = dynamic_cast<const AdditiveModel*>(&model))
    return background != nullptr ? contributions(*additive, rows, *background) : contributions(*additive, rows);
  if (const auto* linear = dynamic_cast<const LinearModel*>(&model))
    return linear_contributions(*linear, rows, background);
  const auto& output = dynamic_cast<const ConstantModel&>(model).output();
  Contributions all{.columns = model.input_schema().size(), .outputs = output.size()};
  for (std::size_t row = 0; row < rows.rows(); ++row)
    for (double value : output) {
      all.values.resize(all.values.size() + all.columns, 0.0);
      all.values.push_back(value);
    }
  return all;
}

/// Interactions of trees and of pairs; what is a sum of columns has none beside the diagonal.
Interactions interactions_of(const Model& model, const TableView& rows, const RunContext& context) {
  if (const auto* trees = dynamic_cast<const TreeEnsemble*>(&model)) return interactions(*trees, rows, context);
  if (const auto* additive = dynamic_cast<const AdditiveModel*>(&model)) return interactions(*additive, rows);
  const Contributions alone = contributions_of(model, rows, nullptr, context);
  const std::size_t columns = alone.columns;
  Interactions all{.columns = columns, .outputs = alone.outputs};
  all.values.assign(rows.rows() * alone.outputs * columns * columns, 0.0);
  for (std::size_t at = 0; at < rows.rows() * alone.outputs; ++at)
    for (std::size_t c = 0; c < columns; ++c)
      all.values[(at * columns + c) * columns + c] = alone.values[at * (columns + 1) + c];
  return all;
}

/// Adds what each part gives to blocks of rows: `evaluate(part number, rows as the part sees them)` is added by
/// `add(part, outputs, given, first row)`. Parts come one after the other; inside, rows are shared out.
template <class Evaluate, class Add>
void add_parts(const ScoreParts& whole, const Table& rows, std::size_t block, const RunContext& context,
               const Evaluate& evaluate, const Add& add) {
  for (std::size_t first = 0; first < rows.rows(); first += block) {
    const TableView some(rows, first, std::min(block, rows.rows() - first));
    for (std::size_t p = 0; p < whole.parts.size(); ++p) {
      const ScorePart& part = whole.parts[p];
      const Outputs outputs = outputs_of(*part.model);
      if (part.steps.empty()) {
        add(part, outputs, evaluate(p, some), first);
      } else {
        const Table made = part.transform(some, context);
        add(part, outputs, evaluate(p, TableView(made)), first);
      }
    }
  }
}

/// An interaction of two made columns belongs to the pairs of their columns.
void add_pair(const ColumnOrigin& first, const ColumnOrigin& second, double value, std::size_t width, double* to) {
  if (value == 0) return;
  for (const ColumnShare& a : first)
    for (const ColumnShare& b : second) to[a.column * width + b.column] += a.share * b.share * value;
}

/// null: its score is no sum of what is known here.
std::optional<ScoreParts> additive_parts(const ServedModel& model) {
  try {
    return score_parts(model);
  } catch (const Error& error) {
    for (const char* known : {"explain.not_additive", "explain.model", "explain.transformer"})
      if (error.code() == known) return std::nullopt;
    throw;
  }
}

ScoreContributions explain(const ServedModel& model, const Table& rows, const Table* background,
                           const RunContext& context) {
  constexpr std::size_t block = 4096;
  const std::optional<ScoreParts> parts = additive_parts(model);
  if (!parts) return sample_contributions(model, rows, {.background = background, .seed = context.seed}, context);
  const ScoreParts& whole = *parts;
  ScoreContributions all{.scale = whole.scale, .columns = model.schema().names(), .outputs = whole.outputs};
  const Table aligned = model.aligned(rows);
  const std::size_t outputs = all.outputs.size(), width = all.columns.size() + 1;
  const MemoryClaim claim(context.memory, 8 * rows.rows() * outputs * width, "contributions");
  all.values.assign(rows.rows() * outputs * width, 0.0);
  std::vector<Table> backgrounds;
  if (background != nullptr) {
    if (background->rows() == 0)
      throw Error("explain.background", "background", "it has no rows", "give rows of what is usual");
    const Table usual = model.aligned(*background);
    for (const ScorePart& part : whole.parts)
      backgrounds.push_back(part.steps.empty() ? usual : part.transform(usual, context));
  }
  const auto evaluate = [&](std::size_t p, const TableView& some) {
    if (backgrounds.empty()) return contributions_of(*whole.parts[p].model, some, nullptr, context);
    const TableView usual(backgrounds[p]);
    return contributions_of(*whole.parts[p].model, some, &usual, context);
  };
  add_parts(whole, aligned, block, context, evaluate,
            [&](const ScorePart& part, const Outputs& from, const Contributions& given, std::size_t first) {
              const double weight = part.weight * from.sign;
              for (std::size_t row = 0; row < given.rows(); ++row)
                for (std::size_t k = 0; k < outputs; ++k) {
                  const auto values = given.of(row, from.first + k);
                  double* to = all.values.data() + ((first + row) * outputs + k) * width;
                  for (std::size_t c = 0; c < given.columns; ++c)
                    for (const ColumnShare& origin : part.origins[c])
                      to[origin.column] += weight * origin.share * values[c];
                  to[width - 1] += weight * values.back();
                }
            });
  return all;
}

}  // namespace

ScoreContributions predict_contributions(const ServedModel& model, const Table& rows, const RunContext& context) {
  return explain(model, rows, nullptr, context);
}

ScoreContributions predict_contributions(const ServedModel& model, const Table& rows, const Table& background,
                                         const RunContext& context) {
  return explain(model, rows, &background, context);
}

ScoreInteractions predict_interactions(const ServedModel& model, const Table& rows, const RunContext& context) {
  const ScoreParts whole = score_parts(model);
  ScoreInteractions all{.scale = whole.scale, .columns = model.schema().names(), .outputs = whole.outputs};
  const Table aligned = model.aligned(rows);
  const std::size_t outputs = all.outputs.size(), width = all.columns.size();
  const MemoryClaim claim(context.memory, 8 * rows.rows() * outputs * width * width, "interactions");
  all.values.assign(rows.rows() * outputs * width * width, 0.0);
  std::size_t widest = 1;  // numbers of a row of a part
  for (const ScorePart& part : whole.parts)
    widest = std::max(widest, outputs * part.origins.size() * part.origins.size());
  const std::size_t block = std::clamp<std::size_t>((std::size_t{1} << 23) / widest, 64, 4096);
  add_parts(
      whole, aligned, block, context,
      [&](std::size_t p, const TableView& some) { return interactions_of(*whole.parts[p].model, some, context); },
      [&](const ScorePart& part, const Outputs& from, const Interactions& given, std::size_t first) {
        const double weight = part.weight * from.sign;
        for (std::size_t row = 0; row < given.rows(); ++row)
          for (std::size_t k = 0; k < outputs; ++k) {
            double* to = all.values.data() + ((first + row) * outputs + k) * width * width;
            for (std::size_t i = 0; i < given.columns; ++i)
              for (std::size_t j = 0; j < given.columns; ++j)
                add_pair(part.origins[i], part.origins[j], weight * given.of(row, from.first + k, i, j), width, to);
          }
      });
  return all;
}

}  // namespace automill
