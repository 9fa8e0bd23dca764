// The metrics against recorded values of scikit-learn (make_reference.py), closed forms, brute force and invariants.

#include <gtest/gtest.h>

#include <algorithm>
#include <automill/core/error.hpp>
#include <automill/metrics/metrics.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace automill {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Truth and predictions that own their memory.
struct Sample {
  Task task = Task::regression;
  std::size_t width = 1, positive = 1;
  double threshold = 0.5;
  std::vector<double> values{};
  std::vector<std::int32_t> labels{};
  std::vector<double> predictions{}, weights{};

  MetricInput input() const {
    return {.task = task,
            .values = values,
            .labels = labels,
            .predictions = predictions,
            .width = width,
            .weights = weights,
            .positive = positive,
            .threshold = threshold};
  }
  std::size_t rows() const { return predictions.size() / width; }
  /// The given rows, in the given order; a row may occur several times.
  Sample take(const std::vector<std::size_t>& rows) const {
    Sample taken{.task = task, .width = width, .positive = positive, .threshold = threshold};
    for (std::size_t row : rows) {
      if (!values.empty()) taken.values.push_back(values[row]);
      if (!labels.empty()) taken.labels.push_back(labels[row]);
      if (!weights.empty()) taken.weights.push_back(weights[row]);
      const auto first = predictions.begin() + static_cast<std::ptrdiff_t>(row * width);
      taken.predictions.insert(taken.predictions.end(), first, first + static_cast<std::ptrdiff_t>(width));
    }
    return taken;
  }
};

double score(const std::string& name, const Sample& sample) { return metric_by_name(name).compute(sample.input()); }

Sample binary(std::vector<std::int32_t> labels, const std::vector<double>& positive, std::vector<double> weights = {}) {
  Sample sample{.task = Task::binary, .width = 2, .labels = std::move(labels), .weights = std::move(weights)};
  for (double p : positive) sample.predictions.insert(sample.predictions.end(), {1.0 - p, p});
  return sample;
}

Sample regression(std::vector<double> truth, std::vector<double> predictions, std::vector<double> weights = {}) {
  return {.values = std::move(truth), .predictions = std::move(predictions), .weights = std::move(weights)};
}

Sample multiclass(std::size_t width, std::vector<std::int32_t> labels, std::vector<double> predictions) {
  return {.task = Task::multiclass, .width = width, .labels = std::move(labels), .predictions = std::move(predictions)};
}

/// A sample in which every class occurs and every metric of the task is defined; few distinct scores when `ties`.
Sample random_sample(Task task, std::size_t classes, unsigned seed, bool ties = false) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> uniform(0.05, 1.0);
  Sample sample{.task = task, .width = task == Task::regression ? 1 : classes};
  for (std::size_t row = 0; row < 60; ++row) {
    if (task == Task::regression) {
      sample.values.push_back(5.0 * uniform(engine));
      sample.predictions.push_back(sample.values.back() * (0.5 + uniform(engine)));
      continue;
    }
    sample.labels.push_back(static_cast<std::int32_t>(row < classes ? row : engine() % classes));
    std::vector<double> p(classes);
    for (double& value : p) value = ties ? static_cast<double>(1 + engine() % 2) : uniform(engine);
    p[static_cast<std::size_t>(sample.labels.back())] += ties ? 0.0 : 0.2;
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double value : p) sample.predictions.push_back(value / sum);
  }
  if (task == Task::binary) {
    for (std::size_t row = 0; row < sample.rows(); ++row) {
      sample.predictions[2 * row] = 1.0 - sample.predictions[2 * row + 1];
    }
  }
  return sample;
}

std::vector<Sample> one_sample_a_task(unsigned seed) {
  return {random_sample(Task::binary, 2, seed), random_sample(Task::multiclass, 4, seed),
          random_sample(Task::regression, 1, seed)};
}

