#include <automill/ensemble/transformed_target.hpp>
#include <automill/learners/ridge.hpp>

#include "ensemble/transformed_target_model.hpp"
#include "preprocess/column_statistics.hpp"
#include "preprocess/yeo_johnson_fit.hpp"

namespace automill {
namespace {

constexpr double least_share = 1e-7;
constexpr std::size_t most_quantiles = 1000;

/// Targets of the rows of a view as a column, for the statistics of columns.
ColumnValues target_values(const DatasetView& train, const std::vector<double>& counts) {
  std::vector<double> values(train.rows());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = train.value(i);
  return ColumnValues(values, counts);
}

void require_not_negative(const DatasetView& train) {
  for (std::size_t i = 0; i < train.rows(); ++i)
    if (train.value(i) < 0)
      throw Error("fit.target_negative", train.target().name,
                  "row " + std::to_string(train.row_numbers()[i]) + " has " +
                      param_detail::number_text(train.value(i)) + ", but log1p takes targets from 0 on",
                  "use method = \"yeo_johnson\"");
}

/// Knots at quantiles; a target that several quantiles share has the middle of their shares.
void add_knots(ColumnValues& values, TargetCurve& curve, const StopToken& stop) {
  const double rows = std::floor(values.total() + 0.5);
  const auto count = static_cast<std::size_t>(std::clamp<double>(rows, 2, most_quantiles));
  const std::vector<double> quantiles = values.quantiles(count, stop);
  const double last = static_cast<double>(count - 1);
  for (std::size_t i = 0; i < count;) {
    std::size_t end = i + 1;
    while (end < count && quantiles[end] == quantiles[i]) ++end;
    const double share = static_cast<double>(i + end - 1) / (2 * last);
    curve.targets.push_back(quantiles[i]);
    curve.scores.push_back(math::normal_quantile(std::clamp(share, least_share, 1 - least_share)));
    i = end;
  }
}

TargetCurve fit_curve(const DatasetView& train, const std::vector<double>& counts, TargetMethod method,
                      const StopToken& stop) {
  TargetCurve curve{.method = method};
  ColumnValues values = target_values(train, counts);
  const auto set_scale = [&](double center, double deviation) {
    curve.center = center;
    if (deviation > 0) curve.scale = deviation;
  };
  switch (method) {
    case TargetMethod::log1p:
      require_not_negative(train);
      break;
    case TargetMethod::yeo_johnson: {
      const PowerFit fit = fit_power(values.distinct(stop), stop);
      curve.power = fit.power;
      set_scale(fit.center, fit.deviation);
      break;
    }
    case TargetMethod::quantile_normal:
      add_knots(values, curve, stop);
      break;
    case TargetMethod::standardize:
      set_scale(values.mean(), values.deviation());
  }
  return curve;
}

/// The same rows with the targets transformed; features and keys stay, so that bins, folds and draws are shared.
DatasetView with_curve(const DatasetView& view, const TargetCurve& curve) {
  const Dataset& given = view.dataset();
  Dataset changed = given;
  for (std::uint32_t row : view.row_numbers()) {
    changed.target.values[row] = curve.forward(given.target.values[row]);
    if (!given.initial_scores.empty()) changed.initial_scores[row] = curve.forward(given.initial_scores[row]);
  }
  return {make_dataset(std::move(changed)), view.row_set()};
}

/// Ends of the groups of residuals as shares: halving ones at both ends, for what an exponential makes of a tail.
const std::vector<double>& group_ends() {
  static const std::vector<double> ends = [] {
    constexpr int steps = 32, halvings = 11;
    std::vector<double> all;
    for (int k = halvings; k > 0; --k) all.push_back(std::ldexp(1.0 / steps, -k));
    for (int k = 1; k < steps; ++k) all.push_back(static_cast<double>(k) / steps);
    for (int k = 1; k <= halvings; ++k) all.push_back(1 - std::ldexp(1.0 / steps, -k));
    all.push_back(1);
    return all;
  }();
  return ends;
}

/// Mean and share of each group of residuals; `counts` as row_counts gives them.
std::vector<ResidualGroup> residual_groups(const std::vector<double>& residuals, const std::vector<double>& counts) {
  ColumnValues values(residuals, counts);
  const std::vector<CountedValue> sorted = values.distinct({});  // there is a model: no stop may lose it
  std::vector<ResidualGroup> groups;
  double done = 0;
  std::size_t next = 0;
  for (double end : group_ends()) {
    double sum = 0, weight = 0;
    while (next < sorted.size() && (end == 1 || done + 0.5 * sorted[next].count <= end * values.total())) {
      sum += sorted[next].value * sorted[next].count;
      weight += sorted[next].count;
      done += sorted[next++].count;
    }
    if (weight > 0) groups.push_back({sum / weight, weight / values.total()});
  }
  return groups.empty() ? std::vector<ResidualGroup>{{}} : groups;
}

/// Residuals of the scores of the training rows: out-of-bag where there are such. A fit that was stopped is short of
/// time: some rows have to do.
std::vector<ResidualGroup> smear(const DatasetView& train, const std::vector<double>& counts, const FitResult& result,
                                 const RunContext& context) {
  constexpr std::size_t rows_when_stopped = 256;
  Predictions scores;
  if (result.out_of_bag != nullptr) {
    scores = *result.out_of_bag;
  } else if (context.stop.stop_requested()) {
    scores = Predictions(std::min(train.rows(), rows_when_stopped), 1);
    result.model->predict_aligned(train.features().part(0, scores.rows()), scores.view(), {});
  } else {
    scores = Predictions(train.rows(), 1);
    result.model->predict_aligned(train.features(), scores.view(), context);
  }
  std::vector<double> residuals(train.rows(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < scores.rows(); ++i) residuals[i] = train.value(i) - scores.values[i];
  return residual_groups(residuals, counts);
}

TargetMethod method_of(const std::string& name) {
  const auto& names = target_method_names();
  return static_cast<TargetMethod>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

TransformedTarget::TransformedTarget() : regressor_(std::make_shared<const Ridge>()) {}

TransformedTarget::TransformedTarget(Maker maker) : TransformedTarget() { maker_ = std::move(maker); }

TransformedTarget::TransformedTarget(std::shared_ptr<const Estimator> regressor, TransformedTargetParameters parameters)
    : Learner(std::move(parameters)), regressor_(std::move(regressor)) {
  parameters_.estimator = regressor_->structure();
}

EstimatorTraits TransformedTarget::traits() const {
  EstimatorTraits all = regressor_ != nullptr ? regressor_->traits() : EstimatorTraits{};
  all.tasks = {Task::regression};
  all.several_outputs = all.resumes = false;
  all.row_order_tolerance *= 10;  // the way back is steeper than the way there
  return all;
}

OutputSpec TransformedTarget::output_spec(const Target& target) const {
  return regressor_ != nullptr ? regressor_->output_spec(target) : output_of(target);
}

CostEstimate TransformedTarget::cost(const DataShape& shape) const {
  CostEstimate cost = regressor_ != nullptr ? regressor_->cost(shape) : CostEstimate{};
  const auto rows = static_cast<double>(shape.rows);
  cost.operations += 2000 * rows;
  cost.bytes += 48 * rows;
  return cost;
}

std::unique_ptr<Estimator> TransformedTarget::with_parameters(const Object& values) const {
  constexpr std::string_view prefix = "estimator.";
  Object own, inner;
  for (const auto& [key, value] : values.entries()) {
    if (key.starts_with(prefix)) inner.append(key.substr(prefix.size()), value);
    else own.append(key, value);
  }
  auto copy = std::make_unique<TransformedTarget>(*this);
  assign_parameters(copy->parameters_, own, registered_name);
  const Value& given = copy->parameters_.estimator;
  if (own.contains("estimator")) {
    if (given.is_null()) copy->regressor_ = std::make_shared<const Ridge>();
    else if (given.is_object() && given.object().contains("type") && maker_) copy->regressor_ = maker_(given);
    else copy->regressor_ = nullptr;
  }
  if (!inner.entries().empty()) {
    if (copy->regressor_ == nullptr) copy->refuse_regressor();
    copy->regressor_ = copy->regressor_->with_parameters(inner);
    copy->parameters_.estimator = copy->regressor_->structure();
  }
  return copy;
}

void TransformedTarget::refuse_regressor() const {
  throw Error("parameter.wrong_type", std::string(registered_name) + ".estimator", "it describes no learner",
              "give {\"type\": \"ridge\", \"parameters\": {}}, or what structure() of a learner gives");
}

std::string TransformedTarget::describe(int indent) const {
  const std::string start(static_cast<std::size_t>(indent), ' ');
  return start + "transformed_target: " + parameters_.method + "\n" +
         (regressor_ != nullptr ? regressor_->describe(indent + 2) : start + "  (no learner)\n");
}

FitResult TransformedTarget::fit_checked(const FitInput& input, const RunContext& context) const {
  if (regressor_ == nullptr) refuse_regressor();
  const std::vector<double> counts = row_counts(input.train);
  TargetCurve curve = fit_curve(input.train, counts, method_of(parameters_.method), context.stop);
  FitInput inner{.train = with_curve(input.train, curve),
                 .stop_at_round = input.stop_at_round,
                 .cut_at_round = input.cut_at_round};
  std::optional<DatasetView> validation;
  if (input.validation != nullptr) inner.validation = &validation.emplace(with_curve(*input.validation, curve));
  FitResult result = regressor_->fit(inner, context);
  if (result.model == nullptr) return result;
  const bool smeared = parameters_.smearing && result.model->output_spec().width == 1;
  std::vector<ResidualGroup> residuals =
      smeared ? smear(inner.train, counts, result, context) : std::vector<ResidualGroup>{{}};
  result.report.details["target_method"] = parameters_.method;
  if (curve.method == TargetMethod::yeo_johnson) result.report.details["target_power"] = curve.power;
  auto model =
      std::make_unique<TransformedTargetModel>(std::move(result.model), std::move(curve), std::move(residuals));
  for (auto& checkpoint : result.report.checkpoints) model->transform_back(checkpoint.second.values);
  if (result.out_of_bag != nullptr && !model->transform_back(result.out_of_bag->values, context.stop))
    result.out_of_bag = nullptr;
  result.model = std::move(model);
  return result;
}

}  // namespace automill
