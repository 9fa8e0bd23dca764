#include <automill/preprocess/target_encoder.hpp>

#include "category_numbers_fitted.hpp"
#include "target_means.hpp"

namespace automill {
namespace {

constexpr std::size_t most_parts = 64;                        // of outer folds that are encoded together
constexpr std::uint64_t most_means = std::uint64_t{1} << 22;  // of one column at once; further folds follow after

using Values = std::shared_ptr<double[]>;

ColumnPtr column_of(const ColumnSchema& schema, std::size_t rows, const Values& values) {
  ColumnChunk chunk{.storage = Storage::float64, .length = rows, .data = values.get(), .owner = values};
  return std::make_shared<const Column>(schema, std::vector<ColumnChunk>{std::move(chunk)});
}

/// The means of one column in one outer fold, and the training rows by them: one column a signal.
struct EncodedColumn {
  std::size_t categories = 0;
  std::vector<double> means{};
  std::vector<Values> training{};
};

std::vector<std::string> suffixes_of(const Target& target) {
  std::vector<std::string> suffixes;
  if (target.task == Task::multiclass)
    for (const std::string& name : target.classes) suffixes.push_back("_mean_" + name);
  else
    for (const std::string& name : target.outputs) suffixes.push_back("_mean_" + name);
  if (suffixes.empty()) suffixes.emplace_back("_mean");
  return suffixes;
}

class Encoding {
 public:
  Encoding(const OuterFolds& outer, const TargetEncoderParameters& parameters, const RunContext& context)
      : outer_(&outer),
        parameters_(&parameters),
        context_(&context),
        claim_(context.memory, outer.dataset().rows() * 64, "target encoding"),
        problem_(outer, static_cast<std::size_t>(parameters.folds), parameters.scheme == "ordered", context),
        encoded_(outer.folds()) {
    const Table& features = outer.dataset().features;
    for (auto& fold : encoded_) fold.resize(features.size());
    context.executor().run(features.size(), [&](std::size_t c) {
      if (features[c].kind() == ColumnKind::category) encode_column(c);
    });
  }

  std::unique_ptr<FittedCategoryNumbers> transformer(std::size_t fold) {
    FittedCategoryNumbers::State state{.made_by = TargetEncoder::registered_name,
                                       .suffixes = suffixes_of(outer_->dataset().target),
                                       .keep = parameters_->keep};
    for (EncodedColumn& column : encoded_[fold]) state.numbers.push_back(std::move(column.means));
    return std::make_unique<FittedCategoryNumbers>(*outer_->dataset().features.schema(), std::move(state));
  }

  Transformer::Fitted fitted(std::size_t fold) {
    const std::shared_ptr<FittedCategoryNumbers> fitted = transformer(fold);
    fitted->set_input(outer_->dataset().features.schema());
    const TableView rows = outer_->train(fold).features();
    const std::vector<std::uint32_t> sources = fitted->sources();
    Table train = fitted->transform_with(rows, *context_, [&](std::size_t source) {
      std::vector<ColumnPtr> columns;
      auto& training = encoded_[fold][source].training;
      if (training.empty()) return columns;
      if (parameters_->keep) columns.push_back(copy_column(rows, source));
      std::size_t output =
          static_cast<std::size_t>(std::find(sources.begin(), sources.end(), source) - sources.begin());
      output += columns.size();
      for (const Values& values : training)
        columns.push_back(column_of((*fitted->output_schema())[output++], rows.rows(), values));
      return columns;
    });
    return {fitted, std::move(train)};
  }

