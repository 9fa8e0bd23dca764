#include "elastic_newton.hpp"

#include "column_quadratic.hpp"
#include "linear_products.hpp"

namespace automill::linear {
namespace {

constexpr int most_passes_of_step = 1000, most_newton_steps = 500;

class NewtonFit final : public ElasticFit {
 public:
  NewtonFit(std::unique_ptr<LinearObjective> train, std::unique_ptr<LinearObjective> held_out,
            const RunContext& context)
      : train_(std::move(train)),
        held_out_(std::move(held_out)),
        columns_(train_->design().columns()),
        scores_(train_->scores()),
        point_(train_->start()),
        at_(train_->evaluate(point_, 0, context)) {
    if (!at_) throw Stopped();
    for (std::size_t j = 0; j < columns_ * scores_; ++j) largest_ = std::max(largest_, std::abs(at_->gradient[j]));
    by_products_ = solved_jointly(columns_, scores_);
    if (!by_products_) transposed_.emplace(train_->design(), train_->rows().tiles);
  }

  double largest_slope() const override { return largest_; }
  double held_out_weight() const override { return held_out_->total_weight(); }
  std::optional<double> held_out_loss(const RunContext& context) const override {
    return held_out_->mean_loss(point_, context);
  }
  ElasticPoint point() const override { return point_; }
  void set_point(const ElasticPoint& point) override {
    point_ = point;
    at_.reset();
  }

  bool go_to(const ElasticPenalty& given, double before, double tolerance, const RunContext& context) override {
    ElasticPenalty penalty = given;
    penalty.free_from = columns_ * scores_;
    if (!at_) at_ = train_->evaluate(point_, 0, context);
    if (!at_) return false;
    const double strong = std::min(penalty.l1, std::max(0.0, 2 * penalty.l1 - before));
    double last = std::numeric_limits<double>::infinity();
    for (int step = 0; step < most_newton_steps; ++step) {
      const double worst = worst_violation(penalty);
      if (worst <= tolerance || !train_->determined()) return true;
      const bool slow = worst > 0.3 * last && age_ > static_cast<std::int64_t>(columns_ / 8);
      if (by_products_ && (hessian_.empty() || slow) && !renew(context)) return false;
      last = worst;
      const auto next = by_products_ ? optimum_by_products(penalty, strong, 0.01 * worst, context)
                                     : optimum_by_rows(penalty, strong, 0.1 * worst, context);
      if (!next) return false;
      const Search search = line_search(*next, penalty, context);
      if (search == Search::stopped) return false;
      if (search == Search::failed) {
        if (!by_products_ || age_ == 0) return true;  // as exact as rounding allows
        if (!renew(context)) return false;
      } else {
        ++age_;
      }
    }
    return true;
  }

 private:
  enum class Search { found, failed, stopped };

  double worst_violation(const ElasticPenalty& penalty) const {
    double worst = 0;
    for (std::size_t a = 0; a < point_.size(); ++a)
      worst = std::max(worst, violation(-at_->gradient[a], point_[a], penalty.l1_of(a), penalty.l2_of(a)));
    return worst;
  }

  /// Second derivatives at the point. Steps with old ones are cheap: as many as new ones cost.
  bool renew(const RunContext& context) {
    auto hessian =
        train_->joint_second_derivatives(point_, std::max<std::size_t>(16, 16 * columns_ / tile_rows), context);
    if (!hessian) return false;
    hessian_ = std::move(*hessian);
    age_ = 0;
    return true;
  }

  /// Whether a weight may differ from 0: it does, or its slope is near the penalty.
  bool works(std::size_t a, const ElasticPenalty& penalty, double strong) const {
    const double slope = std::abs(at_->gradient[a]);
    return a >= penalty.free_from || point_[a] != 0 || slope > penalty.l1 || slope >= strong;
  }

  /// The optimum of the quadratic model of all scores together.
  std::optional<ElasticPoint> optimum_by_products(const ElasticPenalty& penalty, double strong, double tolerance,
                                                  const RunContext& context) const {
    std::vector<double> rests(point_.size());
    std::vector<std::uint32_t> working;
    for (std::size_t a = 0; a < point_.size(); ++a) {
      rests[a] = -at_->gradient[a];
      if (works(a, penalty, strong)) working.push_back(static_cast<std::uint32_t>(a));
    }
    ProductQuadratic quadratic(hessian_, std::move(rests), context.stop);
    ElasticPoint next = point_;
    if (descend(quadratic, penalty, next, working, tolerance, most_passes_of_step) == Descent::stopped)
      return std::nullopt;
    return next;
  }

