// Ridge regression against scikit-learn (linear_reference.json), explicit refits, and properties.

#include <gtest/gtest.h>

#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

std::vector<double> reference_weights(const Value& data, std::size_t rows) {
  if (!data.at("weighted").boolean()) return {};
  std::vector<double> weights;
  for (std::size_t i = 0; i < rows; ++i) weights.push_back(static_cast<double>(1 + i % 3));
  return weights;
}

TEST(Ridge, AgreesWithScikitLearn) {
  for (const Value& data : reference().at("ridge").array()) {
    const Columns columns = columns_of(data.at("features"));
    const std::vector<double> y = numbers(data.at("target"));
    const auto dataset = regression(columns, y, reference_weights(data, y.size()));
    for (const Value& fit : data.at("fits").array()) {
      const FitResult result = Ridge{{.alpha = fit.at("alpha").number(), .standardize = false}}.fit(dataset);
      const std::vector<double> expected = numbers(fit.at("weights"));
      double largest = 0, worst = 0;
      for (std::size_t j = 0; j < expected.size(); ++j) {
        largest = std::max(largest, std::abs(expected[j]));
        worst = std::max(worst, std::abs(fitted(result).weight(j) - expected[j]));
      }
      // condition numbers up to 1e8 here: both solvers lose that many digits of 16
      EXPECT_LT(worst, 1e-7 * largest) << data.at("name").text() << " alpha " << fit.at("alpha").number();
      EXPECT_NEAR(fitted(result).intercept(), fit.at("intercept").number(),
                  1e-7 * std::max(1.0, std::abs(fit.at("intercept").number())));
      if (const Value* squares = fit.object().find("squared_left_out_errors")) {
        const std::vector<double> left_out = numbers(*squares);
        double scale = 0;
        for (double square : left_out) scale = std::max(scale, square);
        for (std::size_t i = 0; i < y.size(); ++i) {
          const double error = y[i] - result.out_of_bag->values[i];
          EXPECT_NEAR(error * error, left_out[i], 1e-7 * scale) << data.at("name").text() << " row " << i;
        }
      }
    }
  }
}

/// Leave-one-out predictions by fitting without each row. Without standardisation, which would see the row.
std::vector<double> refitted(const Columns& columns, const std::vector<double>& y, const std::vector<double>& weights,
                             double alpha) {
  std::vector<double> predictions;
  for (std::size_t out = 0; out < y.size(); ++out) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < y.size(); ++i)
      if (i != out) rows.push_back(i);
    const auto dataset = regression(selected_rows(columns, rows), selected(y, rows),
                                    weights.empty() ? weights : selected(weights, rows));
    const FitResult result = Ridge{{.alpha = alpha, .standardize = false}}.fit(dataset);
    double value = fitted(result).intercept();
    for (std::size_t j = 0; j < columns.size(); ++j) value += columns[j][out] * fitted(result).weight(j);
    predictions.push_back(value);
  }
  return predictions;
}

void expect_leave_one_out(std::size_t rows, std::size_t columns, bool weighted, double alpha) {
  Columns x = random_columns(columns, rows, 1);
  add_rare_columns(x, 2, rows, 3);
  const std::vector<double> y = linear_target(x, 0.5, 2);
  std::vector<double> weights;
  for (std::size_t i = 0; weighted && i < rows; ++i) weights.push_back(0.5 + static_cast<double>(i % 4));
  const FitResult result = Ridge{{.alpha = alpha, .standardize = false}}.fit(regression(x, y, weights));
  const std::vector<double> expected = refitted(x, y, weights, alpha);
  for (std::size_t i = 0; i < rows; ++i) EXPECT_NEAR(result.out_of_bag->values[i], expected[i], 1e-8) << i;
}

TEST(Ridge, LeaveOneOutEqualsRefitsThroughTheColumns) { expect_leave_one_out(60, 5, false, 0.7); }
TEST(Ridge, LeaveOneOutEqualsRefitsThroughTheColumnsWeighted) { expect_leave_one_out(60, 5, true, 0.7); }
TEST(Ridge, LeaveOneOutEqualsRefitsThroughTheRows) { expect_leave_one_out(20, 40, false, 3.0); }
TEST(Ridge, LeaveOneOutEqualsRefitsThroughTheRowsWeighted) { expect_leave_one_out(20, 40, true, 3.0); }

