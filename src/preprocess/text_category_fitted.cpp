#include "text_category_fitted.hpp"

#include <automill/preprocess/text_category.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

std::int32_t code_of(const Dictionary& dictionary, std::string_view text) {
  return text.data() == nullptr ? Dictionary::missing_code : dictionary.code(text);
}

}  // namespace

FittedTextCategory::FittedTextCategory(const Schema& input, std::vector<std::vector<std::string>> names) {
  lay_out(input, [&](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::text) return {};
    return {.changed = true,
            .columns = {{.name = column.name,
                         .kind = ColumnKind::category,
                         .dictionary = std::make_shared<const Dictionary>(std::move(names[source]))}}};
  });
}

class FittedTextCategory::Reader final : public TextReader {
 public:
  explicit Reader(const Dictionary& dictionary) : dictionary_(&dictionary) {}
  void read(std::string_view text, double* out) noexcept override {
    const std::int32_t code = code_of(*dictionary_, text);
    *out = code == Dictionary::missing_code ? std::numeric_limits<double>::quiet_NaN() : code;
  }

 private:
  const Dictionary* dictionary_;
};

std::unique_ptr<Columnwise::TextReader> FittedTextCategory::text_reader(std::size_t source) const {
  return std::make_unique<Reader>(dictionary(source));
}

std::vector<ColumnPtr> FittedTextCategory::text_columns(std::size_t source, const TableView& rows,
                                                        const RunContext& context) const {
  const MemoryClaim claim(context.memory, 4 * rows.rows(), "transformed columns");
  std::vector<std::int32_t> codes(rows.rows());
  for_each_block(context.executor(), rows.rows(), 4096, [&](std::size_t begin, std::size_t end) {
    context.stop.throw_if_requested();
    for (std::size_t i = begin; i < end; ++i) codes[i] = code_of(dictionary(source), rows.text(source, i));
  });
  return {make_category_column(outputs_of(source)[0], std::move(codes))};
}

void FittedTextCategory::save(ArchiveWriter& out) const {
  const Schema& input = *input_schema();
  out.children("columns", input.size(), [&](ArchiveWriter& one, std::size_t c) {
    one.texts("names", changed(c) ? dictionary(c).names() : std::vector<std::string>{});
  });
}

std::string FittedTextCategory::describe(int indent) const {
  std::size_t texts = 0, names = 0;
  for (std::size_t c = 0; c < input_schema()->size(); ++c) {
    if (!changed(c)) continue;
    ++texts;
    names += dictionary(c).size();
  }
  return std::string(static_cast<std::size_t>(indent), ' ') + "text_category: " + std::to_string(texts) +
         " text columns become " + std::to_string(names) + " categories\n";
}

std::unique_ptr<FittedTransformer> load_text_category(const ArchiveReader& in,
                                                      const std::shared_ptr<const Schema>& input, int state_version,
                                                      const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  std::vector<std::vector<std::string>> names;
  for (std::size_t c = 0; c < stored.size(); ++c) {
    const ColumnSchema& column = (*input)[c];
    names.push_back(stored[c].texts("names"));
    if (!names[c].empty() && column.kind != ColumnKind::text) in.fail("column '" + column.name + "' is no text");
    for (std::size_t i = 1; i < names[c].size(); ++i)
      if (!(names[c][i - 1] < names[c][i])) in.fail("'names' of column '" + column.name + "' do not ascend");
  }
  return std::make_unique<FittedTextCategory>(*input, std::move(names));
}

}  // namespace automill
