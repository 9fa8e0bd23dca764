#pragma once
// The fitted half of DropColumns, type "drop".

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedDrop final : public Columnwise {
 public:
  /// 1 for each column that is left out.
  FittedDrop(const Schema& input, std::vector<std::uint8_t> dropped);

  std::string type() const override { return "drop"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  std::vector<std::uint8_t> dropped_;
};

}  // namespace automill
