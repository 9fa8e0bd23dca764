#pragma once
// The fitted half of TargetEncoder and CountEncoder, type "category_numbers": each category of an encoded column stands
// for the same few numbers.

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedCategoryNumbers final : public Columnwise {
 public:
  struct State {
    std::string made_by{};                       ///< registered name of the transformer
    std::vector<std::string> suffixes{};         ///< one a number: output columns are '<name><suffix>'
    bool keep = false;                           ///< whether the category column stays before its numbers
    std::vector<std::vector<double>> numbers{};  ///< one a column: codes x suffixes, then unseen, then missing
  };
  /// Columns without numbers pass.
  FittedCategoryNumbers(const Schema& input, State state);

  std::string type() const override { return "category_numbers"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;
  const State& state() const { return state_; }

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;
  void apply_block(std::size_t source, std::span<const double> values, std::size_t row, Buffer* outputs) const override;

 private:
  const double* numbers_of(std::size_t source, double value) const noexcept;

  State state_;
};

}  // namespace automill
