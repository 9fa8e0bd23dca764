#pragma once
// The fitted half of ParseText, type "parse_text".

#include <automill/core/transformer.hpp>

#include "data/cell_format.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedParseText final : public FittedTransformer {
 public:
  /// What a column becomes; an empty format: it passes.
  struct Parsed {
    ColumnKind kind = ColumnKind::number;
    bool integer = false;
    std::string format{};
  };
  /// One a column of the input; only text and category columns have a format.
  FittedParseText(const Schema& input, const std::vector<Parsed>& columns);

  Table transform_aligned(const TableView& rows, const RunContext& context) const override;
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return "parse_text"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  Schema make_output_schema(const Schema& input) const override;

 private:
  class Rows;
  struct Source {
    CellReader reader;
    bool parsed = false, text = false;
    std::vector<double> by_code{};  // category: what each spells
    double of_code(double code) const noexcept;
    double of_text(std::string_view cell) const noexcept;
  };
  ColumnPtr parse(const TableView& rows, std::size_t column, const RunContext& context) const;

  std::vector<ColumnSchema> outputs_;
  std::vector<Source> sources_;
};

}  // namespace automill
