// Kernel ridge regression against scikit-learn (kernel_reference.json), explicit refits, and properties.

#include <gtest/gtest.h>

#include <automill/learners/kernel_ridge.hpp>

#include "learners/kernel_system.hpp"
#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

TEST(KernelRidge, AgreesWithScikitLearn) {
  std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/kernel_reference.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Value data = from_json(text, "kernel_reference.json");
  const auto dataset = regression(columns_of(data.at("features")), numbers(data.at("target")));
  const Table others = table_of(columns_of(data.at("others")));
  for (const Value& fit : data.at("fits").array()) {
    const KernelRidgeParameters parameters{.kernel = fit.at("kernel").text(),
                                           .length_scale = fit.at("length_scale").number(),
                                           .alpha = fit.at("alpha").number()};
    const auto values = KernelRidge{parameters}.fit(dataset).model->predict(others).values;
    const std::vector<double> expected = numbers(fit.at("values"));
    for (std::size_t i = 0; i < expected.size(); ++i)  // 1e-8 stands beside similarities of 1
      EXPECT_NEAR(values[i], expected[i], 1e-7 * std::abs(expected[i])) << parameters.kernel << " row " << i;
  }
}

std::shared_ptr<const Dataset> waves(std::size_t rows, std::uint64_t seed) {
  const Columns x = random_columns(2, rows, seed);
  std::vector<double> y(rows);
  RandomStream noise(seed, purpose("noise"));
  for (std::size_t i = 0; i < rows; ++i) y[i] = std::sin(2 * x[0][i]) + x[1][i] * x[1][i] + 0.1 * noise.normal();
  return regression(x, y);
}

double mean_squares(const FitResult& fit, const Dataset& data) {
  const std::vector<double> values = fit.model->predict(data.features).values;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    sum += (values[i] - data.target.values[i]) * (values[i] - data.target.values[i]);
  return sum / static_cast<double>(values.size());
}

TEST(KernelRidge, LearnsWhatIsNotALine) {
  const auto train = waves(400, 1), test = waves(400, 2);
  for (const char* kernel : {"gaussian", "matern"})
    EXPECT_LT(mean_squares(KernelRidge{{.kernel = kernel}}.fit(train), *test), 0.06) << kernel;  // the noise is 0.01
  EXPECT_GT(mean_squares(Ridge{}.fit(train), *test), 1.0);
}

TEST(KernelRidge, AFewLandmarksComeNearAll) {
  const auto train = waves(600, 1), test = waves(400, 2);
  const double all = mean_squares(KernelRidge{}.fit(train), *test);
  EXPECT_LT(mean_squares(KernelRidge{{.landmarks = 150}}.fit(train), *test), 1.5 * all);
  EXPECT_GT(mean_squares(KernelRidge{{.landmarks = 5}}.fit(train), *test), 3 * all);
}

TEST(KernelRidge, ProbabilitiesOfClassesThatNoLineParts) {
  const Columns x = random_columns(2, 800, 1);
  for (std::size_t classes : {2, 3}) {
    std::vector<std::int32_t> labels;
    RandomStream noise(3, purpose("flips"));
    for (std::size_t i = 0; i < 800; ++i) {
      const bool inside = x[0][i] * x[0][i] + x[1][i] * x[1][i] < 1.2;
      std::int32_t label = inside ? 0 : classes == 2 || x[0][i] > 0 ? 1 : 2;
      if (noise.uniform() < 0.1) label = static_cast<std::int32_t>(noise.below(classes));
      labels.push_back(label);
    }
    const auto data = classification(x, labels, classes);
    std::vector<std::uint32_t> first, second;
    for (std::uint32_t i = 0; i < 800; ++i) (i < 400 ? first : second).push_back(i);
    const DatasetView train(data, RowSet{std::make_shared<const std::vector<std::uint32_t>>(first), 1});
    const Predictions p = KernelRidge{}.fit(train).model->predict(data->features);
    double loss = 0;
    for (std::uint32_t i : second) loss -= std::log(p.row(i)[static_cast<std::size_t>(labels[i])]) / 400;
    // one in ten is drawn anew: about 0.2 and 0.32 at best; the shares alone give 0.69 and about 1.1
    EXPECT_LT(loss, classes == 2 ? 0.36 : 0.55);
  }
}

/// What is left out by a formula, against fits without the row; the landmarks stay.
TEST(KernelRidge, LeftOutScoresEqualRefits) {
  const std::size_t rows = 40;
  const Columns x = random_columns(3, rows, 1);
  std::vector<double> weights;
  for (std::size_t i = 0; i < rows; ++i) weights.push_back(0.5 + static_cast<double>(i % 3));
  const auto data = regression(x, linear_target(x, 1, 2), weights);
  linear::Design design(DatasetView(data), true, {});
  design.lay_out(linear::Layout::dense);
  const linear::KernelTargets targets{data->target.values, 1};
  std::vector<std::uint32_t> all(rows), landmarks{0, 3, 8, 13, 21, 22, 30, 39};
  std::iota(all.begin(), all.end(), 0U);
  const linear::KernelBasis basis(design, data->features, landmarks, Kernel::gaussian, 1.5, {});
  const double penalty = 0.3;
  const linear::KernelSystem system(design, data->features, basis, all, targets, {});
  const auto left_out = system.left_out(penalty, all, {});
  ASSERT_TRUE(left_out);
  for (std::uint32_t out = 0; out < rows; ++out) {
    std::vector<std::uint32_t> others;
    for (std::uint32_t i : all)
      if (i != out) others.push_back(i);
    const linear::KernelSystem without(design, data->features, basis, others, targets, {});
    const auto function = without.solve(penalty, 0);
    linear::Tile tile;
    design.read_positions(data->features, std::vector<std::uint32_t>{out}, 0, tile);
    std::vector<double> similar;
    ASSERT_TRUE(basis.similarities(tile, {}, similar));
    double value = function.offset;
    for (std::size_t l = 0; l < basis.size(); ++l) value += similar[l * linear::tile_rows] * function.weights[l];
    EXPECT_NEAR((*left_out)[out], value, 1e-8) << out;
  }
}

