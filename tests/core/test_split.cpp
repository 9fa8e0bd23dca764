// Folds: by content and not by position, stratified, whole groups, forward in time, predefined, held out once.

#include <gtest/gtest.h>

#include <automill/core/split.hpp>
#include <map>
#include <set>

namespace automill {
namespace {

/// A small dataset with repeated rows, of any task; content follows from the seed.
Dataset random_dataset(std::uint64_t seed, std::size_t n, Task task, bool with_groups = false) {
  RandomStream random(seed, purpose("dataset"));
  std::vector<double> x(n), z(n);
  Dataset dataset;
  dataset.target.task = task;
  const std::size_t classes = task == Task::binary ? 2 : 4;
  if (is_classification(task))
    for (std::size_t k = 0; k < classes; ++k) dataset.target.classes.push_back("class " + std::to_string(k));
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = static_cast<double>(random.below(5));  // few values: many copies
    z[i] = static_cast<double>(random.below(3));
    if (is_classification(task)) {
      const double u = random.uniform();
      dataset.target.labels.push_back(static_cast<std::int32_t>(static_cast<double>(classes) * u * u));  // uneven
    } else {
      dataset.target.values.push_back(std::floor(10 * random.normal()) / 5);
    }
    if (with_groups) dataset.groups.push_back(random.below(12) * 1000003);
  }
  dataset.features = Table({make_number_column({.name = "x"}, x), make_number_column({.name = "z"}, z)});
  return dataset;
}

Dataset shuffled(const Dataset& dataset, const std::vector<std::size_t>& order) {
  Dataset other;
  other.target.task = dataset.target.task;
  other.target.classes = dataset.target.classes;
  std::vector<std::vector<double>> columns(dataset.features.size());
  for (std::size_t i : order) {
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c].push_back(dataset.features[c].number(i));
    if (!dataset.target.labels.empty()) other.target.labels.push_back(dataset.target.labels[i]);
    if (!dataset.target.values.empty()) other.target.values.push_back(dataset.target.values[i]);
    if (!dataset.groups.empty()) other.groups.push_back(dataset.groups[i]);
    if (!dataset.times.empty()) other.times.push_back(dataset.times[i]);
  }
  std::vector<ColumnPtr> made;
  for (std::size_t c = 0; c < columns.size(); ++c)
    made.push_back(make_number_column({.name = dataset.features[c].name()}, columns[c]));
  other.features = Table(made);
  return other;
}

/// (content, fold) with how often it occurs: copies of a row may change places among themselves.
std::map<std::pair<std::uint64_t, std::int32_t>, int> folds_by_content(const Dataset& dataset, const SplitPlan& plan) {
  const auto contents = row_content_hashes(dataset.features, dataset.target);
  std::map<std::pair<std::uint64_t, std::int32_t>, int> counts;
  for (std::size_t i = 0; i < contents.size(); ++i) ++counts[{contents[i], plan.fold_of[i]}];
  return counts;
}

class EveryTask : public testing::TestWithParam<Task> {};

TEST_P(EveryTask, a_shuffled_file_gives_every_row_the_same_fold) {
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    RandomStream random(trial, purpose("split trial"));
    const std::size_t n = 2 + random.below(120), folds = 2 + random.below(7);
    const auto dataset = make_dataset(random_dataset(trial, n, GetParam()));
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    random.shuffle(order);
    const auto other = make_dataset(shuffled(*dataset, order));
    EXPECT_EQ(folds_by_content(*dataset, make_folds(*dataset, folds, trial)),
              folds_by_content(*other, make_folds(*other, folds, trial)))
        << "trial " << trial;
    EXPECT_EQ(folds_by_content(*dataset, make_holdout(*dataset, 0.3, trial)),
              folds_by_content(*other, make_holdout(*other, 0.3, trial)))
        << "trial " << trial;
  }
}

