#include <automill/preprocess/bins.hpp>

#include "bins_fitted.hpp"
#include "column_statistics.hpp"

namespace automill {
namespace {

/// Edges between bins: of bins + 1 edges all but the first and last.
std::vector<double> inner_edges(ColumnValues& values, const BinsParameters& parameters, const StopToken& stop) {
  const auto bins = static_cast<std::size_t>(parameters.bins);
  if (values.empty()) return {};
  std::vector<double> edges;
  if (parameters.method == "quantile") {
    edges = values.quantiles(bins + 1, stop);
  } else {
    const double low = values.smallest(), high = values.largest();
    for (std::size_t i = 0; i <= bins; ++i) {
      const double part = static_cast<double>(i) / static_cast<double>(bins);
      edges.push_back(i == 0 ? low : i == bins ? high : low * (1 - part) + high * part);
    }
  }
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges.size() < 3 ? std::vector<double>() : std::vector<double>(edges.begin() + 1, edges.end() - 1);
}

}  // namespace

DataShape Bins::output_shape(const DataShape& input) const {
  DataShape made = input;
  if (parameters_.encode != "one_hot") return made;
  made.columns = (input.columns - input.texts) * static_cast<std::size_t>(parameters_.bins) + input.texts;
  made.nonzeros = input.nonzeros > 0 ? input.nonzeros : input.columns;
  return made;
}

std::unique_ptr<FittedTransformer> Bins::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  ColumnLists edges(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number) return;
    ColumnValues values(train, counts, c);
    edges[c] = inner_edges(values, parameters_, context.stop);
  });
  const BinEncoding encoding = parameters_.encode == "one_hot" ? BinEncoding::one_hot : BinEncoding::ordinal;
  return std::make_unique<FittedBins>(schema, encoding, std::move(edges));
}

}  // namespace automill
