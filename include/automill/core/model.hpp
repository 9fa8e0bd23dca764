#pragma once
// A fitted model: constant, shared between threads without locks.
//
//   Predictions p = model.predict(table);                  // any table with the columns of training, in any order
//   auto one = model.row_predictor();                      // one a thread: own scratch, no allocation per call

#include <automill/core/align.hpp>
#include <automill/core/archive.hpp>
#include <automill/core/predictions.hpp>
#include <automill/core/run_context.hpp>

namespace automill {

/// Predicts single rows laid out by the model's input schema. Not shared between threads; the model must outlive it.
class AUTOMILL_EXPORT RowPredictor {
 public:
  virtual ~RowPredictor() = default;
  /// `out` has the width of the model's output. Built-in models do not allocate.
  virtual void predict(const RowView& row, std::span<double> out) noexcept = 0;
};

/// What a component knows when it is loaded: the schema of its input, and what it gives out.
struct ModelContext {
  std::shared_ptr<const Schema> input{};
  OutputSpec output{};
};

class AUTOMILL_EXPORT Model {
 public:
  virtual ~Model() = default;

  /// Columns that prediction needs. Set by Estimator::fit and by the loader.
  const Schema& input_schema() const { return *context_.input; }
  const OutputSpec& output_spec() const { return context_.output; }
  const ModelContext& context() const { return context_; }
  void set_context(ModelContext context) {
    context_ = std::move(context);
    context_changed();
  }

  /// Brings the rows to the input schema, then predicts. Errors: a column missing or of another kind.
  Predictions predict(const Table& rows, const RunContext& context = {}) const {
    const Table aligned = align(rows, input_schema());
    Predictions predictions(rows.rows(), output_spec().width);
    predict_aligned(aligned, predictions.view(), context);
    return predictions;
  }

  /// Predicts rows whose table already has the input schema.
  virtual void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const = 0;
  /// The default builds a table of one row for each call (it allocates; on an exception it gives NaN).
  virtual std::unique_ptr<RowPredictor> row_predictor() const;
  /// Registered name of the fitted half, and the version of what `save` writes.
  virtual std::string type() const = 0;
  virtual int state_version() const { return 1; }
  virtual void save(ArchiveWriter& out) const = 0;
  /// One line a component, for people; containers print a tree.
  virtual std::string describe(int indent = 0) const {
    return std::string(static_cast<std::size_t>(indent), ' ') + type() + "\n";
  }

 protected:
  virtual void context_changed() {}

 private:
  ModelContext context_;
};

namespace model_detail {

/// A table of one row that refers to the caller's cells.
inline Table one_row_table(const Schema& schema, const RowView& row) {
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    ColumnSchema column = schema[c];
    if (column.kind == ColumnKind::text) {
      columns.push_back(std::make_shared<const Column>(
          std::move(column),
          std::vector<ColumnChunk>{{.storage = Storage::text_view, .length = 1, .data = row.texts + c}}));
    } else {
      columns.push_back(std::make_shared<const Column>(
          std::move(column),
          std::vector<ColumnChunk>{{.storage = Storage::float64, .length = 1, .data = row.numbers + c}}));
    }
  }
  return Table::with_rows(std::move(columns), 1);
}

class TableRowPredictor final : public RowPredictor {
 public:
  explicit TableRowPredictor(const Model& model) : model_(&model) {}
  void predict(const RowView& row, std::span<double> out) noexcept override {
    try {
      const Table table = one_row_table(model_->input_schema(), row);
      model_->predict_aligned(table, {out.data(), 1, out.size()}, RunContext{});
    } catch (...) {
      std::fill(out.begin(), out.end(), std::numeric_limits<double>::quiet_NaN());
    }
  }

 private:
  const Model* model_;
};

}  // namespace model_detail

inline std::unique_ptr<RowPredictor> Model::row_predictor() const {
  return std::make_unique<model_detail::TableRowPredictor>(*this);
}

/// Helper of models that are fast row by row: predicts a batch through the row predictor, in blocks of 256 rows, so
/// that one row and a batch agree bit for bit. Stops between blocks when the context says so (rows left over are NaN).
inline void predict_by_rows(const Model& model, const TableView& rows, PredictionsView out, const RunContext& context) {
  constexpr std::size_t block = 256;
  const Schema& schema = rows.schema();
  bool has_text = false;
  for (const auto& column : schema.columns()) has_text = has_text || column.kind == ColumnKind::text;
  for_each_block(context.executor(), rows.rows(), 32 * block, [&](std::size_t begin, std::size_t end) {
    const auto predictor = model.row_predictor();
    std::vector<double> columns(block * schema.size()), cells(schema.size());
    std::vector<std::string_view> texts(has_text ? schema.size() : 0);
    for (std::size_t first = begin; first < end; first += block) {
      const std::size_t count = std::min(block, end - first);
      if (context.stop.stop_requested()) {
        std::fill(out.data + first * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
        return;
      }
      const TableView part = rows.part(first, count);
      for (std::size_t c = 0; c < schema.size(); ++c) part.numbers(c, columns.data() + c * block);
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t c = 0; c < schema.size(); ++c) {
          cells[c] = columns[c * block + i];
          if (has_text && schema[c].kind == ColumnKind::text) texts[c] = part.text(c, i);
        }
        predictor->predict({cells.data(), has_text ? texts.data() : nullptr}, out.row(first + i));
      }
    }
  });
}

}  // namespace automill
