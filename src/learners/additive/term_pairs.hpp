#pragma once
// Pairs of columns: their bins in few groups, and how much a pair tells beyond the sum of both.

#include <automill/core/run_context.hpp>
#include <span>

#include "learners/additive/bag_problem.hpp"

namespace automill::additive {

/// Bins of a column as groups, of which group 0 holds bin 0: what is missing, or no category of its own.
struct Groups {
  std::vector<std::uint8_t> of_bin{};
  std::size_t count = 1;
};

/// Neighbouring bins of about the same weight each, at most `most` groups beside group 0; categories in the order of
/// `values`. `weights` and `values`: one a bin.
Groups group_bins(std::span<const double> weights, std::span<const double> values, bool categorical, std::size_t most);

/// Two columns by their places among the terms of one column.
struct TermPair {
  std::uint32_t first = 0, second = 0;
  double gain = 0;
};

/// The largest gain that four quadrants give beyond what the sum of two halves each gives: with the Newton values
/// v = G / H of the quadrants, (v00 - v01 - v10 + v11)^2 / (1/H00 + 1/H01 + 1/H10 + 1/H11), over all cuts. `sums`:
/// [first][second][gradient, Hessian]; `least`: Hessian of each quadrant. O(cells).
double interaction_gain(std::span<const double> sums, std::size_t first, std::size_t second, double least);

/// All pairs of the terms that may be paired, the largest gain first (FAST: Lou et al. 2013). Stopped: none.
std::vector<TermPair> rank_pairs(const std::vector<Term>& terms, const std::vector<Groups>& groups,
                                 std::span<const std::uint32_t> candidates, std::span<const double> gradients,
                                 std::span<const double> hessians, double least, const RunContext& context);

}  // namespace automill::additive
