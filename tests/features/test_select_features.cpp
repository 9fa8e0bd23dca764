// Which columns go, and why.

#include "feature_tools.hpp"

namespace {

using namespace feature_tools;

std::vector<std::string> kept(const FittedTransformer& transformer) { return transformer.output_schema()->names(); }

/// x0 and x1 tell of the target; x2 and x3, color and size do not.
std::shared_ptr<const Dataset> two_of_six(std::size_t rows, Task task) {
  const Random random(rows, 4, 11);
  return problem(table_of(random), task, [&](std::size_t i) {
    return random.x[0][i] + random.x[1][i] - 3 + 0.3 * RandomStream(5, purpose("noise"), i).normal();
  });
}

TEST(SelectFeatures, keeps_what_tells_more_than_shuffled_columns) {
  for (Task task : {Task::regression, Task::binary})
    for (const char* method : {"shadows", "mutual_information"}) {
      const auto found = fitted(SelectFeatures{{.method = method}}, two_of_six(1500, task));
      const std::vector<std::string> names = kept(*found);
      EXPECT_EQ(names.at(0), "x0") << method;
      EXPECT_EQ(names.at(1), "x1") << method;
      // by information, each of the other four stays by chance in 1 of 20 runs
      EXPECT_LE(names.size(), std::string(method) == "shadows" ? 2U : 3U) << found->describe();
      EXPECT_NE(found->describe().find("tells no more than shuffled columns\n"), std::string::npos);
    }
}

TEST(SelectFeatures, keeps_what_tells_only_together) {
  const Random random(2000, 4, 12);
  const auto data =
      problem(table_of(random), Task::binary, [&](std::size_t i) { return random.x[0][i] * (random.x[1][i] - 3); });
  EXPECT_EQ(kept(*fitted(SelectFeatures{}, data)), (std::vector<std::string>{"x0", "x1"}));
}

TEST(SelectFeatures, says_why) {
  const auto data = two_of_six(1000, Task::regression);
  std::vector<ColumnPtr> columns = data->features.columns();
  columns.push_back(make_number_column({.name = "one"}, std::vector<double>(1000, 1.0)));
  columns.push_back(make_number_column({.name = "twin"}, values_of(data->features, "x0")));
  std::vector<double> cubes = values_of(data->features, "x0");
  for (double& value : cubes) value = value * value * value;
  columns.push_back(make_number_column({.name = "cube"}, cubes));
  const auto found = fitted(SelectFeatures{}, with_columns(*data, columns));
  const std::string text = found->describe();
  EXPECT_NE(text.find("  one: has one value\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  twin: is a copy of x0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  x0: is in nearly the same order as cube\n"), std::string::npos) << text;
  const auto few = fitted(SelectFeatures{{.max_features = 1}}, data);
  EXPECT_EQ(kept(*few).size(), 1U);
  EXPECT_NE(few->describe().find("is less important than max_features others\n"), std::string::npos);
}

// A column of noise stays when its mean gain is above those of 30 shuffles (6 columns in 5 fits): 1 in 31 if all were
// alike, of 240 columns 7.7; more than 24 would be the mean and 6 standard deviations.
TEST(SelectFeatures, keeps_little_of_noise) {
  std::size_t columns = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed)
    columns += kept(*fitted(SelectFeatures{}, noise_problem(300, 4, Task::binary, seed))).size();
  EXPECT_LE(columns, 24U);  // of 240
}

TEST(SelectFeatures, order_of_columns_and_copies_change_nothing) {
  const auto data = two_of_six(800, Task::binary);
  std::vector<ColumnPtr> columns(data->features.columns().rbegin(), data->features.columns().rend());
  columns.push_back(make_number_column({.name = "copy"}, values_of(data->features, "x2")));
  auto plain = kept(*fitted(SelectFeatures{}, data)),
       other = kept(*fitted(SelectFeatures{}, with_columns(*data, columns)));
  std::sort(plain.begin(), plain.end());
  std::sort(other.begin(), other.end());
  EXPECT_EQ(plain, other);
}

TEST(SelectFeatures, loader_refuses) {
  const auto data = two_of_six(200, Task::binary);
  const auto found = fitted(SelectFeatures{}, data);
  const auto load_changed = [&](std::size_t array, std::byte value) {
    Archive saved = archive_of(*found);
    saved.arrays[array].bytes[0] = value;
    return builtin_models().load_transformer(ArchiveReader(saved), data->features.schema());
  };
  EXPECT_THROW(load_changed(0, std::byte{6}), Error);
  EXPECT_THROW(load_changed(0, std::byte{2}), Error);  // a copy of itself
  EXPECT_THROW(load_changed(1, std::byte{5}), Error);  // a reason that names no other
}

}  // namespace
