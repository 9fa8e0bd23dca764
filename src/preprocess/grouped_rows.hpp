#pragma once
// The training rows of a category column, category by category.

#include "target_rows.hpp"

namespace automill {

/// Codes of a column: 0 .. categories-1, then unseen, then missing.
struct GroupedRows {
  GroupedRows(const TargetRows& rows, const Column& column, const StopToken& stop);

  std::size_t codes() const { return first.size() - 1; }
  std::size_t unseen() const { return codes() - 2; }
  std::span<const std::uint32_t> positions_of(std::size_t code) const {
    return {positions.data() + first[code], first[code + 1] - first[code]};
  }

  std::vector<std::int32_t> code_of_row;  ///< of each row of the dataset that is trained on
  std::vector<std::uint32_t> positions;   ///< in TargetRows, by code, then ascending
  std::vector<std::size_t> first;         ///< first of each code, and the end
};

}  // namespace automill
