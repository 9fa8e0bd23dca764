// Steps by hand: values from their definitions, tables from counted rows, and what a loader refuses.

#include "feature_tools.hpp"
#include "features/feature_program.hpp"
#include "features/generate_features_fitted.hpp"
#include "features/group_tables.hpp"

namespace automill::features {
namespace {

using feature_tools::missing;

std::vector<double> evaluated(const Step& step, const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> out(first.size());
  evaluate(step, first.data(), second.data(), first.size(), out.data());
  return out;
}

void expect_same(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(expected[i])) EXPECT_TRUE(std::isnan(actual[i])) << i << ": " << actual[i];
    else EXPECT_DOUBLE_EQ(actual[i], expected[i]) << i;
  }
}

Step learned(Operation operation, const std::vector<double>& first, const std::vector<double>& second,
             const std::vector<double>& counts, std::size_t first_groups, std::size_t second_groups = 0) {
  Step step{.operation = operation};
  learn_step(step, {first, second, counts, first_groups, second_groups});
  return step;
}

TEST(FeatureProgram, arithmetic_and_what_is_not_finite) {
  const std::vector<double> a{6, 1, missing, 1e308, 0}, b{3, 0, 1, 1e308, 0};
  expect_same(evaluated({.operation = Operation::sum}, a, b), {9, 1, missing, missing, 0});
  expect_same(evaluated({.operation = Operation::difference}, a, b), {3, 1, missing, 0, 0});
  expect_same(evaluated({.operation = Operation::product}, a, b), {18, 0, missing, missing, 0});
  expect_same(evaluated({.operation = Operation::ratio}, a, b), {2, missing, missing, 1, missing});
}

/// Two groups, {1, 3, 5} and {10}; a third without a row, one missing group and one missing number.
const std::vector<double> groups{0, 0, 0, 1, missing, 1}, numbers{1, 3, 5, 10, 100, missing};

TEST(FeatureProgram, statistics_of_groups) {
  // missing groups belong to no group, but count for what unseen groups get: (1 + 3 + 5 + 10 + 100) / 5
  expect_same(learned(Operation::mean, groups, numbers, {}, 3).numbers, {3, 10, 23.8, 23.8});
  expect_same(learned(Operation::count, groups, groups, {}, 3).numbers, {3, 2, 0, 0});
  const Step deviation = learned(Operation::deviation, groups, numbers, {}, 3);
  EXPECT_DOUBLE_EQ(deviation.numbers[0], std::sqrt(8.0 / 3));
  EXPECT_EQ(deviation.numbers[1], 0);
  const Step from = learned(Operation::from_mean, groups, numbers, {}, 3);
  expect_same(evaluated(from, groups, numbers), {-2, 0, 2, 0, missing, missing});
  const Step over = learned(Operation::over_mean, groups, numbers, {}, 3);
  expect_same(evaluated(over, {0, 7, 2}, {6, 47.6, 23.8}), {2, 2, 1});
}

TEST(FeatureProgram, rank_is_the_share_below) {
  std::vector<double> one(160, 0.0), values;
  for (int i = 0; i < 160; ++i) values.push_back(i);
  const Step rank = learned(Operation::rank, one, values, {}, 1);
  expect_same(evaluated(rank, {0, 0, 0, 5, missing}, {-1, 79.5, 160, 79.5, 3}), {0, 0.5, 1, 0.5, missing});
  for (double value : {20.0, 50.0, 111.0}) EXPECT_NEAR(evaluated(rank, {0}, {value})[0], value / 160, 1.0 / 16);
}

TEST(FeatureProgram, counts_are_repeated_rows) {
  const std::vector<double> g{0, 0, 1, 1, 1}, v{2, 4, 6, 8, 11}, counts{3, 1, 2, 1, 2};
  std::vector<double> repeated_g, repeated_v;
  for (std::size_t i = 0; i < g.size(); ++i)
    for (int k = 0; k < counts[i]; ++k) {
      repeated_g.push_back(g[i]);
      repeated_v.push_back(v[i]);
    }
  for (Operation operation : {Operation::count, Operation::mean, Operation::deviation, Operation::rank})
    expect_same(learned(operation, g, v, counts, 2).numbers, learned(operation, repeated_g, repeated_v, {}, 2).numbers);
}

TEST(FeatureProgram, crosses_and_levels_of_enough_rows) {
  std::vector<double> a, b;
  for (int i = 0; i < 5; ++i) {
    a.insert(a.end(), {0, 1});
    b.insert(b.end(), {1, 0});
  }
  a.push_back(1), b.push_back(1);  // one row: too few
  const Step cross = learned(Operation::cross, a, b, {}, 2, 2);
  EXPECT_EQ(cross.keys, (std::vector<std::uint64_t>{cross_key(0, 1), cross_key(1, 0)}));
  expect_same(evaluated(cross, {0, 1, 1, missing, 9}, {1, 0, 1, 0, 9}), {0, 1, 2, missing, 2});
  const Step levels = learned(Operation::levels, a, a, {}, 0);
  EXPECT_EQ(levels.numbers, (std::vector<double>{0, 1}));
  expect_same(evaluated(levels, {1, 0.5, missing, 1e300}, {0, 0, 0, 0}), {1, 2, missing, 2});
}

