// The memory meter: limits, peaks, claims that give back, and counting under contention.

#include <gtest/gtest.h>

#include <automill/core/memory_meter.hpp>
#include <thread>
#include <vector>

namespace automill {
namespace {

TEST(MemoryMeter, counts_use_peak_and_what_is_free) {
  MemoryMeter meter(100);
  EXPECT_TRUE(meter.try_take(60));
  EXPECT_FALSE(meter.try_take(41));
  EXPECT_TRUE(meter.try_take(40));
  EXPECT_EQ(meter.used(), 100U);
  EXPECT_EQ(meter.free(), 0U);
  meter.give_back(70);
  EXPECT_EQ(meter.used(), 30U);
  EXPECT_EQ(meter.peak(), 100U);
  EXPECT_EQ(meter.free(), 70U);
  EXPECT_EQ(meter.limit(), 100U);
}

TEST(MemoryMeter, huge_requests_do_not_wrap_around) {
  MemoryMeter meter(100);
  EXPECT_TRUE(meter.try_take(1));
  EXPECT_FALSE(meter.try_take(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_FALSE(meter.try_take(std::numeric_limits<std::uint64_t>::max() - 1));
  EXPECT_EQ(meter.used(), 1U);
}

TEST(MemoryMeter, refusal_says_what_was_wanted) {
  MemoryMeter meter(10 << 20);
  meter.take(4 << 20, "bins");
  try {
    meter.take(8 << 20, "gradients");
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "gradients: 8 MiB more are needed, 4 of 10 MiB are in use (raise memory_limit or use fewer rows) "
                 "[memory.limit]");
  }
  EXPECT_EQ(meter.used(), 4U << 20);
}

TEST(MemoryClaim, gives_back_when_it_goes) {
  MemoryMeter meter(100);
  {
    const MemoryClaim claim(&meter, 70, "x");
    EXPECT_EQ(meter.used(), 70U);
    EXPECT_THROW(MemoryClaim(&meter, 31, "y"), Error);
    EXPECT_EQ(meter.used(), 70U);
  }
  EXPECT_EQ(meter.used(), 0U);
}

TEST(MemoryClaim, moves_once) {
  MemoryMeter meter(100);
  MemoryClaim outer;
  {
    MemoryClaim inner(&meter, 40, "x");
    outer = std::move(inner);
  }
  EXPECT_EQ(meter.used(), 40U);
  {
    MemoryClaim next(&meter, 10, "y");
    outer = std::move(next);  // the first claim goes with `next`
  }
  EXPECT_EQ(meter.used(), 10U);
  MemoryClaim moved(std::move(outer));
  EXPECT_EQ(meter.used(), 10U);
  moved = MemoryClaim{};
  EXPECT_EQ(meter.used(), 0U);
}

TEST(MemoryClaim, grows_where_there_is_room) {
  MemoryMeter meter(100);
  {
    MemoryClaim claim(&meter, 40, "x");
    EXPECT_TRUE(claim.try_grow(90));
    EXPECT_TRUE(claim.try_grow(10));  // never shrinks
    EXPECT_EQ(meter.used(), 90U);
    EXPECT_FALSE(claim.try_grow(101));
    EXPECT_EQ(meter.used(), 90U);
    EXPECT_EQ(claim.bytes(), 90U);
  }
  EXPECT_EQ(meter.used(), 0U);
  MemoryClaim unmetered;
  EXPECT_TRUE(unmetered.try_grow(1000));
}

TEST(MemoryClaim, null_meter_grants_everything) {
  EXPECT_NO_THROW(MemoryClaim(nullptr, std::numeric_limits<std::uint64_t>::max(), "x"));
}

TEST(MemoryMeter, many_threads_never_pass_the_limit) {
  MemoryMeter meter(1000);
  std::atomic<bool> passed{false};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        if (!meter.try_take(300)) continue;
        if (meter.used() > 1000) passed = true;
        meter.give_back(300);
      }
    });
  threads.clear();
  EXPECT_FALSE(passed);
  EXPECT_EQ(meter.used(), 0U);
  EXPECT_LE(meter.peak(), 1000U);
}

}  // namespace
}  // namespace automill
