#pragma once
// What a call refuses.

#include <gtest/gtest.h>

#include <automill/core/error.hpp>
#include <functional>

namespace automill {

/// The code of its Error; "none" without one.
inline std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

/// The text of its Error; "none" without one.
inline std::string text_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

/// An Error of this code, whose first place holds `place`.
inline void expect_error(const std::string& code, const std::string& place, const std::function<void()>& body) {
  try {
    body();
    ADD_FAILURE() << "no Error " << code;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_NE(error.faults().front().place.find(place), std::string::npos) << error.faults().front().place;
  }
}

}  // namespace automill
