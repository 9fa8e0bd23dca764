#include "smooth_fit.hpp"

#include "keyed_rows.hpp"

namespace automill::linear {
namespace {

constexpr std::size_t most_path_rows = 50000;  // a path over more rows is chosen on so many
constexpr std::size_t many_rows = 100000;      // ... where there are more than this
constexpr std::size_t few_rows = 5000;         // up to here every row is held out once, in 5 folds
constexpr double path_tolerance = 1e-4;

using RowPositions = std::vector<std::uint32_t>;

/// Labels of rows of a view, by which samples of them are stratified; none in regression.
std::vector<std::int32_t> labels_at(const DatasetView& view, const RowPositions& positions) {
  std::vector<std::int32_t> labels;
  if (is_classification(view.task()))
    for (std::uint32_t i : positions) labels.push_back(view.label(i));
  return labels;
}

class SmoothRun {
 public:
  SmoothRun(const FitInput& input, const Design& design, const MakeObjective& make, const SmoothOptions& options,
            const RunContext& context)
      : input_(input), design_(design), make_(make), options_(options), context_(context) {}

  SmoothFit run() {
    const std::uint64_t bytes = 2 * design_.tile_bytes(design_.rows().size());
    const MemoryClaim claim(context_.memory, bytes, "rows of a linear fit");
    SmoothFit fit{.point = start_of_all(), .c = options_.c.value_or(1.0)};
    bool stopped = false;
    try {
      stopped = choose(fit) || minimize(fit);
    } catch (const Stopped&) {  // while rows were read; the point so far stays
      stopped = true;
    }
    if (stopped) fit.report.stopped = context_.stop.stopped_by();
    return fit;
  }

 private:
  /// True: stopped.
  bool choose(SmoothFit& fit) {
    if (options_.c) return false;
    std::vector<PathFold> folds = path_folds();
    if (folds.empty()) return false;
    const MinimizeOptions rough{.tolerance = std::max(path_tolerance, options_.tolerance),
                                .max_iterations = options_.max_iterations};
    PathResult path = choose_strength(folds, rough, input_.stop_at_round, context_);
    if (path.c > 0) fit.c = path.c;
    if (!path.point.empty()) fit.point = std::move(path.point);
    fit.report.rounds = static_cast<std::int64_t>(path.losses.size());
    fit.report.learning_curve = std::move(path.losses);
    return path.stopped;
  }

  bool minimize(SmoothFit& fit) {
    RowPositions all(design_.rows().size());
    std::iota(all.begin(), all.end(), 0U);
    const auto objective = training_rows(all);
    objective->prepare(context_);
    MinimizeOptions options{.tolerance = options_.tolerance, .max_iterations = options_.max_iterations};
    if (input_.stop_at_round) options.stop_after = *input_.stop_at_round - fit.report.rounds;
    const double penalty = 1 / (fit.c * objective->total_weight());
    MinimizeResult solved = objective->minimize(fit.point, penalty, options, context_);
    if (options_.finish && !solved.stopped) options_.finish(*objective, penalty, options, solved);
    fit.point = std::move(solved.point);
    fit.report.rounds += solved.iterations;
    return solved.stopped;
  }

  std::unique_ptr<LinearObjective> training_rows(const RowPositions& positions) const {
    return objective_of_rows(input_.train, design_, positions, make_, context_);
  }
  std::vector<double> start_of_all() const {
    const TrainingRows& from = design_.rows();
    return make_(input_.train, from.keys_from, {.weights = from.weights, .total_weight = from.total_weight})->start();
  }

  /// Null: none has a weight.
  std::unique_ptr<LinearObjective> validation_rows() const {
    const DatasetView& view = *input_.validation;
    RowPositions all(view.rows()), kept, numbers;
    std::iota(all.begin(), all.end(), 0U);
    std::vector<std::uint64_t> keys;
    for (std::uint32_t i : all) keys.push_back(view.key(i));
    RowPositions chosen =
        thinned(keyed_order(keys, labels_at(view, all), context_.seed, options_.salt), most_path_rows);
    std::sort(chosen.begin(), chosen.end());
    WeightedRows rows;
    for (std::uint32_t i : chosen) {
      if (view.weight(i) == 0) continue;
      kept.push_back(i);
      numbers.push_back(view.row_numbers()[i]);
      rows.weights.push_back(view.weight(i));
      rows.total_weight += view.weight(i);
    }
    if (!(rows.total_weight > 0)) return nullptr;
    auto tiles = design_.read_tiles(view.dataset().features, numbers, context_);
    if (!tiles) throw Stopped();
    rows.tiles = std::move(*tiles);
    return make_(view, kept, std::move(rows));
  }

  std::vector<PathFold> path_folds() const {
    std::vector<std::uint64_t> keys;
    for (std::uint32_t from : design_.rows().keys_from) keys.push_back(input_.train.key(from));
    RowPositions order =
        keyed_order(keys, labels_at(input_.train, design_.rows().keys_from), context_.seed, options_.salt);
    if (order.size() > many_rows) order = thinned(order, most_path_rows);
    std::vector<PathFold> folds;
    auto given = input_.validation != nullptr ? validation_rows() : nullptr;
    if (given != nullptr) {
      std::sort(order.begin(), order.end());
      folds.push_back({training_rows(order), std::move(given)});
      return folds;
    }
    constexpr std::size_t parts = 5;
    for (std::size_t fold = 0; fold < (order.size() > few_rows ? 1 : std::min(parts, order.size())); ++fold) {
      RowPositions train, held_out;
      for (std::size_t i = 0; i < order.size(); ++i) (i % parts == fold ? held_out : train).push_back(order[i]);
      if (train.empty()) continue;
      std::sort(train.begin(), train.end());
      std::sort(held_out.begin(), held_out.end());
      folds.push_back({training_rows(train), training_rows(held_out)});
    }
    return folds;
  }

  const FitInput& input_;
  const Design& design_;
  const MakeObjective& make_;
  const SmoothOptions& options_;
  const RunContext& context_;
};

}  // namespace

std::unique_ptr<LinearObjective> objective_of_rows(const DatasetView& train, const Design& design,
                                                   const std::vector<std::uint32_t>& positions,
                                                   const MakeObjective& make, const RunContext& context) {
  WeightedRows rows;
  std::vector<std::uint32_t> numbers, from;
  for (std::uint32_t i : positions) {
    numbers.push_back(design.rows().rows[i]);
    from.push_back(design.rows().keys_from[i]);
    rows.weights.push_back(design.rows().weights[i]);
    rows.total_weight += rows.weights.back();
  }
  auto tiles = design.read_tiles(train.dataset().features, numbers, context);
  if (!tiles) throw Stopped();
  rows.tiles = std::move(*tiles);
  return make(train, from, std::move(rows));
}

SmoothFit fit_smooth(const FitInput& input, const Design& design, const MakeObjective& make,
                     const SmoothOptions& options, const RunContext& context) {
  return SmoothRun(input, design, make, options, context).run();
}

}  // namespace automill::linear
