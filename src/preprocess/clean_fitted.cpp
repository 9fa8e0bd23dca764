#include "clean_fitted.hpp"

#include <automill/preprocess/clean.hpp>

#include "state_check.hpp"

namespace automill {

FittedClean::FittedClean(const Schema& input, std::vector<double> lows, std::vector<double> highs)
    : lows_(std::move(lows)), highs_(std::move(highs)) {
  lay_out(input, [](const ColumnSchema& column, std::size_t) -> Part {
    if (column.kind != ColumnKind::number && column.kind != ColumnKind::datetime) return {};
    return {.changed = true, .columns = {column}};
  });
}

void FittedClean::apply(std::size_t source, double value, double* out) const noexcept {
  out[0] = !std::isinf(value) ? value : value < 0 ? lows_[source] : highs_[source];
}

bool FittedClean::keeps(std::size_t, const Column& column) const {
  return every_number(column, [](double value) { return !std::isinf(value); });
}

void FittedClean::save(ArchiveWriter& out) const {
  out.array("lows", lows_);
  out.array("highs", highs_);
}

std::unique_ptr<FittedTransformer> load_clean(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                              int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  auto lows = in.array<double>("lows", input->size()), highs = in.array<double>("highs", input->size());
  for (const auto* ends : {&lows, &highs})
    for (double value : *ends)
      if (std::isinf(value)) in.fail("'lows' or 'highs' holds an infinite number");
  return std::make_unique<FittedClean>(*input, std::move(lows), std::move(highs));
}

}  // namespace automill
