#pragma once
// Why a tree ensemble predicts what it predicts: Shapley values of its scores, exact and path-dependent (TreeSHAP,
// Lundberg et al. 2020, Algorithm 2): a column that is left out goes both ways, in proportion to the training rows.
//
//   const Contributions why = contributions(model, TableView(rows));
//   why.of(3, 0)[2];       // what column 2 adds to the score of row 3
//   why.of(3, 0).back();   // the mean score; all values of a row sum to its score

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill {

struct Contributions {
  std::size_t columns = 0, outputs = 0;  ///< of the input schema; scores (one a class for more than two classes)
  std::vector<double> values{};          ///< [row][output][column], and the mean score after the columns
  std::size_t rows() const { return outputs == 0 ? 0 : values.size() / (outputs * (columns + 1)); }
  std::span<const double> of(std::size_t row, std::size_t output) const {
    return std::span(values).subspan((row * outputs + output) * (columns + 1), columns + 1);
  }
};

/// Contributions to the scores (before logistic, softmax or exponential): log-odds, log-rates, or the target's unit.
/// `rows` have the columns of the model's input schema, in its order. O(nodes) a row, times 8 for paths of up to 16
/// different columns. Stopped: the rows that were not reached are NaN.
AUTOMILL_EXPORT Contributions contributions(const TreeEnsemble& model, const TableView& rows,
                                            const RunContext& context = {});

}  // namespace automill
