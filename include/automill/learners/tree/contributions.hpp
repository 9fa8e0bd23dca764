#pragma once
// Why a tree ensemble predicts what it predicts: Shapley values of its scores, exact.
//
//   const Contributions why = contributions(model, TableView(rows));
//   why.of(3, 0)[2];       // what column 2 adds to the score of row 3
//   why.of(3, 0).back();   // the mean score; all values of a row sum to its score
//
// Path-dependent (TreeSHAP, Lundberg et al. 2020, Algorithm 2): a column that is left out goes both ways, in proportion
// to the training rows. Interventional (the same, Algorithm 3): a column that is left out has the value of a background
// row, averaged over them. Categories that trees look at together (CategoryCross) are known together or not at all, and
// share what they contribute in equal parts. Scores are what is before logistic, softmax or exponential: log-odds,
// log-rates, or the target's unit. Rows have the columns of the model's input schema, in its order. Paths may have 2000
// splits: beyond, Error explain.depth. Stopped: the rows that were not reached are NaN.
//
// Leaves that are linear models: path-dependent, a column that is left out has in each leaf its mean over the rows that
// the leaf learned from; imported models do not tell these, Error explain.linear_leaves. Interventional, mixed rows get
// what the model gives them. In both, what bounds cut off a leaf's value is taken from all its columns by one factor:
// interventional values are those of the mixed rows themselves only where bounds cut none of them. A leaf's plain value
// in place of its model is, path-dependent, due to the columns whose cells are missing, in equal parts.

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

/// Symmetric in the two columns. A line sums to the column's contribution: the diagonal is what a column adds by
/// itself.
struct Interactions {
  std::size_t columns = 0, outputs = 0;
  std::vector<double> values{};  ///< [row][output][column][column]
  std::size_t rows() const { return columns * outputs == 0 ? 0 : values.size() / (outputs * columns * columns); }
  double of(std::size_t row, std::size_t output, std::size_t first, std::size_t second) const {
    return values[((row * outputs + output) * columns + first) * columns + second];
  }
};

/// Path-dependent contributions. O(nodes * columns of a path) a row, and as often for each output of leaf vectors.
AUTOMILL_EXPORT Contributions contributions(const TreeEnsemble& model, const TableView& rows,
                                            const RunContext& context = {});

/// Interventional contributions against rows of a background: the last value is their mean score. Rows that go the same
/// ways at the nodes above a leaf share its work: O(nodes) a row and a background row, and for each leaf the ways that
/// both go, at most (rows that differ there) * (background rows that differ there). A linear leaf's work, its terms, is
/// done for each two rows that reach it together. Error explain.background: no rows.
AUTOMILL_EXPORT Contributions contributions(const TreeEnsemble& model, const TableView& rows,
                                            const TableView& background, const RunContext& context = {});

/// Path-dependent interaction values (Lundberg et al. 2020, after Fujimoto et al. 2006). As contributions, times the
/// columns of a path; the result holds columns * columns numbers a row and output.
AUTOMILL_EXPORT Interactions interactions(const TreeEnsemble& model, const TableView& rows,
                                          const RunContext& context = {});

}  // namespace automill
