// A whole network in training against a plain one in double precision: its loss, and the gradient of every kind of
// parameter by central differences.

#include <gtest/gtest.h>

#include "neural_tools.hpp"

using namespace neural_tools;

namespace {

/// Outputs of a network for one row, by the formulas.
std::vector<double> plain_outputs(const NetworkInput& input, const Network& network, const TrainingRows& rows,
                                  std::size_t row) {
  std::vector<double> x;
  const std::size_t made = network.number_width - 1, numbers = input.numbers.size();
  for (std::size_t j = 0; j < numbers; ++j) {
    const double number = static_cast<double>(rows.numbers[row * numbers + j]);
    for (std::size_t o = 0; o < made; ++o) {
      double sum = static_cast<double>(network.embedding_bias[j * made + o]);
      for (std::size_t f = 0; f < network.frequencies; ++f) {
        const std::size_t at = j * network.frequencies + f;
        sum += static_cast<double>(network.embedding_weight[(j * made + o) * network.frequencies + f]) *
               std::cos(2 * pi * number * static_cast<double>(network.frequency[at]) +
                        static_cast<double>(network.phase[at]));
      }
      x.push_back(sum);
    }
    x.push_back(number);
  }
  std::size_t learned = 0;
  for (std::size_t c = 0; c < input.categories.size(); ++c) {
    const CategoryInput& category = input.categories[c];
    const std::vector<float>& table = category.learned() ? network.tables[learned++] : category.table;
    for (std::size_t i = 0; i < category.width; ++i)
      x.push_back(static_cast<double>(table[rows.table_rows[row * input.categories.size() + c] * category.width + i]));
  }
  for (const DenseLayer& layer : network.layers) {
    std::vector<double> z(layer.outputs);
    for (std::size_t o = 0; o < layer.outputs; ++o) {
      z[o] = static_cast<double>(layer.bias[o]);
      for (std::size_t k = 0; k < layer.inputs; ++k)
        z[o] += x[k] * static_cast<double>(layer.weights[(o / panel * layer.inputs + k) * panel + o % panel]);
      if (!layer.slopes.empty())
        z[o] += static_cast<double>(layer.slopes[o]) * (neural_tools::activated(network.activation, z[o]).value - z[o]);
    }
    x = z;
  }
  return x;
}

double plain_loss(const NetworkInput& input, const Network& network, const TrainerOptions& options,
                  const TrainingRows& rows, const std::vector<std::uint32_t>& batch) {
  double loss = 0;
  for (const std::uint32_t row : batch) {
    const double weight = rows.weights.empty() ? 1.0 : static_cast<double>(rows.weights[row]);
    const std::vector<double> z = plain_outputs(input, network, rows, row);
    if (!options.classes) {
      for (std::size_t o = 0; o < z.size(); ++o) {
        const double error = z[o] - static_cast<double>(rows.values[row * z.size() + o]);
        loss += 0.5 * weight * error * error;
      }
      continue;
    }
    double sum = 0;
    for (const double each : z) sum += std::exp(each - z[0]);
    for (std::size_t o = 0; o < z.size(); ++o) {
      const double truth = options.label_smoothing / static_cast<double>(z.size()) +
                           (static_cast<std::size_t>(rows.labels[row]) == o ? 1 - options.label_smoothing : 0.0);
      loss -= weight * truth * (z[o] - z[0] - std::log(sum));
    }
  }
  return loss / static_cast<double>(batch.size());
}

struct Case {
  const char* name;
  TableSpec table;
  Activation activation;
  std::size_t frequencies, number_width;
  double label_smoothing;
};

class NetworkGradients : public testing::TestWithParam<Case> {};

TEST_P(NetworkGradients, AreCentralDifferencesOfThePlainLoss) {
  const Case& each = GetParam();
  const auto data = make_table(each.table);
  const DatasetView view(data);
  const RunContext context;
  const auto order = order_by_content(view, context);
  const NetworkInput input = fit_input(view, order, {}, context);
  const auto scales = fit_scales(view, order);
  const TrainingRows rows(input, scales, view, view.features(), order, context);
  TrainerOptions options{.activation = each.activation, .hidden = {20, 9}, .outputs = data->target.width()};
  options.classes = is_classification(each.table.task);
  options.frequencies = each.frequencies;
  options.number_width = each.number_width;
  options.frequency_scale = 0.3;
  options.label_smoothing = each.label_smoothing;
  options.batch = 32;
  NetworkTrainer trainer(input, options, rows, 5, StopToken{});
  std::vector<std::uint32_t> batch(options.batch);
  std::iota(batch.begin(), batch.end(), 3U);

  const double expected_loss = plain_loss(input, trainer.network(), options, rows, batch);
  EXPECT_NEAR(trainer.loss(batch), expected_loss, 1e-5 * (1 + expected_loss));  // single precision

  const std::vector<float> gradient = trainer.gradient(batch);
  std::vector<float>& parameters = trainer.parameters();
  double largest = 0;
  for (const float g : gradient) largest = std::max(largest, std::abs(static_cast<double>(g)));
  ASSERT_GT(largest, 1e-3);
  std::size_t moved = 0;
  const auto slope_over = [&](float& parameter, float h) {
    const float before = parameter;
    parameter = before + h;
    const double above = plain_loss(input, trainer.network(), options, rows, batch),
                 up = static_cast<double>(parameter);
    parameter = before - h;
    const double below = plain_loss(input, trainer.network(), options, rows, batch),
                 down = static_cast<double>(parameter);
    parameter = before;
    return (above - below) / (up - down);
  };
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double g = static_cast<double>(gradient[i]);
    double slope = slope_over(parameters[i], 2e-3F);
    if (each.activation ==
        Activation::selu)  // its derivative jumps at 0: a row or two cross it, unless the way is short
      for (const float h : {3e-4F, 3e-5F, 3e-6F})
        if (const double shorter = slope_over(parameters[i], h); std::abs(shorter - g) < std::abs(slope - g))
          slope = shorter;
    // curvature adds h^2 times a third derivative of order 10 (frequencies: 100); single precision a millionth
    ASSERT_NEAR(g, slope, 3e-4 + 3e-3 * std::abs(slope)) << "parameter " << i << " of " << parameters.size();
    if (std::abs(slope) > 1e-6) ++moved;
  }
  EXPECT_GT(moved, parameters.size() / 4);  // what is beyond the last output does not move
}

