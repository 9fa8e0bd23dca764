#include "piecewise_linear_fitted.hpp"

#include <automill/preprocess/piecewise_linear.hpp>

#include "number_math.hpp"

namespace automill {
namespace {

const std::vector<std::string>& beyond_names() {
  static const std::vector<std::string> names{"constant", "linear"};
  return names;
}

}  // namespace

FittedPiecewiseLinear::FittedPiecewiseLinear(const Schema& input, BeyondEdges beyond, ColumnLists edges)
    : beyond_(beyond), edges_(std::move(edges)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::number) return {};
    Part part{.changed = true};
    for (std::size_t k = 1; k < edges_[source].size(); ++k)
      part.columns.push_back({.name = column.name + "_piece_" + std::to_string(k), .kind = ColumnKind::number});
    return part;
  });
}

void FittedPiecewiseLinear::apply(std::size_t source, double value, double* out) const noexcept {
  const std::vector<double>& edges = edges_[source];
  const std::size_t bins = width(source);
  if (bins == 0) return;
  if (std::isnan(value)) {
    std::fill_n(out, bins, value);
    return;
  }
  const auto found = std::upper_bound(edges.begin() + 1, edges.end() - 1, value);
  const auto bin = static_cast<std::size_t>(found - edges.begin()) - 1;
  const double part = math::part_between(value, edges[bin], edges[bin + 1]);
  std::fill_n(out, bin, 1.0);
  out[bin] = beyond_ == BeyondEdges::linear ? part : std::clamp(part, 0.0, 1.0);
  std::fill(out + bin + 1, out + bins, 0.0);
}

void FittedPiecewiseLinear::save(ArchiveWriter& out) const {
  out.set("beyond", beyond_names()[static_cast<std::size_t>(beyond_)]);
  save_lists(out, "edges", edges_);
}

std::string FittedPiecewiseLinear::describe(int indent) const {
  return describe_columns(indent, type(), filled_lists(edges_));
}

std::unique_ptr<FittedTransformer> load_piecewise_linear(const ArchiveReader& in,
                                                         const std::shared_ptr<const Schema>& input, int state_version,
                                                         const Registry&) {
  check_state_version(in, state_version, 1);
  const auto& names = beyond_names();
  const auto beyond = std::find(names.begin(), names.end(), in.text("beyond"));
  if (beyond == names.end()) in.fail("'beyond' must be constant or linear");
  ColumnLists edges = load_ascending_lists(in, "edges", *input);
  check_distinct(in, "edges", edges);
  return std::make_unique<FittedPiecewiseLinear>(*input, static_cast<BeyondEdges>(beyond - names.begin()),
                                                 std::move(edges));
}

}  // namespace automill
