#include <automill/preprocess/iterative_impute.hpp>

#include "column_statistics.hpp"
#include "iterative_impute_fitted.hpp"
#include "linear_algebra.hpp"
#include "read_numbers.hpp"

namespace automill {
namespace {

using Matrix = automill_eigen::MatrixXd;
constexpr std::size_t rows_a_step = 256;

/// What is known of the columns before rows are filled.
struct Columns {
  std::vector<ImputedColumn> imputed{};
  std::vector<double> fills{};           ///< one a column of the table
  std::vector<std::uint32_t> flagged{};  ///< number columns that miss cells
};

/// The `most` columns that miss the fewest cells, then in the order of their names.
void keep_fullest(std::vector<ImputedColumn>& columns, const std::vector<std::size_t>& missing, const Schema& schema,
                  std::size_t most) {
  if (columns.size() <= most) return;
  std::sort(columns.begin(), columns.end(), [&](const ImputedColumn& a, const ImputedColumn& b) {
    return std::tie(missing[a.source], schema[a.source].name) < std::tie(missing[b.source], schema[b.source].name);
  });
  columns.resize(most);
  std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.source < b.source; });
}

Columns measure(const DatasetView& train, const std::vector<double>& counts, std::size_t most,
                const RunContext& context) {
  const Schema& schema = *train.dataset().features.schema();
  Columns all{.fills = std::vector<double>(schema.size(), 0.0)};
  std::vector<std::size_t> missing(schema.size(), 0);
  std::vector<ImputedColumn> found(schema.size());
  std::vector<std::uint8_t> varies(schema.size(), 0);
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number) return;
    const ColumnValues values(train, counts, c);
    missing[c] = values.missing_rows();
    if (values.empty()) return;
    found[c] = {static_cast<std::uint32_t>(c), values.mean(), values.deviation(), values.smallest() + 0.0,
                values.largest() + 0.0};
    all.fills[c] = found[c].mean;
    varies[c] = found[c].deviation > 0 && std::isfinite(found[c].deviation) ? 1 : 0;
  });
  for (std::uint32_t c = 0; c < schema.size(); ++c) {
    if (varies[c] != 0) all.imputed.push_back(found[c]);
    if (missing[c] > 0) all.flagged.push_back(c);
  }
  keep_fullest(all.imputed, missing, schema, most);
  return all;
}

/// Standardised cells, row-major, in an order of rows that follows from their content: sums over them do not depend on
/// the order of the table.
struct Cells {
  std::vector<double> values{};   ///< rows x columns, NaN where missing
  std::vector<double> weights{};  ///< one a row, or empty
  std::vector<double> present{};  ///< share of the weight of each column that is there
};

Cells standardised(const DatasetView& train, const std::vector<double>& counts, const Columns& columns,
                   const RunContext& context) {
  const std::size_t n = train.rows(), width = columns.imputed.size();
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return train.key(a) < train.key(b); });
  Cells cells{.values = std::vector<double>(n * width), .present = std::vector<double>(width)};
  if (!counts.empty())
    for (std::uint32_t row : order) cells.weights.push_back(counts[row]);
  const double total =
      counts.empty() ? static_cast<double>(n) : std::accumulate(cells.weights.begin(), cells.weights.end(), 0.0);
  context.executor().run(width, [&](std::size_t k) {
    context.stop.throw_if_requested();
    const std::vector<double> values = all_numbers(train.features(), columns.imputed[k].source);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double score = standard_score(columns.imputed[k], values[order[i]]);
      cells.values[i * width + k] = score;
      if (!std::isnan(score)) sum += counts.empty() ? 1.0 : cells.weights[i];
    }
    cells.present[k] = sum / total;
  });
  return cells;
}

/// Second moments of the rows as the precision fills them. Steps are summed in their order for any number of threads.
Matrix moments(const Cells& cells, const NormalCompletion& completion, std::size_t rows, const RunContext& context) {
  const std::size_t width = completion.columns(), steps = (rows + rows_a_step - 1) / rows_a_step;
  const auto size = static_cast<automill_eigen::Index>(width);
  constexpr std::size_t together = 16;
  Matrix sum = Matrix::Zero(size, size);
  double total = 0;
  for (std::size_t first = 0; first < steps; first += together) {
    std::vector<Matrix> parts(std::min(together, steps - first));
    std::vector<double> weights(parts.size(), 0.0);
    context.executor().run(parts.size(), [&](std::size_t p) {
      context.stop.throw_if_requested();
      const std::size_t begin = (first + p) * rows_a_step, end = std::min(rows, begin + rows_a_step);
      Matrix block(size, static_cast<automill_eigen::Index>(end - begin));
      std::vector<std::uint32_t> missing(width);
      for (std::size_t i = begin; i < end; ++i) {
        double* row = block.data() + (i - begin) * width;
        std::copy_n(cells.values.data() + i * width, width, row);
        completion.complete(row, missing.data());
        const double weight = cells.weights.empty() ? 1.0 : cells.weights[i];
        weights[p] += weight;
        if (weight != 1) std::transform(row, row + width, row, [&](double x) { return x * std::sqrt(weight); });
      }
      parts[p] = block * block.transpose();
    });
    for (std::size_t p = 0; p < parts.size(); ++p) {
      sum += parts[p];
      total += weights[p];
    }
  }
  return sum / total;
}

NormalCompletion learn(const Cells& cells, std::size_t rows, std::size_t width,
                       const IterativeImputeParameters& parameters, const RunContext& context) {
  std::vector<double> precision(width * width, 0.0);
  for (std::size_t k = 0; k < width; ++k) precision[k * width + k] = 1;
  const auto size = static_cast<automill_eigen::Index>(width);
  for (int round = 0; round < parameters.rounds && width > 0; ++round) {
    Matrix moment = moments(cells, NormalCompletion(width, precision), rows, context);
    for (std::size_t k = 0; k < width; ++k) {  // missing cells vary about their mean given the others
      const auto at = static_cast<automill_eigen::Index>(k);
      moment(at, at) += (1 - cells.present[k]) / precision[k * width + k] + parameters.ridge;
    }
    const Matrix inverse = moment.llt().solve(Matrix::Identity(size, size));
    for (std::size_t k = 0; k < width * width; ++k) precision[k] = inverse.data()[k];
  }
  return {width, std::move(precision)};
}

}  // namespace

std::unique_ptr<FittedTransformer> IterativeImpute::fit(const DatasetView& train, const RunContext& context) const {
  const std::vector<double> counts = row_counts(train);
  Columns columns = measure(train, counts, static_cast<std::size_t>(parameters_.max_columns), context);
  const std::size_t width = columns.imputed.size();
  const MemoryClaim claim(context.memory, 8 * train.rows() * (width + 2), "cells of an imputation");
  const Cells cells = standardised(train, counts, columns, context);
  NormalCompletion completion = learn(cells, train.rows(), width, parameters_, context);
  if (parameters_.indicators == "never") columns.flagged.clear();
  return std::make_unique<FittedIterativeImpute>(std::move(columns.imputed), std::move(completion),
                                                 std::move(columns.fills), std::move(columns.flagged));
}

}  // namespace automill
