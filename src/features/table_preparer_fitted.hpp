#pragma once
// Fitted steps in order, and what became of each column.

#include <automill/features/table_preparer.hpp>

namespace automill {

class AUTOMILL_EXPORT FittedTablePreparer final : public FittedTransformer {
 public:
  FittedTablePreparer(std::shared_ptr<const FittedTransformer> steps, PreparationReport report)
      : steps_(std::move(steps)), report_(std::move(report)) {}

  const FittedTransformer& steps() const { return *steps_; }
  const PreparationReport& report() const { return report_; }

  Table transform_aligned(const TableView& rows, const RunContext& context) const override {
    return steps_->transform_aligned(rows, context);
  }
  std::unique_ptr<RowTransformer> row_transformer() const override { return steps_->row_transformer(); }
  std::string type() const override { return TablePreparer::registered_name; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  Schema make_output_schema(const Schema&) const override { return *steps_->output_schema(); }

 private:
  std::shared_ptr<const FittedTransformer> steps_;
  PreparationReport report_;
};

}  // namespace automill
