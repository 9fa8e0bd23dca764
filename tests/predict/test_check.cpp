// New rows against the sketches of training: false alarms are held, planted changes are found. Reference values of the
// distributions are of scipy 1.17.1 (chi2.sf, kstwobign.sf, norm.sf), which is exact to about 1e-12 there.

#include <gtest/gtest.h>

#include "predict/drift_statistics.hpp"
#include "sample_models.hpp"

namespace automill {
namespace {

TEST(Sketch, numbers_have_quantiles_and_exact_counts) {
  std::vector<double> values(3201);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i * 1000 % 3201);  // 0 .. 3200, mixed
  values.push_back(samples::missing);
  const ColumnSketch sketch = make_sketch(*make_number_column({.name = "x"}, values));
  EXPECT_EQ(sketch.rows, 3202U);
  EXPECT_EQ(sketch.missing, 1U);
  ASSERT_EQ(sketch.quantiles.size(), 33U);
  for (std::size_t k = 0; k < 33; ++k) EXPECT_EQ(sketch.quantiles[k], 100.0 * static_cast<double>(k));
  ASSERT_EQ(sketch.bin_counts.size(), 33U);
  EXPECT_EQ(sketch.bin_counts[0], 1U);
  for (std::size_t k = 1; k < 33; ++k) EXPECT_EQ(sketch.bin_counts[k], 100U);
}

TEST(Sketch, quantiles_are_those_of_a_full_sort) {
  RandomStream random(4, purpose("sketch"));
  for (std::size_t n = 1; n < 150; ++n) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<double>(random.below(20)));
    const ColumnSketch sketch = make_sketch(*make_number_column({.name = "x"}, values));
    std::sort(values.begin(), values.end());
    for (std::size_t k = 0; k < 33; ++k) EXPECT_EQ(sketch.quantiles[k], values[k * (n - 1) / 32]) << n;
    const std::vector<double> edges = sketch.edges();
    std::size_t total = 0;
    for (std::size_t e = 0; e < edges.size(); ++e) {
      total += sketch.bin_counts[e];
      EXPECT_EQ(total,
                static_cast<std::size_t>(std::upper_bound(values.begin(), values.end(), edges[e]) - values.begin()));
    }
  }
}

