#include "scale_fitted.hpp"

#include <automill/preprocess/scale.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

const std::vector<std::string>& clip_names() {
  static const std::vector<std::string> names{"none", "smooth", "unit"};
  return names;
}

/// 0 for a constant column; missing stays missing.
inline double scaled(double value, double center, double factor) {
  return factor == 0 && !std::isnan(value) ? 0.0 : (value - center) * factor;
}

inline double clipped(double value, ScaleClip clip) {
  if (clip == ScaleClip::smooth) {
    const double third = value / 3;
    return std::abs(third) > 1e100 ? std::copysign(3.0, value) : value / std::sqrt(1 + third * third);
  }
  if (clip == ScaleClip::unit) return value < 0 ? 0.0 : value > 1 ? 1.0 : value;
  return value;
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
  out[0] = clipped(scaled(value, centers_[source], factors_[source]), clip_);
}

void FittedScale::apply_block(std::size_t source, std::span<const double> values, std::size_t row,
                              Buffer* outputs) const {
  const double center = centers_[source], factor = factors_[source];
  double* out = outputs[0].numbers.data() + row;
  const auto fill = [&](ScaleClip clip) {  // a loop a clip, so that each is a loop of vectors
    for (std::size_t i = 0; i < values.size(); ++i) out[i] = clipped(scaled(values[i], center, factor), clip);
  };
  if (clip_ == ScaleClip::none) fill(ScaleClip::none);
  else if (clip_ == ScaleClip::smooth) fill(ScaleClip::smooth);
  else fill(ScaleClip::unit);
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
