// Losses: slopes and curvatures against differences, constants against brute force, small fits against LightGBM.

#include <gtest/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

Target target_of(Task task) {
  Target target;
  target.task = task;
  if (task == Task::binary) target.classes = {"a", "b"};
  if (task == Task::multiclass) target.classes = {"a", "b", "c"};
  return target;
}

/// How a loss's gradient and Hessian relate to the differences of its value.
struct LossCase {
  ObjectiveParameters parameters;
  Task task = Task::regression;
  double gradient_factor = 1;  ///< slope = factor * gradient
  double hessian_factor = 0;   ///< curvature = factor * Hessian; 0: the Hessian is not the curvature
};

std::vector<LossCase> loss_cases() {
  return {{{.name = "squared_error"}, Task::regression, 2, 1},
          {{.name = "absolute_error"}},
          {{.name = "quantile", .alpha = 0.3}},
          {{.name = "huber", .alpha = 0.4}},
          {{.name = "fair", .fair_c = 0.7}, Task::regression, 1, 1},
          {{.name = "poisson"}, Task::regression, 1, std::exp(-0.7)},
          {{.name = "gamma"}, Task::regression, 1, 1},
          {{.name = "tweedie", .tweedie_variance_power = 1.3}, Task::regression, 1, 1},
          {{.name = "cross_entropy"}, Task::regression, 1, 1},
          {{.name = "log_loss"}, Task::binary, 1, 1},
          {{.name = "log_loss"}, Task::multiclass, 1, 2.0 / 3},
          {{.name = "one_vs_all"}, Task::multiclass, 1, 1}};
}

/// Targets in (0, 1], which every loss of numbers allows.
TargetRows targets_for(Task task, std::size_t rows) {
  TargetRows targets;
  for (std::size_t i = 0; i < rows; ++i) {
    if (task == Task::multiclass) targets.labels.push_back(static_cast<std::int32_t>(i % 3));
    else if (task == Task::binary) targets.values.push_back(static_cast<double>(i % 2));
    else targets.values.push_back(static_cast<double>(1 + i % 7) / 7);
    targets.weights.push_back(1 + static_cast<double>(i % 4));
  }
  return targets;
}

TEST(Objectives, GradientsAndHessiansAreSlopesAndCurvatures) {
  const std::size_t rows = 42;
  const std::vector<double> scores = random_numbers(3 * rows, 5);
  const std::vector<std::uint32_t> all = first_rows(rows);
  for (const LossCase& each : loss_cases()) {
    const auto objective = make_objective(each.parameters, target_of(each.task));
    const TargetRows targets = targets_for(each.task, rows);
    const auto gradients_at = [&](const std::vector<double>& at, std::size_t k) {
      QuantisedGradients found;
      EXPECT_TRUE(objective->begin_round({at.data(), rows, all}, targets, 1, {}));
      EXPECT_TRUE(objective->gradients({at.data(), rows, all}, targets, k, found, {}));
      return found;
    };
    // the loss of row i alone: differences of a sum would lose digits
    const auto row_loss = [&](const std::vector<double>& at, std::size_t i) {
      TargetRows one{.weights = {1}};
      if (targets.labels.empty()) one.values = {targets.values[i]};
      else one.labels = {targets.labels[i]};
      const std::uint32_t row = all[i];
      return objective->loss({at.data(), rows, {&row, 1}}, one) * targets.weights[i];
    };
    for (std::size_t k = 0; k < objective->width(); ++k) {
      const QuantisedGradients found = gradients_at(scores, k);
      for (std::size_t i = 0; i < rows; ++i) {
        const double step = 1e-5;
        std::vector<double> up = scores, down = scores;
        up[k * rows + i] += step;
        down[k * rows + i] -= step;
        const double slope = (row_loss(up, i) - row_loss(down, i)) / (2 * step);
        // step^2 of the third derivative, and the rounding of the loss / step
        EXPECT_NEAR(each.gradient_factor * found.gradients[i], slope, 1e-8) << each.parameters.name << " row " << i;
        if (each.hessian_factor == 0) continue;
        const double curvature = (gradients_at(up, k).gradients[i] - gradients_at(down, k).gradients[i]) / (2 * step);
        EXPECT_NEAR(each.hessian_factor * found.hessians[i], curvature, 1e-8) << each.parameters.name << " row " << i;
      }
    }
  }
}

