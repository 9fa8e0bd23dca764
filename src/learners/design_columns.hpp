#pragma once
// The columns of a dense design as fitted halves hold them (scaled_columns.hpp): those of the table that are not
// constant, in their order.

#include "linear_design.hpp"

namespace automill::linear {

template <class State>
void take_columns(const Design& design, State& state) {
  const std::vector<double> ones(design.columns(), 1.0), none(1, 0.0);
  const LinearState linear = design.make_state(Link::identity, ones, none);  // its weights: 1 / scale
  for (std::uint32_t j = 0; j < linear.columns(); ++j) {
    if (linear.weights[j] == 0) continue;
    state.used.push_back(j);
    state.centers.push_back(linear.centers[j]);
    state.factors.push_back(linear.weights[j]);
    state.lower.push_back(linear.lower[j]);
    state.upper.push_back(linear.upper[j]);
  }
}

}  // namespace automill::linear
