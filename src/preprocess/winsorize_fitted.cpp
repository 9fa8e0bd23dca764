#include "winsorize_fitted.hpp"

#include <automill/preprocess/winsorize.hpp>

namespace automill {
namespace {

/// Missing stays missing: a comparison with it is false.
inline double drawn_in(double value, double low, double high) {
  return value < low ? low : value > high ? high : value;
}

}  // namespace

FittedWinsorize::FittedWinsorize(const Schema& input, ColumnLists limits) : limits_(std::move(limits)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    const std::vector<double>& ends = limits_[source];
    if (ends.empty()) return {};
    ColumnSchema changed = column;
    changed.integer = column.integer && ends[0] == std::floor(ends[0]) && ends[1] == std::floor(ends[1]);
    return {.changed = true, .columns = {std::move(changed)}};
  });
}

void FittedWinsorize::apply(std::size_t source, double value, double* out) const noexcept {
  out[0] = drawn_in(value, limits_[source][0], limits_[source][1]);
}

void FittedWinsorize::apply_block(std::size_t source, std::span<const double> values, std::size_t row,
                                  Buffer* outputs) const {
  const double low = limits_[source][0], high = limits_[source][1];
  double* out = outputs[0].numbers.data() + row;
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = drawn_in(values[i], low, high);
}

void FittedWinsorize::save(ArchiveWriter& out) const { save_lists(out, "limits", limits_); }

std::string FittedWinsorize::describe(int indent) const {
  return describe_columns(indent, type(), filled_lists(limits_));
}

std::unique_ptr<FittedTransformer> load_winsorize(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                  int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  ColumnLists limits = load_ascending_lists(in, "limits", *input);
  for (const std::vector<double>& ends : limits)
    if (!ends.empty() && ends.size() != 2) in.fail("'limits' must be two numbers a column, or none");
  return std::make_unique<FittedWinsorize>(*input, std::move(limits));
}

}  // namespace automill
