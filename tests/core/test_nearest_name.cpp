// Edit distance against a plain recursive definition, and the suggestions made of it.

#include <gtest/gtest.h>

#include <automill/core/nearest_name.hpp>
#include <automill/core/random.hpp>
#include <map>

namespace automill {
namespace {

using Names = std::vector<std::string>;

/// The definition of optimal string alignment, by recursion on prefixes.
std::size_t slow_distance(const std::string& a, const std::string& b, std::size_t i, std::size_t j,
                          std::map<std::pair<std::size_t, std::size_t>, std::size_t>& known) {
  if (i == 0) return j;
  if (j == 0) return i;
  const auto found = known.find({i, j});
  if (found != known.end()) return found->second;
  const auto at = [&](std::size_t x, std::size_t y) { return slow_distance(a, b, x, y, known); };
  std::size_t best = std::min(at(i - 1, j), at(i, j - 1)) + 1;
  best = std::min(best, at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1));
  if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = std::min(best, at(i - 2, j - 2) + 1);
  return known[{i, j}] = best;
}

TEST(EditDistance, equals_the_definition) {
  for (std::uint64_t trial = 0; trial < 2000; ++trial) {
    RandomStream random(1, purpose("edit distance"), trial);
    std::string a, b;
    for (std::uint64_t i = random.below(8); i > 0; --i) a += static_cast<char>('a' + random.below(3));
    for (std::uint64_t i = random.below(8); i > 0; --i) b += static_cast<char>('a' + random.below(3));
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
    EXPECT_EQ(edit_distance(a, b), slow_distance(a, b, a.size(), b.size(), known)) << a << " " << b;
    EXPECT_EQ(edit_distance(a, b), edit_distance(b, a));
  }
}

TEST(EditDistance, known_values) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("incmoe", "income"), 1U);  // a swap of neighbours
  EXPECT_EQ(edit_distance("Age", "age"), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(EditDistance, long_inputs_are_bounded) {
  const std::string big(1 << 20, 'x');
  EXPECT_EQ(edit_distance(big, "x"), 255U);
}

TEST(NearestName, finds_typing_errors_only) {
  const Names names{"age", "income", "education_level"};
  EXPECT_EQ(nearest_name("incme", names), "income");
  EXPECT_EQ(nearest_name("INCOME", names), "income");
  EXPECT_EQ(nearest_name("eductaion_level", names), "education_level");
  EXPECT_EQ(nearest_name("zzzzzz", names), "");
  EXPECT_EQ(nearest_name("age", Names{}), "");
}

TEST(NearestName, first_of_equally_near_names_wins) {
  EXPECT_EQ(nearest_name("ab", Names{"ac", "ad"}), "ac");
  EXPECT_EQ(nearest_name("ab", Names{"ad", "ac"}), "ad");
}

TEST(NameHint, suggests_or_lists) {
  EXPECT_EQ(name_hint("aeg", Names{"age", "job"}), "did you mean 'age'?");
  EXPECT_EQ(name_hint("zzzzzz", Names{"age", "job"}), "known names: age, job");
  EXPECT_EQ(name_hint("x", Names{}), "no names are known here");
  Names many;
  for (int i = 10; i < 30; ++i) many.push_back("column_" + std::to_string(i));
  const std::string hint = name_hint("zzzzzz", many);
  EXPECT_NE(hint.find("column_21, ..."), std::string::npos) << hint;
  EXPECT_EQ(hint.find("column_22"), std::string::npos) << hint;
}

}  // namespace
}  // namespace automill
