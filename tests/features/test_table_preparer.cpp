// All preparation as one transformer: what it does for each family, and that its report closes.

#include <automill/learners/linear.hpp>
#include <automill/preprocess/preprocess.hpp>

#include "feature_tools.hpp"
#include "features/table_preparer_fitted.hpp"

namespace automill::features {
namespace {

using namespace feature_tools;

const std::vector<std::string> words{"cheap", "fine", "broken", "large", "returned", "late", "small", "loved"};

/// Numbers (one missing now and then, one infinite), a constant, a copy, a category of 60 values, dates and text.
std::shared_ptr<const Dataset> mixed_problem(std::size_t rows, Task task, std::uint64_t seed = 3) {
  const Random random(rows, 3, seed);
  std::vector<double> price, flat(rows, 7.0), begin, end;
  std::vector<std::string> city, note;
  std::vector<double> effect;
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream more(seed, purpose("mixed"), i);
    const std::size_t place = more.below(60), word = more.below(words.size());
    price.push_back(more.below(9) == 0 ? missing : i == 3 ? std::numeric_limits<double>::infinity() : random.x[0][i]);
    begin.push_back(1.6e9 + 86400.0 * static_cast<double>(more.below(700)));
    end.push_back(begin.back() + 86400.0 * static_cast<double>(more.below(30)));
    city.push_back("city " + std::to_string(place));
    note.push_back("the " + words[word] + " thing number " + std::to_string(i % 7));
    effect.push_back(std::sin(static_cast<double>(place)) + (word < 4 ? 1.0 : -1.0) + 0.3 * random.x[1][i]);
  }
  std::vector<std::string_view> cities(city.begin(), city.end()), notes(note.begin(), note.end());
  std::vector<ColumnPtr> columns{make_number_column({.name = "price"}, price),
                                 make_number_column({.name = "x"}, random.x[1]),
                                 make_number_column({.name = "flat, by far"}, flat),
                                 make_number_column({.name = "x again"}, random.x[1]),
                                 make_category_column("city", cities),
                                 make_number_column({.name = "begin", .kind = ColumnKind::datetime}, begin),
                                 make_number_column({.name = "end", .kind = ColumnKind::datetime}, end),
                                 make_text_column("note", notes)};
  return problem(Table(std::move(columns)), task, [&](std::size_t i) { return effect[i]; });
}

const std::vector<std::string>& families() {
  static const std::vector<std::string> names{"trees", "linear", "neural"};
  return names;
}

TEST(TablePreparer, books_close) {
  for (const Task task : {Task::regression, Task::binary})
    for (const std::string& family : families()) {
      const auto data = mixed_problem(300, task);
      const auto prepared = fitted(TablePreparer{{.for_family = family, .generate = false}}, DatasetView(data));
      const PreparationReport& report = preparation_report(*prepared);
      std::map<std::string, std::string> of_input;
      std::set<std::string> come_out;
      for (const PreparedColumn& column : report.columns) {
        EXPECT_FALSE(column.reason.empty()) << column.column;
        if (column.action == "made" || column.action == "kept") {
          EXPECT_TRUE(come_out.insert(column.column).second) << column.column;
        }
        if (column.action != "made") {
          EXPECT_TRUE(of_input.emplace(column.column, column.action).second) << column.column << " has two fates";
        }
      }
      const auto names = prepared->output_schema()->names();
      EXPECT_EQ(come_out, std::set<std::string>(names.begin(), names.end())) << family;
      EXPECT_EQ(of_input.size(), data->features.size()) << family;
      EXPECT_EQ(of_input["flat, by far"], "dropped");
      EXPECT_EQ(of_input["x again"], "dropped");
      EXPECT_EQ(of_input["begin"], "replaced");
      EXPECT_EQ(of_input["note"], "replaced");
      EXPECT_EQ(of_input["city"], family == "trees" ? "kept" : "replaced");
      EXPECT_EQ(of_input["x"], "kept");
      EXPECT_FALSE(report.steps.empty());
    }
}

TEST(TablePreparer, numbers_alone_for_sums_and_none_is_missing) {
  const auto data = mixed_problem(300, Task::regression);
  for (const std::string family : {"linear", "neural"}) {
    const auto result = TablePreparer{{.for_family = family, .generate = false}}.fit_transform(DatasetView(data), {});
    for (std::size_t c = 0; c < result.train.size(); ++c) {
      const ColumnKind kind = result.train[c].kind();
      ASSERT_TRUE(kind == ColumnKind::number || kind == ColumnKind::boolean) << result.train[c].name();
      for (double value : values_of(result.train, result.train[c].name()))
        ASSERT_TRUE(std::isfinite(value)) << family << " " << result.train[c].name();
    }
  }
}

TEST(TablePreparer, training_rows_do_not_see_their_own_target) {
  const auto data = mixed_problem(300, Task::regression);
  const auto result = TablePreparer{{.for_family = "linear", .generate = false}}.fit_transform(DatasetView(data), {});
  const auto later = result.transformer->transform(data->features);
  EXPECT_NE(values_of(result.train, "city_mean"), values_of(later, "city_mean"));
  EXPECT_EQ(values_of(result.train, "x"), values_of(later, "x"));
}

TEST(TablePreparer, strings_that_repeat_become_telling_characters_and_mean_targets) {
  const auto data = mixed_problem(300, Task::regression);
  const auto result = TablePreparer{{.for_family = "trees", .generate = false}}.fit_transform(DatasetView(data), {});
  const auto later = result.transformer->transform(data->features);
  ASSERT_TRUE(later.contains("note_mean"));
  EXPECT_NE(values_of(result.train, "note_mean"), values_of(later, "note_mean"));  // out of fold
  EXPECT_TRUE(later.contains("note.length"));
  std::size_t characters = 0;
  for (const std::string& name : later.schema()->names()) characters += name.starts_with("note~") ? 1 : 0;
  EXPECT_EQ(characters, 100U);
  EXPECT_FALSE(later.contains("note:the"));
}

TEST(TablePreparer, learners_of_one_run_share_what_is_prepared) {
  const auto data = mixed_problem(200, Task::binary);
  const TablePreparer preparer{{.generate = false}};
  SharedCache cache(1 << 26);
  RunContext first, second, alone;
  first.cache = second.cache = &cache;
  first.seed = 1;
  second.seed = 2;
  const auto one = preparer.fit_transform(DatasetView(data), first);
  EXPECT_EQ(preparer.fit_transform(DatasetView(data), second).transformer, one.transformer);
  const auto other = mixed_problem(200, Task::binary, 4);
  EXPECT_NE(preparer.fit_transform(DatasetView(other), second).transformer, one.transformer);
  const TablePreparer linear{{.for_family = "linear", .generate = false}};
  EXPECT_NE(linear.fit_transform(DatasetView(data), first).transformer, one.transformer);
  Dataset weighted = *data;
  weighted.weights.assign(data->rows(), 1.0);
  weighted.weights[0] = 3;
  EXPECT_NE(preparer.fit_transform(DatasetView(make_dataset(std::move(weighted))), first).transformer, one.transformer);
}

TEST(TablePreparer, a_loaded_one_does_the_same_row_by_row) {
  const auto data = mixed_problem(200, Task::binary);
  for (const std::string& family : families()) {
    const auto prepared = fitted(TablePreparer{{.for_family = family}}, DatasetView(data));
    const Archive archive = archive_of(*prepared);
    const auto again = builtin_registry().load_transformer(ArchiveReader(archive), prepared->input_schema());
    EXPECT_TRUE(same_archive(archive, archive_of(*again)));
    const auto &report = preparation_report(*prepared), &loaded = preparation_report(*again);
    ASSERT_EQ(report.columns.size(), loaded.columns.size());
    EXPECT_EQ(report.columns.back().reason, loaded.columns.back().reason);
    const Table whole = again->transform(data->features);
    const auto rows = again->row_transformer();
    std::vector<double> cells(data->features.size()), numbers(whole.size());
    std::vector<std::string_view> texts(cells.size()), out(whole.size());
    for (std::size_t i = 0; i < 20; ++i) {
      for (std::size_t c = 0; c < cells.size(); ++c) {
        cells[c] = data->features[c].number(i);
        if (data->features[c].kind() == ColumnKind::text) texts[c] = data->features[c].text(i);
      }
      rows->transform({cells.data(), texts.data()}, numbers.data(), out.data());
      for (std::size_t c = 0; c < whole.size(); ++c)
        EXPECT_EQ(std::bit_cast<std::uint64_t>(numbers[c]), std::bit_cast<std::uint64_t>(whole[c].number(i)))
            << family << " " << whole[c].name();
    }
  }
}

TEST(TablePreparer, learners_behind_it_learn) {
  const auto data = mixed_problem(1200, Task::regression);
  const auto error = [&](const Estimator& estimator) { return cross_validate(estimator, data, {.folds = 3}).mean; };
  EXPECT_LT(error(Pipeline{TablePreparer{{.for_family = "linear", .generate = false}}, Ridge{}}), 0.5);
  EXPECT_LT(error(Pipeline{TablePreparer{{.for_family = "trees", .generate = false}},
                           GradientBoosting{{.n_estimators = 200}}}),
            0.6);  // the deviation of the target is 1.25
}

TEST(TablePreparer, tables_of_little) {
  for (const std::string& family : families()) {
    const auto one =
        problem(Table({make_number_column({.name = "x"}, {1.0})}), Task::regression, [](std::size_t) { return 1.0; });
    const auto row = TablePreparer{{.for_family = family}}.fit_transform(DatasetView(one), {});
    EXPECT_EQ(row.train.rows(), 1U);
    const auto same = problem(Table({make_number_column({.name = "x"}, {1.0, 1.0})}), Task::regression,
                              [](std::size_t i) { return static_cast<double>(i); });
    const auto none = TablePreparer{{.for_family = family}}.fit_transform(DatasetView(same), {});
    EXPECT_EQ(none.train.size(), 0U);
    EXPECT_EQ(none.train.rows(), 2U);
  }
}

TEST(TablePreparer, only_its_own_have_a_report) {
  const auto data = ratio_problem(50);
  const auto other = fitted(Impute{}, DatasetView(data));
  try {
    preparation_report(*other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "transform.report");
  }
}

}  // namespace
}  // namespace automill::features
