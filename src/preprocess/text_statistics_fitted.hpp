#pragma once
// The fitted half of TextStatistics, type "text_statistics".

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedTextStatistics final : public Columnwise {
 public:
  /// What is counted, where it is common.
  static constexpr std::string_view counted_symbols = "!\"#$%&'()*+,-./:;=?@";
  /// The symbols that are counted in each column, in that order; empty for columns that pass.
  FittedTextStatistics(const Schema& input, std::vector<std::string> symbols);

  std::string type() const override { return "text_statistics"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t, double, double*) const noexcept override {}
  std::unique_ptr<TextReader> text_reader(std::size_t source) const override;

 private:
  class Reader;
  std::vector<std::string> symbols_;
};

}  // namespace automill
