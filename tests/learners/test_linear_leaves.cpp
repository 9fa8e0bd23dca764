// Linear models in leaves: coefficients against normal equations in long double, what they recover exactly, rows with
// missing cells, what must not change a bit, and what is refused.

#include <gtest/gtest.h>

#include "learners/boosting_run.hpp"
#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

using Parameters = GradientBoostingParameters;

Parameters one_linear_step(std::int64_t leaves = 2) {
  return {.n_estimators = 1, .num_leaves = leaves, .learning_rate = 1, .min_child_samples = 10, .linear_tree = true};
}

const TreeArrays& arrays_of(const FitResult& fit) { return dynamic_cast<const TreeEnsemble&>(*fit.model).arrays(); }

std::vector<double> predictions(const FitResult& fit, const Columns& x) {
  return fit.model->predict(table_of(x)).values;
}

/// Lines on both sides of 0 in the first column, with a step between them.
std::vector<double> two_lines(const Columns& x) {
  std::vector<double> y;
  for (double value : x[0]) y.push_back(value <= 0 ? 3 + 2 * value : 50 - value / 2);
  return y;
}

/// A curved signal of all columns, and some noise.
std::vector<double> curved(const Columns& x, std::uint64_t seed) {
  std::vector<double> y = random_numbers(x[0].size(), seed);
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] *= 0.3;
    for (std::size_t j = 0; j < x.size(); ++j)
      if (!std::isnan(x[j][i])) y[i] += std::sin(x[j][i] + static_cast<double>(j)) * x[0][i / 2 * 2 % y.size()];
    if (std::isnan(y[i])) y[i] = 1;
  }
  return y;
}

TEST(LinearLeaves, OneSplitAndTwoLinesAreRecovered) {
  Columns x = linear_tools::random_columns(2, 400, 1);
  for (double& value : x[0]) value = std::round(20 * value) / 20;  // a bin for each value: the split is at 0
  const std::vector<double> y = two_lines(x);
  const auto values = predictions(GradientBoosting(one_linear_step()).fit(regression(x, y)), x);
  // sums keep 62 bits less twice those of 400 rows
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(values[i], y[i], 1e-9) << i;
  Parameters plain = one_linear_step();
  plain.linear_tree = false;
  EXPECT_GT(std::abs(predictions(GradientBoosting(plain).fit(regression(x, y)), x)[0] - y[0]), 0.1);
}

// ---- brute force ----

using Numbers = std::vector<long double>;

/// Gauss with the largest pivot of a column. `matrix`: rows of p + 1 numbers, the last the right side.
Numbers solve(std::vector<Numbers> matrix) {
  const std::size_t p = matrix.size();
  for (std::size_t k = 0; k < p; ++k) {
    std::size_t best = k;
    for (std::size_t i = k; i < p; ++i)
      if (std::abs(matrix[i][k]) > std::abs(matrix[best][k])) best = i;
    std::swap(matrix[k], matrix[best]);
    for (std::size_t i = 0; i < p; ++i) {
      if (i == k) continue;
      const long double factor = matrix[i][k] / matrix[k][k];
      for (std::size_t j = k; j <= p; ++j) matrix[i][j] -= factor * matrix[k][j];
    }
  }
  Numbers solution;
  for (std::size_t k = 0; k < p; ++k) solution.push_back(matrix[k][p] / matrix[k][k]);
  return solution;
}

struct Reached {
  std::size_t leaf = 0;
  std::set<std::size_t> columns{};  ///< numbers of the path
};

