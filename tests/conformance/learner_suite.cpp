#include "conformance/learner_suite.hpp"

namespace automill::conformance {
namespace {

std::shared_ptr<const Estimator> in_pipeline(const Registry& registry, std::shared_ptr<const Estimator> learner) {
  std::vector<NamedTransformer> steps;
  for (const char* name : {"impute", "one_hot", "scale"}) {
    const auto known = registry.transformer_names();
    if (std::find(known.begin(), known.end(), name) == known.end()) return nullptr;
    steps.push_back({name, registry.transformer(name).make({})});
  }
  const std::string name = learner->name();
  return std::make_shared<const Pipeline>(std::make_shared<const TransformerPipeline>(std::move(steps)), name,
                                          std::move(learner));
}

/// The learner as it is by default, but for forests, networks and additive models: trees that know nothing of each
/// other, further epochs, or rounds that go over the same columns again, show no more when there are many, and take
/// minutes.
std::shared_ptr<const Estimator> make_learner(const Registry& registry, const std::string& name) {
  const auto& entry = registry.estimator(name);
  std::shared_ptr<const Estimator> learner = entry.make({});
  for (const ParameterDeclaration& each : entry.parameters)
    if (each.name == "n_epochs") return entry.make({{"n_epochs", 6}});
  if (learner->traits().early_stopping) return learner;
  for (const ParameterDeclaration& each : entry.parameters) {
    if (each.name == "n_estimators") return entry.make({{"n_estimators", 20}});
    if (each.name == "smoothing_rounds")
      return entry.make({{"max_rounds", 40}, {"smoothing_rounds", 10}, {"interaction_smoothing_rounds", 5}});
  }
  return learner;
}

}  // namespace

LearnerSuite::LearnerSuite(const Registry& components, const std::string& learner_name)
    : registry(components),
      name(learner_name),
      learner(make_learner(components, learner_name)),
      traits(learner->traits()) {
  const bool takes_all = traits.missing && traits.categories;
  const auto pipeline = takes_all ? nullptr : in_pipeline(registry, learner);
  for (Task task : traits.tasks) {
    cases.push_back(alone(task, 240, 0));
    if (pipeline == nullptr) continue;
    // scaling sums floating-point numbers: a pipeline is never exact where its learner is
    const DataSpec spec{.task = task, .missing = true, .categories = true};
    cases.push_back({task_name(task) + " in a pipeline", pipeline, make_data(spec), spec, true,
                     std::max(1e-9, traits.row_order_tolerance)});
  }
}

LearnerCase LearnerSuite::alone(Task task, std::size_t rows, std::size_t extra_numbers) const {
  const DataSpec spec{.task = task,
                      .rows = rows,
                      .missing = traits.missing,
                      .categories = traits.categories,
                      .text = traits.text,
                      .extra_numbers = extra_numbers};
  return {task_name(task), learner, make_data(spec), spec, traits.missing, traits.row_order_tolerance};
}

std::vector<Table> tables_to_predict(const LearnerCase& each) {
  const Table& features = each.data->features;
  std::vector<Table> tables{features};
  if (each.takes_missing)
    tables.push_back(
        fill(features, {.value = std::nan(""), .category = std::string_view(), .text = std::string_view()}));
  if (each.spec.categories) tables.push_back(with_unseen_categories(features));
  if (each.spec.text) tables.push_back(fill(features, {.text = std::string_view("never seen before")}));
  return tables;
}

std::string prediction_fault(const Model& model, const Table& rows) {
  const OutputSpec& spec = model.output_spec();
  const Predictions predictions = model.predict(rows);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    double sum = 0;
    for (double value : predictions.row(i)) {
      const std::string where = " in row " + std::to_string(i);
      if (!std::isfinite(value)) return number_of(value) + where;
      if (is_classification(spec.task) && !(value >= 0 && value <= 1)) return "probability " + number_of(value) + where;
      sum += value;
    }
    if (is_classification(spec.task) && !(std::abs(sum - 1) <= 1e-9))
      return "probabilities that sum to " + number_of(sum) + " in row " + std::to_string(i);
  }
  return {};
}

const std::vector<NamedLearnerCheck>& learner_check_list() {
  static const std::vector<NamedLearnerCheck> checks{{"description", check_description},
                                                     {"traits", check_traits},
                                                     {"parameters", check_parameters},
                                                     {"parameter_errors", check_parameter_faults},
                                                     {"outputs", check_outputs},
                                                     {"missing_and_unseen", check_missing_and_unseen},
                                                     {"prediction_columns", check_prediction_columns},
                                                     {"one_row", check_one_row},
                                                     {"save_load", check_save_and_load},
                                                     {"threads", check_same_bits_for_threads},
                                                     {"seed", check_same_bits_for_seed},
                                                     {"concurrent", check_concurrent_use},
                                                     {"cache", check_shared_cache},
                                                     {"row_order", check_row_order},
                                                     {"weights", check_weights},
                                                     {"held_out_rows", check_held_out_rows},
                                                     {"folds", check_folds},
                                                     {"replay", check_replay},
                                                     {"resume", check_resume},
                                                     {"degenerate", check_degenerate_data},
                                                     {"cost", check_cost},
                                                     {"memory", check_memory},
                                                     {"stop", check_stop}};
  return checks;
}

std::vector<std::string> learner_checks() {
  std::vector<std::string> names;
  for (const auto& check : learner_check_list()) names.emplace_back(check.name);
  return names;
}

std::vector<Violation> check_learner(const Registry& registry, const std::string& name,
                                     const std::vector<std::string>& only) {
  const LearnerSuite suite(registry, name);
  std::vector<Violation> violations;
  for (const auto& check : learner_check_list()) {
    if (!only.empty() && std::find(only.begin(), only.end(), check.name) == only.end()) continue;
    Findings findings(check.name);
    guarded(findings, name, [&] { check.run(suite, findings); });
    violations.insert(violations.end(), findings.all().begin(), findings.all().end());
  }
  return violations;
}

}  // namespace automill::conformance
