// IterativeImpute: the conditional mean of a normal distribution solved directly, a plane, and how close it comes.

#include <Eigen/Dense>

#include "number_tools.hpp"
#include "preprocess/iterative_impute_fitted.hpp"

using namespace preprocess_tools;

namespace {

/// x, y and z = x + 2 y - 1; some cells are missing.
Table plane(std::size_t rows, double share) {
  RandomStream random(3, purpose("plane"));
  std::vector<double> x, y, z;
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(random.normal());
    y.push_back(3 * random.normal());
    z.push_back(x.back() + 2 * y.back() - 1);
    if (random.uniform() < share) (i % 3 == 0 ? x : i % 3 == 1 ? y : z).back() = missing;
  }
  return Table({number_column("x", x), number_column("y", y), number_column("z", z)});
}

TEST(IterativeImpute, FindsAPlane) {
  const Table table = plane(400, 0.3);
  const IterativeImpute impute{{.rounds = 30, .ridge = 1e-6, .indicators = "never"}};
  const Table out = fit_checked(impute, rows_of(table))->transform(table);
  double square = 0;
  for (std::size_t i = 0; i < out.rows(); ++i)
    square += std::pow(out[2].number(i) - out[0].number(i) - 2 * out[1].number(i) + 1, 2);
  // z has a deviation of 6; what is filled in stays within the values of training, and so misses the plane at its ends
  EXPECT_LT(std::sqrt(square / static_cast<double>(out.rows())), 0.15);
}

TEST(IterativeImpute, CompletionIsTheConditionalMean) {
  RandomStream random(4, purpose("completion"));
  constexpr int n = 6;
  Eigen::MatrixXd a(n, n);
  for (int i = 0; i < n * n; ++i) a.data()[i] = random.normal();
  const Eigen::MatrixXd covariance = a * a.transpose() / n + Eigen::MatrixXd::Identity(n, n),
                        precision = covariance.inverse();
  const NormalCompletion completion(n, std::vector<double>(precision.data(), precision.data() + n * n));
  std::vector<double> cells{0.5, missing, -1, missing, 0.3, missing};
  std::vector<std::uint32_t> scratch(n);
  completion.complete(cells.data(), scratch.data());
  // mean of the missing given the others: S_mo S_oo^-1 x_o
  const std::vector<int> there{0, 2, 4}, gone{1, 3, 5};
  Eigen::MatrixXd oo(3, 3), mo(3, 3);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      oo(i, j) = covariance(there[static_cast<std::size_t>(i)], there[static_cast<std::size_t>(j)]);
      mo(i, j) = covariance(gone[static_cast<std::size_t>(i)], there[static_cast<std::size_t>(j)]);
    }
  const Eigen::Vector3d expected = mo * oo.inverse() * Eigen::Vector3d(0.5, -1, 0.3);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(cells[static_cast<std::size_t>(2 * i + 1)], expected(i), 1e-9);
}

TEST(IterativeImpute, ComesCloserThanTheMean) {
  const Table full = number_reference_table();
  std::vector<ColumnPtr> columns;
  RandomStream random(9, purpose("holes"));
  std::vector<std::vector<double>> holes;
  for (std::size_t c = 0; c < full.size(); ++c) {
    holes.push_back(values_of(full, full[c].name()));
    for (double& value : holes.back())
      if (random.uniform() < 0.1) value = missing;
    columns.push_back(number_column(full[c].name(), holes.back()));
  }
  const Table table(columns);
  const Table filled = fit_checked(IterativeImpute{{.indicators = "never"}}, rows_of(table))->transform(table),
              plain = fit_checked(Impute{{.numeric = "mean", .indicators = "never"}}, rows_of(table))->transform(table);
  // GrLivArea and Shifted differ by a constant: where one is there, the other is known but for the penalty
  const std::string name = "GrLivArea";
  const std::size_t twin = full.schema()->column("Shifted");
  double error = 0, error_of_mean = 0;
  const std::size_t c = full.schema()->column(name);
  for (std::size_t i = 0; i < full.rows(); ++i) {
    if (!std::isnan(holes[c][i]) || std::isnan(holes[twin][i])) continue;
    error += std::pow(filled.column(name).number(i) - full.column(name).number(i), 2);
    error_of_mean += std::pow(plain.column(name).number(i) - full.column(name).number(i), 2);
  }
  EXPECT_LT(error, 0.01 * error_of_mean);
}

