#include "explain/score_parts.hpp"

#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/learners/additive_model.hpp>
#include <automill/learners/baseline.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

#include "ensemble/transformed_target_model.hpp"

namespace automill {
namespace {

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
  return link == Link::logistic  ? "log_odds"
         : link == Link::softmax ? "log_probability"
         : link == Link::log     ? "log_rate"
                                 : "value";
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
    part.origins = origins_of(pipeline->transformer(), part.origins);
    collect(pipeline->model(), std::move(part), parts);
  } else if (const auto* transformed = dynamic_cast<const TransformedTargetModel*>(&model)) {
    part.transformed = true;
    collect(transformed->model(), std::move(part), parts);
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

/// What a transformed target is transformed by stands between the score and what is predicted.
std::string scale_of(const ScorePart& part) {
  const std::string scale = scale_of(*part.model);
  return part.transformed ? "transformed_" + scale : scale;
}

/// The scale of all parts; they are what is predicted themselves, or there is one alone.
std::string common_scale(const std::vector<ScorePart>& parts) {
  const std::string scale = scale_of(parts.front());
  if (scale == "probability" && parts.front().tempered) refuse_temperature(parts.front());
  if (parts.size() == 1) return scale;
  for (const ScorePart& part : parts) {
    const std::string own = scale_of(part);
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
  collect(*model.parts().model, {.origins = own_origins(model.schema().size())}, all.parts);
  all.scale = common_scale(all.parts);
  all.outputs = explained_names(model.target());
  return all;
}

std::vector<std::string> explained_names(const TargetInfo& target) {
  if (target.task == Task::multiclass) return target.classes;
  if (!target.outputs.empty()) return target.outputs;
  return {target.task == Task::binary ? target.classes[target.positive] : target.name};
}

}  // namespace automill
