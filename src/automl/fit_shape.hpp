#pragma once
// The sizes of a fit of a fold, which its cost follows.

#include <automill/core/estimator.hpp>

namespace automill {

DataShape shape_of_fold(const FoldedDataset& folded, std::size_t fold);

/// Of the predictions of a candidate for all rows.
std::uint64_t bytes_of_predictions(const Dataset& dataset);

}  // namespace automill
