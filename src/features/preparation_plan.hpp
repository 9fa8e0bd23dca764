#pragma once
// Which steps a table calls for, in order.

#include <automill/core/column_transformer.hpp>
#include <automill/features/table_preparer.hpp>

namespace automill {

struct PlannedStep {
  std::string name;
  std::shared_ptr<const Transformer> transformer;
  std::string reason;  ///< why columns come or go
};

struct PreparationPlan {
  std::vector<PlannedStep> steps{};
  std::map<std::string, std::string> dropped{};  ///< reason by name, of columns that the first step leaves out
};

PreparationPlan plan_preparation(const DatasetView& train, const TablePreparerParameters& parameters,
                                 const RunContext& context);

/// The steps that change sizes most, as if the table called for each of them: for estimates of cost.
TransformerPipeline widest_preparation(const TablePreparerParameters& parameters);

}  // namespace automill
