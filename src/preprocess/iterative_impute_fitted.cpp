#include "iterative_impute_fitted.hpp"

#include <automill/preprocess/iterative_impute.hpp>

#include "columnwise.hpp"
#include "read_numbers.hpp"
#include "row_columns.hpp"
#include "state_check.hpp"

namespace automill {

void NormalCompletion::complete(double* cells, std::uint32_t* missing) const noexcept {
  constexpr int most_sweeps = 50;
  constexpr double still = 1e-12;
  std::size_t count = 0;
  for (std::uint32_t c = 0; c < columns_; ++c) {
    if (!std::isnan(cells[c])) continue;
    missing[count++] = c;
    cells[c] = 0;
  }
  for (int sweep = 0; sweep < (count > 1 ? most_sweeps : static_cast<int>(count)); ++sweep) {
    double moved = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = missing[i];
      const double* row = precision_.data() + at * columns_;
      double sum = 0;
      for (std::size_t c = 0; c < columns_; ++c) sum += row[c] * cells[c];
      const double next = std::clamp(cells[at] - sum / row[at], -10.0, 10.0);
      moved = std::max(moved, std::abs(next - cells[at]));
      cells[at] = next;
    }
    if (moved < still) break;
  }
}

class FittedIterativeImpute::Rows final : public RowTransformer {
 public:
  explicit Rows(const FittedIterativeImpute& fitted)
      : fitted_(&fitted), cells_(fitted.columns_.size()), missing_(fitted.columns_.size()) {}
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    const Schema& schema = *fitted_->input_schema();
    pass_row(schema, row, numbers, texts);
    for (std::size_t k = 0; k < fitted_->flagged_.size(); ++k)
      numbers[schema.size() + k] = std::isnan(row.numbers[fitted_->flagged_[k]]) ? 1 : 0;
    fill(numbers);
  }
  /// Fills the cells of a row in place.
  void fill(double* numbers) noexcept {
    bool any = false;
    for (std::size_t k = 0; k < cells_.size(); ++k) {
      const ImputedColumn& column = fitted_->columns_[k];
      cells_[k] = standard_score(column, numbers[column.source]);
      any = any || std::isnan(cells_[k]);
    }
    if (any) fitted_->completion_.complete(cells_.data(), missing_.data());
    for (std::size_t k = 0; any && k < cells_.size(); ++k) {
      const ImputedColumn& column = fitted_->columns_[k];
      double& number = numbers[column.source];
      if (std::isnan(number))
        number = std::clamp(column.mean + column.deviation * cells_[k], column.least, column.largest);
    }
    const Schema& schema = *fitted_->input_schema();
    for (std::size_t c = 0; c < schema.size(); ++c)
      if (schema[c].kind == ColumnKind::number && std::isnan(numbers[c])) numbers[c] = fitted_->fills_[c];
  }

 private:
  const FittedIterativeImpute* fitted_;
  std::vector<double> cells_;
  std::vector<std::uint32_t> missing_;
};

Schema FittedIterativeImpute::make_output_schema(const Schema& input) const {
  std::vector<ColumnSchema> columns = input.columns(), added;
  for (ColumnSchema& column : columns)
    if (column.kind == ColumnKind::number) column.integer = false;
  for (std::uint32_t c : flagged_) added.push_back({.name = input[c].name + "_missing", .kind = ColumnKind::boolean});
  return with_added_columns(Schema(std::move(columns)), std::move(added));
}

