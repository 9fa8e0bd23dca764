// Stop tokens: requests, deadlines, and combinations of them.

#include <gtest/gtest.h>

#include <automill/core/stop.hpp>
#include <thread>

namespace automill {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(StopToken, default_never_stops) {
  const StopToken token;
  EXPECT_FALSE(token.stop_requested());
  EXPECT_EQ(token.reason(), StopReason::none);
  EXPECT_EQ(token.seconds_left(), std::numeric_limits<double>::infinity());
  EXPECT_FALSE(token.deadline().has_value());
}

TEST(StopToken, user_request_reaches_every_copy) {
  std::stop_source source;
  const StopToken token(source.get_token());
  const StopToken copy = token;
  EXPECT_FALSE(copy.stop_requested());
  source.request_stop();
  EXPECT_TRUE(copy.stop_requested());
  EXPECT_EQ(token.reason(), StopReason::user);
}

TEST(StopToken, deadline_in_the_past_stops) {
  const StopToken token({}, Clock::now() - milliseconds(1));
  EXPECT_EQ(token.reason(), StopReason::deadline);
  EXPECT_LT(token.seconds_left(), 0);
}

TEST(StopToken, deadline_in_the_future_does_not_yet) {
  const StopToken token = StopToken{}.until(Clock::now() + milliseconds(30));
  EXPECT_FALSE(token.stop_requested());
  EXPECT_GT(token.seconds_left(), 0);
  EXPECT_LE(token.seconds_left(), 0.03);
  std::this_thread::sleep_for(milliseconds(31));
  EXPECT_EQ(token.reason(), StopReason::deadline);
}

TEST(StopToken, until_never_moves_a_deadline_back) {
  const auto soon = Clock::now() + hours(1), late = Clock::now() + hours(2);
  EXPECT_EQ(StopToken({}, soon).until(late).deadline(), soon);
  EXPECT_EQ(StopToken({}, late).until(soon).deadline(), soon);
}

TEST(StopToken, user_request_is_told_apart_from_a_deadline_that_passed_too) {
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(StopToken(source.get_token(), Clock::now() - hours(1)).reason(), StopReason::user);
}

TEST(StopToken, also_obeys_every_token_that_was_added) {
  for (int which = 0; which < 4; ++which) {
    std::stop_source sources[4];
    const StopToken token = StopToken(sources[0].get_token())
                                .also(sources[1].get_token())
                                .also(sources[2].get_token())
                                .also(sources[3].get_token());
    EXPECT_FALSE(token.stop_requested());
    sources[which].request_stop();
    EXPECT_EQ(token.reason(), StopReason::user) << "token " << which;
  }
}

TEST(StopToken, also_leaves_the_original_alone) {
  std::stop_source one, other;
  const StopToken token(one.get_token());
  const StopToken both = token.also(other.get_token());
  other.request_stop();
  EXPECT_TRUE(both.stop_requested());
  EXPECT_FALSE(token.stop_requested());
}

TEST(StopToken, may_be_asked_by_many_threads) {
  std::stop_source source;
  const StopToken token(source.get_token(), Clock::now() + hours(1));
  std::vector<std::jthread> threads;
  std::atomic<int> ended{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      while (!token.stop_requested()) std::this_thread::yield();
      ++ended;
    });
  source.request_stop();
  threads.clear();
  EXPECT_EQ(ended, 4);
}

}  // namespace
}  // namespace automill
