#include <automill/explain/coefficients.hpp>
#include <automill/learners/linear_model.hpp>

#include "explain/score_parts.hpp"
#include "preprocess/scale_fitted.hpp"

namespace automill {
namespace {

/// A column on its way through transformers: value = shift + factor * value of the table's, where it was only scaled.
struct Scaling {
  double factor = 1, shift = 0;
};

using Scalings = std::vector<Scaling>;

Scalings behind(const FittedTransformer& transformer, const Scalings& inputs) {
  if (const auto* steps = dynamic_cast<const FittedTransformerPipeline*>(&transformer)) {
    Scalings scalings = inputs;
    for (const auto& step : steps->steps()) scalings = behind(*step, scalings);
    return scalings;
  }
  Scalings outputs(transformer.output_schema()->size());
  const auto* columnwise = dynamic_cast<const Columnwise*>(&transformer);
  if (columnwise == nullptr) return outputs;  // what it makes counts as it is
  const auto* scale = dynamic_cast<const FittedScale*>(&transformer);
  const std::vector<std::uint32_t> sources = columnwise->sources();
  const Schema &from = *transformer.input_schema(), &to = *transformer.output_schema();
  for (std::size_t c = 0; c < outputs.size(); ++c) {
    const std::uint32_t source = sources[c];
    if (scale != nullptr) {
      const auto [center, factor] = scale->scaling(source);
      outputs[c] = {inputs[source].factor * factor, (inputs[source].shift - center) * factor};
    } else if (from[source].name == to[c].name && from[source].kind == to[c].kind) {
      outputs[c] = inputs[source];  // passes, or has missing values filled
    }
  }
  return outputs;
}

[[noreturn]] void refuse(const std::string& place, const std::string& what, const std::string& hint) {
  throw Error("explain.coefficients", place, what, hint);
}

}  // namespace

Coefficients coefficients(const ServedModel& model) {
  const ScoreParts whole = score_parts(model);
  const ScorePart& part = whole.parts.front();
  if (whole.parts.size() > 1)
    refuse("", "the model is a mean of " + std::to_string(whole.parts.size()) + " models",
           "ask one of them: member(\"" + part.name + "\")");
  const auto* linear = dynamic_cast<const LinearModel*>(part.model);
  if (linear == nullptr) refuse(part.model->type(), "it is no linear model", "train ridge or logistic");
  const LinearState& state = linear->state();
  Scalings scalings(model.schema().size());
  for (const FittedTransformer* step : part.steps) scalings = behind(*step, scalings);
  const bool turned = state.link == Link::logistic && model.target().positive == 0;  // the log-odds of class 1
  const double sign = turned ? -1.0 : 1.0;
  Coefficients all{.scale = whole.scale, .outputs = whole.outputs};
  for (std::size_t k = 0; k < state.scores(); ++k) all.intercepts.push_back(sign * linear->intercept(k));
  for (std::size_t c = 0; c < state.columns(); ++c) {
    Coefficient one{.feature = linear->input_schema()[c].name};
    if (part.origins[c].size() == 1) one.column = model.schema()[part.origins[c].front().column].name;
    for (std::size_t k = 0; k < state.scores(); ++k) {
      const double weight = sign * linear->weight(c, k);
      // the clipping bounds are one range of training beyond its values on either side
      one.effect += std::abs(weight) * (state.upper[c] - state.lower[c]) / 3;
      one.values.push_back(weight * scalings[c].factor);
      all.intercepts[k] += weight * scalings[c].shift;
    }
    all.features.push_back(std::move(one));
  }
  return all;
}

}  // namespace automill
