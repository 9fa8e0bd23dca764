// The inner loops of networks against plain loops, at every SIMD level of this processor.

#include <gtest/gtest.h>

#include "neural_tools.hpp"

using namespace neural_tools;

namespace {

constexpr double epsilon = 6e-8;  // of one operation in single precision, relative

TEST(NetworkKernels, ProductsHaveTheSameBitsAtEveryLevelAndForEveryNumberOfRows) {
  for (const std::size_t inner : {0, 1, 15, 16, 33, 300})
    for (const std::size_t panels : {1, 2, 3, 8, 9})
      for (const std::size_t rows : {1, 2, 7, 8, 64}) {
        const std::size_t stride = stride_of(rows), all = stride_of(64);
        const auto a = random_floats(padded(inner) * all, 1), w = random_floats(panels * inner * panel, 2),
                   start = random_floats(panels * panel, 3);
        std::vector<float> narrow(padded(inner) * stride), expected(panels * panel * rows);
        for (std::size_t k = 0; k < inner; ++k)
          for (std::size_t r = 0; r < rows; ++r)
            cell_of(narrow.data(), stride, r, k) = a[(k / panel * all + r) * panel + k % panel];
        for (std::size_t o = 0; o < panels * panel; ++o)
          for (std::size_t r = 0; r < rows; ++r) {
            float sum = start[o];  // in the order of the inputs, rounded at each step
            for (std::size_t k = 0; k < inner; ++k)
              sum += cell_of(narrow.data(), stride, r, k) * w[(o / panel * inner + k) * panel + o % panel];
            expected[o * rows + r] = sum;
          }
        for (const NetworkKernels* level : network_levels()) {
          std::vector<float> out(panels * panel * stride, -1.0F);
          level->multiply({narrow.data(), stride, rows, inner, w.data(), start.data(), out.data(), stride, panels});
          for (std::size_t o = 0; o < panels * panel; ++o)
            for (std::size_t r = 0; r < rows; ++r)
              ASSERT_EQ(cell_of(out.data(), stride, r, o), expected[o * rows + r])
                  << level->name << ", " << inner << " inputs, " << rows << " rows";
        }
      }
}

TEST(NetworkKernels, ProductsOfTrainingAreProducts) {
  for (const std::size_t inner : {0, 5, 16, 300})
    for (const std::size_t rows : {1, 9, 64}) {
      const std::size_t stride = stride_of(rows), panels = 3;
      auto a = random_floats(padded(inner) * stride, 1);
      const auto w = random_floats(panels * inner * panel, 2);
      for (const TrainingKernels* level : training_levels()) {
        std::vector<float> out(panels * panel * stride);
        level->multiply({a.data(), stride, rows, inner, w.data(), nullptr, out.data(), stride, panels});
        for (std::size_t o = 0; o < panels * panel; ++o)
          for (std::size_t r = 0; r < rows; ++r) {
            double sum = 0, size = 0;
            for (std::size_t k = 0; k < inner; ++k) {
              const double term = static_cast<double>(cell_of(a.data(), stride, r, k)) *
                                  static_cast<double>(w[(o / panel * inner + k) * panel + o % panel]);
              sum += term;
              size += std::abs(term);
            }
            // each addition rounds once: at most inner roundings of a sum that is at most `size`
            ASSERT_NEAR(cell_of(out.data(), stride, r, o), sum, epsilon * size * static_cast<double>(inner))
                << level->name;
          }
      }
    }
}

TEST(NetworkKernels, WeightGradientsAreSumsOverRows) {
  for (const std::size_t inner : {1, 7, 16, 41})
    for (const std::size_t rows : {1, 10, 100})
      for (const std::size_t panels : {1, 2, 3}) {
        const std::size_t stride = stride_of(rows);
        auto a = random_floats(padded(inner) * stride, 1), g = random_floats(panels * panel * stride, 2);
        for (const TrainingKernels* level : training_levels()) {
          std::vector<float> out(panels * inner * panel + 1, 7.0F);
          level->weight_gradient(a.data(), g.data(), stride, rows, inner, panels, out.data());
          EXPECT_EQ(out.back(), 7.0F) << level->name << " writes beyond the last input";
          for (std::size_t o = 0; o < panels * panel; ++o)
            for (std::size_t k = 0; k < inner; ++k) {
              double sum = 0, size = 0;
              for (std::size_t r = 0; r < rows; ++r) {
                const double term = static_cast<double>(cell_of(a.data(), stride, r, k)) *
                                    static_cast<double>(cell_of(g.data(), stride, r, o));
                sum += term;
                size += std::abs(term);
              }
              ASSERT_NEAR(out[(o / panel * inner + k) * panel + o % panel], sum,
                          epsilon * size * static_cast<double>(rows))
                  << level->name;
            }
        }
      }
}

TEST(NetworkKernels, ActivationsAndDerivativesAreThoseOfTheTextbook) {
  const std::size_t rows = 40, stride = stride_of(rows), panels = 2;
  std::vector<float> x(panels * panel * stride);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = -100.0F + 0.15F * static_cast<float>(i % 1333);
  const auto slopes = random_floats(panels * panel, 4);
  for (const Activation kind : {Activation::selu, Activation::mish, Activation::relu}) {
    std::vector<float> first;
    for (const NetworkKernels* level : network_levels()) {
      std::vector<float> out = x;
      level->activate(kind, slopes.data(), out.data(), stride, rows, panels);
      if (first.empty()) first = out;
      EXPECT_EQ(out, first) << level->name;  // the same bits at every level
    }
    for (const TrainingKernels* level : training_levels()) {
      std::vector<float> out = x, derivatives(x.size()), differences(x.size());
      level->activate(kind, {},
                      {stride, rows, panels, slopes.data(), out.data(), derivatives.data(), differences.data()});
      for (std::size_t c = 0; c < panels * panel; ++c)
        for (std::size_t r = 0; r < rows; ++r) {
          const std::size_t at = (c / panel * stride + r) * panel + c % panel;
          const double slope = static_cast<double>(slopes[c]), input = static_cast<double>(x[at]);
          const auto [value, derivative] = neural_tools::activated(kind, input);
          const double tolerance = 1e-6 * (1 + std::abs(slope)) * (1 + std::abs(input));  // some roundings
          ASSERT_NEAR(out[at], input + slope * (value - input), tolerance) << level->name << ", x = " << input;
          ASSERT_NEAR(first[at], input + slope * (value - input), tolerance);
          ASSERT_NEAR(derivatives[at], 1 + slope * (derivative - 1), tolerance) << level->name << ", x = " << input;
          ASSERT_NEAR(differences[at], value - input, tolerance);
        }
    }
  }
}

TEST(NetworkKernels, DropoutKeepsTheShareAndTheSameElementsAtEveryLevel) {
  const std::size_t rows = 256, stride = stride_of(rows), panels = 16;
  const double kept = 0.85;
  std::vector<float> first;
  for (const TrainingKernels* level : training_levels()) {
    std::vector<float> out(panels * panel * stride, 1.0F), derivatives(out.size()), differences(out.size());
    const std::vector<float> slopes(panels * panel, 1.0F);
    level->activate(Activation::relu, {12345, static_cast<std::uint32_t>(kept * (1 << 24)), 2.0F},
                    {stride, rows, panels, slopes.data(), out.data(), derivatives.data(), differences.data()});
    std::size_t count = 0;
    for (std::size_t c = 0; c < panels * panel; ++c)
      for (std::size_t r = 0; r < rows; ++r) {
        const float value = cell_of(out.data(), stride, r, c);
        ASSERT_TRUE(value == 0.0F || value == 2.0F);
        ASSERT_EQ(cell_of(derivatives.data(), stride, r, c), value);  // of a positive input to relu
        count += value > 0 ? 1 : 0;
      }
    // five standard deviations of a binomial share of 65,536 elements
    EXPECT_NEAR(static_cast<double>(count) / 65536, kept, 5 * std::sqrt(kept * (1 - kept) / 65536)) << level->name;
    if (first.empty()) first = out;
    EXPECT_EQ(out, first) << level->name;
  }
}

TEST(NetworkKernels, NumbersAreEmbeddedByTheirCosines) {
  for (const std::size_t width : {1, 2, 4, 6})
    for (const std::size_t rows : {1, 20}) {
      const std::size_t numbers = 3, frequencies = 5, stride = stride_of(rows), made = width - 1;
      const auto frequency = random_floats(numbers * frequencies, 1, 3),
                 phase = random_floats(numbers * frequencies, 2, 3),
                 weight = random_floats(numbers * made * frequencies, 3), bias = random_floats(numbers * made, 4),
                 x = random_floats(numbers * stride, 5);
      const NumberEmbedding embedding{numbers,      frequencies,   width,      frequency.data(),
                                      phase.data(), weight.data(), bias.data()};
      std::vector<float> first;
      for (const NetworkKernels* level : network_levels()) {
        std::vector<float> out(padded(numbers * width) * stride);
        level->embed(embedding, x.data(), stride, rows, out.data());
        if (first.empty()) first = out;
        EXPECT_EQ(out, first) << level->name;
        for (std::size_t j = 0; j < numbers; ++j)
          for (std::size_t r = 0; r < rows; ++r) {
            const double number = static_cast<double>(x[j * stride + r]);
            ASSERT_EQ(cell_of(out.data(), stride, r, j * width + made), x[j * stride + r]);
            for (std::size_t o = 0; o < made; ++o) {
              double sum = static_cast<double>(bias[j * made + o]);
              for (std::size_t f = 0; f < frequencies; ++f)
                sum += static_cast<double>(weight[(j * made + o) * frequencies + f]) *
                       std::cos(2 * pi * number * static_cast<double>(frequency[j * frequencies + f]) +
                                static_cast<double>(phase[j * frequencies + f]));
              // the argument, up to some tens of turns, is rounded to single precision
              ASSERT_NEAR(cell_of(out.data(), stride, r, j * width + o), sum, 2e-4);
            }
          }
      }
    }
}

TEST(NetworkKernels, AdamTakesTheStepsOfThePaper) {
  const std::size_t size = 37;
  const auto gradient = random_floats(size, 1), before = random_floats(size, 2), m = random_floats(size, 3);
  auto v = random_floats(size, 4);
  for (float& each : v) each = std::abs(each);
  const AdamStep step{
      .rate = 0.1F, .root_scale = 1.5F, .beta1 = 0.9F, .beta2 = 0.95F, .epsilon = 1e-3F, .decay = 0.99F};
  for (const TrainingKernels* level : training_levels()) {
    auto values = before, first = m, second = v;
    level->adam(step, gradient.data(), size, values.data(), first.data(), second.data());
    for (std::size_t i = 0; i < size; ++i) {
      const double g = static_cast<double>(gradient[i]);
      const double moment = 0.9 * static_cast<double>(m[i]) + 0.1 * g,
                   square = 0.95 * static_cast<double>(v[i]) + 0.05 * g * g;
      const double expected = 0.99 * static_cast<double>(before[i]) - 0.1 * moment / (1.5 * std::sqrt(square) + 1e-3);
      EXPECT_NEAR(first[i], moment, 1e-6) << level->name;
      EXPECT_NEAR(second[i], square, 1e-6 * (1 + square)) << level->name;
      EXPECT_NEAR(values[i], expected, 2e-6) << level->name;
    }
  }
}

}  // namespace
