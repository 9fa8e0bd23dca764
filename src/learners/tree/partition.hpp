#pragma once
// Rows of a node to its children, on bins.

#include <automill/core/run_context.hpp>
#include <automill/learners/tree/split.hpp>

namespace automill::tree {

/// Reorders rows: those that go left first. Returns how many. `scratch` holds `size` rows.
std::size_t partition(const BinnedTable& bins, const Split& split, std::uint32_t* rows, std::uint32_t* scratch,
                      std::size_t size);

/// The same on several threads, where that pays.
std::size_t partition_side_by_side(const BinnedTable& bins, const Split& split, std::uint32_t* rows,
                                   std::uint32_t* scratch, std::size_t size, const RunContext& context);

}  // namespace automill::tree
