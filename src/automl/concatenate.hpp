#pragma once
// The rows of a second table behind those of a first, by column name. Used for validation data.

#include <automill/core/table.hpp>

namespace automill {

/// Columns of `first`; those that `second` misses (all at once) or has with another kind are faults.
Table concatenate(const Table& first, const Table& second);

}  // namespace automill
