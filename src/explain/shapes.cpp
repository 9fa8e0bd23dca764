#include <automill/explain/shapes.hpp>

#include "explain/score_parts.hpp"

namespace automill {

std::vector<AdditiveTerm> shapes(const ServedModel& model) {
  const ScoreParts whole = score_parts(model);
  const ScorePart& first = whole.parts.front();
  if (whole.parts.size() > 1)
    throw Error("explain.shapes", "", "the model is a mean of " + std::to_string(whole.parts.size()) + " models",
                "ask one of them: member(\"" + first.name + "\")");
  const auto* additive = dynamic_cast<const AdditiveModel*>(first.model);
  if (additive == nullptr)
    throw Error("explain.shapes", first.model->type(), "it is no sum of functions of one and of two columns",
                "train explainable_boosting");
  return additive->terms();
}

}  // namespace automill
