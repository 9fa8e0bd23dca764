#include <automill/learners/logistic.hpp>
#include <cmath>

#include "logistic_path.hpp"

namespace automill {
namespace {

using linear::Design;
using linear::LabelledRows;
using linear::LogisticObjective;
using linear::MinimizeOptions;

constexpr std::size_t most_path_rows = 50000;  // a path over more rows is chosen on so many
constexpr std::size_t many_rows = 100000;      // ... where there are more than this
constexpr std::size_t few_rows = 5000;         // up to here every row is held out once, in 5 folds
constexpr double path_tolerance = 1e-4;

/// A keyed order of rows: by class, then by a hash of their content. Every k-th of it is a stratified sample that does
/// not depend on the order of rows.
std::vector<std::uint32_t> keyed_order(const std::vector<std::uint64_t>& keys, const std::vector<std::int32_t>& labels,
                                       std::uint64_t seed) {
  std::vector<std::uint64_t> ranks(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    ranks[i] = combine_hashes(combine_hashes(seed, purpose("logistic path")), keys[i]);
  std::vector<std::uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return labels[a] != labels[b] ? labels[a] < labels[b] : ranks[a] != ranks[b] ? ranks[a] < ranks[b] : a < b;
  });
  return order;
}

/// Every step-th of the order so that at most `most` are left, ascending.
std::vector<std::uint32_t> thinned(const std::vector<std::uint32_t>& order, std::size_t most) {
  std::vector<std::uint32_t> chosen;
  const std::size_t count = std::min(most, order.size());
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(order[i * order.size() / count]);
  return chosen;
}

class LogisticFit {
 public:
  LogisticFit(const FitInput& input, const LogisticParameters& parameters, const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        design_(input.train, parameters.standardize, context),
        classes_(input.train.target().classes.size()) {
    design_.lay_out(linear::Layout::sparse_where_possible);
    for (std::uint32_t from : design_.rows().keys_from) {
      labels_.push_back(input.train.label(from));
      keys_.push_back(input.train.key(from));
    }
  }

  FitResult run() {
    const std::uint64_t bytes = 2 * design_.tile_bytes(design_.rows().size());
    const MemoryClaim claim(context_.memory, bytes, "rows of a linear fit");
    FitReport report;
    const MinimizeOptions path_options{.tolerance = std::max(path_tolerance, parameters_.tolerance),
                                       .max_iterations = parameters_.max_iterations};
    double c = parameters_.c.value_or(1.0);
    std::vector<double> point = start_of_all();
    bool stopped = false;
    try {
      std::vector<linear::PathFold> folds = parameters_.c ? std::vector<linear::PathFold>{} : path_folds();
      if (!folds.empty()) {
        linear::PathResult path = choose_strength(folds, path_options, input_.stop_at_round, context_);
        if (path.c > 0) c = path.c;
        if (!path.point.empty()) point = std::move(path.point);
        stopped = path.stopped;
        report.rounds = static_cast<std::int64_t>(path.losses.size());
        report.learning_curve = std::move(path.losses);
        folds.clear();
      }
      if (!stopped) {
        LogisticObjective objective(design_, all_rows(), classes_);
        objective.prepare(context_);
        MinimizeOptions options{.tolerance = parameters_.tolerance, .max_iterations = parameters_.max_iterations};
        if (input_.stop_at_round) options.stop_after = *input_.stop_at_round - report.rounds;
        auto solved = objective.minimize(point, 1 / (c * objective.total_weight()), options, context_);
        point = std::move(solved.point);
        stopped = solved.stopped;
        report.rounds += solved.iterations;
      }
    } catch (const Stopped&) {  // while rows were read; the point so far stays
      stopped = true;
    }
    if (stopped) report.stopped = context_.stop.stopped_by();
    report.details = Object{{"c", c}};
    FitResult result;
    result.model = make_model(std::move(point));
    result.report = std::move(report);
    return result;
  }

 private:
  /// Distinct rows of the training data, by position.
  LabelledRows training_rows(const std::vector<std::uint32_t>& positions) const {
    const linear::TrainingRows& from = design_.rows();
    LabelledRows rows;
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t i : positions) {
      numbers.push_back(from.rows[i]);
      rows.labels.push_back(labels_[i]);
      rows.weights.push_back(from.weights[i]);
      rows.total_weight += from.weights[i];
    }
    read(input_.train, numbers, rows);
    return rows;
  }
  LabelledRows all_rows() const {
    std::vector<std::uint32_t> all(labels_.size());
    std::iota(all.begin(), all.end(), 0U);
    return training_rows(all);
  }
  std::vector<double> start_of_all() const {
    LabelledRows rows{.labels = labels_, .weights = design_.rows().weights};
    rows.total_weight = design_.rows().total_weight;
    return LogisticObjective(design_, std::move(rows), classes_).start();
  }
  LabelledRows validation_rows() const {
    const DatasetView& view = *input_.validation;
    std::vector<std::uint64_t> keys;
    std::vector<std::int32_t> labels;
    for (std::size_t i = 0; i < view.rows(); ++i) {
      keys.push_back(view.key(i));
      labels.push_back(view.label(i));
    }
    std::vector<std::uint32_t> chosen = thinned(keyed_order(keys, labels, context_.seed), most_path_rows);
    std::sort(chosen.begin(), chosen.end());
    LabelledRows rows;
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t i : chosen) {
      if (view.weight(i) == 0) continue;
      numbers.push_back(view.row_numbers()[i]);
      rows.labels.push_back(labels[i]);
      rows.weights.push_back(view.weight(i));
      rows.total_weight += view.weight(i);
    }
    read(view, numbers, rows);
    return rows;
  }
  void read(const DatasetView& view, const std::vector<std::uint32_t>& numbers, LabelledRows& rows) const {
    auto tiles = design_.read_tiles(view.dataset().features, numbers, context_);
    if (!tiles) throw Stopped();
    rows.tiles = std::move(*tiles);
  }

