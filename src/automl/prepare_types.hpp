#pragma once
// What a column is, beyond the kind that it arrived with: numbers and dates written as text, identifiers, lists and
// JSON.

#include "automl/prepare.hpp"

namespace automill {

struct SettledColumn {
  ColumnPtr column{};       ///< with the kind and the format that the model will see
  std::string dropped{};    ///< why it cannot be used; empty: it can
  std::string note{};       ///< what was decided; empty: nothing
  bool identifier = false;  ///< a number of the row, and dropped for that
};

/// `column`: in the rows that are used. A kind in options.types decides over all; values that do not fit are an Error
/// data.cell_type. Does not depend on the order of rows. O(rows log rows) at most.
SettledColumn settle_type(const ColumnPtr& column, const TrainOptions& options);

}  // namespace automill
