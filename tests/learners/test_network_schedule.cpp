// Schedules of a training run.

#include <gtest/gtest.h>

#include "learners/neural/schedule.hpp"

using namespace automill::neural;

namespace {

TEST(NetworkSchedule, CosinesAreThoseOfLibm) {
  for (int i = -4000; i <= 4000; ++i) {
    const double t = 0.001 * i;
    EXPECT_NEAR(automill::neural::cosine_of_turns(t), std::cos(2 * pi * t), 3e-15) << t;
  }
}

TEST(NetworkSchedule, FourHumpsEachTwiceAsLong) {
  for (const double zero : {0.0, 1.0 / 15, 3.0 / 15, 7.0 / 15, 1.0}) EXPECT_NEAR(coslog4(zero), 0.0, 1e-12) << zero;
  for (int hump = 0; hump < 4; ++hump) EXPECT_NEAR(coslog4((std::exp2(hump + 0.5) - 1) / 15), 1.0, 1e-12) << hump;
  EXPECT_NEAR(coslog4(0.3), 0.5 * (1 - std::cos(2 * pi * std::log2(5.5))), 1e-13);
}

TEST(NetworkSchedule, FlatThenHalfACosine) {
  EXPECT_EQ(flat_cos(0), 1);
  EXPECT_EQ(flat_cos(0.49), 1);
  EXPECT_NEAR(flat_cos(0.5), 1, 1e-15);
  EXPECT_NEAR(flat_cos(0.75), 0.5, 1e-15);
  EXPECT_NEAR(flat_cos(1), 0, 1e-15);
}

}  // namespace