INSTANTIATE_TEST_SUITE_P(
    Cases, NetworkGradients,
    testing::Values(Case{"binary_selu", {Task::binary}, Activation::selu, 16, 4, 0},
                    Case{"multiclass_mish", {Task::multiclass, 200, 5}, Activation::mish, 3, 6, 0.1},
                    Case{"regression_mish", {Task::regression}, Activation::mish, 16, 4, 0},
                    Case{"outputs_mish", {Task::regression, 200, 2, 3}, Activation::mish, 4, 2, 0},
                    Case{"without_embedding", {Task::regression}, Activation::mish, 1, 1, 0}),
    [](const auto& each) { return each.param.name; });

TEST(NetworkGradients, InitialProductsHaveUnitVariance) {
  const auto data = make_table({.task = Task::regression, .rows = 500});
  const DatasetView view(data);
  const auto order = order_by_content(view, {});
  const NetworkInput input = fit_input(view, order, {}, {});
  const auto scales = fit_scales(view, order);
  const TrainingRows rows(input, scales, view, view.features(), order, {});
  const TrainerOptions options{.activation = Activation::mish, .hidden = {64, 64}};
  const NetworkTrainer trainer(input, options, rows, 5, StopToken{});
  const Network network = trainer.network();
  double sum = 0, squares = 0;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    const double z = plain_outputs(input, network, rows, row)[0];
    sum += z;
    squares += z * z;
  }
  const double n = static_cast<double>(rows.rows), mean = sum / n;
  EXPECT_NEAR(squares / n - mean * mean, 1.0, 1e-3);  // single precision
  EXPECT_LT(std::abs(mean), 3.0);                     // its zero lies among the products of the rows
}

}  // namespace
