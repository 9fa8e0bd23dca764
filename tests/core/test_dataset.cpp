// Datasets: row keys that know content and not position, views, and the dataset of a table.

#include <gtest/gtest.h>

#include <automill/core/dataset.hpp>
#include <set>

namespace automill {
namespace {

const double nan_value = std::nan("");

struct Row {
  double number;
  const char* job;  ///< null: missing
  const char* text;
  double target;
};

/// A table of the rows, columns in the given order of {0: number, 1: job, 2: text}.
Table table_of(const std::vector<Row>& rows, const std::vector<int>& order = {0, 1, 2}) {
  std::vector<double> number;
  std::vector<std::string_view> job, text;
  const auto view = [](const char* s) { return s == nullptr ? std::string_view() : std::string_view(s); };
  for (const Row& row : rows) {
    number.push_back(row.number);
    job.push_back(view(row.job));
    text.push_back(view(row.text));
  }
  const std::vector<ColumnPtr> all{make_number_column({.name = "number"}, number), make_category_column("job", job),
                                   make_text_column("text", text)};
  std::vector<ColumnPtr> columns;
  for (int c : order) columns.push_back(all[static_cast<std::size_t>(c)]);
  return Table(columns);
}
Target target_of(const std::vector<Row>& rows) {
  Target target;
  for (const Row& row : rows) target.values.push_back(row.target);
  return target;
}
std::vector<std::uint64_t> keys_of(const std::vector<Row>& rows, const std::vector<int>& order = {0, 1, 2}) {
  return row_keys(table_of(rows, order), target_of(rows));
}

const std::vector<Row> sample{{1, "a", "x", 0}, {2, "a", "x", 0},         {1, "b", "x", 0},     {1, "a", "y", 0},
                              {1, "a", "x", 1}, {nan_value, "a", "x", 0}, {1, nullptr, "x", 0}, {1, "a", nullptr, 0}};

TEST(RowKeys, every_cell_counts) {
  const auto keys = keys_of(sample);
  EXPECT_EQ(std::set<std::uint64_t>(keys.begin(), keys.end()).size(), sample.size());
}

TEST(RowKeys, the_order_of_columns_does_not) {
  EXPECT_EQ(keys_of(sample, {2, 0, 1}), keys_of(sample));
  EXPECT_EQ(keys_of(sample, {1, 2, 0}), keys_of(sample));
}

TEST(RowKeys, the_order_of_rows_does_not) {
  auto keys = keys_of(sample);
  std::vector<std::size_t> order(sample.size());
  std::iota(order.begin(), order.end(), 0U);
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    RandomStream(trial, purpose("rows")).shuffle(order);
    std::vector<Row> shuffled;
    for (std::size_t i : order) shuffled.push_back(sample[i]);
    const auto other = keys_of(shuffled);
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(other[i], keys[order[i]]);
  }
}

TEST(RowKeys, swapped_values_of_two_columns_differ) {
  const auto keys = [](double a, double b) {
    return row_keys(Table({make_number_column({.name = "a"}, {a}), make_number_column({.name = "b"}, {b})}),
                    Target{.values = {0}});
  };
  EXPECT_NE(keys(1, 2), keys(2, 1));
  EXPECT_NE(keys(1, 1), keys(2, 2));
}

TEST(RowKeys, negative_zero_is_zero_and_every_nan_is_missing) {
  const auto key = [](double v) {
    return row_keys(Table({make_number_column({.name = "a"}, {v})}), Target{.values = {0}})[0];
  };
  EXPECT_EQ(key(-0.0), key(0.0));
  EXPECT_EQ(key(nan_value), key(-nan_value));
  EXPECT_NE(key(nan_value), key(0.0));
}

TEST(RowKeys, copies_have_keys_of_their_own_and_share_a_content) {
  const std::vector<Row> rows{sample[0], sample[1], sample[0], sample[0]};
  const auto keys = keys_of(rows);
  EXPECT_EQ(std::set<std::uint64_t>(keys.begin(), keys.end()).size(), 4U);
  const auto contents = row_content_hashes(table_of(rows), target_of(rows));
  EXPECT_EQ(contents[0], contents[2]);
  EXPECT_EQ(contents[0], contents[3]);
  EXPECT_NE(contents[0], contents[1]);
  EXPECT_EQ(keys_of({sample[0]})[0], keys[0]);  // the first copy is numbered alike in every file
}

TEST(RowKeys, categories_count_by_name_not_by_code) {
  const auto keys = [](std::vector<std::string> names, std::int32_t code) {
    ColumnSchema schema{.name = "job"};
    schema.dictionary = std::make_shared<const Dictionary>(std::move(names));
    return row_keys(Table({make_category_column(schema, {code})}), Target{.values = {0}})[0];
  };
  EXPECT_EQ(keys({"a", "b"}, 1), keys({"b"}, 0));
  EXPECT_NE(keys({"a", "b"}, 1), keys({"a", "b"}, 0));
}

TEST(RowKeys, labels_count_by_name) {
  const auto keys = [](std::vector<std::string> classes, std::int32_t label) {
    Target target{.task = Task::binary, .classes = std::move(classes), .labels = {label}};
    return row_keys(Table({make_number_column({.name = "a"}, {1})}), target)[0];
  };
  EXPECT_EQ(keys({"no", "yes"}, 1), keys({"yes", "zebra"}, 0));
}

TEST(MakeDataset, refuses_parts_of_other_lengths) {
  Dataset dataset;
  dataset.features = Table({make_number_column({.name = "a"}, {1, 2})});
  dataset.target.values = {1, 2, 3};
  dataset.weights = {1};
  dataset.groups = {1, 2};
  dataset.times = {1, 2, 3, 4};
  try {
    make_dataset(dataset);
    FAIL() << "no Error";
  } catch (const Error& error) {
    ASSERT_EQ(error.faults().size(), 4U) << error.what();
    for (const Fault& fault : error.faults()) EXPECT_EQ(fault.code, "data.length_mismatch");
    EXPECT_EQ(error.faults()[1].place, "weights");
  }
}

TEST(DatasetFrom, reads_each_kind_of_target) {
  const Table table({make_number_column({.name = "x"}, {1, 2}), make_number_column({.name = "y"}, {3, 4}),
                     make_number_column({.name = "flag", .kind = ColumnKind::boolean}, {1, 0}),
                     make_category_column("job", std::vector<std::string_view>{"b", "a"})});
  const auto regression = dataset_from(table, "y");
  EXPECT_EQ(regression->target.task, Task::regression);
  EXPECT_EQ(regression->target.values, (std::vector<double>{3, 4}));
  EXPECT_EQ(regression->features.size(), 3U);
  EXPECT_FALSE(regression->features.contains("y"));
  const auto boolean = dataset_from(table, "flag");
  EXPECT_EQ(boolean->target.task, Task::binary);
  EXPECT_EQ(boolean->target.classes, (std::vector<std::string>{"false", "true"}));
  EXPECT_EQ(boolean->target.labels, (std::vector<std::int32_t>{1, 0}));
  const auto category = dataset_from(table, "job");
  EXPECT_EQ(category->target.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(category->target.labels, (std::vector<std::int32_t>{1, 0}));
}

TEST(DatasetFrom, refuses_missing_and_text_targets) {
  const Table table({make_number_column({.name = "y"}, {3, nan_value}),
                     make_text_column("t", std::vector<std::string_view>{"b", "a"})});
  const auto code = [&](const char* target) {
    try {
      dataset_from(table, target);
    } catch (const Error& error) {
      return error.code();
    }
    return std::string();
  };
  EXPECT_EQ(code("y"), "data.target_missing");
  EXPECT_EQ(code("t"), "data.target_text");
  EXPECT_EQ(code("z"), "data.column_unknown");
}

std::shared_ptr<const Dataset> full_dataset() {
  Dataset dataset;
  dataset.features = Table({make_number_column({.name = "a"}, {0, 1, 2, 3})});
  dataset.target = {
      .task = Task::multiclass, .name = "t", .classes = {"x", "y", "z"}, .labels = {0, 1, 2, 1}, .positive = 1};
  dataset.weights = {1, 2, 3, 4};
  dataset.groups = {7, 7, 8, 9};
  dataset.times = {10, 20, 30, 40};
  dataset.initial_scores = {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32};
  return make_dataset(std::move(dataset));
}

TEST(DatasetView, reads_its_rows) {
  const auto dataset = full_dataset();
  const DatasetView all(dataset);
  EXPECT_EQ(all.rows(), 4U);
  EXPECT_EQ(all.row_set().identity, 0U);
  const DatasetView some(
      dataset, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{1, 3}), 5});
  EXPECT_EQ(some.rows(), 2U);
  EXPECT_EQ(some.label(1), 1);
  EXPECT_EQ(some.weight(1), 4);
  EXPECT_EQ(some.key(1), dataset->keys[3]);
  EXPECT_EQ(some.features().rows(), 2U);
  EXPECT_TRUE(some.weighted());
}

TEST(DatasetView, other_features_keep_all_that_belongs_to_rows) {
  const auto dataset = full_dataset();
  const DatasetView some(
      dataset, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{1, 3}), 5});
  const DatasetView other = some.with_features(Table({make_number_column({.name = "b"}, {50, 60})}));
  const Dataset& made = other.dataset();
  EXPECT_EQ(other.rows(), 2U);
  EXPECT_EQ(made.target.labels, (std::vector<std::int32_t>{1, 1}));
  EXPECT_EQ(made.target.classes, dataset->target.classes);
  EXPECT_EQ(made.target.name, "t");
  EXPECT_EQ(made.target.positive, 1U);
  EXPECT_EQ(made.weights, (std::vector<double>{2, 4}));
  EXPECT_EQ(made.groups, (std::vector<std::uint64_t>{7, 9}));
  EXPECT_EQ(made.times, (std::vector<double>{20, 40}));
  EXPECT_EQ(made.initial_scores, (std::vector<double>{10, 11, 12, 30, 31, 32}));
  EXPECT_EQ(made.keys,
            (std::vector<std::uint64_t>{dataset->keys[1], dataset->keys[3]}));  // random streams stay keyed alike
}

}  // namespace
}  // namespace automill