Reached reach(const TreeArrays& arrays, const Table& table, std::size_t row, std::size_t tree = 0) {
  Reached reached{.leaf = arrays.roots[tree]};
  while (arrays.nodes[reached.leaf].child != 0) {
    const TreeNode& node = arrays.nodes[reached.leaf];
    const std::size_t column = arrays.columns[node.feature & TreeNode::position];
    const double cell = table[column].number(row);
    bool left = std::isnan(cell) ? (node.feature & TreeNode::missing_left) != 0 : cell <= node.threshold;
    if ((node.feature & TreeNode::category) != 0) {
      const CategoryTable& bins = arrays.categories[node.feature & TreeNode::position];
      const auto bin = bins.bin_of_code[static_cast<std::size_t>(cell)];
      left = ((arrays.sets[static_cast<std::size_t>(node.threshold) + bin / 64] >> (bin % 64)) & 1) != 0;
    } else {
      reached.columns.insert(column);
    }
    reached.leaf = node.child + (left ? 0 : 1);
  }
  return reached;
}

/// What the first tree of a squared-error fit with a full step adds to its training rows, from the definitions alone.
/// Rows whose leaf has too few complete rows, and those with a missing cell, get the plain value. Columns beyond the
/// first `most_columns` of a path are left out.
std::vector<double> first_step(const TreeArrays& arrays, const Table& table, const std::vector<double>& y,
                               const std::vector<double>& weights, double lambda, std::size_t most_columns = 9) {
  const std::size_t n = y.size();
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0L : static_cast<long double>(weights[i]); };
  std::map<std::size_t, std::vector<std::size_t>> rows;
  std::vector<double> added(n);
  for (std::size_t i = 0; i < n; ++i) rows[reach(arrays, table, i).leaf].push_back(i);
  for (const auto& [leaf, own] : rows) {
    const auto path = reach(arrays, table, own[0]).columns;
    std::vector<std::size_t> columns;
    for (std::size_t c : path)
      if (std::any_of(own.begin(), own.end(), [&, c](std::size_t i) { return !table[c].missing(i); }))
        columns.push_back(c);
    columns.resize(std::min(columns.size(), most_columns));
    const std::size_t p = columns.size() + 1;
    std::vector<Numbers> matrix(p, Numbers(p + 1, 0));
    for (std::size_t j = 0; j + 1 < p; ++j) matrix[j][j] = lambda;
    std::vector<std::size_t> complete;
    long double gradients = 0, hessians = 0;
    for (std::size_t i : own) {
      const long double g = weight(i) * (arrays.base[0] - y[i]);
      gradients += g;
      hessians += weight(i);
      if (std::any_of(columns.begin(), columns.end(), [&, i](std::size_t c) { return table[c].missing(i); })) continue;
      complete.push_back(i);
      Numbers cells;
      for (std::size_t c : columns) cells.push_back(table[c].number(i));
      cells.push_back(1);
      for (std::size_t j = 0; j < p; ++j) {
        for (std::size_t k = 0; k < p; ++k) matrix[j][k] += weight(i) * cells[j] * cells[k];
        matrix[j][p] -= g * cells[j];
      }
    }
    for (std::size_t i : own) added[i] = static_cast<double>(-gradients / hessians);
    if (complete.size() < p) continue;
    const Numbers beta = solve(matrix);
    for (std::size_t i : complete) {
      long double sum = beta[p - 1];
      for (std::size_t j = 0; j + 1 < p; ++j) sum += beta[j] * table[columns[j]].number(i);
      added[i] = static_cast<double>(sum);
    }
  }
  return added;
}

TEST(LinearLeaves, CoefficientsSolveTheNormalEquations) {
  const std::size_t rows = 900;
  for (const bool weighted : {false, true})
    for (const bool holes : {false, true})
      for (const double lambda : {0.0, 4.0}) {
        Columns x = linear_tools::random_columns(5, rows, 3);
        for (std::size_t i = 0; holes && i < rows; ++i) {
          if (i % 7 == 2) x[1][i] = missing;
          if (i % 11 == 5) x[3][i] = missing;
        }
        const std::vector<double> y = curved(x, 4);
        std::vector<double> weights;
        for (std::size_t i = 0; weighted && i < rows; ++i) weights.push_back(0.25 + static_cast<double>(i % 6));
        Parameters parameters = one_linear_step(8);
        parameters.linear_lambda = lambda;
        const FitResult fit = GradientBoosting(parameters).fit(regression(x, y, weights));
        const Table table = table_of(x);
        const auto expected = first_step(arrays_of(fit), table, y, weights, lambda);
        const auto values = fit.model->predict(table).values;
        ASSERT_FALSE(arrays_of(fit).linear.empty());
        // plain values are of gradients with 30 bits; equations of 100 rows lose a few digits of 15
        for (std::size_t i = 0; i < rows; ++i)
          EXPECT_NEAR(values[i] - arrays_of(fit).base[0], expected[i], 1e-6) << i << " " << weighted << holes << lambda;
      }
}

