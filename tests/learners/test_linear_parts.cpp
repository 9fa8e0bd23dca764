// The parts of linear learners against plain loops.

#include <gtest/gtest.h>

#include "learners/linear_design.hpp"
#include "learners/linear_gram.hpp"
#include "learners/linear_lbfgs.hpp"
#include "learners/linear_tridiagonal.hpp"
#include "linear_tools.hpp"

using namespace linear_tools;
namespace parts = automill::linear;

namespace {

std::vector<double> random_numbers(std::size_t count, std::uint64_t seed) { return random_columns(1, count, seed)[0]; }

TEST(LinearParts, ProductEqualsALoop) {
  constexpr std::size_t rows = parts::tile_rows;
  for (std::size_t inner : {0U, 1U, 7U})
    for (std::size_t columns : {1U, 3U, 4U, 9U}) {
      const std::size_t stride = columns + 2;
      const auto a = random_numbers(rows * inner, 1), b = random_numbers(inner * stride, 2);
      auto out = random_numbers(rows * columns, 3), expected = out;
      for (std::size_t c = 0; c < columns; ++c)
        for (std::size_t i = 0; i < rows; ++i)
          for (std::size_t k = 0; k < inner; ++k) expected[c * rows + i] += a[k * rows + i] * b[k * stride + c];
      parts::add_product(a.data(), inner, b.data(), stride, out.data(), columns);
      EXPECT_EQ(out, expected);  // the same order of operations
    }
}

TEST(LinearParts, TransposedProductEqualsALoop) {
  constexpr std::size_t rows = parts::tile_rows;
  for (std::size_t left : {1U, 2U, 5U, 8U})
    for (std::size_t right : {1U, 4U, 5U, 8U}) {
      const std::size_t stride = right + 1;
      const auto a = random_numbers(rows * left, 1), b = random_numbers(rows * right, 2);
      const auto before = random_numbers(left * stride, 3);
      auto all = before, upper = before;
      parts::add_transposed_product(a.data(), left, b.data(), right, all.data(), stride);
      if (left == right)
        parts::add_transposed_product(a.data(), left, b.data(), right, upper.data(), stride, parts::Part::upper);
      for (std::size_t r = 0; r < left; ++r)
        for (std::size_t c = 0; c < right; ++c) {
          double sum = before[r * stride + c];
          for (std::size_t i = 0; i < rows; ++i) sum += a[r * rows + i] * b[c * rows + i];
          EXPECT_NEAR(all[r * stride + c], sum, 1e-12);
          if (left == right && c >= r) {
            EXPECT_EQ(upper[r * stride + c], all[r * stride + c]);
          }
        }
    }
}

/// A symmetric positive definite matrix.
std::vector<double> symmetric(std::size_t size, std::uint64_t seed) {
  const auto x = random_columns(size, size + 3, seed);
  std::vector<double> matrix(size * size);
  for (std::size_t a = 0; a < size; ++a)
    for (std::size_t b = 0; b < size; ++b)
      for (std::size_t i = 0; i < size + 3; ++i) matrix[a * size + b] += x[a][i] * x[b][i];
  return matrix;
}

TEST(LinearParts, TridiagonalFormSolvesShiftedEquations) {
  for (std::size_t size : {1U, 2U, 3U, 17U}) {
    const auto matrix = symmetric(size, 5);
    const parts::Tridiagonal t = *parts::reduce_symmetric(matrix, size, {});
    const auto right = random_numbers(size, 6);
    const parts::ShiftedTridiagonal shifted(t, 0.7, 0.3);
    const auto x = t.rotate_back(shifted.solve(t.rotate(right)));
    for (std::size_t a = 0; a < size; ++a) {
      double sum = 0.3 * x[a];
      for (std::size_t b = 0; b < size; ++b) sum += 0.7 * matrix[a * size + b] * x[b];
      EXPECT_NEAR(sum, right[a], 1e-11);
    }
    double trace = 0;
    for (std::size_t a = 0; a < size; ++a) {
      std::vector<double> unit(size, 0.0);
      unit[a] = 1;
      trace += shifted.solve(unit)[a];
    }
    EXPECT_NEAR(shifted.inverse_trace(), trace, 1e-12 * trace);
  }
}

TEST(LinearParts, TridiagonalFormsEqualSolves) {
  constexpr std::size_t size = 9, rows = parts::tile_rows;
  const parts::Tridiagonal t = *parts::reduce_symmetric(symmetric(size, 5), size, {});
  const parts::ShiftedTridiagonal shifted(t, 1, 0.5);
  const auto z = random_numbers(rows * size, 1), right = random_numbers(size, 2);
  std::vector<double> quadratic(rows), linear_form(rows);
  const auto half = shifted.half_solve(right);
  parts::tridiagonal_forms(z.data(), size, shifted.ratios().data(), shifted.inverse_pivots().data(), half.data(),
                           quadratic.data(), linear_form.data());
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<double> row(size);
    for (std::size_t k = 0; k < size; ++k) row[k] = z[k * rows + i];
    const auto solved = shifted.solve(row);
    double expected_quadratic = 0, expected_linear = 0;
    for (std::size_t k = 0; k < size; ++k) {
      expected_quadratic += row[k] * solved[k];
      expected_linear += right[k] * solved[k];
    }
    EXPECT_NEAR(quadratic[i], expected_quadratic, 1e-12);
    EXPECT_NEAR(linear_form[i], expected_linear, 1e-12);
  }
}

