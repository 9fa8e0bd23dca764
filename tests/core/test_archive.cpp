// The archive: what was written is read, and every getter refuses what it cannot trust, with the place.

#include <gtest/gtest.h>

#include <automill/core/archive.hpp>
#include <functional>

namespace automill {
namespace {

std::string fault_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code() + "|" + error.place() + "|" + error.faults()[0].message;
  }
  return "no error";
}

template <class T>
void round_trip(const std::vector<T>& values, const std::string& type) {
  Archive archive;
  ArchiveWriter(archive).array("values", values);
  EXPECT_EQ(ArchiveReader(archive).array<T>("values"), values);
  EXPECT_EQ(ArchiveReader(archive).array<T>("values", values.size()), values);
  EXPECT_EQ(element_type_names()[static_cast<std::size_t>(archive.arrays[0].type)], type);
  EXPECT_EQ(archive.arrays[0].bytes.size(), values.size() * sizeof(T));
  EXPECT_EQ(archive.arrays[0].size(), values.size());
}

TEST(Archive, arrays_of_every_type_round_trip) {
  round_trip<double>({1.5, -0.0, 1e308}, "float64");
  round_trip<float>({1.5F, -2.5F}, "float32");
  round_trip<std::int64_t>({-1, std::numeric_limits<std::int64_t>::max()}, "int64");
  round_trip<std::int32_t>({-1, 5}, "int32");
  round_trip<std::int16_t>({-1, 5}, "int16");
  round_trip<std::int8_t>({-1, 5}, "int8");
  round_trip<std::uint64_t>({std::numeric_limits<std::uint64_t>::max()}, "uint64");
  round_trip<std::uint32_t>({7}, "uint32");
  round_trip<std::uint16_t>({7}, "uint16");
  round_trip<std::uint8_t>({}, "uint8");
}

/// A tree with arrays at several depths.
Archive sample() {
  Archive archive;
  ArchiveWriter out(archive);
  out.set("count", 3);
  out.set("rate", 0.5);
  out.set("flag", true);
  out.set("name", "ridge");
  out.texts("names", {"a", "b"});
  out.array("first", std::vector<double>{1, 2});
  out.child("inner", [](ArchiveWriter& part) {
    part.array("second", std::vector<double>{3});
    part.children("leaves", 3, [](ArchiveWriter& leaf, std::size_t i) {
      leaf.set("index", static_cast<std::int64_t>(i));
      leaf.array("values", std::vector<std::int32_t>{static_cast<std::int32_t>(10 * i)});
    });
  });
  out.array("last", std::vector<double>{4});
  return archive;
}

TEST(Archive, nested_parts_keep_their_arrays) {
  const Archive archive = sample();
  const ArchiveReader in(archive);
  EXPECT_EQ(archive.arrays.size(), 6U);
  EXPECT_EQ(in.array<double>("first"), (std::vector<double>{1, 2}));
  EXPECT_EQ(in.array<double>("last"), (std::vector<double>{4}));
  const ArchiveReader inner = in.child("inner");
  EXPECT_EQ(inner.array<double>("second"), (std::vector<double>{3}));
  const auto leaves = inner.children("leaves");
  ASSERT_EQ(leaves.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(leaves[i].integer("index", 0, 2), static_cast<std::int64_t>(i));
    EXPECT_EQ(leaves[i].array<std::int32_t>("values", 1)[0], static_cast<std::int32_t>(10 * i));
  }
  EXPECT_EQ(leaves[1].place(), "model.inner.leaves[1]");
}

TEST(Archive, writing_children_leaves_no_helper_behind) {
  Archive archive;
  ArchiveWriter out(archive);
  out.set("before", 1);
  out.children("none", 0, [](ArchiveWriter&, std::size_t) {});
  out.children("some", 2, [](ArchiveWriter& part, std::size_t i) { part.set("i", static_cast<std::int64_t>(i)); });
  std::vector<std::string> keys;
  for (const auto& entry : archive.root.object().entries()) keys.push_back(entry.first);
  EXPECT_EQ(keys, (std::vector<std::string>{"before", "none", "some"}));
}

