#include <automill/core/error.hpp>
#include <automill/metrics/metrics.hpp>
#include <charconv>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "input_check.hpp"
#include "labels.hpp"
#include "probabilities.hpp"
#include "ranking.hpp"
#include "regression.hpp"

namespace automill {
namespace {

using namespace metric_bodies;
using Body = std::function<double(const MetricInput&)>;

constexpr Direction lower = Direction::lower_is_better;
constexpr Direction higher = Direction::higher_is_better;

Metric checked_metric(std::string name, Body body, Direction direction, MetricNeeds needs, std::vector<Task> tasks,
                      std::string description) {
  Body checked = [name, tasks, body = std::move(body)](const MetricInput& in) {
    check_input(name, tasks, in);
    return is_defined(in) ? body(in) : std::numeric_limits<double>::quiet_NaN();
  };
  return {std::move(name), std::move(checked), direction, needs, std::move(tasks), std::move(description)};
}

Metric of_binary(std::string name, Body body, Direction direction, MetricNeeds needs, std::string description) {
  return checked_metric(std::move(name), std::move(body), direction, needs, {Task::binary}, std::move(description));
}

Metric of_classes(std::string name, Body body, Direction direction, MetricNeeds needs, std::string description) {
  return checked_metric(std::move(name), std::move(body), direction, needs, {Task::binary, Task::multiclass},
                        std::move(description));
}

Metric of_numbers(std::string name, Body body, Direction direction, std::string description) {
  return checked_metric(std::move(name), std::move(body), direction, MetricNeeds::values, {Task::regression},
                        std::move(description));
}

void add_ranking_metrics(std::vector<Metric>& all) {
  constexpr MetricNeeds needs = MetricNeeds::probabilities;
  const auto rest = [](AucAverage average) {
    return [=](const auto& in) { return roc_auc_one_versus_rest(in, average); };
  };
  const auto pairs = [](AucAverage average) {
    return [=](const auto& in) { return roc_auc_one_versus_one(in, average); };
  };
  all.push_back(of_binary("roc_auc", roc_auc, higher, needs,
                          "Probability that a positive row is ranked above a negative one, ties counting half."));
  all.push_back(of_classes("roc_auc_ovr", rest(AucAverage::macro), higher, needs,
                           "Mean over classes of the area under the ROC curve of the class against the rest."));
  all.push_back(of_classes("roc_auc_ovr_weighted", rest(AucAverage::weighted), higher, needs,
                           "roc_auc_ovr with classes weighted by how often they occur."));
  all.push_back(of_classes("roc_auc_ovo", pairs(AucAverage::macro), higher, needs,
                           "Mean over pairs of classes of the area under the ROC curve within the pair."));
  all.push_back(of_classes("roc_auc_ovo_weighted", pairs(AucAverage::weighted), higher, needs,
                           "roc_auc_ovo with pairs weighted by how often they occur."));
  all.push_back(of_classes("average_precision", average_precision, higher, needs,
                           "Step-wise area under precision over recall; multiclass: the mean over classes."));
  all.push_back(of_classes(
      "top_k_accuracy", [](const auto& in) { return top_k_accuracy(in, 2); }, higher, needs,
      "Share of rows whose class is among the two most probable."));
}

void add_probability_metrics(std::vector<Metric>& all) {
  constexpr MetricNeeds needs = MetricNeeds::probabilities;
  all.push_back(of_classes("log_loss", log_loss, lower, needs,
                           "Mean of minus the logarithm of the probability given to the true class."));
  all.push_back(of_classes("brier_score", brier_score, lower, needs,
                           "Mean squared error of the probabilities; halved for two classes."));
  all.push_back(of_classes("d2_log_loss_score", d2_log_loss_score, higher, needs,
                           "Share of the log loss of always predicting the class shares that is avoided."));
  all.push_back(of_classes("d2_brier_score", d2_brier_score, higher, needs,
                           "Share of the Brier score of always predicting the class shares that is avoided."));
  all.push_back(of_classes("expected_calibration_error", expected_calibration_error, lower, needs,
                           "Mean gap between confidence and accuracy over 15 bins of equal width."));
}

void add_label_metrics(std::vector<Metric>& all) {
  constexpr MetricNeeds needs = MetricNeeds::labels;
  all.push_back(of_classes("accuracy", accuracy, higher, needs, "Share of rows predicted right."));
  all.push_back(of_classes("balanced_accuracy", balanced_accuracy, higher, needs,
                           "Mean over the true classes of the share of their rows predicted right."));
  all.push_back(of_classes("matthews_corrcoef", matthews_corrcoef, higher, needs,
                           "Correlation of true and predicted classes, from -1 to 1."));
  all.push_back(
      of_classes("cohen_kappa", cohen_kappa, higher, needs, "Agreement of true and predicted classes beyond chance."));
  all.push_back(of_classes("quadratic_kappa", quadratic_kappa, higher, needs,
                           "cohen_kappa of ordered classes: mistakes count by the square of their distance."));
  all.push_back(of_binary("positive_likelihood_ratio", positive_likelihood_ratio, higher, needs,
                          "True positive rate over false positive rate."));
  all.push_back(of_binary("negative_likelihood_ratio", negative_likelihood_ratio, lower, needs,
                          "False negative rate over true negative rate."));
}

void add_set_score(std::vector<Metric>& all, const std::string& name, SetScore score, const std::string& meaning) {
  constexpr MetricNeeds needs = MetricNeeds::labels;
  const auto body = [=](Average average) { return [=](const auto& in) { return set_score(in, score, average); }; };
  all.push_back(of_binary(name, body(Average::positive), higher, needs, meaning + " for the positive class."));
  all.push_back(
      of_classes(name + "_micro", body(Average::micro), higher, needs, meaning + " over all rows and classes."));
  all.push_back(of_classes(name + "_macro", body(Average::macro), higher, needs, meaning + ", mean over classes."));
  all.push_back(of_classes(name + "_weighted", body(Average::weighted), higher, needs,
                           meaning + ", mean over classes weighted by how often they occur."));
}

void add_set_scores(std::vector<Metric>& all) {
  add_set_score(all, "precision", SetScore::precision, "Share of the rows predicted as a class that belong to it");
  add_set_score(all, "recall", SetScore::recall, "Share of the rows of a class that are predicted as it");
  add_set_score(all, "f1", SetScore::f1, "Harmonic mean of precision and recall");
  add_set_score(all, "jaccard", SetScore::jaccard,
                "Rows rightly predicted as a class over rows that are or are called so");
}

void add_error_metrics(std::vector<Metric>& all) {
  all.push_back(of_numbers("rmse", root_mean_squared_error, lower, "Root of the mean squared error."));
  all.push_back(of_numbers("mse", mean_squared_error, lower, "Mean squared error."));
  all.push_back(of_numbers("mae", mean_absolute_error, lower, "Mean absolute error."));
  all.push_back(of_numbers("median_absolute_error", median_absolute_error, lower, "Median absolute error."));
  all.push_back(of_numbers("max_error", max_error, lower, "Largest absolute error."));
  all.push_back(of_numbers("mape", mean_absolute_percentage_error, lower,
                           "Mean absolute error relative to the true value (0.1 is 10 %)."));
  all.push_back(of_numbers("msle", mean_squared_log_error, lower, "Mean squared error of log(1 + value)."));
  all.push_back(
      of_numbers("rmsle", root_mean_squared_log_error, lower, "Root of the mean squared error of log(1 + value)."));
}

void add_deviance_metrics(std::vector<Metric>& all) {
  all.push_back(of_numbers("r2", r2, higher, "Share of the variation of the target that is explained."));
  all.push_back(of_numbers("explained_variance", explained_variance, higher,
                           "Share of the variance of the target that is explained, a constant offset being forgiven."));
  all.push_back(of_numbers("d2_absolute_error_score", d2_absolute_error_score, higher,
                           "Share of the absolute error of always predicting the median that is avoided."));
  all.push_back(of_numbers("mean_poisson_deviance", mean_poisson_deviance, lower,
                           "Mean deviance of counts; predictions are above 0."));
  all.push_back(of_numbers("mean_gamma_deviance", mean_gamma_deviance, lower,
                           "Mean deviance of positive amounts; truth and predictions are above 0."));
  all.push_back(of_numbers(
      "pinball", [](const auto& in) { return mean_pinball_loss(in, 0.5); }, lower,
      "Mean quantile loss of the median: half the mean absolute error."));
}

std::vector<Metric> make_builtin_metrics() {
  std::vector<Metric> all;
  add_ranking_metrics(all);
  add_probability_metrics(all);
  add_label_metrics(all);
  add_set_scores(all);
  add_error_metrics(all);
  add_deviance_metrics(all);
  return all;
}

std::string shortest_text(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

}  // namespace

const std::vector<Metric>& builtin_metrics() {
  static const std::vector<Metric> metrics = make_builtin_metrics();
  return metrics;
}

Metric pinball_metric(double alpha) {
  if (!(alpha >= 0.0 && alpha <= 1.0)) {
    throw Error("metric.alpha", "pinball", shortest_text(alpha) + " is not a quantile: alpha is from 0 to 1");
  }
  return of_numbers(
      "pinball_" + shortest_text(alpha), [=](const auto& in) { return mean_pinball_loss(in, alpha); }, lower,
      "Mean quantile loss of the quantile " + shortest_text(alpha) + ".");
}

}  // namespace automill
