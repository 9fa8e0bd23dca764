// The executors: each piece runs once, nested runs end, exceptions come out, and blocks depend on sizes alone.

#include <gtest/gtest.h>

#include <atomic>
#include <automill/automl/train.hpp>
#include <mutex>
#include <set>
#include <thread>

namespace automill {
namespace {

class EveryExecutor : public testing::TestWithParam<int> {
 protected:
  std::unique_ptr<Executor> executor_ = make_executor(GetParam());
};

TEST_P(EveryExecutor, runs_each_piece_once) {
  EXPECT_EQ(executor_->width(), GetParam());
  for (std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
    std::vector<std::atomic<int>> calls(count);
    executor_->run(count, [&](std::size_t i) { ++calls[i]; });
    for (const auto& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST_P(EveryExecutor, may_be_nested) {
  std::atomic<int> calls{0};
  executor_->run(8, [&](std::size_t) {
    executor_->run(8, [&](std::size_t) { executor_->run(3, [&](std::size_t) { ++calls; }); });
  });
  EXPECT_EQ(calls, 192);
}

TEST_P(EveryExecutor, rethrows_what_a_piece_throws_and_goes_on_working) {
  for (std::size_t count : {std::size_t{1}, std::size_t{50}}) {
    try {
      executor_->run(count, [&](std::size_t i) {
        if (i == count / 2) throw Error("test.failed", "piece", "it failed");
      });
      FAIL() << "no Error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "test.failed");
    }
  }
  std::atomic<int> calls{0};
  executor_->run(10, [&](std::size_t) { ++calls; });
  EXPECT_EQ(calls, 10);
}

TEST_P(EveryExecutor, uses_no_more_threads_than_it_says) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> at_once{0}, most{0};
  executor_->run(200, [&](std::size_t) {
    const int now = ++at_once;
    int seen = most.load();
    while (seen < now && !most.compare_exchange_weak(seen, now)) {
    }
    {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    --at_once;
  });
  EXPECT_LE(most, GetParam());
  const std::set<std::thread::id> alone{std::this_thread::get_id()};
  EXPECT_TRUE(GetParam() != 1 || threads == alone);
}

TEST_P(EveryExecutor, may_be_used_by_several_threads_at_once) {
  std::atomic<int> calls{0};
  std::vector<std::jthread> users;
  for (int user = 0; user < 3; ++user)
    users.emplace_back([&] {
      for (int i = 0; i < 20; ++i) executor_->run(20, [&](std::size_t) { ++calls; });
    });
  users.clear();
  EXPECT_EQ(calls, 1200);
}

INSTANTIATE_TEST_SUITE_P(Threads, EveryExecutor, testing::Values(1, 2, 7));

TEST(MakeExecutor, refuses_less_than_one_thread) {
  try {
    make_executor(0);
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "option.out_of_range");
    EXPECT_EQ(error.place(), "threads");
  }
}

TEST(ForEachBlock, cuts_by_size_alone) {
  std::vector<std::pair<std::size_t, std::size_t>> blocks;
  for_each_block(InlineExecutor::instance(), 10, 4,
                 [&](std::size_t begin, std::size_t end) { blocks.emplace_back(begin, end); });
  EXPECT_EQ(blocks, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 4}, {4, 8}, {8, 10}}));
  blocks.clear();
  for_each_block(InlineExecutor::instance(), 0, 4,
                 [&](std::size_t begin, std::size_t end) { blocks.emplace_back(begin, end); });
  EXPECT_TRUE(blocks.empty());
}

}  // namespace
}  // namespace automill
