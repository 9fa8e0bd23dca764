#pragma once
// Where memory is too short for all rows, a run goes on with a sample of them, and says so.

#include "automl/portfolio.hpp"
#include "automl/prepare.hpp"

namespace automill {

struct RowRoom {
  std::size_t rows = 0;             ///< that fit
  std::uint64_t bytes_for_all = 0;  ///< what all of them would take, where they do not
};

/// Rows with which a fold of a booster fits beside what is used; where it does not even with 500, of another of the
/// first learners. All of them, or all divided by a power of the root of two, so that runs which differ by a little
/// memory draw the same. All too where no sample would help.
RowRoom room_for_rows(const FoldedDataset& folded, const Portfolio& portfolio, std::uint64_t limit, std::uint64_t used);

/// Drops all but about `rows` rows: a draw by content, the same for any order of the rows. A class keeps twenty of its
/// rows, or as many as classes of one size would have in half a sample.
void sample_rows(Prepared& prepared, std::size_t rows, std::uint64_t seed);

}  // namespace automill
