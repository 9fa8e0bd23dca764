// Search spaces: the unit cube and back, conditions, forbidden combinations, plain data, and every fault by name.

#include <automill/core/random.hpp>
#include <cmath>
#include <map>
#include <set>

#include "search/cube.hpp"
#include "search_tools.hpp"

namespace {

using namespace search_tools;
using search::Cube;
using search::Point;

SearchSpace mixed_space() {
  return SearchSpace({{"learning_rate", Float(1e-3, 1, {.log = true})},
                      {"share", Float(0, 1, {.step = 0.1})},
                      {"growth", Categories({"leaf_wise", "symmetric", nullptr})},
                      {"depth", Int(2, 10).when("growth", "symmetric")},
                      {"noise", Float(0, 2).when("depth", Array{8, 9, 10})},
                      {"leaves", Int(4, 256, {.log = true}).when("growth", Array{"leaf_wise", nullptr})},
                      {"size", OrderedCategories({"small", "medium", "large"})},
                      {"rounds", Fixed(100)}},
                     {Object{{"size", "large"}, {"growth", Array{"symmetric", nullptr}}}});
}

TEST(SearchSpace, numbers_follow_their_scale) {
  const SearchSpace space{{"linear", Float(-2, 6)}, {"log", Float(1e-4, 1, {.log = true})}};
  const Object quarter = space.configuration(std::vector{0.25, 0.25});
  EXPECT_DOUBLE_EQ(number_of(quarter, "linear"), 0.0);
  EXPECT_NEAR(number_of(quarter, "log"), 1e-3, 1e-15);  // a quarter of four decades
  EXPECT_DOUBLE_EQ(number_of(space.configuration(std::vector{-1.0, 2.0}), "linear"), -2);
  EXPECT_DOUBLE_EQ(number_of(space.configuration(std::vector{0.0, 1.0}), "log"), 1.0);
}

TEST(SearchSpace, levels_share_the_interval) {
  // a linear whole number: each of n levels has a part of 1/n; a logarithmic one: log((k + 1/2) / (k - 1/2)) of the
  // whole
  const SearchSpace space{{"linear", Int(3, 6)}, {"log", Int(1, 8, {.log = true})}};
  const int draws = 100000;
  std::map<double, int> linear, log;
  for (int i = 0; i < draws; ++i) {
    const double unit = (i + 0.5) / draws;
    const Object drawn = space.configuration(std::vector{unit, unit});
    ++linear[number_of(drawn, "linear")];
    ++log[number_of(drawn, "log")];
  }
  ASSERT_EQ(linear.size(), 4u);
  ASSERT_EQ(log.size(), 8u);
  for (const auto& [value, count] : linear) EXPECT_NEAR(count, draws / 4.0, 2) << value;
  for (const auto& [value, count] : log)
    EXPECT_NEAR(count, draws * std::log((value + 0.5) / (value - 0.5)) / std::log(17.0), 2) << value;
}

TEST(SearchSpace, steps_give_the_decimals_that_were_meant) {
  const SearchSpace space{{"x", Float(0, 1, {.step = 0.1})}, {"y", Float(0.5, 2, {.log = true, .step = 0.25})}};
  EXPECT_EQ(space.levels(0), 11u);
  EXPECT_EQ(number_of(space.configuration(std::vector{0.3, 0.0}), "x"), 0.3);
  EXPECT_EQ(number_of(space.configuration(std::vector{0.3, 0.0}), "y"), 0.5);
  EXPECT_EQ(number_of(space.configuration(std::vector{0.3, 1.0}), "y"), 2.0);
  EXPECT_EQ(number_of(space.check(Object{{"x", 0.1 + 0.2}, {"y", 0.75}}), "x"), 0.3);
}

TEST(SearchSpace, conditions_decide_what_is_part_of_a_configuration) {
  const SearchSpace space = mixed_space();
  EXPECT_EQ(space.dimensions(), 7u);  // a fixed parameter is no coordinate
  //                                          rate share growth depth noise leaves size
  const Object symmetric = space.configuration(std::vector{0.5, 0.5, 0.5, 0.99, 0.5, 0.5, 0.1});
  EXPECT_TRUE(symmetric.contains("depth") && symmetric.contains("noise"));
  EXPECT_FALSE(symmetric.contains("leaves"));
  const Object shallow = space.configuration(std::vector{0.5, 0.5, 0.5, 0.1, 0.5, 0.5, 0.1});
  EXPECT_TRUE(shallow.contains("depth"));
  EXPECT_FALSE(shallow.contains("noise"));
  const Object neither = space.configuration(std::vector{0.5, 0.5, 0.9, 0.99, 0.5, 0.5, 0.1});
  EXPECT_TRUE(neither.find("growth")->is_null());
  EXPECT_TRUE(neither.contains("leaves"));
  EXPECT_FALSE(neither.contains("depth") || neither.contains("noise"));  // its parent's condition is its own, too
  EXPECT_EQ(neither.find("rounds")->integer(), 100);
}

TEST(SearchSpace, a_configuration_survives_the_cube_and_plain_data) {
  const SearchSpace space = mixed_space(),
                    again = SearchSpace::from_value(from_json(to_json(space.to_value()), "space"));
  EXPECT_EQ(to_json(again.to_value()), to_json(space.to_value()));
  const Cube cube(space);
  RandomStream random(1, purpose("test"));
  int forbidden = 0;
  for (int i = 0; i < 2000; ++i) {
    Point point(space.dimensions());
    for (double& each : point) each = random.uniform();
    const Object drawn = space.configuration(point);
    EXPECT_EQ(drawn, again.configuration(point));
    const Point middle = space.point(drawn);
    cube.snap(point);
    ASSERT_EQ(middle.size(), point.size());
    for (std::size_t c = 0; c < point.size(); ++c) {
      EXPECT_EQ(std::isnan(point[c]), std::isnan(middle[c]));
      if (!std::isnan(point[c])) EXPECT_NEAR(point[c], middle[c], 1e-12) << c;  // a logarithm and back
    }
    EXPECT_EQ(cube.forbids(point), space.forbids(drawn));
    forbidden += space.forbids(drawn);
    if (space.forbids(drawn)) continue;
    EXPECT_EQ(space.check(drawn), drawn);
    EXPECT_EQ(space.check(space.configuration(middle)).size(), drawn.size());
  }
  EXPECT_NEAR(forbidden, 2000 * 2.0 / 9, 90);  // 2 of 3 categories, 1 of 3 sizes; five standard deviations
}

TEST(SearchSpace, all_configurations_of_a_finite_space) {
  const SearchSpace space({{"a", Int(1, 3)}, {"b", Categories({"x", "y"})}, {"c", Int(0, 1).when("b", "y")}},
                          {Object{{"a", 2}, {"b", "x"}}});
  const auto all = space.all_configurations(100);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->size(), 3u * (1 + 2) - 1);
  std::set<std::string> texts;
  for (const Object& each : *all) texts.insert(to_json(each));
  EXPECT_EQ(texts.size(), all->size());
  EXPECT_FALSE(space.all_configurations(7).has_value());
  EXPECT_FALSE((SearchSpace{{"x", Float(0, 1)}}.all_configurations(100).has_value()));
}