TEST(KernelRidge, ThePenaltyHasTheLeastGeneralisedError) {
  const auto data = waves(150, 1);
  linear::Design design(DatasetView(data), true, {});
  design.lay_out(linear::Layout::dense);
  const linear::KernelTargets targets{data->target.values, 1};
  std::vector<std::uint32_t> all(150), landmarks{1, 5, 9, 40, 77, 100, 120, 149};
  std::iota(all.begin(), all.end(), 0U);
  const linear::KernelBasis basis(design, data->features, landmarks, Kernel::matern, 1.0, {});
  const linear::KernelSystem system(design, data->features, basis, all, targets, {});
  // by its definition, from residuals and leverages: a left-out error is the residual over 1 - leverage
  for (double penalty : {0.01, 1.0}) {
    const auto function = system.solve(penalty, 0);
    const auto left_out = system.left_out(penalty, all, {});
    double squares = 0, freedom = 0;
    for (std::uint32_t i = 0; i < 150; ++i) {
      linear::Tile tile;
      design.read_positions(data->features, std::vector<std::uint32_t>{i}, 0, tile);
      std::vector<double> similar;
      ASSERT_TRUE(basis.similarities(tile, {}, similar));
      double value = function.offset;
      for (std::size_t l = 0; l < 8; ++l) value += similar[l * linear::tile_rows] * function.weights[l];
      const double target = data->target.values[i], residual = target - value;
      squares += residual * residual;
      freedom += 1 - residual / (target - (*left_out)[i]);
    }
    const double left = 1 - freedom / 150;
    EXPECT_NEAR(system.generalised_error(penalty), squares / (150 * left * left), 1e-8);
  }
}

TEST(KernelRidge, DegenerateDataGiveFiniteModels) {
  const auto finite = [](const std::shared_ptr<const Dataset>& data) {
    for (const KernelRidgeParameters& parameters :
         {KernelRidgeParameters{}, KernelRidgeParameters{.length_scale = 1e-3, .alpha = 1e-12},
          KernelRidgeParameters{.kernel = "matern", .length_scale = 1e3, .alpha = 1e-12}}) {
      const FitResult fit = KernelRidge{parameters}.fit(data);
      for (double value : fit.model->predict(data->features).values) EXPECT_TRUE(std::isfinite(value));
    }
  };
  const Columns x = random_columns(2, 20, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  finite(regression({x[0], x[0], x[1]}, y));
  finite(regression(x, std::vector<double>(20, 4.2)));
  finite(regression({std::vector<double>(20, 7.0)}, y));
  finite(regression({{1}, {2}}, {5}));
  finite(regression({{1, 2}, {2, 5}}, {5, 6}));
  finite(regression({{1e300, -1e300, 3}, {1e-300, 0, 2e-300}}, {1, 2, 3}));
  finite(regression({{0, 0, 0, 1, 1, 1}}, {1, 2, 3, 4, 5, 6}));  // two places for six rows
  finite(classification(x, labels_from(x[0], 2), 2));
  finite(classification(x, labels_from(x[0], 20), 20));  // one row of each class
  finite(classification(x, std::vector<std::int32_t>(20, 1), 2));
  finite(classification(x, std::vector<std::int32_t>(20, 1), 3));
}

TEST(KernelRidge, IsSavedAndDamageIsRefused) {
  const Columns x = random_columns(3, 40, 1);
  Registry registry = loaders();
  registry.add_model_loader("kernel_model", load_kernel_model);
  for (std::size_t classes : {2, 3}) {
    const FitResult fit = KernelRidge{}.fit(classification(x, labels_from(x[0], classes), classes));
    const Archive good = saved(*fit.model);
    const auto loaded = registry.load_model(ArchiveReader(good), fit.model->context());
    EXPECT_EQ(loaded->predict(table_of(x)).values, fit.model->predict(table_of(x)).values);
    EXPECT_EQ(predict_row_by_row(*loaded, x), fit.model->predict(table_of(x)).values);
    for (std::size_t array = 0; array < good.arrays.size(); ++array) {
      Archive shorter = good;
      shorter.arrays[array].bytes.resize(shorter.arrays[array].bytes.size() - element_size(shorter.arrays[array].type));
      EXPECT_THROW(registry.load_model(ArchiveReader(shorter), fit.model->context()), Error) << array;
    }
  }
}

}  // namespace