TEST(Ridge, LeaveOneOutLeavesOutAllCopiesOfARow) {
  Columns x = random_columns(3, 30, 1);
  std::vector<double> y = linear_target(x, 1, 2);
  std::vector<std::size_t> rows(30);
  std::iota(rows.begin(), rows.end(), 0U);
  rows.insert(rows.end(), {4, 4, 9});
  const FitResult repeated =
      Ridge{{.alpha = 1.0, .standardize = false}}.fit(regression(selected_rows(x, rows), selected(y, rows)));
  std::vector<double> weights(30, 1.0);
  weights[4] = 3;
  weights[9] = 2;
  const std::vector<double> expected = refitted(x, y, weights, 1.0);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_NEAR(repeated.out_of_bag->values[i], expected[rows[i]], 1e-8) << i;
}

TEST(Ridge, ChoosesThePenaltyWithTheSmallestLeaveOneOutError) {
  const Columns x = random_columns(10, 80, 5);
  const auto dataset = regression(x, linear_target(x, 4, 6));
  const FitResult chosen = Ridge{}.fit(dataset);
  const double alpha = detail(chosen, "alpha"), error = detail(chosen, "leave_one_out_rmse");
  for (double factor : {0.03, 0.3, 3.0, 30.0}) {
    const FitResult other = Ridge{{.alpha = alpha * factor}}.fit(dataset);
    EXPECT_GT(detail(other, "leave_one_out_rmse"), error) << factor;
  }
}

/// Generalised cross-validation from residuals and leverages: a left-out error is the residual over 1 - leverage.
double generalised_error(const std::shared_ptr<const Dataset>& dataset, double alpha) {
  const FitResult result = Ridge{{.alpha = alpha}}.fit(dataset);
  const Predictions inside = result.model->predict(dataset->features);
  double squares = 0, freedom = 0;
  const std::size_t rows = dataset->rows();
  for (std::size_t i = 0; i < rows; ++i) {
    const double target = dataset->target.values[i], residual = target - inside.values[i];
    const double weight = dataset->weights.empty() ? 1.0 : dataset->weights[i];
    squares += weight * residual * residual;
    freedom += 1 - residual / (target - result.out_of_bag->values[i]);
  }
  const double left = 1 - freedom / static_cast<double>(rows);
  return squares / (left * left);
}

TEST(Ridge, StoppedBeforeTheErrorsOfRowsItTakesThePenaltyOfGeneralisedCrossValidation) {
  for (const auto& [columns, rows, weighted] :
       {std::tuple{10, 80, false}, {10, 80, true}, {60, 30, false}, {60, 30, true}}) {
    const Columns x = random_columns(static_cast<std::size_t>(columns), static_cast<std::size_t>(rows), 5);
    std::vector<double> weights;
    for (int i = 0; weighted && i < rows; ++i) weights.push_back(0.5 + i % 3);
    const auto dataset = regression(x, linear_target(x, 4, 6), weights);
    const FitResult chosen = Ridge{}.fit(FitInput{.train = DatasetView(dataset), .stop_at_round = 1});
    EXPECT_EQ(chosen.report.rounds, 1);
    const double alpha = detail(chosen, "alpha"), error = generalised_error(dataset, alpha);
    for (double factor : {0.3, 3.0}) EXPECT_GT(generalised_error(dataset, alpha * factor), error) << columns << factor;
  }
}

TEST(Ridge, RepeatedRowsEqualWeights) {
  const Columns x = random_columns(4, 50, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  std::vector<std::size_t> rows;
  std::vector<double> weights;
  for (std::size_t i = 0; i < 50; ++i) {
    weights.push_back(static_cast<double>(1 + i % 3));
    for (std::size_t copy = 0; copy <= i % 3; ++copy) rows.push_back(i);
  }
  const FitResult weighted = Ridge{}.fit(regression(x, y, weights));
  const FitResult repeated = Ridge{}.fit(regression(selected_rows(x, rows), selected(y, rows)));
  EXPECT_NEAR(detail(weighted, "alpha"), detail(repeated, "alpha"), 1e-10 * detail(weighted, "alpha"));
  const auto a = weighted.model->predict(table_of(x)).values, b = repeated.model->predict(table_of(x)).values;
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12);
}

