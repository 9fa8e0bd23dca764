#include <automill/learners/neighbors.hpp>
#include <cmath>

#include "neighbor_rows.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

using PointKind = NeighborColumn::Kind;

class NeighborRows final : public RowPredictor {
 public:
  NeighborRows(const NeighborsState& state, const neighbors::Search& search) : state_(state), search_(search) {
    query_.count = 1;
    query_.numbers.resize(state.points.coordinates);
    query_.codes.resize(state.points.categories());
    const std::size_t most = std::min<std::size_t>(state.points.size, 1 << 16);  // more only where so many are tied
    scratch_.queries.resize(1);
    scratch_.found.resize(1);
    scratch_.queries[0].candidates.reserve(most);
    scratch_.found[0].reserve(most);
    scratch_.uppers.reserve(most);
    shares_.points.reserve(most);
    shares_.shares.reserve(most);
    if (state.points.size > 0) search_.find(query_, state.n_neighbors, scratch_, {});  // the rest of what it needs
  }
  void predict(const RowView& row, std::span<double> out) noexcept override {
    try {
      double* numbers = query_.numbers.data();
      std::int32_t* codes = query_.codes.data();
      for (std::size_t j = 0; j < state_.columns.size(); ++j)
        neighbors::write_cell(state_.columns[j], row.numbers[j], numbers, codes);
      search_.find(query_, state_.n_neighbors, scratch_, {});
      neighbors::share_places(scratch_.found[0], state_.n_neighbors, state_.by_distance, state_.weights, shares_);
      neighbors::average(state_, shares_, out);
    } catch (...) {  // no memory for the candidates
      std::fill(out.begin(), out.end(), std::numeric_limits<double>::quiet_NaN());
    }
  }

 private:
  const NeighborsState& state_;
  const neighbors::Search& search_;
  neighbors::Queries query_{};
  neighbors::Search::Scratch scratch_{};
  neighbors::Shares shares_{};
};

}  // namespace

NeighborsModel::NeighborsModel(NeighborsState state)
    : state_(std::move(state)), search_(std::make_unique<neighbors::Search>(state_.points)) {}

NeighborsModel::~NeighborsModel() = default;

void NeighborsModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  constexpr std::size_t block = neighbors::Search::most_queries;
  for_each_block(context.executor(), rows.rows(), block, [&](std::size_t begin, std::size_t end) {
    neighbors::Queries queries;
    neighbors::Search::Scratch scratch;
    neighbors::Shares shares;
    neighbors::read_points(state_.columns, rows.part(begin, end - begin), queries);
    if (!search_->find(queries, state_.n_neighbors, scratch, context.stop)) {
      std::fill(out.data + begin * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
      return;
    }
    for (std::size_t q = 0; q < queries.count; ++q) {
      neighbors::share_places(scratch.found[q], state_.n_neighbors, state_.by_distance, state_.weights, shares);
      neighbors::average(state_, shares, out.row(begin + q));
    }
  });
}

std::unique_ptr<RowPredictor> NeighborsModel::row_predictor() const {
  return std::make_unique<NeighborRows>(state_, *search_);
}

void NeighborsModel::save(ArchiveWriter& out) const {
  std::vector<std::uint8_t> kinds, marks;
  std::vector<double> scales;
  for (const NeighborColumn& column : state_.columns) {
    kinds.push_back(static_cast<std::uint8_t>(column.kind));
    marks.push_back(column.marks_missing ? 1 : 0);
    for (double number : {column.center, column.scale, column.lower, column.upper, column.weight})
      scales.push_back(number);
  }
  out.set("points", static_cast<std::int64_t>(state_.points.size));
  out.set("n_neighbors", static_cast<std::int64_t>(state_.n_neighbors));
  out.set("by_distance", state_.by_distance);
  out.set("prior_weight", state_.prior_weight);
  out.set("weighted", !state_.weights.empty());
  out.array("kinds", kinds);
  out.array("marks_missing", marks);
  out.array("scales", scales);
  out.array("numbers", state_.points.numbers);
  out.array("codes", state_.points.codes);
  out.array("prior", state_.prior);
  if (state_.values.empty()) out.array("labels", state_.labels);
  else out.array("values", state_.values);
  if (!state_.weights.empty()) out.array("weights", state_.weights);
}

