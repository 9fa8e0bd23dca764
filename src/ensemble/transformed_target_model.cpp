#include "transformed_target_model.hpp"

#include <automill/ensemble/transformed_target.hpp>

#include "preprocess/yeo_johnson_power.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

constexpr double largest = std::numeric_limits<double>::max();

/// Position of x on the broken line through (from, to), constant beyond its ends.
double on_line(const std::vector<double>& from, const std::vector<double>& to, double x) noexcept {
  const auto found = static_cast<std::size_t>(std::upper_bound(from.begin(), from.end(), x) - from.begin());
  if (found == 0) return to.front();
  if (found == from.size()) return to.back();
  const double part = math::part_between(x, from[found - 1], from[found]);
  return to[found - 1] * (1 - part) + to[found] * part;
}

class TransformedRows final : public RowPredictor {
 public:
  explicit TransformedRows(const TransformedTargetModel& model)
      : model_(&model), inner_(model.model().row_predictor()) {}
  void predict(const RowView& row, std::span<double> out) noexcept override {
    inner_->predict(row, out);
    model_->transform_back(out);
  }

 private:
  const TransformedTargetModel* model_;
  std::unique_ptr<RowPredictor> inner_;
};

TargetCurve load_curve(const ArchiveReader& in) {
  const auto& names = target_method_names();
  const auto method = std::find(names.begin(), names.end(), in.text("method"));
  if (method == names.end())
    in.fail("'method' is none of " + names[0] + ", " + names[1] + ", " + names[2] + ", " + names[3]);
  TargetCurve curve{.method = static_cast<TargetMethod>(method - names.begin()),
                    .power = in.number("power"),
                    .center = in.number("center"),
                    .scale = in.number("scale"),
                    .targets = in.array<double>("targets"),
                    .scores = {}};
  curve.scores = in.array<double>("scores", curve.targets.size());
  if (!(curve.power >= least_power && curve.power <= largest_power)) in.fail("'power' must lie in [-4, 6]");
  if (!std::isfinite(curve.center) || !(curve.scale > 0 && std::isfinite(curve.scale)))
    in.fail("'center' and 'scale' must be finite, and 'scale' above 0");
  for (const auto* list : {&curve.targets, &curve.scores}) {
    check_finite(in, "targets' or 'scores", *list);
    if (std::adjacent_find(list->begin(), list->end(), [](double a, double b) { return !(a < b); }) != list->end())
      in.fail("'targets' and 'scores' must ascend");
  }
  if ((curve.method == TargetMethod::quantile_normal) == curve.targets.empty())
    in.fail("'targets' belong to the method quantile_normal, and to no other");
  return curve;
}

}  // namespace

const std::vector<std::string>& target_method_names() {
  static const std::vector<std::string> names{"log1p", "yeo_johnson", "quantile_normal", "standardize"};
  return names;
}

double TargetCurve::forward(double target) const noexcept {
  switch (method) {
    case TargetMethod::quantile_normal:
      return on_line(targets, scores, target);
    case TargetMethod::log1p:
      return (math::log1p(std::max(0.0, target)) - center) / scale;
    case TargetMethod::yeo_johnson:
      return (automill::yeo_johnson(target, power) - center) / scale;
    default:
      return (target - center) / scale;
  }
}

double TargetCurve::back(double score) const noexcept {
  if (method == TargetMethod::quantile_normal) return on_line(scores, targets, score);
  const double value = std::clamp(score * scale + center, -largest, largest);
  if (method == TargetMethod::log1p) return std::clamp(math::expm1(value), 0.0, largest);
  return method == TargetMethod::yeo_johnson ? inverse_yeo_johnson(value, power) : value;
}

void TransformedTargetModel::transform_back(std::span<double> scores) const noexcept {
  for (double& score : scores) {
    if (std::isnan(score)) continue;  // a stopped prediction
    double sum = 0;
    for (const ResidualGroup& group : residuals_) sum += group.share * curve_.back(score + group.residual);
    score = std::clamp(sum, -largest, largest);
  }
}

bool TransformedTargetModel::transform_back(std::span<double> scores, const StopToken& stop) const noexcept {
  constexpr std::size_t block = 512;
  for (std::size_t begin = 0; begin < scores.size(); begin += block) {
    if (stop.stop_requested()) {
      std::fill(scores.begin() + static_cast<std::ptrdiff_t>(begin), scores.end(),
                std::numeric_limits<double>::quiet_NaN());
      return false;
    }
    transform_back(scores.subspan(begin, std::min(block, scores.size() - begin)));
  }
  return true;
}

void TransformedTargetModel::predict_aligned(const TableView& rows, PredictionsView out,
                                             const RunContext& context) const {
  model_->predict_aligned(rows, out, context);
  for_each_block(context.executor(), out.rows, 4096, [&](std::size_t begin, std::size_t end) {
    transform_back({out.data + begin * out.width, (end - begin) * out.width}, context.stop);
  });
}

std::unique_ptr<RowPredictor> TransformedTargetModel::row_predictor() const {
  return std::make_unique<TransformedRows>(*this);
}

void TransformedTargetModel::save(ArchiveWriter& out) const {
  std::vector<double> residuals, shares;
  for (const ResidualGroup& group : residuals_) {
    residuals.push_back(group.residual);
    shares.push_back(group.share);
  }
  out.set("method", target_method_names()[static_cast<std::size_t>(curve_.method)]);
  out.set("power", curve_.power);
  out.set("center", curve_.center);
  out.set("scale", curve_.scale);
  out.array("targets", curve_.targets);
  out.array("scores", curve_.scores);
  out.array("residuals", residuals);
  out.array("shares", shares);
  out.child("model", [&](ArchiveWriter& inner) { save_component(*model_, inner); });
}

std::string TransformedTargetModel::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') +
         "transformed_target: " + target_method_names()[static_cast<std::size_t>(curve_.method)] +
         (residuals_.size() > 1 ? ", smearing" : "") + "\n" + model_->describe(indent + 2);
}

std::unique_ptr<Model> load_transformed_target(const ArchiveReader& in, const ModelContext& context, int state_version,
                                               const Registry& registry) {
  check_state_version(in, state_version, 1);
  if (is_classification(context.output.task)) in.fail("a transformed target is a number, not a class");
  TargetCurve curve = load_curve(in);
  const auto residuals = in.array<double>("residuals");
  const auto shares = in.array<double>("shares", residuals.size());
  check_finite(in, "residuals", residuals);
  std::vector<ResidualGroup> groups;
  double sum = 0;
  for (std::size_t k = 0; k < residuals.size(); ++k) {
    if (!(shares[k] > 0 && shares[k] <= 1)) in.fail("'shares' must be above 0 and at most 1");
    groups.push_back({residuals[k], shares[k]});
    sum += shares[k];
  }
  if (!(std::abs(sum - 1) <= 1e-9)) in.fail("'shares' must sum to 1");
  return std::make_unique<TransformedTargetModel>(registry.load_model(in.child("model"), context), std::move(curve),
                                                  std::move(groups));
}

}  // namespace automill
