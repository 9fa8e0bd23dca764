#pragma once
// What fitted halves share that see standardised columns: `State` has `used`, the columns that are not constant, and
// for each of them `centers`, `factors`, `lower` and `upper`.

#include <automill/core/model.hpp>
#include <cmath>

#include "state_check.hpp"

namespace automill {

/// z_j = (clip(x_j) - center_j) * factor_j; 0 where a value is missing.
template <class State>
void read_scaled(const State& state, const RowView& row, std::vector<double>& z) {
  for (std::size_t j = 0; j < z.size(); ++j) {
    const double value = row.numbers[state.used[j]];
    const double clipped = value < state.lower[j] ? state.lower[j] : value > state.upper[j] ? state.upper[j] : value;
    z[j] = std::isnan(clipped) ? 0.0 : (clipped - state.centers[j]) * state.factors[j];
  }
}

template <class State>
void save_scaled_columns(const State& state, ArchiveWriter& out) {
  out.array("used", state.used);
  out.array("centers", state.centers);
  out.array("factors", state.factors);
  out.array("lower", state.lower);
  out.array("upper", state.upper);
}

template <class State>
void load_scaled_columns(State& state, const ArchiveReader& in, const ModelContext& context) {
  state.used = in.array<std::uint32_t>("used");
  const std::size_t used = state.used.size();
  for (std::uint32_t column : state.used)
    if (column >= context.input->size()) in.fail("'used' names a column that is not there");
  state.centers = in.array<double>("centers", used);
  state.factors = in.array<double>("factors", used);
  state.lower = in.array<double>("lower", used);
  state.upper = in.array<double>("upper", used);
  check_finite(in, "centers", state.centers);
  check_finite(in, "factors", state.factors);
  check_finite(in, "lower", state.lower);
  check_finite(in, "upper", state.upper);
  for (std::size_t j = 0; j < used; ++j)
    if (state.lower[j] > state.upper[j]) in.fail("'lower' is above 'upper' in column " + std::to_string(state.used[j]));
}

}  // namespace automill
