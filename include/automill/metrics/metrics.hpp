#pragma once
// The built-in metrics, by name. Definitions are scikit-learn's (1.9) with sample weights, ties and clipping; names are
// its scorer names without "neg_", and the common names of other libraries are understood too.
//
//   const automill::Metric& auc = automill::metric_by_name("roc_auc");       // "auc" and "ROC-AUC" find it as well
//   const std::vector<std::int32_t> truth{0, 1, 1};
//   const std::vector<double> probabilities{0.9, 0.1, 0.4, 0.6, 0.8, 0.2};   // rows x 2, in the order of the classes
//   automill::MetricInput in;
//   in.task = automill::Task::binary;
//   in.labels = truth;
//   in.predictions = probabilities;
//   in.width = 2;
//   double value = auc.compute(in);                                          // 1: both positives outrank the negative
//
// Common rules
//   - All classes are known: class indices run from 0 to width - 1, as if scikit-learn were told `labels`. Averages of
//     precision, recall, f1 and jaccard take the classes that occur in the truth or the predictions, as its scorers do.
//   - Labels are the most probable class (the first of equals); for binary tasks the positive class from `threshold`
//   on.
//   - Binary metrics read the column of the positive class alone, as scikit-learn's scorers do.
//   - NaN means "not defined": no rows, no weight, an input that is not finite, a negative weight, a value outside the
//     domain of the metric, one class only where two are needed. What scikit-learn defines as 0 or 1 is 0 or 1 here.
//   - A wrong shape, a label outside the classes or a task the metric is not made for is an Error, not a NaN.
//   - Sums are compensated, so a value is good to about 1e-14; n rows cost O(n), ranking metrics O(n log n), and
//     the kappas O(classes^2) on top.
//
// Where there is more than scikit-learn has
//   - cohen_kappa and quadratic_kappa: the distance of two classes is the difference of their indices.
//   - expected_calibration_error: 15 bins of equal width over the probability of the most probable class, bin b holding
//     ((b - 1) / 15, b / 15]; the sum over bins of |weighted hits - weighted probabilities| over the total weight
//     (Guo et al. 2017, equation 3).
//   - roc_auc_ovo and roc_auc_ovo_weighted take weights (scikit-learn refuses them): a row of weight 2 counts as two.
//   - max_error leaves out rows of weight 0; d2_log_loss_score and d2_brier_score are NaN when only one class occurs.
//   - Probabilities outside [0, 1] by no more than 1.5e-8 (rounding) are clipped; others give NaN.

#include <automill/core/metric.hpp>
#include <automill/core/task.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace automill {

/// Every built-in metric, in the order in which they are listed to users. Made once; safe from any thread.
const std::vector<Metric>& builtin_metrics();

/// Other names that are understood, with the canonical name of each: {"auc", "roc_auc"}.
const std::vector<std::pair<std::string, std::string>>& metric_aliases();

/// The metric with this name or alias. Upper and lower case are equal, as are '-', ' ' and '_'; a leading "neg_" is
/// allowed where lower is better. Throws Error "metric.unknown" with the nearest name.
const Metric& metric_by_name(std::string_view name);

/// What is optimised when nothing is said: roc_auc (binary), log_loss (multiclass), rmse (regression).
const Metric& default_metric(Task task);

/// Mean quantile loss: predictions are meant as the quantile `alpha` of the target, 0 <= alpha <= 1. Half the mean
/// absolute error for alpha = 0.5, which is the built-in "pinball". Throws Error "metric.alpha".
Metric pinball_metric(double alpha);

}  // namespace automill
