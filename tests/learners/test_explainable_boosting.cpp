// The explainable boosting machine: closed forms, a plain reference implementation, and what its functions promise.

#include <automill/automl/train.hpp>
#include <automill/metrics/metrics.hpp>

#include "additive_tools.hpp"

using namespace additive_tools;

namespace automill {
namespace {

FitResult fit(const ExplainableBoostingParameters& parameters, const std::shared_ptr<const Dataset>& data,
              const RunContext& context = {}) {
  return ExplainableBoosting(parameters).fit(data, context);
}

std::vector<double> predictions(const FitResult& fit, const Table& rows) { return fit.model->predict(rows).values; }

/// One column of seven values, all of whose means can be reached: least squares is the mean of each. With the full
/// learning rate the error falls by a factor a round; single precision ends it.
TEST(ExplainableBoosting, OneColumnConvergesToTheMeans) {
  Columns x(1);
  std::vector<double> y, sum(7, 0.0), count(7, 0.0);
  RandomStream random(1, purpose("one column"));
  for (std::size_t i = 0; i < 300; ++i) {
    x[0].push_back(static_cast<double>(random.below(7)));
    y.push_back(std::sin(x[0][i]) + 0.3 * random.normal());
    sum[static_cast<std::size_t>(x[0][i])] += y[i];
    count[static_cast<std::size_t>(x[0][i])] += 1;
  }
  const FitResult result = fit(plain(200, 1.0), regression(x, y));
  const auto got = predictions(result, table_of({{0, 1, 2, 3, 4, 5, 6}}));
  for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(got[k], sum[k] / count[k], 1e-5);
}

/// Rounds of two leaves on one column, done in plain loops.
TEST(ExplainableBoosting, OneColumnIsBoostedStumps) {
  Columns x(1);
  std::vector<double> y;
  RandomStream random(2, purpose("one column"));
  for (std::size_t i = 0; i < 200; ++i) {
    x[0].push_back(static_cast<double>(random.below(9)));
    y.push_back(x[0][i] * x[0][i] + 5 * random.normal());
  }
  auto parameters = plain(25, 0.3);
  parameters.max_leaves = 2;
  const FitResult result = fit(parameters, regression(x, y));
  double mean = 0;
  for (double value : y) mean += value / static_cast<double>(y.size());
  std::vector<double> table(9, mean);
  for (int round = 0; round < 25; ++round) {
    double best = 0, values[2] = {};
    std::size_t place = 9;
    for (std::size_t cut = 0; cut < 8; ++cut) {
      double g[2] = {}, n[2] = {};
      for (std::size_t i = 0; i < y.size(); ++i) {
        const std::size_t side = x[0][i] > static_cast<double>(cut) ? 1 : 0;
        g[side] += y[i] - table[static_cast<std::size_t>(x[0][i])];
        n[side] += 1;
      }
      const double gain = g[0] * g[0] / n[0] + g[1] * g[1] / n[1] - (g[0] + g[1]) * (g[0] + g[1]) / (n[0] + n[1]);
      if (gain <= best) continue;
      best = gain;
      place = cut;
      for (std::size_t side = 0; side < 2; ++side) values[side] = g[side] / n[side];
    }
    for (std::size_t k = 0; k < 9; ++k) table[k] += 0.3 * values[k > place ? 1 : 0];
  }
  const auto got = predictions(result, table_of({{0, 1, 2, 3, 4, 5, 6, 7, 8}}));
  for (std::size_t k = 0; k < 9; ++k) EXPECT_NEAR(got[k], table[k], 2e-4);  // single precision of values up to 64
}

/// Two classes: the function of a column of few values ends at their log-odds.
TEST(ExplainableBoosting, TwoClassesConvergeToLogOdds) {
  Columns x(1);
  std::vector<std::int32_t> labels;
  const int ones[3] = {10, 45, 80};
  for (int value = 0; value < 3; ++value)
    for (int i = 0; i < 100; ++i) {
      x[0].push_back(value);
      labels.push_back(i < ones[value] ? 1 : 0);
    }
  const FitResult result = fit(plain(400, 0.2), classification(x, labels, 2));
  const Predictions got = result.model->predict(table_of({{0, 1, 2}}));
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(got.row(k)[1], ones[k] / 100.0, 1e-4);
}

TEST(ExplainableBoosting, ThreeClassesConvergeToShares) {
  Columns x(1);
  std::vector<std::int32_t> labels;
  const int shares[2][3] = {{20, 30, 50}, {60, 30, 10}};
  for (int value = 0; value < 2; ++value)
    for (int k = 0; k < 3; ++k)
      for (int i = 0; i < shares[value][k]; ++i) {
        x[0].push_back(value);
        labels.push_back(k);
      }
  const FitResult result = fit(plain(400, 0.2), classification(x, labels, 3));
  const Predictions got = result.model->predict(table_of({{0, 1}}));
  for (std::size_t v = 0; v < 2; ++v)
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(got.row(v)[k], shares[v][k] / 100.0, 1e-4);
}

TEST(ExplainableBoosting, CountsConvergeToMeans) {
  Columns x(1);
  std::vector<double> y;
  for (int i = 0; i < 120; ++i) {
    x[0].push_back(i % 2);
    y.push_back(i % 2 == 0 ? i % 3 : 40 + i % 5);
  }
  auto parameters = plain(400, 0.2);
  parameters.objective = "poisson";
  const auto got = predictions(fit(parameters, regression(x, y)), table_of({{0, 1}}));
  double sums[2] = {};
  for (std::size_t i = 0; i < y.size(); ++i) sums[i % 2] += y[i] / 60;
  EXPECT_NEAR(got[0], sums[0], 1e-3);
  EXPECT_NEAR(got[1], sums[1], 1e-3 * sums[1]);
}

TEST(ExplainableBoosting, WeightsAreRepeatedRows) {
  Columns x(2), repeated(2);
  std::vector<double> y, weights, more;
  RandomStream random(3, purpose("weights"));
  for (std::size_t i = 0; i < 400; ++i) {
    const double a = static_cast<double>(random.below(6)), b = static_cast<double>(random.below(5));
    const double target = a - b * b + random.normal();
    const std::size_t copies = 1 + random.below(3);
    x[0].push_back(a);
    x[1].push_back(b);
    y.push_back(target);
    weights.push_back(static_cast<double>(copies));
    for (std::size_t k = 0; k < copies; ++k) {
      repeated[0].push_back(a);
      repeated[1].push_back(b);
      more.push_back(target);
    }
  }
  const auto with = predictions(fit(plain(60, 0.2), regression(x, y, weights)), table_of(x));
  const auto without = predictions(fit(plain(60, 0.2), regression(repeated, more)), table_of(x));
  EXPECT_LT(largest_difference(with, without), 1e-4);  // sums of single precision in another order
}

TEST(ExplainableBoosting, RowOrderAndThreadsChangeNoBit) {
  const Columns x = linear_tools::random_columns(5, 700, 4);
  const std::vector<double> y = product_target(x, 0.3);
  auto parameters = quick();
  parameters.outer_bags = 19;  // three groups
  const auto wanted = bits_of(predictions(fit(parameters, regression(x, y)), table_of(x)));
  for (int threads : {2, 5}) {
    const auto executor = make_executor(threads);
    EXPECT_EQ(bits_of(predictions(fit(parameters, regression(x, y), {.run_with = executor.get()}), table_of(x))),
              wanted);
  }
  const std::vector<std::size_t> order = tree_tools::shuffled_rows(y.size(), 9);
  Columns shuffled(5);
  std::vector<double> shuffled_y;
  for (std::size_t row : order) {
    for (std::size_t j = 0; j < 5; ++j) shuffled[j].push_back(x[j][row]);
    shuffled_y.push_back(y[row]);
  }
  EXPECT_EQ(bits_of(predictions(fit(parameters, regression(shuffled, shuffled_y)), table_of(x))), wanted);
}

TEST(ExplainableBoosting, ConstantColumnsChangeNothing) {
  Columns x = linear_tools::random_columns(4, 400, 6);
  const std::vector<double> y = product_target(x, 0.2);
  const FitResult without = fit(quick(), regression(x, y));
  Columns more = x;
  more.emplace_back(400, 3.5);
  const auto dataset = regression(more, y);
  // the row keys, which choose the bags, are made of all columns: those of the table without the constant one count
  Dataset same{.features = dataset->features, .target = dataset->target, .keys = regression(x, y)->keys};
  const FitResult with = fit(quick(), make_dataset(std::move(same)));
  EXPECT_EQ(bits_of(predictions(with, table_of(more))), bits_of(predictions(without, table_of(x))));
  EXPECT_EQ(additive(with).state().columns.size(), 4U);
}

TEST(ExplainableBoosting, FunctionsAreCentredAndPurified) {
  Columns x = linear_tools::random_columns(4, 900, 7);
  for (std::size_t i = 0; i < 900; ++i) x[1][i] = 0.8 * x[0][i] + 0.6 * x[1][i];  // correlated: there is much to purify
  const FitResult result = fit(quick(), regression(x, product_target(x, 0.2)));
  const AdditiveState& state = additive(result).state();
  ASSERT_FALSE(state.pairs.empty());
  for (const AdditiveMain& main : state.mains) {
    double sum = 0;
    for (std::size_t bin = 0; bin < main.values.size(); ++bin) sum += main.weights[bin] * main.values[bin];
    EXPECT_NEAR(sum / 900, 0, 1e-12);
  }
  for (const AdditivePair& pair : state.pairs) {
    double weight = 0;
    for (double each : pair.weights) weight += each;
    EXPECT_DOUBLE_EQ(weight, 900);
    for (std::size_t a = 0; a < pair.first_groups; ++a) {
      double sum = 0;
      for (std::size_t b = 0; b < pair.second_groups; ++b)
        sum += pair.weights[a * pair.second_groups + b] * pair.values[a * pair.second_groups + b];
      EXPECT_NEAR(sum, 0, 1e-7);
    }
    for (std::size_t b = 0; b < pair.second_groups; ++b) {
      double sum = 0;
      for (std::size_t a = 0; a < pair.first_groups; ++a)
        sum += pair.weights[a * pair.second_groups + b] * pair.values[a * pair.second_groups + b];
      EXPECT_NEAR(sum, 0, 1e-7);
    }
  }
}

TEST(ExplainableBoosting, FindsThePairThatIsThere) {
  const Columns x = linear_tools::random_columns(6, 1500, 8);
  auto parameters = quick();
  parameters.interactions = 1;
  parameters.max_rounds = 300;
  const FitResult result = fit(parameters, regression(x, product_target(x, 0.2)));
  const AdditiveModel& model = additive(result);
  ASSERT_EQ(model.state().pairs.size(), 1U);
  EXPECT_EQ(model.state().columns[model.state().pairs[0].first].column, 1U);
  EXPECT_EQ(model.state().columns[model.state().pairs[0].second].column, 2U);
  for (const AdditiveTerm& term : model.terms()) {
    if (term.axes.size() == 2) {
      EXPECT_GT(term.importance, 0.5);  // E|1.5 a b| = 1.5 * 2 / pi = 0.95, less what learning leaves out
    }
  }
}

/// Every row against every other value of the column that training saw or did not see.
TEST(ExplainableBoosting, MonotoneConstraintsHold) {
  for (int sign : {1, -1}) {
    Columns x = linear_tools::random_columns(3, 600, 10);
    std::vector<double> y = product_target({x[0], x[1], x[2], x[0]}, 1.0);
    for (std::size_t i = 0; i < 600; i += 10) x[0][i] = missing;
    std::vector<std::int32_t> labels;
    for (double value : y) labels.push_back(value > 0.5 ? 1 : 0);
    auto parameters = quick();
    parameters.monotone_constraints = Object{{"x0", sign}, {"x1", 1}};
    for (const auto& data : {regression(x, y), classification(x, labels, 2)}) {
      const FitResult result = fit(parameters, data);
      Columns grid(3);
      for (int k = 0; k < 40; ++k)
        for (int other = 0; other < 20; ++other) {
          grid[0].push_back(-4 + 0.2 * k);
          grid[1].push_back(-2 + 0.2 * other);
          grid[2].push_back(0.3 * other - 3);
        }
      const Predictions got = result.model->predict(table_of(grid));
      for (std::size_t i = 20; i < got.rows(); ++i)
        EXPECT_GE(sign * (got.row(i).back() - got.row(i - 20).back()), -1e-12);
    }
  }
}

TEST(ExplainableBoosting, MissingAndUnseen) {
  RandomStream random(11, purpose("missing"));
  std::vector<double> number, y;
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < 600; ++i) {
    const bool hole = random.below(5) == 0;
    number.push_back(hole ? missing : random.normal());
    codes.push_back(static_cast<std::int32_t>(random.below(4)));
    y.push_back((hole ? 3.0 : number[i]) + (codes[i] == 2 ? 2.0 : 0.0) + 0.1 * random.normal());
  }
  Dataset dataset;
  dataset.features = Table({number_column("number", number), category_column("kind", codes, 5)});
  dataset.target.values = y;
  auto parameters = quick();
  parameters.interactions = 0;
  parameters.max_rounds = 400;
  const FitResult result = fit(parameters, make_dataset(std::move(dataset)));
  const Table rows({number_column("number", {missing, missing, 0.0, 0.0}), category_column("kind", {0, 2, 2, 4}, 5)});
  const auto got = predictions(result, rows);
  EXPECT_NEAR(got[0], 3.0, 0.15);  // noise of 0.1 on some 30 rows, a boosted fit, rounded up
  EXPECT_NEAR(got[1] - got[0], 2.0, 0.1);
  EXPECT_NEAR(got[2], 2.0, 0.25);
  const AdditiveState& state = additive(result).state();
  EXPECT_EQ(state.mains[1].values[0], 0.0);  // category 4 was never there
  const Table other({number_column("number", {0.0}), category_column("kind", {5}, 5)});
  EXPECT_EQ(predictions(result, other)[0], got[3]);
}

TEST(ExplainableBoosting, ContributionsSumToTheScore) {
  const Columns x = linear_tools::random_columns(5, 500, 12);
  const std::vector<double> y = product_target(x, 0.2);
  std::vector<std::int32_t> labels, three;
  for (double value : y) labels.push_back(value > 0.5 ? 1 : 0);
  for (double value : y) three.push_back(value > 1 ? 2 : value > 0 ? 1 : 0);
  for (const auto& data : {regression(x, y), classification(x, labels, 2), classification(x, three, 3)}) {
    const FitResult result = fit(quick(), data);
    const AdditiveModel& model = additive(result);
    const Predictions got = model.predict(data->features);
    const Contributions why = contributions(model, TableView(data->features)),
                        against = contributions(model, TableView(data->features), TableView(data->features, 0, 50));
    const Interactions between = interactions(model, TableView(data->features));
    for (std::size_t i = 0; i < got.rows(); ++i) {
      std::vector<double> scores, out(got.width);
      for (std::size_t k = 0; k < why.outputs; ++k) {
        double sum = 0, other = 0;
        for (double part : why.of(i, k)) sum += part;
        for (double part : against.of(i, k)) other += part;
        EXPECT_NEAR(sum, other, 1e-9);
        scores.push_back(sum);
        for (std::size_t a = 0; a < 5; ++a) {
          double line = 0;
          for (std::size_t b = 0; b < 5; ++b) {
            line += between.of(i, k, a, b);
            EXPECT_EQ(between.of(i, k, a, b), between.of(i, k, b, a));
          }
          EXPECT_NEAR(line, why.of(i, k)[a], 1e-12);
        }
      }
      tree::transform_scores(model.state().transform, scores.data(), scores.size(), 1, out.data());
      for (std::size_t k = 0; k < out.size(); ++k) EXPECT_NEAR(out[k], got.row(i)[k], 1e-9);
    }
  }
}

/// The definition: all subsets of columns, the others those of each background row.
TEST(ExplainableBoosting, ContributionsAgainstABackgroundAreShapleyValues) {
  const std::size_t columns = 4, others = 7;
  const Columns x = linear_tools::random_columns(columns, 400, 13);
  const auto data = regression(x, product_target(x, 0.1));
  const FitResult result = fit(quick(), data);
  ASSERT_FALSE(additive(result).state().pairs.empty());
  const TableView background(data->features, 0, others);
  const Contributions why = contributions(additive(result), TableView(data->features, 100, 5), background);
  const double weight_of_size[4] = {1.0 / 4, 1.0 / 12, 1.0 / 12, 1.0 / 4};  // s! (3 - s)! / 4!
  for (std::size_t row = 0; row < 5; ++row) {
    std::vector<double> game(1 << columns, 0.0);
    for (std::uint32_t known = 0; known < game.size(); ++known) {
      Columns mixed(columns);
      for (std::size_t b = 0; b < others; ++b)
        for (std::size_t c = 0; c < columns; ++c) mixed[c].push_back(x[c][(known >> c & 1) != 0 ? 100 + row : b]);
      for (double value : predictions(result, table_of(mixed))) game[known] += value / others;
    }
    for (std::size_t c = 0; c < columns; ++c) {
      double value = 0;
      for (std::uint32_t known = 0; known < game.size(); ++known)
        if ((known >> c & 1) == 0)
          value += weight_of_size[std::popcount(known)] * (game[known | 1U << c] - game[known]);
      EXPECT_NEAR(why.of(row, 0)[c], value, 1e-10);
    }
  }
}

TEST(ExplainableBoosting, TermsDescribeTheFunctions) {
  const Columns x = linear_tools::random_columns(4, 500, 14);
  const auto data = regression(x, product_target(x, 0.2));
  const FitResult result = fit(quick(), data);
  const AdditiveModel& model = additive(result);
  const std::vector<AdditiveTerm> terms = model.terms();
  ASSERT_EQ(terms.size(), model.state().columns.size() + model.state().pairs.size());
  for (std::size_t t = 0; t < terms.size(); ++t) {
    std::size_t cells = 1;
    for (const auto& axis : terms[t].axes) {
      EXPECT_EQ(axis.labels.size(), axis.edges.size() + 2);
      EXPECT_EQ(axis.labels.front(), "missing");
      EXPECT_TRUE(std::is_sorted(axis.edges.begin(), axis.edges.end()));
      cells *= axis.labels.size();
    }
    EXPECT_EQ(terms[t].values.size(), cells);
    EXPECT_EQ(terms[t].standard_errors.size(), cells);
    EXPECT_GT(*std::max_element(terms[t].standard_errors.begin(), terms[t].standard_errors.end()), 0);
    if (t > 0) EXPECT_LE(terms[t].importance, terms[t - 1].importance);
  }
  // a function at a value is the difference that the column makes
  const auto of_column = std::find_if(terms.begin(), terms.end(), [](const AdditiveTerm& term) {
    return term.axes.size() == 1 && term.axes[0].column == "x0";
  });
  const auto place = [&](double value) {
    const auto& edges = of_column->axes[0].edges;
    return 1 + (std::lower_bound(edges.begin(), edges.end(), value) - edges.begin());
  };
  auto parameters = quick();
  parameters.interactions = 0;
  const FitResult alone = fit(parameters, data);
  const auto got = predictions(alone, table_of({{-1, 1}, {0, 0}, {0, 0}, {0, 0}}));
  const auto& values = additive(alone).state().mains[0].values;
  EXPECT_NEAR(got[1] - got[0], values[static_cast<std::size_t>(place(1))] - values[static_cast<std::size_t>(place(-1))],
              1e-12);
}

TEST(ExplainableBoosting, RowPredictorsAllocateNothing) {
  const Columns x = linear_tools::random_columns(5, 300, 15);
  const FitResult result = fit(quick(), regression(x, product_target(x, 0.2)));
  const auto one = result.model->row_predictor();
  const double cells[5] = {0.1, -2, missing, 1e300, 0};
  double out = 0, again = 0;
  one->predict({cells, nullptr}, {&out, 1});
  one->predict({cells, nullptr}, {&again, 1});
  EXPECT_EQ(out, again);
  EXPECT_TRUE(std::isfinite(out));
}

TEST(ExplainableBoosting, RefusesWhatItCannotDo) {
  const Columns x = linear_tools::random_columns(2, 60, 16);
  std::vector<std::int32_t> three;
  for (std::size_t i = 0; i < 60; ++i) three.push_back(static_cast<std::int32_t>(i % 3));
  const auto code_of = [](const auto& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("none");
  };
  auto parameters = quick();
  parameters.monotone_constraints = Object{{"x0", 1}};
  EXPECT_EQ(code_of([&] { fit(parameters, classification(x, three, 3)); }), "fit.monotone_classes");
  parameters = quick();
  parameters.objective = "poisson";
  EXPECT_EQ(code_of([&] { fit(parameters, classification(x, three, 3)); }), "parameter.unknown_choice");
  std::vector<double> negative(60, -1.0);
  EXPECT_EQ(code_of([&] { fit(parameters, regression(x, negative)); }), "fit.target_negative");
}

}  // namespace
}  // namespace automill
