#include <automill/preprocess/impute.hpp>

#include "column_statistics.hpp"
#include "impute_fitted.hpp"

namespace automill {
namespace {

double fill_for(ColumnValues& values, ColumnKind kind, const ImputeParameters& parameters) {
  const bool constant = parameters.numeric == "constant" && kind == ColumnKind::number;
  if (constant) return parameters.fill_value;
  if (values.empty()) return 0;
  if (kind == ColumnKind::boolean) return values.most_frequent() != 0 ? 1 : 0;
  if (parameters.numeric == "most_frequent") return values.most_frequent();
  return parameters.numeric == "mean" ? values.mean() : values.quantile(0.5);
}

}  // namespace

std::unique_ptr<FittedTransformer> Impute::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<ImputeAction> actions(schema.size(), ImputeAction::pass);
  std::vector<double> fills(schema.size(), 0.0);
  for_each_column(train, context, [&](std::size_t c) {
    const ColumnKind kind = schema[c].kind;
    if (kind == ColumnKind::text) return;
    if (kind == ColumnKind::category) {
      const std::vector<double> frequency = category_counts(train, counts, c);
      const bool own = frequency.back() > 0 && parameters_.categorical == "own_category";
      if (!own && frequency.size() == 1) return;  // no category to fill with
      actions[c] = own ? ImputeAction::own_category : ImputeAction::fill;
      fills[c] = static_cast<double>(std::max_element(frequency.begin(), frequency.end() - 1) - frequency.begin());
      return;
    }
    ColumnValues values(train, counts, c);
    const bool flag = values.missing_rows() > 0 && parameters_.indicators == "auto";
    actions[c] = flag ? ImputeAction::fill_and_flag : ImputeAction::fill;
    fills[c] = fill_for(values, kind, parameters_);
  });
  return std::make_unique<FittedImpute>(schema, std::move(actions), std::move(fills));
}

}  // namespace automill
