#include "learners/tree/forest_target.hpp"

#include <automill/learners/tree/objective.hpp>

namespace automill::tree {

namespace {

constexpr double sum_bits = 62, value_bits = 50;
constexpr double counted_weight = 1 << 23;   // in all: squares of sums stay exact in doubles
constexpr double averaged_weight = 1 << 30;  // in all

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
void set_values(const TargetRows& targets, ForestTarget& out) {
  const auto [low, high] = std::minmax_element(targets.values.begin(), targets.values.end());
  out.center = *low / 2 + *high / 2;
  const double largest = std::max(*high - out.center, out.center - *low);
  double total = 0;
  for (std::size_t i = 0; i < targets.values.size(); ++i) total += out.weight(i);
  const double bits = std::min(value_bits, std::floor(sum_bits - std::log2(most_copies * std::max(1.0, total))));
  if (largest > 0) out.unit = std::ldexp(1.0, std::ilogb(largest) + 1 - static_cast<int>(bits));
  for (double value : targets.values)
    out.values.push_back(static_cast<std::int64_t>(std::llround((value - out.center) / out.unit)));
}

void set_prior(ForestTarget& out) {
  std::vector<double> sums(out.width(), 0.0);
  std::int64_t total = 0, moment = 0;
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    total += out.weight(i);
    if (out.classes > 0) sums[static_cast<std::size_t>(out.values[i])] += out.weight(i);
    else moment += out.weight(i) * out.values[i];
  }
  const auto all = static_cast<double>(std::max<std::int64_t>(1, total));
  if (out.classes > 0)
    for (double& sum : sums) sum /= all;
  else sums[0] = out.center + static_cast<double>(moment) / all * out.unit;
  out.prior = std::move(sums);
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
    if (view.task() == Task::binary)
      for (double value : targets.values) out.values.push_back(value > 0 ? 1 : 0);
    else set_values(targets, out);
  }
  set_prior(out);
  return out;
}

}  // namespace automill::tree
