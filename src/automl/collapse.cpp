#include <automill/automl/train.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/predict/self_test.hpp>

#include "automl/candidate.hpp"
#include "automl/fit_on_all_rows.hpp"
#include "automl/own_learners.hpp"
#include "automl/predict_time.hpp"

namespace automill {
namespace {

std::vector<std::int64_t> rounds_of(const Value& member) {
  std::vector<std::int64_t> rounds;
  for (const Value& count : member.at("rounds").array()) rounds.push_back(count.integer());
  return rounds;
}

/// Bytes and time of members are those of their one model.
Array changed_leaderboard(const AutoMLModel& model, const std::vector<WeightedEnsemble::Member>& members,
                          const TableView& rows) {
  Array list;
  for (LeaderboardRow row : model.leaderboard()) {
    for (const auto& member : members) {
      if (member.name != row.name) continue;
      row.bytes = array_bytes(*member.model);
      row.predict_us_per_row = microseconds_per_row(*member.model, rows);
    }
    list.push_back(row.to_object());
  }
  return list;
}

}  // namespace

AutoMLModel collapse(const AutoMLModel& model, const RunContext& context) {
  const auto& dataset = model.training_data();
  if (dataset == nullptr)
    throw Error("model.no_training_data", "collapse", "the model does not hold its training rows",
                "collapse it before it is saved, refit it on the rows, or train with refit='always'");
  if (model.metadata().contains("distilled"))
    throw Error("model.distilled", "collapse", "the model is one model already, fitted on all rows",
                "collapse the ensemble that it learned from");
  const Value& recipe = model.recipe();
  const Array& entries = recipe.at("members").array();
  RunContext fitting = context;
  fitting.seed = static_cast<std::uint64_t>(recipe.at("seed").integer());
  if (entries.size() > 1) fitting.run_with = nullptr;  // members side by side
  std::vector<WeightedEnsemble::Member> members(entries.size());
  context.executor().run(entries.size(), [&](std::size_t i) {
    const Value& entry = entries[i];
    const std::string& name = entry.at("name").text();
    const auto estimator = estimator_of_recipe(entry, {});
    members[i] = {name, entry.at("weight").number(),
                  fit_on_all_rows(name, *estimator, rounds_of(entry), dataset, fitting)};
  });
  for (const auto& member : members)
    if (member.model == nullptr) throw Error("train.no_model", member.name, "it was stopped before it had a model");
  auto parts = std::make_shared<ModelParts>(model.parts());
  const auto* before = dynamic_cast<const WeightedEnsemble*>(parts->model.get());
  auto ensemble = std::make_shared<WeightedEnsemble>(members, before != nullptr ? before->temperature() : 1);
  ensemble->set_context(parts->model->context());
  parts->model = ensemble;
  parts->metadata["leaderboard"] = changed_leaderboard(model, members, dataset->features);
  parts->metadata["collapsed"] = true;
  std::tie(parts->self_test_cells, parts->self_test_outputs) = make_self_test(*parts);
  return {ServedModel(parts), model.shared_out_of_fold(), dataset};
}

}  // namespace automill