TEST(Sketch, special_columns) {
  const double infinite = std::numeric_limits<double>::infinity();
  const ColumnSketch wide = make_sketch(*make_number_column({.name = "x"}, {-infinite, 0, infinite}));
  EXPECT_EQ(wide.quantiles.front(), -infinite);
  EXPECT_EQ(wide.quantiles.back(), infinite);
  const ColumnSketch empty = make_sketch(*make_number_column({.name = "x"}, {samples::missing, samples::missing}));
  EXPECT_TRUE(empty.quantiles.empty());
  EXPECT_EQ(empty.missing, 2U);
  std::vector<double> ramp(1000);
  std::iota(ramp.begin(), ramp.end(), 0.0);
  const std::vector<std::uint32_t> sample{0, 250, 500, 750};
  const ColumnSketch some = make_sketch(*make_number_column({.name = "x"}, ramp), sample);
  EXPECT_EQ(some.rows, 1000U);
  EXPECT_EQ(some.quantiles.front(), 0);
  EXPECT_EQ(some.quantiles.back(), 999);  // of all rows
  EXPECT_EQ(some.quantiles[16], 250);
  EXPECT_EQ(std::accumulate(some.bin_counts.begin(), some.bin_counts.end(), 0U), 4U);
  const ColumnSketch none = make_sketch(*make_number_column({.name = "x"}, {}));
  EXPECT_EQ(none.rows, 0U);
  const ColumnSketch jobs = make_sketch(*make_category_column("job", std::vector<std::string_view>{"b", "a", "b", {}}));
  EXPECT_EQ(jobs.counts, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(jobs.missing, 1U);
  const ColumnSketch text = make_sketch(*make_text_column("t", std::vector<std::string_view>{"b", {}}));
  EXPECT_EQ(text.rows, 2U);
  EXPECT_EQ(text.missing, 1U);
}

TEST(DriftStatistics, tails_of_distributions) {
  const auto near = [](double value, double wanted) { EXPECT_NEAR(value / wanted, 1, 1e-9) << wanted; };
  near(drift::chi_square_tail(3.841458820694124, 1), 0.05);
  near(drift::chi_square_tail(100, 1), 1.523970604832094e-23);
  near(drift::chi_square_tail(9.21034037197618, 2), 0.01);
  near(drift::chi_square_tail(80, 31), 3.3125285528482517e-06);
  near(drift::chi_square_tail(20, 32), 0.9512595966960213);
  near(drift::normal_tail(3), 0.0013498980316300933);
  near(drift::kolmogorov_tail(1.3580986393225505), 0.05);
  near(drift::kolmogorov_tail(3), 3.045995948942539e-08);
  near(drift::kolmogorov_tail(0.5), 0.9639452436648751);
  EXPECT_EQ(drift::chi_square_tail(0, 3), 1);
  EXPECT_EQ(drift::kolmogorov_tail(0), 1);
}

TEST(DriftStatistics, values_beyond_all) {
  EXPECT_DOUBLE_EQ(drift::beyond_all(1, 10, 90), 0.1);                    // the largest of 100 is one of 10
  EXPECT_DOUBLE_EQ(drift::beyond_all(2, 10, 90), 10.0 / 100 * 9.0 / 99);  // and so is the second
  EXPECT_EQ(drift::share_grew(10, 100, 10, 100), 1);
  EXPECT_NEAR(drift::more_than_share(3, 10, 0.1), 0.0701908264, 1e-10);  // binom.sf(2, 10, 0.1)
  EXPECT_EQ(drift::more_than_share(0, 0, 0.1), 1);
  // likelihood ratio by hand: a share of 0.1 becoming 0.2 in 1000 rows each
  const double g = 2 * (100 * std::log(0.1 / 0.15) + 900 * std::log(0.9 / 0.85) + 200 * std::log(0.2 / 0.15) +
                        800 * std::log(0.8 / 0.85));
  EXPECT_NEAR(drift::share_grew(100, 1000, 200, 1000) / (0.5 * std::erfc(std::sqrt(g / 2))), 1, 1e-9);
}

ServedModel model_of(const Table& train) {
  auto model = std::make_shared<ConstantModel>(std::vector<double>{0});
  model->set_context({train.schema(), output_of(samples::price_target())});
  return samples::share(samples::parts_of_model(train, samples::price_target(), std::move(model)));
}

/// Columns of many shapes: normal, log-normal, Cauchy-like, uniform, rounded, mostly zero, boolean, categories of few
/// and of very many names; missing values in some.
Table many_shapes(std::size_t rows, std::uint64_t seed) {
  std::vector<std::vector<double>> columns(8);
  std::vector<std::string> few, names;
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("shapes"), i);
    const double z = random.normal(), u = random.uniform();
    columns[0].push_back(z);
    columns[1].push_back(math::exp(2 * random.normal()));
    columns[2].push_back(random.normal() / std::abs(random.normal()));
    columns[3].push_back(u);
    columns[4].push_back(std::round(2 * random.normal()));
    columns[5].push_back(random.uniform() < 0.95 ? 0 : math::exp(random.normal()));
    columns[6].push_back(random.uniform() < 0.1 ? 1 : 0);
    columns[7].push_back(random.uniform() < 0.06 ? samples::missing : random.normal());
    few.push_back("c" + std::to_string(random.below(4)));
    names.push_back("n" +
                    std::to_string(static_cast<int>(math::exp(8 * random.uniform()))));  // most stand once or never
  }
  std::vector<ColumnPtr> all;
  for (std::size_t c = 0; c < 8; ++c)
    all.push_back(
        make_number_column({.name = "x" + std::to_string(c), .kind = c == 6 ? ColumnKind::boolean : ColumnKind::number},
                           std::move(columns[c])));
  const auto views = [](const std::vector<std::string>& texts) {
    return std::vector<std::string_view>(texts.begin(), texts.end());
  };
  all.push_back(make_category_column("few", views(few)));
  all.push_back(make_category_column("names", views(names)));
  return Table(std::move(all));
}

TEST(Check, false_alarms_are_held) {
  // 1 % of tables are promised; 600 tables with 12 or more alarms would have a probability below 2 % at exactly 1 %
  int alarms = 0;
  std::map<std::string, int> kinds;
  for (std::uint64_t trial = 0; trial < 600; ++trial) {
    const std::size_t before = trial % 3 == 0 ? 200 : 1500, now = trial % 2 == 0 ? 50 : 700;
    const CheckReport report = model_of(many_shapes(before, 2 * trial)).check(many_shapes(now, 2 * trial + 1));
    alarms += report.findings.empty() ? 0 : 1;
    for (const auto& finding : report.findings) ++kinds[finding.kind + " " + finding.column];
  }
  std::string text;
  for (const auto& [kind, count] : kinds) text += kind + " x " + std::to_string(count) + "\n";
  EXPECT_LT(alarms, 12) << text;
}

/// Kinds of findings for a column, joined.
std::string kinds_of(const CheckReport& report, const std::string& column) {
  std::string kinds;
  for (const auto& finding : report.findings)
    if (finding.column == column) kinds += (kinds.empty() ? "" : ", ") + finding.kind;
  return kinds;
}

/// `rows` with a column replaced.
Table with_column(const Table& rows, ColumnPtr column) {
  std::vector<ColumnPtr> columns = rows.without({column->name()}).columns();
  columns.push_back(std::move(column));
  return Table(std::move(columns));
}

template <class Change>
Table changed_numbers(const Table& rows, const std::string& name, const Change& change) {
  std::vector<double> values(rows.rows());
  rows.column(name).numbers(0, values.size(), values.data());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = change(values[i], i);
  return with_column(rows, make_number_column(rows.column(name).schema(), std::move(values)));
}