TEST(IterativeImpute, IndicatorsAndOtherColumns) {
  const Table table({number_column("a", {1, missing, 3, 4}), number_column("b", {2, 4, 6, 8}),
                     category_column("c", {"x", "", "y", "x"}),
                     number_column("none", {missing, missing, missing, missing}),
                     number_column("same", {5, missing, 5, 5}), number_column("a_missing", {1, 2, 3, 4})});
  const auto fitted = fit_checked(IterativeImpute{{.ridge = 1e-6}}, rows_of(table));
  const Table out = fitted->transform(table);
  EXPECT_EQ(out.schema()->names(), (std::vector<std::string>{"a", "b", "c", "none", "same", "a_missing", "a_missing_2",
                                                             "none_missing", "same_missing"}));
  EXPECT_NEAR(out.column("a").number(1), 2, 0.4);  // the mean of the others is 2.7
  EXPECT_EQ(out.columns()[2], table.columns()[2]);
  expect_same(values_of(out, "none"), {0, 0, 0, 0});
  expect_same(values_of(out, "same"), {5, 5, 5, 5});
  expect_same(values_of(out, "a_missing_2"), {0, 1, 0, 0});
  EXPECT_EQ(out.column("a_missing_2").kind(), ColumnKind::boolean);
}

TEST(IterativeImpute, FewestMissingCellsAreKept) {
  const Table table = plane(90, 0.4);
  const auto fitted = fit_checked(IterativeImpute{{.max_columns = 1}}, rows_of(table));
  const auto mean = fitted->transform(
      Table({number_column("x", {missing, 1}), number_column("y", {5, 5}), number_column("z", {missing, missing})}));
  EXPECT_EQ(mean[2].number(0), mean[2].number(1));  // no column but its own tells anything
}

TEST(IterativeImpute, WeightsAreCopiesAndOrderDoesNotMatter) {
  const Table table = plane(60, 0.3);
  std::vector<double> weights;
  std::vector<std::vector<double>> repeated(3), reversed(3);
  for (std::size_t i = 0; i < 60; ++i) {
    weights.push_back(static_cast<double>(1 + i % 3));
    for (std::size_t c = 0; c < 3; ++c) {
      repeated[c].insert(repeated[c].end(), 1 + i % 3, table[c].number(i));
      reversed[c].insert(reversed[c].begin(), table[c].number(i));
    }
  }
  const auto table_of = [](const std::vector<std::vector<double>>& v) {
    return Table({number_column("x", v[0]), number_column("y", v[1]), number_column("z", v[2])});
  };
  const auto made = [&](const DatasetView& rows) { return fit_checked(IterativeImpute{}, rows)->transform(table); };
  const Table a = made(rows_of(table, weights)), b = made(rows_of(table_of(repeated))), c = made(rows_of(table)),
              d = made(rows_of(table_of(reversed)));
  for (const char* name : {"x", "y", "z"}) expect_same(values_of(a, name), values_of(b, name), 1e-9);
  expect_equal_tables(c, d);
}

TEST(IterativeImpute, DegenerateTables) {
  const double huge = 1.7e308;
  for (const std::vector<double>& values : {std::vector<double>{missing, missing},
                                            {},
                                            {3},
                                            {huge, -huge, missing},
                                            {infinite, 1, 2, missing},
                                            {-infinite, infinite, missing}}) {
    const auto fitted = fit_checked(IterativeImpute{}, rows_of(one_column(values)));
    EXPECT_TRUE(std::isfinite(fitted->transform(one_column({missing}))[0].number(0)));
    EXPECT_EQ(fitted->transform(one_column({infinite}))[0].number(0), infinite);
  }
  expect_other_kinds_pass(IterativeImpute{});
}

TEST(IterativeImpute, DamagedFileIsRefused) {
  const auto fitted = fit_checked(IterativeImpute{}, rows_of(plane(30, 0.3)));
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{7}; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = a.arrays[0].bytes[4]; });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 1, 0); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 2, 1e9); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 2, 0, -1); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 2, 1, infinite); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 3, 1, missing); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[2].bytes.resize(8); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[4].bytes[0] = std::byte{9}; });
}

}  // namespace
