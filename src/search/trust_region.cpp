#include "trust_region.hpp"

#include <algorithm>
#include <automill/core/math.hpp>

namespace automill::search {
namespace {

constexpr double first_side = 0.8, longest_side = 1.6, shortest_side = 0.0078125;  // 2^-7
constexpr int successes_to_grow = 3;

struct RegionState {
  double side = first_side;
  int successes = 0, failures = 0;
};

/// One more score: whether it was better than all before, by a thousandth of what they differ by.
void follow(RegionState& state, bool improved, int failures_to_shrink) {
  state.successes = improved ? state.successes + 1 : 0;
  state.failures = improved ? 0 : state.failures + 1;
  if (state.successes == successes_to_grow) {
    state.side = std::min(2 * state.side, longest_side);
    state.successes = 0;
  } else if (state.failures == failures_to_shrink) {
    state.side /= 2;
    state.failures = 0;
  }
  if (state.side < shortest_side) state = {};
}

double side_after(const std::vector<double>& scores, std::size_t dimensions) {
  RegionState state;
  double best = scores.front(), worst = scores.front();
  for (double score : scores) {
    follow(state, score < best - 1e-3 * (worst - best), static_cast<int>(std::max<std::size_t>(4, dimensions)));
    best = std::min(best, score);
    worst = std::max(worst, score);
  }
  return state.side;
}

}  // namespace

Box trust_region(const std::vector<Point>& points, const std::vector<double>& scores,
                 const std::vector<double>& log_lengths) {
  const std::size_t d = log_lengths.size();
  const Point& center =
      points[static_cast<std::size_t>(std::min_element(scores.begin(), scores.end()) - scores.begin())];
  const double side = side_after(scores, d);
  double mean = 0;
  for (double length : log_lengths) mean += length / static_cast<double>(d);
  Box box{std::vector<double>(d), std::vector<double>(d)};
  for (std::size_t c = 0; c < d; ++c) {
    const double half = 0.5 * side * math::exp(log_lengths[c] - mean), middle = std::isnan(center[c]) ? 0.5 : center[c];
    box.low[c] = std::clamp(middle - half, 0.0, 1.0);
    box.high[c] = std::clamp(middle + half, 0.0, 1.0);
  }
  return box;
}

}  // namespace automill::search