TEST(SearchSpace, short_forms_of_plain_data) {
  const SearchSpace space = SearchSpace::from_value(from_json(
      R"({"kind": ["a", "b"], "rate": {"type": "float", "low": 0, "high": 1, "when": {"kind": "a"}}, "rounds": 5})",
      ""));
  EXPECT_EQ(space.dimensions(), 2u);
  EXPECT_EQ(space.configuration(std::vector{0.9, 0.5}), (Object{{"kind", "b"}, {"rounds", 5}}));
  // parameters of the name "parameters" are parameters
  const SearchSpace named = SearchSpace::from_value(from_json(R"({"parameters": ["a", "b"], "forbidden": 3})", ""));
  EXPECT_EQ(named.parameters().size(), 2u);
}

TEST(SearchSpace, a_list_may_be_a_choice) {
  const Value wide = Array{400, 200}, narrow = Array{100};
  const SearchSpace space{{"layers", Categories({wide, narrow})},
                          {"rate", Float(0, 1).when("layers", wide)},
                          {"other", Float(0, 1).when("layers", Array{wide, narrow})}};
  EXPECT_EQ(space.configuration(std::vector{0.9, 0.5, 0.5}).size(), 2u);
  EXPECT_EQ(space.configuration(std::vector{0.1, 0.5, 0.5}).size(), 3u);
}

