// Error texts: what is wrong, where, what to do, the code; all faults of one input in one Error.

#include <gtest/gtest.h>

#include <automill/core/error.hpp>

namespace automill {
namespace {

TEST(Error, text_has_place_message_hint_and_code) {
  const Error error("option.out_of_range", "time_limit", "0 s is not allowed", "leave it out");
  EXPECT_STREQ(error.what(), "time_limit: 0 s is not allowed (leave it out) [option.out_of_range]");
  EXPECT_EQ(error.code(), "option.out_of_range");
  EXPECT_EQ(error.place(), "time_limit");
  EXPECT_EQ(error.hint(), "leave it out");
  EXPECT_EQ(error.faults().size(), 1U);
}

TEST(Error, empty_place_and_hint_leave_no_trace) {
  EXPECT_STREQ(Error("data.no_rows", "", "there are no rows").what(), "there are no rows [data.no_rows]");
}

TEST(Faults, come_in_one_error_in_order) {
  Faults faults;
  EXPECT_TRUE(faults.empty());
  EXPECT_NO_THROW(faults.throw_if_any());
  faults.add("a.first", "x", "is wrong", "do this");
  faults.add("b.second", "y", "is wrong too");
  EXPECT_FALSE(faults.empty());
  try {
    faults.throw_if_any();
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "2 faults:\n  - x: is wrong (do this) [a.first]\n  - y: is wrong too [b.second]");
    ASSERT_EQ(error.faults().size(), 2U);
    EXPECT_EQ(error.code(), "a.first");
    EXPECT_EQ(error.faults()[1].code, "b.second");
    EXPECT_EQ(error.faults()[1].hint, "");
  }
}

TEST(Error, is_a_standard_exception) {
  try {
    throw Error("a.b", "c", "d");
  } catch (const std::exception& error) {
    EXPECT_STREQ(error.what(), "c: d [a.b]");
  }
}

}  // namespace
}  // namespace automill