  /// The optima of models of each score by itself. Scores of several classes change each other's slopes: steps of all
  /// at once need K / (K - 1) times the curvature where shares are equal.
  std::optional<ElasticPoint> optimum_by_rows(const ElasticPenalty& penalty, double strong, double tolerance,
                                              const RunContext& context) const {
    auto rows = train_->row_derivatives(point_, context);
    if (!rows) return std::nullopt;
    const double together = scores_ == 1 ? 1.0 : static_cast<double>(scores_) / static_cast<double>(scores_ - 1);
    ElasticPoint next = point_;
    std::atomic<bool> stopped{false};
    context.executor().run(scores_, [&](std::size_t k) {
      for (double& slope : rows->slopes[k]) slope = -slope;
      for (double& curvature : rows->curvatures[k]) curvature *= together;
      if (!score_by_rows(k, std::move(rows->slopes[k]), rows->curvatures[k], penalty, strong, tolerance, next, context))
        stopped = true;
    });
    if (stopped) return std::nullopt;
    return next;
  }

  /// Weights of score k in `next`; the intercept is a coordinate like the others: they and it take turns.
  bool score_by_rows(std::size_t k, std::vector<double> slopes, const std::vector<double>& curvatures,
                     const ElasticPenalty& penalty, double strong, double tolerance, ElasticPoint& next,
                     const RunContext& context) const {
    ColumnQuadratic quadratic(train_->design(), train_->rows().tiles, *transposed_, std::move(slopes), curvatures,
                              context.stop);
    std::vector<double> weights(columns_);
    std::vector<std::uint32_t> working;
    for (std::size_t j = 0; j < columns_; ++j) {
      weights[j] = point_[j * scores_ + k];
      if (works(j * scores_ + k, penalty, strong)) working.push_back(static_cast<std::uint32_t>(j));
    }
    for (int turn = 0; turn < 100; ++turn) {
      next[columns_ * scores_ + k] += quadratic.move_intercept();
      if (descend(quadratic, penalty, weights, working, tolerance, most_passes_of_step) == Descent::stopped)
        return false;
      if (std::abs(quadratic.intercept_slope()) <= tolerance) break;
    }
    for (std::size_t j = 0; j < columns_; ++j) next[j * scores_ + k] = weights[j];
    return true;
  }

  double penalty_of(const std::vector<double>& point, const ElasticPenalty& penalty) const {
    double sum = 0, squares = 0;
    for (std::size_t a = 0; a < columns_ * scores_; ++a) {
      sum += std::abs(point[a]);
      squares += point[a] * point[a];
    }
    return penalty.l1 * sum + 0.5 * penalty.l2 * squares;
  }

  /// Halves the step until the function falls by a part of what its slope promises.
  Search line_search(const ElasticPoint& optimum, const ElasticPenalty& penalty, const RunContext& context) {
    std::vector<double> direction = optimum, next = optimum;
    add_scaled(direction, -1, point_);
    const double now = at_->value + penalty_of(point_, penalty), penalty_now = penalty_of(point_, penalty);
    const double promised = dot(at_->gradient, direction) + penalty_of(next, penalty) - penalty_now;
    if (!(promised < 0)) return Search::failed;
    for (double length = 1; length > 1e-6; length *= 0.5) {
      if (length < 1) {  // at 1 it is the optimum itself: what is 0 there stays 0
        next = point_;
        add_scaled(next, length, direction);
      }
      auto at = train_->evaluate(next, 0, context);
      if (!at) return Search::stopped;
      const double value = at->value + penalty_of(next, penalty);
      if (value <= now + 1e-4 * length * promised || (-promised < 1e-13 * std::abs(now) && value <= now)) {
        point_ = std::move(next);
        at_ = std::move(at);
        return Search::found;
      }
    }
    return Search::failed;
  }

  std::unique_ptr<LinearObjective> train_, held_out_;
  std::size_t columns_, scores_;
  ElasticPoint point_;
  std::optional<Evaluation> at_;  ///< loss and slopes at the point
  double largest_ = 0;
  bool by_products_ = false;
  std::optional<TransposedTiles> transposed_{};
  std::vector<double> hessian_{};  ///< of weights and intercepts, as they stand in a point
  std::int64_t age_ = 0;           ///< steps since it was made
};

}  // namespace

std::unique_ptr<ElasticFit> make_newton_fit(std::unique_ptr<LinearObjective> train,
                                            std::unique_ptr<LinearObjective> held_out, const RunContext& context) {
  return std::make_unique<NewtonFit>(std::move(train), std::move(held_out), context);
}

}  // namespace automill::linear
