#include "learners/additive/term_pairs.hpp"

#include <algorithm>
#include <numeric>

namespace automill::additive {

Groups group_bins(std::span<const double> weights, std::span<const double> values, bool categorical, std::size_t most) {
  Groups groups{.of_bin = std::vector<std::uint8_t>(weights.size(), 0)};
  std::vector<std::uint32_t> order(weights.size() - 1);
  std::iota(order.begin(), order.end(), 1U);
  if (categorical) std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  double left = 0;
  for (std::uint32_t bin : order) left += weights[bin];
  double own = 0;
  std::size_t open = most;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 ||
        (own > 0 && left > own && open > 1 && own + 0.5 * weights[order[i]] >= left / static_cast<double>(open))) {
      if (i > 0) {
        left -= own;
        --open;
      }
      own = 0;
      ++groups.count;
    }
    own += weights[order[i]];
    groups.of_bin[order[i]] = static_cast<std::uint8_t>(groups.count - 1);
  }
  return groups;
}

double interaction_gain(std::span<const double> sums, std::size_t first, std::size_t second, double least) {
  std::vector<double> upto(sums.begin(), sums.end());
  const std::size_t line = 2 * second;
  for (std::size_t i = 0; i < upto.size(); ++i)
    if (i % line >= 2) upto[i] += upto[i - 2];
  for (std::size_t i = line; i < upto.size(); ++i) upto[i] += upto[i - line];
  const auto at = [&](std::size_t a, std::size_t b, std::size_t k) { return upto[a * line + 2 * b + k]; };
  double best = 0;
  for (std::size_t a = 0; a + 1 < first; ++a)
    for (std::size_t b = 0; b + 1 < second; ++b) {
      double g[4], h[4];
      for (std::size_t k = 0; k < 2; ++k) {
        double* to = k == 0 ? g : h;
        to[0] = at(a, b, k);
        to[1] = at(a, second - 1, k) - to[0];
        to[2] = at(first - 1, b, k) - to[0];
        to[3] = at(first - 1, second - 1, k) - to[0] - to[1] - to[2];
      }
      double contrast = 0, spread = 0;
      bool allowed = true;
      for (std::size_t q = 0; q < 4; ++q) {
        if (!(h[q] >= least)) {
          allowed = false;
          break;
        }
        contrast += (q == 0 || q == 3 ? 1.0 : -1.0) * g[q] / h[q];
        spread += 1 / h[q];
      }
      if (allowed) best = std::max(best, contrast * contrast / spread);
    }
  return best;
}

std::vector<TermPair> rank_pairs(const std::vector<Term>& terms, const std::vector<Groups>& groups,
                                 std::span<const std::uint32_t> candidates, std::span<const double> gradients,
                                 std::span<const double> hessians, double least, const RunContext& context) {
  std::vector<TermPair> pairs;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    for (std::size_t j = i + 1; j < candidates.size(); ++j) pairs.push_back({candidates[i], candidates[j]});
  const std::size_t n = gradients.size();
  std::vector<std::vector<std::uint8_t>> codes(terms.size());
  for (std::uint32_t t : candidates) {
    codes[t].resize(n);
    for (std::size_t i = 0; i < n; ++i) codes[t][i] = groups[t].of_bin[terms[t].codes[i]];
    if (context.stop.stop_requested()) return {};
  }
  std::atomic<bool> stopped{false};
  context.executor().run(pairs.size(), [&](std::size_t p) {
    if (stopped || context.stop.stop_requested()) {
      stopped = true;
      return;
    }
    TermPair& pair = pairs[p];
    const std::size_t second = groups[pair.second].count;
    std::vector<double> sums(2 * groups[pair.first].count * second, 0.0);
    const std::uint8_t* a = codes[pair.first].data();
    const std::uint8_t* b = codes[pair.second].data();
    for (std::size_t i = 0; i < n; ++i) {
      double* to = sums.data() + 2 * (a[i] * second + b[i]);
      to[0] += gradients[i];
      to[1] += hessians[i];
      if (i % 65536 == 65535 && context.stop.stop_requested()) return;
    }
    pair.gain = interaction_gain(sums, groups[pair.first].count, second, least);
  });
  if (stopped || context.stop.stop_requested()) return {};
  std::stable_sort(pairs.begin(), pairs.end(), [](const TermPair& x, const TermPair& y) { return x.gain > y.gain; });
  return pairs;
}

}  // namespace automill::additive
