#pragma once
// Columns that say almost the same as another one.

#include <automill/core/run_context.hpp>
#include <automill/core/table.hpp>

namespace automill {

struct SimilarColumns {
  std::size_t first = 0, second = 0;
  double correlation = 0;  ///< 0: categories that map one to one
};

/// Numbers, booleans and datetimes with a correlation beyond 0.9999 or below -0.9999, and categories that map one to
/// one, in these rows. Pairs in order of the columns; of three alike, the second and the third are each paired with the
/// first. Numbers are compared by two random projections first: O(columns rows + pairs that look alike).
std::vector<SimilarColumns> similar_columns(const Table& table, std::span<const std::uint32_t> rows,
                                            const RunContext& context);

}  // namespace automill
