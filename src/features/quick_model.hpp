#pragma once
// Quick boosting models of columns: what a sum of functions of one column each leaves of the target, and how well
// trees predict.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>
#include <automill/learners/gradient_boosting.hpp>

namespace automill::features {

/// Adds the gains of a model's splits to those of its columns; a constant model has none.
void add_importance(const Model& model, std::vector<double>& importance);

/// [output][row]: of a number target less prediction, of a class 1 or 0 less its probability; each with mean 0 and, for
/// numbers, without the far tails. Of many outputs those with most left; none where nothing is left.
using Residuals = std::vector<std::vector<double>>;

struct QuickResiduals {
  Residuals of_stumps{};  ///< of rows that the stumps of their fold did not see
  Residuals of_mean{};
  std::vector<double> importance{};  ///< gain of each column in the stumps, summed over the folds
};

/// Splits by the rows' keys (groups stay together). O(rows x columns) a round, at most 200 rounds.
QuickResiduals quick_residuals(const std::shared_ptr<const Dataset>& data, std::size_t folds,
                               const RunContext& context);

/// Log-loss or squared error of each row by gradient boosting with its defaults, by models that did not see the row.
std::vector<double> out_of_fold_losses(const std::shared_ptr<const Dataset>& data, std::size_t folds,
                                       const RunContext& context);

}  // namespace automill::features
