#include <automill/core/error.hpp>
#include <automill/core/nearest_name.hpp>
#include <automill/metrics/metrics.hpp>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace automill {
namespace {

/// Lower case, with '_' for '-' and ' '.
std::string normalized(std::string_view name) {
  std::string result;
  for (char letter : name) {
    const bool separator = letter == '-' || letter == ' ';
    result += separator ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return result;
}

const Metric* metric_with_name(const std::string& name) {
  for (const Metric& metric : builtin_metrics()) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

const Metric* metric_with_name_or_alias(const std::string& name) {
  for (const auto& [alias, canonical] : metric_aliases()) {
    if (alias == name) return metric_with_name(canonical);
  }
  return metric_with_name(name);
}

/// scikit-learn's "neg_" turns a loss into a score; here a loss stays one.
const Metric* loss_without_prefix(const std::string& name) {
  constexpr std::string_view prefix = "neg_";
  if (!name.starts_with(prefix)) return nullptr;
  const Metric* metric = metric_with_name_or_alias(name.substr(prefix.size()));
  return metric != nullptr && !metric->higher_is_better() ? metric : nullptr;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const Metric& metric : builtin_metrics()) names.push_back(metric.name);
  for (const auto& alias : metric_aliases()) names.push_back(alias.first);
  return names;
}

}  // namespace

// The names of scikit-learn's functions and long scorer names, AutoGluon, FLAML, H2O, LightGBM, XGBoost and CatBoost,
// where they mean the same number.
const std::vector<std::pair<std::string, std::string>>& metric_aliases() {
  static const std::vector<std::pair<std::string, std::string>> aliases{
      {"acc", "accuracy"},
      {"accuracy_score", "accuracy"},
      {"auc", "roc_auc"},
      {"auroc", "roc_auc"},
      {"roc_auc_score", "roc_auc"},
      {"roc_auc_ovr_macro", "roc_auc_ovr"},
      {"roc_auc_ovo_macro", "roc_auc_ovo"},
      {"ap", "average_precision"},
      {"average_precision_score", "average_precision"},
      {"balanced_accuracy_score", "balanced_accuracy"},
      {"bacc", "balanced_accuracy"},
      {"balancedaccuracy", "balanced_accuracy"},
      {"top_k_accuracy_score", "top_k_accuracy"},
      {"logloss", "log_loss"},
      {"binary_logloss", "log_loss"},
      {"multi_logloss", "log_loss"},
      {"mlogloss", "log_loss"},
      {"cross_entropy", "log_loss"},
      {"crossentropy", "log_loss"},
      {"nll", "log_loss"},
      {"brier", "brier_score"},
      {"brier_score_loss", "brier_score"},
      {"brierscore", "brier_score"},
      {"ece", "expected_calibration_error"},
      {"f1_score", "f1"},
      {"micro_f1", "f1_micro"},
      {"macro_f1", "f1_macro"},
      {"weighted_f1", "f1_weighted"},
      {"precision_score", "precision"},
      {"recall_score", "recall"},
      {"jaccard_score", "jaccard"},
      {"mcc", "matthews_corrcoef"},
      {"kappa", "cohen_kappa"},
      {"cohen_kappa_score", "cohen_kappa"},
      {"qwk", "quadratic_kappa"},
      {"quadratic_weighted_kappa", "quadratic_kappa"},
      {"r2_score", "r2"},
      {"explained_variance_score", "explained_variance"},
      {"l1", "mae"},
      {"mean_absolute_error", "mae"},
      {"l2", "mse"},
      {"mean_squared_error", "mse"},
      {"l2_root", "rmse"},
      {"root_mean_squared_error", "rmse"},
      {"mean_squared_log_error", "msle"},
      {"mean_squared_logarithmic_error", "msle"},
      {"root_mean_squared_log_error", "rmsle"},
      {"root_mean_squared_logarithmic_error", "rmsle"},
      {"mean_absolute_percentage_error", "mape"},
      {"medae", "median_absolute_error"},
      {"medianae", "median_absolute_error"},
      {"maxerror", "max_error"},
      {"d2_absolute_error", "d2_absolute_error_score"},
      {"d2_log_loss", "d2_log_loss_score"},
      {"d2_brier", "d2_brier_score"},
      {"poisson_deviance", "mean_poisson_deviance"},
      {"gamma_deviance", "mean_gamma_deviance"},
      {"pinball_loss", "pinball"},
      {"mean_pinball_loss", "pinball"},
  };
  return aliases;
}

const Metric& metric_by_name(std::string_view name) {
  const std::string wanted = normalized(name);
  if (const Metric* metric = metric_with_name_or_alias(wanted)) return *metric;
  if (const Metric* metric = loss_without_prefix(wanted)) return *metric;
  throw Error("metric.unknown", "metric", "'" + std::string(name) + "' is not a metric",
              name_hint(wanted, all_names()));
}

const Metric& default_metric(Task task) {
  switch (task) {
    case Task::binary:
      return metric_by_name("roc_auc");
    case Task::multiclass:
      return metric_by_name("log_loss");
    case Task::regression:
      break;
  }
  return metric_by_name("rmse");
}

}  // namespace automill