TEST(LinearLeaves, CategoriesOfAPathHaveNoTerm) {
  const std::size_t rows = 600;
  const Columns x = linear_tools::random_columns(1, rows, 5);
  std::vector<std::int32_t> codes(rows);
  std::vector<double> y(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    codes[i] = static_cast<std::int32_t>(i % 4);
    y[i] = (codes[i] % 2 == 0 ? 5 : -5) + x[0][i] * x[0][i];
  }
  const Table table({category_column("c", codes, 4), number_column("x", x[0])});
  const FitResult fit = GradientBoosting(one_linear_step(6)).fit(numeric_dataset(table, y));
  const TreeArrays& arrays = arrays_of(fit);
  ASSERT_FALSE(arrays.linear.empty());
  for (const LinearTerm& term : arrays.linear.terms) EXPECT_EQ(arrays.columns[term.cell], 1U);
  const auto expected = first_step(arrays, table, y, {}, 0), values = fit.model->predict(table).values;
  for (std::size_t i = 0; i < rows; ++i) EXPECT_NEAR(values[i] - arrays.base[0], expected[i], 1e-6) << i;
}

// ---- what a model may not do ----

TEST(LinearLeaves, ColumnsThatOthersDetermineGetNoTerm) {
  Columns x = linear_tools::random_columns(2, 800, 6);
  x.push_back(x[0]);
  std::vector<double> y = random_numbers(800, 7);
  for (std::size_t i = 0; i < 800; ++i) {
    x[2][i] = x[0][i] + x[1][i] / 2;
    for (const auto& column : x) y[i] += column[i] > 0.5 ? 20 : column[i];
  }
  const FitResult fit = GradientBoosting(one_linear_step(8)).fit(regression(x, y));
  const TreeArrays& arrays = arrays_of(fit);
  const Table table = table_of(x);
  bool all_three = false;
  for (std::size_t i = 0; i < 800; ++i) all_three = all_three || reach(arrays, table, i).columns.size() == 3;
  EXPECT_TRUE(all_three);
  for (const LinearLeaf& leaf : arrays.linear.leaves) EXPECT_LE(leaf.terms, 2U);
  const auto expected = first_step(arrays, table, y, {}, 0, 2), values = predictions(fit, x);
  for (std::size_t i = 0; i < 800; ++i) EXPECT_NEAR(values[i] - arrays.base[0], expected[i], 1e-6) << i;
}

TEST(LinearLeaves, LeavesOfFewRowsStayConstant) {
  Columns x = linear_tools::random_columns(3, 60, 7);
  for (std::size_t i = 0; i < 60; i += 4) x[1][i] = missing;
  const std::vector<double> y = curved(x, 8);
  Parameters parameters = one_linear_step(16);
  parameters.min_child_samples = 1;
  const FitResult fit = GradientBoosting(parameters).fit(regression(x, y));
  const TreeArrays& arrays = arrays_of(fit);
  const Table table = table_of(x);
  std::map<std::size_t, std::size_t> complete;
  std::map<std::size_t, std::size_t> columns;
  for (std::size_t i = 0; i < 60; ++i) {
    const Reached reached = reach(arrays, table, i);
    const auto& path = reached.columns;
    complete[reached.leaf] += std::none_of(path.begin(), path.end(), [&, i](auto c) { return table[c].missing(i); });
    columns[reached.leaf] = path.size();
  }
  std::size_t few = 0;
  for (const auto& [leaf, rows] : complete) {
    const LinearLeaf* model = arrays.linear.find(leaf);
    if (model != nullptr && rows > 0) EXPECT_GT(rows, model->terms) << leaf;  // rows == 0: a column has no cell there
    if (rows > 0 && rows <= columns[leaf]) ++few;
    if (rows > 0 && rows <= columns[leaf] && model != nullptr) EXPECT_LT(model->terms, columns[leaf]) << leaf;
  }
  EXPECT_GT(few, 0U);
  EXPECT_FALSE(arrays.linear.empty());
}