TEST(FeatureProgram, sums_beyond_the_largest_double_become_0) {
  for (Operation operation : {Operation::mean, Operation::deviation})
    for (double number : learned(operation, {0, 0, 0}, {1e308, 1e308, -1e308}, {}, 1).numbers)
      EXPECT_TRUE(std::isfinite(number));
}

class Faults : public testing::Test {
 protected:
  Schema schema() const { return *feature_tools::table_of(feature_tools::Random(200, 2, 1)).schema(); }
  /// x0, color, size, color & size, mean of x0 in it.
  FeatureProgram good() const {
    FeatureProgram program;
    program.steps = {
        {.operation = Operation::input, .first = 0},
        {.operation = Operation::input, .first = 2},
        {.operation = Operation::input, .first = 3},
        {.operation = Operation::cross, .first = 1, .second = 2, .keys = {cross_key(0, 1), cross_key(2, 0)}},
        {.operation = Operation::mean, .first = 3, .second = 0, .numbers = {1, 2, 3}}};
    program.outputs = {3, 4};
    return program;
  }
  template <class Change>
  std::string after(const Change& change) const {
    FeatureProgram program = good();
    change(program);
    return program.fault(schema());
  }
};

TEST_F(Faults, names_and_words) {
  EXPECT_EQ(good().fault(schema()), "");
  EXPECT_EQ(good().formula(schema(), 3), "color & size");
  EXPECT_EQ(good().formula(schema(), 4), "mean(x0 by color & size)");
  EXPECT_EQ(good().words(schema(), 4), "mean of x0 in the same color & size");
  EXPECT_EQ(good().group_names(schema(), 3), (std::vector<std::string>{"amber & M", "cyan & L"}));
}

TEST_F(Faults, one_row_is_as_in_a_batch_and_loaded_as_it_was) {
  const Table table = feature_tools::table_of(feature_tools::Random(700, 2, 2));
  FeatureProgram program = good();
  program.steps.push_back({.operation = Operation::ratio, .first = 4, .second = 0});
  program.steps.push_back({.operation = Operation::count, .first = 1, .second = 1, .numbers = {1, 2, 3, 4, 5, 6, 7}});
  program.outputs = {3, 4, 5, 6};
  auto fitted = std::make_shared<FittedGenerateFeatures>(*table.schema(), program);
  fitted->set_input(table.schema());
  const Archive saved = feature_tools::archive_of(*fitted);
  const auto loaded = builtin_models().load_transformer(ArchiveReader(saved), table.schema());
  EXPECT_TRUE(feature_tools::same_archive(feature_tools::archive_of(*loaded), saved));
  const Table batch = fitted->transform(table), again = loaded->transform(table);
  const auto one = fitted->row_transformer();
  std::vector<double> cells(table.size()), out(batch.size());
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = table[c].number(i);
    one->transform({cells.data(), nullptr}, out.data(), nullptr);
    for (std::size_t c = 0; c < out.size(); ++c) {
      const double expected = batch[c].number(i);
      EXPECT_TRUE(out[c] == expected || (std::isnan(out[c]) && std::isnan(expected))) << c << ", " << i;
      EXPECT_TRUE(again[c].number(i) == expected || std::isnan(expected));
    }
  }
  // a row belongs to a cross of two known pairs, or to none
  EXPECT_EQ(batch.column("color & size").schema().dictionary->size(), 2U);
}

TEST_F(Faults, are_found) {
  EXPECT_NE(after([](auto& p) { p.steps[0].first = 4; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[3].second = 3; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[3].second = 0; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[3].keys = {cross_key(6, 0)}; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[3].keys = {cross_key(2, 0), cross_key(0, 1)}; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[3].numbers = {1}; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[4].numbers.pop_back(); }), "");
  EXPECT_NE(after([](auto& p) { p.steps[4].numbers[0] = missing; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[4].keys = {1}; }), "");
  EXPECT_NE(after([](auto& p) { p.steps[4].operation = static_cast<Operation>(operations); }), "");
  EXPECT_NE(after([](auto& p) { p.steps[4].operation = Operation::count; }), "");
  EXPECT_NE(after([](auto& p) { p.outputs = {4, 3}; }), "");
  EXPECT_NE(after([](auto& p) { p.outputs = {5}; }), "");
  EXPECT_NE(after([](auto& p) { p.outputs = {0}; }), "");
}

TEST_F(Faults, steps_that_double_each_time) {
  const std::string fault = after([](auto& p) {
    for (std::uint32_t s = 4; s < 40; ++s) p.steps.push_back({.operation = Operation::sum, .first = s, .second = s});
  });
  EXPECT_NE(fault.find("too many columns"), std::string::npos);
}

}  // namespace
}  // namespace automill::features