TEST_P(EveryTask, folds_are_as_even_as_they_can_be) {
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    RandomStream random(trial, purpose("even"));
    const std::size_t n = 2 + random.below(200), folds = 2 + random.below(9);
    const auto dataset = make_dataset(random_dataset(trial, n, GetParam()));
    const SplitPlan plan = make_folds(*dataset, folds, trial);
    std::vector<int> sizes(folds, 0);
    for (std::int32_t fold : plan.fold_of) {
      ASSERT_GE(fold, 0);
      ASSERT_LT(static_cast<std::size_t>(fold), folds);
      ++sizes[static_cast<std::size_t>(fold)];
    }
    const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
    EXPECT_LE(*most - *least, 1);
  }
}

TEST_P(EveryTask, another_seed_gives_other_folds_and_the_same_seed_the_same) {
  const auto dataset = make_dataset(random_dataset(1, 200, GetParam()));
  EXPECT_EQ(make_folds(*dataset, 5, 1).fold_of, make_folds(*dataset, 5, 1).fold_of);
  EXPECT_EQ(make_folds(*dataset, 5, 1).identity, make_folds(*dataset, 5, 1).identity);
  EXPECT_NE(make_folds(*dataset, 5, 1).fold_of, make_folds(*dataset, 5, 2).fold_of);
  EXPECT_NE(make_folds(*dataset, 5, 1).identity, make_folds(*dataset, 5, 2).identity);
  EXPECT_NE(make_folds(*dataset, 5, 1).identity, make_folds(*dataset, 6, 1).identity);
}

INSTANTIATE_TEST_SUITE_P(Tasks, EveryTask, testing::Values(Task::binary, Task::multiclass, Task::regression),
                         [](const auto& which) { return task_name(which.param); });

TEST(Folds, each_class_is_spread_within_one_row) {
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    const auto dataset = make_dataset(random_dataset(trial, 20 + trial, Task::multiclass));
    const SplitPlan plan = make_folds(*dataset, 5, trial);
    std::vector<std::vector<int>> counts(4, std::vector<int>(5, 0));
    for (std::size_t i = 0; i < dataset->rows(); ++i)
      ++counts[static_cast<std::size_t>(dataset->target.labels[i])][static_cast<std::size_t>(plan.fold_of[i])];
    for (const auto& of_class : counts) {
      const auto [least, most] = std::minmax_element(of_class.begin(), of_class.end());
      EXPECT_LE(*most - *least, 1) << "trial " << trial;
    }
  }
}

// sorted targets are cut into blocks of one row a fold, so two folds differ by at most the range, over all blocks
TEST(Folds, numeric_targets_are_spread_by_rank) {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    const auto dataset = make_dataset(random_dataset(trial, 100, Task::regression));
    const auto& values = dataset->target.values;
    const SplitPlan plan = make_folds(*dataset, 5, trial);
    std::vector<double> sums(5, 0);
    for (std::size_t i = 0; i < 100; ++i) sums[static_cast<std::size_t>(plan.fold_of[i])] += values[i];
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    const auto [least, most] = std::minmax_element(sums.begin(), sums.end());
    EXPECT_LE(*most - *least, *highest - *lowest + 1e-9) << "trial " << trial;
  }
}

TEST(Folds, folds_do_not_follow_the_rank_of_the_target) {
  // with fold = rank % folds the lowest of each block would always be in fold 0, and its mean the lowest
  Dataset data;
  std::vector<double> x(1000);
  for (std::size_t i = 0; i < 1000; ++i) {
    x[i] = static_cast<double>(i);
    data.target.values.push_back(static_cast<double>(i));
  }
  data.features = Table({make_number_column({.name = "x"}, x)});
  const auto dataset = make_dataset(std::move(data));
  const SplitPlan plan = make_folds(*dataset, 5, 1);
  std::vector<std::set<std::int32_t>> folds_at(5);
  for (std::size_t i = 0; i < 1000; ++i) folds_at[i % 5].insert(plan.fold_of[i]);
  for (const auto& seen : folds_at) EXPECT_EQ(seen.size(), 5U);
}

