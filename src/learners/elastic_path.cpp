#include "elastic_path.hpp"

#include <automill/core/math.hpp>

namespace automill::linear {
namespace {

constexpr int elastic_patience = 10;  // penalties in which the loss falls by less than the next number of it
constexpr double least_fall = 1e-4;
constexpr double rough_tolerance = 1e-4;  // of the path; what is chosen is refined

class PathWalk {
 public:
  PathWalk(ElasticFit& all, const std::vector<std::unique_ptr<ElasticFit>>& folds, const ElasticOptions& options,
           const RunContext& context)
      : all_(all), folds_(folds), options_(options), context_(context) {
    for (const auto& fold : folds_) held_out_weight_ += fold->held_out_weight();
    strongest_ = std::min(all_.largest_slope() / (options_.l1_ratio * options_.l1_unit), 1e300);
    result_.point = all_.point();
    result_.alpha = options_.alpha.value_or(strongest_);
  }

  ElasticResult run() {
    if (options_.alpha) go_to_given();
    else if (choose()) refine();
    return std::move(result_);
  }

 private:
  ElasticPenalty penalty(double alpha) const {
    return {alpha * options_.l1_ratio * options_.l1_unit, alpha * (1 - options_.l1_ratio)};
  }
  bool may_step() {
    if (!context_.stop.stop_requested() && (!options_.stop_after || result_.steps < *options_.stop_after)) return true;
    result_.stopped = true;
    return false;
  }
  bool failed() {
    result_.stopped = true;
    return false;
  }

  /// Down to the given penalty in a few steps.
  void go_to_given() {
    const double alpha = *options_.alpha;
    int steps = 1;
    for (double at = strongest_; at > 2 * alpha && steps < 20; at /= 2) ++steps;
    double before = strongest_;
    for (int step = steps - 1; step >= 0; --step) {
      if (!may_step()) return;
      const double at = alpha * static_cast<double>(std::int64_t{1} << step);
      if (at < strongest_ || step == 0) {
        const double tolerance = step == 0 ? options_.tolerance : std::max(rough_tolerance, options_.tolerance);
        if (!all_.go_to(penalty(at), penalty(before).l1, tolerance, context_)) return void(failed());
        before = at;
      }
      result_.point = all_.point();
      ++result_.steps;
    }
  }

  /// All fits go to one penalty, side by side; the loss of all held-out rows.
  std::optional<double> step(double alpha, double before) {
    std::vector<double> losses(folds_.size(), 0.0);
    std::atomic<bool> stopped{false};
    const double tolerance = std::max(rough_tolerance, options_.tolerance);
    context_.executor().run(folds_.size() + 1, [&](std::size_t f) {
      ElasticFit& fit = f == folds_.size() ? all_ : *folds_[f];
      bool done = fit.go_to(penalty(alpha), penalty(before).l1, tolerance, context_);
      if (done && f < folds_.size()) {
        const auto loss = fit.held_out_loss(context_);
        if (loss) losses[f] = *loss * fit.held_out_weight() / held_out_weight_;
        else done = false;
      }
      if (!done) stopped = true;
    });
    if (stopped) return std::nullopt;
    double loss = 0;
    for (double one : losses) loss += one;
    return loss;
  }

  bool choose() {
    const int length = std::max(2, options_.path_length);
    const double fall = math::log(options_.shortest) / (length - 1);
    double before = strongest_, fallen_to = std::numeric_limits<double>::infinity();
    std::size_t best = 0;
    for (int i = 0, slow = 0; i < length; ++i) {
      if (!may_step()) return false;
      const double alpha = strongest_ * math::exp(fall * i);
      const auto loss = step(alpha, before);
      if (!loss) return failed();
      ++result_.steps;
      before = alpha;
      result_.losses.push_back(*loss);
      if (i == 0 || *loss < result_.losses[best]) {
        best = static_cast<std::size_t>(i);
        result_.point = all_.point();
        result_.alpha = alpha;
      }
      slow = *loss < (1 - least_fall) * fallen_to ? 0 : slow + 1;
      if (slow == 0) fallen_to = *loss;
      if (slow >= elastic_patience) break;
      if (folds_.empty()) break;  // nothing to choose by: all weights are 0
    }
    return true;
  }

  void refine() {
    if (!may_step()) return;
    all_.set_point(result_.point);
    if (!all_.go_to(penalty(result_.alpha), penalty(result_.alpha).l1, options_.tolerance, context_))
      return void(failed());
    result_.point = all_.point();
    ++result_.steps;
  }

  ElasticFit& all_;
  const std::vector<std::unique_ptr<ElasticFit>>& folds_;
  const ElasticOptions& options_;
  const RunContext& context_;
  double strongest_ = 0, held_out_weight_ = 0;
  ElasticResult result_{};
};

}  // namespace

ElasticResult follow_path(ElasticFit& all, const std::vector<std::unique_ptr<ElasticFit>>& folds,
                          const ElasticOptions& options, const RunContext& context) {
  return PathWalk(all, folds, options, context).run();
}

}  // namespace automill::linear
