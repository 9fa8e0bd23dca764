#include <automill/predict/served_model.hpp>

#include "data/cell_format.hpp"
#include "spread_inputs.hpp"

namespace automill {
namespace {

constexpr double missing_cell = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void wrong_kind(const ColumnSchema& column, const char* given) {
  const bool text = column.kind == ColumnKind::category || column.kind == ColumnKind::text;
  throw Error("predict.wrong_kind", column.name,
              std::string(given) + " was set, but the column is " + column_kind_name(column.kind),
              text                                 ? "set text"
              : column.kind == ColumnKind::boolean ? "set 0 or 1"
                                                   : "set a number");
}

std::shared_ptr<const std::vector<CellReader>> readers_of(const Schema& schema) {
  auto readers = std::make_shared<std::vector<CellReader>>();
  for (const ColumnSchema& column : schema.columns()) readers->emplace_back(column);
  return readers;
}

}  // namespace

NamedRowPredictor::NamedRowPredictor(std::shared_ptr<const ModelParts> parts)
    : parts_(std::move(parts)),
      readers_(readers_of(*parts_->schema)),
      predictor_(parts_->model->row_predictor()),
      numbers_(parts_->schema->size(), missing_cell),
      out_(parts_->model->output_spec().width),
      texts_(parts_->schema->size()),
      set_(out_.size()) {
  if (parts_->uncertainty == nullptr || parts_->uncertainty->spread == nullptr) return;
  spread_ = parts_->uncertainty->spread->row_predictor();
  spread_columns_ = spread_columns(*parts_->schema);
  spread_cells_.resize(spread_columns_.size() + 1);
}

RowColumn NamedRowPredictor::column(std::string_view name) const {
  return {static_cast<std::uint32_t>(parts_->schema->column(name))};
}

void NamedRowPredictor::set(RowColumn column, double value) {
  const ColumnSchema& schema = (*parts_->schema)[column.index];
  if (schema.kind == ColumnKind::category || schema.kind == ColumnKind::text) wrong_kind(schema, "a number");
  if (schema.kind == ColumnKind::boolean && value != 0 && value != 1 && !std::isnan(value))
    wrong_kind(schema, "a number other than 0 and 1");
  numbers_[column.index] = value;
}

void NamedRowPredictor::set(RowColumn column, std::string_view value) {
  const ColumnSchema& schema = (*parts_->schema)[column.index];
  const bool missing = value.data() == nullptr;
  if (schema.kind == ColumnKind::category) {
    numbers_[column.index] = missing ? missing_cell : static_cast<double>(schema.dictionary->code(value));
  } else if (schema.kind == ColumnKind::text) {
    numbers_[column.index] = missing ? missing_cell : 0;
    texts_[column.index] = value;
  } else if (const CellReader& reader = (*readers_)[column.index]; reader.reads()) {
    const auto read = missing ? std::nullopt : reader.read(value);
    if (!missing && !read && !reader.means_missing(value)) wrong_kind(schema, "text that spells none");
    numbers_[column.index] = read.value_or(missing_cell);
  } else {
    wrong_kind(schema, "text");
  }
}

void NamedRowPredictor::set_missing(RowColumn column) noexcept {
  numbers_[column.index] = missing_cell;
  texts_[column.index] = {};
}

void NamedRowPredictor::clear() noexcept {
  std::fill(numbers_.begin(), numbers_.end(), missing_cell);
  std::fill(texts_.begin(), texts_.end(), std::string_view());
}

std::span<const double> NamedRowPredictor::predict() noexcept {
  predictor_->predict({numbers_.data(), texts_.data()}, out_);
  return out_;
}

}  // namespace automill