TEST(Folds, groups_stay_together_and_sizes_are_balanced) {
  for (std::uint64_t trial = 0; trial < 50; ++trial) {
    const auto dataset = make_dataset(random_dataset(trial, 120, Task::binary, true));
    const SplitPlan plan = make_folds(*dataset, 4, trial);
    std::map<std::uint64_t, std::set<std::int32_t>> folds_of;
    std::map<std::uint64_t, int> size_of;
    std::vector<int> sizes(4, 0);
    for (std::size_t i = 0; i < dataset->rows(); ++i) {
      folds_of[dataset->groups[i]].insert(plan.fold_of[i]);
      ++size_of[dataset->groups[i]];
      ++sizes[static_cast<std::size_t>(plan.fold_of[i])];
    }
    int largest = 0;
    for (const auto& [group, folds] : folds_of) {
      EXPECT_EQ(folds.size(), 1U);
      largest = std::max(largest, size_of[group]);
    }
    const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
    EXPECT_LE(*most - *least, largest);  // the greedy bound
    EXPECT_EQ(plan.protocol, "4-fold by group");
  }
}

TEST(Folds, groups_do_not_depend_on_the_order_of_rows) {
  const auto dataset = make_dataset(random_dataset(3, 90, Task::regression, true));
  std::vector<std::size_t> order(90);
  std::iota(order.begin(), order.end(), 0U);
  RandomStream(4, purpose("order")).shuffle(order);
  const auto other = make_dataset(shuffled(*dataset, order));
  const SplitPlan a = make_folds(*dataset, 3, 1), b = make_folds(*other, 3, 1);
  for (std::size_t i = 0; i < 90; ++i) EXPECT_EQ(b.fold_of[i], a.fold_of[order[i]]);
}

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

TEST(Folds, refusals) {
  Dataset data = random_dataset(1, 20, Task::binary);
  const auto dataset = make_dataset(data);
  EXPECT_EQ(code_of([&] { make_folds(*dataset, 1, 0); }), "option.out_of_range");
  data.groups.assign(20, 1);
  const auto one_group = make_dataset(data);
  EXPECT_EQ(code_of([&] { make_folds(*one_group, 2, 0); }), "data.too_few_groups");
  EXPECT_EQ(code_of([&] { make_holdout(*dataset, 0.0, 0); }), "option.out_of_range");
  EXPECT_EQ(code_of([&] { make_holdout(*dataset, 1.0, 0); }), "option.out_of_range");
  EXPECT_EQ(code_of([&] { make_holdout(*dataset, std::nan(""), 0); }), "option.out_of_range");
  EXPECT_EQ(code_of([&] { predefined_folds({-1, -1}); }), "option.invalid");
}

TEST(Holdout, holds_out_about_the_share_and_never_nothing_or_everything) {
  for (double fraction : {0.01, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 0.9, 0.99})
    for (std::size_t n : {2, 5, 20, 1000})
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto dataset = make_dataset(random_dataset(seed, n, seed % 2 == 0 ? Task::regression : Task::multiclass));
        const SplitPlan plan = make_holdout(*dataset, fraction, seed);
        const auto held = std::count(plan.fold_of.begin(), plan.fold_of.end(), 0);
        EXPECT_GT(held, 0) << fraction << " of " << n;
        EXPECT_LT(static_cast<std::size_t>(held), n) << fraction << " of " << n;
        EXPECT_EQ(plan.folds, 1U);
        if (n < 1000) continue;
        EXPECT_NEAR(static_cast<double>(held) / 1000.0, fraction, 0.01) << fraction;
      }
}

TEST(Holdout, keeps_groups_together_however_few) {
  for (std::size_t count : {2, 3, 7}) {
    Dataset data = random_dataset(1, 60, Task::binary);
    for (std::size_t i = 0; i < 60; ++i) data.groups.push_back(i % count);
    const auto dataset = make_dataset(std::move(data));
    const SplitPlan plan = make_holdout(*dataset, 0.1, 1);
    std::set<std::uint64_t> held, kept;
    for (std::size_t i = 0; i < 60; ++i) (plan.fold_of[i] == 0 ? held : kept).insert(dataset->groups[i]);
    EXPECT_EQ(held.size(), 1U);
    EXPECT_EQ(kept.size(), count - 1);
  }
}

