#include "parse_text_fitted.hpp"

#include <automill/preprocess/parse_text.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double FittedParseText::Source::of_code(double code) const noexcept {
  return code >= 0 && code < static_cast<double>(by_code.size()) ? by_code[static_cast<std::size_t>(code)] : missing;
}
double FittedParseText::Source::of_text(std::string_view cell) const noexcept {
  return reader.read(cell).value_or(missing);
}

FittedParseText::FittedParseText(const Schema& input, const std::vector<Parsed>& columns) {
  for (std::size_t c = 0; c < input.size(); ++c) {
    const Parsed& parsed = columns[c];
    ColumnSchema output = input[c];
    if (!parsed.format.empty())
      output = {.name = input[c].name, .kind = parsed.kind, .integer = parsed.integer, .format = parsed.format};
    Source source{
        .reader = CellReader(output), .parsed = !parsed.format.empty(), .text = input[c].kind == ColumnKind::text};
    if (source.parsed && !source.text)
      for (const std::string& name : input[c].dictionary->names()) source.by_code.push_back(source.of_text(name));
    outputs_.push_back(std::move(output));
    sources_.push_back(std::move(source));
  }
}

Schema FittedParseText::make_output_schema(const Schema& input) const {
  if (input.size() != outputs_.size())
    throw Error("transform.schema", type(),
                "was fitted on " + std::to_string(outputs_.size()) + " columns, not " + std::to_string(input.size()));
  return Schema(outputs_);
}

ColumnPtr FittedParseText::parse(const TableView& rows, std::size_t column, const RunContext& context) const {
  const Source& source = sources_[column];
  const MemoryClaim claim(context.memory, rows.rows() * sizeof(double), "transformed columns");
  std::vector<double> values(rows.rows());
  rows.numbers(column, values.data());
  constexpr std::size_t block = 4096;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % block == 0) context.stop.throw_if_requested();
    if (source.text) values[i] = std::isnan(values[i]) ? missing : source.of_text(rows.text(column, i));
    else values[i] = source.of_code(values[i]);
  }
  return make_number_column(outputs_[column], std::move(values));
}

Table FittedParseText::transform_aligned(const TableView& rows, const RunContext& context) const {
  std::vector<ColumnPtr> columns(outputs_.size());
  const bool whole = rows.rows() == rows.table().rows() && rows.ascending();
  context.executor().run(columns.size(), [&](std::size_t c) {
    columns[c] = sources_[c].parsed ? parse(rows, c, context)
                 : whole            ? rows.table().columns()[c]
                                    : copy_column(rows, c);
  });
  return Table::with_rows(std::move(columns), rows.rows());
}

class FittedParseText::Rows final : public RowTransformer {
 public:
  explicit Rows(const FittedParseText& fitted) : fitted_(&fitted) {}
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    for (std::size_t c = 0; c < fitted_->sources_.size(); ++c) {
      const Source& source = fitted_->sources_[c];
      if (!source.parsed) {
        numbers[c] = row.numbers[c];
        if (source.text && row.texts != nullptr) texts[c] = row.texts[c];
      } else if (!source.text) {
        numbers[c] = source.of_code(row.numbers[c]);
      } else {
        numbers[c] = std::isnan(row.numbers[c]) || row.texts == nullptr ? missing : source.of_text(row.texts[c]);
      }
    }
  }

 private:
  const FittedParseText* fitted_;
};

std::unique_ptr<RowTransformer> FittedParseText::row_transformer() const { return std::make_unique<Rows>(*this); }

void FittedParseText::save(ArchiveWriter& out) const {
  out.children("columns", sources_.size(), [&](ArchiveWriter& one, std::size_t c) {
    const bool parsed = sources_[c].parsed;
    one.set("kind", parsed ? column_kind_name(outputs_[c].kind) : "");
    one.set("integer", parsed && outputs_[c].integer);
    one.set("format", parsed ? outputs_[c].format : "");
  });
}

std::string FittedParseText::describe(int indent) const {
  std::size_t parsed = 0;
  for (const Source& source : sources_) parsed += source.parsed ? 1 : 0;
  return std::string(static_cast<std::size_t>(indent), ' ') + "parse_text: " + std::to_string(parsed) + " columns\n";
}

std::unique_ptr<FittedTransformer> load_parse_text(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                   int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  std::vector<FittedParseText::Parsed> columns;
  for (std::size_t c = 0; c < stored.size(); ++c) {
    const ArchiveReader& one = stored[c];
    FittedParseText::Parsed parsed{.integer = one.boolean("integer"), .format = one.text("format")};
    const ColumnKind from = (*input)[c].kind;
    if (!parsed.format.empty()) {
      const auto& names = column_kind_names();
      const auto kind = std::find(names.begin(), names.end(), one.text("kind"));
      if (kind == names.end()) one.fail("'kind' is not a kind of column");
      parsed.kind = static_cast<ColumnKind>(kind - names.begin());
      if (from != ColumnKind::text && from != ColumnKind::category) one.fail("only text and categories are parsed");
      const ColumnSchema output{.name = (*input)[c].name, .kind = parsed.kind, .format = parsed.format};
      if (!CellReader(output).reads()) one.fail("'format' is not a format of cells");
    } else if (parsed.integer || !one.text("kind").empty()) {
      one.fail("a column that passes has no kind");
    }
    columns.push_back(std::move(parsed));
  }
  return std::make_unique<FittedParseText>(*input, columns);
}

}  // namespace automill