TEST(LinearLeaves, LargeAndTinyUnitsDoNotMatter) {
  const Columns x = linear_tools::random_columns(3, 500, 8);
  const std::vector<double> y = curved(x, 9);
  const auto expected = predictions(GradientBoosting(one_linear_step(6)).fit(regression(x, y)), x);
  for (const double unit : {1e-200, 1e-9, 1e150}) {
    Columns scaled = x;
    for (auto& column : scaled)
      for (double& value : column) value *= unit;
    const auto values = predictions(GradientBoosting(one_linear_step(6)).fit(regression(scaled, y)), scaled);
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-9) << unit;
  }
}

TEST(LinearLeaves, InfiniteCellsCountAsMissing) {
  Columns x = linear_tools::random_columns(2, 400, 10);
  for (std::size_t i = 0; i < 400; i += 9) x[0][i] = i % 2 == 0 ? infinite : -infinite;
  std::vector<double> y = two_lines(x);
  for (double& value : y) value = std::clamp(value, -40.0, 90.0);
  for (const double value : predictions(GradientBoosting(one_linear_step(6)).fit(regression(x, y)), x))
    EXPECT_TRUE(std::isfinite(value));
}

TEST(LinearLeaves, LeavesStayWithinWhatTheirRowsHad) {
  const Columns x = linear_tools::random_columns(3, 500, 11);
  const std::vector<double> y = curved(x, 12);
  Parameters parameters = one_linear_step(6);
  parameters.n_estimators = 5;
  const FitResult fit = GradientBoosting(parameters).fit(regression(x, y));
  for (const LinearLeaf& leaf : arrays_of(fit).linear.leaves) EXPECT_TRUE(leaf.least <= leaf.most);
  const auto seen = predictions(fit, x);
  const auto [least, most] = std::minmax_element(seen.begin(), seen.end());
  for (const double far : {-1e3, 1e3, 1e300, infinite, -infinite}) {
    const double value = predictions(fit, {{far}, {-far}, {far}})[0];
    EXPECT_GE(value, 5 * *least - 5 * *most);
    EXPECT_LE(value, 5 * *most - 5 * *least);
  }
}

// ---- penalties ----

TEST(LinearLeaves, PenaltiesShrinkSlopesAndMiddlesApart) {
  // in each leaf 20 rows at 4 places: sum of squares about the middle is 5 * (2.25 + 0.25 + 0.25 + 2.25) = 25
  Columns x(1);
  std::vector<double> y;
  for (int side : {0, 1})
    for (int i = 0; i < 20; ++i) {
      x[0].push_back(100 * side + i % 4);
      y.push_back(30 * side + 3 * (i % 4 - 1.5));
    }
  Parameters parameters = one_linear_step();
  const auto at = [&](double value) {
    return predictions(GradientBoosting(parameters).fit(regression(x, y)), {{value}})[0];
  };
  EXPECT_NEAR(at(100), 30 - 4.5, 1e-6);
  parameters.linear_lambda = 50;  // slope 3 * 25 / (25 + 50)
  EXPECT_NEAR(at(100), 30 - 1.5, 1e-6);
  EXPECT_NEAR(at(3), 1.5, 1e-6);
  parameters.reg_lambda = 5;  // the base is 15, the middle 15 + 15 * 20 / 25
  EXPECT_NEAR(at(103), 27 + 1.5, 1e-6);
  parameters.reg_alpha = 50;  // 15 + (300 - 50) / 25
  EXPECT_NEAR(at(103), 25 + 1.5, 1e-6);
  parameters.linear_lambda = 1e12;
  EXPECT_NEAR(at(103), 25, 1e-6);
}