/// Equal within 1e-12 of the larger, or of 1e-3 for values near zero, which differences of larger numbers leave.
testing::AssertionResult near(double actual, double expected) {
  if (std::isnan(actual) && std::isnan(expected)) return testing::AssertionSuccess();
  if (actual == expected) return testing::AssertionSuccess();
  if (std::abs(actual - expected) <= 1e-12 * std::max(std::abs(expected), 1e-3)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << std::scientific << actual << " is not " << expected << " (off by "
                                     << actual - expected << ")";
}

// --- recorded values --------------------------------------------------------------------------------------------

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<double> numbers(const std::string& text) {
  std::vector<double> result;
  for (const std::string& part : split(text, ';')) result.push_back(std::strtod(part.c_str(), nullptr));
  return result;
}

Task task_with_name(const std::string& name) {
  const auto& names = task_names();
  return static_cast<Task>(std::find(names.begin(), names.end(), name) - names.begin());
}

struct Expected {
  std::string sample, metric;
  double value;
};

struct Reference {
  std::map<std::string, Sample> samples;
  std::vector<Expected> values;
  std::vector<std::string> scorer_names;
};

Sample sample_from(const std::vector<std::string>& fields) {
  Sample sample{.task = task_with_name(fields[2]),
                .width = std::stoul(fields[3]),
                .positive = std::stoul(fields[4]),
                .threshold = std::stod(fields[5])};
  const std::vector<double> truth = numbers(fields[6]);
  if (sample.task == Task::regression) sample.values = truth;
  else sample.labels.assign(truth.begin(), truth.end());
  sample.predictions = numbers(fields[7]);
  if (fields.size() > 8) sample.weights = numbers(fields[8]);
  return sample;
}

const Reference& reference() {
  static const Reference loaded = [] {
    Reference result;
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/metrics/reference_metrics.csv");
    for (std::string line; std::getline(file, line);) {
      const std::vector<std::string> fields = split(line, ',');
      if (fields[0] == "case") result.samples[fields[1]] = sample_from(fields);
      if (fields[0] == "value")
        result.values.push_back({fields[1], fields[2], std::strtod(fields[3].c_str(), nullptr)});
      if (fields[0] == "scorer") result.scorer_names.push_back(fields[1]);
    }
    return result;
  }();
  return loaded;
}

Metric metric_of_reference(const std::string& name) {
  if (name.rfind("pinball_", 0) == 0) return pinball_metric(std::stod(name.substr(8)));
  return metric_by_name(name);
}

TEST(MetricsReference, every_recorded_value_of_scikit_learn) {
  EXPECT_GE(reference().samples.size(), 60u);
  EXPECT_GE(reference().values.size(), 1600u);
  for (const Expected& expected : reference().values) {
    const Metric metric = metric_of_reference(expected.metric);
    EXPECT_EQ(metric.name, expected.metric);
    const double actual = metric.compute(reference().samples.at(expected.sample).input());
    // Relative to the value; the floor of 1e-15 is for differences of numbers near one (r2 = 1 - a / b).
    const bool both_nan = std::isnan(actual) && std::isnan(expected.value);
    const double allowed = 1e-12 * std::abs(expected.value) + (std::abs(expected.value) < 1e-100 ? 0.0 : 1e-15);
    EXPECT_TRUE(both_nan || actual == expected.value || std::abs(actual - expected.value) <= allowed)
        << expected.metric << " of " << expected.sample << ": " << testing::PrintToString(actual) << " is not "
        << testing::PrintToString(expected.value);
  }
}

TEST(MetricsReference, covers_every_metric_and_task) {
  std::set<std::string> covered;
  for (const Expected& expected : reference().values) {
    if (std::isnan(expected.value)) continue;
    covered.insert(expected.metric + " " + task_name(reference().samples.at(expected.sample).task));
  }
  for (const Metric& metric : builtin_metrics()) {
    for (Task task : metric.tasks) EXPECT_TRUE(covered.contains(metric.name + " " + task_name(task))) << metric.name;
  }
}

TEST(MetricsReference, every_scorer_name_is_known) {
  const std::set<std::string> clustering{"adjusted_mutual_info_score",
                                         "adjusted_rand_score",
                                         "completeness_score",
                                         "fowlkes_mallows_score",
                                         "homogeneity_score",
                                         "mutual_info_score",
                                         "rand_score",
                                         "v_measure_score",
                                         "normalized_mutual_info_score",
                                         "f1_samples",
                                         "jaccard_samples",
                                         "precision_samples",
                                         "recall_samples"};
  EXPECT_GE(reference().scorer_names.size(), 58u);
  for (const std::string& name : reference().scorer_names) {
    if (clustering.contains(name)) EXPECT_THROW(metric_by_name(name), Error) << name;
    else EXPECT_NO_THROW(metric_by_name(name)) << name;
  }
}

// --- names ------------------------------------------------------------------------------------------------------

TEST(MetricNames, are_unique_and_described) {
  std::set<std::string> names;
  for (const Metric& metric : builtin_metrics()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_EQ(&metric_by_name(metric.name), &metric);
    EXPECT_FALSE(metric.tasks.empty()) << metric.name;
    ASSERT_FALSE(metric.description.empty()) << metric.name;
    EXPECT_EQ(metric.description.back(), '.') << metric.name;
    EXPECT_EQ(metric.needs == MetricNeeds::values, metric.supports(Task::regression)) << metric.name;
  }
  EXPECT_EQ(names.size(), 49u);
}

TEST(MetricNames, aliases_lead_to_canonical_names) {
  std::set<std::string> seen;
  for (const Metric& metric : builtin_metrics()) seen.insert(metric.name);
  for (const auto& [alias, canonical] : metric_aliases()) {
    EXPECT_TRUE(seen.insert(alias).second) << alias << " is there twice";
    EXPECT_EQ(metric_by_name(alias).name, canonical);
  }
}

TEST(MetricNames, are_found_in_other_spellings) {
  const std::map<std::string, std::string> spellings{{"AUC", "roc_auc"},
                                                     {"ROC-AUC", "roc_auc"},
                                                     {"Log Loss", "log_loss"},
                                                     {"RMSE", "rmse"},
                                                     {"acc", "accuracy"},
                                                     {"neg_log_loss", "log_loss"},
                                                     {"neg_brier_score", "brier_score"},
                                                     {"neg_root_mean_squared_error", "rmse"},
                                                     {"neg_mean_absolute_percentage_error", "mape"},
                                                     {"neg_negative_likelihood_ratio", "negative_likelihood_ratio"}};
  for (const auto& [spelling, name] : spellings) EXPECT_EQ(metric_by_name(spelling).name, name);
}

TEST(MetricNames, only_losses_may_be_negated) {
  EXPECT_THROW(metric_by_name("neg_accuracy"), Error);
  EXPECT_THROW(metric_by_name("neg_r2"), Error);
  EXPECT_THROW(metric_by_name("neg_neg_mae"), Error);
  EXPECT_THROW(metric_by_name("neg_"), Error);
}

TEST(MetricNames, unknown_names_get_the_nearest) {
  try {
    metric_by_name("acuracy");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "metric.unknown");
    EXPECT_EQ(error.place(), "metric");
    EXPECT_EQ(error.hint(), "did you mean 'accuracy'?");
    EXPECT_NE(std::string(error.what()).find("'acuracy'"), std::string::npos);
  }
}

