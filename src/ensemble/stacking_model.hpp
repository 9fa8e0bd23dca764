#pragma once
// The fitted half of Stacking, type "stacking".

#include <automill/core/registry.hpp>

namespace automill {

/// What the final estimator sees: columns of predictions, one estimator after the other, then the columns of the table
/// where they are passed through. A name that a column has already is put in brackets.
struct AUTOMILL_EXPORT StackedColumns {
  OutputSpec output{};
  std::shared_ptr<const Schema> passed{};  ///< null: they are not passed through

  /// Columns of an estimator's predictions.
  std::vector<ColumnSchema> of(const std::string& estimator) const;
  /// All of them.
  std::shared_ptr<const Schema> schema(const std::vector<std::string>& estimators) const;
  /// Values of a row of predictions that are kept: `values` moves on.
  void keep(std::span<const double> predictions, double*& values) const noexcept;
  /// Adds the columns of an estimator's predictions.
  void add(const std::string& estimator, const Predictions& predictions, std::vector<ColumnPtr>& columns) const;
  /// All of them as a table; `columns`: of the predictions.
  Table table(std::vector<ColumnPtr> columns, const TableView& rows) const;
  std::size_t width() const { return output.task == Task::binary ? 1 : output.width; }
};

class AUTOMILL_EXPORT StackingModel final : public Model {
 public:
  static constexpr const char* registered_name = "stacking";
  struct Member {
    std::string name;
    std::shared_ptr<const Model> model{};
  };
  StackingModel(std::vector<Member> members, std::shared_ptr<const Model> last, bool passthrough)
      : members_(std::move(members)), last_(std::move(last)), passthrough_(passthrough) {}

  const std::vector<Member>& members() const { return members_; }
  const Model& final_model() const { return *last_; }
  bool passthrough() const { return passthrough_; }
  /// The rows as the final model sees them.
  static Table stack(const std::vector<Member>& members, const StackedColumns& columns, const TableView& rows,
                     const RunContext& context);

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return registered_name; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  StackedColumns columns() const { return {output_spec(), passthrough_ ? context().input : nullptr}; }

  std::vector<Member> members_;
  std::shared_ptr<const Model> last_;
  bool passthrough_;
};

}  // namespace automill
