#include "quantile_normal_fitted.hpp"

#include <automill/preprocess/quantile_normal.hpp>

#include "number_math.hpp"

namespace automill {
namespace {

const std::vector<std::string>& output_names() {
  static const std::vector<std::string> names{"normal", "uniform"};
  return names;
}

/// Share of training values below, between 0 and 1; half of those that are the same count. `value` is not missing.
double share_below(const std::vector<double>& quantiles, double value) {
  if (quantiles.empty()) return 0.5;
  const auto begin = quantiles.begin(), found = std::lower_bound(begin, quantiles.end(), value);
  if (found == quantiles.end()) return 1;
  const double steps = std::max(1.0, static_cast<double>(quantiles.size() - 1));
  const auto low = static_cast<double>(found - begin);
  if (*found == value) {
    if (quantiles.size() == 1) return 0.5;
    const auto high = static_cast<double>(std::upper_bound(found, quantiles.end(), value) - begin - 1);
    return 0.5 * (low + high) / steps;
  }
  if (found == begin) return 0;
  return (low - 1 + math::part_between(value, *(found - 1), *found)) / steps;
}

}  // namespace

FittedQuantileNormal::FittedQuantileNormal(const Schema& input, QuantileOutput output, ColumnLists quantiles)
    : output_(output), quantiles_(std::move(quantiles)) {
  lay_out(input, [](const ColumnSchema& column, std::size_t) -> Part {
    if (column.kind != ColumnKind::number) return {};
    return {.changed = true, .columns = {{.name = column.name, .kind = ColumnKind::number}}};
  });
}

void FittedQuantileNormal::apply(std::size_t source, double value, double* out) const noexcept {
  constexpr double least = 1e-7;  // the normal quantile of it is -5.2
  if (std::isnan(value)) {
    out[0] = value;
    return;
  }
  const double share = share_below(quantiles_[source], value);
  out[0] =
      output_ == QuantileOutput::uniform ? share : math::normal_quantile(std::clamp(share, least, 1.0 - least)) + 0.0;
}

void FittedQuantileNormal::save(ArchiveWriter& out) const {
  out.set("output", output_names()[static_cast<std::size_t>(output_)]);
  save_lists(out, "quantiles", quantiles_);
}

std::string FittedQuantileNormal::describe(int indent) const {
  return describe_columns(indent, type(), filled_lists(quantiles_));
}

std::unique_ptr<FittedTransformer> load_quantile_normal(const ArchiveReader& in,
                                                        const std::shared_ptr<const Schema>& input, int state_version,
                                                        const Registry&) {
  check_state_version(in, state_version, 1);
  const auto& names = output_names();
  const auto output = std::find(names.begin(), names.end(), in.text("output"));
  if (output == names.end()) in.fail("'output' must be normal or uniform");
  return std::make_unique<FittedQuantileNormal>(*input, static_cast<QuantileOutput>(output - names.begin()),
                                                load_ascending_lists(in, "quantiles", *input));
}

}  // namespace automill
