#pragma once
// Several objectives: one score for a proposal, and the trials that no other beats.

#include <cstdint>
#include <string>
#include <vector>

namespace automill::search {

/// A row for each trial, lower is better in every column; all finite.
using Objectives = std::vector<std::vector<double>>;

/// ParEGO (Knowles, IEEE Trans. Evolutionary Computation 2006): each objective is scaled to 0 .. 1 over the trials, and
/// the largest weighted one counts, and a twentieth of their sum. Weights are drawn for every proposal, so that
/// proposals go for all parts of the front.
std::vector<double> one_score(const Objectives& objectives, std::uint64_t seed, std::uint64_t proposal);

/// Positions of rows that no other row dominates: none is as good in all columns and better in one. Of equal rows all.
/// O(n^2 k).
std::vector<std::size_t> not_dominated(const Objectives& objectives);

}  // namespace automill::search
