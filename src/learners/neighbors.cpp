#include <automill/learners/neighbors.hpp>
#include <cmath>

#include "data/bottom_sample.hpp"
#include "learners/number_scale.hpp"
#include "learners/row_weights.hpp"
#include "neighbor_choice.hpp"

namespace automill {
namespace {

using PointKind = NeighborColumn::Kind;

constexpr double most_left_out_operations = 4e10;  // of all leave-one-out predictions: some seconds
constexpr std::size_t rows_for_choice = 2000;
constexpr std::size_t cells_of_block = 1 << 17;  // read between two looks at the stop token
constexpr std::size_t default_neighbors = 10;    // of a fit that is stopped before it could choose

/// Weights of the columns of a table: as given by name, 1 for the others.
std::vector<double> column_weights(const Value& given, const Schema& schema) {
  std::vector<double> weights(schema.size(), 1.0);
  if (given.is_null()) return weights;
  const std::string place = "neighbors.column_weights";
  if (!given.is_object())
    throw Error("parameter.wrong_type", place, "it must be an object of weights by column name", "{\"age\": 0.5}");
  Faults faults;
  for (const auto& [name, weight] : given.object().entries()) {
    if (!schema.contains(name))
      faults.add("data.column_unknown", place, "there is no column '" + name + "'", name_hint(name, schema.names()));
    else if (!weight.is_number() || !(weight.number() >= 0 && weight.number() <= 1e12))
      faults.add("parameter.out_of_range", place + "." + name, "a weight is a number in [0, 1e+12]");
    else weights[schema.column(name)] = weight.number();
  }
  faults.throw_if_any();
  return weights;
}

/// Rows of the view that have a weight.
DatasetView weighted_rows(const DatasetView& train) {
  const std::vector<double> weights = row_weights(train);
  if (std::all_of(weights.begin(), weights.end(), [](double w) { return w > 0; })) return train;
  auto rows = std::make_shared<std::vector<std::uint32_t>>();
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i] > 0) rows->push_back(train.row_numbers()[i]);
  return DatasetView(train.shared(),
                     RowSet{std::move(rows), combine_hashes(train.row_set().identity, purpose("weight"))});
}

NeighborColumn column_of(const DatasetView& train, std::size_t j, std::span<const double> weights, bool standardize) {
  const Column& column = train.dataset().features[j];
  if (column.kind() == ColumnKind::category) return {.kind = PointKind::category};
  std::vector<double> values(train.rows());
  train.features().numbers(j, values.data());
  NeighborColumn made{.kind = PointKind::number};
  made.marks_missing = std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
  const NumberScale scale = number_scale(values, weights);
  if (!(scale.scale > 0)) {  // one value, or none: only whether there is one can tell rows apart
    const bool some = std::any_of(values.begin(), values.end(), [](double v) { return !std::isnan(v); });
    if (!made.marks_missing || !some) return {};
    return made;
  }
  constexpr double farthest = 1e12;  // from the mean, where numbers are taken as they are
  made.center = scale.center;
  made.scale = standardize ? scale.scale : 1.0;
  made.lower = standardize ? scale.lower : std::max(scale.lower, scale.center - farthest);
  made.upper = standardize ? scale.upper : std::min(scale.upper, scale.center + farthest);
  if (made.lower > made.upper) return {};
  return made;
}

class NeighborsFit {
 public:
  NeighborsFit(const FitInput& input, const NeighborsParameters& parameters, const RunContext& context)
      : input_(input), parameters_(parameters), context_(context), rows_(weighted_rows(input.train)) {}

  FitResult run() {
    const MemoryClaim columns(context_.memory, 24 * rows_.rows(), "rows of neighbours");
    NeighborsState state;
    make_columns(state);
    const auto [coordinates, categories] = neighbors::point_sizes(state.columns);
    const std::size_t n = rows_.rows(), width = input_.train.target().width();
    const MemoryClaim claim(
        context_.memory,
        n * (8 * coordinates + 4 * categories + 16 + 8 * width) + neighbors::Search::bytes(n, coordinates, categories),
        "points");
    make_points(state);
    state.n_neighbors =
        std::min<std::size_t>(n, static_cast<std::size_t>(parameters_.n_neighbors.value_or(default_neighbors)));
    state.by_distance = parameters_.weights == "distance";
    state.prior_weight = parameters_.prior_weight;
    FitResult result;
    result.report.rounds = points_only;
    auto model = std::make_unique<NeighborsModel>(std::move(state));
    if (may_go_on(points_only)) model = choose(std::move(model), result.report);
    if (result.report.rounds == chosen && may_go_on(chosen)) leave_out(*model, result);
    result.report.stopped = stopped_;
    result.report.details["n_neighbors"] = static_cast<std::int64_t>(model->state().n_neighbors);
    result.report.details["weights"] = model->state().by_distance ? "distance" : "uniform";
    result.model = std::move(model);
    return result;
  }

 private:
  /// Rounds of a fit, for replay: what was done when it was stopped.
  enum Round : std::int64_t { points_only = 0, chosen = 1, complete = 2 };

  bool may_go_on(std::int64_t round) {
    if (input_.stop_at_round && *input_.stop_at_round <= round) return false;
    if (context_.stop.stop_requested()) stopped_ = context_.stop.stopped_by();
    return stopped_ == std::string("finished");
  }

  void make_columns(NeighborsState& state) const {
    const Schema& schema = *input_.train.dataset().features.schema();
    const std::vector<double> weights = column_weights(parameters_.column_weights, schema), own = row_weights(rows_);
    state.columns.resize(schema.size());
    context_.executor().run(schema.size(), [&](std::size_t j) {
      context_.stop.throw_if_requested();
      if (weights[j] > 0) state.columns[j] = column_of(rows_, j, own, parameters_.standardize);
      state.columns[j].weight = weights[j];
    });
  }

