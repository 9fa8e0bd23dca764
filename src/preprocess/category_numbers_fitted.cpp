#include "category_numbers_fitted.hpp"

#include <automill/preprocess/count_encoder.hpp>
#include <automill/preprocess/target_encoder.hpp>

#include "state_check.hpp"

namespace automill {

FittedCategoryNumbers::FittedCategoryNumbers(const Schema& input, State state) : state_(std::move(state)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (state_.numbers[source].empty()) return {};
    Part part{.changed = true};
    if (state_.keep) part.columns.push_back(column);
    for (const std::string& suffix : state_.suffixes)
      part.columns.push_back({.name = column.name + suffix, .kind = ColumnKind::number});
    return part;
  });
}

const double* FittedCategoryNumbers::numbers_of(std::size_t source, double value) const noexcept {
  const std::vector<double>& numbers = state_.numbers[source];
  const std::size_t count = state_.suffixes.size(), unseen = numbers.size() / count - 2;
  std::size_t code = unseen;
  if (std::isnan(value)) code = unseen + 1;
  else if (value >= 0 && value < static_cast<double>(unseen)) code = static_cast<std::size_t>(value);
  return numbers.data() + code * count;
}

void FittedCategoryNumbers::apply(std::size_t source, double value, double* out) const noexcept {
  if (state_.keep) *out++ = value;
  std::copy_n(numbers_of(source, value), state_.suffixes.size(), out);
}

void FittedCategoryNumbers::apply_block(std::size_t source, std::span<const double> values, std::size_t row,
                                        Buffer* outputs) const {
  if (state_.keep) {
    for (std::size_t i = 0; i < values.size(); ++i)
      outputs->codes[row + i] = std::isnan(values[i]) ? Dictionary::missing_code : static_cast<std::int32_t>(values[i]);
    ++outputs;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double* numbers = numbers_of(source, values[i]);
    for (std::size_t k = 0; k < state_.suffixes.size(); ++k) outputs[k].numbers[row + i] = numbers[k];
  }
}

void FittedCategoryNumbers::save(ArchiveWriter& out) const {
  out.set("made_by", state_.made_by);
  out.texts("suffixes", state_.suffixes);
  out.set("keep", state_.keep);
  out.children("columns", state_.numbers.size(),
               [&](ArchiveWriter& one, std::size_t c) { one.array("numbers", state_.numbers[c]); });
}

std::string FittedCategoryNumbers::describe(int indent) const {
  std::size_t columns = 0;
  for (const auto& numbers : state_.numbers) columns += numbers.empty() ? 0 : 1;
  return std::string(static_cast<std::size_t>(indent), ' ') + state_.made_by + ": " + std::to_string(columns) +
         " category columns become " + std::to_string(columns * state_.suffixes.size()) + " numbers\n";
}

std::unique_ptr<FittedTransformer> load_category_numbers(const ArchiveReader& in,
                                                         const std::shared_ptr<const Schema>& input, int state_version,
                                                         const Registry&) {
  check_state_version(in, state_version, 1);
  FittedCategoryNumbers::State state{
      .made_by = in.text("made_by"), .suffixes = in.texts("suffixes"), .keep = in.boolean("keep")};
  if (state.suffixes.empty()) in.fail("'suffixes' is empty");
  std::uint64_t suffix_bytes = 0;
  for (const std::string& suffix : state.suffixes) suffix_bytes += bytes_of(ColumnSchema{.name = suffix});
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  for (std::size_t c = 0; c < stored.size(); ++c) {
    const ColumnSchema& column = (*input)[c];
    state.numbers.push_back(stored[c].array<double>("numbers"));
    const std::vector<double>& numbers = state.numbers.back();
    if (numbers.empty()) continue;
    if (column.kind != ColumnKind::category) in.fail("'numbers' are there for column '" + column.name + "'");
    if (numbers.size() != (column.dictionary->size() + 2) * state.suffixes.size())
      in.fail("'numbers' do not fit the categories of column '" + column.name + "'");
    check_finite(stored[c], "numbers", numbers);
    stored[c].charge(suffix_bytes + (state.suffixes.size() + 1) * bytes_of(ColumnSchema{.name = column.name}));
  }
  return std::make_unique<FittedCategoryNumbers>(*input, std::move(state));
}

}  // namespace automill