TEST(MetricNames, defaults) {
  EXPECT_EQ(default_metric(Task::binary).name, "roc_auc");
  EXPECT_EQ(default_metric(Task::multiclass).name, "log_loss");
  EXPECT_EQ(default_metric(Task::regression).name, "rmse");
  for (Task task : {Task::binary, Task::multiclass, Task::regression}) EXPECT_TRUE(default_metric(task).supports(task));
}

TEST(MetricNames, binary_only_where_scikit_learn_refuses_more_classes) {
  std::set<std::string> binary_only;
  for (const Metric& metric : builtin_metrics()) {
    if (metric.supports(Task::binary) && !metric.supports(Task::multiclass)) binary_only.insert(metric.name);
  }
  EXPECT_EQ(binary_only, (std::set<std::string>{"roc_auc", "precision", "recall", "f1", "jaccard",
                                                "positive_likelihood_ratio", "negative_likelihood_ratio"}));
}

TEST(MetricNames, example_of_the_header) {
  const Metric& auc = metric_by_name("roc_auc");
  const std::vector<std::int32_t> truth{0, 1, 1};
  const std::vector<double> probabilities{0.9, 0.1, 0.4, 0.6, 0.8, 0.2};
  MetricInput in;
  in.task = Task::binary;
  in.labels = truth;
  in.predictions = probabilities;
  in.width = 2;
  EXPECT_EQ(auc.compute(in), 1.0);
}

// --- closed forms and brute force -------------------------------------------------------------------------------

TEST(RankingMetrics, auc_by_hand) {
  EXPECT_EQ(score("roc_auc", binary({0, 0, 1, 1}, {0.1, 0.4, 0.35, 0.8})), 0.75);
  EXPECT_EQ(score("roc_auc", binary({0, 1, 0, 1}, {0.5, 0.5, 0.5, 0.5})), 0.5);
  // Pairs: 2 x 1 won, 2 x 3 tied: (2 + 3) / 8.
  EXPECT_EQ(score("roc_auc", binary({1, 0, 0}, {0.5, 0.2, 0.5}, {2, 1, 3})), 5.0 / 8.0);
}

double auc_over_all_pairs(const Sample& sample, std::size_t positive) {
  double won = 0.0, pairs = 0.0;
  for (std::size_t a = 0; a < sample.rows(); ++a) {
    for (std::size_t b = 0; b < sample.rows(); ++b) {
      if (static_cast<std::size_t>(sample.labels[a]) != positive) continue;
      if (static_cast<std::size_t>(sample.labels[b]) == positive) continue;
      const double difference =
          sample.predictions[a * sample.width + positive] - sample.predictions[b * sample.width + positive];
      won += difference > 0 ? 1.0 : difference == 0 ? 0.5 : 0.0;
      pairs += 1.0;
    }
  }
  return won / pairs;
}

