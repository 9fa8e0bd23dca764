#pragma once
// The fitted half of YeoJohnson, type "yeo_johnson": (power(x) - center) * factor.

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedYeoJohnson final : public Columnwise {
 public:
  struct Curve {
    double power = 1, center = 0, factor = 0;  ///< factor 0: the column was constant
  };
  /// One curve a column; not read for columns that are no numbers.
  FittedYeoJohnson(const Schema& input, std::vector<Curve> curves);

  std::string type() const override { return "yeo_johnson"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  std::vector<Curve> curves_;
};

}  // namespace automill
