#include "yeo_johnson_fitted.hpp"

#include <automill/preprocess/yeo_johnson.hpp>

#include "column_lists.hpp"
#include "yeo_johnson_power.hpp"

namespace automill {

FittedYeoJohnson::FittedYeoJohnson(const Schema& input, std::vector<Curve> curves) : curves_(std::move(curves)) {
  lay_out(input, [](const ColumnSchema& column, std::size_t) -> Part {
    if (column.kind != ColumnKind::number) return {};
    return {.changed = true, .columns = {{.name = column.name, .kind = ColumnKind::number}}};
  });
}

void FittedYeoJohnson::apply(std::size_t source, double value, double* out) const noexcept {
  constexpr double largest = std::numeric_limits<double>::max();
  const Curve& curve = curves_[source];
  if (curve.factor == 0) {
    out[0] = std::isnan(value) ? value : 0.0;
    return;
  }
  const double changed = (yeo_johnson(value, curve.power) - curve.center) * curve.factor;
  out[0] = std::isinf(value) ? changed : std::isnan(value) ? value : std::clamp(changed, -largest, largest);
}

void FittedYeoJohnson::save(ArchiveWriter& out) const {
  std::vector<double> powers, centers, factors;
  for (const Curve& curve : curves_) {
    powers.push_back(curve.power);
    centers.push_back(curve.center);
    factors.push_back(curve.factor);
  }
  out.array("powers", powers);
  out.array("centers", centers);
  out.array("factors", factors);
}

std::string FittedYeoJohnson::describe(int indent) const {
  std::size_t columns = 0;
  for (std::size_t c = 0; c < curves_.size(); ++c) columns += changed(c) ? 1 : 0;
  return describe_columns(indent, type(), columns);
}

std::unique_ptr<FittedTransformer> load_yeo_johnson(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                    int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto powers = in.array<double>("powers", input->size()), centers = in.array<double>("centers", input->size()),
             factors = in.array<double>("factors", input->size());
  check_finite(in, "centers", centers);
  check_finite(in, "factors", factors);
  std::vector<FittedYeoJohnson::Curve> curves;
  for (std::size_t c = 0; c < powers.size(); ++c) {
    if (!(powers[c] >= least_power && powers[c] <= largest_power)) in.fail("'powers' must lie in [-4, 6]");
    curves.push_back({powers[c], centers[c], factors[c]});
  }
  return std::make_unique<FittedYeoJohnson>(*input, std::move(curves));
}

}  // namespace automill
