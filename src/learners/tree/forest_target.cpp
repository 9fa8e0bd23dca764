#include "learners/tree/forest_target.hpp"

#include <automill/learners/tree/objective.hpp>

namespace automill::tree {

namespace {

constexpr double sum_bits = 62, value_bits = 50;
constexpr double counted_weight = 1 << 23;   // in all: squares of sums stay exact in doubles
constexpr double averaged_weight = 1 << 30;  // in all
constexpr double most_spread = 1e38;         // on each side of the center, of several outputs

/// Weights rounded at random by row key, so that the sum over many rows keeps its expectation.
std::vector<std::uint32_t> integer_weights(const DatasetView& view, const std::vector<double>& weights, double total) {
  const double scale = total / order_free_sum(weights);
  std::vector<std::uint32_t> integers;
  integers.reserve(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double u = RandomStream(0, purpose("forest weight"), view.key(i)).uniform();
    integers.push_back(static_cast<std::uint32_t>(weights[i] * scale + u));
  }
  return integers;
}

void set_weights(const DatasetView& view, const TargetRows& targets, ForestTarget& out) {
  const auto& weights = targets.weights;
  if (weights.empty() || std::all_of(weights.begin(), weights.end(), [&](double w) { return w == weights[0]; })) return;
  out.weights = integer_weights(view, weights, out.classes > 0 ? counted_weight : averaged_weight);
}

/// The smallest power of two as unit for which no sum over the rows of a tree leaves 62 bits.
void set_values(const TargetRows& targets, std::size_t output, ForestTarget& out) {
  const auto values = targets.values_of(output);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double center = *low / 2 + *high / 2, largest = std::max(*high - center, center - *low);
  if (targets.outputs > 1 && largest > most_spread)
    throw Error("fit.target_spread", "target",
                "output " + std::to_string(output) + " spreads over more than " +
                    param_detail::number_text(2 * most_spread) +
                    ", and leaves of several outputs hold single precision",
                "divide it, or fit one forest an output");
  double total = 0, unit = 1;
  for (std::size_t i = 0; i < values.size(); ++i) total += out.weight(i);
  const double bits = std::min(value_bits, std::floor(sum_bits - std::log2(most_copies * std::max(1.0, total))));
  if (largest > 0) unit = std::ldexp(1.0, std::ilogb(largest) + 1 - static_cast<int>(bits));
  for (std::size_t i = 0; i < values.size(); ++i)
    out.values[i * out.outputs + output] = static_cast<std::int64_t>(std::llround((values[i] - center) / unit));
  out.centers[output] = center;
  out.units[output] = unit;
}

void set_numbers(const TargetRows& targets, ForestTarget& out) {
  out.outputs = targets.outputs;
  out.values.resize(targets.values.size());
  out.centers.resize(out.outputs);
  out.units.resize(out.outputs);
  for (std::size_t k = 0; k < out.outputs; ++k) set_values(targets, k, out);
}

/// Of several outputs, in units; 0 for one that is constant.
void set_factors(ForestTarget& out) {
  for (std::size_t k = 0; k < out.outputs; ++k) {
    const double mean = (out.prior[k] - out.centers[k]) / out.units[k];
    std::vector<double> squares, weights;
    for (std::size_t i = 0; i * out.outputs < out.values.size(); ++i) {
      const double distance = static_cast<double>(out.row(i)[k]) - mean;
      squares.push_back(out.weight(i) * distance * distance);
      weights.push_back(out.weight(i));
    }
    const double sum = order_free_sum(squares);
    out.factors.push_back(sum > 0 ? order_free_sum(weights) / sum : 0.0);
  }
}

void set_prior(ForestTarget& out) {
  std::vector<std::int64_t> sums(out.width(), 0);
  std::int64_t total = 0;
  for (std::size_t i = 0; i * out.outputs < out.values.size(); ++i) {
    const std::int64_t weight = out.weight(i);
    total += weight;
    if (out.classes > 0) sums[static_cast<std::size_t>(out.values[i])] += weight;
    else
      for (std::size_t k = 0; k < out.outputs; ++k) sums[k] += weight * out.row(i)[k];
  }
  const auto all = static_cast<double>(std::max<std::int64_t>(1, total));
  for (std::size_t k = 0; k < sums.size(); ++k) {
    const double mean = static_cast<double>(sums[k]) / all;
    out.prior.push_back(out.classes > 0 ? mean : out.centers[k] + mean * out.units[k]);
  }
}

}  // namespace

ForestTarget forest_target(const DatasetView& view) {
  TargetRows targets = read_targets(view);
  ForestTarget out;
  if (!targets.labels.empty()) {
    out.classes = view.target().width();
    out.values.assign(targets.labels.begin(), targets.labels.end());
    set_weights(view, targets, out);
  } else {
    set_weights(view, targets, out);
    out.two_classes = view.task() == Task::binary;
    if (out.two_classes)
      for (double value : targets.values) out.values.push_back(value > 0 ? 1 : 0);
    else set_numbers(targets, out);
  }
  set_prior(out);
  if (out.outputs > 1) set_factors(out);
  return out;
}

}  // namespace automill::tree