TEST(LinearParts, GramEqualsALoopForAnyWeights) {
  Columns x = random_columns(4, 700, 1);
  add_rare_columns(x, 5, 700, 2);
  for (auto& column : x)
    for (double& value : column) value *= 3;
  const auto dataset = regression(x, random_numbers(700, 3));
  parts::Design design(DatasetView(dataset), true, {});
  design.lay_out(parts::Layout::sparse_where_possible);
  ASSERT_EQ(design.dense_columns(), 4U);
  ASSERT_EQ(design.columns(), 9U);
  const auto tiles = *design.read_tiles(dataset->features, design.rows().rows, {});
  std::vector<double> weights = random_numbers(700, 4), targets = random_numbers(700, 5);
  for (double& weight : weights) weight *= weight;
  const auto gram = parts::weighted_gram(design, tiles.size(),
                                         [&](std::size_t t, parts::Tile&) -> const parts::Tile& { return tiles[t]; },
                                         weights, targets, {});
  const auto standardised = [&](std::size_t j, std::size_t i) {  // dense columns come first, as they do in x
    double mean = 0, squares = 0;
    for (double value : x[j]) mean += value / 700;
    for (double value : x[j]) squares += (value - mean) * (value - mean) / 700;
    return (x[j][i] - mean) / (j < 4 ? std::sqrt(squares) : 1.5);  // half of the distance of 0 and 3
  };
  for (std::size_t a = 0; a < 9; ++a) {
    double sum = 0, target = 0;
    for (std::size_t i = 0; i < 700; ++i) {
      sum += weights[i] * standardised(a, i);
      target += weights[i] * standardised(a, i) * targets[i];
    }
    EXPECT_NEAR(gram->sums[a], sum, 1e-9);
    EXPECT_NEAR(gram->target[a], target, 1e-9);
    for (std::size_t b = 0; b < 9; b += 4) {
      double product = 0;
      for (std::size_t i = 0; i < 700; ++i) product += weights[i] * standardised(a, i) * standardised(b, i);
      EXPECT_NEAR(gram->products[a * 9 + b], product, 1e-9);
      EXPECT_EQ(gram->products[a * 9 + b], gram->products[b * 9 + a]);
    }
  }
}

TEST(LinearParts, CopiesOfARowAreOneRow) {
  const auto dataset =
      regression({{1, 2, 1, 2, 0, -0.0}, {5, 6, 5, 6, 7, 7}}, {1, 2, 1, 3, 0, -0.0}, {1, 1, 2, 1, 1, 0});
  const parts::Design design(DatasetView(dataset), true, {});
  EXPECT_EQ(design.rows().rows, (std::vector<std::uint32_t>{0, 1, 3, 4}));
  EXPECT_EQ(design.rows().weights, (std::vector<double>{3, 1, 1, 1}));
  EXPECT_EQ(design.rows().of_view_row, (std::vector<std::int32_t>{0, 1, 0, 2, 3, -1}));
}

TEST(LinearParts, LbfgsFindsTheMinimumOfAConvexFunction) {
  // sum of c_i (x_i - i)^2 + x_i^4 / 100; the minimum by Newton's method in one dimension. The curvatures span five
  // powers of 10: with them as the preconditioner 60 iterations are plenty, without 500 are not enough (SciPy's
  // L-BFGS-B needs 949)
  const std::size_t size = 12;
  const auto factor = [](std::size_t i) { return std::pow(10.0, static_cast<double>(i) / 2); };
  const auto evaluate = [&](const std::vector<double>& x) -> std::optional<parts::Evaluation> {
    parts::Evaluation at{0, std::vector<double>(size)};
    for (std::size_t i = 0; i < size; ++i) {
      const double d = x[i] - static_cast<double>(i);
      at.value += factor(i) * d * d + std::pow(x[i], 4) / 100;
      at.gradient[i] = 2 * factor(i) * d + std::pow(x[i], 3) / 25;
    }
    return at;
  };
  const auto scaled = [&](std::vector<double> g) {
    for (std::size_t i = 0; i < size; ++i) g[i] /= factor(i);
    return g;
  };
  const auto result = parts::minimize_lbfgs(std::vector<double>(size, 50.0), evaluate, scaled, {.tolerance = 1e-8});
  EXPECT_FALSE(result.stopped);
  EXPECT_LT(result.iterations, 60);
  for (std::size_t i = 0; i < size; ++i) {
    double x = static_cast<double>(i);
    for (int step = 0; step < 50; ++step)
      x -= (2 * factor(i) * (x - static_cast<double>(i)) + x * x * x / 25) / (2 * factor(i) + 3 * x * x / 25);
    EXPECT_NEAR(result.point[i], x, 1e-8);
  }
}

TEST(LinearParts, LbfgsEndsAtTheLastCompleteIterationWhenStopped) {
  int left = 25;
  const auto evaluate = [&](const std::vector<double>& x) -> std::optional<parts::Evaluation> {
    if (left-- == 0) return std::nullopt;
    return parts::Evaluation{x[0] * x[0] * x[0] * x[0], {4 * x[0] * x[0] * x[0]}};
  };
  const auto result = parts::minimize_lbfgs({3.0}, evaluate, [](const auto& g) { return g; }, {.tolerance = 1e-30});
  EXPECT_TRUE(result.stopped);
  EXPECT_GT(result.iterations, 0);
  EXPECT_LT(std::abs(result.point[0]), 3);
}

}  // namespace
