#pragma once
// The fitted half of Clean, type "clean".

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedClean final : public Columnwise {
 public:
  /// What minus and plus infinity become, one a column; NaN: missing. Not read for columns that pass.
  FittedClean(const Schema& input, std::vector<double> lows, std::vector<double> highs);

  std::string type() const override { return "clean"; }
  void save(ArchiveWriter& out) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;
  bool keeps(std::size_t source, const Column& column) const override;

 private:
  std::vector<double> lows_, highs_;
};

}  // namespace automill
