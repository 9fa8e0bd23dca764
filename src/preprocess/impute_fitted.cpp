#include "impute_fitted.hpp"

#include <automill/preprocess/impute.hpp>

#include "state_check.hpp"

namespace automill {

FittedImpute::FittedImpute(const Schema& input, std::vector<ImputeAction> actions, std::vector<double> fills)
    : actions_(std::move(actions)),
      fills_(std::move(fills)),
      own_codes_(actions_.size(), 0.0),
      shifts_(actions_.size(), 0.0) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) { return part_of(column, source); });
}

Columnwise::Part FittedImpute::part_of(const ColumnSchema& column, std::size_t source) {
  const ImputeAction action = actions_[source];
  if (action == ImputeAction::pass) return {};
  Part part{.changed = true, .columns = {column}};
  ColumnSchema& changed = part.columns[0];
  if (action == ImputeAction::own_category) {
    std::vector<std::string> names = column.dictionary->names();
    const auto at = std::lower_bound(names.begin(), names.end(), own_category_name);
    own_codes_[source] = static_cast<double>(at - names.begin());
    if (at == names.end() || *at != own_category_name) {
      names.emplace(at, own_category_name);
      shifts_[source] = 1;
    }
    changed.dictionary = std::make_shared<const Dictionary>(std::move(names));
  } else if (column.kind == ColumnKind::number) {
    changed.integer = column.integer && fills_[source] == std::floor(fills_[source]);
  }
  if (action == ImputeAction::fill_and_flag)
    part.columns.push_back({.name = column.name + "_missing", .kind = ColumnKind::boolean});
  return part;
}

void FittedImpute::apply(std::size_t source, double value, double* out) const noexcept {
  const bool missing = std::isnan(value);
  switch (actions_[source]) {
    case ImputeAction::own_category:
      out[0] = missing ? own_codes_[source] : value < own_codes_[source] ? value : value + shifts_[source];
      break;
    case ImputeAction::fill_and_flag:
      out[1] = missing ? 1 : 0;
      [[fallthrough]];
    default:
      out[0] = missing ? fills_[source] : value;
  }
}

void FittedImpute::apply_block(std::size_t source, std::span<const double> values, std::size_t row,
                               Buffer* outputs) const {
  if (outputs[0].numbers.empty()) return Columnwise::apply_block(source, values, row, outputs);
  const double fill = fills_[source];
  double* out = outputs[0].numbers.data() + row;
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = std::isnan(values[i]) ? fill : values[i];
  if (actions_[source] != ImputeAction::fill_and_flag) return;
  std::uint8_t* flags = outputs[1].flags.data() + row;
  for (std::size_t i = 0; i < values.size(); ++i) flags[i] = std::isnan(values[i]) ? 1 : 0;
}

bool FittedImpute::keeps(std::size_t source, const Column& column) const {
  return actions_[source] == ImputeAction::fill &&
         every_number(column, [](double value) { return !std::isnan(value); });
}

void FittedImpute::save(ArchiveWriter& out) const {
  std::vector<std::uint8_t> actions;
  for (ImputeAction action : actions_) actions.push_back(static_cast<std::uint8_t>(action));
  out.array("actions", actions);
  out.array("fills", fills_);
}

std::string FittedImpute::describe(int indent) const {
  std::size_t flags = 0, own = 0;
  for (ImputeAction action : actions_) {
    flags += action == ImputeAction::fill_and_flag ? 1 : 0;
    own += action == ImputeAction::own_category ? 1 : 0;
  }
  return std::string(static_cast<std::size_t>(indent), ' ') + "impute: " + std::to_string(flags) +
         " columns with an indicator, " + std::to_string(own) + " with a category of their own\n";
}

std::unique_ptr<FittedTransformer> load_impute(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                               int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.array<std::uint8_t>("actions", input->size());
  auto fills = in.array<double>("fills", input->size());
  check_finite(in, "fills", fills);
  std::vector<ImputeAction> actions;
  for (std::size_t c = 0; c < input->size(); ++c) {
    const ColumnSchema& column = (*input)[c];
    const auto action = static_cast<ImputeAction>(stored[c]);
    const bool category = column.kind == ColumnKind::category, text = column.kind == ColumnKind::text;
    const bool fits = action == ImputeAction::pass || (action == ImputeAction::fill && !text) ||
                      (action == ImputeAction::fill_and_flag && !text && !category) ||
                      (action == ImputeAction::own_category && category);
    if (!fits) in.fail("'actions' has a value that does not fit column '" + column.name + "'");
    const auto categories = category ? static_cast<double>(column.dictionary->size()) : 0.0;
    if (action == ImputeAction::fill && category &&
        !(fills[c] >= 0 && fills[c] < categories && fills[c] == std::floor(fills[c])))
      in.fail("'fills' has no category of column '" + column.name + "'");
    if (column.kind == ColumnKind::boolean && fills[c] != 0 && fills[c] != 1)
      in.fail("'fills' is neither 0 nor 1 in column '" + column.name + "'");
    actions.push_back(action);
  }
  return std::make_unique<FittedImpute>(*input, std::move(actions), std::move(fills));
}

}  // namespace automill