TEST(Objectives, TheBaseMinimisesTheLoss) {
  const std::size_t rows = 42;
  const std::vector<std::uint32_t> all = first_rows(rows);
  for (const LossCase& each : loss_cases()) {
    const auto objective = make_objective(each.parameters, target_of(each.task));
    const TargetRows targets = targets_for(each.task, rows);
    objective->check(targets);
    const std::vector<double> base = objective->base(targets);
    ASSERT_EQ(base.size(), objective->width());
    const auto loss_at = [&](std::size_t k, double shift) {
      std::vector<double> scores;
      for (std::size_t j = 0; j < base.size(); ++j) scores.insert(scores.end(), rows, base[j] + (j == k ? shift : 0.0));
      return objective->loss({scores.data(), rows, all}, targets);
    };
    for (std::size_t k = 0; k < base.size(); ++k)
      for (const double shift : {-2.0, -0.3, -0.02, -1e-3, 1e-3, 0.02, 0.3, 2.0})
        EXPECT_GE(loss_at(k, shift) - loss_at(k, 0), -1e-15) << each.parameters.name << " " << shift;
  }
}

TEST(Objectives, TheBaseOfRobustLossesIsFoundForAnyScale) {
  for (const double scale : {1e-200, 1e-3, 1.0, 1e6, 1e150}) {
    TargetRows targets;
    for (std::size_t i = 0; i < 99; ++i) targets.values.push_back(scale * (i % 10 == 0 ? 1e6 : static_cast<double>(i)));
    // slopes of the far rows are delta each, so the others balance them: found by bisection in long double
    const auto huber_slope = [&](long double s) {
      long double sum = 0;
      for (double y : targets.values) sum += std::clamp<long double>((s - y) / scale, -5, 5);
      return sum;
    };
    long double low = 0, high = 100 * static_cast<long double>(scale);
    for (int step = 0; step < 200; ++step) (huber_slope((low + high) / 2) < 0 ? low : high) = (low + high) / 2;
    const auto huber = make_objective({.name = "huber", .alpha = 5 * scale}, target_of(Task::regression));
    EXPECT_NEAR(huber->base(targets)[0] / scale, static_cast<double>(low / scale), 1e-9) << scale;
  }
  TargetRows same{.values = {7, 7, 7}};
  EXPECT_EQ(make_objective({.name = "fair"}, target_of(Task::regression))->base(same)[0], 7);
}

TEST(Objectives, TheBaseDoesNotDependOnTheOrderOfRows) {
  const std::size_t rows = 500;
  const std::vector<double> numbers = random_numbers(2 * rows, 3);
  const auto order = shuffled_rows(rows, 4);
  TargetRows straight, shuffled;
  for (std::size_t i = 0; i < rows; ++i) {
    straight.values.push_back(std::abs(numbers[i]) / 10 + 1e-3);
    straight.weights.push_back(std::abs(numbers[rows + i]));
  }
  for (std::size_t row : order) {
    shuffled.values.push_back(straight.values[row]);
    shuffled.weights.push_back(straight.weights[row]);
  }
  for (const LossCase& each : loss_cases()) {
    if (each.task != Task::regression) continue;
    const auto objective = make_objective(each.parameters, target_of(each.task));
    EXPECT_EQ(bits_of(objective->base(straight)), bits_of(objective->base(shuffled))) << each.parameters.name;
  }
}

/// Six values of one column, sixteen rows each; targets in (0, 1).
struct SmallSet {
  std::vector<double> x, y;
  std::vector<std::int32_t> labels;
  SmallSet() {
    for (int i = 0; i < 96; ++i) {
      const int value = i % 6;
      x.push_back(value);
      y.push_back((value * value % 7 + 1 + (i * 5 % 8) / 8.0) / 10);
      labels.push_back(value > 3 ? i / 6 % 3 : value > 1 ? i / 6 % 2 : 2);
    }
  }
};