TEST(RankingMetrics, auc_is_the_share_of_pairs_won) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Sample sample = random_sample(Task::binary, 2, seed, seed % 2 == 1);
    EXPECT_TRUE(near(score("roc_auc", sample), auc_over_all_pairs(sample, 1)));
    const Sample classes = random_sample(Task::multiclass, 5, seed, seed % 2 == 1);
    double sum = 0.0;
    for (std::size_t label = 0; label < 5; ++label) sum += auc_over_all_pairs(classes, label);
    EXPECT_TRUE(near(score("roc_auc_ovr", classes), sum / 5));
  }
}

TEST(RankingMetrics, average_precision_by_hand) {
  // Ranks of the positives: 1 and 3, so the mean of 1/1 and 2/3.
  EXPECT_TRUE(near(score("average_precision", binary({1, 0, 1, 0}, {0.9, 0.8, 0.7, 0.1})), 5.0 / 6.0));
  // All tied: precision is the share of positives.
  EXPECT_TRUE(near(score("average_precision", binary({1, 0, 0, 0}, {0.3, 0.3, 0.3, 0.3})), 0.25));
}

TEST(RankingMetrics, top_k_by_hand) {
  EXPECT_EQ(score("top_k_accuracy", multiclass(3, {0, 0}, {0.2, 0.3, 0.5, 0.3, 0.2, 0.5})), 0.5);
  // Equal scores: the later classes rank first.
  EXPECT_EQ(score("top_k_accuracy", multiclass(4, {0, 1, 2, 3}, std::vector<double>(16, 0.25))), 0.5);
}

TEST(ProbabilityMetrics, log_loss_by_hand) {
  EXPECT_TRUE(near(score("log_loss", multiclass(5, {0, 3}, std::vector<double>(10, 0.2))), std::log(5.0)));
  EXPECT_TRUE(near(score("log_loss", binary({1}, {0.25})), std::log(4.0)));
  // Certain and wrong: clipped at 2^-52.
  EXPECT_TRUE(near(score("log_loss", binary({1, 1}, {0.0, 0.0})), 52.0 * std::log(2.0)));
  EXPECT_GT(score("log_loss", binary({1}, {1.0})), 0.0);
}

TEST(ProbabilityMetrics, binary_reads_the_positive_column_alone) {
  Sample sample = binary({0, 1}, {0.25, 0.5});
  const double loss = score("log_loss", sample), brier = score("brier_score", sample);
  sample.predictions[0] = 0.125;  // was 0.75
  EXPECT_EQ(score("log_loss", sample), loss);
  EXPECT_EQ(score("brier_score", sample), brier);
}

TEST(ProbabilityMetrics, brier_by_hand) {
  EXPECT_TRUE(near(score("brier_score", binary({1, 0}, {0.75, 0.5})), (0.0625 + 0.25) / 2));
  // (1 - 0.5)^2 + 0.3^2 + 0.2^2, not halved.
  EXPECT_TRUE(near(score("brier_score", multiclass(3, {0}, {0.5, 0.3, 0.2})), 0.38));
}

TEST(ProbabilityMetrics, skill_is_zero_for_the_class_shares_and_one_for_the_truth) {
  const Sample prior = binary({1, 0, 0, 0}, {0.25, 0.25, 0.25, 0.25});
  EXPECT_TRUE(near(score("d2_log_loss_score", prior), 0.0));
  EXPECT_TRUE(near(score("d2_brier_score", prior), 0.0));
  EXPECT_EQ(score("d2_brier_score", binary({1, 0, 0}, {1, 0, 0})), 1.0);
}

TEST(ProbabilityMetrics, calibration_error_by_hand) {
  // One bin (confidence 0.75, half right): gap 0.25. Two bins of opposite gaps do not cancel.
  EXPECT_TRUE(near(score("expected_calibration_error", binary({1, 0}, {0.75, 0.75})), 0.25));
  EXPECT_TRUE(near(score("expected_calibration_error", binary({1, 0}, {0.75, 0.875})), (0.25 + 0.875) / 2));
  EXPECT_EQ(score("expected_calibration_error", binary({1, 0}, {1.0, 0.0})), 0.0);
  // 0.6 = 9 / 15 ends the ninth bin; 0.61 is in the tenth, 0.59 in the ninth.
  EXPECT_TRUE(near(score("expected_calibration_error", binary({1, 0}, {0.6, 0.61})), (0.4 + 0.61) / 2));
  EXPECT_TRUE(near(score("expected_calibration_error", binary({1, 0}, {0.6, 0.59})), std::abs(1 - 1.19) / 2));
}

TEST(ProbabilityMetrics, rounding_is_forgiven_and_nonsense_is_not) {
  const double above = 1.0 + std::numeric_limits<double>::epsilon();
  for (const char* name :
       {"log_loss", "brier_score", "d2_log_loss_score", "d2_brier_score", "expected_calibration_error"}) {
    Sample sample = binary({1, 0, 1}, {1.0, 0.25, 0.5});
    const double clean = score(name, sample);
    sample.predictions[1] = above;
    sample.predictions[0] = -1e-16;
    EXPECT_EQ(score(name, sample), clean) << name;
    sample.predictions[1] = 1.001;
    EXPECT_TRUE(std::isnan(score(name, sample))) << name;
    sample.predictions[1] = -0.001;
    EXPECT_TRUE(std::isnan(score(name, sample))) << name;
  }
}

