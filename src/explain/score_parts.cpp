#include "explain/score_parts.hpp"

#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/learners/additive_model.hpp>
#include <automill/learners/baseline.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

#include "features/table_preparer_fitted.hpp"
#include "preprocess/columnwise.hpp"
#include "preprocess/truncated_svd_fitted.hpp"

namespace automill {
namespace {

std::vector<std::uint32_t> chained(const std::vector<std::uint32_t>& first, const std::vector<std::uint32_t>& second) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t column : second) all.push_back(first[column]);
  return all;
}

std::vector<std::uint32_t> all_columns(std::size_t count) {
  std::vector<std::uint32_t> columns(count);
  std::iota(columns.begin(), columns.end(), 0U);
  return columns;
}

/// Components belong to the one column that all of what they are made of comes from; nothing where there are more.
std::optional<std::vector<std::uint32_t>> sources_of_components(const FittedTruncatedSvd& transformer,
                                                                const std::vector<std::uint32_t>& inputs) {
  std::vector<std::uint32_t> sources, mixed;
  for (std::uint32_t c : transformer.columns_passed()) sources.push_back(inputs[c]);
  for (std::uint32_t c : transformer.columns_used())
    if (mixed.empty() || inputs[c] != mixed[0]) mixed.push_back(inputs[c]);
  if (mixed.size() > 1) return std::nullopt;
  if (!mixed.empty()) sources.resize(transformer.output_schema()->size(), mixed[0]);
  return sources;
}

/// For each output column the column of origin; `inputs`: the origins of the input columns.
std::vector<std::uint32_t> sources_of(const FittedTransformer& transformer, const std::vector<std::uint32_t>& inputs) {
  if (const auto* columnwise = dynamic_cast<const Columnwise*>(&transformer))
    return chained(inputs, columnwise->sources());
  if (const auto* components = dynamic_cast<const FittedTruncatedSvd*>(&transformer))
    if (auto sources = sources_of_components(*components, inputs)) return *sources;
  if (const auto* steps = dynamic_cast<const FittedTransformerPipeline*>(&transformer)) {
    auto sources = inputs;
    for (const auto& step : steps->steps()) sources = sources_of(*step, sources);
    return sources;
  }
  if (const auto* prepared = dynamic_cast<const FittedTablePreparer*>(&transformer))
    return sources_of(prepared->steps(), inputs);
  if (const auto* groups = dynamic_cast<const FittedColumnTransformer*>(&transformer)) {
    std::vector<std::uint32_t> sources;
    for (const auto& group : groups->groups()) {
      const auto of_group = chained(inputs, group.columns);
      const auto part = group.transformer != nullptr ? sources_of(*group.transformer, of_group) : of_group;
      sources.insert(sources.end(), part.begin(), part.end());
    }
    return sources;
  }
  throw Error("explain.transformer", transformer.type(), "it does not say which columns its columns are made of",
              "explain a model without it");
}

const char* scale_of(ScoreTransform transform, Task task) {
  switch (transform) {
    case ScoreTransform::logistic:
    case ScoreTransform::one_vs_all:
    case ScoreTransform::sigmoid:
      return "log_odds";
    case ScoreTransform::softmax:
      return "log_probability";
    case ScoreTransform::exponential:
      return "log_rate";
    case ScoreTransform::probability:
      return "probability";
    case ScoreTransform::identity:
    case ScoreTransform::ascending:
      break;
  }
  return is_classification(task) ? "probability" : "value";
}

const char* scale_of(Link link) {
  return link == Link::logistic ? "log_odds" : link == Link::softmax ? "log_probability" : "value";
}

/// What the scores of a model are.
std::string scale_of(const Model& model) {
  const Task task = model.output_spec().task;
  if (const auto* trees = dynamic_cast<const TreeEnsemble*>(&model)) return scale_of(trees->arrays().transform, task);
  if (const auto* additive = dynamic_cast<const AdditiveModel*>(&model))
    return scale_of(additive->state().transform, task);
  if (const auto* linear = dynamic_cast<const LinearModel*>(&model)) return scale_of(linear->state().link);
  if (dynamic_cast<const ConstantModel*>(&model) != nullptr) return is_classification(task) ? "probability" : "value";
  throw Error("explain.model", model.type(), "its predictions are not a sum of contributions of columns",
              "boosters, forests, additive and linear models and the baseline can be explained");
}

void collect(const Model& model, ScorePart part, std::vector<ScorePart>& parts) {
  if (const auto* ensemble = dynamic_cast<const WeightedEnsemble*>(&model)) {
    for (const auto& member : ensemble->members()) {
      ScorePart one = part;
      one.weight *= member.weight / ensemble->temperature();
      one.tempered |= ensemble->temperature() != 1;
      one.name += (part.name.empty() ? "" : ".") + member.name;
      collect(*member.model, std::move(one), parts);
    }
  } else if (const auto* pipeline = dynamic_cast<const PipelineModel*>(&model)) {
    part.steps.push_back(&pipeline->transformer());
    part.sources = sources_of(pipeline->transformer(), part.sources);
    collect(pipeline->model(), std::move(part), parts);
  } else {
    part.model = &model;
    parts.push_back(std::move(part));
  }
}

[[noreturn]] void refuse_temperature(const ScorePart& part) {
  throw Error("explain.not_additive", "",
              "the model scales its mean of probabilities by a temperature, which is not a sum of theirs",
              "explain a member: member(\"" + part.name.substr(0, part.name.find('.')) + "\")");
}

/// The scale of all parts; they are what is predicted themselves, or there is one alone.
std::string common_scale(const std::vector<ScorePart>& parts) {
  const std::string scale = scale_of(*parts.front().model);
  if (scale == "probability" && parts.front().tempered) refuse_temperature(parts.front());
  if (parts.size() == 1) return scale;
  for (const ScorePart& part : parts) {
    const std::string own = scale_of(*part.model);
    if (own == scale && (own == "value" || own == "probability")) continue;
    const auto heaviest =
        std::max_element(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.weight < b.weight; });
    const std::string what = is_classification(part.model->output_spec().task) ? "probabilities" : "predictions";
    throw Error("explain.not_additive", "",
                "the model predicts a mean of the " + what + " of " + std::to_string(parts.size()) +
                    " models, which is not a sum of their scores",
                "explain one of them: member(\"" + heaviest->name + "\")");
  }
  return scale;
}

}  // namespace

Table ScorePart::transform(const TableView& rows, const RunContext& context) const {
  Table table = steps.front()->transform_aligned(rows, context);
  for (std::size_t i = 1; i < steps.size(); ++i) table = steps[i]->transform_aligned(table, context);
  return table;
}

ScoreParts score_parts(const ServedModel& model) {
  ScoreParts all;
  collect(*model.parts().model, {.sources = all_columns(model.schema().size())}, all.parts);
  all.scale = common_scale(all.parts);
  const TargetInfo& target = model.target();
  if (target.task == Task::multiclass) all.outputs = target.classes;
  else if (!target.outputs.empty()) all.outputs = target.outputs;
  else all.outputs = {target.task == Task::binary ? target.classes[target.positive] : target.name};
  return all;
}

}  // namespace automill
