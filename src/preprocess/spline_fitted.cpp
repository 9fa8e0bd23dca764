#include "spline_fitted.hpp"

#include <automill/preprocess/spline.hpp>

namespace automill {
namespace {

using Basis = std::array<double, largest_spline_degree + 1>;

/// The degree + 1 splines of `degree` that are not 0 at x, which lies in [knots[at], knots[at + 1]]: splines
/// at - degree ... at.
Basis splines_at(const double* knots, std::size_t at, std::size_t degree, double x) {
  Basis basis{1.0};
  for (std::size_t d = 1; d <= degree; ++d) {
    double carried = 0;
    for (std::size_t k = 0; k < d; ++k) {
      const double right = knots[at + k + 1], left = knots[at + k + 1 - d];
      const double share = basis[k] / (right - left);
      basis[k] = carried + (right - x) * share;
      carried = (x - left) * share;
    }
    basis[d] = carried;
  }
  return basis;
}

/// Their slopes at x: B' = degree (B(left) / width(left) - B(right) / width(right)) of the splines one degree below.
Basis slopes_at(const double* knots, std::size_t at, std::size_t degree, double x) {
  const Basis below = splines_at(knots, at, degree - 1, x);
  Basis slopes{};
  const auto size = static_cast<double>(degree);
  for (std::size_t k = 0; k < degree; ++k) {  // below[k] is spline at - degree + 1 + k
    const std::size_t first = at + 1 + k - degree;
    const double slope = size * below[k] / (knots[first + degree] - knots[first]);
    slopes[k] -= slope;
    slopes[k + 1] += slope;
  }
  return slopes;
}

/// Whether no division by a distance of knots overflows.
bool usable(const std::vector<double>& knots) {
  for (std::size_t i = 0; i < knots.size(); ++i)
    if (!(std::abs(knots[i]) < 1e300) || (i > 0 && !(knots[i] - knots[i - 1] > 1e-290))) return false;
  return true;
}

}  // namespace

std::vector<double> extended_knots(const std::vector<double>& knots, std::size_t degree) {
  if (knots.size() < 2) return {};
  const double first = knots[1] - knots[0], last = knots.back() - knots[knots.size() - 2];
  std::vector<double> all;
  for (std::size_t i = degree; i > 0; --i) all.push_back(knots.front() - static_cast<double>(i) * first);
  all.insert(all.end(), knots.begin(), knots.end());
  for (std::size_t i = 1; i <= degree; ++i) all.push_back(knots.back() + static_cast<double>(i) * last);
  return usable(all) ? all : std::vector<double>();
}

FittedSpline::FittedSpline(const Schema& input, SplineShape shape, ColumnLists knots)
    : shape_(shape), knots_(std::move(knots)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::number) return {};
    Part part{.changed = true};
    if (knots_[source].empty()) return part;
    const std::size_t splines = knots_[source].size() - shape_.degree - 1 - (shape_.include_bias ? 0 : 1);
    for (std::size_t k = 1; k <= splines; ++k)
      part.columns.push_back({.name = column.name + "_spline_" + std::to_string(k), .kind = ColumnKind::number});
    return part;
  });
}

void FittedSpline::apply(std::size_t source, double value, double* out) const noexcept {
  const std::size_t columns = width(source), degree = shape_.degree;
  if (columns == 0) return;
  std::fill_n(out, columns, std::isnan(value) ? value : 0.0);
  if (std::isnan(value)) return;
  const std::vector<double>& knots = knots_[source];
  const double first = knots[degree], last = knots[knots.size() - 1 - degree], inside = std::clamp(value, first, last);
  const auto begin = knots.begin() + static_cast<std::ptrdiff_t>(degree) + 1,
             end = knots.end() - static_cast<std::ptrdiff_t>(degree) - 1;
  const auto at = static_cast<std::size_t>(std::upper_bound(begin, end, inside) - knots.begin()) - 1;
  Basis basis = splines_at(knots.data(), at, degree, inside);
  if (shape_.linear_beyond && value != inside) {
    constexpr double largest = std::numeric_limits<double>::max();
    const double distance = std::clamp(value, -largest, largest) - inside;
    const Basis slopes = slopes_at(knots.data(), at, degree, inside);
    for (std::size_t k = 0; k <= degree; ++k) basis[k] = std::clamp(basis[k] + distance * slopes[k], -largest, largest);
  }
  for (std::size_t k = 0; k <= degree; ++k)
    if (at - degree + k < columns) out[at - degree + k] = basis[k];
}

void FittedSpline::save(ArchiveWriter& out) const {
  out.set("degree", static_cast<std::int64_t>(shape_.degree));
  out.set("linear_beyond", shape_.linear_beyond);
  out.set("include_bias", shape_.include_bias);
  save_lists(out, "knots", knots_);
}

std::string FittedSpline::describe(int indent) const { return describe_columns(indent, type(), filled_lists(knots_)); }

std::unique_ptr<FittedTransformer> load_spline(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                               int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const SplineShape shape{.degree = static_cast<std::size_t>(in.integer("degree", 1, largest_spline_degree)),
                          .linear_beyond = in.boolean("linear_beyond"),
                          .include_bias = in.boolean("include_bias")};
  ColumnLists knots = load_ascending_lists(in, "knots", *input);
  for (const std::vector<double>& list : knots)
    if (!list.empty() && (list.size() < 2 * shape.degree + 2 || !usable(list)))
      in.fail("'knots' are fewer than a spline of this degree needs, too close or too large");
  return std::make_unique<FittedSpline>(*input, shape, std::move(knots));
}

}  // namespace automill
