// What training says about the data: each warning where it is due, none on honest data.

#include <gtest/gtest.h>

#include "automl/category_spellings.hpp"
#include "automl/data_warnings.hpp"
#include "automl/leak_check.hpp"
#include "automl/similar_columns.hpp"
#include "automl/tables.hpp"

namespace automill {
namespace {

std::string warnings(const Table& table, TrainOptions options = {}) {
  options.target = "target";
  const Prepared prepared = prepare(table, options);
  std::string all;
  for (const std::string& note : data_warnings(prepared, options, RunContext{})) all += note + "\n";
  return all;
}
bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<double> noise(std::size_t rows, std::uint64_t seed) {
  std::vector<double> values;
  for (std::uint64_t i = 0; i < rows; ++i) values.push_back(RandomStream(seed, purpose("noise"), i).normal());
  return values;
}

TEST(DataWarnings, HonestDataGiveNone) {
  for (const Task task : {Task::binary, Task::multiclass, Task::regression})
    for (const std::size_t rows : {10UL, 60UL, 500UL, 5000UL})
      for (std::uint64_t seed = 1; seed <= 5; ++seed)
        EXPECT_EQ(warnings(tables::plain(task, rows, seed)), "") << task_name(task) << ' ' << rows << ' ' << seed;
}

/// Categories of one row each say nothing about held-back rows, however well they fit their own.
TEST(DataWarnings, ManyCategoriesAreNoLeak) {
  const Table table = tables::plain(Task::binary, 2000);
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) names.push_back("c" + std::to_string(i % 1500));
  EXPECT_EQ(warnings(tables::with(table, tables::category("many", names))), "");
}

TEST(DataWarnings, AColumnThatIsTheTarget) {
  const Table classes = tables::plain(Task::binary, 400);
  std::vector<double> copy;
  for (std::size_t i = 0; i < 400; ++i)
    copy.push_back((classes.column("target").text(i) == "yes" ? 1 : 0) + 0.001 * static_cast<double>(i % 7));
  const std::string said = warnings(tables::with(classes, tables::number("paid", copy)));
  EXPECT_TRUE(says(said, "column paid alone predicts the target (AUC 1.000")) << said;
  EXPECT_TRUE(says(said, "ignore=['paid']")) << said;
  EXPECT_EQ(warnings(tables::with(classes, tables::number("paid", copy)), {.ignore = {"paid"}}), "");

  const Table numbers = tables::plain(Task::regression, 1000);
  std::vector<double> taxed;
  for (std::size_t i = 0; i < 1000; ++i) taxed.push_back(math::exp(1.19 * numbers.column("target").number(i)));
  EXPECT_TRUE(says(warnings(tables::with(numbers, tables::number("taxed", taxed))), "column taxed alone predicts"));

  const Table several = tables::plain(Task::multiclass, 600);
  std::vector<std::string> code;
  for (std::size_t i = 0; i < 600; ++i) code.push_back("code " + std::string(several.column("target").text(i)));
  EXPECT_TRUE(says(warnings(tables::with(several, tables::category("code", code))), "100.0 % of the classes"));
}

TEST(DataWarnings, MissingForOneClassOnly) {
  const Table table = tables::plain(Task::binary, 400);
  std::vector<double> lifeboat = noise(400, 3);
  std::size_t filled = 0;
  for (std::size_t i = 0; i < 400; ++i)
    if (table.column("target").text(i) != "yes" || ++filled % 3 != 0) lifeboat[i] = std::nan("");
  const std::string said = warnings(tables::with(table, tables::number("lifeboat", lifeboat)));
  EXPECT_TRUE(says(said, "column lifeboat is present where the target is yes")) << said;
  std::vector<double> honest = noise(400, 4);
  for (std::size_t i = 0; i < 400; i += 3) honest[i] = std::nan("");
  EXPECT_EQ(warnings(tables::with(table, tables::number("honest", honest))), "");
}

TEST(DataWarnings, AnIdentifierThatOrdersTheTarget) {
  const Table table = tables::plain(Task::binary, 400);
  std::vector<double> id(400);
  std::size_t yes = 200, no = 0;  // numbered class by class, more or less
  for (std::size_t i = 0; i < 400; ++i) {
    std::size_t& next = (table.column("target").text(i) == "yes" && yes < 400) || no == 200 ? yes : no;
    id[i] = static_cast<double>(next++);
  }
  const ColumnPtr column = make_number_column({.name = "row_id", .integer = true}, id);
  EXPECT_TRUE(says(warnings(tables::with(table, column)), "column row_id (an identifier, not used) orders the target"));
}

TEST(DataWarnings, ColumnsAlike) {
  Table table = tables::plain(Task::binary, 500);
  std::vector<double> inches, fahrenheit;
  std::vector<std::string> code;
  for (std::size_t i = 0; i < 500; ++i) {
    inches.push_back(table.column("a").number(i) / 2.54 + 1e-4 * noise(500, 9)[i]);
    fahrenheit.push_back(-1.8 * table.column("b").number(i) + 32);
    code.push_back("J" + std::to_string(9 - (table.column("job").text(i)[4] - '0')));  // in another order
  }
  table = tables::with(table, tables::number("inches", inches));
  table = tables::with(table, tables::number("fahrenheit", fahrenheit));
  table = tables::with(table, tables::category("job_code", code));
  const std::string said = warnings(table);
  EXPECT_TRUE(says(said, "columns a and inches are nearly the same")) << said;
  EXPECT_TRUE(says(said, "columns b and fahrenheit are nearly the same (correlation -1.000000)")) << said;
  EXPECT_TRUE(says(said, "columns job and job_code name the same categories")) << said;
}

/// Against all pairs, one by one.
TEST(SimilarColumns, FindsWhatAllPairsFind) {
  std::vector<ColumnPtr> columns;
  std::vector<std::vector<double>> values;
  for (std::uint64_t c = 0; c < 60; ++c) {
    values.push_back(noise(300, c));
    if (c % 5 == 4) {  // near the one before it: correlations from 0.9988 to 0.99999
      const double amount = 0.004 * static_cast<double>(c % 13);
      for (std::size_t i = 0; i < 300; ++i) values[c][i] = -3 * (values[c - 1][i] + amount * values[c][i]) + 7;
    }
    columns.push_back(make_number_column({.name = "c" + std::to_string(c)}, values[c]));
  }
  std::vector<std::pair<std::size_t, std::size_t>> expected;
  const auto correlation = [&](std::size_t a, std::size_t b) {
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (std::size_t i = 0; i < 300; ++i) {
      ma += values[a][i] / 300;
      mb += values[b][i] / 300;
    }
    for (std::size_t i = 0; i < 300; ++i) {
      aa += (values[a][i] - ma) * (values[a][i] - ma);
      bb += (values[b][i] - mb) * (values[b][i] - mb);
      ab += (values[a][i] - ma) * (values[b][i] - mb);
    }
    return ab / std::sqrt(aa * bb);
  };
  for (std::size_t b = 0; b < 60; ++b)
    for (std::size_t a = 0; a < b; ++a)
      if (std::abs(correlation(a, b)) > 0.9999) expected.emplace_back(a, b);
  ASSERT_GE(expected.size(), 4U);
  std::vector<std::uint32_t> rows(300);
  std::iota(rows.begin(), rows.end(), 0U);
  const auto found = similar_columns(Table(columns), rows, RunContext{});
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(std::pair(found[i].first, found[i].second), expected[i]);
}

TEST(CategoryVariants, Keys) {
  const char* same[][2] = {{"Paris", "paris"},
                           {"New York", " new  york "},
                           {"New-York", "new_york"},
                           {"CAF\xC3\x89", "caf\xC3\xA9"},
                           {"caf\xC3\xA9", "cafe\xCC\x81"},  // composed and decomposed
                           {"\xCE\x91\xCE\x98", "\xCE\xB1\xCE\xB8"},
                           {"\xD0\x9C\xD0\xBE", "\xD0\xBC\xD0\xBE"},
                           {"\xEF\xBC\xA1\xEF\xBC\xA2", "ab"},
                           {"a\xC2\xA0z", "a z"},
                           {"\xC5\x98", "\xC5\x99"}};
  for (const auto& pair : same) EXPECT_EQ(category_key(pair[0]), category_key(pair[1])) << pair[0] << ' ' << pair[1];
  const char* different[][2] = {{"Paris", "Parma"}, {"cafe", "caf\xC3\xA9"}, {"ab", "a b"}, {"-", "_"}, {"1", "2"},
                                {"a.b", "ab"}};
  for (const auto& pair : different)
    EXPECT_NE(category_key(pair[0]), category_key(pair[1])) << pair[0] << ' ' << pair[1];
  EXPECT_EQ(category_key(""), "");
  EXPECT_EQ(category_key("\xFF\xC3"), category_key("\xFF\xC3"));  // bytes that are no characters
}

TEST(DataWarnings, SpellingsOfOneCategory) {
  const Table table = tables::plain(Task::binary, 300);
  std::vector<std::string> city;
  for (int i = 0; i < 300; ++i)
    city.push_back(i % 50 == 0 ? "paris " : i % 3 == 0 ? "Paris" : i % 3 == 1 ? "Rome" : "Oslo");
  const std::string said = warnings(tables::with(table, tables::category("city", city)));
  EXPECT_TRUE(says(said, "column city: 2 categories are spellings of 1, such as 'Paris' and 'paris '")) << said;
}

TEST(DataWarnings, RowsInOrderOfTime) {
  const Table table = tables::plain(Task::binary, 300);
  std::vector<double> day, mixed;
  for (int i = 0; i < 300; ++i) {
    day.push_back(1.6e15 + 8.64e10 * i);
    mixed.push_back(1.6e15 + 8.64e10 * ((i * 37) % 300));
  }
  const ColumnPtr sold = tables::number("sold", day, ColumnKind::datetime);
  EXPECT_TRUE(says(warnings(tables::with(table, sold)), "time_column='sold'"));
  EXPECT_FALSE(says(warnings(tables::with(table, sold), {.time_column = "sold"}), "time_column="));
  EXPECT_FALSE(
      says(warnings(tables::with(table, tables::number("sold", mixed, ColumnKind::datetime))), "time_column="));
}

TEST(DataWarnings, CopiesInSeveralFolds) {
  const Table table = tables::plain(Task::binary, 200);
  std::vector<std::uint32_t> twice;
  for (std::uint32_t i = 0; i < 300; ++i) twice.push_back(i % 200);
  const TrainOptions options{.target = "target"};
  const Prepared repeated = prepare(tables::rows_of(table, twice), options), unique = prepare(table, options);
  const std::string said = copies_across_folds(*repeated.dataset, make_folds(*repeated.dataset, 8, 1));
  EXPECT_TRUE(says(said, "have a copy in another fold")) << said;
  EXPECT_EQ(copies_across_folds(*unique.dataset, make_folds(*unique.dataset, 8, 1)), "");
}

TEST(DataWarnings, AStopEndsTheLookWithWhatWasFound) {
  std::stop_source source;
  source.request_stop();
  const TrainOptions options{.target = "target"};
  const Prepared prepared = automill::prepare(tables::plain(Task::binary, 200), options);
  EXPECT_TRUE(data_warnings(prepared, options, {.stop = StopToken(source.get_token())}).empty());
}

TEST(LeakCheck, EvidenceAgainstClosedForms) {
  // a column that is the class gives everything, one that is noise nothing, one that is right in 3 of 4 rows AUC 0.75
  const Table table = tables::plain(Task::binary, 4000);
  const TrainOptions options{.target = "target"};
  const Prepared prepared = automill::prepare(table, options);
  std::vector<std::uint32_t> rows(4000);
  std::iota(rows.begin(), rows.end(), 0U);
  const TargetSample sample(*prepared.dataset, rows);
  std::vector<double> right, sometimes;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    const double label = prepared.dataset->target.labels[i];
    right.push_back(label);
    sometimes.push_back(RandomStream(1, purpose("sometimes"), i).below(4) == 0 ? 1 - label : label);
  }
  EXPECT_EQ(sample.evidence(right, 0).skill, 1);
  EXPECT_EQ(sample.evidence(right, 2).skill, 1);
  EXPECT_NEAR(sample.evidence(sometimes, 0).skill, 0.5, 0.04);  // 2 AUC - 1; the error of an AUC of 4000 rows is 0.007
  EXPECT_NEAR(sample.evidence(noise(4000, 5), 0).skill, 0, 0.06);
}

}  // namespace
}  // namespace automill
