// Value and Object: kinds, conversions, order, and errors that name the key.

#include <gtest/gtest.h>

#include <automill/core/value.hpp>

namespace automill {
namespace {

template <class Body>
std::string error_text(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Value, every_kind_knows_itself) {
  const std::vector<std::pair<Value, std::string>> cases{
      {Value{}, "null"},      {Value(nullptr), "null"}, {Value(true), "bool"},     {Value(3), "integer"},
      {Value(2.5), "number"}, {Value("x"), "text"},     {Value(Array{}), "array"}, {Value(Object{}), "object"}};
  for (const auto& [value, kind] : cases) {
    EXPECT_EQ(value.kind(), kind);
    EXPECT_EQ(value.is_null(), kind == "null");
    EXPECT_EQ(value.is_bool(), kind == "bool");
    EXPECT_EQ(value.is_integer(), kind == "integer");
    EXPECT_EQ(value.is_number(), kind == "number" || kind == "integer");
    EXPECT_EQ(value.is_text(), kind == "text");
    EXPECT_EQ(value.is_array(), kind == "array");
    EXPECT_EQ(value.is_object(), kind == "object");
  }
}

TEST(Value, integers_are_numbers_and_keep_64_bits) {
  EXPECT_EQ(Value(7).number(), 7.0);
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  EXPECT_EQ(Value(big).integer(), big);
  EXPECT_EQ(Value(std::uint64_t{5}).integer(), 5);
  EXPECT_EQ(Value(std::uint32_t{0xffffffffU}).integer(), 4294967295);
}

TEST(Value, text_of_a_literal_is_text_not_bool) { EXPECT_TRUE(Value("true").is_text()); }

TEST(Value, wrong_kinds_are_errors) {
  EXPECT_EQ(error_text([] { (void)Value("x").number(); }),
            "a value of kind text was given where a number is needed [value.wrong_type]");
  EXPECT_EQ(error_text([] { (void)Value(1.5).integer(); }),
            "a value of kind number was given where an integer is needed [value.wrong_type]");
  EXPECT_EQ(error_text([] { (void)Value(1).text(); }),
            "a value of kind integer was given where text is needed [value.wrong_type]");
  EXPECT_EQ(error_text([] { (void)Value(Object{}).at("age"); }), "age: this key is missing [value.key_missing]");
  EXPECT_EQ(error_text([] { (void)Value(Array{}).at("age"); }),
            "a value of kind array was given where an object is needed [value.wrong_type]");
}

TEST(Object, keeps_the_order_of_insertion) {
  Object object{{"b", 1}, {"a", 2}};
  object["c"] = 3;
  object["a"] = 4;  // replaces, keeps its place
  ASSERT_EQ(object.size(), 3U);
  EXPECT_EQ(object.entries()[0].first, "b");
  EXPECT_EQ(object.entries()[1].first, "a");
  EXPECT_EQ(object.entries()[1].second.integer(), 4);
  EXPECT_EQ(object.entries()[2].first, "c");
  EXPECT_EQ(object.find("d"), nullptr);
  EXPECT_TRUE(object.contains("c"));
  EXPECT_TRUE(object["new"].is_null());
}

TEST(Value, nested_values_compare_by_content) {
  const auto make = [](double x) {
    return Value(Object{{"list", Array{1, "two", Object{{"three", x}}}}, {"none", nullptr}});
  };
  EXPECT_TRUE(make(3.0) == make(3.0));
  EXPECT_FALSE(make(3.0) == make(4.0));
  EXPECT_FALSE(Value(1) == Value(1.0));  // integer and number are kept apart, as JSON text does
  EXPECT_EQ(make(3.0).at("list").array()[2].at("three").number(), 3.0);
}

TEST(Value, members_can_be_changed_in_place) {
  Value value = Object{{"list", Array{}}};
  value.object()["list"].array().push_back(5);
  EXPECT_EQ(value.at("list").array().size(), 1U);
}

}  // namespace
}  // namespace automill
