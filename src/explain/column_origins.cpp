#include "explain/column_origins.hpp"

#include <automill/core/column_transformer.hpp>
#include <map>

#include "features/generate_features_fitted.hpp"
#include "features/table_preparer_fitted.hpp"
#include "preprocess/columnwise.hpp"
#include "preprocess/datetime_differences_fitted.hpp"
#include "preprocess/iterative_impute_fitted.hpp"
#include "preprocess/row_statistics_fitted.hpp"
#include "preprocess/truncated_svd_fitted.hpp"

namespace automill {
namespace {

using Origins = std::vector<ColumnOrigin>;

Origins chosen(const Origins& inputs, const std::vector<std::uint32_t>& columns) {
  Origins all;
  for (std::uint32_t column : columns) all.push_back(inputs[column]);
  return all;
}

/// Of a column that is made of these inputs, different ones.
ColumnOrigin in_equal_parts(const Origins& inputs, const std::vector<std::uint32_t>& columns) {
  if (columns.size() == 1) return inputs[columns[0]];
  std::map<std::uint32_t, double> shares;
  for (std::uint32_t column : columns)
    for (const ColumnShare& one : inputs[column]) shares[one.column] += one.share / static_cast<double>(columns.size());
  ColumnOrigin origin;
  for (const auto& [column, share] : shares) origin.push_back({column, share});
  return origin;
}

Origins of_generated(const FittedGenerateFeatures& transformer, const Origins& inputs) {
  const features::FeatureProgram& program = transformer.program();
  std::vector<std::vector<std::uint32_t>> made_of(program.steps.size());  // input columns of each step
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    const features::Step& step = program.steps[s];
    if (step.operation == features::Operation::input) {
      made_of[s] = {step.first};
      continue;
    }
    std::set_union(made_of[step.first].begin(), made_of[step.first].end(), made_of[step.second].begin(),
                   made_of[step.second].end(), std::back_inserter(made_of[s]));
  }
  Origins origins = inputs;
  for (std::uint32_t output : program.outputs) origins.push_back(in_equal_parts(inputs, made_of[output]));
  return origins;
}

/// The number of missing values is of all columns, the other statistics are of numbers.
Origins of_row_statistics(const FittedRowStatistics& transformer, const Origins& inputs) {
  std::vector<std::uint32_t> all, numbers;
  for (std::uint32_t c = 0; c < inputs.size(); ++c) {
    all.push_back(c);
    if ((*transformer.input_schema())[c].kind == ColumnKind::number) numbers.push_back(c);
  }
  Origins origins = inputs;
  origins.push_back(in_equal_parts(inputs, all));
  origins.resize(transformer.output_schema()->size(), in_equal_parts(inputs, numbers.empty() ? all : numbers));
  return origins;
}

Origins of_differences(const FittedDatetimeDifferences& transformer, const Origins& inputs) {
  Origins origins = inputs;
  for (const auto& pair : transformer.pairs()) origins.push_back(in_equal_parts(inputs, {pair.first, pair.second}));
  return origins;
}

Origins of_imputed(const FittedIterativeImpute& transformer, const Origins& inputs) {
  Origins origins = inputs;
  for (std::uint32_t column : transformer.flagged()) origins.push_back(inputs[column]);
  return origins;
}

bool same(const ColumnOrigin& a, const ColumnOrigin& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ColumnShare& x, const ColumnShare& y) {
    return x.column == y.column && x.share == y.share;
  });
}

/// Components belong to what all that they are made of comes from; nothing where that differs: a component of many
/// columns tells of none of them.
std::optional<Origins> of_components(const FittedTruncatedSvd& transformer, const Origins& inputs) {
  Origins origins = chosen(inputs, transformer.columns_passed());
  const std::vector<std::uint32_t>& used = transformer.columns_used();
  for (std::uint32_t column : used)
    if (!same(inputs[column], inputs[used[0]])) return std::nullopt;
  if (!used.empty()) origins.resize(transformer.output_schema()->size(), inputs[used[0]]);
  return origins;
}

Origins of_groups(const FittedColumnTransformer& transformer, const Origins& inputs) {
  Origins origins;
  for (const auto& group : transformer.groups()) {
    Origins part = chosen(inputs, group.columns);
    if (group.transformer != nullptr) part = origins_of(*group.transformer, part);
    origins.insert(origins.end(), part.begin(), part.end());
  }
  return origins;
}

}  // namespace

std::vector<ColumnOrigin> own_origins(std::size_t columns) {
  Origins origins;
  for (std::uint32_t c = 0; c < columns; ++c) origins.push_back({{c, 1.0}});
  return origins;
}

std::vector<ColumnOrigin> origins_of(const FittedTransformer& transformer, const std::vector<ColumnOrigin>& inputs) {
  if (const auto* columnwise = dynamic_cast<const Columnwise*>(&transformer))
    return chosen(inputs, columnwise->sources());
  if (const auto* steps = dynamic_cast<const FittedTransformerPipeline*>(&transformer)) {
    Origins origins = inputs;
    for (const auto& step : steps->steps()) origins = origins_of(*step, origins);
    return origins;
  }
  if (const auto* groups = dynamic_cast<const FittedColumnTransformer*>(&transformer))
    return of_groups(*groups, inputs);
  if (const auto* prepared = dynamic_cast<const FittedTablePreparer*>(&transformer))
    return origins_of(prepared->steps(), inputs);
  if (const auto* generated = dynamic_cast<const FittedGenerateFeatures*>(&transformer))
    return of_generated(*generated, inputs);
  if (const auto* statistics = dynamic_cast<const FittedRowStatistics*>(&transformer))
    return of_row_statistics(*statistics, inputs);
  if (const auto* differences = dynamic_cast<const FittedDatetimeDifferences*>(&transformer))
    return of_differences(*differences, inputs);
  if (const auto* imputed = dynamic_cast<const FittedIterativeImpute*>(&transformer))
    return of_imputed(*imputed, inputs);
  if (const auto* components = dynamic_cast<const FittedTruncatedSvd*>(&transformer))
    if (auto origins = of_components(*components, inputs)) return *origins;
  throw Error("explain.transformer", transformer.type(), "it does not say which columns its columns are made of",
              "explain a model without it");
}

}  // namespace automill
