#include "conformance/generated_data.hpp"

#include <automill/core/pipeline.hpp>

namespace automill::conformance {
namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> jobs{"clerk", "farmer", "nurse", "pilot", "smith"};

/// Raw values of one problem, before they become columns.
struct Raw {
  std::vector<double> normal, skewed, whole, day, flag, noise;
  std::vector<std::size_t> job;
  explicit Raw(const DataSpec& spec) {
    for (std::uint64_t i = 0; i < spec.rows; ++i) {
      RandomStream random(spec.seed, purpose("conformance data"), i);
      normal.push_back(random.normal());
      skewed.push_back(math::exp(1.5 * random.normal()));
      whole.push_back(static_cast<double>(random.below(6)));
      day.push_back(1.6e15 + 8.64e10 * static_cast<double>(random.below(1000)));  // microseconds
      flag.push_back(static_cast<double>(random.below(2)));
      job.push_back(random.below(jobs.size()));
      noise.push_back(random.normal());
    }
  }
  /// What the target is made of.
  double signal(std::size_t i) const {
    return normal[i] + 0.7 * (whole[i] - 2.5) + 1.2 * flag[i] + 0.4 * static_cast<double>(job[i]) + 0.5 * noise[i];
  }
};

/// Takes out some values, differently for each column.
void make_holes(std::vector<double>& values, const DataSpec& spec, std::string_view column) {
  if (!spec.missing) return;
  for (std::uint64_t i = 0; i < values.size(); ++i)
    if (RandomStream(spec.seed, purpose(column), i).uniform() < 0.15) values[i] = nan_value;
}

ColumnPtr number(const DataSpec& spec, const char* name, std::vector<double> values,
                 ColumnKind kind = ColumnKind::number) {
  make_holes(values, spec, name);
  return make_number_column({.name = name, .kind = kind}, std::move(values));
}

ColumnPtr job_column(const DataSpec& spec, const Raw& raw, const char* name, std::size_t levels) {
  std::vector<double> codes;
  for (std::size_t job : raw.job) codes.push_back(static_cast<double>(job % levels));
  make_holes(codes, spec, name);
  std::vector<std::string_view> values(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (!std::isnan(codes[i])) values[i] = jobs[static_cast<std::size_t>(codes[i])];
  return make_category_column(name, values);
}

Target target_of(const DataSpec& spec, const Raw& raw) {
  Target target{.task = spec.task, .name = "target"};
  if (!is_classification(spec.task)) {
    for (std::size_t i = 0; i < spec.rows; ++i) target.values.push_back(10 + 3 * raw.signal(i));
    return target;
  }
  const std::size_t classes = spec.task == Task::binary ? 2 : spec.classes;
  for (std::size_t k = 0; k < classes; ++k) target.classes.push_back(std::string(1, static_cast<char>('a' + k)));
  std::vector<double> sorted;
  for (std::size_t i = 0; i < spec.rows; ++i) sorted.push_back(raw.signal(i));
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < spec.rows; ++i) {
    const auto rank =
        static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), raw.signal(i)) - sorted.begin());
    target.labels.push_back(static_cast<std::int32_t>(std::min(classes - 1, rank * classes / spec.rows)));
  }
  return target;
}

}  // namespace

DatasetPtr make_data(const DataSpec& spec) {
  const Raw raw(spec);
  std::vector<ColumnPtr> columns{number(spec, "normal", raw.normal), number(spec, "skewed", raw.skewed),
                                 number(spec, "whole", raw.whole), number(spec, "flag", raw.flag, ColumnKind::boolean),
                                 number(spec, "day", raw.day, ColumnKind::datetime)};
  if (spec.categories) {
    columns.push_back(job_column(spec, raw, "job", jobs.size()));
    columns.push_back(job_column(spec, raw, "few", 2));
  }
  if (spec.text) {
    std::vector<std::string_view> texts;
    for (std::size_t job : raw.job) texts.push_back(jobs[job]);
    columns.push_back(make_text_column("note", texts));
  }
  for (std::size_t c = 0; c < spec.extra_numbers; ++c) {
    std::vector<double> values;
    for (std::uint64_t i = 0; i < spec.rows; ++i)
      values.push_back(RandomStream(spec.seed, purpose("extra"), i * spec.extra_numbers + c).uniform());
    columns.push_back(number(spec, ("extra_" + std::to_string(c)).c_str(), std::move(values)));
  }
  return make_dataset({.features = Table(std::move(columns)), .target = target_of(spec, raw)});
}

