// The cache: made once, kept while there is room, least recently used first out, never dropped while in use.

#include <gtest/gtest.h>

#include <automill/core/shared_cache.hpp>
#include <thread>
#include <vector>

namespace automill {
namespace {

using Text = std::string;

std::shared_ptr<const Text> get(SharedCache& cache, std::uint64_t key, std::uint64_t bytes, int& made) {
  return cache.get_or_make<Text>(key, bytes, [&] {
    ++made;
    return std::make_shared<const Text>(std::to_string(key));
  });
}

TEST(SharedCache, makes_each_entry_once) {
  SharedCache cache(100);
  int made = 0;
  const auto first = get(cache, 1, 10, made);
  EXPECT_EQ(get(cache, 1, 10, made), first);
  EXPECT_EQ(*get(cache, 2, 10, made), "2");
  EXPECT_EQ(made, 2);
  EXPECT_EQ(cache.used(), 20U);
}

TEST(SharedCache, the_same_key_of_another_type_is_another_entry) {
  SharedCache cache(100);
  int made = 0;
  get(cache, 1, 10, made);
  const auto number = cache.get_or_make<int>(1, 10, [] { return std::make_shared<const int>(5); });
  EXPECT_EQ(*number, 5);
}

TEST(SharedCache, drops_the_least_recently_used_that_nobody_holds) {
  SharedCache cache(30);
  int made = 0;
  get(cache, 1, 10, made);
  const auto held = get(cache, 2, 10, made);
  get(cache, 3, 10, made);
  get(cache, 1, 10, made);  // 1 is now the youngest, 2 the oldest and held, 3 goes
  get(cache, 4, 10, made);
  EXPECT_EQ(made, 4);
  get(cache, 1, 10, made);
  get(cache, 2, 10, made);
  EXPECT_EQ(made, 4);
  get(cache, 3, 10, made);
  EXPECT_EQ(made, 5);
  EXPECT_LE(cache.used(), 30U);
}

TEST(SharedCache, what_does_not_fit_is_handed_out_and_not_kept) {
  SharedCache cache(10);
  int made = 0;
  EXPECT_EQ(*get(cache, 1, 11, made), "1");
  EXPECT_EQ(*get(cache, 1, 11, made), "1");
  EXPECT_EQ(made, 2);
  EXPECT_EQ(cache.used(), 0U);
}

TEST(SharedCache, takes_from_the_meter_and_gives_back) {
  MemoryMeter meter(25);
  int made = 0;
  {
    SharedCache cache(1000, &meter);
    get(cache, 1, 10, made);
    get(cache, 2, 10, made);
    EXPECT_EQ(meter.used(), 20U);
    get(cache, 3, 10, made);  // needs 1's bytes
    EXPECT_EQ(meter.used(), 20U);
    EXPECT_EQ(cache.drop(1), 10U);
    EXPECT_EQ(meter.used(), 10U);
  }
  EXPECT_EQ(meter.used(), 0U);
}

TEST(SharedCache, an_exception_reaches_the_caller_and_leaves_no_entry) {
  MemoryMeter meter(100);
  SharedCache cache(100, &meter);
  const auto fail = [&]() -> std::shared_ptr<const Text> { throw Error("test.failed", "x", "it failed"); };
  EXPECT_THROW(cache.get_or_make<Text>(1, 10, fail), Error);
  EXPECT_EQ(cache.used(), 0U);
  EXPECT_EQ(meter.used(), 0U);
  int made = 0;
  EXPECT_EQ(*get(cache, 1, 10, made), "1");
  EXPECT_EQ(made, 1);
}

TEST(SharedCache, threads_that_ask_together_share_one) {
  SharedCache cache(1000);
  std::atomic<int> made{0};
  std::vector<std::shared_ptr<const Text>> results(8);
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      results[t] = cache.get_or_make<Text>(7, 10, [&] {
        ++made;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return std::make_shared<const Text>("seven");
      });
    });
  threads.clear();
  EXPECT_EQ(made, 1);
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

TEST(SharedCache, one_who_waits_tries_again_when_the_maker_fails) {
  SharedCache cache(1000);
  std::atomic<int> calls{0}, failures{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      try {
        cache.get_or_make<Text>(7, 10, [&]() -> std::shared_ptr<const Text> {
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          if (++calls == 1) throw Error("test.failed", "x", "it failed");
          return std::make_shared<const Text>("seven");
        });
      } catch (const Error&) {
        ++failures;
      }
    });
  threads.clear();
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(calls, 2);
}

TEST(SharedCache, an_entry_may_ask_for_itself_while_it_is_made) {
  SharedCache cache(1000);
  const auto outer = cache.get_or_make<Text>(1, 10, [&] {
    const auto inner = cache.get_or_make<Text>(1, 10, [] { return std::make_shared<const Text>("inner"); });
    return std::make_shared<const Text>(*inner + " outer");
  });
  EXPECT_EQ(*outer, "inner outer");
}

}  // namespace
}  // namespace automill
