#include "neighbor_choice.hpp"

#include <cmath>

namespace automill::neighbors {
namespace {

/// Searches for some points among the others, 128 at a time, side by side: visit(first, count, scratch) for each block.
template <class Visit>
bool search_points(const NeighborsModel& model, std::span<const std::uint32_t> points, std::size_t k,
                   const RunContext& context, const Visit& visit) {
  const NeighborPoints& all = model.state().points;
  const std::size_t coordinates = all.coordinates, categories = all.categories();
  std::atomic<bool> stopped{false};
  for_each_block(context.executor(), points.size(), Search::most_queries, [&](std::size_t begin, std::size_t end) {
    Queries queries{.count = end - begin};
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t point = points[i];
      const auto number = all.numbers.begin() + static_cast<std::ptrdiff_t>(point * coordinates);
      const auto code = all.codes.begin() + static_cast<std::ptrdiff_t>(point * categories);
      queries.numbers.insert(queries.numbers.end(), number, number + static_cast<std::ptrdiff_t>(coordinates));
      queries.codes.insert(queries.codes.end(), code, code + static_cast<std::ptrdiff_t>(categories));
      queries.left_out.push_back(points[i]);
    }
    Search::Scratch scratch;
    if (stopped || !model.search().find(queries, k, scratch, context.stop)) stopped = true;
    else visit(begin, end - begin, scratch);
  });
  return !stopped;
}

double point_weight(const NeighborsState& state, std::size_t point) {
  return state.weights.empty() ? 1.0 : state.weights[point];
}

/// Squared error of a point's prediction from these shares; values are divided by `unit`. `votes`: zeros, and again
/// zeros afterwards.
double error_of(const NeighborsState& state, std::uint32_t point, const Shares& shares, double unit,
                std::vector<double>& votes) {
  if (!state.values.empty()) {
    double sum = 0;
    for (std::size_t i = 0; i < shares.points.size(); ++i)
      sum += shares.shares[i] * (state.values[shares.points[i]] / unit - state.values[point] / unit);
    return sum * sum;
  }
  const auto label_of = [&](std::uint32_t at) { return static_cast<std::size_t>(state.labels[at]); };
  for (std::size_t i = 0; i < shares.points.size(); ++i) votes[label_of(shares.points[i])] += shares.shares[i];
  double error = 1 - 2 * votes[label_of(point)];
  for (std::uint32_t other : shares.points) {
    double& vote = votes[label_of(other)];
    error += vote * vote;
    vote = 0;
  }
  return error;
}

std::vector<NeighborChoice> choices(const GivenChoice& given, std::size_t points) {
  std::vector<std::size_t> numbers{448, 320, 224, 160, 112, 80, 56, 40, 28, 20, 14, 10, 7, 5, 4, 3, 2, 1};
  if (given.n_neighbors) numbers = {*given.n_neighbors};
  std::vector<NeighborChoice> all;
  for (std::size_t k : numbers) {
    if (!given.n_neighbors && k >= points) continue;
    if (given.weights != "distance") all.push_back({.n_neighbors = k, .by_distance = false});
    if (given.weights != "uniform") all.push_back({.n_neighbors = k, .by_distance = true});
  }
  return all;
}

/// What numbers of neighbours k share, from the list for a larger one: those up to the k-th and as far as it.
std::span<const Neighbor> first_of(std::span<const Neighbor> found, std::size_t k) {
  if (found.size() <= k) return found;
  const double farthest = found[k - 1].squared_distance * (1 + same_distance);
  std::size_t end = k;
  while (end < found.size() && found[end].squared_distance <= farthest) ++end;
  return found.first(end);
}

}  // namespace

std::optional<NeighborChoice> choose_neighbors(const NeighborsModel& model, const GivenChoice& given,
                                               std::vector<std::uint32_t> points, const RunContext& context) {
  const NeighborsState& state = model.state();
  if (points.empty()) {
    points.resize(state.points.size);
    std::iota(points.begin(), points.end(), 0U);
  }
  std::vector<NeighborChoice> all = choices(given, state.points.size);
  double unit = 0;
  for (double value : state.values) unit = std::max(unit, std::abs(value));
  if (unit == 0) unit = 1;
  std::vector<double> errors(points.size() * all.size());
  const bool done = search_points(
      model, points, all.front().n_neighbors, context, [&](std::size_t first, std::size_t count, const auto& scratch) {
        Shares shares;
        std::vector<double> votes(state.prior.size(), 0.0);
        for (std::size_t q = 0; q < count; ++q)
          for (std::size_t c = 0; c < all.size(); ++c) {
            share_places(first_of(scratch.found[q], all[c].n_neighbors), all[c].n_neighbors, all[c].by_distance,
                         state.weights, shares);
            errors[(first + q) * all.size() + c] = error_of(state, points[first + q], shares, unit, votes);
          }
      });
  if (!done) return std::nullopt;
  double total = 0;
  for (std::uint32_t point : points) total += point_weight(state, point);
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t c = 0; c < all.size(); ++c)
      all[c].error += point_weight(state, points[i]) / total * errors[i * all.size() + c];
  constexpr double less = 1 - 1e-9;  // of equal ones the largest number
  NeighborChoice best = all.front();
  for (const NeighborChoice& each : all)
    if (each.error < best.error * less) best = each;
  if (!state.values.empty()) best.error *= unit * unit;
  return best;
}

bool leave_one_out(const NeighborsModel& model, PredictionsView out, const RunContext& context) {
  const NeighborsState& state = model.state();
  std::vector<std::uint32_t> points(state.points.size);
  std::iota(points.begin(), points.end(), 0U);
  return search_points(model, points, state.n_neighbors, context,
                       [&](std::size_t first, std::size_t count, const auto& scratch) {
                         Shares shares;
                         for (std::size_t q = 0; q < count; ++q) {
                           share_places(scratch.found[q], state.n_neighbors, state.by_distance, state.weights, shares);
                           average(state, shares, out.row(first + q));
                         }
                       });
}

}  // namespace automill::neighbors