DatasetPtr take_rows(const Dataset& dataset, const std::vector<std::uint32_t>& rows) {
  Dataset taken;
  taken.target.task = dataset.target.task;
  taken.target.name = dataset.target.name;
  taken.target.classes = dataset.target.classes;
  taken.target.positive = dataset.target.positive;
  for (std::uint32_t row : rows) {
    if (!dataset.target.labels.empty()) taken.target.labels.push_back(dataset.target.labels[row]);
    if (!dataset.target.values.empty()) taken.target.values.push_back(dataset.target.values[row]);
    if (!dataset.weights.empty()) taken.weights.push_back(dataset.weights[row]);
  }
  taken.features = FittedTransformerPipeline::copy_rows(TableView(dataset.features, rows));
  return make_dataset(std::move(taken));
}

DatasetPtr with_weights(const Dataset& dataset, std::vector<double> weights) {
  Dataset other = dataset;
  other.weights = std::move(weights);
  return make_dataset(std::move(other));
}

DatasetPtr with_target(const Dataset& dataset, Target target) {
  Dataset other = dataset;
  other.target = std::move(target);
  return make_dataset(std::move(other));
}

DatasetPtr with_features(const Dataset& dataset, Table features) {
  Dataset other = dataset;
  other.features = std::move(features);
  other.keys.clear();
  return make_dataset(std::move(other));
}

Table fill(const Table& table, const Cells& cells) {
  std::vector<ColumnPtr> columns;
  for (const ColumnPtr& column : table.columns()) {
    const bool category = column->kind() == ColumnKind::category, text = column->kind() == ColumnKind::text;
    if (category && cells.category) {
      const std::vector<std::string_view> values(table.rows(), *cells.category);
      columns.push_back(make_category_column(column->name(), values));
    } else if (text && cells.text) {
      columns.push_back(make_text_column(column->name(), std::vector<std::string_view>(table.rows(), *cells.text)));
    } else if (!category && !text && cells.value) {
      const bool truth = column->kind() == ColumnKind::boolean && !std::isnan(*cells.value);
      const double value = truth ? (*cells.value > 0 ? 1.0 : 0.0) : *cells.value;
      columns.push_back(make_number_column(column->schema(), std::vector<double>(table.rows(), value)));
    } else {
      columns.push_back(column);
    }
  }
  return Table::with_rows(std::move(columns), table.rows());
}

Table with_unseen_categories(const Table& table) {
  return fill(table, {.category = std::string_view("never seen before")});
}

Table reordered(const Table& table) {
  std::vector<ColumnPtr> columns(table.columns().rbegin(), table.columns().rend());
  columns.insert(columns.begin(),
                 make_number_column({.name = "unknown to the model"}, std::vector<double>(table.rows(), 1.0)));
  return Table::with_rows(std::move(columns), table.rows());
}

DatasetView view_of(const DatasetPtr& dataset, std::vector<std::uint32_t> rows) {
  std::uint64_t identity = 1;
  for (std::uint32_t row : rows) identity = combine_hashes(identity, row);
  return {dataset, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::move(rows)), identity}};
}

std::vector<std::uint32_t> shuffled_rows(std::size_t n, std::uint64_t seed) {
  std::vector<std::uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0U);
  RandomStream(seed, purpose("shuffled rows")).shuffle(rows);
  return rows;
}

}  // namespace automill::conformance
