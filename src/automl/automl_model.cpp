#include <automill/automl/automl_model.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/predict/self_test.hpp>

namespace automill {
namespace {

const WeightedEnsemble& ensemble_of(const ServedModel& model) {
  const auto* ensemble = dynamic_cast<const WeightedEnsemble*>(model.parts().model.get());
  if (ensemble == nullptr) throw Error("model.no_members", "", "this model is not an ensemble of named members");
  return *ensemble;
}

const Object& object_in(const Object& metadata, std::string_view key) {
  static const Object empty;
  const Value* value = metadata.find(key);
  return value != nullptr && value->is_object() ? value->object() : empty;
}

double number_in(const Object& object, std::string_view key) {
  const Value* value = object.find(key);
  return value != nullptr && value->is_number() ? value->number() : LeaderboardRow::none;
}

std::string text_in(const Object& object, std::string_view key) {
  const Value* value = object.find(key);
  return value != nullptr && value->is_text() ? value->text() : std::string();
}

/// A model of some members: weights, leaderboard and recipe say so; scores of the whole no longer hold.
AutoMLModel with_members(const AutoMLModel& model, std::vector<WeightedEnsemble::Member> members,
                         double temperature = 1) {
  double sum = 0;
  for (const auto& member : members) sum += member.weight;
  for (auto& member : members) member.weight /= sum;
  auto parts = std::make_shared<ModelParts>(model.parts());
  std::map<std::string, double> weights;
  for (const auto& member : members) weights[member.name] = member.weight;
  auto ensemble = std::make_shared<WeightedEnsemble>(std::move(members), temperature);
  ensemble->set_context(model.parts().model->context());
  parts->model = ensemble;
  parts->uncertainty = nullptr;

  Array rows;
  Object score{{"metric", model.validation_score().metric},
               {"value", LeaderboardRow::none},
               {"low", LeaderboardRow::none},
               {"high", LeaderboardRow::none},
               {"protocol", "not validated in this combination"}};
  for (LeaderboardRow row : model.leaderboard()) {
    row.weight = weights.contains(row.name) ? weights[row.name] : 0.0;
    if (row.status == "member" || row.weight > 0) row.status = row.weight > 0 ? "member" : "ok";
    if (weights.size() == 1 && row.weight > 0)
      score = Object{{"metric", model.validation_score().metric},
                     {"value", row.validation_score},
                     {"low", row.low},
                     {"high", row.high},
                     {"protocol", model.validation_score().protocol}};
    rows.push_back(row.to_object());
  }
  Array recipe_members;
  for (const Value& member : model.recipe().at("members").array()) {
    Object kept = member.object();
    const std::string& name = kept.find("name")->text();
    const auto used = std::find_if(weights.begin(), weights.end(), [&](const auto& entry) {
      return entry.first == name || entry.first.starts_with(name + ".");  // a fold model is made as its member is
    });
    if (used == weights.end()) continue;
    kept["weight"] = used->second;
    recipe_members.push_back(kept);
  }
  Object recipe = model.recipe().object();
  recipe["members"] = recipe_members;
  parts->metadata["leaderboard"] = rows;
  parts->metadata["recipe"] = recipe;
  parts->metadata["validation_score"] = score;
  std::tie(parts->self_test_cells, parts->self_test_outputs) = make_self_test(*parts);
  return {ServedModel(parts), nullptr, model.training_data()};
}

}  // namespace

AutoMLModel::AutoMLModel(ServedModel served) : ServedModel(std::move(served)), out_of_fold_(parts_->out_of_fold) {
  if (out_of_fold_ == nullptr) return;
  auto parts = std::make_shared<ModelParts>(*parts_);  // what is made of this model has others
  parts->out_of_fold = nullptr;
  parts_ = std::move(parts);
}

Score AutoMLModel::validation_score() const {
  const Object& stored = object_in(metadata(), "validation_score");
  return {number_in(stored, "value"), number_in(stored, "low"), number_in(stored, "high"), text_in(stored, "metric"),
          text_in(stored, "protocol")};
}

std::vector<LeaderboardRow> AutoMLModel::leaderboard() const {
  std::vector<LeaderboardRow> rows;
  const Value* stored = metadata().find("leaderboard");
  if (stored == nullptr || !stored->is_array()) return rows;
  for (const Value& row : stored->array())
    if (row.is_object()) rows.push_back(LeaderboardRow::from_object(row.object()));
  return rows;
}

std::vector<LeaderboardRow> AutoMLModel::leaderboard(const Table& data, const RunContext& context) const {
  std::vector<LeaderboardRow> rows = leaderboard();
  if (rows.empty()) return rows;  // an imported model
  const std::string metric = validation_score().metric;
  const auto names = member_names();
  for (LeaderboardRow& row : rows)
    if (std::find(names.begin(), names.end(), row.name) != names.end())
      row.test_score = evaluate(member(row.name), data, {metric}, {}, context).value(metric);
  return rows;
}

const OutOfFold& AutoMLModel::out_of_fold() const {
  if (out_of_fold_ != nullptr) return *out_of_fold_;
  throw Error("model.no_out_of_fold", "", "this model holds no out-of-fold predictions",
              "they exist after train, and in files that were saved with out_of_fold; a changed model has none");
}

bool AutoMLModel::interrupted() const {
  const Value* stored = metadata().find("interrupted");
  return stored != nullptr && stored->is_bool() && stored->boolean();
}

std::vector<std::string> AutoMLModel::member_names() const {
  std::vector<std::string> names;
  for (const auto& member : ensemble_of(*this).members()) names.push_back(member.name);
  return names;
}

AutoMLModel AutoMLModel::member(std::string_view name) const {
  for (const auto& member : ensemble_of(*this).members()) {
    if (member.name == name) return with_members(*this, {member});
    const auto* bagged = dynamic_cast<const WeightedEnsemble*>(member.model.get());
    if (bagged == nullptr || !name.starts_with(member.name + ".")) continue;
    for (const auto& fold : bagged->members())
      if (member.name + "." + fold.name == name) return with_members(*this, {{std::string(name), 1.0, fold.model}});
  }
  throw Error("model.unknown_member", std::string(name), "the model has no such member",
              name_hint(name, member_names()));
}

AutoMLModel AutoMLModel::without(std::string_view name) const {
  std::vector<WeightedEnsemble::Member> kept;
  for (const auto& member : ensemble_of(*this).members())
    if (member.name != name) kept.push_back(member);
  if (kept.size() == ensemble_of(*this).members().size())
    throw Error("model.unknown_member", std::string(name), "the model has no such member",
                name_hint(name, member_names()));
  if (kept.empty()) throw Error("model.last_member", std::string(name), "it is the only member");
  return with_members(*this, std::move(kept), ensemble_of(*this).temperature());
}

const Value& AutoMLModel::recipe() const {
  return metadata().find("recipe") != nullptr ? *metadata().find("recipe")
                                              : throw Error("model.no_recipe", "", "this model holds no recipe");
}

AutoMLModel AutoMLModel::with_decision_threshold(double threshold) const {
  return {ServedModel::with_decision_threshold(threshold), out_of_fold_, dataset_};
}

ServedModel AutoMLModel::as_saved(const SaveOptions& options) const {
  if (!options.out_of_fold) return *this;
  out_of_fold();
  auto parts = std::make_shared<ModelParts>(*parts_);
  parts->out_of_fold = out_of_fold_;
  return ServedModel(std::move(parts));
}

void AutoMLModel::save(const std::string& path, const SaveOptions& options) const { as_saved(options).save(path); }

std::vector<std::byte> AutoMLModel::bytes(const SaveOptions& options) const { return as_saved(options).bytes(); }

}  // namespace automill
