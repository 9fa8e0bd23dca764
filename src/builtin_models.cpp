// The fitted half of every built-in component: all that a program needs that only predicts. The trainers are named in
// builtin_learners.cpp.

#include <automill/core/pipeline.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/features/features.hpp>
#include <automill/learners/baseline.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <automill/predict/served_model.hpp>
#include <automill/preprocess/preprocess.hpp>

namespace automill {
namespace {

Registry make_builtin_models() {
  Registry registry;
  register_core_models(registry);
  registry.add_model_loader(WeightedEnsemble::registered_name, &load_weighted_ensemble);
  registry.add_model_loader("constant", &load_constant_model);
  registry.add_model_loader("linear_model", &load_linear_model);
  registry.add_model_loader(TreeEnsemble::registered_type, &load_tree_ensemble);
  registry.add_transformer_loader("datetime_parts", &load_datetime_parts);
  registry.add_transformer_loader("drop", &load_drop);
  registry.add_transformer_loader("generate_features", &load_generate_features);
  registry.add_transformer_loader("impute", &load_impute);
  registry.add_transformer_loader("one_hot", &load_one_hot);
  registry.add_transformer_loader("ordinal", &load_ordinal);
  registry.add_transformer_loader("scale", &load_scale);
  registry.add_transformer_loader("select_features", &load_select_features);
  return registry;
}

}  // namespace

const Registry& builtin_models() {
  static const Registry registry = make_builtin_models();
  return registry;
}

}  // namespace automill
