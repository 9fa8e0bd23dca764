#include "automl/fingerprint.hpp"

#include "json.hpp"

namespace automill {
namespace {

std::string hexadecimal(std::uint64_t hash) {
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = "0123456789abcdef"[(hash >> (4 * i)) & 15];
  return text;
}

std::uint64_t hash_of_cells(const Dataset& dataset) {
  std::uint64_t hash = 0;
  for (const std::uint64_t key : dataset.keys) hash = combine_hashes(hash, key);
  for (const auto& column : dataset.features.columns())  // codes of models are places in these
    if (column->kind() == ColumnKind::category)
      for (const auto& name : column->schema().dictionary->names()) hash = combine_hashes(hash, hash_text(name));
  return hash;
}

template <class T>
std::uint64_t hash_of_values(std::uint64_t hash, const std::vector<T>& values) {
  for (const T value : values)
    if constexpr (std::is_same_v<T, double>) hash = combine_hashes(hash, std::bit_cast<std::uint64_t>(value));
    else hash = combine_hashes(hash, static_cast<std::uint64_t>(value));
  return combine_hashes(hash, values.size());
}

}  // namespace

Object fingerprint_of(const Prepared& prepared, const SplitPlan& plan) {
  const Dataset& dataset = *prepared.dataset;
  std::uint64_t weights = hash_of_values(0, dataset.weights);
  weights = hash_of_values(weights, prepared.metric_weights);
  weights = hash_of_values(weights, dataset.groups);
  weights = hash_of_values(weights, dataset.times);
  Object columns;
  for (const ColumnSchema& column : dataset.features.schema()->columns())
    columns.append(column.name, column_kind_name(column.kind));
  return Object{{"rows", static_cast<std::int64_t>(dataset.rows())},
                {"target", prepared.target.name},
                {"task", task_name(prepared.target.task)},
                {"classes", Array(prepared.target.classes.begin(), prepared.target.classes.end())},
                {"positive", static_cast<std::int64_t>(prepared.target.positive)},
                {"columns", columns},
                {"cells", hexadecimal(hash_of_cells(dataset))},
                {"weights", hexadecimal(weights)},
                {"folds", hexadecimal(hash_of_values(plan.folds, plan.fold_of))}};
}

void compare_fingerprints(const Object& recorded, const Object& now, const FingerprintWords& words, Faults& faults) {
  constexpr std::size_t most = 10;
  std::size_t count = 0;
  const auto compare = [&](const std::string& name, const Value* then, const Value* here) {
    const std::string was = then == nullptr ? "not there" : to_json(*then);
    const std::string is = here == nullptr ? "not there" : to_json(*here);
    if (was == is || ++count > most) return;
    faults.add(words.code, name, "it is " + is + " now and was " + was + " " + words.then, words.hint);
  };
  const auto compare_all = [&](const Object& then, const Object& here, const std::string& prefix) {
    for (const auto& [name, value] : then.entries())
      if (!value.is_object()) compare(prefix + name, &value, here.find(name));
    for (const auto& [name, value] : here.entries())
      if (!value.is_object() && !then.contains(name)) compare(prefix + name, nullptr, &value);
  };
  compare_all(recorded.contains("columns") ? recorded.find("columns")->object() : Object{},
              now.find("columns")->object(), "column ");
  compare_all(recorded, now, "");
}

}  // namespace automill
