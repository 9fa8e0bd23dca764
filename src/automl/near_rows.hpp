#pragma once
// Rows that are made of training rows, for a student to learn what its teacher predicts between them: each takes some
// cells of a row near it (MUNGE, Bucila, Caruana & Niculescu-Mizil 2006, without its noise on numbers: cells keep
// values that occur).

#include <automill/core/dataset.hpp>

namespace automill {

/// So many rows made of `rows`, positions in the table, whose keys are `keys`. The near row is the nearest of 64 that
/// are drawn: numbers apart by their standard deviations, categories by 1 where they differ. Depends on the content of
/// the rows, not on their order. O(count 64 columns).
Table near_rows(const Table& table, std::vector<std::uint32_t> rows, std::span<const std::uint64_t> keys,
                std::size_t count, std::uint64_t seed);

}  // namespace automill