std::string NeighborsModel::describe(int indent) const {
  const std::string text = std::string(static_cast<std::size_t>(indent), ' ') + "neighbors: the nearest " +
                           std::to_string(state_.n_neighbors) + " of " + std::to_string(state_.points.size) +
                           " rows in " + std::to_string(state_.points.coordinates) + " coordinates and " +
                           std::to_string(state_.points.categories()) + " categories";
  return text + (state_.by_distance ? ", by distance\n" : "\n");
}

namespace {

constexpr double largest_number = 1e13;  // squares of differences are far from overflow in single precision

std::vector<NeighborColumn> load_columns(const ArchiveReader& in, const Schema& schema) {
  const std::size_t columns = schema.size();
  const auto kinds = in.array<std::uint8_t>("kinds", columns), marks = in.array<std::uint8_t>("marks_missing", columns);
  const auto scales = in.array<double>("scales", 5 * columns);
  check_finite(in, "scales", scales);
  std::vector<NeighborColumn> made(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    const double* s = scales.data() + 5 * j;
    if (kinds[j] > 2 || marks[j] > 1) in.fail("'kinds' or 'marks_missing' holds an unknown number");
    made[j] = {static_cast<PointKind>(kinds[j]), marks[j] == 1, s[0], s[1], s[2], s[3], s[4]};
    if ((made[j].kind == PointKind::category) && schema[j].kind != ColumnKind::category)
      in.fail("column '" + schema[j].name + "' has no categories");
    const double farthest = std::max(std::abs(s[2] - s[0]), std::abs(s[3] - s[0])) / s[1] * std::sqrt(s[4]);
    if (!(s[1] > 0 && s[2] <= s[3] && s[4] >= 0 && s[4] <= 1e12 && farthest < largest_number))
      in.fail("the scale of column '" + schema[j].name + "' is out of range");
  }
  return made;
}

void check_points(const ArchiveReader& in, const NeighborsState& state, std::size_t classes) {
  for (double number : state.points.numbers)
    if (!(std::abs(number) < largest_number)) in.fail("'numbers' holds one that is out of range");
  for (double weight : state.weights)
    if (!(weight > 0 && std::isfinite(weight))) in.fail("'weights' holds one that is out of range");
  for (std::int32_t label : state.labels)
    if (label < 0 || static_cast<std::size_t>(label) >= classes) in.fail("'labels' holds an unknown class");
  check_finite(in, "values", state.values);
  check_finite(in, "prior", state.prior);
  if (!(state.prior_weight >= 0 && state.prior_weight <= 1e6)) in.fail("'prior_weight' is out of range");
}

}  // namespace

std::unique_ptr<Model> load_neighbors(const ArchiveReader& in, const ModelContext& context, int state_version,
                                      const Registry&) {
  check_state_version(in, state_version, 1);
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  NeighborsState state{.columns = load_columns(in, *context.input)};
  NeighborPoints& points = state.points;
  points.size = static_cast<std::size_t>(in.integer("points", 1, most));
  points.coordinates = neighbors::point_sizes(state.columns).first;
  for (const NeighborColumn& column : state.columns)
    if (column.kind == PointKind::category) points.code_weights.push_back(2 * column.weight);
  points.numbers = in.array<double>("numbers", points.size * points.coordinates);
  points.codes = in.array<std::int32_t>("codes", points.size * points.categories());
  state.n_neighbors = static_cast<std::size_t>(in.integer("n_neighbors", 1, most));
  state.by_distance = in.boolean("by_distance");
  state.prior_weight = in.number("prior_weight");
  state.prior = in.array<double>("prior", context.output.width);
  if (is_classification(context.output.task)) state.labels = in.array<std::int32_t>("labels", points.size);
  else state.values = in.array<double>("values", points.size);
  if (!is_classification(context.output.task) && context.output.width != 1) in.fail("it predicts one value a row");
  if (in.boolean("weighted")) state.weights = in.array<double>("weights", points.size);
  check_points(in, state, context.output.width);
  in.charge(neighbors::Search::bytes(points.size, points.coordinates, points.categories()));
  return std::make_unique<NeighborsModel>(std::move(state));
}

}  // namespace automill