TEST(LabelMetrics, by_hand) {
  // true positive 2, false negative 1, false positive 1, true negative 4
  const Sample sample = binary({1, 1, 1, 0, 0, 0, 0, 0}, {0.9, 0.5, 0.4, 0.8, 0.1, 0.2, 0.3, 0.49});
  EXPECT_TRUE(near(score("accuracy", sample), 6.0 / 8));
  EXPECT_TRUE(near(score("precision", sample), 2.0 / 3));
  EXPECT_TRUE(near(score("recall", sample), 2.0 / 3));
  EXPECT_TRUE(near(score("f1", sample), 2.0 / 3));
  EXPECT_TRUE(near(score("jaccard", sample), 2.0 / 4));
  EXPECT_TRUE(near(score("balanced_accuracy", sample), (2.0 / 3 + 4.0 / 5) / 2));
  EXPECT_TRUE(near(score("f1_macro", sample), (2.0 / 3 + 4.0 / 5) / 2));
  EXPECT_TRUE(near(score("f1_weighted", sample), (3 * 2.0 / 3 + 5 * 4.0 / 5) / 8));
  EXPECT_TRUE(near(score("matthews_corrcoef", sample), (2.0 * 4 - 1 * 1) / (3.0 * 5)));
  EXPECT_TRUE(near(score("positive_likelihood_ratio", sample), (2.0 / 3) / (1.0 / 5)));
  EXPECT_TRUE(near(score("negative_likelihood_ratio", sample), (1.0 / 3) / (4.0 / 5)));
  // Expected agreement (3 x 3 + 5 x 5) / 64 = 34 / 64.
  EXPECT_TRUE(near(score("cohen_kappa", sample), (6.0 / 8 - 34.0 / 64) / (1 - 34.0 / 64)));
}

TEST(LabelMetrics, threshold_and_positive_class) {
  Sample sample = binary({0, 1}, {0.5, 0.6});
  EXPECT_EQ(score("accuracy", sample), 0.5);  // at the threshold is positive
  sample.threshold = 0.55;
  EXPECT_EQ(score("accuracy", sample), 1.0);
  sample.positive = 0;  // 0.5 of class 0 is below 0.55: everything is class 1
  EXPECT_EQ(score("recall", sample), 0.0);
  EXPECT_EQ(score("accuracy", sample), 0.5);
}

TEST(LabelMetrics, first_of_equal_probabilities) {
  EXPECT_EQ(score("accuracy", multiclass(3, {0, 1}, {0.4, 0.4, 0.2, 0.2, 0.4, 0.4})), 1.0);
}

TEST(LabelMetrics, quadratic_kappa_knows_the_distance) {
  const std::vector<double> near_miss{1, 0, 0, 0, 1, 0, 0, 1, 0}, far_miss{1, 0, 0, 0, 1, 0, 1, 0, 0};
  const std::vector<std::int32_t> truth{0, 1, 2};
  // Observed 1; expected: truth (1,1,1), predicted (1,2,0): (0+1x2+0 + 1+0+0 + 4+1x2+0) / 3 = 3.
  EXPECT_TRUE(near(score("quadratic_kappa", multiclass(3, truth, near_miss)), 1 - 1.0 / 3));
  // Observed 4; expected: predicted (2,1,0): (0+1+0 + 2+0+0 + 8+1+0) / 3 = 4.
  EXPECT_TRUE(near(score("quadratic_kappa", multiclass(3, truth, far_miss)), 0.0));
  EXPECT_TRUE(near(score("cohen_kappa", multiclass(3, truth, near_miss)),
                   score("cohen_kappa", multiclass(3, truth, far_miss))));
}

TEST(RegressionMetrics, by_hand) {
  const Sample sample = regression({1, 2, 3, 6}, {2, 2, 1, 3}, {1, 2, 1, 1});
  EXPECT_TRUE(near(score("mae", sample), 6.0 / 5));
  EXPECT_TRUE(near(score("mse", sample), 14.0 / 5));
  EXPECT_TRUE(near(score("rmse", sample), std::sqrt(14.0 / 5)));
  EXPECT_TRUE(near(score("mape", sample), (1 + 2.0 / 3 + 0.5) / 5));
  EXPECT_TRUE(near(score("max_error", sample), 3.0));
  EXPECT_TRUE(near(score("median_absolute_error", sample), 1.0));  // sorted 0 0 1 2 3
  EXPECT_TRUE(near(score("pinball", sample), 0.6));
  EXPECT_TRUE(near(pinball_metric(0.9).compute(sample.input()), (0.1 * 1 + 0.9 * 5) / 5));
  // Weighted mean 14 / 5; squares around it: 1 + 2 x 4 + 9 + 36 - 5 x 2.8^2.
  EXPECT_TRUE(near(score("r2", sample), 1 - 14.0 / (54 - 39.2)));
  EXPECT_TRUE(near(score("d2_absolute_error_score", sample), 1 - 6.0 / (1 + 1 + 4)));
}