 private:
  void encode_column(std::size_t c) {
    context_->stop.throw_if_requested();
    const bool ordered = parameters_->scheme == "ordered";
    const GroupedRows grouped(problem_.rows, outer_->dataset().features[c], context_->stop);
    const std::uint64_t means =
        grouped.codes() * problem_.rows.signals * (ordered ? 1 : static_cast<std::uint64_t>(parameters_->folds) + 1);
    const std::size_t at_once = static_cast<std::size_t>(
        std::clamp<std::uint64_t>(most_means / std::max<std::uint64_t>(1, means), 1, outer_->folds()));
    const std::uint64_t rows = problem_.rows.size() * (8 + 8 * problem_.rows.signals * (1 + outer_->folds()));
    const MemoryClaim claim(context_->memory, 8 * means * at_once + rows, "target encoding of a column");
    const std::optional<double> smoothing = ordered ? parameters_->smoothing.value_or(1) : parameters_->smoothing;
    for (std::size_t first = 0; first < outer_->folds(); first += at_once) {
      const std::size_t count = std::min(at_once, outer_->folds() - first);
      auto all = category_means(problem_, *outer_, grouped, first, count, !ordered, smoothing, context_->stop);
      context_->executor().run(count, [&](std::size_t f) {
        if (all[f].categories < static_cast<std::size_t>(parameters_->columns_from)) return;
        EncodedColumn& column = encoded_[first + f][c];
        column.training = ordered ? in_order(grouped, first + f, *smoothing) : out_of_fold(grouped, first + f, all[f]);
        column.means = std::move(all[f].means);
      });
    }
  }

  std::vector<Values> out_of_fold(const GroupedRows& grouped, std::size_t fold, const CategoryMeans& means) const {
    const auto row_numbers = outer_->train(fold).row_numbers();
    const std::size_t signals = problem_.rows.signals;
    std::vector<const double*> of_cell;
    for (std::uint8_t inner : problem_.folds[fold].inner_of) of_cell.push_back(means.of_inner[inner].data());
    return training_values(row_numbers.size(), [&](std::size_t i, std::size_t m) {
      const std::uint32_t row = row_numbers[i];
      return of_cell[problem_.rows.cell_of_row[row]][static_cast<std::size_t>(grouped.code_of_row[row]) * signals + m];
    });
  }

  std::vector<Values> in_order(const GroupedRows& grouped, std::size_t fold, double smoothing) const {
    const auto row_numbers = outer_->train(fold).row_numbers();
    const std::size_t signals = problem_.rows.signals;
    const std::vector<double> encoded = ordered_means(problem_, *outer_, grouped, fold, smoothing, context_->stop);
    return training_values(row_numbers.size(),
                           [&](std::size_t i, std::size_t m) { return encoded[row_numbers[i] * signals + m]; });
  }

  /// value(row of the training view, signal), column by column.
  template <class Value>
  std::vector<Values> training_values(std::size_t rows, const Value& value) const {
    std::vector<Values> training;
    for (std::size_t m = 0; m < problem_.rows.signals; ++m) {
      Values values = Values(new double[rows]);
      for (std::size_t i = 0; i < rows; ++i) {
        if (i % 65536 == 0) context_->stop.throw_if_requested();
        values[i] = value(i, m);
      }
      training.push_back(std::move(values));
    }
    return training;
  }

  const OuterFolds* outer_;
  const TargetEncoderParameters* parameters_;
  const RunContext* context_;
  MemoryClaim claim_;
  TargetProblem problem_;
  std::vector<std::vector<EncodedColumn>> encoded_;  ///< [fold][column]
};

}  // namespace

/// One column a class or output at most for each column.
DataShape TargetEncoder::output_shape(const DataShape& input) const {
  DataShape made = input;
  if (input.categories == 0) return made;
  const std::size_t signals = input.classes > 2 ? input.classes : std::max<std::size_t>(1, input.outputs);
  made.columns = (input.columns - input.texts) * (signals + (parameters_.keep ? 1 : 0)) + input.texts;
  if (!parameters_.keep && parameters_.columns_from == 0) made.categories = 0;
  return made;
}

std::unique_ptr<FittedTransformer> TargetEncoder::fit(const DatasetView& train, const RunContext& context) const {
  const OuterFolds outer(train);
  return Encoding(outer, parameters_, context).transformer(0);
}

Transformer::Fitted TargetEncoder::fit_transform(const DatasetView& train, const RunContext& context) const {
  const OuterFolds outer(train);
  return Encoding(outer, parameters_, context).fitted(0);
}

std::vector<Transformer::Fitted> TargetEncoder::fit_transform_folds(const FoldedDataset& folded,
                                                                    const RunContext& context) const {
  if (folded.folds() >= most_parts) return Transformer::fit_transform_folds(folded, context);
  const OuterFolds outer(folded);
  Encoding encoding(outer, parameters_, context);
  std::vector<Fitted> results(folded.folds());
  context.executor().run(folded.folds(), [&](std::size_t fold) { results[fold] = encoding.fitted(fold); });
  return results;
}

}  // namespace automill
