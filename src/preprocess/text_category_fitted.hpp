#pragma once
// The fitted half of TextCategory, type "text_category".

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedTextCategory final : public Columnwise {
 public:
  /// `names`: of each text column the categories, unique and in ascending byte order; empty for columns that pass.
  FittedTextCategory(const Schema& input, std::vector<std::vector<std::string>> names);

  std::string type() const override { return "text_category"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t, double, double*) const noexcept override {}
  std::unique_ptr<TextReader> text_reader(std::size_t source) const override;
  std::vector<ColumnPtr> text_columns(std::size_t source, const TableView& rows,
                                      const RunContext& context) const override;

 private:
  class Reader;
  const Dictionary& dictionary(std::size_t source) const { return *outputs_of(source)[0].dictionary; }
};

}  // namespace automill