TEST(RegressionMetrics, logarithms_by_hand) {
  const double e = std::exp(1.0);
  EXPECT_TRUE(near(score("msle", regression({e - 1, e * e - 1}, {0, 0})), 2.5));
  EXPECT_TRUE(near(score("rmsle", regression({e - 1, e * e - 1}, {0, 0})), std::sqrt(2.5)));
  EXPECT_TRUE(near(score("mean_poisson_deviance", regression({e, 0}, {1, 3})), (2 * 1 + 2 * 3) / 2.0));
  EXPECT_TRUE(near(score("mean_gamma_deviance", regression({e}, {1})), 2 * (e - 2)));
}

TEST(RegressionMetrics, constant_targets_have_no_variance_whatever_the_rounding) {
  // 0.1 has a rounded mean in most sums; the value of scikit-learn for a variance of zero is 0, or 1 for no error.
  for (std::size_t rows = 2; rows < 40; ++rows) {
    const std::vector<double> truth(rows, 0.1);
    std::vector<double> predictions(rows, 0.2);
    predictions[0] = 0.3;
    EXPECT_EQ(score("r2", regression(truth, predictions)), 0.0);
    EXPECT_EQ(score("explained_variance", regression(truth, predictions)), 0.0);
    EXPECT_EQ(score("r2", regression(truth, truth)), 1.0);
    EXPECT_EQ(score("explained_variance", regression(truth, std::vector<double>(rows, 0.2))), 1.0);
  }
}

TEST(RegressionMetrics, sums_are_compensated) {
  // 2^53 swallows every 1 that is added to it; the exact mean is (2^53 + 1000) / 1001.
  std::vector<double> truth(1001, 1.0);
  truth[0] = 9007199254740992.0;
  EXPECT_DOUBLE_EQ(score("mae", regression(truth, std::vector<double>(1001, 0.0))),
                   (9007199254740992.0 + 1000.0) / 1001.0);
  // 0.1 added a million times is off by 1.3e-6 with a plain loop.
  const std::vector<double> tenths(1000000, 0.1);
  EXPECT_DOUBLE_EQ(score("mae", regression(tenths, std::vector<double>(1000000, 0.0))), 0.1);
}

TEST(RegressionMetrics, rows_without_weight_do_not_make_a_target_vary) {
  EXPECT_EQ(score("r2", regression({0.1, 0.1, 0.1, 7.0}, {0.2, 0.3, 0.2, 7.0}, {1.0, 1.0, 1.0, 0.0})), 0.0);
}

TEST(RegressionMetrics, domains) {
  for (const char* name : {"msle", "rmsle"}) {
    EXPECT_TRUE(std::isnan(score(name, regression({1.0, 2.0}, {1.0, -1.0})))) << name;
    EXPECT_TRUE(std::isnan(score(name, regression({-1.0, 2.0}, {1.0, 1.0})))) << name;
  }
  EXPECT_TRUE(std::isnan(score("mean_poisson_deviance", regression({-1.0, 2.0}, {1.0, 1.0}))));
  EXPECT_TRUE(std::isnan(score("mean_poisson_deviance", regression({1.0, 2.0}, {0.0, 1.0}))));
  EXPECT_TRUE(std::isnan(score("mean_gamma_deviance", regression({0.0, 2.0}, {1.0, 1.0}))));
  EXPECT_TRUE(std::isnan(score("mean_gamma_deviance", regression({1.0, 2.0}, {0.0, 1.0}))));
}

TEST(RegressionMetrics, median_of_almost_no_weight) {
  EXPECT_EQ(score("median_absolute_error", regression({3.0}, {1.0}, {1e-20})), 2.0);
}

TEST(RegressionMetrics, overflow_is_infinite) {
  EXPECT_EQ(score("mse", regression({1e200, 1.0}, {-1e200, 1.0})), infinity);
}

// --- invariants of every metric ---------------------------------------------------------------------------------

template <class Check>
void for_each_metric_and_sample(Check check) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    for (const Sample& sample : one_sample_a_task(seed)) {
      for (const Metric& metric : builtin_metrics()) {
        if (!metric.supports(sample.task)) continue;
        SCOPED_TRACE(metric.name + ", " + task_name(sample.task) + ", seed " + std::to_string(seed));
        check(metric, sample);
      }
    }
  }
}