TEST(SearchSpaceFaults, of_ranges_and_choices) {
  const auto text = [](SearchParameter parameter) {
    return fault_text([&] { SearchSpace({{"x", std::move(parameter)}}); });
  };
  EXPECT_EQ(text(Float(2, 1)), "x: the range [2, 1] is empty: its lower end is above its upper end [search.parameter]");
  EXPECT_EQ(text(Float(0, 1, {.log = true})),
            "x: a logarithmic range must begin above 0, and this one begins at 0 [search.parameter]");
  EXPECT_EQ(text(Int(-3, 1, {.log = true})),
            "x: a logarithmic range must begin above 0, and this one begins at -3 [search.parameter]");
  EXPECT_EQ(text(Float(0, INFINITY)), "x: the range [0, inf] must have finite ends [search.parameter]");
  EXPECT_EQ(text(Float(0, NAN)), "x: the range [0, nan] must have finite ends [search.parameter]");
  EXPECT_EQ(text(Float(0, 1, {.step = -0.1})),
            "x: the step -0.1 is not allowed: it must be above 0 [search.parameter]");
  EXPECT_EQ(text(Int(0, 1, {.step = 0})), "x: the step 0 is not allowed: it must be above 0 [search.parameter]");
  EXPECT_EQ(text(Categories({})), "x: there is no value to choose from [search.parameter]");
  EXPECT_EQ(text(Categories({1, "a", 1.0})), "x: 1 is listed twice [search.parameter]");
  EXPECT_EQ(text(Float(1, 1)), "");  // one value
  EXPECT_EQ(fault_text([] { SearchSpace(std::vector<SearchSpace::Entry>{}); }),
            "space: there is no parameter to search [search.space]");
  EXPECT_EQ(fault_text([] {
              SearchSpace({{"x", Int(0, 1)}, {"x", Int(0, 1)}});
            }),
            "x: this name is given twice [search.space]");
}

TEST(SearchSpaceFaults, of_conditions) {
  EXPECT_EQ(
      fault_text([] {
        SearchSpace({{"growth", Categories({"a"})}, {"x", Int(0, 1).when("grwth", "a")}});
      }),
      "x: its condition asks for 'grwth', which is no parameter (did you mean 'growth'?) [search.unknown_parameter]");
  EXPECT_EQ(fault_text([] {
              SearchSpace({{"a", Int(1, 3)}, {"x", Int(0, 1).when("a", 4)}});
            }),
            "x: 'a' is never 4: it is a whole number in [1, 3] [search.condition]");
  EXPECT_EQ(fault_text([] {
              SearchSpace({{"a", Float(1, 3)}, {"x", Int(0, 1).when("a", 2)}});
            }),
            "x: its condition asks whether 'a' has a value, but that is any number of a range (conditions may ask for "
            "categories, ordered values, whole numbers and numbers with a step) [search.condition]");
  EXPECT_EQ(
      fault_text([] {
        SearchSpace({{"a", Int(0, 1).when("c", 1)}, {"b", Int(0, 1).when("a", 1)}, {"c", Int(0, 1).when("b", 0)}});
      }),
      "a: conditions run in a circle: 'a' needs 'c' needs 'b' needs 'a' [search.circle]");
  EXPECT_EQ(fault_text([] {
              SearchSpace({{"a", Int(0, 1).when("a", 1)}});
            }),
            "a: conditions run in a circle: 'a' needs 'a' [search.circle]");
  EXPECT_EQ(fault_text([] {
              SearchSpace({{"a", Categories({"p", "q"})},
                           {"b", Int(0, 1).when("a", "p")},
                           {"x", Int(0, 1).when("b", 1).when("a", "q")}});
            }),
            "x: its conditions can never hold together [search.never_active]");
  EXPECT_EQ(fault_text([] {
              SearchSpace({{"a", Int(0, 5)}, {"x", Int(0, 1).when("a", 1).when("a", 2)}});
            }),
            "x: its conditions can never hold together [search.never_active]");
}

