#pragma once
// The fitted half of Impute, type "impute".

#include "columnwise.hpp"

namespace automill {

/// What happens to a column. `fill_and_flag`: a column "<name>_missing" beside it. `own_category`: missing becomes the
/// category "(missing)".
enum class ImputeAction : std::uint8_t { pass, fill, fill_and_flag, own_category };

class AUTOMILL_EXPORT FittedImpute final : public Columnwise {
 public:
  static constexpr const char* own_category_name = "(missing)";

  /// One action and one fill value a column; the fill of a category is its code, that of own_category is not read.
  FittedImpute(const Schema& input, std::vector<ImputeAction> actions, std::vector<double> fills);

  std::string type() const override { return "impute"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;
  void apply_block(std::size_t source, std::span<const double> values, std::size_t row, Buffer* outputs) const override;
  bool keeps(std::size_t source, const Column& column) const override;

 private:
  Part part_of(const ColumnSchema& column, std::size_t source);

  std::vector<ImputeAction> actions_;
  std::vector<double> fills_;
  std::vector<double> own_codes_;  ///< own_category: code of "(missing)"
  std::vector<double> shifts_;     ///< own_category: what codes from there on go up by (0 where the name was there)
};

}  // namespace automill
