// expm1, the normal quantile function and sines against SciPy and the C library.

#include "number_tools.hpp"
#include "preprocess/number_math.hpp"

using namespace preprocess_tools;

namespace {

TEST(NumberMath, Expm1AgreesWithScipy) {
  const auto at = numbers(number_reference().at("expm1").at("at")),
             value = numbers(number_reference().at("expm1").at("value"));
  for (std::size_t i = 0; i < at.size(); ++i)  // exp is within 2 units, and 1 is taken off where it is at least 1.4
    EXPECT_NEAR(math::expm1(at[i]), value[i], 1e-15 * std::abs(value[i])) << at[i];
  EXPECT_TRUE(std::isnan(math::expm1(missing)));
  EXPECT_EQ(math::expm1(infinite), infinite);
  EXPECT_EQ(math::expm1(-infinite), -1);
}

TEST(NumberMath, NormalQuantileAgreesWithScipy) {
  const Value& reference = number_reference().at("normal_quantile");
  const auto at = numbers(reference.at("at")), value = numbers(reference.at("value"));
  for (std::size_t i = 0; i < at.size(); ++i)  // 2e-15: both are rational approximations within a few units
    EXPECT_NEAR(math::normal_quantile(at[i]), value[i], 2e-15 * (1 + std::abs(value[i]))) << at[i];
  EXPECT_EQ(math::normal_quantile(0), -infinite);
  EXPECT_EQ(math::normal_quantile(1), infinite);
}

TEST(NumberMath, SineAndCosine) {
  for (int i = 0; i < 2000; ++i) {
    const double turns = i / 1000.0;
    const auto [sine, cosine] = math::sine_and_cosine(turns);
    EXPECT_NEAR(sine, std::sin(6.283185307179586 * turns), 3e-15) << turns;  // the product 2 pi x is rounded there
    EXPECT_NEAR(cosine, std::cos(6.283185307179586 * turns), 3e-15) << turns;
  }
  EXPECT_EQ(math::sine_and_cosine(0.5).second, -1);
  EXPECT_EQ(math::sine_and_cosine(0.25).first, 1);
}

}  // namespace