TEST(LinearLeaves, WeightsAreRepetitions) {
  Columns x = linear_tools::random_columns(3, 300, 13);
  for (auto& column : x)
    for (double& value : column) value = std::clamp(std::round(3 * value), -4.0, 4.0);  // the same bins for both
  const std::vector<double> y = curved(x, 14);
  std::vector<std::size_t> rows;
  std::vector<double> weights;
  for (std::size_t i = 0; i < y.size(); ++i) {
    weights.push_back(static_cast<double>(i % 3));
    rows.insert(rows.end(), i % 3, i);
  }
  Parameters parameters = one_linear_step(5);
  parameters.n_estimators = 10;
  parameters.learning_rate = 0.3;
  parameters.min_child_samples = 1;
  parameters.min_child_weight = 30;
  const FitResult weighted = GradientBoosting(parameters).fit(regression(x, y, weights));
  const FitResult repeated =
      GradientBoosting(parameters)
          .fit(regression(linear_tools::selected_rows(x, rows), linear_tools::selected(y, rows)));
  const auto a = predictions(weighted, x), b = predictions(repeated, x);
  // the same trees, whose sums were rounded to other units
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << i;
}

// ---- the same bits ----

TEST(LinearLeaves, RowOrderAndThreadsDoNotChangeABit) {
  const std::size_t rows = 4000;
  Columns x = linear_tools::random_columns(4, rows, 15);
  for (std::size_t i = 0; i < rows; i += 13) x[2][i] = missing;
  const std::vector<double> y = curved(x, 16);
  const auto order = shuffled_rows(rows, 17);
  for (const char* strategy : {"bagging", "goss", "mvs"})
    for (const std::size_t classes : {0, 2, 3}) {
      Parameters parameters{.n_estimators = 8, .num_leaves = 12, .learning_rate = 0.5, .linear_tree = true};
      parameters.data_sample_strategy = strategy;
      if (parameters.data_sample_strategy != "goss") parameters.subsample = 0.7;
      const auto make = [&](const Columns& columns, const std::vector<double>& target) {
        return classes == 0 ? regression(columns, target)
                            : classification(columns, linear_tools::labels_from(target, classes), classes);
      };
      const auto expected = predictions(GradientBoosting(parameters).fit(make(x, y)), x);
      const auto threads = make_executor(4);
      RunContext context;
      context.run_with = threads.get();
      const auto dataset = make(linear_tools::selected_rows(x, order), linear_tools::selected(y, order));
      EXPECT_EQ(bits_of(predictions(GradientBoosting(parameters).fit(dataset, context), x)), bits_of(expected))
          << strategy << classes;
    }
}

/// Training rows of the first half, validation rows of the second: of the same table, or a table of their own.
struct Halves {
  Halves(const Columns& x, const std::vector<double>& y, bool own_table) {
    std::vector<std::size_t> first(y.size() / 2), second(y.size() / 2);
    std::iota(first.begin(), first.end(), std::size_t{0});
    std::iota(second.begin(), second.end(), y.size() / 2);
    const auto whole = regression(x, y);
    const auto rows = [&](const std::vector<std::size_t>& from, std::uint64_t identity) {
      return RowSet{std::make_shared<const std::vector<std::uint32_t>>(from.begin(), from.end()), identity};
    };
    train = std::make_unique<DatasetView>(whole, rows(first, 1));
    held_out = std::make_unique<DatasetView>(whole, rows(second, 2));
    if (own_table) {
      // twice as many rows as are used, so that rows of the table are not those of the view
      const auto other = regression(x, y);
      held_out = std::make_unique<DatasetView>(other, rows(second, 3));
    }
    held_out_x = linear_tools::selected_rows(x, second);
    train_x = linear_tools::selected_rows(x, first);
  }
  std::unique_ptr<DatasetView> train, held_out;
  Columns train_x, held_out_x;
};