/// Scores of the six values after twenty rounds that start at 0.
std::vector<double> scores_after_twenty_rounds(const GradientBoostingParameters& given, Dataset dataset) {
  const SmallSet set;
  const std::size_t width = dataset.target.task == Task::multiclass ? 3 : 1;
  dataset.features = table_of({set.x});
  dataset.initial_scores.assign(set.x.size() * width, 0.0);
  GradientBoostingParameters parameters = given;
  parameters.n_estimators = 20;
  parameters.min_child_samples = 1;
  parameters.min_child_weight = 0;
  const FitResult fit = GradientBoosting(parameters).fit(make_dataset(std::move(dataset)));
  const TreeArrays& arrays = dynamic_cast<const TreeEnsemble&>(*fit.model).arrays();
  std::vector<double> scores;
  for (int value = 0; value < 6; ++value)
    for (std::size_t k = 0; k < width; ++k) {
      scores.push_back(0);
      for (std::size_t t = k; t < arrays.trees(); t += width) {
        const TreeNode* node = &arrays.nodes[arrays.roots[t]];
        while (node->child != 0) node = &arrays.nodes[node->child + (value > node->threshold ? 1 : 0)];
        scores.back() += node->threshold;
      }
    }
  return scores;
}

TEST(Objectives, SmallFitsAgreeWithLightGBM) {
  // LightGBM 4.7.0: raw scores of 20 rounds at 0.1 with init_score 0, min_data_in_leaf 1, min_sum_hessian_in_leaf 0,
  // min_data_in_bin 1
  const std::vector<std::pair<GradientBoostingParameters, std::vector<double>>> cases{
      {{.objective = "huber", .alpha = 0.2},
       {0.120783211029, 0.217958839974, 0.391847376712, 0.29573802161, 0.286714069685, 0.394378165156}},
      {{.objective = "fair", .fair_c = 0.3},
       {0.124681325426, 0.231796197798, 0.512862715079, 0.328768283166, 0.316586585714, 0.525203259641}},
      {{.objective = "gamma"},
       {-1.886324907803, -1.2980120612, -0.56482378094, -0.97215325554, -1.007140982597, -0.543320484173}},
      {{.objective = "tweedie", .tweedie_variance_power = 1.3},
       {-1.579275417339, -1.149459062416, -0.534319377417, -0.886509675391, -0.915548279777, -0.514995311883}},
      {{.objective = "poisson"},
       {-0.786789946169, -0.643700089982, -0.348123032146, -0.531121095788, -0.544546411235, -0.336997602223}},
      {{.objective = "cross_entropy"},
       {-1.497404481765, -0.940755482184, 0.131950287442, -0.539483336456, -0.58689579327, 0.176128329715}}};
  for (const auto& [parameters, expected] : cases) {
    Dataset dataset;
    dataset.target.values = SmallSet{}.y;
    const auto scores = scores_after_twenty_rounds(parameters, std::move(dataset));
    // their gradients are single precision, ours are rounded to about 2^-25 of a leaf's sum
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(scores[i], expected[i], 2e-6) << parameters.objective << " " << i;
  }
  Dataset dataset;
  dataset.target = target_of(Task::multiclass);
  dataset.target.labels = SmallSet{}.labels;
  const auto scores = scores_after_twenty_rounds({.objective = "one_vs_all"}, std::move(dataset));
  const std::vector<double> expected{-2.657739321795,
                                     -2.657739321795,
                                     2.657739321795,
                                     -2.657739321795,
                                     -2.657739321795,
                                     2.657739321795,
                                     0,
                                     0,
                                     -2.657739321795,
                                     0,
                                     0,
                                     -2.657739321795,
                                     -0.446312420522,
                                     -0.683691919446,
                                     -0.683691919446,
                                     -0.446312420522,
                                     -0.683691919446,
                                     -0.683691919446};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(scores[i], expected[i], 2e-6) << i;
}

