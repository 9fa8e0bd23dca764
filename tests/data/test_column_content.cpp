// What columns hold: constants and copies, of all rows or of those that count.

#include <gtest/gtest.h>

#include "data/column_content.hpp"

namespace automill {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

ColumnPtr column(std::vector<double> values) { return make_number_column({.name = "x"}, std::move(values)); }
ColumnContent content(const ColumnPtr& of, const std::vector<double>& counts = {}) {
  return ColumnContents().of(*of, counts);
}

TEST(ColumnContent, ConstantsAndMissingValues) {
  EXPECT_TRUE(content(column({2, 2, 2})).constant);
  EXPECT_FALSE(content(column({2, 2, 3})).constant);
  EXPECT_FALSE(content(column({2, missing})).constant);
  EXPECT_TRUE(content(column({missing, missing})).all_missing);
  EXPECT_TRUE(content(column({0.0, -0.0})).constant);
}

TEST(ColumnContent, CopiesShareAHashAndOthersDoNot) {
  EXPECT_EQ(content(column({1, missing, 3})).hash, content(column({1, missing, 3})).hash);
  EXPECT_NE(content(column({1, 2, 3})).hash, content(column({2, 1, 3})).hash);  // rows matter
  EXPECT_TRUE(same_numbers(*column({1, missing}), *column({1, missing})));
  EXPECT_FALSE(same_numbers(*column({1, missing}), *column({1, 2})));
  EXPECT_FALSE(same_numbers(*column({1}), *column({1, 2})));
}

TEST(ColumnContent, RowsThatCountNothingAreNotThere) {
  const std::vector<double> counts{0, 1, 2.5, 0};
  EXPECT_TRUE(content(column({7, 2, 2, 9}), counts).constant);
  EXPECT_TRUE(content(column({7, missing, missing, 9}), counts).all_missing);
  EXPECT_FALSE(content(column({2, 2, 3, 2}), counts).constant);
  EXPECT_EQ(content(column({7, 1, 2, 9}), counts).hash, content(column({5, 1, 2, missing}), counts).hash);
  EXPECT_TRUE(same_numbers(*column({7, 1, 2, 9}), *column({5, 1, 2, missing}), counts));
  EXPECT_FALSE(same_numbers(*column({7, 1, 2, 9}), *column({7, 1, 3, 9}), counts));
}

TEST(ColumnContent, CategoriesAreTheSameByName) {
  const ColumnPtr reds = make_category_column("a", std::vector<std::string_view>{"blue", "red", "red"});
  const ColumnPtr again = make_category_column("b", std::vector<std::string_view>{"blue", "red", "red"});
  const ColumnPtr others = make_category_column("c", std::vector<std::string_view>{"left", "right", "right"});
  EXPECT_TRUE(same_content(*reds, *again));
  EXPECT_FALSE(same_content(*reds, *others));
  EXPECT_TRUE(same_numbers(*reds, *others));  // by codes
  EXPECT_FALSE(same_content(*reds, *column({0, 1, 1})));
}

}  // namespace
}  // namespace automill