TEST(Ridge, ScaleAndOriginOfColumnsDoNotMatter) {
  Columns x = random_columns(4, 50, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  const auto before = Ridge{}.fit(regression(x, y)).model->predict(table_of(x)).values;
  for (double& value : x[1]) value = value * 1e9 + 5e11;
  for (double& value : x[2]) value = value * 1e-9 - 3e-9;
  const auto after = Ridge{}.fit(regression(x, y)).model->predict(table_of(x)).values;
  // 5e11 beside 1e9: the column itself has lost 3 of 16 digits
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(before[i], after[i], 1e-10);
}

TEST(Ridge, ThreadsDoNotChangeABit) {
  Columns x = random_columns(12, 5000, 1);
  add_rare_columns(x, 6, 5000, 2);
  const auto dataset = regression(x, linear_target(x, 1, 3));
  std::vector<double> bits;
  for (int width : {1, 2, 7}) {
    const auto threads = make_executor(width);
    RunContext context;
    context.run_with = threads.get();
    const FitResult result = Ridge{}.fit(dataset, context);
    std::vector<double> all = fitted(result).state().weights;
    all.insert(all.end(), result.out_of_bag->values.begin(), result.out_of_bag->values.end());
    if (bits.empty()) bits = all;
    EXPECT_EQ(bits, all) << width;
  }
}

TEST(Ridge, OrderOfRowsHardlyMatters) {
  const Columns x = random_columns(6, 400, 1);
  const std::vector<double> y = linear_target(x, 1, 3);
  std::vector<std::size_t> rows(400);
  std::iota(rows.begin(), rows.end(), 0U);
  RandomStream(1, purpose("shuffle")).shuffle(rows);
  const auto a = Ridge{}.fit(regression(x, y)).model->predict(table_of(x)).values;
  const auto b = Ridge{}.fit(regression(selected_rows(x, rows), selected(y, rows))).model->predict(table_of(x)).values;
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-11);
}

TEST(Ridge, RowsOfAFoldAreReadLikeATableOfThem) {
  const Columns x = random_columns(5, 300, 1);
  const std::vector<double> y = linear_target(x, 1, 3);
  std::vector<std::size_t> rows;
  auto numbers = std::make_shared<std::vector<std::uint32_t>>();
  for (std::uint32_t i = 0; i < 300; ++i)
    if (i % 3 != 1) {
      rows.push_back(i);
      numbers->push_back(i);
    }
  const DatasetView view(regression(x, y), RowSet{numbers, 1});
  const FitResult fold = Ridge{}.fit(view), whole = Ridge{}.fit(regression(selected_rows(x, rows), selected(y, rows)));
  EXPECT_EQ(fitted(fold).state().weights, fitted(whole).state().weights);
  EXPECT_EQ(fold.out_of_bag->values, whole.out_of_bag->values);
}

TEST(Ridge, ManyRowsAndColumnsBySteps) {
  // more than 1,000 of both: conjugate gradients; the same penalty by the exact way on columns that are cut off by 0s
  const std::size_t rows = 1300, columns = 1100;
  Columns x(columns, std::vector<double>(rows, 0.0));
  const Columns few = random_columns(30, rows, 1);
  for (std::size_t j = 0; j < 30; ++j) x[j] = few[j];
  for (std::size_t j = 30; j < columns; ++j) x[j][j] = 1;  // a row of its own each
  const std::vector<double> y = linear_target(few, 1, 3);
  const FitResult result = Ridge{{.alpha = 50.0, .standardize = false}}.fit(regression(x, y));
  EXPECT_GT(result.report.rounds, 3);
  EXPECT_EQ(result.out_of_bag, nullptr);
  // the gradient of the objective is 0: X'(y - Xb - b0) = alpha b, and residuals sum to 0
  const auto fit = result.model->predict(table_of(x)).values;
  double total = 0;
  for (std::size_t i = 0; i < rows; ++i) total += y[i] - fit[i];
  EXPECT_NEAR(total, 0, 1e-8 * static_cast<double>(rows));
  for (std::size_t j = 0; j < columns; ++j) {
    double gradient = -50.0 * fitted(result).weight(j);
    for (std::size_t i = 0; i < rows; ++i) gradient += x[j][i] * (y[i] - fit[i]);
    EXPECT_NEAR(gradient, 0, 1e-4) << j;
  }
}

