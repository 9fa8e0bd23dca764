// What a learner says of itself: name, traits, parameters, description.

#include "conformance/learner_suite.hpp"

namespace automill::conformance {

void check_parameter_faults(const LearnerSuite& suite, Findings& findings) {
  const auto& entry = suite.registry.estimator(suite.name);
  check_parameter_errors(findings, entry.parameters, [&](const Object& values) { entry.make(values); });
  check_parameter_errors(findings, entry.parameters,
                         [&](const Object& values) { suite.learner->with_parameters(values); });
}

void check_parameters(const LearnerSuite& suite, Findings& findings) {
  const auto& entry = suite.registry.estimator(suite.name);
  check_parameter_values(findings, entry.description, entry.parameters,
                         [&](const Object& values) { return entry.make(values)->parameters(); });
  const auto learner = entry.make({});
  check_parameter_values(findings, entry.description, entry.parameters,
                         [&](const Object& values) { return learner->with_parameters(values)->parameters(); });
  const auto again = make_estimator(suite.learner->structure(), suite.registry);
  if (!(again->structure() == suite.learner->structure())) findings.add("made again from its structure it is another");
}

void check_traits(const LearnerSuite& suite, Findings& findings) {
  if (suite.traits.tasks.empty()) findings.add("no task at all");
  const double tolerance = suite.traits.row_order_tolerance;
  if (!(tolerance >= 0 && tolerance < 0.05)) findings.add("a row order tolerance of " + number_of(tolerance));
  for (Task task : {Task::binary, Task::multiclass, Task::regression}) {
    const bool allowed =
        std::find(suite.traits.tasks.begin(), suite.traits.tasks.end(), task) != suite.traits.tasks.end();
    const DatasetPtr data = make_data({.task = task, .rows = 60});
    if (!allowed) {
      const auto error = expected_error(findings, task_name(task), [&] { suite.learner->fit(data); });
      if (error && error->code() != "fit.task")
        findings.add(task_name(task) + ": code " + error->code() + " instead of fit.task");
      continue;
    }
    guarded(findings, task_name(task), [&] {
      if (suite.learner->fit(data).model == nullptr) findings.add(task_name(task) + ": no model");
    });
    if (!suite.traits.weights)
      expected_error(findings, "weights",
                     [&] { suite.learner->fit(with_weights(*data, std::vector<double>(60, 1.0))); });
    if (!suite.traits.early_stopping) continue;
    const DatasetView train = view_of(data, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}),
                      held_out = view_of(data, {20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
    const FitResult result = suite.learner->fit(FitInput{.train = train, .validation = &held_out});
    const FitReport& report = result.report;
    for (double loss : report.learning_curve)
      if (!std::isfinite(loss)) findings.add(task_name(task) + ": a learning curve with " + number_of(loss));
    for (const auto& [round, predictions] : report.checkpoints)
      if (predictions.rows() != held_out.rows() || predictions.width != data->target.width())
        findings.add(task_name(task) + ": a checkpoint at round " + std::to_string(round) + " of another size");
    const auto last = report.checkpoints.find(report.rounds);
    if (last == report.checkpoints.end() || result.model == nullptr) continue;
    Predictions predicted(held_out.rows(), data->target.width());
    result.model->predict_aligned(held_out.features(), predicted.view(), {});
    if (!same_bits(predicted.values, last->second.values))
      findings.add(task_name(task) + ": the checkpoint of the last round is not what the model predicts");
  }
}

void check_description(const LearnerSuite& suite, Findings& findings) {
  if (suite.learner->name() != suite.name) findings.add("it calls itself '" + suite.learner->name() + "'");
  const auto one_line = [&](const std::string& text, const std::string& what) {
    if (text.size() < 2 || text.back() != '\n')
      findings.add(what + ": describe() must end with a line end and say something");
  };
  one_line(suite.learner->describe(), "the learner");
  if (!suite.learner->describe(4).starts_with("    ")) findings.add("describe(4) is not indented by 4");
  const auto model = suite.learner->fit(suite.cases.front().data).model;
  if (model == nullptr) return findings.add("no model");
  one_line(model->describe(), "the model");
  const auto types = suite.registry.model_types();
  if (std::find(types.begin(), types.end(), model->type()) == types.end())
    findings.add("no loader is registered for its model type '" + model->type() + "'");
}

}  // namespace automill::conformance