TEST(MetricInvariants, weights_are_repeated_rows) {
  for_each_metric_and_sample([](const Metric& metric, Sample sample) {
    std::vector<std::size_t> repeated;
    for (std::size_t row = 0; row < sample.rows(); ++row) repeated.insert(repeated.end(), row % 4, row);
    const double expected = metric.compute(sample.take(repeated).input());
    EXPECT_TRUE(std::isfinite(expected));
    for (std::size_t row = 0; row < sample.rows(); ++row) sample.weights.push_back(static_cast<double>(row % 4));
    EXPECT_TRUE(near(metric.compute(sample.input()), expected));
  });
}

TEST(MetricInvariants, weights_matter) {
  std::set<std::string> changed, expected;  // shares and medians may stay in one sample, not in all five
  for_each_metric_and_sample([&](const Metric& metric, Sample sample) {
    if (metric.name == "max_error" || (metric.name == "top_k_accuracy" && sample.task == Task::binary)) return;
    expected.insert(metric.name + " " + task_name(sample.task));
    const double unweighted = metric.compute(sample.input());
    for (std::size_t row = 0; row < sample.rows(); ++row) sample.weights.push_back(row % 3 == 0 ? 4.5 : 0.25);
    const double difference = std::abs(metric.compute(sample.input()) - unweighted);
    if (difference > 1e-6) changed.insert(metric.name + " " + task_name(sample.task));
  });
  EXPECT_EQ(changed, expected);
}

TEST(MetricInvariants, scale_of_the_weights_does_not_matter) {
  for_each_metric_and_sample([](const Metric& metric, Sample sample) {
    for (std::size_t row = 0; row < sample.rows(); ++row) sample.weights.push_back(0.3 + static_cast<double>(row % 7));
    const double expected = metric.compute(sample.input());
    for (double& weight : sample.weights) weight *= 1024.0;
    EXPECT_TRUE(near(metric.compute(sample.input()), expected));
  });
}

TEST(MetricInvariants, order_of_the_rows_does_not_matter) {
  for_each_metric_and_sample([](const Metric& metric, Sample sample) {
    std::vector<std::size_t> order(sample.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), std::mt19937(7));
    for (std::size_t row = 0; row < sample.rows(); ++row) sample.weights.push_back(1.0 + static_cast<double>(row % 5));
    EXPECT_TRUE(near(metric.compute(sample.take(order).input()), metric.compute(sample.input())));
  });
}

/// Class k of the sample becomes class `to[k]`, in truth and predictions.
Sample relabeled(const Sample& sample, const std::vector<std::size_t>& to) {
  Sample result = sample;
  for (std::int32_t& label : result.labels) label = static_cast<std::int32_t>(to[static_cast<std::size_t>(label)]);
  for (std::size_t row = 0; row < sample.rows(); ++row) {
    for (std::size_t label = 0; label < sample.width; ++label) {
      result.predictions[row * sample.width + to[label]] = sample.predictions[row * sample.width + label];
    }
  }
  result.positive = sample.task == Task::binary ? to[sample.positive] : sample.positive;
  return result;
}

TEST(MetricInvariants, names_of_the_classes_do_not_matter) {
  for_each_metric_and_sample([](const Metric& metric, const Sample& sample) {
    if (sample.task == Task::regression) return;
    const std::vector<std::size_t> to =
        sample.task == Task::binary ? std::vector<std::size_t>{1, 0} : std::vector<std::size_t>{2, 0, 3, 1};
    const double before = metric.compute(sample.input());
    const double after = metric.compute(relabeled(sample, to).input());
    if (metric.name == "quadratic_kappa" && sample.task == Task::multiclass) EXPECT_GT(std::abs(after - before), 1e-6);
    else EXPECT_TRUE(near(after, before));
  });
}

TEST(MetricInvariants, ranking_needs_the_order_alone) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    Sample sample = random_sample(Task::binary, 2, seed);
    const double auc = score("roc_auc", sample), precision = score("average_precision", sample);
    for (double& value : sample.predictions) value = std::log(value / (1.0 - value));  // negative and above one
    EXPECT_EQ(score("roc_auc", sample), auc);
    EXPECT_EQ(score("average_precision", sample), precision);
  }
}

Sample with_right_predictions(Sample sample) {
  if (sample.task == Task::regression) sample.predictions = sample.values;
  else std::fill(sample.predictions.begin(), sample.predictions.end(), 0.0);
  for (std::size_t row = 0; row < sample.labels.size(); ++row) {
    sample.predictions[row * sample.width + static_cast<std::size_t>(sample.labels[row])] = 1.0;
  }
  return sample;
}

