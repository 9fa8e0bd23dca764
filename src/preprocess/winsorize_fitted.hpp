#pragma once
// The fitted half of Winsorize, type "winsorize".

#include "column_lists.hpp"
#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedWinsorize final : public Columnwise {
 public:
  /// Least and largest value of a column, or nothing where it passes.
  FittedWinsorize(const Schema& input, ColumnLists limits);

  std::string type() const override { return "winsorize"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;
  void apply_block(std::size_t source, std::span<const double> values, std::size_t row, Buffer* outputs) const override;

 private:
  ColumnLists limits_;
};

}  // namespace automill
