#include <automill/core/split.hpp>
#include <automill/learners/ridge.hpp>
#include <cmath>

#include "linear_targets.hpp"
#include "ridge_large.hpp"

namespace automill {
namespace {

using linear::Design;
using linear::Layout;
using linear::RidgeForm;
using linear::RidgeTask;

/// Most columns (or rows) for which the matrix is reduced: a third of a second, and all leave-one-out errors after it.
constexpr std::size_t most_exact = 1000;

/// Index of the smallest error; the strongest penalty of equals.
std::size_t best_of(const std::vector<double>& errors) {
  return static_cast<std::size_t>(std::min_element(errors.begin(), errors.end()) - errors.begin());
}

/// The rows of the view with the lowest hash, in their order: a sample that does not depend on the order of rows.
DatasetView keyed_sample(const DatasetView& train, std::size_t size, std::uint64_t seed) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked;
  for (std::size_t i = 0; i < train.rows(); ++i)
    if (train.weight(i) > 0)
      ranked.emplace_back(combine_hashes(combine_hashes(seed, purpose("ridge sample")), train.key(i)),
                          train.row_numbers()[i]);
  size = std::min(size, ranked.size());
  std::nth_element(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(size) - 1, ranked.end());
  auto rows = std::make_shared<std::vector<std::uint32_t>>();
  for (std::size_t i = 0; i < size; ++i) rows->push_back(ranked[i].second);
  std::sort(rows->begin(), rows->end());
  return DatasetView(train.shared(),
                     RowSet{std::move(rows), combine_hashes(train.row_set().identity, purpose("ridge sample"))});
}

/// One fit: what is known of it, step by step.
class RidgeFit {
 public:
  RidgeFit(const FitInput& input, const RidgeParameters& parameters, const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        design_(input.train, parameters.standardize, context),
        targets_(linear::centred_targets(input.train, design_.rows())) {}

  FitResult run() {
    FitResult result;
    const std::size_t rows = design_.rows().size();
    design_.lay_out(Layout::sparse_where_possible);
    const std::size_t columns = design_.columns();
    weights_.assign(columns, 0.0);
    if (!targets_.vary() || columns == 0) finish_constant();
    else if (std::min(rows, columns) > most_exact) fit_large();
    else fit_exact(rows < columns);
    result.model = make_model();
    result.report = report();
    if (!left_out_.empty()) result.out_of_bag = out_of_bag(*result.model);
    return result;
  }

 private:
  /// Rounds of a fit, for replay: what was done when it was stopped.
  enum Round : std::int64_t { only_mean = 0, generalised_penalty = 1, no_left_out = 2, complete = 3 };

  bool may_go_on(Round round) {
    rounds_ = round;
    if (input_.stop_at_round && *input_.stop_at_round <= round) return false;
    if (!context_.stop.stop_requested()) return true;
    note_stop();
    return false;
  }
  void note_stop() { stopped_ = context_.stop.stopped_by(); }
  RidgeTask task() const {
    return {design_, input_.train.dataset().features, targets_.targets, design_.rows().weights,
            design_.rows().total_weight};
  }

  /// Without columns, or with one target value: the mean, and its leave-one-out errors.
  void finish_constant() {
    rounds_ = complete;
    const linear::TrainingRows& rows = design_.rows();
    if (rows.size() < 2) return;
    for (std::size_t i = 0; i < rows.size(); ++i)
      left_out_.push_back(targets_.targets[i] / std::max(1e-10, 1 - rows.weights[i] / rows.total_weight));
  }

  void fit_exact(bool dual) {
    const std::size_t n = design_.rows().size(), p = design_.columns();
    if (!may_go_on(only_mean)) return;
    const std::uint64_t size = dual ? n : p;
    const MemoryClaim claim(context_.memory, 32 * size * size + (dual ? design_.tile_bytes(n) : 0), "ridge equations");
    const RidgeTask ridge = task();
    const auto form = dual ? linear::make_dual_form(ridge, context_) : linear::make_primal_form(ridge, context_);
    if (form == nullptr) return note_stop();
    choose_penalty(*form);
    weights_ = form->solve(penalty_);
    if (rounds_ < no_left_out || !may_go_on(no_left_out) || n < 2) {
      if (n < 2) rounds_ = complete;
      return;
    }
    if (auto errors = form->left_out(penalty_, context_)) {
      left_out_ = std::move(*errors);
      rounds_ = complete;
    } else {
      note_stop();
    }
  }

  void choose_penalty(const RidgeForm& form) {
    if (parameters_.alpha) {
      penalty_ = *parameters_.alpha;
      rounds_ = no_left_out;
      return;
    }
    const auto penalties = linear::ridge_penalties(form.unit(), design_.rows().size(), design_.columns());
    std::vector<double> generalised;
    for (double penalty : penalties) generalised.push_back(form.generalised_error(penalty));
    penalty_ = penalties[best_of(generalised)];
    if (!may_go_on(generalised_penalty)) return;
    const auto errors = form.errors(penalties, context_);
    if (!errors) return note_stop();
    penalty_ = penalties[best_of(*errors)];
    rounds_ = no_left_out;
  }

  /// The penalty from the exact leave-one-out errors of a sample (what it should be depends on the noise and the size
  /// of the weights, not on the number of rows), then conjugate gradients on all rows.
  void fit_large() {
    if (!may_go_on(only_mean)) return;
    if (parameters_.alpha) {
      penalty_ = *parameters_.alpha;
    } else {
      const FitInput sampled{.train = keyed_sample(input_.train, most_exact, context_.seed)};
      RidgeFit sample(sampled, parameters_, context_);
      sample.run();
      penalty_ = sample.penalty_;
      if (context_.stop.stop_requested()) return note_stop();
    }
    const MemoryClaim claim(context_.memory, design_.tile_bytes(design_.rows().size()), "rows of a linear fit");
    const RidgeTask ridge = task();
    const auto tiles = design_.read_tiles(ridge.features, design_.rows().rows, context_);
    if (!tiles) return note_stop();
    std::optional<std::int64_t> most;
    if (input_.stop_at_round) most = std::max<std::int64_t>(0, *input_.stop_at_round - complete);
    auto solved = linear::solve_large_ridge(ridge, *tiles, penalty_, most, context_);
    weights_ = std::move(solved.weights);
    rounds_ = complete + solved.iterations;
    if (solved.stopped) note_stop();
  }

  std::unique_ptr<LinearModel> make_model() {
    for (double& weight : weights_) weight *= targets_.unit;
    return std::make_unique<LinearModel>(design_.make_state(Link::identity, weights_, std::span(&targets_.mean, 1)));
  }

  FitReport report() const {
    FitReport report{.stopped = stopped_, .rounds = rounds_};
    report.details = Object{{"alpha", penalty_}};
    double squares = 0;
    for (std::size_t i = 0; i < left_out_.size(); ++i)
      squares += design_.rows().weights[i] * left_out_[i] * left_out_[i];
    if (!left_out_.empty())
      report.details["leave_one_out_rmse"] = targets_.unit * std::sqrt(squares / design_.rows().total_weight);
    return report;
  }

  /// Leave-one-out predictions of the rows of the view; rows without weight are left out anyway.
  std::unique_ptr<Predictions> out_of_bag(const Model& model) const {
    const DatasetView& train = input_.train;
    auto out = std::make_unique<Predictions>(train.rows(), 1);
    const std::vector<std::int32_t>& distinct = design_.rows().of_view_row;
    for (std::size_t i = 0; i < train.rows(); ++i) {
      if (distinct[i] >= 0) {
        out->values[i] = train.value(i) - targets_.unit * left_out_[static_cast<std::size_t>(distinct[i])];
      } else {
        const TableView row(train.dataset().features, train.row_numbers()[i], 1);
        model.predict_aligned(row, {&out->values[i], 1, 1}, context_);
      }
    }
    return out;
  }

  const FitInput& input_;
  const RidgeParameters& parameters_;
  const RunContext& context_;
  Design design_;
  linear::CentredTargets targets_;
  std::vector<double> weights_{}, left_out_{};
  double penalty_ = 0;
  std::int64_t rounds_ = only_mean;
  std::string stopped_ = "finished";
};

}  // namespace

EstimatorTraits Ridge::traits() const {
  EstimatorTraits traits;
  traits.tasks = {Task::regression};
  traits.row_order_tolerance = 1e-6;
  return traits;
}

CostEstimate Ridge::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double small = std::min(n, p);
  if (small > static_cast<double>(most_exact)) return {4.0 * n * shape.filled() * 100 + 5e9, 12 * n * shape.filled()};
  const bool dual = n < p;
  return {2 * n * p * small + 100 * n * small + 3 * small * small * small + 10 * n * p,
          60 * small * small + (dual ? 16 * n * p : 16 * n) + 60 * n};
}

FitResult Ridge::fit_checked(const FitInput& input, const RunContext& context) const {
  return RidgeFit(input, parameters_, context).run();
}

}  // namespace automill
