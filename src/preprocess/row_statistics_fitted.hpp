#pragma once
// The fitted half of RowStatistics, type "row_statistics".

#include <automill/core/transformer.hpp>

namespace automill {

class AUTOMILL_EXPORT FittedRowStatistics final : public FittedTransformer {
 public:
  /// `moments`: mean, smallest, largest and deviation, too.
  explicit FittedRowStatistics(bool moments) : moments_(moments) {}

  Table transform_aligned(const TableView& rows, const RunContext& context) const override;
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return "row_statistics"; }
  void save(ArchiveWriter& out) const override;

 protected:
  Schema make_output_schema(const Schema& input) const override;

 private:
  std::size_t added() const { return moments_ ? 6 : 2; }

  bool moments_;
};

}  // namespace automill
