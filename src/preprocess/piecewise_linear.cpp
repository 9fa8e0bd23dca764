#include <automill/preprocess/piecewise_linear.hpp>

#include "piecewise_linear_fitted.hpp"
#include "target_bins.hpp"

namespace automill {
namespace {

constexpr std::size_t tree_candidates = 256;

void make_distinct(std::vector<double>& ascending) {
  ascending.erase(std::unique(ascending.begin(), ascending.end()), ascending.end());
}

}  // namespace

DataShape PiecewiseLinear::output_shape(const DataShape& input) const {
  DataShape made = input;
  made.columns = (input.columns - input.texts) * static_cast<std::size_t>(parameters_.bins) + input.texts;
  if (made.nonzeros > 0) made.nonzeros *= static_cast<std::size_t>(parameters_.bins);
  return made;
}

std::unique_ptr<FittedTransformer> PiecewiseLinear::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  const auto bins = static_cast<std::size_t>(parameters_.bins);
  const bool tree = parameters_.method == "tree";
  ColumnLists edges(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number) return;
    ColumnValues values(train, counts, c);
    if (values.empty()) return;
    std::vector<double> found = values.quantiles((tree ? tree_candidates : bins) + 1, context.stop);
    make_distinct(found);
    if (tree && found.size() > 2) {
      const std::vector<double> inner(found.begin(), found.end() - 1);
      std::vector<double> chosen =
          target_bins(train, counts, c, inner, {.bins = bins, .min_rows = parameters_.min_rows});
      chosen.insert(chosen.begin(), found.front());
      chosen.push_back(found.back());
      found = std::move(chosen);
      make_distinct(found);
    }
    edges[c] = std::move(found);
  });
  const BeyondEdges beyond = parameters_.beyond == "linear" ? BeyondEdges::linear : BeyondEdges::constant;
  return std::make_unique<FittedPiecewiseLinear>(schema, beyond, std::move(edges));
}

}  // namespace automill
