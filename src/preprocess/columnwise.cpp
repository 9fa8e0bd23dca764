#include "columnwise.hpp"

#include <unordered_set>

#include "read_numbers.hpp"

namespace automill {
namespace {

ColumnPtr make_flag_column(ColumnSchema schema, std::vector<std::uint8_t> flags) {
  auto owned = std::make_shared<const std::vector<std::uint8_t>>(std::move(flags));
  ColumnChunk chunk{.storage = Storage::uint8, .length = owned->size(), .data = owned->data(), .owner = owned};
  return std::make_shared<const Column>(std::move(schema), std::vector<ColumnChunk>{std::move(chunk)});
}

}  // namespace

bool is_whole(const TableView& rows) {
  if (rows.rows() != rows.table().rows()) return false;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    if (rows.row(i) != i) return false;
  return true;
}

std::vector<ColumnPtr> pass_columns(const TableView& rows) {
  if (is_whole(rows)) return rows.table().columns();
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < rows.schema().size(); ++c) columns.push_back(copy_column(rows, c));
  return columns;
}

void Columnwise::set_parts(const Schema& input, std::vector<Part> parts) {
  std::size_t count = 0;
  for (std::size_t c = 0; c < parts.size(); ++c) {
    if (!parts[c].changed) parts[c].columns = {input[c]};
    count += parts[c].columns.size();
  }
  outputs_.reserve(count);  // names stay where they are
  std::unordered_set<std::string_view> taken;
  taken.reserve(count);
  const auto keeps_name = [&](std::size_t c) { return parts[c].columns[0].name == input[c].name; };
  for (std::size_t c = 0; c < parts.size(); ++c)
    if (!parts[c].columns.empty() && keeps_name(c)) taken.insert(input[c].name);
  for (std::size_t c = 0; c < parts.size(); ++c) {
    first_.push_back(outputs_.size());
    changed_.push_back(parts[c].changed ? 1 : 0);
    for (std::size_t k = 0; k < parts[c].columns.size(); ++k) {
      const bool named = k == 0 && keeps_name(c);
      ColumnSchema& column = outputs_.emplace_back(std::move(parts[c].columns[k]));
      if (named) continue;
      const std::string base = column.name;
      for (int copy = 2; taken.contains(column.name); ++copy) column.name = base + "_" + std::to_string(copy);
      taken.insert(column.name);
    }
  }
  first_.push_back(outputs_.size());
}

Schema Columnwise::make_output_schema(const Schema& input) const {
  if (input.size() + 1 != first_.size())
    throw Error("transform.schema", type(),
                "was fitted on " + std::to_string(first_.size() - 1) + " columns, not " + std::to_string(input.size()));
  return Schema(outputs_);
}

std::vector<std::uint32_t> Columnwise::sources() const {
  std::vector<std::uint32_t> sources(outputs_.size());
  for (std::size_t source = 0; source + 1 < first_.size(); ++source)
    std::fill_n(sources.begin() + static_cast<std::ptrdiff_t>(first_[source]), width(source),
                static_cast<std::uint32_t>(source));
  return sources;
}

bool Columnwise::keeps(std::size_t, const Column&) const { return false; }

void Columnwise::apply_block(std::size_t source, std::span<const double> values, std::size_t row,
                             Buffer* outputs) const {
  const std::size_t columns = width(source);
  if (columns == 1 && !outputs[0].numbers.empty()) {
    double* out = outputs[0].numbers.data() + row;
    for (std::size_t i = 0; i < values.size(); ++i) apply(source, values[i], out + i);
    return;
  }
  std::vector<double> changed(columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    apply(source, values[i], changed.data());
    for (std::size_t k = 0; k < columns; ++k) {
      if (!outputs[k].numbers.empty()) outputs[k].numbers[row + i] = changed[k];
      else if (!outputs[k].codes.empty())
        outputs[k].codes[row + i] =
            std::isnan(changed[k]) ? Dictionary::missing_code : static_cast<std::int32_t>(changed[k]);
      else outputs[k].flags[row + i] = changed[k] != 0 ? 1 : 0;
    }
  }
}

std::unique_ptr<Columnwise::TextReader> Columnwise::text_reader(std::size_t) const { return nullptr; }

