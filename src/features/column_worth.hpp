#pragma once
// What columns tell of a target beside shuffled ones: for SelectFeatures.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>

#include "features/residual_score.hpp"

namespace automill::features {

struct ColumnWorth {
  std::vector<double> importance{};    ///< of each column; larger is better
  std::vector<std::uint8_t> signal{};  ///< 1: it tells more than shuffled columns do
};

/// Gains of boosting models, each fitted beside another shuffle of every column. A column has signal when its mean gain
/// is above that of every shuffled one in any fit.
ColumnWorth worth_by_shadows(const std::shared_ptr<const Dataset>& data, std::size_t fits, const RunContext& context);

/// Mutual information of the bins of each column with the classes, or with bins of each output. A column has signal
/// when it is above that of 19 shuffles of it.
ColumnWorth worth_by_information(const Dataset& data, const RunContext& context);

/// Every column in bins.
std::vector<BinnedCandidate> bin_columns(const Dataset& data, const RunContext& context);

}  // namespace automill::features
