// Rows with a wrong label come first. Labels are flipped on purpose, so that it is known which are wrong.

#include <gtest/gtest.h>

#include <set>

#include "automl/tables.hpp"

namespace automill {
namespace {

AutoMLModel trained_on(const Table& table) {
  return train(table, {.target = "target", .max_trials = 3, .threads = 1, .folds = 5});
}

/// Two classes that two numbers separate, with some overlap; every hundredth label is flipped.
struct Flipped {
  Table table;
  std::set<std::uint32_t> rows;

  explicit Flipped(std::size_t count) {
    std::vector<double> a, b;
    std::vector<std::string> label;
    for (std::uint32_t i = 0; i < count; ++i) {
      RandomStream random(11, purpose("flipped"), i);
      const bool high = random.below(2) == 0;
      a.push_back(random.normal() + (high ? 2 : -2));
      b.push_back(random.normal() + (high ? 2 : -2));
      const bool flip = i % 100 == 37;
      if (flip) rows.insert(i);
      label.push_back(high != flip ? "high" : "low");
    }
    table = Table({tables::number("a", a), tables::number("b", b), tables::category("target", label)});
  }
};

TEST(SuspiciousRows, FlippedLabelsComeFirst) {
  const Flipped flipped(2000);
  const AutoMLModel model = trained_on(flipped.table);
  const auto rows = model.suspicious_rows(20);
  ASSERT_EQ(rows.size(), 20U);
  std::size_t found = 0;
  for (const SuspiciousRow& row : rows) found += flipped.rows.contains(row.row) ? 1 : 0;
  // the classes overlap in 0.2 % of the rows (4 standard deviations apart on the diagonal times sqrt 2): 4 rows of 2000
  EXPECT_GE(found, 16U) << found << " of the first 20 rows are among the 20 flipped ones";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_NE(rows[i].label, rows[i].predicted);
    EXPECT_NEAR(rows[i].loss, -std::log(rows[i].label_probability), 1e-12);
    EXPECT_NEAR(rows[i].probability + rows[i].label_probability, 1, 1e-12);
    if (i > 0) EXPECT_LE(rows[i].loss, rows[i - 1].loss);
    EXPECT_EQ(model.classes()[rows[i].label], flipped.table.column("target").text(rows[i].row));
  }
}

TEST(SuspiciousRows, RowNumbersAreThoseOfTheInput) {
  const Flipped flipped(1000);
  std::vector<std::string> label;  // some rows lose their label: later rows move up in training, not in the answer
  for (std::uint32_t i = 0; i < 1000; ++i)
    label.emplace_back(i % 10 == 3 ? "" : std::string(flipped.table.column("target").text(i)));
  std::vector<std::string_view> views;
  for (const auto& one : label) views.push_back(one.empty() ? std::string_view() : std::string_view(one));
  const Table table = tables::with(flipped.table, make_category_column("target", views));
  const AutoMLModel model = trained_on(table);
  std::size_t found = 0;
  for (const SuspiciousRow& row : model.suspicious_rows(10)) {
    EXPECT_NE(row.row % 10, 3U);
    EXPECT_EQ(model.classes()[row.label], label[row.row]);
    found += flipped.rows.contains(row.row) ? 1 : 0;
  }
  EXPECT_GE(found, 7U);  // of 10 flipped ones
}

TEST(SuspiciousRows, RegressionGivesFarResiduals) {
  std::vector<double> x, y;
  for (std::uint32_t i = 0; i < 600; ++i) {
    RandomStream random(13, purpose("far"), i);
    x.push_back(random.uniform() * 10);
    y.push_back(3 * x.back() + 0.1 * random.normal() + (i % 200 == 50 ? 20 : 0));
  }
  const AutoMLModel model = trained_on(Table({tables::number("x", x), tables::number("target", y)}));
  const auto rows = model.suspicious_rows(3);
  ASSERT_EQ(rows.size(), 3U);
  std::set<std::uint32_t> found;
  for (const SuspiciousRow& row : rows) {
    found.insert(row.row);
    EXPECT_EQ(row.value, y[row.row]);
    EXPECT_GT(row.loss, 5);
  }
  EXPECT_EQ(found, (std::set<std::uint32_t>{50, 250, 450}));
}

TEST(SuspiciousRows, OnlyAfterTraining) {
  const AutoMLModel model = trained_on(tables::plain(Task::binary, 100));
  EXPECT_LE(model.suspicious_rows(1000).size(), 100U);
  EXPECT_TRUE(model.suspicious_rows(0).empty());
  try {
    AutoMLModel(load(model.bytes())).suspicious_rows();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "model.no_out_of_fold");
  }
}

}  // namespace
}  // namespace automill
