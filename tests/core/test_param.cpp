// One declaration gives defaults, checks, values as data and messages.

#include <gtest/gtest.h>

#include <automill/core/param.hpp>

namespace automill {
namespace {

struct Sample {
  bool flag = true;
  int count = 10;
  std::int64_t wide = 1;
  double rate = 0.5;
  std::string mode = "fast";
  std::string label = "any";
  std::optional<double> penalty{};
  std::optional<std::int64_t> limit{};

  static auto declare() {
    return std::tuple{parameter("flag", &Sample::flag, "Whether."),
                      parameter("count", &Sample::count, "How many.").range(1, 100).search(2, 50, Scale::log),
                      parameter("wide", &Sample::wide, "A wide integer."),
                      parameter("rate", &Sample::rate, "How fast.").range(0, 1).search(0.1, 0.9),
                      parameter("mode", &Sample::mode, "How.").choices({"fast", "exact"}),
                      parameter("label", &Sample::label, "Any text.").only_if("mode", "exact"),
                      parameter("penalty", &Sample::penalty, "Null: chosen from the data.").range(0, 10),
                      parameter("limit", &Sample::limit, "Null: none.").range(1, 1e6)};
  }
};

/// code|place|message|hint of the first fault, "" when there is none
std::string fault_of(const Object& values) {
  Sample sample;
  try {
    assign_parameters(sample, values, "sample");
  } catch (const Error& error) {
    const Fault& fault = error.faults().front();
    return fault.code + "|" + fault.place + "|" + fault.message + "|" + fault.hint;
  }
  return "";
}

TEST(Declarations, say_everything_as_data) {
  const auto all = declarations<Sample>();
  ASSERT_EQ(all.size(), 8U);
  const std::vector<std::string> names{"flag", "count", "wide", "rate", "mode", "label", "penalty", "limit"};
  const std::vector<std::string> types{"bool", "integer", "integer", "number", "text", "text", "number", "integer"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].name, names[i]);
    EXPECT_EQ(all[i].type, types[i]);
    EXPECT_EQ(all[i].optional, i >= 6);
    EXPECT_FALSE(all[i].description.empty());
  }
  EXPECT_EQ(all[0].default_value, Value(true));
  EXPECT_EQ(all[1].default_value, Value(10));
  EXPECT_EQ(all[1].minimum, 1);
  EXPECT_EQ(all[1].maximum, 100);
  ASSERT_TRUE(all[1].search.has_value());
  EXPECT_EQ(all[1].search->low, 2);
  EXPECT_EQ(all[1].search->high, 50);
  EXPECT_EQ(all[1].search->scale, Scale::log);
  EXPECT_EQ(all[3].search->scale, Scale::linear);
  EXPECT_FALSE(all[0].search.has_value());
  EXPECT_EQ(all[4].choices, (std::vector<std::string>{"fast", "exact"}));
  EXPECT_EQ(all[5].only_if_parameter, "mode");
  EXPECT_EQ(all[5].only_if_value, Value("exact"));
  EXPECT_TRUE(all[6].default_value.is_null());
}

TEST(Parameters, round_trip_as_data) {
  Sample sample{
      .flag = false, .count = 7, .wide = -3, .rate = 0.25, .mode = "exact", .label = "x", .penalty = 2.5, .limit = 9};
  Sample copy;
  assign_parameters(copy, parameter_values(sample), "sample");
  EXPECT_EQ(parameter_values(copy), parameter_values(sample));
  EXPECT_EQ(copy.count, 7);
  EXPECT_EQ(copy.penalty, 2.5);
  assign_parameters(copy, Object{{"penalty", nullptr}}, "sample");
  EXPECT_FALSE(copy.penalty.has_value());
  EXPECT_EQ(copy.count, 7);  // the others stay
}

TEST(Parameters, integers_above_2_to_53_stay_exact) {
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  Sample sample;
  assign_parameters(sample, Object{{"wide", big}}, "sample");
  EXPECT_EQ(sample.wide, big);
  EXPECT_EQ(parameter_values(sample).find("wide")->integer(), big);
}