TEST(MetricInvariants, the_truth_is_never_worse_in_the_stated_direction) {
  for_each_metric_and_sample([](const Metric& metric, const Sample& sample) {
    if (metric.name == "positive_likelihood_ratio") return;  // 1 by scikit-learn's rule where nothing is wrong
    const double best = metric.loss(with_right_predictions(sample).input());
    const double other = metric.loss(sample.input());
    if (metric.name == "top_k_accuracy" && sample.task == Task::binary) EXPECT_EQ(best, other);
    else EXPECT_LT(best, other);
  });
}

// --- where nothing is defined -----------------------------------------------------------------------------------

TEST(MetricsUndefined, no_rows_or_no_weight) {
  for_each_metric_and_sample([](const Metric& metric, Sample sample) {
    EXPECT_TRUE(std::isnan(metric.compute(sample.take({}).input())));
    sample.weights.assign(sample.rows(), 0.0);
    EXPECT_TRUE(std::isnan(metric.compute(sample.input())));
  });
}

TEST(MetricsUndefined, inputs_that_are_no_numbers) {
  for_each_metric_and_sample([](const Metric& metric, const Sample& sample) {
    for (double bad : {infinity, -infinity, not_a_number}) {
      Sample broken = sample;
      broken.predictions[3] = bad;
      EXPECT_TRUE(std::isnan(metric.compute(broken.input())));
      broken = sample;
      broken.weights.assign(sample.rows(), 1.0);
      EXPECT_FALSE(std::isnan(metric.compute(broken.input())));
      broken.weights[2] = bad;
      EXPECT_TRUE(std::isnan(metric.compute(broken.input())));
      broken.weights[2] = -1.0;
      EXPECT_TRUE(std::isnan(metric.compute(broken.input())));
      if (sample.task != Task::regression) continue;
      broken = sample;
      broken.values[1] = bad;
      EXPECT_TRUE(std::isnan(metric.compute(broken.input())));
    }
  });
}

TEST(MetricsUndefined, one_class_only) {
  for (const char* name : {"roc_auc", "roc_auc_ovr", "roc_auc_ovo", "d2_log_loss_score", "d2_brier_score"}) {
    EXPECT_TRUE(std::isnan(score(name, binary({1, 1}, {0.3, 0.6})))) << name;
    EXPECT_TRUE(std::isnan(score(name, binary({0, 1}, {0.3, 0.6}, {0.0, 2.0})))) << name;
  }
  EXPECT_TRUE(near(score("log_loss", binary({1, 1}, {0.5, 0.5})), std::log(2.0)));
  EXPECT_EQ(score("average_precision", binary({1, 1}, {0.3, 0.6})), 1.0);
}

// --- errors -----------------------------------------------------------------------------------------------------

std::string code_of(const std::string& name, const Sample& sample) {
  try {
    score(name, sample);
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

TEST(MetricErrors, shapes) {
  Sample sample = binary({0, 1}, {0.2, 0.7});
  EXPECT_EQ(code_of("roc_auc", sample), "no error");
  sample.weights = {1.0};
  EXPECT_EQ(code_of("roc_auc", sample), "metric.shape");
  sample.weights.clear();
  sample.labels.push_back(1);
  EXPECT_EQ(code_of("roc_auc", sample), "metric.shape");
  sample.labels.pop_back();
  sample.positive = 2;
  EXPECT_EQ(code_of("roc_auc", sample), "metric.shape");
  sample.positive = 1;
  sample.predictions.pop_back();
  EXPECT_EQ(code_of("roc_auc", sample), "metric.shape");
  sample.width = 3;
  EXPECT_EQ(code_of("roc_auc", sample), "metric.shape");
  EXPECT_EQ(code_of("rmse", regression({1.0}, {1.0, 2.0})), "metric.shape");
  EXPECT_EQ(code_of("log_loss", multiclass(0, {}, {})), "metric.shape");
}

TEST(MetricErrors, labels_outside_the_classes) {
  EXPECT_EQ(code_of("accuracy", binary({0, 2}, {0.2, 0.7})), "metric.label");
  EXPECT_EQ(code_of("accuracy", binary({0, -1}, {0.2, 0.7})), "metric.label");
}

TEST(MetricErrors, tasks) {
  EXPECT_EQ(code_of("f1", random_sample(Task::multiclass, 3, 1)), "metric.task");
  EXPECT_EQ(code_of("rmse", random_sample(Task::binary, 2, 1)), "metric.task");
  EXPECT_EQ(code_of("accuracy", random_sample(Task::regression, 1, 1)), "metric.task");
}

TEST(MetricErrors, quantiles) {
  EXPECT_EQ(pinball_metric(0.25).name, "pinball_0.25");
  EXPECT_FALSE(pinball_metric(0.25).higher_is_better());
  for (double alpha : {-0.1, 1.1, not_a_number}) EXPECT_THROW(pinball_metric(alpha), Error);
}

}  // namespace
}  // namespace automill
