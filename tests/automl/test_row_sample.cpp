// Runs with less memory than their rows want: a sample of the rows, said, drawn by content, the same when the run is
// repeated or resumed.

#include <cmath>
#include <filesystem>

#include "automl/row_sample.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

constexpr std::uint64_t MiB = 1 << 20;

Prepared prepared_of(const Table& data) { return prepare(data, {.target = "target"}); }

/// Every row once, from the caller's numbers of the rows that were drawn.
std::set<double> drawn_values(const Table& data, std::size_t rows) {
  Prepared prepared = prepared_of(data);
  sample_rows(prepared, rows, 3);
  std::set<double> values;
  for (const std::uint32_t row : prepared.input_row) values.insert(data.column("a").number(row));
  return values;
}

TEST(RowSample, is_drawn_by_content) {
  const Table data = tables::plain(Task::regression, 4000);
  std::vector<std::uint32_t> backwards(4000);
  std::iota(backwards.rbegin(), backwards.rend(), 0U);
  const std::set<double> drawn = drawn_values(data, 700);
  EXPECT_EQ(drawn.size(), 700U);
  EXPECT_EQ(drawn, drawn_values(tables::rows_of(data, backwards), 700));
}

TEST(RowSample, keeps_what_belongs_to_a_row) {
  const std::size_t rows = 3000;
  Table data = tables::plain(Task::binary, rows);
  std::vector<double> weight(rows), fold(rows), time(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    weight[i] = static_cast<double>(1 + i);
    fold[i] = static_cast<double>(i % 3);
    time[i] = static_cast<double>(i);
  }
  data = tables::with(data, tables::number("weight", weight));
  data = tables::with(data, tables::number("fold", fold));
  data = tables::with(data, tables::number("time", time));
  Prepared prepared =
      prepare(data, {.target = "target", .fold_column = "fold", .time_column = "time", .sample_weight = "weight"});
  const Prepared all = prepared;
  sample_rows(prepared, 600, 3);
  const Dataset& dataset = *prepared.dataset;
  ASSERT_EQ(dataset.rows(), 600U);
  EXPECT_EQ(prepared.input_rows, rows);
  EXPECT_EQ(prepared.sampled_rows, 600U);
  EXPECT_EQ(prepared.dropped_rows.back().second, rows - 600);
  for (std::size_t i = 0; i < dataset.rows(); ++i) {
    const std::uint32_t row = prepared.input_row[i];
    EXPECT_EQ(prepared.metric_weights[i], 1.0 + row);
    EXPECT_EQ(dataset.weights[i], 1.0 + row);
    EXPECT_EQ(dataset.times[i], row);
    EXPECT_EQ((*prepared.fold_of)[i], (*all.fold_of)[row]);
    EXPECT_EQ(dataset.target.labels[i], all.dataset->target.labels[row]);
    EXPECT_EQ(dataset.keys[i], all.dataset->keys[row]);
    for (std::size_t c = 0; c < dataset.features.size(); ++c)
      EXPECT_EQ(dataset.features[c].number(i), all.dataset->features[c].number(row));
  }
}

TEST(RowSample, keeps_twenty_rows_of_a_rare_class) {
  const std::size_t rows = 20'000;
  std::vector<double> a(rows);
  std::vector<std::string> label(rows, "usual");
  for (std::size_t i = 0; i < rows; ++i) {
    a[i] = static_cast<double>(i);
    if (i % 500 == 7) label[i] = "rare";    // 40 rows
    if (i % 4000 == 9) label[i] = "rarer";  // 5 rows
  }
  Prepared prepared = prepared_of(Table({tables::number("a", a), tables::category("target", label)}));
  sample_rows(prepared, 1000, 3);
  std::map<std::string, int> found;
  for (const std::int32_t k : prepared.dataset->target.labels)
    ++found[prepared.dataset->target.classes[static_cast<std::size_t>(k)]];
  EXPECT_EQ(found["rare"], 20);
  EXPECT_EQ(found["rarer"], 5);
  EXPECT_NEAR(found["usual"], 1000, 25);
}

