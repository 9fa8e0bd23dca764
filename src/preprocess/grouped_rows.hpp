#pragma once
// The training rows of a category column, category by category.

#include "target_rows.hpp"

namespace automill {

/// Codes of a column: 0 .. categories-1, then unseen, then missing.
struct GroupedRows {
  GroupedRows(const TargetRows& rows, const Column& column, const StopToken& stop);

  std::size_t codes() const { return first.size() - 1; }
  std::size_t unseen() const { return codes() - 2; }

  std::vector<std::int32_t> code_of_row;  ///< of each row of the dataset that is trained on
  TargetCells cells;                      ///< of TargetRows, by code, then in their order
  std::vector<std::size_t> first;         ///< first of each code, and the end
};

}  // namespace automill
