#pragma once
// A model to serve: load, predict, predict single rows, check new data, verify the file. Needs automill::predict alone.
//
//   auto served = automill::load("adult.automill");
//   auto result = served.predict(automill::read_csv("new.csv", served.schema()));
//   auto one = served.row_predictor();                               // one a thread; the model is shared
//   auto age = one.column("age");                                    // resolved once
//   one.set(age, 39.0);  one.set(one.column("job"), "clerk");
//   std::span<const double> p = one.predict();                       // noexcept, no allocation

#include <automill/core/registry.hpp>
#include <automill/predict/out_of_fold.hpp>
#include <automill/predict/prediction_result.hpp>
#include <automill/predict/sketch.hpp>
#include <automill/predict/uncertainty.hpp>

namespace automill {

/// Everything that a model file holds.
struct ModelParts {
  std::shared_ptr<const Schema> schema{};  ///< columns that prediction needs
  TargetInfo target{};
  std::shared_ptr<const Model> model{};
  std::vector<ColumnSketch> sketches{};              ///< one a column of the schema, or empty
  std::vector<double> self_test_cells{};             ///< self-test rows x columns (categories as codes), row-major
  std::vector<double> self_test_outputs{};           ///< their predictions, row-major
  std::shared_ptr<const Uncertainty> uncertainty{};  ///< null: nothing tells how far predictions may be off
  std::shared_ptr<const OutOfFold> out_of_fold{};    ///< null: the file was saved without
  Object metadata{};  ///< recipe, leaderboard, scores, versions: data for people and for refit
};

/// A cell position of a row predictor.
struct RowColumn {
  std::uint32_t index = 0;
};

class CellReader;

/// Predicts one row at a time by column name. Copies are independent; the model stays alive with it. Cells keep their
/// value between calls; all start as missing.
class AUTOMILL_EXPORT NamedRowPredictor {
 public:
  explicit NamedRowPredictor(std::shared_ptr<const ModelParts> parts);
  NamedRowPredictor(NamedRowPredictor&&) noexcept = default;
  NamedRowPredictor& operator=(NamedRowPredictor&&) noexcept = default;

  /// Position of a column; an Error with the nearest name when it is unknown.
  RowColumn column(std::string_view name) const;
  /// A number or a boolean (0, 1), or a datetime in microseconds since 1970. On a category column: the Error names its
  /// kind.
  void set(RowColumn column, double value);
  /// A category or text. The text is read during predict(): it must live until then. On a column that came as text in
  /// training ("1,234 USD", "24.12.2023", "yes") it is read as there, and what spells none is missing; on another
  /// number column it is an Error.
  void set(RowColumn column, std::string_view value);
  void set(RowColumn column, const char* value) { set(column, std::string_view(value)); }
  void set_missing(RowColumn column) noexcept;
  void clear() noexcept;  ///< all cells missing
  /// Probabilities in class order, or the value. Valid until the next call. No allocation.
  std::span<const double> predict() noexcept;
  /// As ServedModel::predict_interval. No allocation.
  Interval predict_interval(double coverage = 0.9);
  /// As ServedModel::predict_set: 1 for each class in the set, in class order. Valid until the next call. No
  /// allocation.
  std::span<const std::uint8_t> predict_set(double coverage = 0.9);

