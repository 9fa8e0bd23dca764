#include "columnwise.hpp"

#include <unordered_set>

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

void Columnwise::set_parts(const Schema& input, std::vector<Part> parts) {
  std::unordered_set<std::string> taken;
  for (std::size_t c = 0; c < parts.size(); ++c) {
    if (!parts[c].changed) parts[c].columns = {input[c]};
    if (!parts[c].columns.empty() && parts[c].columns[0].name == input[c].name) taken.insert(input[c].name);
  }
  for (std::size_t c = 0; c < parts.size(); ++c) {
    first_.push_back(outputs_.size());
    changed_.push_back(parts[c].changed ? 1 : 0);
    for (std::size_t k = 0; k < parts[c].columns.size(); ++k) {
      ColumnSchema& column = parts[c].columns[k];
      if (k > 0 || column.name != input[c].name) {
        const std::string base = column.name;
        for (int copy = 2; !taken.insert(column.name).second; ++copy) column.name = base + "_" + std::to_string(copy);
      }
      outputs_.push_back(std::move(column));
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

Table Columnwise::transform_aligned(const TableView& rows, const RunContext& context) const {
  const std::size_t n = rows.rows(), sources = changed_.size();
  const bool whole = is_whole(rows);
  std::vector<ColumnPtr> columns(outputs_.size());
  context.executor().run(sources, [&](std::size_t source) {
    const std::size_t first = first_[source], count = width(source);
    if (count == 0) return;
    const bool same = changed_[source] == 0 || (count == 1 && keeps(source, rows.table()[source]));
    if (same) {
      columns[first] = whole ? rows.table().columns()[source] : copy_column(rows, source);
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
    constexpr std::size_t block = 4096;
    std::vector<double> values(std::min(block, n));
    for (std::size_t begin = 0; begin < n; begin += block) {
      const std::size_t size = std::min(block, n - begin);
      context.stop.throw_if_requested();
      rows.part(begin, size).numbers(source, values.data());
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
  explicit Rows(const Columnwise& fitted) : fitted_(&fitted) {}
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    for (std::size_t source = 0; source < fitted_->changed_.size(); ++source) {
      const std::size_t first = fitted_->first_[source];
      if (fitted_->changed_[source] != 0) {
        if (fitted_->width(source) > 0) fitted_->apply(source, row.numbers[source], numbers + first);
        continue;
      }
      numbers[first] = row.numbers[source];
      if (fitted_->outputs_[first].kind == ColumnKind::text && row.texts != nullptr) texts[first] = row.texts[source];
    }
  }

 private:
  const Columnwise* fitted_;
};

std::unique_ptr<RowTransformer> Columnwise::row_transformer() const { return std::make_unique<Rows>(*this); }

}  // namespace automill
