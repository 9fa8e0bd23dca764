#include "truncated_svd_fitted.hpp"

#include <automill/preprocess/truncated_svd.hpp>

#include "data/row_cells.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

bool is_used(const ColumnSchema& column) {
  return column.kind == ColumnKind::number || column.kind == ColumnKind::boolean;
}

}  // namespace

std::vector<std::uint32_t> FittedTruncatedSvd::columns_used(const Schema& input) {
  std::vector<std::uint32_t> used;
  for (std::uint32_t c = 0; c < input.size(); ++c)
    if (is_used(input[c])) used.push_back(c);
  return used;
}

FittedTruncatedSvd::FittedTruncatedSvd(const Schema& input, std::size_t components, std::vector<float> vectors)
    : used_(columns_used(input)), components_(components), vectors_(std::move(vectors)) {
  for (std::uint32_t c = 0; c < input.size(); ++c)
    if (!is_used(input[c])) passed_.push_back(c);
}

Schema FittedTruncatedSvd::make_output_schema(const Schema& input) const {
  std::vector<ColumnSchema> columns;
  for (std::uint32_t c : passed_) columns.push_back(input[c]);
  const auto taken = [&](const std::string& name) {
    return std::any_of(columns.begin(), columns.end(), [&](const ColumnSchema& column) { return column.name == name; });
  };
  for (std::size_t k = 1; k <= components_; ++k) {
    const std::string base = "svd_" + std::to_string(k);
    std::string name = base;
    for (int copy = 2; taken(name); ++copy) name = base + "_" + std::to_string(copy);
    columns.push_back({.name = std::move(name)});
  }
  return Schema(std::move(columns));
}

void FittedTruncatedSvd::add(std::size_t used, double value, double* out) const noexcept {
  value = used_value(value);
  const float* vector = vectors_.data() + used * components_;
  for (std::size_t k = 0; k < components_; ++k) out[k] += value * static_cast<double>(vector[k]);
}

Table FittedTruncatedSvd::transform_aligned(const TableView& rows, const RunContext& context) const {
  const std::size_t n = rows.rows(), width = components_;
  const MemoryClaim claim(context.memory, 8 * width * n, "transformed columns");
  std::vector<std::vector<double>> values(width, std::vector<double>(n));
  constexpr std::size_t block = 4096, part = 256;
  const RowCells cells = row_cells(rows, used_, context.stop);
  for_each_block(context.executor(), n, block, [&](std::size_t begin, std::size_t end) {
    std::vector<double> out(width * part);
    for (std::size_t first = begin; first < end; first += part) {
      context.stop.throw_if_requested();
      const std::size_t count = std::min(part, end - first);
      std::fill(out.begin(), out.end(), 0.0);
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t a = cells.starts[first + i]; a < cells.starts[first + i + 1]; ++a)
          add(cells.columns[a], cells.values[a], out.data() + i * width);
      for (std::size_t k = 0; k < width; ++k)
        for (std::size_t i = 0; i < count; ++i) values[k][first + i] = out[i * width + k];
    }
  });
  std::vector<ColumnPtr> columns;
  for (std::uint32_t c : passed_) columns.push_back(copy_column(rows, c));
  for (std::size_t k = 0; k < width; ++k)
    columns.push_back(make_number_column((*output_schema())[passed_.size() + k], std::move(values[k])));
  return Table::with_rows(std::move(columns), n);
}

class FittedTruncatedSvd::Rows final : public RowTransformer {
 public:
  explicit Rows(const FittedTruncatedSvd& fitted) : fitted_(&fitted) {
    for (std::uint32_t c : fitted.passed_) texts_.push_back((*fitted.input_schema())[c].kind == ColumnKind::text);
  }
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    const std::vector<std::uint32_t>&passed = fitted_->passed_, &used = fitted_->used_;
    for (std::size_t i = 0; i < passed.size(); ++i) {
      numbers[i] = row.numbers[passed[i]];
      if (texts_[i] && row.texts != nullptr) texts[i] = row.texts[passed[i]];
    }
    double* out = numbers + passed.size();
    std::fill_n(out, fitted_->components_, 0.0);
    for (std::size_t u = 0; u < used.size(); ++u)
      if (row.numbers[used[u]] != 0) fitted_->add(u, row.numbers[used[u]], out);
  }

 private:
  const FittedTruncatedSvd* fitted_;
  std::vector<bool> texts_;
};

std::unique_ptr<RowTransformer> FittedTruncatedSvd::row_transformer() const { return std::make_unique<Rows>(*this); }

void FittedTruncatedSvd::save(ArchiveWriter& out) const {
  out.set("components", static_cast<std::int64_t>(components_));
  out.array("vectors", vectors_);
}

std::string FittedTruncatedSvd::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') + "truncated_svd: " + std::to_string(used_.size()) +
         " columns become " + std::to_string(components_) + "\n";
}

std::unique_ptr<FittedTransformer> load_truncated_svd(const ArchiveReader& in,
                                                      const std::shared_ptr<const Schema>& input, int state_version,
                                                      const Registry&) {
  check_state_version(in, state_version, 1);
  const std::size_t used = FittedTruncatedSvd::columns_used(*input).size();
  const auto components = static_cast<std::size_t>(in.integer("components", 0, static_cast<std::int64_t>(used)));
  auto vectors = in.array<float>("vectors", used * components);
  for (float entry : vectors)
    if (!std::isfinite(entry)) in.fail("'vectors' holds a number that is not finite");
  in.charge(components * bytes_of({.name = "svd_10000"}));
  return std::make_unique<FittedTruncatedSvd>(*input, components, std::move(vectors));
}

}  // namespace automill
