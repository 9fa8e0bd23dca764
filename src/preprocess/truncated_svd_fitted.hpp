#pragma once
// The fitted half of TruncatedSvd, type "truncated_svd".

#include <automill/core/transformer.hpp>

namespace automill {

class AUTOMILL_EXPORT FittedTruncatedSvd final : public FittedTransformer {
 public:
  /// Columns of numbers and booleans; the others pass.
  static std::vector<std::uint32_t> columns_used(const Schema& input);
  /// What a cell counts.
  static double used_value(double value) { return std::isfinite(value) ? value : 0.0; }

  /// `vectors`: one row for each used column, one column for each component.
  FittedTruncatedSvd(const Schema& input, std::size_t components, std::vector<float> vectors);

  const std::vector<std::uint32_t>& columns_used() const { return used_; }
  const std::vector<std::uint32_t>& columns_passed() const { return passed_; }  ///< come first, then the components
  Table transform_aligned(const TableView& rows, const RunContext& context) const override;
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return "truncated_svd"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  Schema make_output_schema(const Schema& input) const override;

 private:
  class Rows;
  void add(std::size_t used, double value, double* out) const noexcept;

  std::vector<std::uint32_t> used_{}, passed_{};
  std::size_t components_;
  std::vector<float> vectors_;
};

}  // namespace automill
