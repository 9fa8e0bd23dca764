#include <automill/learners/naive_bayes.hpp>
#include <cmath>

#include "data/bottom_sample.hpp"
#include "learners/number_scale.hpp"
#include "naive_bayes_counts.hpp"

namespace automill {
namespace {

using BayesKind = NaiveBayesColumn::Kind;

constexpr double log_of_two_pi = 1.8378770664093453;

/// A normal distribution of the standardised values in each class. Columns of one value say nothing.
NaiveBayesColumn gaussian_column(const NaiveBayesData& data, std::vector<double> values, double smoothing) {
  const NumberScale scale = number_scale(values, data.weights);
  if (!(scale.scale > 0)) return {};
  const std::size_t classes = data.classes();
  std::vector<double> weights(classes, 0.0), means(classes, 0.0), variances(classes, 0.0);
  const auto each = [&](const auto& visit) {
    for (std::size_t i = 0; i < values.size(); ++i)
      if (data.weights[i] > 0 && !std::isnan(values[i])) visit(data.label(i), values[i], data.weights[i]);
  };
  for (double& value : values) value = scale.standardized(value);
  each([&](std::size_t k, double z, double w) {
    weights[k] += w;
    means[k] += w * z;
  });
  for (std::size_t k = 0; k < classes; ++k) means[k] = weights[k] > 0 ? means[k] / weights[k] : 0.0;
  each([&](std::size_t k, double z, double w) { variances[k] += w * (z - means[k]) * (z - means[k]); });
  NaiveBayesColumn column{.kind = BayesKind::gaussian};
  column.numbers = {scale.center, scale.scale, scale.lower, scale.upper};
  column.terms.resize(3 * classes);
  for (std::size_t k = 0; k < classes; ++k) {
    constexpr double smallest_variance = 1e-30;  // of a class of equal values, without smoothing
    const double within = weights[k] > 0 ? variances[k] / weights[k] : 1.0;  // a class without values: that of all rows
    const double variance = std::max(within + smoothing, smallest_variance);
    column.terms[k] = means[k];
    column.terms[classes + k] = 0.5 / variance;
    column.terms[2 * classes + k] = -0.5 * (log_of_two_pi + math::log(variance));
  }
  return column;
}

/// Log shares of weights (levels x classes) in each class, with Laplace's smoothing.
std::vector<double> log_shares(const std::vector<double>& sums, std::size_t classes, double alpha) {
  const std::size_t levels = sums.size() / classes;
  std::vector<double> totals(classes, alpha * static_cast<double>(levels)), logs(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) totals[i % classes] += sums[i];
  for (double& total : totals) total = math::log(total);
  for (std::size_t i = 0; i < sums.size(); ++i) logs[i] = math::log(sums[i] + alpha) - totals[i % classes];
  return logs;
}

/// Rows from which edges are found: those with the lowest keys.
std::vector<std::uint32_t> rows_for_edges(const DatasetView& train) {
  constexpr std::size_t most = 100'000;
  std::vector<std::uint64_t> keys(train.rows());
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = train.key(i);
  std::vector<std::uint32_t> rows = bottom_sample(keys, most, purpose("naive bayes bins"));
  if (!rows.empty()) return rows;
  rows.resize(keys.size());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

/// Upper bounds of bins of about equal weight: halfway between neighbouring values.
std::vector<double> quantile_edges(const NaiveBayesData& data, const std::vector<double>& values, std::size_t bins) {
  std::vector<std::pair<double, double>> sorted;  // value, weight
  double total = 0;
  for (std::uint32_t i : rows_for_edges(data.train))
    if (data.weights[i] > 0 && !std::isnan(values[i])) {
      sorted.emplace_back(std::clamp(values[i], -1e300, 1e300), data.weights[i]);
      total += data.weights[i];
    }
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges;
  double below = 0, next = total / static_cast<double>(bins);
  for (std::size_t i = 0; i + 1 < sorted.size() && edges.size() + 1 < bins; ++i) {
    below += sorted[i].second;
    if (sorted[i].first == sorted[i + 1].first || below < next) continue;
    edges.push_back(sorted[i].first + 0.5 * (sorted[i + 1].first - sorted[i].first));
    next = below + (total - below) / static_cast<double>(bins - edges.size());
  }
  return edges;
}

/// Shares of bins with the given edges, or of the categories of a column.
NaiveBayesColumn share_column(const NaiveBayesData& data, std::size_t j, BayesKind kind, std::vector<double> edges,
                              double alpha, const StopToken& stop) {
  const std::size_t classes = data.classes();
  const std::size_t levels =
      kind == BayesKind::bins ? edges.size() + 1 : data.train.dataset().features[j].schema().dictionary->size();
  if (levels < 2) return {};
  const auto level_of = [&](double value) {
    if (kind == BayesKind::categories) return static_cast<std::size_t>(value);
    return static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin());
  };
  std::vector<double> sums(levels * classes, 0.0), zeros = data.class_weights;
  for_each_filled_cell(data, j, stop, [&](std::size_t i, double value) {
    zeros[data.label(i)] -= data.weights[i];
    if (std::isnan(value) || (kind == BayesKind::categories && !(value < static_cast<double>(levels)))) return;
    sums[level_of(value) * classes + data.label(i)] += data.weights[i];
  });
  for (std::size_t k = 0; k < classes; ++k) sums[level_of(0.0) * classes + k] += std::max(0.0, zeros[k]);
  return {.kind = kind,
          .mostly_zero = data.train.dataset().features[j].sparse(),
          .numbers = std::move(edges),
          .terms = log_shares(sums, classes, alpha)};
}

NaiveBayesColumn fit_column(const NaiveBayesData& data, std::size_t j, const NaiveBayesParameters& parameters,
                            const RunContext& context) {
  const Column& column = data.train.dataset().features[j];
  if (column.kind() == ColumnKind::category)
    return share_column(data, j, BayesKind::categories, {}, parameters.alpha, context.stop);
  if (parameters.kind == "bernoulli")
    return share_column(data, j, BayesKind::bins, {parameters.binarize}, parameters.alpha, context.stop);
  const bool gaussian = parameters.numbers == "gaussian";
  const MemoryClaim claim(context.memory, (gaussian ? 8 : 40) * data.train.rows(), "a column of naive Bayes");
  std::vector<double> values = cells_of(data.train, j, context.stop);
  NaiveBayesColumn made;
  if (gaussian) {
    made = gaussian_column(data, std::move(values), parameters.var_smoothing);
  } else {
    std::vector<double> edges = quantile_edges(data, values, static_cast<std::size_t>(parameters.bins));
    made = share_column(data, j, BayesKind::bins, std::move(edges), parameters.alpha, context.stop);
  }
  made.mostly_zero = column.sparse();
  return made;
}

/// Bytes of the terms of all columns.
double term_bytes(const NaiveBayesParameters& parameters, double columns, double categories, double classes) {
  const double levels =
      parameters.kind == "mixed" && parameters.numbers == "bins" ? static_cast<double>(parameters.bins) : 3.0;
  return 8 * classes * (columns * levels + categories) + 200 * columns;
}

}  // namespace

EstimatorTraits NaiveBayes::traits() const {
  EstimatorTraits traits;
  traits.tasks = {Task::binary, Task::multiclass};
  traits.missing = true;
  traits.categories = true;
  traits.row_order_tolerance = 1e-6;
  return traits;
}

CostEstimate NaiveBayes::cost(const DataShape& shape) const {
  const auto rows = static_cast<double>(shape.rows), classes = static_cast<double>(shape.classes);
  const auto columns = static_cast<double>(shape.columns), categories = static_cast<double>(shape.categories);
  return {1000 + 20 * rows * (1 + shape.filled()) + 20 * classes * (columns + categories),
          56 * rows + 2 * term_bytes(parameters_, columns, categories, classes) + 1000};
}

FitResult NaiveBayes::fit_checked(const FitInput& input, const RunContext& context) const {
  const Table& features = input.train.dataset().features;
  double categories = 0;
  for (const auto& column : features.columns())
    if (column->kind() == ColumnKind::category) categories += static_cast<double>(column->schema().dictionary->size());
  const double terms = term_bytes(parameters_, static_cast<double>(features.size()), categories,
                                  static_cast<double>(input.train.target().classes.size()));
  const MemoryClaim claim(context.memory, 8 * input.train.rows() + static_cast<std::uint64_t>(terms), "naive Bayes");
  const NaiveBayesData data(input.train, parameters_.fit_prior);
  FitResult result;
  if (parameters_.kind == "multinomial" || parameters_.kind == "complement") {
    result.model = fit_counts(data, parameters_, context);
    return result;
  }
  std::vector<NaiveBayesColumn> columns(features.size());
  for_each_column(data, context, [&](std::size_t j) { columns[j] = fit_column(data, j, parameters_, context); });
  result.model = std::make_unique<NaiveBayesModel>(data.log_priors, std::move(columns));
  return result;
}

}  // namespace automill
