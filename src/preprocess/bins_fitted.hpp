#pragma once
// The fitted half of Bins, type "bins".

#include "column_lists.hpp"
#include "columnwise.hpp"

namespace automill {

enum class BinEncoding : std::uint8_t { ordinal, one_hot };

class AUTOMILL_EXPORT FittedBins final : public Columnwise {
 public:
  /// Edges between the bins of number columns, strictly ascending; none: one bin.
  FittedBins(const Schema& input, BinEncoding encoding, ColumnLists edges);

  std::string type() const override { return "bins"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  BinEncoding encoding_;
  ColumnLists edges_;
};

}  // namespace automill
