#pragma once
// A transformer learns from training rows how to change columns. Like an estimator it holds hyperparameters only;
// fitting gives a FittedTransformer and the transformed training rows. The two may differ: a target encoder gives
// out-of-fold values for the rows that it was fitted on, so that no row sees its own target.

#include <automill/core/estimator.hpp>

namespace automill {

/// Transforms single rows; own scratch, no allocation per call. Not shared between threads.
class AUTOMILL_EXPORT RowTransformer {
 public:
  virtual ~RowTransformer() = default;
  /// `numbers` (and `texts`, when the output schema has text) have the size of the output schema.
  virtual void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept = 0;
};

class AUTOMILL_EXPORT FittedTransformer {
 public:
  virtual ~FittedTransformer() = default;
  const std::shared_ptr<const Schema>& input_schema() const { return input_; }
  const std::shared_ptr<const Schema>& output_schema() const { return output_; }
  /// Sets the input schema; the output schema follows from it and the state.
  void set_input(std::shared_ptr<const Schema> input) {
    input_ = std::move(input);
    output_ = std::make_shared<const Schema>(make_output_schema(*input_));
  }

  /// Transforms rows whose table has the input schema; the result has one row for each row of the view. The default
  /// goes through row_transformer in blocks, so that one row and a batch agree; columns that pass unchanged may be
  /// shared instead. Stopped leaves it when the context asks for a stop.
  virtual Table transform_aligned(const TableView& rows, const RunContext& context) const;
  /// Any table with the columns of training.
  Table transform(const Table& rows, const RunContext& context = {}) const {
    const Table aligned = align(rows, *input_);
    return transform_aligned(aligned, context);
  }
  virtual std::unique_ptr<RowTransformer> row_transformer() const = 0;
  virtual std::string type() const = 0;
  virtual int state_version() const { return 1; }
  virtual void save(ArchiveWriter& out) const = 0;
  virtual std::string describe(int indent = 0) const {
    return std::string(static_cast<std::size_t>(indent), ' ') + type() + "\n";
  }

 protected:
  virtual Schema make_output_schema(const Schema& input) const = 0;

 private:
  std::shared_ptr<const Schema> input_, output_;
};

namespace transformer_detail {

/// Columns under construction: numbers for all, text where the schema says so.
class TableBuilder {
 public:
  TableBuilder(const Schema& schema, std::size_t rows)
      : schema_(&schema), rows_(rows), numbers_(schema.size()), texts_(schema.size()) {
    for (std::size_t c = 0; c < schema.size(); ++c) {
      if (schema[c].kind == ColumnKind::text) texts_[c].resize(rows);
      else numbers_[c].resize(rows);
    }
  }
  void set_row(std::size_t row, const double* numbers, const std::string_view* texts) {
    for (std::size_t c = 0; c < schema_->size(); ++c) {
      if ((*schema_)[c].kind == ColumnKind::text) texts_[c][row] = texts[c];
      else numbers_[c][row] = numbers[c];
    }
  }
  Table finish() {
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < schema_->size(); ++c) {
      const ColumnSchema& column = (*schema_)[c];
      if (column.kind == ColumnKind::text) columns.push_back(make_text_column(column.name, texts_[c]));
      else columns.push_back(make_number_column(column, std::move(numbers_[c])));
    }
    return Table::with_rows(std::move(columns), rows_);
  }

 private:
  const Schema* schema_;
  std::size_t rows_;
  std::vector<std::vector<double>> numbers_;
  std::vector<std::vector<std::string_view>> texts_;
};

}  // namespace transformer_detail