TEST(ArchiveReader, plain_getters) {
  const Archive archive = sample();
  const ArchiveReader in(archive);
  EXPECT_EQ(in.integer("count", 0, 10), 3);
  EXPECT_EQ(in.number("rate"), 0.5);
  EXPECT_EQ(in.number("count"), 3.0);
  EXPECT_TRUE(in.boolean("flag"));
  EXPECT_EQ(in.text("name"), "ridge");
  EXPECT_EQ(in.texts("names"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(in.contains("count"));
  EXPECT_FALSE(in.contains("none"));
}

TEST(ArchiveReader, every_getter_refuses_with_the_place) {
  const Archive archive = sample();
  const ArchiveReader in(archive);
  const ArchiveReader inner = in.child("inner");
  EXPECT_EQ(fault_of([&] { inner.number("x"); }), "model_file.invalid|model.inner|'x' is missing");
  EXPECT_EQ(fault_of([&] { in.integer("count", 4, 10); }),
            "model_file.invalid|model|'count' must be an integer in [4, 10]");
  EXPECT_EQ(fault_of([&] { in.integer("count", 0, 2); }),
            "model_file.invalid|model|'count' must be an integer in [0, 2]");
  EXPECT_EQ(fault_of([&] { in.integer("rate", 0, 2); }),
            "model_file.invalid|model|'rate' must be an integer in [0, 2]");
  EXPECT_EQ(fault_of([&] { in.number("name"); }), "model_file.invalid|model|'name' must be a number");
  EXPECT_EQ(fault_of([&] { in.boolean("count"); }), "model_file.invalid|model|'count' must be true or false");
  EXPECT_EQ(fault_of([&] { in.text("count"); }), "model_file.invalid|model|'count' must be text");
  EXPECT_EQ(fault_of([&] { in.texts("count"); }), "model_file.invalid|model|'count' must be a list");
  EXPECT_EQ(fault_of([&] { in.children("names"); }),
            "model_file.invalid|model.names[0]|an object is needed here, not text");
  EXPECT_EQ(fault_of([&] { in.child("count"); }),
            "model_file.invalid|model.count|an object is needed here, not integer");
  EXPECT_EQ(fault_of([&] { in.array<double>("count"); }),
            "model_file.invalid|model|'count' must refer to an array of the file");
  EXPECT_EQ(fault_of([&] { in.array<double>("inner"); }),
            "model_file.invalid|model|'inner' must refer to an array of the file");
  EXPECT_EQ(fault_of([&] { in.array<float>("first"); }),
            "model_file.invalid|model|'first' has elements of type float64");
  EXPECT_EQ(fault_of([&] { in.array<double>("first", 3); }),
            "model_file.invalid|model|'first' has 2 elements where 3 are needed");
}

TEST(ArchiveReader, a_list_of_other_things_is_not_texts) {
  Archive archive;
  ArchiveWriter(archive).set("names", Array{"a", 1});
  EXPECT_EQ(fault_of([&] { ArchiveReader(archive).texts("names"); }),
            "model_file.invalid|model|'names' must hold text only");
}

TEST(ArchiveReader, references_beyond_the_arrays_are_refused) {
  for (const Value& index :
       {Value(-1), Value(6), Value(std::numeric_limits<std::int64_t>::max()), Value(0.0), Value("0"), Value{}}) {
    Archive archive = sample();
    archive.root.object()["first"] = Object{{"$array", index}};
    EXPECT_EQ(fault_of([&] { ArchiveReader(archive).array<double>("first"); }),
              "model_file.invalid|model|'first' must refer to an array of the file");
  }
}

TEST(ArchiveReader, a_root_that_is_no_object_is_refused) {
  Archive archive;
  archive.root = Array{};
  EXPECT_EQ(fault_of([&] { ArchiveReader in(archive); }),
            "model_file.invalid|model|an object is needed here, not array");
}

TEST(ArchiveReader, ragged_bytes_are_not_read_past_their_end) {
  Archive archive;
  archive.root = Object{{"x", Object{{"$array", 0}}}};
  archive.arrays.push_back({ElementType::float64, std::vector<std::byte>(15)});
  EXPECT_EQ(ArchiveReader(archive).array<double>("x").size(), 1U);
}

}  // namespace
}  // namespace automill
