#pragma once
// The fitted half of SelectFeatures, type "select_features".

#include "preprocess/columnwise.hpp"

namespace automill {

/// Why a column is left out. copy and correlated name another column.
enum class Verdict : std::uint8_t { stays, constant, copy, no_signal, correlated, beyond_most };

class AUTOMILL_EXPORT FittedSelectFeatures final : public Columnwise {
 public:
  /// One verdict a column, and for copies and correlated ones the column meant; 0 for others.
  FittedSelectFeatures(const Schema& input, std::vector<Verdict> verdicts, std::vector<std::uint32_t> others);

  std::string type() const override { return "select_features"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  std::vector<Verdict> verdicts_;
  std::vector<std::uint32_t> others_;
};

}  // namespace automill