TEST(TimeFolds, train_on_the_past_only) {
  for (std::uint64_t trial = 0; trial < 30; ++trial) {
    Dataset data = random_dataset(trial, 100, Task::regression);
    RandomStream random(trial, purpose("times"));
    for (std::size_t i = 0; i < 100; ++i) data.times.push_back(static_cast<double>(random.below(60)));
    const auto dataset = make_dataset(std::move(data));
    const FoldedDataset folded(dataset, make_time_folds(*dataset, 4));
    std::size_t held_out = 0;
    for (std::size_t fold = 0; fold < 4; ++fold) {
      double latest = -1;
      ASSERT_GT(folded.train(fold).rows(), 0U);
      ASSERT_GT(folded.held_out(fold).rows(), 0U);
      for (std::uint32_t row : folded.train(fold).row_numbers()) latest = std::max(latest, dataset->times[row]);
      for (std::uint32_t row : folded.held_out(fold).row_numbers()) EXPECT_GT(dataset->times[row], latest);
      held_out += folded.held_out(fold).rows();
      EXPECT_NEAR(static_cast<double>(folded.held_out(fold).rows()), 20, 8);
    }
    EXPECT_LT(held_out, 100U);
  }
}

TEST(PredefinedFolds, are_taken_as_they_are) {
  const auto dataset = make_dataset(random_dataset(1, 6, Task::regression));
  const FoldedDataset folded(dataset, predefined_folds({0, 1, SplitPlan::never_held_out, 1, SplitPlan::never_used, 0}));
  const auto rows = [](const DatasetView& view) {
    return std::vector<std::uint32_t>(view.row_numbers().begin(), view.row_numbers().end());
  };
  ASSERT_EQ(folded.folds(), 2U);
  EXPECT_EQ(rows(folded.held_out(0)), (std::vector<std::uint32_t>{0, 5}));
  EXPECT_EQ(rows(folded.train(0)), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(rows(folded.held_out(1)), (std::vector<std::uint32_t>{1, 3}));
  EXPECT_EQ(rows(folded.train(1)), (std::vector<std::uint32_t>{0, 2, 5}));
}

TEST(FoldedDataset, every_row_set_has_an_identity_of_its_own) {
  const auto dataset = make_dataset(random_dataset(1, 50, Task::regression));
  const FoldedDataset folded(dataset, make_folds(*dataset, 5, 1)), other(dataset, make_folds(*dataset, 5, 2));
  std::set<std::uint64_t> seen{0};
  for (const FoldedDataset* each : {&folded, &other})
    for (std::size_t fold = 0; fold < 5; ++fold) {
      EXPECT_TRUE(seen.insert(each->train(fold).row_set().identity).second);
      EXPECT_TRUE(seen.insert(each->held_out(fold).row_set().identity).second);
    }
  const FoldedDataset again(dataset, make_folds(*dataset, 5, 1));
  EXPECT_EQ(again.train(3).row_set().identity, folded.train(3).row_set().identity);
}

TEST(FoldedDataset, folds_cover_the_rows) {
  const auto dataset = make_dataset(random_dataset(1, 50, Task::binary));
  const FoldedDataset folded(dataset, make_folds(*dataset, 4, 1));
  std::vector<int> held(50, 0);
  for (std::size_t fold = 0; fold < 4; ++fold) {
    EXPECT_EQ(folded.train(fold).rows() + folded.held_out(fold).rows(), 50U);
    for (std::uint32_t row : folded.held_out(fold).row_numbers()) ++held[row];
  }
  EXPECT_EQ(held, std::vector<int>(50, 1));
}

}  // namespace
}  // namespace automill
