#pragma once
// The fitted half of Scaler, type "scale": (value - center) * factor, then drawn in or cut off where that was asked.

#include "columnwise.hpp"

namespace automill {

enum class ScaleClip : std::uint8_t { none, smooth, unit };  ///< smooth: within (-3, 3); unit: cut to [0, 1]

class AUTOMILL_EXPORT FittedScale final : public Columnwise {
 public:
  /// Centers and factors of number and datetime columns, one a column (not read for others). Factor 0: constant.
  FittedScale(const Schema& input, ScaleClip clip, std::vector<double> centers, std::vector<double> factors);

  /// What a number becomes where it is not cut off: (value - first) * second. {0, 1} for columns that pass, and where
  /// numbers are drawn in along a curve.
  std::pair<double, double> scaling(std::size_t column) const {
    return changed(column) && clip_ != ScaleClip::smooth ? std::pair{centers_[column], factors_[column]}
                                                         : std::pair{0.0, 1.0};
  }

  std::string type() const override { return "scale"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;
  void apply_block(std::size_t source, std::span<const double> values, std::size_t row, Buffer* outputs) const override;

 private:
  ScaleClip clip_;
  std::vector<double> centers_, factors_;
};

}  // namespace automill
