#include <automill/learners/elastic_net.hpp>
#include <cmath>

#include "elastic_newton.hpp"
#include "elastic_products.hpp"
#include "keyed_rows.hpp"
#include "linear_targets.hpp"
#include "logistic_objective.hpp"
#include "regression_objective.hpp"

namespace automill {
namespace {

using linear::ElasticFit;
using linear::LinearObjective;

constexpr std::size_t most_product_columns = 1000;  // of a regression: 8 MB a fold
constexpr std::size_t elastic_folds = 5;
constexpr std::size_t few_elastic_rows = 5000, many_elastic_rows = 100000, most_elastic_fold_rows = 50000;

using Positions = std::vector<std::uint32_t>;

const linear::SquaredLoss& squared_loss() {
  static const linear::SquaredLoss loss;
  return loss;
}

class ElasticNetFit {
 public:
  ElasticNetFit(const FitInput& input, const ElasticNetParameters& parameters, const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        design_(input.train, parameters.standardize, context),
        regression_(input.train.task() == Task::regression),
        classes_(input.train.target().classes.size()) {
    design_.lay_out(linear::Layout::sparse_where_possible);
    scores_ = regression_ || classes_ == 2 ? 1 : classes_;
    make_ = linear::logistic_objectives(design_);
    for (std::uint32_t from : design_.rows().keys_from) {
      if (!regression_) labels_.push_back(input.train.label(from));
      keys_.push_back(input.train.key(from));
    }
    if (regression_) take_targets();
    for (double variance : design_.variances())
      if (!std::isfinite(variance))
        throw Error("fit.overflow", ElasticNet::registered_name, "the variance of a column exceeds the largest number",
                    "standardize the columns");
  }

  FitResult run() {
    linear::ElasticResult path;
    path.point = start();
    if (design_.columns() > 0 && (!regression_ || targets_.vary())) {
      try {
        path = by_products() ? fit_by_products() : fit_by_rows();
      } catch (const Stopped&) {  // while rows were read
        path.stopped = true;
      }
    }
    FitResult result;
    result.report = report(path);
    result.model = make_model(std::move(path.point));
    return result;
  }

 private:
  bool by_products() const { return regression_ && design_.columns() <= most_product_columns; }

  /// Targets with a standard deviation of 1.
  void take_targets() {
    targets_ = linear::centred_targets(input_.train, design_.rows());
    double squares = 0;
    for (std::size_t i = 0; i < targets_.targets.size(); ++i)
      squares += design_.rows().weights[i] * targets_.targets[i] * targets_.targets[i];
    const double deviation = std::sqrt(squares / design_.rows().total_weight);
    if (!(deviation > 0)) return;
    for (double& target : targets_.targets) target /= deviation;
    targets_.unit *= deviation;
    make_ = linear::regression_objectives(design_, squared_loss(), targets_.mean, targets_.unit);
  }

  linear::ElasticPoint start() const {
    if (regression_) return linear::ElasticPoint(design_.columns() + 1, 0.0);
    const linear::TrainingRows& from = design_.rows();
    return make_(input_.train, from.keys_from, {.weights = from.weights, .total_weight = from.total_weight})->start();
  }

  linear::ElasticOptions options() const {
    return {.alpha = parameters_.alpha,
            .l1_ratio = parameters_.l1_ratio,
            .l1_unit = regression_ && !parameters_.standardize ? 1 / targets_.unit : 1.0,
            .path_length = parameters_.n_alphas,
            .shortest = parameters_.eps,
            .tolerance = parameters_.tolerance,
            .stop_after = input_.stop_at_round};
  }

  /// Rows of each fold, ascending; none where the penalty is given or there are too few.
  std::vector<Positions> held_out_rows(std::size_t most) const {
    std::vector<Positions> folds;
    if (parameters_.alpha) return folds;
    Positions order = keyed_order(keys_, labels_, context_.seed, purpose("elastic net folds"));
    if (order.size() > most) order = thinned(order, most);
    const std::size_t count = std::min(elastic_folds, order.size());
    if (count < 2) return folds;
    folds.resize(count);
    for (std::size_t i = 0; i < order.size(); ++i) folds[i % count].push_back(order[i]);
    for (Positions& fold : folds) std::sort(fold.begin(), fold.end());
    return folds;
  }
  Positions all_rows() const {
    Positions all(keys_.size());
    std::iota(all.begin(), all.end(), 0U);
    return all;
  }

  linear::ElasticResult fit_by_products() {
    std::vector<Positions> parts = held_out_rows(keys_.size());
    const std::size_t folds = parts.size();
    if (folds == 0) parts.push_back(all_rows());
    const std::uint64_t p = design_.columns();
    const MemoryClaim claim(context_.memory, 8 * p * p * (2 * parts.size() + 3), "products of columns");
    std::vector<std::optional<linear::SquaredSums>> sums;
    for (const Positions& part : parts) {
      sums.push_back(linear::squared_sums(design_, input_.train.dataset().features, part, targets_.targets, context_));
      if (!sums.back()) throw Stopped();
    }
    const auto add_up = [&](std::size_t without) {
      context_.stop.throw_if_requested();
      // added up, never taken off: no residue of held-out rows
      linear::SquaredSums total;
      for (std::size_t f = 0; f < sums.size(); ++f)
        if (f != without) total.add(*sums[f]);
      return total;
    };
    std::vector<std::unique_ptr<ElasticFit>> fits(folds);
    context_.executor().run(folds, [&](std::size_t f) { fits[f] = linear::make_product_fit(add_up(f), &*sums[f]); });
    return follow_path(*linear::make_product_fit(add_up(sums.size()), nullptr), fits, options(), context_);
  }

  linear::ElasticResult fit_by_rows() {
    const bool many = keys_.size() > many_elastic_rows;
    std::vector<Positions> parts = held_out_rows(many ? most_elastic_fold_rows : keys_.size());
    const std::size_t folds = keys_.size() > few_elastic_rows ? std::min<std::size_t>(1, parts.size()) : parts.size();
    const std::uint64_t n = keys_.size(), size = (design_.columns() + 1) * scores_;
    const std::uint64_t products = linear::solved_jointly(design_.columns(), scores_) ? size * size : 0;
    const std::uint64_t bytes = 2 * design_.tile_bytes(n) + 8 * products + 32 * scores_ * n;
    const MemoryClaim claim(context_.memory, (folds + 1) * bytes, "rows of a linear fit");
    std::vector<std::unique_ptr<ElasticFit>> fits(folds);
    context_.executor().run(folds, [&](std::size_t f) {
      Positions train;
      for (std::size_t other = 0; other < parts.size(); ++other)
        if (other != f) train.insert(train.end(), parts[other].begin(), parts[other].end());
      std::sort(train.begin(), train.end());
      fits[f] = linear::make_newton_fit(objective(train), objective(parts[f]), context_);
    });
    return follow_path(*linear::make_newton_fit(objective(all_rows()), nullptr, context_), fits, options(), context_);
  }

  std::unique_ptr<LinearObjective> objective(const Positions& positions) const {
    return linear::objective_of_rows(input_.train, design_, positions, make_, context_);
  }

  FitReport report(linear::ElasticResult& path) const {
    FitReport report;
    if (path.stopped) report.stopped = context_.stop.stopped_by();
    report.rounds = path.steps;
    report.learning_curve = std::move(path.losses);
    std::int64_t used = 0;
    for (std::size_t j = 0; j < design_.columns(); ++j) {
      const auto* weights = path.point.data() + j * scores_;
      used += std::any_of(weights, weights + scores_, [](double w) { return w != 0; }) ? 1 : 0;
    }
    report.details = Object{{"alpha", path.alpha}, {"columns", used}};
    return report;
  }

  std::unique_ptr<LinearModel> make_model(linear::ElasticPoint point) const {
    const std::size_t weights = design_.columns() * scores_;
    if (regression_) {
      for (double& value : point) value *= targets_.unit;
      point.back() += targets_.mean;
    }
    const std::span<const double> all(point);
    const Link link = regression_ ? Link::identity : classes_ == 2 ? Link::logistic : Link::softmax;
    return std::make_unique<LinearModel>(design_.make_state(link, all.first(weights), all.subspan(weights)));
  }

  const FitInput& input_;
  const ElasticNetParameters& parameters_;
  const RunContext& context_;
  linear::Design design_;
  bool regression_;
  std::size_t classes_, scores_ = 1;
  linear::CentredTargets targets_{};
  linear::MakeObjective make_{};
  std::vector<std::int32_t> labels_{};
  std::vector<std::uint64_t> keys_{};
};

}  // namespace

EstimatorTraits ElasticNet::traits() const {
  EstimatorTraits traits;
  traits.row_order_tolerance = 1e-3;
  return traits;
}

CostEstimate ElasticNet::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double scores = shape.classes <= 2 ? 1 : static_cast<double>(shape.classes), filled = shape.filled();
  const double path_rows = std::min(4 * n, 4e5) + n, paths = parameters_.alpha ? 20 : 200;
  if (shape.classes <= 1 && p <= 1.0 * most_product_columns)
    return {2 * n * p * p + paths * 6 * p * p + 30 * n * p, 24 * n + 176 * p * p + 4e4};
  const double copies = std::min(6 * n, std::max(6.0 * few_elastic_rows, 2 * n)) + 1536;  // rows of all folds
  const double size = std::min((p + 1) * scores, 1.0 * linear::most_joint_weights), products = size * size;
  return {paths * path_rows * scores * (4 * filled + 30) + (2 * n + 6 * paths) * products,
          copies * (18 * filled + 24 + 32 * scores) + 120 * products + 400 * p * scores + 4e4};
}

FitResult ElasticNet::fit_checked(const FitInput& input, const RunContext& context) const {
  return ElasticNetFit(input, parameters_, context).run();
}

}  // namespace automill
