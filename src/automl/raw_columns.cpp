#include "automl/raw_columns.hpp"

#include <automill/automl/train.hpp>

namespace automill {

std::shared_ptr<const Estimator> learner_of_raw_columns(const RawColumns& columns, const std::string& learner,
                                                        const Object& parameters) {
  const Registry& registry = builtin_registry();
  std::shared_ptr<const Estimator> last = registry.estimator(learner).make(parameters);
  if (!columns.text) return last;
  const std::string name = columns.monotone ? "drop" : "table_preparer";
  std::shared_ptr<const Transformer> preparer = registry.transformer(name).make(
      columns.monotone ? Object{{"kinds", "text"}} : Object{{"for_family", columns.family}, {"generate", false}});
  return std::make_shared<const Pipeline>(
      std::make_shared<const TransformerPipeline>(std::vector<NamedTransformer>{{name, std::move(preparer)}}), learner,
      std::move(last));
}

}  // namespace automill