 private:
  std::shared_ptr<const ModelParts> parts_;
  std::shared_ptr<const std::vector<CellReader>> readers_;  ///< one a column
  std::unique_ptr<RowPredictor> predictor_;
  std::unique_ptr<RowPredictor> spread_{};  ///< null: the spread is 1, or there are no intervals
  std::vector<double> numbers_, out_, spread_cells_{};
  std::vector<std::uint32_t> spread_columns_{};
  std::vector<std::string_view> texts_;
  std::vector<std::uint8_t> set_;
};

/// How rows differ from training, a column each; empty `findings` when nothing is remarkable.
struct CheckReport {
  struct Finding {
    std::string column, kind,
        message;       ///< kind: "missing column", "unseen categories", "out of range", "more missing", "drift"
    double share = 0;  ///< of rows concerned, or the drift statistic
  };
  std::size_t rows = 0;
  std::vector<Finding> findings{};
  std::string text() const;
};

/// Outcome of recomputing the self-test rows.
struct VerifyReport {
  bool ok = false;
  std::size_t rows = 0;
  double largest_difference = 0;  ///< relative, 0 on the same processor
  std::string text() const;
};

/// A loaded model: cheap to copy, constant, shared between threads.
class AUTOMILL_EXPORT ServedModel {
 public:
  explicit ServedModel(std::shared_ptr<const ModelParts> parts) : parts_(std::move(parts)) {}

  const Schema& schema() const { return *parts_->schema; }
  const TargetInfo& target() const { return parts_->target; }
  Task task() const { return parts_->target.task; }
  const std::vector<std::string>& classes() const { return parts_->target.classes; }
  double decision_threshold() const { return parts_->target.decision_threshold; }
  /// A copy with another threshold (binary, in [0, 1]).
  ServedModel with_decision_threshold(double threshold) const;
  const Object& metadata() const { return parts_->metadata; }
  const ModelParts& parts() const { return *parts_; }
  const std::shared_ptr<const ModelParts>& shared_parts() const { return parts_; }
  /// The rows as training saw them: its columns in its order, text cells read as there. Errors: data.column_missing,
  /// data.column_retyped.
  Table aligned(const Table& rows) const;

  /// Any table with the columns of training, in any order; extra columns are ignored. Rows keep their order and number.
  PredictionResult predict(const Table& rows, const RunContext& context = {}) const;
  /// Regression: where the target of each row lies with probability `coverage` (0 < coverage < 1, on average over new
  /// rows like those of training), wider where the model is less sure. Between predict_quantiles at (1 - coverage) / 2
  /// and (1 + coverage) / 2. Errors: predict.wrong_kind for classes, model.no_intervals for models that were not made
  /// by train, predict.too_few_rows, option.out_of_range. As predict, and at most one small model more.
  PredictedIntervals predict_interval(const Table& rows, double coverage = 0.9, const RunContext& context = {}) const;
  /// Regression: what the target of each row is below with these probabilities, each above 0 and below 1; those that
  /// train's option named where none is given. They do not cross: a larger one is never below a smaller one.
  PredictedQuantiles predict_quantiles(const Table& rows, std::vector<double> quantiles = {},
                                       const RunContext& context = {}) const;
  /// Classification: classes of which the true one is one with probability `coverage` on average. Holds the likeliest
  /// class always, and those that are at least as probable as held-out rows say is needed.
  PredictedSets predict_set(const Table& rows, double coverage = 0.9, const RunContext& context = {}) const;
  NamedRowPredictor row_predictor() const { return NamedRowPredictor(parts_); }
  CheckReport check(const Table& rows) const;
  VerifyReport verify() const;
  /// Writes the file: temporary file, fsync, rename. Errors: file.unwritable, file.disk_full.
  void save(const std::string& path) const;
  /// The bytes that save writes.
  std::vector<std::byte> bytes() const;

 protected:
  std::shared_ptr<const ModelParts> parts_;
};

/// Reads a model file, or its bytes. No byte of it is executed. Errors: file.missing, model_file.* (not a model,
/// damaged, made by a newer version). `registry` null: the built-in components.
AUTOMILL_EXPORT ServedModel load(const std::string& path, const Registry* registry = nullptr);
AUTOMILL_EXPORT ServedModel load(std::span<const std::byte> bytes, const Registry* registry = nullptr);

/// Fitted halves of all built-in components (src/builtin_models.cpp).
AUTOMILL_EXPORT const Registry& builtin_models();

}  // namespace automill