TEST(Ridge, DegenerateDataGiveFiniteModels) {
  const auto finite = [](const Columns& x, const std::vector<double>& y, std::optional<double> alpha = {}) {
    const FitResult result = Ridge{{.alpha = alpha}}.fit(regression(x, y));
    for (double value : result.model->predict(table_of(x)).values) EXPECT_TRUE(std::isfinite(value));
    if (result.out_of_bag) {
      for (double value : result.out_of_bag->values) EXPECT_TRUE(std::isfinite(value));
    }
  };
  const Columns x = random_columns(3, 20, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  finite({x[0], x[0], x[1], x[1]}, y);              // collinear
  finite({x[0], x[0], x[1], x[1]}, y, 0.0);         // ... without a penalty
  finite({std::vector<double>(20, 7.0), x[0]}, y);  // a constant column
  finite({std::vector<double>(20, 0.1)}, y);        // nothing but constants
  finite(x, std::vector<double>(20, 4.2));          // a constant target
  finite({{1}, {2}}, {5});                          // one row
  finite({{1, 2}, {2, 5}, {0, 1}}, {5, 6});         // two rows, three columns
  finite({{1e300, -1e300, 3}, {1e-300, 0, 2e-300}}, {1, 2, 3});
  finite(random_columns(30, 10, 3), std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.0);  // n < p, no penalty
}

TEST(Ridge, WithoutAPenaltyIsLeastSquares) {
  // y = 1 + 2 a - 3 b exactly
  const Columns x{{0, 1, 2, 3, 4}, {1, 0, 2, 1, 5}};
  std::vector<double> y;
  for (std::size_t i = 0; i < 5; ++i) y.push_back(1 + 2 * x[0][i] - 3 * x[1][i]);
  const FitResult result = Ridge{{.alpha = 0.0}}.fit(regression(x, y));
  EXPECT_NEAR(fitted(result).weight(0), 2, 1e-12);
  EXPECT_NEAR(fitted(result).weight(1), -3, 1e-12);
  EXPECT_NEAR(fitted(result).intercept(), 1, 1e-12);
}

TEST(Ridge, PredictionsAreFiniteForAnyInput) {
  const Columns x = random_columns(3, 50, 1);
  const FitResult result = Ridge{}.fit(regression(x, linear_target(x, 1, 2)));
  const double huge = std::numeric_limits<double>::max(), infinite = std::numeric_limits<double>::infinity();
  const auto values =
      result.model
          ->predict(
              table_of({{huge, -huge, infinite, std::nan("")}, {huge, huge, -infinite, 0}, {-huge, huge, infinite, 0}}))
          .values;
  for (double value : values) EXPECT_TRUE(std::isfinite(value));
  // clipped: one range beyond the largest value is as far as it goes
  const auto [low, high] = std::minmax_element(x[0].begin(), x[0].end());
  const double edge = *high + (*high - *low);
  const auto at = result.model->predict(table_of({{edge, 2 * edge + 1}, {0, 0}, {0, 0}})).values;
  EXPECT_EQ(at[0], at[1]);
  const auto inside = result.model->predict(table_of({{edge * 0.9}, {0}, {0}})).values;
  EXPECT_NE(at[0], inside[0]);
}

TEST(Ridge, AnInfiniteValueOfTrainingCountsAsTheEdge) {
  Columns x = random_columns(2, 50, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  const double low = *std::min_element(x[0].begin(), x[0].end()), high = *std::max_element(x[0].begin(), x[0].end());
  const double edge = high + (high - low);
  std::size_t at = 0;
  while (x[0][at] == low || x[0][at] == high) ++at;
  x[0][at] = std::numeric_limits<double>::infinity();
  const FitResult result = Ridge{}.fit(regression(x, y));
  Columns finite = x;
  finite[0][at] = edge;
  const auto a = result.model->predict(table_of(x)).values, b = result.model->predict(table_of(finite)).values;
  EXPECT_EQ(a, b);
  EXPECT_TRUE(std::isfinite(a[at]));
}

TEST(Ridge, MissingValuesAndWrongWeightsAreRefused) {
  const auto code = [](const std::shared_ptr<const Dataset>& dataset) {
    try {
      Ridge{}.fit(dataset);
    } catch (const Error& error) {
      return error.code();
    }
    return std::string();
  };
  EXPECT_EQ(code(regression({{1, std::nan(""), 3}}, {1, 2, 3})), "fit.missing");
  EXPECT_EQ(code(regression({{1, 2, 3}}, {1, 2, 3}, {1, -1, 1})), "data.weight_invalid");
  EXPECT_EQ(code(regression({{1, 2, 3}}, {1, 2, 3}, {0, 0, 0})), "data.weight_invalid");
  EXPECT_EQ(code(classification({{1, 2, 3}}, {0, 1, 1}, 2)), "fit.task");
}

TEST(Ridge, RowsWithoutWeightDoNotCount) {
  const Columns x = random_columns(3, 40, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  Columns more = x;
  std::vector<double> y_more = y, weights(40, 1.0);
  for (std::size_t j = 0; j < 3; ++j) more[j].push_back(0.5);
  y_more.push_back(1e6);
  weights.push_back(0);
  const FitResult with = Ridge{{.standardize = false}}.fit(regression(more, y_more, weights)),
                  without = Ridge{{.standardize = false}}.fit(regression(x, y));
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(fitted(with).weight(j), fitted(without).weight(j), 1e-12);
  EXPECT_EQ(with.out_of_bag->values[40], with.model->predict(table_of({{0.5}, {0.5}, {0.5}})).values[0]);
}

TEST(Ridge, ARowAndABatchAgreeAndSoDoesTheLoadedModel) {
  Columns x = random_columns(7, 700, 1);
  const FitResult result = Ridge{}.fit(regression(x, linear_target(x, 1, 2)));
  x[3][5] = std::nan("");
  x[2][6] = 1e308;
  const auto batch = result.model->predict(table_of(x)).values;
  EXPECT_EQ(batch, predict_row_by_row(*result.model, x));
  const Archive archive = saved(*result.model);
  const auto loaded = loaders().load_model(ArchiveReader(archive), result.model->context());
  EXPECT_EQ(batch, loaded->predict(table_of(x)).values);
}

TEST(Ridge, StopsAndReplays) {
  const Columns x = random_columns(5, 3000, 1);
  const auto dataset = regression(x, linear_target(x, 1, 2));
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  const FitResult none = Ridge{}.fit(dataset, late);  // not one column was read: there is no model yet
  EXPECT_EQ(none.report.stopped, "deadline");
  EXPECT_EQ(none.model, nullptr);
  const FitResult stopped = Ridge{}.fit(FitInput{.train = DatasetView(dataset), .stop_at_round = 0});
  for (double weight : fitted(stopped).state().weights) EXPECT_EQ(weight, 0);  // the mean alone
  const FitResult full = Ridge{}.fit(dataset);
  for (std::int64_t round : {0, 1, 2, 3}) {
    const FitResult replayed = Ridge{}.fit(FitInput{.train = DatasetView(dataset), .stop_at_round = round});
    EXPECT_EQ(replayed.report.rounds, round);
    EXPECT_EQ(replayed.out_of_bag != nullptr, round == 3);
    const FitResult* same = round == 0 ? &stopped : round >= 2 ? &full : nullptr;
    if (same != nullptr) {
      EXPECT_EQ(fitted(replayed).state().weights, fitted(*same).state().weights);
    }
  }
}

TEST(Ridge, DamagedFileIsRefused) {
  const Columns x = random_columns(3, 20, 1);
  const FitResult result = Ridge{}.fit(regression(x, linear_target(x, 1, 2)));
  const auto refused = [&](const std::function<void(Archive&)>& damage) {
    Archive archive = saved(*result.model);
    damage(archive);
    try {
      loaders().load_model(ArchiveReader(archive), result.model->context());
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "model_file.invalid");
    }
  };
  refused([](Archive& a) { a.root.object()["link"] = "cubic"; });
  refused([](Archive& a) {
    a.root.object()["link"] = "softmax";
    a.root.object()["weights"] = 3;
  });
  refused([](Archive& a) { a.root.object()["link"] = "logistic"; });
  refused([](Archive& a) { a.root.object()["state_version"] = 9; });
  for (std::size_t array = 0; array < 5; ++array) {
    refused([&](Archive& a) { a.arrays[array].bytes.resize(a.arrays[array].bytes.size() - 8); });
    refused([&](Archive& a) { a.arrays[array].type = ElementType::float32; });
    refused([&](Archive& a) {
      const double bad = std::nan("");
      std::memcpy(a.arrays[array].bytes.data(), &bad, 8);
    });
  }
}

TEST(Ridge, IntegerBooleanAndDatetimeColumnsAreTaken) {
  const std::vector<std::int32_t> whole{1, 2, 3, 4, 5};
  const bool flags[] = {true, false, true, true, false};
  std::vector<ColumnPtr> columns =
      Table::from({{"whole", std::span<const std::int32_t>(whole)}, {"flag", std::span<const bool>(flags)}}).columns();
  columns.push_back(
      make_number_column({.name = "when", .kind = ColumnKind::datetime}, {1.6e15, 1.61e15, 1.59e15, 1.7e15, 1.65e15}));
  Dataset dataset;
  dataset.features = Table(columns);
  dataset.target.values = {1, 2, 3, 4, 6};
  const FitResult result = Ridge{{.alpha = 1e-9}}.fit(make_dataset(std::move(dataset)));
  const auto values = result.model->predict(Table(columns)).values;
  const std::vector<double> y{1, 2, 3, 4, 6};
  double squares = 0;
  for (std::size_t i = 0; i < 5; ++i) squares += (values[i] - y[i]) * (values[i] - y[i]);
  EXPECT_LT(squares, 1.0);  // least squares in three columns; the mean alone leaves 14.8
}

}  // namespace
