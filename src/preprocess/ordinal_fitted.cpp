#include "ordinal_fitted.hpp"

#include <automill/preprocess/ordinal.hpp>

#include "state_check.hpp"

namespace automill {

FittedOrdinal::FittedOrdinal(const Schema& input, std::vector<std::vector<std::int32_t>> numbers)
    : numbers_(std::move(numbers)) {
  lay_out(input, [](const ColumnSchema& column, std::size_t) -> Part {
    if (column.kind != ColumnKind::category) return {};
    return {.changed = true, .columns = {{.name = column.name, .kind = ColumnKind::number, .integer = true}}};
  });
}

void FittedOrdinal::apply(std::size_t source, double value, double* out) const noexcept {
  const std::vector<std::int32_t>& numbers = numbers_[source];
  const bool known = value >= 0 && value < static_cast<double>(numbers.size());
  out[0] = known ? numbers[static_cast<std::size_t>(value)] : std::numeric_limits<double>::quiet_NaN();
}

void FittedOrdinal::save(ArchiveWriter& out) const {
  out.children("columns", numbers_.size(),
               [&](ArchiveWriter& one, std::size_t c) { one.array("numbers", numbers_[c]); });
}

std::unique_ptr<FittedTransformer> load_ordinal(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  std::vector<std::vector<std::int32_t>> numbers;
  for (std::size_t c = 0; c < stored.size(); ++c) {
    const ColumnSchema& column = (*input)[c];
    const std::size_t codes = column.kind == ColumnKind::category ? column.dictionary->size() : 0;
    numbers.push_back(stored[c].array<std::int32_t>("numbers", codes));
    for (std::int32_t number : numbers.back())
      if (number < 0 || static_cast<std::size_t>(number) >= codes)
        in.fail("'numbers' has a number that column '" + column.name + "' does not have");
  }
  return std::make_unique<FittedOrdinal>(*input, std::move(numbers));
}

}  // namespace automill