TEST(SearchSpaceFaults, of_forbidden_combinations) {
  const std::vector<SearchSpace::Entry> entries{{"a", Int(0, 1)}, {"rate", Float(0, 1)}};
  const auto text = [&](Object combination) {
    return fault_text([&] { SearchSpace(entries, {std::move(combination)}); });
  };
  EXPECT_EQ(text({{"rat", 1}}),
            "forbidden[0]: 'rat' is no parameter (did you mean 'rate'?) [search.unknown_parameter]");
  EXPECT_EQ(text({{"a", 7}}), "forbidden[0]: 'a' is never 7: it is a whole number in [0, 1] [search.forbidden]");
  EXPECT_EQ(text({}), "forbidden[0]: an empty combination would forbid everything [search.forbidden]");
  EXPECT_EQ(text({{"rate", 0.5}}),
            "forbidden[0]: 'rate' is any number of a range (combinations may hold categories, ordered values, whole "
            "numbers and numbers with a step) [search.forbidden]");
  EXPECT_EQ(
      text({{"a", Array{0, 1}}}),
      "space: the forbidden combinations leave no configuration (take some of them away) [search.nothing_allowed]");
}

TEST(SearchSpaceFaults, of_plain_data_come_together) {
  const auto faults = faults_of([] {
    SearchSpace::from_value(from_json(R"({"parameters": {"a": {"type": "flot", "low": 0, "high": 1},
      "b": {"type": "int", "low": 0, "hihg": 3}, "c": {"type": "ordinal", "choices": 3}}, "forbiden": []})",
                                      ""));
  });
  ASSERT_EQ(faults.size(), 5u);
  EXPECT_EQ(faults[0].text(), "a: 'flot' is not a type of parameters (did you mean 'float'?) [search.space]");
  EXPECT_EQ(faults[2].text(),
            "b: 'hihg' does not belong to a parameter of this type (did you mean 'high'?) [search.space]");
  EXPECT_EQ(faults[4].text(), "space: 'forbiden' is not known here (did you mean 'forbidden'?) [search.space]");
}

TEST(SearchSpaceFaults, of_configurations_come_together) {
  const SearchSpace space = mixed_space();
  Object wrong{{"learning_rat", 0.1}, {"share", 0.15},   {"growth", "leaf_wise"}, {"depth", 3},
               {"leaves", 4},         {"size", "small"}, {"rounds", 100}};
  EXPECT_EQ(fault_text([&] { space.check(wrong); }),
            "learning_rat: the space has no such parameter (did you mean 'learning_rate'?) [search.unknown_parameter]\n"
            "learning_rate: there is no value for this parameter [search.value]\n"
            "share: 0.15 is not allowed: it is a number in [0, 1] in steps of 0.1 from the lower end [search.value]\n"
            "depth: a value was given, but its condition does not hold here (leave it out) [search.value]");
  const Object forbidden{{"learning_rate", 0.1}, {"share", 0.1},    {"growth", nullptr},
                         {"leaves", 4},          {"size", "large"}, {"rounds", 100}};
  EXPECT_EQ(fault_text([&] { space.check(forbidden); }),
            "configuration: this combination of values is forbidden [search.value]");
}

}  // namespace
