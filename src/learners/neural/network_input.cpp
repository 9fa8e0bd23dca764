#include "network_input.hpp"

#include "state_check.hpp"

namespace automill::neural {
namespace {

constexpr double largest_scaled = 1e6;  // beyond it the drawn-in number does not change in single precision
constexpr double clip = 3;

}  // namespace

float smooth_clip(double value) {
  const double x = std::clamp(value, -largest_scaled, largest_scaled), share = x / clip;
  return static_cast<float>(x / std::sqrt(1 + share * share));
}

float scaled_number(const NumberInput& input, double value) {
  if (input.indicator) value = std::isnan(value) ? 1.0 : 0.0;
  if (std::isnan(value) || input.factor == 0) return 0.0F;
  return smooth_clip((0.5 * value - input.half_center) * input.factor);
}

std::uint32_t table_row(const CategoryInput& input, double value) {
  if (std::isnan(value)) return 0;
  if (input.boolean) return value > 0.5 ? 2 : 1;
  return value >= 0 && value < static_cast<double>(input.row_of_code.size())
             ? input.row_of_code[static_cast<std::size_t>(value)]
             : 0;
}

std::size_t NetworkInput::width(std::size_t number_width) const {
  std::size_t columns = numbers.size() * number_width;
  for (const CategoryInput& category : categories) columns += category.width;
  return columns;
}

EncodedRows::EncodedRows(const NetworkInput& input, std::size_t most_rows)
    : stride(stride_of(most_rows)),
      numbers(input.numbers.size() * stride),
      table_rows(input.categories.size() * stride),
      cells_(most_rows) {}

void EncodedRows::encode(const NetworkInput& input, const TableView& view) {
  rows = view.rows();
  for (std::size_t j = 0; j < input.numbers.size(); ++j) {
    view.numbers(input.numbers[j].column, cells_.data());
    for (std::size_t i = 0; i < rows; ++i) numbers[j * stride + i] = scaled_number(input.numbers[j], cells_[i]);
  }
  for (std::size_t c = 0; c < input.categories.size(); ++c) {
    view.numbers(input.categories[c].column, cells_.data());
    for (std::size_t i = 0; i < rows; ++i) table_rows[c * stride + i] = table_row(input.categories[c], cells_[i]);
  }
}

void EncodedRows::encode(const NetworkInput& input, const RowView& row) {
  rows = 1;
  for (std::size_t j = 0; j < input.numbers.size(); ++j)
    numbers[j * stride] = scaled_number(input.numbers[j], row.numbers[input.numbers[j].column]);
  for (std::size_t c = 0; c < input.categories.size(); ++c)
    table_rows[c * stride] = table_row(input.categories[c], row.numbers[input.categories[c].column]);
}

void NetworkInput::save(ArchiveWriter& out) const {
  std::vector<std::uint32_t> columns;
  std::vector<std::uint8_t> indicators;
  std::vector<double> centers, factors;
  for (const NumberInput& number : numbers) {
    columns.push_back(number.column);
    indicators.push_back(number.indicator ? 1 : 0);
    centers.push_back(number.half_center);
    factors.push_back(number.factor);
  }
  out.array("columns", columns);
  out.array("indicators", indicators);
  out.array("half_centers", centers);
  out.array("factors", factors);
  out.children("categories", categories.size(), [&](ArchiveWriter& part, std::size_t c) {
    const CategoryInput& category = categories[c];
    part.set("column", static_cast<std::int64_t>(category.column));
    part.set("boolean", category.boolean);
    part.set("width", static_cast<std::int64_t>(category.width));
    part.set("rows", static_cast<std::int64_t>(category.rows));
    part.array("row_of_code", category.row_of_code);
    part.array("table", category.table);
  });
}

namespace {

CategoryInput load_category(const ArchiveReader& in, const Schema& schema) {
  CategoryInput category;
  constexpr std::int64_t most = 1 << 20;
  category.column = static_cast<std::uint32_t>(in.integer("column", 0, static_cast<std::int64_t>(schema.size()) - 1));
  category.boolean = in.boolean("boolean");
  category.width = static_cast<std::size_t>(in.integer("width", 1, 4096));
  category.rows = static_cast<std::size_t>(in.integer("rows", 1, most));
  category.table = in.array<float>("table");
  const ColumnSchema& column = schema[category.column];
  if (column.kind != (category.boolean ? ColumnKind::boolean : ColumnKind::category))
    in.fail("column '" + column.name + "' is of another kind");
  category.row_of_code =
      in.array<std::uint32_t>("row_of_code", category.boolean ? std::size_t{0} : column.dictionary->size());
  for (std::uint32_t row : category.row_of_code)
    if (row >= category.rows) in.fail("'row_of_code' points beyond the table");
  if (category.boolean && category.rows < 3) in.fail("'rows' is too small");
  if (!category.table.empty() && category.table.size() != category.rows * category.width)
    in.fail("'table' has another size");
  for (float value : category.table)
    if (!std::isfinite(value)) in.fail("'table' holds a number that is not finite");
  return category;
}

}  // namespace

NetworkInput NetworkInput::load(const ArchiveReader& in, const Schema& schema) {
  NetworkInput input;
  const auto columns = in.array<std::uint32_t>("columns");
  const auto indicators = in.array<std::uint8_t>("indicators", columns.size());
  const auto centers = in.array<double>("half_centers", columns.size()),
             factors = in.array<double>("factors", columns.size());
  check_finite(in, "half_centers", centers);
  check_finite(in, "factors", factors);
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (columns[j] >= schema.size() || schema[columns[j]].kind == ColumnKind::category ||
        schema[columns[j]].kind == ColumnKind::text)
      in.fail("'columns' names a column that holds no numbers");
    if (factors[j] < 0) in.fail("'factors' holds a number below 0");
    if (indicators[j] > 1) in.fail("'indicators' holds a number that is not 0 or 1");
    input.numbers.push_back({columns[j], indicators[j] == 1, centers[j], factors[j]});
  }
  for (const ArchiveReader& part : in.children("categories")) input.categories.push_back(load_category(part, schema));
  return input;
}

}  // namespace automill::neural
