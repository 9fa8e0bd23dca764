// The fitted half of every built-in component: all that a program needs that only predicts. The trainers are named in
// builtin_learners.cpp.

#include <automill/core/pipeline.hpp>
#include <automill/ensemble/stacking.hpp>
#include <automill/ensemble/transformed_target.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/features/features.hpp>
#include <automill/learners/additive_model.hpp>
#include <automill/learners/baseline.hpp>
#include <automill/learners/gaussian_model.hpp>
#include <automill/learners/kernel_model.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/naive_bayes.hpp>
#include <automill/learners/neighbors.hpp>
#include <automill/learners/neural_model.hpp>
#include <automill/learners/quadratic_model.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <automill/predict/served_model.hpp>
#include <automill/preprocess/preprocess.hpp>

namespace automill {
namespace {

Registry make_builtin_models() {
  Registry registry;
  register_core_models(registry);
  registry.add_model_loader(WeightedEnsemble::registered_name, &load_weighted_ensemble);
  registry.add_model_loader(AdditiveModel::registered_type, &load_additive_model);
  registry.add_model_loader("constant", &load_constant_model);
  registry.add_model_loader(TransformedTarget::registered_name, &load_transformed_target);
  registry.add_model_loader(Stacking::registered_name, &load_stacking);
  registry.add_model_loader("gaussian_model", &load_gaussian_model);
  registry.add_model_loader("kernel_model", &load_kernel_model);
  registry.add_model_loader("linear_model", &load_linear_model);
  registry.add_model_loader("neural_model", &load_neural_model);
  registry.add_model_loader("quadratic_model", &load_quadratic_model);
  registry.add_model_loader("naive_bayes", &load_naive_bayes);
  registry.add_model_loader("neighbors", &load_neighbors);
  registry.add_model_loader(TreeEnsemble::registered_type, &load_tree_ensemble);
  registry.add_transformer_loader("category_map", &load_category_map);
  registry.add_transformer_loader("category_numbers", &load_category_numbers);
  registry.add_transformer_loader("datetime_differences", &load_datetime_differences);
  registry.add_transformer_loader("datetime_parts", &load_datetime_parts);
  registry.add_transformer_loader("drop", &load_drop);
  registry.add_transformer_loader("hash_encoder", &load_hash_encoder);
  registry.add_transformer_loader("generate_features", &load_generate_features);
  registry.add_transformer_loader("impute", &load_impute);
  registry.add_transformer_loader("min_hash_encoder", &load_min_hash_encoder);
  registry.add_transformer_loader("iterative_impute", &load_iterative_impute);
  registry.add_transformer_loader("one_hot", &load_one_hot);
  registry.add_transformer_loader("ordinal", &load_ordinal);
  registry.add_transformer_loader("parse_text", &load_parse_text);
  registry.add_transformer_loader("scale", &load_scale);
  registry.add_transformer_loader("bins", &load_bins);
  registry.add_transformer_loader("clean", &load_clean);
  registry.add_transformer_loader("piecewise_linear", &load_piecewise_linear);
  registry.add_transformer_loader("quantile_normal", &load_quantile_normal);
  registry.add_transformer_loader("row_statistics", &load_row_statistics);
  registry.add_transformer_loader("spline", &load_spline);
  registry.add_transformer_loader("winsorize", &load_winsorize);
  registry.add_transformer_loader("yeo_johnson", &load_yeo_johnson);
  registry.add_transformer_loader("text_category", &load_text_category);
  registry.add_transformer_loader("text_statistics", &load_text_statistics);
  registry.add_transformer_loader("tf_idf", &load_tf_idf);
  registry.add_transformer_loader("truncated_svd", &load_truncated_svd);
  registry.add_transformer_loader("select_features", &load_select_features);
  registry.add_transformer_loader("table_preparer", &load_table_preparer);
  return registry;
}

}  // namespace

const Registry& builtin_models() {
  static const Registry registry = make_builtin_models();
  return registry;
}

}  // namespace automill
