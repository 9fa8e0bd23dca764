#pragma once
// The fitted half of PiecewiseLinear, type "piecewise_linear".

#include "column_lists.hpp"
#include "columnwise.hpp"

namespace automill {

enum class BeyondEdges : std::uint8_t { constant, linear };

class AUTOMILL_EXPORT FittedPiecewiseLinear final : public Columnwise {
 public:
  /// Edges of number columns, strictly ascending; fewer than two: the column gives no columns.
  FittedPiecewiseLinear(const Schema& input, BeyondEdges beyond, ColumnLists edges);

  std::string type() const override { return "piecewise_linear"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  BeyondEdges beyond_;
  ColumnLists edges_;
};

}  // namespace automill
