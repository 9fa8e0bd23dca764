#include "objectives.hpp"

#include <algorithm>
#include <automill/core/math.hpp>
#include <automill/core/random.hpp>

namespace automill::search {
namespace {

/// Spread evenly over all weights of sum 1.
std::vector<double> drawn_weights(std::size_t count, std::uint64_t seed, std::uint64_t proposal) {
  RandomStream random(seed, purpose("search objectives"), proposal);
  std::vector<double> weights(count);
  double sum = 0;
  for (double& weight : weights) {
    weight = -math::log(1 - random.uniform());
    sum += weight;
  }
  for (double& weight : weights) weight = sum > 0 ? weight / sum : 1 / static_cast<double>(count);
  return weights;
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    better = better || a[k] < b[k];
  }
  return better;
}

}  // namespace

std::vector<double> one_score(const Objectives& objectives, std::uint64_t seed, std::uint64_t proposal) {
  constexpr double share_of_sum = 0.05;
  if (objectives.empty()) return {};
  const std::vector<double> weights = drawn_weights(objectives.front().size(), seed, proposal);
  std::vector<double> largest(objectives.size(), 0), sum(objectives.size(), 0);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    double least = objectives.front()[k], most = least;
    for (const auto& row : objectives) {
      least = std::min(least, row[k]);
      most = std::max(most, row[k]);
    }
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      const double scaled = most > least ? weights[k] * ((objectives[i][k] - least) / (most - least)) : 0;
      largest[i] = std::max(largest[i], scaled);
      sum[i] += scaled;
    }
  }
  for (std::size_t i = 0; i < largest.size(); ++i) largest[i] += share_of_sum * sum[i];
  return largest;
}

std::vector<std::size_t> not_dominated(const Objectives& objectives) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < objectives.size(); ++i)
    if (std::none_of(objectives.begin(), objectives.end(),
                     [&](const std::vector<double>& other) { return dominates(other, objectives[i]); }))
      front.push_back(i);
  return front;
}

}  // namespace automill::search
