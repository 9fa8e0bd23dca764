#pragma once
// Which columns of a table the columns behind a transformer are made of: what a made column adds to a score goes back
// to them. A column that is made of several belongs to them in equal parts, whatever it is made by: sums of
// contributions hold, and no part depends on the row. What is filled in for a missing value belongs to the column that
// misses it.

#include <automill/core/transformer.hpp>

namespace automill {

struct ColumnShare {
  std::uint32_t column = 0;
  double share = 1;
};

/// Different columns, ascending; shares sum to 1.
using ColumnOrigin = std::vector<ColumnShare>;

/// Each column is its own origin.
std::vector<ColumnOrigin> own_origins(std::size_t columns);

/// For each output column; `inputs`: the origins of the input columns. Error explain.transformer for one that is not
/// known here.
std::vector<ColumnOrigin> origins_of(const FittedTransformer& transformer, const std::vector<ColumnOrigin>& inputs);

}  // namespace automill
