#include "scale_fitted.hpp"

#include <automill/preprocess/scale.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

const std::vector<std::string>& clip_names() {
  static const std::vector<std::string> names{"none", "smooth", "unit"};
  return names;
}

}  // namespace

FittedScale::FittedScale(const Schema& input, ScaleClip clip, std::vector<double> centers, std::vector<double> factors)
    : clip_(clip), centers_(std::move(centers)), factors_(std::move(factors)) {
  lay_out(input, [](const ColumnSchema& column, std::size_t) -> Part {
    if (column.kind != ColumnKind::number && column.kind != ColumnKind::datetime) return {};
    return {.changed = true, .columns = {{.name = column.name, .kind = ColumnKind::number}}};
  });
}

void FittedScale::apply(std::size_t source, double value, double* out) const noexcept {
  const double factor = factors_[source];
  double scaled = factor == 0 && !std::isnan(value) ? 0.0 : (value - centers_[source]) * factor;
  if (clip_ == ScaleClip::smooth) {
    const double third = scaled / 3;
    scaled = std::abs(third) > 1e100 ? std::copysign(3.0, scaled) : scaled / std::sqrt(1 + third * third);
  } else if (clip_ == ScaleClip::unit) {
    scaled = scaled < 0 ? 0.0 : scaled > 1 ? 1.0 : scaled;
  }
  out[0] = scaled;
}

void FittedScale::save(ArchiveWriter& out) const {
  out.set("clip", clip_names()[static_cast<std::size_t>(clip_)]);
  out.array("centers", centers_);
  out.array("factors", factors_);
}

std::string FittedScale::describe(int indent) const {
  std::size_t scaled = 0;
  for (std::size_t c = 0; c < factors_.size(); ++c) scaled += changed(c) ? 1 : 0;
  return std::string(static_cast<std::size_t>(indent), ' ') + "scale: " + std::to_string(scaled) + " columns\n";
}

std::unique_ptr<FittedTransformer> load_scale(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                              int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  auto centers = in.array<double>("centers", input->size());
  auto factors = in.array<double>("factors", input->size());
  check_finite(in, "centers", centers);
  check_finite(in, "factors", factors);
  const auto& names = clip_names();
  const auto clip = std::find(names.begin(), names.end(), in.text("clip"));
  if (clip == names.end()) in.fail("'clip' must be none, smooth or unit");
  return std::make_unique<FittedScale>(*input, static_cast<ScaleClip>(clip - names.begin()), std::move(centers),
                                       std::move(factors));
}

}  // namespace automill
