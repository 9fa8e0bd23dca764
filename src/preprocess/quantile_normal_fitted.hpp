#pragma once
// The fitted half of QuantileNormal, type "quantile_normal".

#include "column_lists.hpp"
#include "columnwise.hpp"

namespace automill {

enum class QuantileOutput : std::uint8_t { normal, uniform };

class AUTOMILL_EXPORT FittedQuantileNormal final : public Columnwise {
 public:
  /// Quantiles of number columns at equal steps of the share: none where training had no value, one where all values
  /// are the same.
  FittedQuantileNormal(const Schema& input, QuantileOutput output, ColumnLists quantiles);

  std::string type() const override { return "quantile_normal"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  QuantileOutput output_;
  ColumnLists quantiles_;
};

}  // namespace automill
