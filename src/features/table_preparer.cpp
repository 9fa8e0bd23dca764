#include <automill/features/table_preparer.hpp>

#include "json.hpp"
#include "preparation_plan.hpp"
#include "table_preparer_fitted.hpp"

namespace automill {
namespace {

/// What became of the columns, step by step.
class Book {
 public:
  explicit Book(const PreparationPlan& plan, const Schema& input) : plan_(plan), input_(input) {}

  void note(const PlannedStep& step, const Schema& before, const Schema& after, double seconds) {
    report_.steps.push_back({step.name, seconds});
    const std::set<std::string> old_names = names_of(before), new_names = names_of(after);
    for (const ColumnSchema& column : after.columns())
      if (!old_names.contains(column.name)) report_.columns.push_back({column.name, "made", step.name, step.reason});
    for (const ColumnSchema& column : before.columns())
      if (!new_names.contains(column.name)) leave(column.name, step);
  }

  PreparationReport finish(const Schema& output) {
    const std::set<std::string> last = names_of(output);
    std::erase_if(report_.columns,
                  [&](const auto& line) { return line.action == "made" && !last.contains(line.column); });
    for (const ColumnSchema& column : input_.columns())
      if (last.contains(column.name)) report_.columns.push_back({column.name, "kept", "", "nothing speaks against it"});
    return std::move(report_);
  }

 private:
  static std::set<std::string> names_of(const Schema& schema) {
    std::set<std::string> names;
    for (const ColumnSchema& column : schema.columns()) names.insert(column.name);
    return names;
  }

  /// Columns that an earlier step made come and go without a line of their own.
  void leave(const std::string& name, const PlannedStep& step) {
    if (!input_.contains(name)) return;
    const auto useless = plan_.dropped.find(name);
    if (useless != plan_.dropped.end()) report_.columns.push_back({name, "dropped", step.name, useless->second});
    else report_.columns.push_back({name, "replaced", step.name, step.reason});
  }

  const PreparationPlan& plan_;
  const Schema& input_;
  PreparationReport report_;
};

/// Hash of what is learned from, whatever the order of the rows.
std::uint64_t content_of(const DatasetView& train) {
  const std::vector<std::uint64_t>& groups = train.dataset().groups;
  std::uint64_t hash = purpose("table preparer");
  for (std::size_t i = 0; i < train.rows(); ++i) {
    std::uint64_t row = combine_hashes(train.key(i), std::bit_cast<std::uint64_t>(train.weight(i)));
    if (!groups.empty()) row = combine_hashes(row, groups[train.row_numbers()[i]]);
    hash += mix64(row);
  }
  return hash;
}

/// About: text becomes topics, statistics and words that most rows do not hold.
std::uint64_t bytes_of_prepared(const DatasetView& train) {
  constexpr std::uint64_t numbers_of_text = 64;
  std::uint64_t columns = 0;
  for (const auto& column : train.dataset().features.columns())
    columns += column->kind() == ColumnKind::text ? numbers_of_text : 1;
  return 8 * columns * train.rows();
}

}  // namespace

DataShape TablePreparer::output_shape(const DataShape& input) const {
  return widest_preparation(parameters_).output_shape(input);
}
CostEstimate TablePreparer::cost(const DataShape& input) const { return widest_preparation(parameters_).cost(input); }

/// The same rows are prepared once for all learners that come behind: what is drawn at random follows from the rows
/// then.
Transformer::Fitted TablePreparer::fit_transform(const DatasetView& train, const RunContext& context) const {
  if (context.cache == nullptr) return prepare(train, context);
  RunContext own = context;
  own.seed = content_of(train);
  std::uint64_t key = combine_hashes(own.seed, hash_text(to_json(parameters())));
  for (const auto& column : train.dataset().features.columns()) key = combine_hashes(key, column->identity());
  return *context.cache->get_or_make<Fitted>(key, bytes_of_prepared(train),
                                             [&] { return std::make_shared<const Fitted>(prepare(train, own)); });
}

Transformer::Fitted TablePreparer::prepare(const DatasetView& train, const RunContext& context) const {
  const std::shared_ptr<const Schema> schema = train.dataset().features.schema();
  const PreparationPlan plan = plan_preparation(train, parameters_, context);
  Book book(plan, *schema);
  std::vector<std::shared_ptr<const FittedTransformer>> fitted;
  DatasetView rows = train;
  for (const PlannedStep& step : plan.steps) {
    context.stop.throw_if_requested();
    const auto start = std::chrono::steady_clock::now();
    Fitted one = step.transformer->fit_transform(rows, context);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    book.note(step, *rows.dataset().features.schema(), *one.transformer->output_schema(), seconds);
    fitted.push_back(one.transformer);
    rows = rows.with_features(std::move(one.train));
  }
  Table table = plan.steps.empty() ? FittedTransformerPipeline::copy_rows(train.features()) : rows.dataset().features;
  auto steps = std::make_shared<FittedTransformerPipeline>(std::move(fitted));
  steps->set_input(schema);
  auto prepared = std::make_shared<FittedTablePreparer>(std::move(steps), book.finish(*table.schema()));
  prepared->set_input(schema);
  return {std::move(prepared), std::move(table)};
}

std::unique_ptr<FittedTransformer> TablePreparer::fit(const DatasetView& train, const RunContext& context) const {
  const Fitted fitted = fit_transform(train, context);
  return std::make_unique<FittedTablePreparer>(dynamic_cast<const FittedTablePreparer&>(*fitted.transformer));
}

}  // namespace automill