TEST(LinearLeaves, ScoresOfTrainingAreThoseOfTheModel) {
  const std::size_t rows = 2400;
  Columns x = linear_tools::random_columns(4, rows, 18);
  for (std::size_t i = 0; i < rows; i += 17) x[1][i] = missing;
  const std::vector<double> y = curved(x, 19);
  for (const bool own_table : {false, true})
    for (const double subsample : {1.0, 0.6}) {
      const Halves halves(x, y, own_table);
      const Parameters parameters{.n_estimators = 16,
                                  .num_leaves = 10,
                                  .subsample = subsample,
                                  .linear_tree = true,
                                  .early_stopping_rounds = 0};
      const FitResult fit =
          GradientBoosting(parameters)
              .fit(FitInput{.train = *halves.train, .validation = halves.held_out.get(), .keep_state = true});
      const auto& state = static_cast<const BoostingState&>(*fit.state);
      TreeEnsemble all(state.arrays);
      all.set_context(fit.model->context());
      const auto trained = all.predict(table_of(halves.train_x)).values;
      EXPECT_EQ(bits_of({state.scores.begin(), state.scores.begin() + static_cast<std::ptrdiff_t>(rows / 2)}),
                bits_of(trained))
          << own_table << subsample;
      EXPECT_EQ(bits_of(fit.report.checkpoints.at(fit.report.rounds).values),
                bits_of(predictions(fit, halves.held_out_x)))
          << own_table << subsample;
    }
}

TEST(LinearLeaves, ResumedFitsAndEarlyStoppingAgreeWithWholeOnes) {
  const Columns x = linear_tools::random_columns(3, 1200, 20);
  const std::vector<double> y = curved(x, 21);
  const Halves halves(x, y, false);
  Parameters parameters{.n_estimators = 6, .num_leaves = 8, .linear_tree = true, .early_stopping_rounds = 0};
  const FitResult first =
      GradientBoosting(parameters)
          .fit(FitInput{.train = *halves.train, .validation = halves.held_out.get(), .keep_state = true});
  parameters.n_estimators = 15;
  const FitInput whole{.train = *halves.train, .validation = halves.held_out.get()};
  FitInput resumed = whole;
  resumed.resume = first.state.get();
  const FitResult a = GradientBoosting(parameters).fit(resumed), b = GradientBoosting(parameters).fit(whole);
  EXPECT_EQ(bits_of(predictions(a, x)), bits_of(predictions(b, x)));

  parameters.n_estimators = 400;
  parameters.learning_rate = 0.5;
  parameters.early_stopping_rounds = 5;
  const FitResult stopped = GradientBoosting(parameters).fit(whole);
  ASSERT_LT(stopped.report.rounds, 400);
  parameters.n_estimators = stopped.report.rounds;
  const FitResult cut = GradientBoosting(parameters).fit(*halves.train);
  EXPECT_EQ(bits_of(predictions(stopped, x)), bits_of(predictions(cut, x)));
  EXPECT_EQ(arrays_of(stopped).linear.terms.size(), arrays_of(cut).linear.terms.size());
}

// ---- prediction ----

