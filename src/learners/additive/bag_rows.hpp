#pragma once
// The order in which additive models see rows, and which rows each bag trains on.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>

namespace automill::additive {

/// Positions in the view by ascending key: sums then do not depend on the order of rows. Stopped leaves it.
std::vector<std::uint32_t> rows_by_key(const DatasetView& view, const RunContext& context);

/// Whether a bag holds out each row of `order`: about `share` of each class, chosen by keyed hashes, never all of it.
std::vector<bool> held_out_rows(const DatasetView& view, std::span<const std::uint32_t> order, double share,
                                std::uint64_t bag_seed);

}  // namespace automill::additive
