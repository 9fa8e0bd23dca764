#include "row_statistics_fitted.hpp"

#include <automill/preprocess/row_statistics.hpp>
#include <set>

#include "row_columns.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

/// Of one row. Numbers are added in the order of columns, twice: `add` for all of them, then `add_distance`. Batches
/// and single rows do the same operations in the same order.
struct RowSums {
  double missing = 0, zeros = 0, count = 0, sum = 0, squares = 0;
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest;

  void add(double value, bool number) {
    if (std::isnan(value)) ++missing;
    if (!number || !std::isfinite(value)) return;
    if (value == 0) ++zeros;
    ++count;
    sum += value;
    smallest = std::min(smallest, value);
    largest = std::max(largest, value);
  }
  double mean() const { return std::clamp(sum / count, smallest, largest); }
  void add_distance(double value) {
    if (!std::isfinite(value)) return;
    const double distance = value - mean();
    squares += distance * distance;
  }
  void write(double* out, bool moments) const {
    constexpr double none = std::numeric_limits<double>::quiet_NaN(), most = std::numeric_limits<double>::max();
    out[0] = missing;
    out[1] = zeros;
    if (!moments) return;
    out[2] = count > 0 ? mean() + 0.0 : none;
    out[3] = count > 0 ? smallest + 0.0 : none;
    out[4] = count > 0 ? largest + 0.0 : none;
    out[5] = count > 0 ? std::min(most, std::sqrt(squares / count)) : none;
  }
};

class Rows final : public RowTransformer {
 public:
  Rows(const Schema& schema, bool moments) : schema_(&schema), moments_(moments) {}
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    pass_row(*schema_, row, numbers, texts);
    RowSums sums;
    for (std::size_t c = 0; c < schema_->size(); ++c)
      sums.add(row.numbers[c], (*schema_)[c].kind == ColumnKind::number);
    for (std::size_t c = 0; moments_ && c < schema_->size(); ++c)
      if ((*schema_)[c].kind == ColumnKind::number) sums.add_distance(row.numbers[c]);
    sums.write(numbers + schema_->size(), moments_);
  }

 private:
  const Schema* schema_;
  bool moments_;
};

}  // namespace

Schema FittedRowStatistics::make_output_schema(const Schema& input) const {
  static constexpr std::array<const char*, 6> names{"row_missing", "row_zeros", "row_mean",
                                                    "row_min",     "row_max",   "row_std"};
  std::vector<ColumnSchema> added_columns;
  for (std::size_t k = 0; k < added(); ++k)
    added_columns.push_back({.name = names[k], .kind = ColumnKind::number, .integer = k < 2});
  return with_added_columns(input, std::move(added_columns));
}

Table FittedRowStatistics::transform_aligned(const TableView& rows, const RunContext& context) const {
  const Schema& schema = *input_schema();
  const auto fill = [&](const TableView& part, std::size_t first, std::vector<std::vector<double>>& out) {
    std::vector<double> values(part.rows());
    std::vector<RowSums> sums(part.rows());
    for (std::size_t c = 0; c < schema.size(); ++c) {
      part.numbers(c, values.data());
      for (std::size_t i = 0; i < values.size(); ++i) sums[i].add(values[i], schema[c].kind == ColumnKind::number);
    }
    for (std::size_t c = 0; moments_ && c < schema.size(); ++c) {
      if (schema[c].kind != ColumnKind::number) continue;
      part.numbers(c, values.data());
      for (std::size_t i = 0; i < values.size(); ++i) sums[i].add_distance(values[i]);
    }
    std::array<double, 6> row{};
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].write(row.data(), moments_);
      for (std::size_t k = 0; k < out.size(); ++k) out[k][first + i] = row[k];
    }
  };
  return append_row_columns(rows, *output_schema(), context, fill);
}

std::unique_ptr<RowTransformer> FittedRowStatistics::row_transformer() const {
  return std::make_unique<Rows>(*input_schema(), moments_);
}

void FittedRowStatistics::save(ArchiveWriter& out) const { out.set("moments", moments_); }

std::unique_ptr<FittedTransformer> load_row_statistics(const ArchiveReader& in, const std::shared_ptr<const Schema>&,
                                                       int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  return std::make_unique<FittedRowStatistics>(in.boolean("moments"));
}

}  // namespace automill
