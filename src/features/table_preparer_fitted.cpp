#include "table_preparer_fitted.hpp"

#include <automill/core/registry.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

/// One text of each column's report.
std::vector<std::string> texts(const PreparationReport& report, std::string PreparedColumn::*member) {
  std::vector<std::string> all;
  for (const PreparedColumn& column : report.columns) all.push_back(column.*member);
  return all;
}

std::size_t count(const PreparationReport& report, const std::string& action) {
  return static_cast<std::size_t>(std::count_if(report.columns.begin(), report.columns.end(),
                                                [&](const auto& column) { return column.action == action; }));
}

}  // namespace

void FittedTablePreparer::save(ArchiveWriter& out) const {
  out.child("steps", [&](ArchiveWriter& part) { save_component(*steps_, part); });
  out.texts("columns", texts(report_, &PreparedColumn::column));
  out.texts("actions", texts(report_, &PreparedColumn::action));
  out.texts("by", texts(report_, &PreparedColumn::step));
  out.texts("reasons", texts(report_, &PreparedColumn::reason));
  std::vector<std::string> names;
  for (const PreparationStep& step : report_.steps) names.push_back(step.name);
  out.texts("names", names);
}

std::string FittedTablePreparer::describe(int indent) const {
  const std::string start(static_cast<std::size_t>(indent), ' ');
  std::string text = start + "table_preparer: " + std::to_string(count(report_, "kept")) + " columns kept, " +
                     std::to_string(count(report_, "made")) + " made, " + std::to_string(count(report_, "replaced")) +
                     " replaced, " + std::to_string(count(report_, "dropped")) + " dropped\n";
  return text + steps_->describe(indent + 2);
}

const PreparationReport& preparation_report(const FittedTransformer& fitted) {
  const auto* prepared = dynamic_cast<const FittedTablePreparer*>(&fitted);
  if (prepared == nullptr)
    throw Error("transform.report", fitted.type(), "only a fitted table_preparer has a report of its columns",
                "describe() says what another transformer does");
  return prepared->report();
}

std::unique_ptr<FittedTransformer> load_table_preparer(const ArchiveReader& in,
                                                       const std::shared_ptr<const Schema>& input, int state_version,
                                                       const Registry& registry) {
  check_state_version(in, state_version, 1);
  auto steps = registry.load_transformer(in.child("steps"), input);
  const auto columns = in.texts("columns"), actions = in.texts("actions"), by = in.texts("by"),
             reasons = in.texts("reasons");
  if (actions.size() != columns.size() || by.size() != columns.size() || reasons.size() != columns.size())
    in.fail("'columns', 'actions', 'by' and 'reasons' must have one entry each for every column");
  PreparationReport report;
  for (std::size_t i = 0; i < columns.size(); ++i)
    report.columns.push_back({columns[i], actions[i], by[i], reasons[i]});
  for (std::string& name : in.texts("names")) report.steps.push_back({std::move(name), 0});
  return std::make_unique<FittedTablePreparer>(std::move(steps), std::move(report));
}

}  // namespace automill
