#pragma once
// The fitted half of OneHot, type "one_hot".

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedOneHot final : public Columnwise {
 public:
  static constexpr std::int32_t no_column = -1;

  /// Of one category column: the output (0, 1, ...) that is 1 for each code, then for unseen, then for missing;
  /// `no_column` where all are 0. `names` of the outputs, without the column's own name.
  struct Encoding {
    std::vector<std::int32_t> outputs{};
    std::vector<std::string> names{};
  };
  /// One encoding a column; empty ones for columns that pass.
  FittedOneHot(const Schema& input, std::vector<Encoding> encodings);

  std::string type() const override { return "one_hot"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;
  void apply_block(std::size_t source, std::span<const double> values, std::size_t row, Buffer* outputs) const override;

 private:
  std::int32_t output_of(std::size_t source, double value) const noexcept;

  std::vector<Encoding> encodings_;
};

}  // namespace automill