  void make_points(NeighborsState& state) const {
    const auto [coordinates, categories] = neighbors::point_sizes(state.columns);
    NeighborPoints& points = state.points;
    points.size = rows_.rows();
    points.coordinates = coordinates;
    for (const NeighborColumn& column : state.columns)
      if (column.kind == PointKind::category) points.code_weights.push_back(2 * column.weight);
    points.numbers.resize(points.size * coordinates);
    points.codes.resize(points.size * categories);
    const std::size_t numbers = coordinates, codes = categories;
    const std::size_t block = std::clamp<std::size_t>(cells_of_block / (1 + coordinates + categories), 16, 1024);
    for_each_block(context_.executor(), points.size, block, [&](std::size_t begin, std::size_t end) {
      context_.stop.throw_if_requested();
      neighbors::Queries part;
      neighbors::read_points(state.columns, rows_.features().part(begin, end - begin), part);
      std::copy(part.numbers.begin(), part.numbers.end(), points.numbers.data() + begin * numbers);
      std::copy(part.codes.begin(), part.codes.end(), points.codes.data() + begin * codes);
    });
    make_targets(state);
  }

  void make_targets(NeighborsState& state) const {
    std::vector<double> weights = row_weights(rows_);
    const bool classes = is_classification(rows_.task());
    state.prior.assign(rows_.target().width(), 0.0);
    double total = 0;
    for (double weight : weights) total += weight;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (classes) {
        state.labels.push_back(rows_.label(i));
        state.prior[static_cast<std::size_t>(rows_.label(i))] += weights[i] / total;
      } else {
        state.values.push_back(rows_.value(i));
        state.prior[0] += weights[i] / total * rows_.value(i);
      }
    }
    if (std::any_of(weights.begin(), weights.end(), [&](double w) { return w != weights[0]; }))
      state.weights = std::move(weights);
  }

  /// The number of neighbours and how they count, where these are not given.
  std::unique_ptr<NeighborsModel> choose(std::unique_ptr<NeighborsModel> model, FitReport& report) {
    const bool all_given = parameters_.n_neighbors && parameters_.weights != "auto";
    if (all_given || model->state().points.size < 3) {
      report.rounds = chosen;
      return model;
    }
    std::vector<std::uint64_t> keys(rows_.rows());
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = rows_.key(i);
    const auto choice = neighbors::choose_neighbors(
        *model,
        {.n_neighbors = parameters_.n_neighbors ? std::optional(model->state().n_neighbors) : std::nullopt,
         .weights = parameters_.weights},
        bottom_sample(keys, rows_for_choice, combine_hashes(context_.seed, purpose("neighbors choice"))), context_);
    if (!choice) {
      stopped_ = context_.stop.stopped_by();
      return model;
    }
    model->choose(choice->n_neighbors, choice->by_distance);
    report.details["leave_one_out_error"] = choice->error;
    report.rounds = chosen;
    return model;
  }

  /// Leave-one-out predictions, where they do not take too long; a row without weight is predicted as a new one.
  void leave_out(const NeighborsModel& model, FitResult& result) {
    const NeighborPoints& points = model.state().points;
    const double operations = static_cast<double>(points.size) * static_cast<double>(points.size) *
                              static_cast<double>(points.coordinates + points.categories() + 8);
    result.report.rounds = complete;
    if (points.size < 2 || operations > most_left_out_operations) return;
    Predictions own(points.size, input_.train.target().width());
    if (!neighbors::leave_one_out(model, own.view(), context_)) {
      stopped_ = context_.stop.stopped_by();
      result.report.rounds = chosen;
      return;
    }
    const DatasetView& train = input_.train;
    auto all = std::make_unique<Predictions>(train.rows(), own.width);
    for (std::size_t i = 0, at = 0; i < train.rows(); ++i) {
      if (train.weight(i) > 0 && at < points.size && rows_.row_numbers()[at] == train.row_numbers()[i]) {
        std::copy_n(own.row(at++).begin(), own.width, all->values.begin() + static_cast<std::ptrdiff_t>(i * own.width));
      } else {
        const TableView row(train.dataset().features, train.row_numbers()[i], 1);
        model.predict_aligned(row, all->view().part(i, 1), context_);
      }
    }
    result.out_of_bag = std::move(all);
  }

  const FitInput& input_;
  const NeighborsParameters& parameters_;
  const RunContext& context_;
  DatasetView rows_;
  std::string stopped_ = "finished";
};

}  // namespace

EstimatorTraits Neighbors::traits() const {
  EstimatorTraits traits;
  traits.missing = true;
  traits.categories = true;
  traits.weights_repeat_rows = false;
  traits.row_order_tolerance = 1e-6;
  return traits;
}

CostEstimate Neighbors::cost(const DataShape& shape) const {
  const auto rows = static_cast<double>(shape.rows), columns = static_cast<double>(shape.columns);
  const double pass = rows * (2 * columns + 8);
  const double left_out = std::min(rows, std::max(1.0, most_left_out_operations / pass));
  return {1000 + 30 * pass + 0.1 * pass * (left_out + std::min<double>(rows, rows_for_choice)),
          rows * (24 * columns + 64 + 8 * static_cast<double>(shape.classes)) + 256 * columns + 4096};
}

FitResult Neighbors::fit_checked(const FitInput& input, const RunContext& context) const {
  return NeighborsFit(input, parameters_, context).run();
}

}  // namespace automill