TEST(RowSample, room_follows_what_is_left) {
  const Prepared prepared = prepared_of(tables::plain(Task::regression, 100'000));
  const ValidationPlan plan = choose_validation(prepared, {.target = "target"}, {}, 0);
  const FoldedDataset folded(prepared.dataset, plan.split);
  const Portfolio portfolio({.task = Task::regression, .shape = {.rows = 100'000, .columns = 3}}, {});
  std::size_t before = 0;
  for (const std::uint64_t limit : {36 * MiB, 48 * MiB, 64 * MiB, 512 * MiB}) {
    const RowRoom room = room_for_rows(folded, portfolio, limit, 20 * MiB);
    EXPECT_GE(room.rows, before) << limit;
    EXPECT_EQ(room.bytes_for_all > 0, room.rows < 100'000) << limit;
    EXPECT_TRUE(room.rows == 100'000 || room.bytes_for_all > limit) << limit;
    before = room.rows;
  }
  EXPECT_EQ(before, 100'000U);
  EXPECT_LT(room_for_rows(folded, portfolio, 40 * MiB, 20 * MiB).rows, 100'000U);
  EXPECT_EQ(room_for_rows(folded, portfolio, 32 * MiB, 32 * MiB).rows, 100'000U) << "no sample would help";
}

/// Bins, scores and predictions of all rows are beyond the limit, whatever else the process holds.
constexpr std::size_t many_rows = 300'000;
constexpr std::uint64_t little = 48 * MiB;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keeps_freed_memory = true;
#else
constexpr bool keeps_freed_memory = false;
#endif

TrainOptions short_of_memory() {
  return {.target = "target", .max_trials = 3, .memory_limit = little, .threads = 1, .seed = 4, .folds = 2};
}

TEST(RowSample, is_said_and_repeated) {
  if (keeps_freed_memory) GTEST_SKIP() << "the memory that is taken grows without bound";
  const Table data = tables::plain(Task::regression, many_rows);
  const RunPlan planned = plan(data, short_of_memory());
  EXPECT_LT(planned.rows.find("used")->integer(), static_cast<std::int64_t>(many_rows));
  const AutoMLModel first = train(data, short_of_memory());
  const Value rows = first.metadata().find("books")->at("rows");
  const std::int64_t used = rows.at("used").integer();
  EXPECT_LT(used, static_cast<std::int64_t>(many_rows));
  EXPECT_GT(used, 1000);
  EXPECT_NE(first.summary().find("a sample of " + std::to_string(used) + " of 300000 rows"), std::string::npos)
      << first.summary();
  const auto& leaderboard = first.leaderboard();
  EXPECT_TRUE(std::any_of(leaderboard.begin(), leaderboard.end(), [](const LeaderboardRow& row) {
    return row.family == "gbdt" && row.status == "ok";
  })) << first.summary();
  const AutoMLModel again = replay(first, data, {.threads = 2});
  EXPECT_EQ(first.recipe(), again.recipe());
  EXPECT_EQ(first.validation_score().value, again.validation_score().value);
  const Table few = tables::first_rows(data, 50);
  const auto a = first.predict(few).values(), b = again.predict(few).values();
  for (std::size_t i = 0; i < few.rows(); ++i) EXPECT_EQ(a[i], b[i]);
}

TEST(RowSample, is_kept_where_the_run_is_resumed) {
  if (keeps_freed_memory) GTEST_SKIP() << "the memory that is taken grows without bound";
  const Table data = tables::plain(Task::regression, many_rows);
  const auto path = std::filesystem::temp_directory_path() / "automill_row_sample.journal";
  std::filesystem::remove(path);
  TrainOptions options = short_of_memory();
  options.journal = path.string();
  options.max_trials = 2;
  const AutoMLModel begun = train(data, options);
  options.resume = true;
  options.max_trials = 3;
  options.memory_limit = 4096 * MiB;  // which would have room for all rows
  const AutoMLModel resumed = train(data, options);
  EXPECT_EQ(begun.metadata().find("books")->at("rows").at("used").integer(),
            resumed.metadata().find("books")->at("rows").at("used").integer());
  options.resume = false;
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace automill
