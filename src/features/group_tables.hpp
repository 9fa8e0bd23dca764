#pragma once
// What the steps of a feature program learn of rows: groups, and statistics in them.

#include <span>

#include "features/feature_program.hpp"

namespace automill::features {

/// Values of the operands in the rows of DistinctRows, whose order fixes the sums; `counts` may be empty: all 1.
struct StepRows {
  std::span<const double> first, second;
  std::span<const double> counts;
  std::size_t first_groups = 0, second_groups = 0;  ///< of operands that are groups
};

/// Fills the tables of a step. Groups of fewer rows than
/// `least_group_rows` and, of crosses, those beyond the `most_groups` largest are left out: they are unseen ones.
/// Entries of a group without a value are those of all rows. O(rows log rows).
void learn_step(Step& step, const StepRows& rows);

constexpr double least_group_rows = 5;
constexpr std::size_t most_groups = 4095;

/// Different values of the rows, no more than `most + 1`, ascending; missing ones aside.
std::vector<double> different_values(std::span<const double> values, std::size_t most);

}  // namespace automill::features