Table FittedIterativeImpute::transform_aligned(const TableView& rows, const RunContext& context) const {
  const Schema& in = *input_schema();
  const Schema& out = *output_schema();
  const std::size_t n = rows.rows();
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t c = 0; c < in.size(); ++c)
    if (in[c].kind == ColumnKind::number) numbers.push_back(c);
  const MemoryClaim claim(context.memory, 8 * n * (numbers.size() + flagged_.size()), "imputed columns");
  std::vector<std::vector<double>> made(out.size());
  for (std::uint32_t c : numbers) made[c].resize(n);
  for (std::size_t k = 0; k < flagged_.size(); ++k) made[in.size() + k].resize(n);
  for_each_block(context.executor(), n, 1024, [&](std::size_t begin, std::size_t end) {
    Rows filler(*this);
    std::vector<double> scratch, row(in.size());
    const TableView part = rows.part(begin, end - begin);
    for (std::uint32_t c : numbers) read_numbers(part, c, made[c].data() + begin, scratch);
    for (std::size_t i = begin; i < end; ++i) {
      if (i % 64 == 0) context.stop.throw_if_requested();
      for (std::uint32_t c : numbers) row[c] = made[c][i];
      for (std::size_t k = 0; k < flagged_.size(); ++k) made[in.size() + k][i] = std::isnan(row[flagged_[k]]) ? 1 : 0;
      filler.fill(row.data());
      for (std::uint32_t c : numbers) made[c][i] = row[c];
    }
  });
  std::vector<ColumnPtr> columns;
  const bool whole = is_whole(rows);
  for (std::size_t c = 0; c < out.size(); ++c) {
    const bool passes = c < in.size() && in[c].kind != ColumnKind::number;
    if (passes) columns.push_back(whole ? rows.table().columns()[c] : copy_column(rows, c));
    else columns.push_back(make_number_column(out[c], std::move(made[c])));
  }
  return Table::with_rows(std::move(columns), n);
}

std::unique_ptr<RowTransformer> FittedIterativeImpute::row_transformer() const { return std::make_unique<Rows>(*this); }

void FittedIterativeImpute::save(ArchiveWriter& out) const {
  std::vector<std::uint32_t> sources;
  std::vector<double> scales;
  for (const ImputedColumn& column : columns_) {
    sources.push_back(column.source);
    scales.insert(scales.end(), {column.mean, column.deviation, column.least, column.largest});
  }
  out.array("sources", sources);
  out.array("scales", scales);
  out.array("precision", completion_.precision());
  out.array("fills", fills_);
  out.array("flagged", flagged_);
}

std::string FittedIterativeImpute::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') + "iterative_impute: " + std::to_string(columns_.size()) +
         " columns, " + std::to_string(flagged_.size()) + " with an indicator\n";
}

std::unique_ptr<FittedTransformer> load_iterative_impute(const ArchiveReader& in,
                                                         const std::shared_ptr<const Schema>& input, int state_version,
                                                         const Registry&) {
  check_state_version(in, state_version, 1);
  const auto ascending_numbers = [&](const char* key) {
    auto columns = in.array<std::uint32_t>(key);
    for (std::size_t k = 0; k < columns.size(); ++k)
      if (columns[k] >= input->size() || (*input)[columns[k]].kind != ColumnKind::number ||
          (k > 0 && columns[k] <= columns[k - 1]))
        in.fail(std::string("'") + key + "' must be number columns, ascending");
    return columns;
  };
  const auto sources = ascending_numbers("sources");
  auto flagged = ascending_numbers("flagged");
  for (std::uint32_t c : flagged) in.charge(bytes_of({.name = (*input)[c].name + "_missing"}));
  const std::size_t count = sources.size();
  const auto scales = in.array<double>("scales", 4 * count);
  auto precision = in.array<double>("precision", count * count), fills = in.array<double>("fills", input->size());
  check_finite(in, "scales", scales);
  check_finite(in, "precision", precision);
  check_finite(in, "fills", fills);
  std::vector<ImputedColumn> columns;
  for (std::size_t k = 0; k < count; ++k) {
    const double* scale = scales.data() + 4 * k;
    if (!(scale[1] > 0) || !(scale[2] <= scale[3])) in.fail("'scales' holds a range that is none");
    if (!(precision[k * count + k] > 0)) in.fail("'precision' must be above 0 on its diagonal");
    columns.push_back({sources[k], scale[0], scale[1], scale[2], scale[3]});
  }
  return std::make_unique<FittedIterativeImpute>(std::move(columns), NormalCompletion(count, std::move(precision)),
                                                 std::move(fills), std::move(flagged));
}

}  // namespace automill