TEST(Objectives, PredictionsAreOnTheScaleOfTheTarget) {
  const SmallSet set;
  for (const std::string objective : {"huber", "fair", "gamma", "tweedie", "cross_entropy"}) {
    const FitResult fit = GradientBoosting({.n_estimators = 200, .min_child_samples = 1, .objective = objective})
                              .fit(regression({set.x}, set.y));
    for (double value = 0; value < 6; ++value) {
      double sum = 0;
      for (std::size_t i = 0; i < 96; ++i) sum += set.x[i] == value ? set.y[i] / 16 : 0.0;
      // the mean for a loss with a link; near it where spread is small and even
      const double tolerance = objective == "huber" || objective == "fair" ? 0.005 : 1e-3;
      EXPECT_NEAR(fit.model->predict(table_of({{value}})).values[0], sum, tolerance) << objective;
    }
  }
  const FitResult fit = GradientBoosting({.n_estimators = 200, .min_child_samples = 1, .objective = "one_vs_all"})
                            .fit(classification({set.x}, set.labels, 3));
  const auto values = fit.model->predict(table_of({{0, 3, 5}})).values;
  const std::vector<double> shares{0, 0, 1, 0.5, 0.5, 0, 6.0 / 16, 5.0 / 16, 5.0 / 16};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(values[i], shares[i], 0.03) << i;
}

TEST(Objectives, ATargetThatIsNotAllowedIsNamed) {
  const std::vector<double> x{1, 2, 3, 4};
  const auto fault = [&](const char* objective, std::vector<double> y) {
    try {
      GradientBoosting({.objective = objective}).fit(regression({x}, std::move(y)));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(fault("poisson", {1, 2, -3, 4}),
            "row 2: -3 is not allowed: poisson needs targets of 0 or more [fit.target_negative]");
  EXPECT_EQ(fault("tweedie", {1, -0.5, 3, 4}),
            "row 1: -0.5 is not allowed: tweedie needs targets of 0 or more [fit.target_negative]");
  EXPECT_EQ(fault("tweedie", {0, 0, 0, 0}), "target: tweedie needs a target above 0 somewhere [fit.target_zero]");
  EXPECT_EQ(fault("gamma", {1, 2, 3, 0}),
            "row 3: 0 is not allowed: gamma needs targets above 0 [fit.target_not_positive]");
  EXPECT_EQ(fault("cross_entropy", {0, 1, 1.25, 0}),
            "row 2: 1.25 is not allowed: cross_entropy needs targets in [0, 1] [fit.target_not_share]");
  EXPECT_EQ(fault("cross_entropy", {0, 1, 0.25, 0}), "");

  // of a fold, the row of the table is named; of validation rows, too; initial scores change nothing
  Dataset dataset;
  dataset.features = table_of({x});
  dataset.target.values = {1, 2, 3, -4};
  dataset.initial_scores.assign(4, 0.0);
  const auto shared = make_dataset(dataset);
  const auto rows = [&](std::vector<std::uint32_t> chosen) {
    return DatasetView(shared, {std::make_shared<const std::vector<std::uint32_t>>(std::move(chosen)), 1});
  };
  const DatasetView good = rows({0, 1, 2}), bad = rows({1, 3});
  for (const FitInput& input : {FitInput{.train = bad}, FitInput{.train = good, .validation = &bad}}) try {
      GradientBoosting({.objective = "poisson"}).fit(input);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.place(), "row 3");
    }
}

TEST(Objectives, ALossThatDoesNotFitTheTaskIsRefused) {
  const auto code = [](ObjectiveParameters parameters, Task task) {
    return error_code([&] { make_objective(parameters, target_of(task)); });
  };
  for (const char* name : {"squared_error", "huber", "gamma", "cross_entropy"}) {
    EXPECT_EQ(code({.name = name}, Task::binary), "parameter.unknown_choice");
    EXPECT_EQ(code({.name = name}, Task::multiclass), "parameter.unknown_choice");
  }
  for (const char* name : {"log_loss", "one_vs_all"})
    EXPECT_EQ(code({.name = name}, Task::regression), "parameter.unknown_choice");
  EXPECT_EQ(code({.name = "one_vs_all"}, Task::binary), "parameter.unknown_choice");
  EXPECT_EQ(code({.name = "quantile", .alpha = 1}, Task::regression), "parameter.out_of_range");
  EXPECT_EQ(code({.name = "huber", .alpha = 1}, Task::regression), "");
}

}  // namespace