  std::vector<linear::PathFold> path_folds() const {
    std::vector<std::uint32_t> order = keyed_order(keys_, labels_, context_.seed);
    if (order.size() > many_rows) order = thinned(order, most_path_rows);
    std::vector<linear::PathFold> folds;
    LabelledRows given = input_.validation != nullptr ? validation_rows() : LabelledRows{};
    if (given.total_weight > 0) {
      std::sort(order.begin(), order.end());
      folds.push_back({LogisticObjective(design_, training_rows(order), classes_),
                       LogisticObjective(design_, std::move(given), classes_)});
      return folds;
    }
    constexpr std::size_t parts = 5;
    for (std::size_t fold = 0; fold < (order.size() > few_rows ? 1 : std::min(parts, order.size())); ++fold) {
      std::vector<std::uint32_t> train, held_out;
      for (std::size_t i = 0; i < order.size(); ++i) (i % parts == fold ? held_out : train).push_back(order[i]);
      if (train.empty()) continue;
      std::sort(train.begin(), train.end());
      std::sort(held_out.begin(), held_out.end());
      folds.push_back({LogisticObjective(design_, training_rows(train), classes_),
                       LogisticObjective(design_, training_rows(held_out), classes_)});
    }
    return folds;
  }

  std::unique_ptr<LinearModel> make_model(std::vector<double> point) const {
    const std::size_t scores = classes_ == 2 ? 1 : classes_, weights = design_.columns() * scores;
    const std::span<const double> all(point);
    return std::make_unique<LinearModel>(
        design_.make_state(classes_ == 2 ? Link::logistic : Link::softmax, all.first(weights), all.subspan(weights)));
  }

  const FitInput& input_;
  const LogisticParameters& parameters_;
  const RunContext& context_;
  Design design_;
  std::size_t classes_;
  std::vector<std::int32_t> labels_{};
  std::vector<std::uint64_t> keys_{};
};

}  // namespace

EstimatorTraits Logistic::traits() const {
  EstimatorTraits traits;
  traits.tasks = {Task::binary, Task::multiclass};
  traits.early_stopping = true;
  traits.row_order_tolerance = 1e-3;
  return traits;
}

CostEstimate Logistic::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double scores = shape.classes <= 2 ? 1 : static_cast<double>(shape.classes);
  const double path = parameters_.c ? 0 : 80 * std::min(n, 1.0 * many_rows), covariance = std::min(p, 512.0);
  return {(path + 30 * n) * scores * (4 * shape.filled() + 30) + 8 * covariance * covariance * covariance,
          24 * n + 40 * n * shape.filled() + 400 * p * scores};
}

FitResult Logistic::fit_checked(const FitInput& input, const RunContext& context) const {
  return LogisticFit(input, parameters_, context).run();
}

}  // namespace automill