inline Table FittedTransformer::transform_aligned(const TableView& rows, const RunContext& context) const {
  constexpr std::size_t block = 256;
  const Schema& in = rows.schema();
  const Schema& out = *output_;
  transformer_detail::TableBuilder builder(out, rows.rows());
  for_each_block(context.executor(), rows.rows(), 32 * block, [&](std::size_t begin, std::size_t end) {
    const auto transformer = row_transformer();
    std::vector<double> columns(block * in.size()), cells(in.size()), numbers(out.size());
    std::vector<std::string_view> texts(in.size()), text_out(out.size());
    for (std::size_t first = begin; first < end; first += block) {
      const std::size_t count = std::min(block, end - first);
      const TableView part = rows.part(first, count);
      context.stop.throw_if_requested();
      for (std::size_t c = 0; c < in.size(); ++c) part.numbers(c, columns.data() + c * block);
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t c = 0; c < in.size(); ++c) {
          cells[c] = columns[c * block + i];
          if (in[c].kind == ColumnKind::text) texts[c] = part.text(c, i);
        }
        transformer->transform({cells.data(), texts.data()}, numbers.data(), text_out.data());
        builder.set_row(first + i, numbers.data(), text_out.data());
      }
    }
  });
  return builder.finish();
}

class AUTOMILL_EXPORT Transformer {
 public:
  struct Fitted {
    std::shared_ptr<const FittedTransformer> transformer;
    Table train;  ///< one row for each row of the training view
  };
  virtual ~Transformer() = default;
  virtual std::string name() const = 0;
  virtual Object parameters() const = 0;
  /// The whole configuration as data, from which the registry makes it again: {"type", "parameters"}; containers nest.
  virtual Value structure() const { return Object{{"type", name()}, {"parameters", parameters()}}; }
  virtual std::unique_ptr<Transformer> with_parameters(const Object& values) const = 0;
  /// Learns and transforms the training rows. Stopped leaves it when the context asks for a stop.
  virtual Fitted fit_transform(const DatasetView& train, const RunContext& context) const = 0;
  /// One result a fold. The default is a loop; encoders that share sums between folds override it.
  virtual std::vector<Fitted> fit_transform_folds(const FoldedDataset& folded, const RunContext& context) const {
    std::vector<Fitted> results(folded.folds());
    context.executor().run(folded.folds(),
                           [&](std::size_t fold) { results[fold] = fit_transform(folded.train(fold), context); });
    return results;
  }
  /// Whether fit_transform_folds is less work than a loop. Pipelines then fit all folds together, and the training
  /// columns of all folds exist at the same time.
  virtual bool shares_folds() const { return false; }
  /// Sizes of what it makes of columns of these sizes, at most; the same where it is not said.
  virtual DataShape output_shape(const DataShape& input) const { return input; }
  /// Operations, and bytes at their most, of fitting it and of the training rows that it gives.
  virtual CostEstimate cost(const DataShape& input) const {
    const double cells = static_cast<double>(input.rows) * std::max(input.filled(), output_shape(input).filled());
    return {20 * cells, 8 * cells};
  }
  virtual std::string describe(int indent = 0) const {
    return std::string(static_cast<std::size_t>(indent), ' ') + name() + "\n";
  }
};

/// Base of transformers with declared parameters whose training rows are transformed like any others: `fit` is all to
/// write.
template <class T, Declared P>
class DeclaredTransformer : public Transformer {
 public:
  using Parameters = P;
  DeclaredTransformer() = default;
  explicit DeclaredTransformer(P parameters) : parameters_(std::move(parameters)) {
    check_parameters(parameters_, T::registered_name);
  }
  std::string name() const override { return T::registered_name; }
  const P& values() const { return parameters_; }
  Object parameters() const override { return parameter_values(parameters_); }
  std::unique_ptr<Transformer> with_parameters(const Object& values) const override {
    auto copy = std::make_unique<T>(static_cast<const T&>(*this));
    assign_parameters(copy->parameters_, values, T::registered_name);
    return copy;
  }
  Fitted fit_transform(const DatasetView& train, const RunContext& context) const override {
    std::shared_ptr<FittedTransformer> fitted = fit(train, context);
    fitted->set_input(train.dataset().features.schema());
    Table table = fitted->transform_aligned(train.features(), context);
    return {std::move(fitted), std::move(table)};
  }

 protected:
  virtual std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const = 0;
  P parameters_{};
};

}  // namespace automill
