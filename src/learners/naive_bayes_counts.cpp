#include "naive_bayes_counts.hpp"

#include <cmath>

namespace automill {
namespace {

constexpr double largest_count = 1e100;  // sums of products stay finite

struct Counts {
  std::vector<double> sums{};      ///< columns x classes
  std::vector<double> largest{};   ///< of each column
  std::vector<double> of_class{};  ///< of all columns together
};

Counts count(const NaiveBayesData& data, const RunContext& context) {
  const Table& features = data.train.dataset().features;
  const std::size_t classes = data.classes(), columns = features.size();
  Counts counts{std::vector<double>(columns * classes), std::vector<double>(columns), std::vector<double>(classes)};
  std::vector<std::size_t> negative(columns, 0);
  for_each_column(data, context, [&](std::size_t j) {
    double* sums = counts.sums.data() + j * classes;
    for_each_filled_cell(data, j, context.stop, [&](std::size_t i, double value) {
      if (std::isnan(value) || !(data.weights[i] > 0)) return;
      if (value < 0) ++negative[j];
      const double used = std::min(value, largest_count);
      counts.largest[j] = std::max(counts.largest[j], used);
      sums[data.label(i)] += data.weights[i] * used;
    });
  });
  Faults faults;
  for (std::size_t j = 0; j < columns; ++j) {
    if (features[j].kind() == ColumnKind::category)
      faults.add("fit.categories", features[j].name(), "counts cannot be categories",
                 "put OneHot before it, or use kind \"mixed\"");
    else if (negative[j] > 0)
      faults.add("fit.negative", features[j].name(),
                 std::to_string(negative[j]) + " values are below 0, counts are not",
                 "use kind \"mixed\" for such numbers");
  }
  faults.throw_if_any();
  for (std::size_t j = 0; j < columns; ++j)
    for (std::size_t k = 0; k < classes; ++k) counts.of_class[k] += counts.sums[j * classes + k];
  return counts;
}

/// log((count + alpha) / (all counts + alpha columns)).
std::vector<double> multinomial_weights(const Counts& counts, double alpha) {
  const std::size_t classes = counts.of_class.size(), columns = counts.largest.size();
  std::vector<double> weights(counts.sums.size()), totals;
  for (double sum : counts.of_class) totals.push_back(math::log(sum + alpha * static_cast<double>(columns)));
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = math::log(counts.sums[i] + alpha) - totals[i % classes];
  return weights;
}

/// Minus the same of the other classes' counts (Rennie et al. 2003, table 4).
std::vector<double> complement_weights(const Counts& counts, double alpha, bool norm) {
  const std::size_t classes = counts.of_class.size(), columns = counts.largest.size();
  std::vector<double> weights(counts.sums.size()), totals(classes, 0.0), sums(classes, 0.0);
  for (std::size_t j = 0; j < columns; ++j) {
    const double* own = counts.sums.data() + j * classes;
    double all = 0;
    for (std::size_t k = 0; k < classes; ++k) all += own[k];
    for (std::size_t k = 0; k < classes; ++k) {
      const double others = std::max(0.0, all - own[k]) + alpha;
      weights[j * classes + k] = math::log(others);
      totals[k] += others;
    }
  }
  for (double& total : totals) total = math::log(total);
  for (std::size_t i = 0; i < weights.size(); ++i) sums[i % classes] += weights[i] -= totals[i % classes];
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double sum = sums[i % classes];
    if (!norm) weights[i] = -weights[i];
    else weights[i] = sum < 0 ? weights[i] / sum : 0.0;
  }
  return weights;
}

}  // namespace

std::unique_ptr<LinearModel> fit_counts(const NaiveBayesData& data, const NaiveBayesParameters& parameters,
                                        const RunContext& context) {
  const Counts counts = count(data, context);
  const std::size_t classes = data.classes(), columns = counts.largest.size();
  const bool complement = parameters.kind == "complement";
  std::vector<double> weights = complement ? complement_weights(counts, parameters.alpha, parameters.norm)
                                           : multinomial_weights(counts, parameters.alpha);
  std::vector<double> intercepts = data.log_priors;
  for (std::size_t k = 0; k < classes; ++k)
    if (complement && data.class_weights[k] > 0) intercepts[k] = 0;  // as published: without priors
  LinearState state{.link = classes == 2 ? Link::logistic : Link::softmax};
  state.centers.assign(columns, 0.0);  // so that a missing count adds nothing
  for (double largest : counts.largest) {
    state.lower.push_back(-largest);
    state.upper.push_back(2 * largest);
  }
  if (classes != 2) {
    state.weights = std::move(weights);
    state.intercepts = std::move(intercepts);
  } else {
    for (std::size_t j = 0; j < columns; ++j) state.weights.push_back(weights[2 * j + 1] - weights[2 * j]);
    state.intercepts = {intercepts[1] - intercepts[0]};
  }
  return std::make_unique<LinearModel>(std::move(state));
}

}  // namespace automill
