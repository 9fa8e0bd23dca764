#pragma once
// A linear leaf under rows that have some cells of a row and the others of a background row.
//
// The cells that differ in what they add change the leaf's value one by one, from what it adds where they are the
// background row's to what it adds where they are the row's. Where bounds cut one of these two, all changes are made
// shorter or longer by one factor, so that they lead from the one to the other. Where a cell is missing the leaf adds
// its plain value; a row that has a cell which is missing in the other one needs its own.

#include <automill/learners/tree/linear_leaves.hpp>
#include <cmath>
#include <optional>
#include <span>

namespace automill::tree {

struct MixedTerm {
  /// Whose cell it is in all mixed rows that reach the leaf, or that have all cells there.
  enum class Cell : std::uint8_t { own, other, either, own_present, other_present };
  Cell cell = Cell::either;
  double own = 0, other = 0;  ///< the coefficient times the cell of the row, and of the background row
  double change = 0;          ///< what the row's cell adds more, within bounds; 0 where it is not either's
};

struct MixedLeaf {
  double rest = 0;     ///< beyond the plain value, where all cells that may be either's are the background row's
  double changes = 0;  ///< the sum of all
  std::size_t own_present = 0, other_present = 0;  ///< terms whose cell must be the one's, or the other's
};

/// coefficient * cell. An infinite one is taken as a very large one, so that bounds can be reached.
inline double term_value(const LinearTerm& term, double cell) {
  const double value = term.coefficient * cell;
  return std::isnan(value) ? value : std::clamp(value, -1e300, 1e300);
}

/// Sets what is not given of the terms. Nothing: the leaf adds its plain value to all rows that reach it.
inline std::optional<MixedLeaf> mix_leaf(const LinearLeaf& leaf, double plain, std::span<MixedTerm> terms) {
  using Cell = MixedTerm::Cell;
  MixedLeaf mixed;
  double low = leaf.constant, high = leaf.constant;
  for (MixedTerm& term : terms) {
    if (term.cell == Cell::either && std::isnan(term.own)) {
      term.cell = Cell::other_present;
      ++mixed.other_present;
    } else if (term.cell == Cell::either && std::isnan(term.other)) {
      term.cell = Cell::own_present;
      ++mixed.own_present;
    }
    const bool own = term.cell == Cell::own || term.cell == Cell::own_present;
    const double first = own ? term.own : term.other, last = own || term.cell == Cell::either ? term.own : term.other;
    if (std::isnan(first)) return std::nullopt;
    low += first;
    high += last;
    term.change = last - first;
    mixed.changes += term.change;
  }
  const double from = std::clamp(low, leaf.least, leaf.most), to = std::clamp(high, leaf.least, leaf.most);
  mixed.rest = from - plain;
  if (from == low && to == high) return mixed;
  const double factor = mixed.changes != 0 ? (to - from) / mixed.changes : 0;
  for (MixedTerm& term : terms) term.change *= factor;
  mixed.changes *= factor;
  return mixed;
}

}  // namespace automill::tree
