#pragma once
// The fitted half of Ordinal, type "ordinal".

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedOrdinal final : public Columnwise {
 public:
  /// The number of each code, one list a column; empty for columns that pass.
  FittedOrdinal(const Schema& input, std::vector<std::vector<std::int32_t>> numbers);

  std::string type() const override { return "ordinal"; }
  void save(ArchiveWriter& out) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  std::vector<std::vector<std::int32_t>> numbers_;
};

}  // namespace automill
