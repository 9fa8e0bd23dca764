#include "ensemble/stacking_model.hpp"

#include <automill/core/transformer_pipeline.hpp>
#include <automill/ensemble/stacking.hpp>
#include <set>

#include "state_check.hpp"

namespace automill {

std::vector<ColumnSchema> StackedColumns::of(const std::string& estimator) const {
  std::vector<std::string> names;
  const std::vector<std::string>& labels = output.task == Task::multiclass ? output.classes : output.outputs;
  if (width() == 1) names.push_back(estimator);
  else
    for (const std::string& label : labels) names.push_back(estimator + "." + label);
  std::vector<ColumnSchema> columns;
  for (std::string& name : names) {
    while (passed != nullptr && passed->contains(name)) name = "(" + name + ")";
    columns.push_back({.name = std::move(name)});
  }
  return columns;
}

std::shared_ptr<const Schema> StackedColumns::schema(const std::vector<std::string>& estimators) const {
  std::vector<ColumnSchema> all;
  for (const std::string& estimator : estimators)
    for (ColumnSchema& column : of(estimator)) all.push_back(std::move(column));
  if (passed != nullptr) all.insert(all.end(), passed->columns().begin(), passed->columns().end());
  return std::make_shared<const Schema>(std::move(all));
}

void StackedColumns::keep(std::span<const double> predictions, double*& values) const noexcept {
  if (output.task == Task::binary) *values++ = predictions[output.positive];
  else values = std::copy(predictions.begin(), predictions.end(), values);
}

void StackedColumns::add(const std::string& estimator, const Predictions& predictions,
                         std::vector<ColumnPtr>& columns) const {
  std::vector<std::vector<double>> values(width(), std::vector<double>(predictions.rows()));
  std::vector<double> kept(width());
  for (std::size_t i = 0; i < predictions.rows(); ++i) {
    double* next = kept.data();
    keep(predictions.row(i), next);
    for (std::size_t k = 0; k < kept.size(); ++k) values[k][i] = kept[k];
  }
  std::vector<ColumnSchema> schemas = of(estimator);
  for (std::size_t k = 0; k < kept.size(); ++k)
    columns.push_back(make_number_column(std::move(schemas[k]), std::move(values[k])));
}

Table StackedColumns::table(std::vector<ColumnPtr> columns, const TableView& rows) const {
  if (passed != nullptr) {
    const Table own = FittedTransformerPipeline::copy_rows(rows);
    columns.insert(columns.end(), own.columns().begin(), own.columns().end());
  }
  return Table::with_rows(std::move(columns), rows.rows());
}

namespace {

class StackingRows final : public RowPredictor {
 public:
  StackingRows(const StackingModel& model, StackedColumns columns)
      : columns_(std::move(columns)),
        last_(model.final_model().row_predictor()),
        prediction_(columns_.output.width),
        numbers_(model.final_model().input_schema().size()),
        texts_(numbers_.size()) {
    for (const auto& member : model.members()) members_.push_back(member.model->row_predictor());
  }
  void predict(const RowView& row, std::span<double> out) noexcept override {
    double* next = numbers_.data();
    for (const auto& member : members_) {
      member->predict(row, prediction_);
      columns_.keep(prediction_, next);
    }
    if (columns_.passed != nullptr) {
      const std::size_t passed = columns_.passed->size();
      std::copy_n(row.numbers, passed, next);
      if (row.texts != nullptr) std::copy_n(row.texts, passed, texts_.data() + (next - numbers_.data()));
    }
    last_->predict({numbers_.data(), texts_.data()}, out);
  }

 private:
  StackedColumns columns_;
  std::vector<std::unique_ptr<RowPredictor>> members_;
  std::unique_ptr<RowPredictor> last_;
  std::vector<double> prediction_, numbers_;
  std::vector<std::string_view> texts_;
};

}  // namespace

Table StackingModel::stack(const std::vector<Member>& members, const StackedColumns& columns, const TableView& rows,
                           const RunContext& context) {
  std::vector<ColumnPtr> all;
  for (const Member& member : members) {
    Predictions predictions(rows.rows(), columns.output.width);
    member.model->predict_aligned(rows, predictions.view(), context);
    columns.add(member.name, predictions, all);
  }
  return columns.table(std::move(all), rows);
}

void StackingModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  constexpr std::size_t block = 4096;  // the columns of a large batch never exist at once
  const StackedColumns own = columns();
  for_each_block(context.executor(), rows.rows(), block, [&](std::size_t begin, std::size_t end) {
    RunContext inner = context;
    inner.run_with = nullptr;
    const std::size_t count = end - begin;
    last_->predict_aligned(stack(members_, own, rows.part(begin, count), inner), out.part(begin, count), inner);
  });
}

std::unique_ptr<RowPredictor> StackingModel::row_predictor() const {
  return std::make_unique<StackingRows>(*this, columns());
}

void StackingModel::save(ArchiveWriter& out) const {
  out.set("passthrough", passthrough_);
  out.children("members", members_.size(), [&](ArchiveWriter& part, std::size_t i) {
    part.set("name", members_[i].name);
    part.child("model", [&](ArchiveWriter& inner) { save_component(*members_[i].model, inner); });
  });
  out.child("final_model", [&](ArchiveWriter& inner) { save_component(*last_, inner); });
}

std::string StackingModel::describe(int indent) const {
  const std::string start(static_cast<std::size_t>(indent), ' ');
  std::string text = start + "stacking" + (passthrough_ ? ", columns passed through" : "") + "\n";
  for (const Member& member : members_) text += describe_step(member.name, *member.model, indent + 2);
  return text + describe_step("final_model", *last_, indent + 2);
}

std::unique_ptr<Model> load_stacking(const ArchiveReader& in, const ModelContext& context, int state_version,
                                     const Registry& registry) {
  check_state_version(in, state_version, 1);
  const bool passthrough = in.boolean("passthrough");
  std::vector<StackingModel::Member> members;
  std::set<std::string> names;
  std::vector<std::string> order;
  for (const ArchiveReader& part : in.children("members")) {
    order.push_back(part.text("name"));
    if (!names.insert(order.back()).second) part.fail("two members are called '" + order.back() + "'");
    members.push_back({order.back(), registry.load_model(part.child("model"), context)});
  }
  if (members.empty()) in.fail("there are no members");
  const StackedColumns columns{context.output, passthrough ? context.input : nullptr};
  return std::make_unique<StackingModel>(
      std::move(members), registry.load_model(in.child("final_model"), {columns.schema(order), context.output}),
      passthrough);
}

}  // namespace automill
