#include <automill/preprocess/row_statistics.hpp>

#include "row_statistics_fitted.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> RowStatistics::fit(const DatasetView&, const RunContext&) const {
  return std::make_unique<FittedRowStatistics>(parameters_.statistics == "all");
}

}  // namespace automill
