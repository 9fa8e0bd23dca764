// Nearest neighbours against scikit-learn and against plain double loops: distances, ties, missing cells,
// leave-one-out.

#include <gtest/gtest.h>

#include <automill/learners/neighbors.hpp>
#include <automill/learners/tree/simd_level.hpp>

#include "learners/neighbor_kernels.hpp"
#include "learners/table_tools.hpp"

namespace automill {
namespace {

using namespace table_tools;

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

std::shared_ptr<const Dataset> numbers_for(Table features, std::vector<double> values,
                                           std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.features = std::move(features);
  dataset.target.values = std::move(values);
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

template <class T>
std::vector<T> part(const std::vector<T>& all, std::size_t first, std::size_t end) {
  return {all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

TEST(Neighbors, give_the_predictions_of_scikit_learn) {
  const Value reference = read_reference("neighbors_reference.json");
  for (const Value& each : reference.object().find("cases")->array()) {
    const Object& of = each.object();
    const auto rows = static_cast<std::size_t>(of.find("train_rows")->integer());
    const auto numbers = lists_of<double>(*of.find("numbers"));
    const auto categories = lists_of<int>(*of.find("categories"));
    const auto target = list_of<double>(*of.find("target"));
    const std::size_t all = target.size();
    Columns train, fresh;
    std::vector<std::vector<int>> train_codes, fresh_codes;
    for (const auto& column : numbers) {
      train.push_back(part(column, 0, rows));
      fresh.push_back(part(column, rows, all));
    }
    for (const auto& column : categories) {
      train_codes.push_back(part(column, 0, rows));
      fresh_codes.push_back(part(column, rows, all));
    }
    const bool classes = of.find("classes")->integer() > 0;
    const auto data =
        classes
            ? labelled(table_of(train, train_codes, rows),
                       std::vector<std::int32_t>(target.begin(), target.begin() + static_cast<std::ptrdiff_t>(rows)))
            : numbers_for(table_of(train, train_codes, rows), part(target, 0, rows));
    const FitResult result = Neighbors{}.with_parameters(of.find("parameters")->object())->fit(data);
    const Predictions given = result.model->predict(table_of(fresh, fresh_codes, all - rows));
    // distances in another order of sums: inverse distances agree to 12 digits or so
    EXPECT_LT(largest_difference(given, *of.find("predictions")), 1e-10) << of.find("name")->text();
    ASSERT_NE(result.out_of_bag, nullptr);
    EXPECT_LT(largest_difference(*result.out_of_bag, *of.find("left_out")), 1e-10) << of.find("name")->text();
  }
}

/// Coordinates by the definition: a number, and whether it is missing.
struct Definition {
  std::vector<double> means, deviations;
  std::vector<bool> holes;
  Definition(const Columns& columns) {
    for (const auto& column : columns) {
      double sum = 0, squares = 0, count = 0;
      for (double x : column)
        if (!std::isnan(x)) sum += x, ++count;
      for (double x : column)
        if (!std::isnan(x)) squares += (x - sum / count) * (x - sum / count);
      means.push_back(sum / count);
      deviations.push_back(std::sqrt(squares / count));
      holes.push_back(count < static_cast<double>(column.size()));
    }
  }
  double squared(const Columns& columns, const std::vector<std::vector<int>>& codes, std::size_t a,
                 std::size_t b) const {
    double sum = 0;
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const auto z = [&](std::size_t i) {
        return std::isnan(columns[j][i]) || deviations[j] == 0 ? 0.0 : (columns[j][i] - means[j]) / deviations[j];
      };
      sum += (z(a) - z(b)) * (z(a) - z(b));
      if (holes[j] && std::isnan(columns[j][a]) != std::isnan(columns[j][b])) sum += 1;
    }
    for (const auto& column : codes) sum += column[a] == column[b] ? 0 : 2;
    return sum;
  }
};

/// Leave-one-out predictions by sorting all distances; rows as far as the k-th share the places that are left.
std::vector<double> by_definition(const Columns& columns, const std::vector<std::vector<int>>& codes,
                                  const std::vector<double>& target, std::size_t k) {
  const Definition definition(columns);
  const std::size_t n = target.size();
  std::vector<double> predictions;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::pair<double, double>> others;  // distance, target
    for (std::size_t other = 0; other < n; ++other)
      if (other != i) others.emplace_back(definition.squared(columns, codes, i, other), target[other]);
    std::sort(others.begin(), others.end());
    const double at = others[k - 1].first;
    double sum = 0, places = static_cast<double>(k), tied_sum = 0, tied = 0;
    for (const auto& [distance, value] : others) {
      if (distance < at * (1 - 1e-9)) sum += value, --places;
      else if (distance <= at * (1 + 1e-9)) tied_sum += value, ++tied;
    }
    predictions.push_back((sum + places * tied_sum / tied) / static_cast<double>(k));
  }
  return predictions;
}

struct Problem {
  Columns columns;
  std::vector<std::vector<int>> codes;
  std::vector<double> target{};
};

/// Whole numbers with many ties, numbers without, holes and categories; an outlier that single precision cannot
/// resolve.
Problem awkward(std::size_t rows, std::uint64_t seed) {
  Problem problem{.columns = Columns(4), .codes = std::vector<std::vector<int>>(2)};
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("awkward rows"), i);
    problem.columns[0].push_back(static_cast<double>(random.below(3)));
    problem.columns[1].push_back(random.uniform() < 0.2 ? nan_value : static_cast<double>(random.below(4)));
    problem.columns[2].push_back(i == 0 ? 1e7 : random.uniform() < 0.5 ? 1.0 : random.normal());
    problem.columns[3].push_back(random.below(2) == 0 ? nan_value : 1.0);
    problem.codes[0].push_back(random.uniform() < 0.1 ? -1 : static_cast<int>(random.below(3)));
    problem.codes[1].push_back(static_cast<int>(random.below(2)));
    problem.target.push_back(random.normal());
  }
  return problem;
}

TEST(Neighbors, are_exact_with_ties_holes_and_outliers) {
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    for (std::size_t k : {1, 3, 17}) {
      const Problem problem = awkward(400, seed);
      const auto data = numbers_for(table_of(problem.columns, problem.codes, 400), problem.target);
      const Neighbors learner({.n_neighbors = static_cast<std::int64_t>(k), .weights = "uniform"});
      const FitResult result = learner.fit(data);
      const auto expected = by_definition(problem.columns, problem.codes, problem.target, k);
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(result.out_of_bag->values[i], expected[i], 1e-12) << "row " << i << ", k " << k;
    }
}

TEST(Neighbors, rows_that_are_equally_far_share_the_places_that_are_left) {
  const auto data = numbers_for(table_of({{0, 1, -1, 5}}, {}, 4), {10, 1, 3, 100});
  const auto predicted = [&](std::int64_t k) {
    const Neighbors learner({.n_neighbors = k, .weights = "uniform", .standardize = false});
    return learner.fit(data).model->predict(table_of({{0}}, {}, 1)).values[0];
  };
  EXPECT_DOUBLE_EQ(predicted(1), 10);
  EXPECT_DOUBLE_EQ(predicted(2), (10 + (1 + 3) / 2.0) / 2);  // 1 and -1 share one place
  EXPECT_DOUBLE_EQ(predicted(3), (10 + 1 + 3) / 3.0);
  EXPECT_DOUBLE_EQ(predicted(100), 114 / 4.0);  // all there are
}

TEST(Neighbors, copies_of_a_row_are_the_only_ones_that_count_by_distance) {
  const auto data = numbers_for(table_of({{0, 0, 1, 2}}, {}, 4), {1, 2, 50, 60});
  const auto model = Neighbors({.n_neighbors = 3, .weights = "distance"}).fit(data).model;
  EXPECT_DOUBLE_EQ(model->predict(table_of({{0}}, {}, 1)).values[0], 1.5);
}

TEST(Neighbors, weights_of_rows_count_in_the_average) {
  const auto data = numbers_for(table_of({{0, 1, 2, 50}}, {}, 4), {1, 2, 60, 70}, {3, 1, 0, 1});
  const FitResult result = Neighbors({.n_neighbors = 2, .weights = "uniform"}).fit(data);
  EXPECT_DOUBLE_EQ(result.model->predict(table_of({{0}}, {}, 1)).values[0], 1.25);  // the row without weight is no row
  EXPECT_DOUBLE_EQ(result.out_of_bag->values[2], 1.25);
}

TEST(Neighbors, the_prior_counts_as_rows) {
  const auto data = labelled(table_of({{0, 1, 8, 9}}, {}, 4), {0, 0, 1, 1});
  const auto model = Neighbors({.n_neighbors = 2, .weights = "uniform", .prior_weight = 2}).fit(data).model;
  EXPECT_DOUBLE_EQ(model->predict(table_of({{0}}, {}, 1)).row(0)[0], (2 + 2 * 0.5) / 4);
}

TEST(Neighbors, leaving_a_row_out_is_a_fit_without_it) {
  const Problem problem = awkward(60, 9);
  const Columns columns(problem.columns.begin(), problem.columns.begin() + 1);  // taken as it is: no scale, no marks
  const auto data = numbers_for(table_of(columns, problem.codes, 60), problem.target);
  const Neighbors learner({.n_neighbors = 5, .weights = "distance", .standardize = false});
  const FitResult all = learner.fit(data);
  for (std::uint32_t row = 0; row < 60; ++row) {
    auto others = std::make_shared<std::vector<std::uint32_t>>();
    for (std::uint32_t i = 0; i < 60; ++i)
      if (i != row) others->push_back(i);
    const auto model = learner.fit(DatasetView(data, RowSet{others, row + 1U})).model;
    Predictions one(1, 1);
    model->predict_aligned(TableView(data->features, row, 1), one.view(), {});
    EXPECT_NEAR(all.out_of_bag->values[row], one.values[0], 1e-12);  // the means that are taken off differ
  }
}

TEST(Neighbors, the_number_is_chosen_by_leave_one_out_errors) {
  const Columns columns = linear_tools::random_columns(2, 300, 4);
  const auto data = numbers_for(table_of(columns, {}, 300), linear_tools::linear_target(columns, 0.5, 8));
  const FitResult chosen = Neighbors{}.fit(data);
  const auto error_of = [&](std::int64_t k, const char* weights) {
    const FitResult fit = Neighbors({.n_neighbors = k, .weights = weights}).fit(data);
    double sum = 0;
    for (std::size_t i = 0; i < 300; ++i) sum += std::pow(fit.out_of_bag->values[i] - data->target.values[i], 2);
    return sum / 300;
  };
  double best = 1e300;
  for (std::int64_t k : {1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160, 224})
    for (const char* weights : {"uniform", "distance"}) best = std::min(best, error_of(k, weights));
  EXPECT_NEAR(chosen.report.details.find("leave_one_out_error")->number(), best, 1e-9 * best);
  EXPECT_NEAR(error_of(chosen.report.details.find("n_neighbors")->integer(),
                       chosen.report.details.find("weights")->text().c_str()),
              best, 1e-9 * best);
}

TEST(Neighbors, columns_that_are_unknown_or_weigh_less_than_nothing_are_refused) {
  const auto data = numbers_for(table_of({{0, 1}}, {}, 2), {1, 2});
  const auto code = [&](Value weights) {
    try {
      Neighbors({.column_weights = std::move(weights)}).fit(data);
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("none");
  };
  EXPECT_EQ(code(Object{{"x1", 1.0}}), "data.column_unknown");
  EXPECT_EQ(code(Object{{"x0", -1.0}}), "parameter.out_of_range");
  EXPECT_EQ(code(Array{1.0}), "parameter.wrong_type");
  EXPECT_EQ(code(Object{{"x0", 0.0}}), "none");  // no column is left: every row is a neighbour of every other
}

TEST(Neighbors, kernels_of_every_level_are_right_within_their_rounding) {
  using namespace neighbors;
  constexpr std::size_t coordinates = 37, categories = 3;
  RandomStream random(1, purpose("panel"));
  const auto drawn = [&](std::size_t size, bool whole) {
    std::vector<float> all(size);
    for (float& x : all) x = whole ? static_cast<float>(random.below(3)) : static_cast<float>(random.normal());
    return all;
  };
  const auto queries = drawn(coordinates * group_rows, false), points = drawn(coordinates * panel_rows, false);
  const auto query_codes = drawn(categories * group_rows, true), point_codes = drawn(categories * panel_rows, true);
  const auto starts = drawn(panel_rows, false), weights = drawn(categories, false), limits = drawn(group_rows, false);
  std::vector<std::pair<const char*, const PanelKernels*>> levels{{"baseline", &baseline_panel_kernels()}};
  if (tree::best_simd_level() >= tree::SimdLevel::avx2) levels.emplace_back("avx2", &avx2_panel_kernels());
  if (tree::best_simd_level() >= tree::SimdLevel::avx512) levels.emplace_back("avx512", &avx512_panel_kernels());
  for (const auto& [name, kernels] : levels)
    for (std::size_t count : {group_rows, std::size_t{1}}) {
      std::vector<float> scores(group_rows * panel_rows);
      std::vector<std::uint32_t> masks(group_rows);
      const PanelInput input{coordinates,   categories,         queries.data(), query_codes.data(),
                             points.data(), point_codes.data(), starts.data(),  weights.data(),
                             limits.data(), scores.data(),      masks.data()};
      (count == 1 ? kernels->one : kernels->group)(input);
      for (std::size_t q = 0; q < count; ++q)
        for (std::size_t r = 0; r < panel_rows; ++r) {
          double sum = starts[r];
          for (std::size_t d = 0; d < coordinates; ++d)
            sum += double{queries[d * group_rows + q]} * double{points[d * panel_rows + r]};
          for (std::size_t c = 0; c < categories; ++c)
            if (query_codes[c * group_rows + q] != point_codes[c * panel_rows + r]) sum += weights[c];
          const float score = scores[q * panel_rows + r];
          ASSERT_NEAR(score, sum, 1e-4) << name;  // 80 roundings of sums up to 20 or so
          ASSERT_EQ((masks[q] >> r) & 1, score <= limits[q] ? 1U : 0U) << name;
        }
    }
}

TEST(Neighbors, threads_give_the_same_bits) {
  const Problem problem = awkward(3000, 3);
  const auto data = numbers_for(table_of(problem.columns, problem.codes, 3000), problem.target);
  const FitResult alone = Neighbors{}.fit(data);
  for (int threads : {2, 5}) {
    const auto executor = make_executor(threads);
    const FitResult many = Neighbors{}.fit(data, {.run_with = executor.get()});
    EXPECT_EQ(many.out_of_bag->values, alone.out_of_bag->values);
  }
}

}  // namespace
}  // namespace automill