TEST(LinearLeaves, AllWaysOfPredictingAgreeAndAreTheSavedModel) {
  for (const std::int64_t leaves : {12, 400})  // swept, and walked alone
    for (const std::size_t classes : {0, 3}) {
      Columns x = linear_tools::random_columns(4, 3000, 22);
      for (std::size_t i = 0; i < x[0].size(); i += 19) x[3][i] = missing;
      const std::vector<double> y = curved(x, 23);
      const Parameters parameters{.n_estimators = 5, .num_leaves = leaves, .min_child_samples = 5, .linear_tree = true};
      const auto dataset =
          classes == 0 ? regression(x, y) : classification(x, linear_tools::labels_from(y, classes), classes);
      const FitResult fit = GradientBoosting(parameters).fit(dataset);
      const auto whole = predictions(fit, x);
      EXPECT_EQ(bits_of(linear_tools::predict_row_by_row(*fit.model, x)), bits_of(whole));
      const std::vector<std::size_t> few{5, 17, 2999, 400};
      const std::size_t width = whole.size() / 3000;
      std::vector<double> of_few;
      for (std::size_t row : few)
        of_few.insert(of_few.end(), whole.begin() + static_cast<std::ptrdiff_t>(row * width),
                      whole.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
      EXPECT_EQ(bits_of(predictions(fit, linear_tools::selected_rows(x, few))), bits_of(of_few));

      Registry registry;
      registry.add_model_loader("tree_ensemble", load_tree_ensemble);
      const Archive archive = linear_tools::saved(*fit.model);
      const auto loaded = registry.load_model(ArchiveReader(archive), fit.model->context());
      EXPECT_EQ(bits_of(loaded->predict(table_of(x)).values), bits_of(whole));
      EXPECT_EQ(loaded->describe(), fit.model->describe());
      EXPECT_NE(loaded->describe().find(" linear leaves"), std::string::npos);
    }
}

TEST(LinearLeaves, DamageIsRefused) {
  const Columns x = linear_tools::random_columns(3, 500, 24);
  std::vector<std::int32_t> codes(500);
  for (std::size_t i = 0; i < 500; ++i) codes[i] = static_cast<std::int32_t>(i % 5);
  const Table table({number_column("x", x[0]), number_column("z", x[1]), category_column("c", codes, 5)});
  const FitResult fit = GradientBoosting(one_linear_step(6)).fit(numeric_dataset(table, curved(x, 25)));
  Registry registry;
  registry.add_model_loader("tree_ensemble", load_tree_ensemble);
  const auto loading = [&](const std::function<void(TreeArrays&)>& damage) {
    TreeArrays arrays = arrays_of(fit);
    damage(arrays);
    TreeEnsemble model(arrays);
    model.set_context(fit.model->context());
    const Archive archive = linear_tools::saved(model);
    return error_code([&] { registry.load_model(ArchiveReader(archive), model.context()); });
  };
  ASSERT_GE(arrays_of(fit).linear.leaves.size(), 2U);
  EXPECT_EQ(loading([](TreeArrays&) {}), "");
  const auto move_first = [](TreeArrays& a, std::size_t node) {
    for (std::uint32_t& number : a.linear.of_node) number = number == 1 ? 0 : number;
    a.linear.of_node.resize(std::max(a.linear.of_node.size(), node + 1));
    a.linear.of_node[node] = 1;
  };
  const std::vector<std::function<void(TreeArrays&)>> damages{
      [&](TreeArrays& a) { move_first(a, 0); },                   // an inner node
      [&](TreeArrays& a) { move_first(a, a.nodes.size() + 3); },  // no node
      [](TreeArrays& a) { a.linear.leaves.pop_back(); },          // fewer models than nodes
      [](TreeArrays& a) { a.linear.leaves[0].constant = missing; },
      [](TreeArrays& a) { a.linear.leaves[1].constant = infinite; },
      [](TreeArrays& a) { a.linear.leaves[0].least = a.linear.leaves[0].most + 1; },
      [](TreeArrays& a) { a.linear.leaves[0].least = missing; },
      [](TreeArrays& a) { a.linear.leaves[0].most = missing; },
      [](TreeArrays& a) { a.linear.leaves[0].terms += 1; },
      [](TreeArrays& a) { a.linear.leaves[0].terms = ~0U; },
      [](TreeArrays& a) { a.linear.terms.pop_back(); },
      [](TreeArrays& a) { a.linear.terms[0].cell = 2; },  // a category
      [](TreeArrays& a) { a.linear.terms[0].cell = 3; },
      [](TreeArrays& a) { a.linear.terms[0].coefficient = infinite; },
      [](TreeArrays& a) { a.linear.terms[0].coefficient = missing; },
      [](TreeArrays& a) { a.linear.terms[0].mean = -infinite; },
      [](TreeArrays& a) {  // a cell twice in a leaf
        a.linear.cut(a.linear.of_node.size() - 1);
        a.linear.add(a.nodes.size() - 1, {}, {{.coefficient = 1, .cell = 0}, {.coefficient = 2, .cell = 0}});
      },
      [](TreeArrays& a) { a.leaf_vectors.assign(a.nodes.size(), 0.0F); }};
  for (std::size_t i = 0; i < damages.size(); ++i) EXPECT_EQ(loading(damages[i]), "model_file.invalid") << i;
}

TEST(LinearLeaves, WhatDoesNotGoWithThemIsNamed) {
  const Columns x = linear_tools::random_columns(2, 200, 28);
  const std::vector<double> y = curved(x, 29);
  const auto place = [&](Parameters parameters) {
    parameters.linear_tree = true;
    try {
      GradientBoosting(parameters).fit(regression(x, y));
    } catch (const Error& error) {
      return error.code() + " " + error.faults().front().place;
    }
    return std::string();
  };
  const std::string code = "fit.linear_tree gradient_boosting.";
  EXPECT_EQ(place({}), "");
  EXPECT_EQ(place({.growth = "symmetric"}), code + "growth");
  EXPECT_EQ(place({.monotone_constraints = Array{1, 0}}), code + "monotone_constraints");
  EXPECT_EQ(place({.path_smooth = 1}), code + "path_smooth");
  EXPECT_EQ(place({.max_delta_step = 1}), code + "max_delta_step");
  EXPECT_EQ(place({.leaf_iterations = 2}), code + "leaf_iterations");
  EXPECT_EQ(place({.objective = "absolute_error"}), code + "linear_tree");
  EXPECT_EQ(place({.objective = "quantile"}), code + "linear_tree");
}

TEST(LinearLeaves, SeveralOutputsAndInitialScoresAreFitted) {
  const Columns x = linear_tools::random_columns(2, 600, 30);
  Dataset dataset;
  dataset.features = table_of(x);
  dataset.target.outputs = {"a", "b"};
  for (std::size_t i = 0; i < 600; ++i) {
    dataset.target.values.insert(dataset.target.values.end(), {3 * x[0][i], 1 - x[1][i]});
    dataset.initial_scores.insert(dataset.initial_scores.end(), {1.0, -1.0});
  }
  Parameters parameters = one_linear_step(4);
  parameters.n_estimators = 2;
  const FitResult fit = GradientBoosting(parameters).fit(make_dataset(std::move(dataset)));
  const auto values = predictions(fit, x);
  for (std::size_t i = 0; i < 600; ++i) {  // the model adds to the initial scores
    EXPECT_NEAR(values[2 * i], 3 * x[0][i] - 1, 1e-6) << i;
    EXPECT_NEAR(values[2 * i + 1], 1 - x[1][i] + 1, 1e-6) << i;
  }
}

TEST(LinearLeaves, AStoppedFitIsAModel) {
  const Columns x = linear_tools::random_columns(3, 2000, 31);
  RunContext late;
  late.stop = StopToken({}, Clock::now() + std::chrono::milliseconds(20));
  const FitResult fit =
      GradientBoosting({.n_estimators = 100'000, .linear_tree = true}).fit(regression(x, curved(x, 32)), late);
  EXPECT_EQ(fit.report.stopped, "deadline");
  for (double value : predictions(fit, x)) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
