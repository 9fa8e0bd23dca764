#pragma once
// Leave-one-out predictions of the points of a model, and what is chosen by them: a search gives every number of
// neighbours and both ways to count them at once.

#include "neighbor_rows.hpp"

namespace automill::neighbors {

struct NeighborChoice {
  std::size_t n_neighbors = 1;
  bool by_distance = false;
  double error = 0;  ///< mean squared error; of classes, summed over them (Brier)
};

/// What is given already; null and "auto" are chosen.
struct GivenChoice {
  std::optional<std::size_t> n_neighbors{};
  std::string weights = "auto";
};

/// By the errors of some points (empty: all). Nothing when stopped.
std::optional<NeighborChoice> choose_neighbors(const NeighborsModel& model, const GivenChoice& given,
                                               std::vector<std::uint32_t> points, const RunContext& context);

/// Predictions of every point by the others. False: stopped.
bool leave_one_out(const NeighborsModel& model, PredictionsView out, const RunContext& context);

}  // namespace automill::neighbors