std::vector<ColumnPtr> Columnwise::text_columns(std::size_t source, const TableView& rows,
                                                const RunContext& context) const {
  const std::size_t n = rows.rows(), made = width(source);
  const MemoryClaim claim(context.memory, 8 * made * n, "transformed columns");
  std::vector<std::vector<double>> values(made, std::vector<double>(n));
  for_each_block(context.executor(), n, 1024, [&](std::size_t begin, std::size_t end) {
    context.stop.throw_if_requested();
    const auto reader = text_reader(source);
    std::vector<double> row(made);
    for (std::size_t i = begin; i < end; ++i) {
      reader->read(rows.text(source, i), row.data());
      for (std::size_t k = 0; k < made; ++k) values[k][i] = row[k];
    }
  });
  std::vector<ColumnPtr> columns;
  for (std::size_t k = 0; k < made; ++k)
    columns.push_back(make_number_column(outputs_of(source)[k], std::move(values[k])));
  return columns;
}

Table Columnwise::transform_with(const TableView& rows, const RunContext& context, const Given& given) const {
  const std::size_t n = rows.rows(), sources = changed_.size();
  const bool whole = is_whole(rows);
  std::vector<ColumnPtr> columns(outputs_.size());
  context.executor().run(sources, [&](std::size_t source) {
    const std::size_t first = first_[source], count = width(source);
    if (count == 0) return;
    if (given) {
      std::vector<ColumnPtr> known = given(source);
      std::move(known.begin(), known.end(), columns.begin() + static_cast<std::ptrdiff_t>(first));
      if (columns[first] != nullptr) return;
    }
    const bool same = changed_[source] == 0 || (whole && count == 1 && keeps(source, rows.table()[source]));
    if (same) {
      columns[first] = whole ? rows.table().columns()[source] : copy_column(rows, source);
      return;
    }
    if (rows.schema()[source].kind == ColumnKind::text) {
      std::vector<ColumnPtr> made = text_columns(source, rows, context);
      std::move(made.begin(), made.end(), columns.begin() + static_cast<std::ptrdiff_t>(first));
      return;
    }
    const MemoryClaim claim(context.memory, bytes_of(first, count) * n, "transformed columns");
    std::vector<Buffer> buffers(count);
    for (std::size_t k = 0; k < count; ++k) {
      const ColumnKind kind = outputs_[first + k].kind;
      if (kind == ColumnKind::boolean) buffers[k].flags.resize(n);
      else if (kind == ColumnKind::category) buffers[k].codes.resize(n);
      else buffers[k].numbers.resize(n);
    }
    std::vector<double> values(std::min(rows_a_block, n)), scratch;
    for (std::size_t begin = 0; begin < n; begin += rows_a_block) {
      const std::size_t size = std::min(rows_a_block, n - begin);
      context.stop.throw_if_requested();
      read_numbers(rows.part(begin, size), source, values.data(), scratch);
      apply_block(source, {values.data(), size}, begin, buffers.data());
    }
    for (std::size_t k = 0; k < count; ++k) {
      const ColumnSchema& schema = outputs_[first + k];
      if (schema.kind == ColumnKind::boolean)
        columns[first + k] = make_flag_column(schema, std::move(buffers[k].flags));
      else if (schema.kind == ColumnKind::category)
        columns[first + k] = make_category_column(schema, std::move(buffers[k].codes));
      else columns[first + k] = make_number_column(schema, std::move(buffers[k].numbers));
    }
  });
  return Table::with_rows(std::move(columns), n);
}

std::size_t Columnwise::bytes_of(std::size_t first, std::size_t count) const {
  std::size_t bytes = 0;
  for (std::size_t k = first; k < first + count; ++k) {
    const ColumnKind kind = outputs_[k].kind;
    bytes += kind == ColumnKind::boolean ? 1 : kind == ColumnKind::category ? 4 : 8;
  }
  return bytes;
}

class Columnwise::Rows final : public RowTransformer {
 public:
  explicit Rows(const Columnwise& fitted) : fitted_(&fitted), readers_(fitted.changed_.size()) {
    for (std::size_t source = 0; source < readers_.size(); ++source)
      if (fitted.changed(source) && fitted.width(source) > 0) readers_[source] = fitted.text_reader(source);
  }
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    for (std::size_t source = 0; source < fitted_->changed_.size(); ++source) {
      const std::size_t first = fitted_->first_[source];
      if (fitted_->changed_[source] != 0) {
        if (readers_[source] != nullptr)
          readers_[source]->read(row.texts == nullptr ? std::string_view() : row.texts[source], numbers + first);
        else if (fitted_->width(source) > 0) fitted_->apply(source, row.numbers[source], numbers + first);
        continue;
      }
      numbers[first] = row.numbers[source];
      if (fitted_->outputs_[first].kind == ColumnKind::text && row.texts != nullptr) texts[first] = row.texts[source];
    }
  }

 private:
  const Columnwise* fitted_;
  std::vector<std::unique_ptr<TextReader>> readers_;  ///< of changed text columns
};

std::unique_ptr<RowTransformer> Columnwise::row_transformer() const { return std::make_unique<Rows>(*this); }

}  // namespace automill