TEST(Parameters, numbers_and_integers_convert_where_nothing_is_lost) {
  Sample sample;
  assign_parameters(sample, Object{{"count", 7.0}, {"rate", 1}}, "sample");
  EXPECT_EQ(sample.count, 7);
  EXPECT_EQ(sample.rate, 1.0);
}

TEST(Parameters, faults_name_place_value_and_what_is_allowed) {
  EXPECT_EQ(fault_of({{"count", 0}}),
            "parameter.out_of_range|sample.count|0 is not allowed: it must be of type integer in [1, 100]|");
  EXPECT_EQ(fault_of({{"count", 101}}),
            "parameter.out_of_range|sample.count|101 is not allowed: it must be of type integer in [1, 100]|");
  EXPECT_EQ(fault_of({{"count", 2.5}}),
            "parameter.wrong_type|sample.count|2.5 is not allowed: it must be of type integer in [1, 100]|");
  EXPECT_EQ(fault_of({{"count", "7"}}),
            "parameter.wrong_type|sample.count|'7' is not allowed: it must be of type integer in [1, 100]|");
  EXPECT_EQ(fault_of({{"rate", std::nan("")}}),
            "parameter.out_of_range|sample.rate|nan is not allowed: it must be of type number in [0, 1]|");
  EXPECT_EQ(fault_of({{"flag", 1}}), "parameter.wrong_type|sample.flag|1 is not allowed: it must be of type bool|");
  EXPECT_EQ(fault_of({{"rate", nullptr}}),
            "parameter.wrong_type|sample.rate|null is not allowed: it must be of type number in [0, 1]|");
  EXPECT_EQ(fault_of({{"mode", "fsat"}}),
            "parameter.unknown_choice|sample.mode|'fsat' is not a choice|did you mean 'fast'?");
  EXPECT_EQ(fault_of({{"mode", 3}}), "parameter.wrong_type|sample.mode|3 is not allowed: it must be of type text|");
  EXPECT_EQ(fault_of({{"conut", 3}}),
            "parameter.unknown|sample.conut|there is no such parameter|did you mean 'count'?");
  EXPECT_EQ(fault_of({{"penalty", 11}}),
            "parameter.out_of_range|sample.penalty|11 is not allowed: it must be of type number in [0, 10]|");
}

TEST(Parameters, integers_beyond_their_type_are_out_of_range) {
  const std::string fault = fault_of({{"wide", 1e300}});
  EXPECT_EQ(fault.substr(0, fault.find('|')), "parameter.out_of_range");
  EXPECT_EQ(fault_of({{"wide", -1e300}}).substr(0, 22), "parameter.out_of_range");
  EXPECT_EQ(fault_of({{"wide", 9007199254740992.0}}), "");
}

TEST(Parameters, all_faults_come_at_once) {
  Sample sample;
  try {
    assign_parameters(sample, Object{{"count", 0}, {"rats", 1}, {"mode", "slow"}}, "sample");
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.faults().size(), 3U);
  }
}

TEST(Parameters, values_set_on_the_struct_are_checked_alike) {
  EXPECT_NO_THROW(check_parameters(Sample{}, "sample"));
  Sample wrong;
  wrong.rate = 1.5;
  wrong.mode = "";
  try {
    check_parameters(wrong, "sample");
    FAIL() << "no Error";
  } catch (const Error& error) {
    ASSERT_EQ(error.faults().size(), 2U);
    EXPECT_EQ(error.faults()[0].place, "sample.rate");
    EXPECT_EQ(error.faults()[1].code, "parameter.unknown_choice");
  }
}

TEST(NoParameters, refuses_every_name) {
  NoParameters none;
  EXPECT_TRUE(declarations<NoParameters>().empty());
  EXPECT_THROW(assign_parameters(none, Object{{"x", 1}}, "thing"), Error);
}

}  // namespace
}  // namespace automill