class CheckPlanted : public ::testing::Test {
 protected:
  ServedModel model_ = model_of(samples::people(2000, 1));
  Table rows_ = samples::people(500, 2);
};

TEST_F(CheckPlanted, nothing_changed) {
  const CheckReport report = model_.check(rows_);
  EXPECT_TRUE(report.findings.empty()) << report.text();
  EXPECT_EQ(report.rows, 500U);
  EXPECT_EQ(report.text(), "500 rows: like those of training\n");
}

TEST_F(CheckPlanted, a_shifted_column_drifts) {
  // ages of 18 .. 77 moved by 8 years: 0.46 standard deviations
  const CheckReport report =
      model_.check(changed_numbers(rows_, "age", [](double v, std::size_t) { return std::min(77.0, v + 8); }));
  EXPECT_EQ(kinds_of(report, "age"), "drift") << report.text();
  EXPECT_EQ(report.findings.size(), 1U);
}

TEST_F(CheckPlanted, values_beyond_the_range) {
  const CheckReport one =
      model_.check(changed_numbers(rows_, "age", [](double v, std::size_t i) { return i == 7 ? 900 : v; }));
  EXPECT_EQ(kinds_of(one, "age"), "out of range") << one.text();
  EXPECT_DOUBLE_EQ(one.findings[0].share, 1.0 / 500);
  EXPECT_NE(one.text().find("such as 900"), std::string::npos);
  const CheckReport few =
      model_.check(changed_numbers(rows_, "age", [](double v, std::size_t i) { return i % 50 == 7 ? 80 : v; }));
  EXPECT_EQ(kinds_of(few, "age"), "out of range") << few.text();
  const CheckReport minus =
      model_.check(changed_numbers(rows_, "age", [](double v, std::size_t i) { return i < 8 ? -1 : v; }));
  EXPECT_EQ(kinds_of(minus, "age"), "out of range") << minus.text();
  const CheckReport infinite = model_.check(changed_numbers(
      rows_, "income", [](double v, std::size_t i) { return i == 7 ? std::numeric_limits<double>::infinity() : v; }));
  EXPECT_EQ(kinds_of(infinite, "income"), "out of range") << infinite.text();
}

TEST_F(CheckPlanted, more_missing_values) {
  const auto lose = [&](const char* column, std::size_t every) {
    return model_.check(
        changed_numbers(rows_, column, [&](double v, std::size_t i) { return i % every == 0 ? samples::missing : v; }));
  };
  // training missed none of 2000: 5 of 500 by chance with (500 / 2500)^5 = 0.0003, within 0.01 / 24; 2 with 0.04
  EXPECT_EQ(kinds_of(lose("age", 100), "age"), "more missing");
  EXPECT_EQ(kinds_of(lose("age", 250), "age"), "");
  EXPECT_EQ(kinds_of(lose("income", 8), "income"), "more missing");  // 10 % became 21 %
  EXPECT_EQ(kinds_of(lose("income", 1), "income"), "more missing");
}

TEST_F(CheckPlanted, unseen_categories) {
  std::vector<std::string_view> jobs(500, "clerk");
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i] = i == 0 ? "astronaut" : rows_.column("job").text(i - 1);
  const CheckReport report = model_.check(with_column(rows_, make_category_column("job", jobs)));
  EXPECT_EQ(kinds_of(report, "job"), "unseen categories") << report.text();
  EXPECT_NE(report.text().find("'astronaut'"), std::string::npos);
}

TEST_F(CheckPlanted, other_shares_of_categories) {
  std::vector<std::string_view> jobs(500);
  for (std::size_t i = 0; i < jobs.size(); ++i)
    jobs[i] = i % 3 == 0 ? std::string_view("nurse") : rows_.column("job").text(i);
  const CheckReport report = model_.check(with_column(rows_, make_category_column("job", jobs)));
  EXPECT_NE(kinds_of(report, "job").find("drift"), std::string::npos) << report.text();
  EXPECT_NE(report.text().find("'nurse'"), std::string::npos);
}

TEST_F(CheckPlanted, missing_and_retyped_columns_are_findings) {
  const Table text =
      with_column(rows_.without({"income"}), make_category_column("age", std::vector<std::string_view>(500, "old")));
  const CheckReport report = model_.check(text);
  EXPECT_EQ(kinds_of(report, "income"), "missing column");
  EXPECT_EQ(kinds_of(report, "age"), "retyped column");
  EXPECT_EQ(report.findings.size(), 2U) << report.text();
}

TEST_F(CheckPlanted, few_or_no_rows_and_no_sketches) {
  EXPECT_TRUE(model_.check(samples::people(0, 1)).findings.empty());
  EXPECT_TRUE(model_.check(samples::people(1, 5)).findings.empty());
  ModelParts parts = model_.parts();
  parts.sketches.clear();
  EXPECT_TRUE(samples::share(parts).check(rows_).findings.empty());
}

}  // namespace
}  // namespace automill
