#pragma once
// The tables that bags have learned as one additive model: averaged, purified, centred.

#include <automill/learners/additive_model.hpp>
#include <automill/learners/tree/binning.hpp>

#include "learners/additive/bag_problem.hpp"
#include "learners/additive/term_pairs.hpp"

namespace automill {

/// [group of bags][term]: [bin][lane] tables of scores.
struct EBMTables {
  std::size_t bags = 1;
  double center = 0, scale = 1;  ///< numbers: value = center + scale * score
  std::vector<std::vector<std::vector<double>>> mains{}, grids{};
};

AdditiveState assemble_additive(const additive::BagProblem& problem, const tree::BinnedTable& bins,
                                const std::vector<std::uint32_t>& columns, const std::vector<additive::Term>& mains,
                                const std::vector<additive::Term>& grids, const std::vector<additive::TermPair>& pairs,
                                const std::vector<additive::Groups>& groupings, EBMTables& tables,
                                ScoreTransform transform);

}  // namespace automill
