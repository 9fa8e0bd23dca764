#pragma once
// What a model predicted for the rows that it was trained on, each row by models that had not seen it.

#include <automill/core/predictions.hpp>
#include <string>
#include <vector>

namespace automill {

/// Out-of-fold predictions in the caller's row order. Rows that no fold held out (or that were dropped) have fold -1
/// and NaN.
struct OutOfFold {
  Predictions predictions{};
  std::vector<std::int32_t> fold{};
  std::vector<std::uint32_t> used_rows{};  ///< rows of the caller's table that were trained on, ascending
  std::vector<double> weights{};           ///< of each used row in the score; empty: all count alike
};

}  // namespace automill
