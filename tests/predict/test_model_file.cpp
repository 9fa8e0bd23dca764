// The container: one encoding for one model, nothing lost, every damaged byte found.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "predict/manifest_values.hpp"
#include "predict/model_file.hpp"
#include "sample_models.hpp"

namespace automill {
namespace {

using Bytes = std::vector<std::byte>;

std::string code_of(std::span<const std::byte> bytes) {
  try {
    load(bytes);
  } catch (const Error& error) {
    return error.code();
  }
  return "loaded";
}

std::string text_of(std::span<const std::byte> bytes) {
  try {
    load(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Bytes encode(const Archive& archive) { return write_container(archive).bytes(); }

Archive small_archive() {
  Archive archive;
  ArchiveWriter out(archive);
  out.set("name", "a");
  out.array("numbers", std::vector<double>{1, 2, 3});
  out.child("inner", [](ArchiveWriter& part) { part.array("bytes", std::vector<std::uint8_t>{9, 8, 7}); });
  return archive;
}

TEST(ModelFile, save_load_save_gives_the_same_bytes) {
  for (const ServedModel& model :
       {samples::binary(), samples::judged(), samples::multiclass(), samples::regression(), samples::constant()}) {
    const Bytes bytes = model.bytes();
    EXPECT_EQ(load(bytes).bytes(), bytes);
  }
}

TEST(ModelFile, loaded_models_predict_the_same_bits) {
  const Table rows = samples::people(700, 5);
  for (const ServedModel& model : {samples::binary(), samples::multiclass(), samples::regression()}) {
    const ServedModel loaded = load(model.bytes());
    EXPECT_EQ(loaded.predict(rows).raw().values, model.predict(rows).raw().values);
    EXPECT_TRUE(loaded.verify().ok);
    EXPECT_EQ(loaded.verify().largest_difference, 0);
    EXPECT_EQ(loaded.verify().rows, 16U);
  }
}

TEST(ModelFile, everything_comes_back) {
  ModelParts parts = samples::binary().parts();
  parts.metadata = Object{{"integer", 7},
                          {"number", 0.1},
                          {"whole", 3.0},
                          {"nothing", Value{}},
                          {"list", Array{1, "a", false}},
                          {"not_a_number", std::numeric_limits<double>::quiet_NaN()},
                          {"$array", 5},
                          {"$$", Object{{"$number", "NaN"}}},
                          {"bytes", std::string("\xff\xfe")}};
  const ServedModel loaded = load(samples::share(parts).bytes());
  for (const auto& [key, value] : parts.metadata.entries()) {
    const Value& back = loaded.metadata().find(key) != nullptr ? *loaded.metadata().find(key) : Value{};
    const bool same = key == "not_a_number" ? back.is_number() && std::isnan(back.number()) : back == value;
    EXPECT_TRUE(same) << key;
  }
  const TargetInfo &target = loaded.target(), &wanted = parts.target;
  EXPECT_EQ(target.name, wanted.name);
  EXPECT_EQ(target.task, wanted.task);
  EXPECT_EQ(target.classes, wanted.classes);
  EXPECT_EQ(target.positive, wanted.positive);
  EXPECT_EQ(target.label_type, wanted.label_type);
  EXPECT_EQ(target.decision_threshold, wanted.decision_threshold);
  ASSERT_EQ(loaded.schema().size(), parts.schema->size());
  for (std::size_t c = 0; c < parts.schema->size(); ++c) {
    const ColumnSchema &back = loaded.schema()[c], &column = (*parts.schema)[c];
    EXPECT_EQ(back.name, column.name);
    EXPECT_EQ(back.kind, column.kind);
    EXPECT_EQ(back.integer, column.integer);
    if (column.dictionary) {
      EXPECT_EQ(back.dictionary->names(), column.dictionary->names());
    }
    const ColumnSketch &sketch = loaded.parts().sketches[c], &made = parts.sketches[c];
    EXPECT_EQ(sketch.rows, made.rows);
    EXPECT_EQ(sketch.missing, made.missing);
    EXPECT_EQ(sketch.quantiles, made.quantiles);
    EXPECT_EQ(sketch.counts, made.counts);
    EXPECT_EQ(sketch.bin_counts, made.bin_counts);
  }
}

TEST(ModelFile, schema_details_and_strange_names_come_back) {
  const Table table(
      {make_number_column({.name = "\xff odd \"name\"\n", .missing_markers = {"NA", "?"}, .format = "#.#,# EUR"},
                          {1, 2}),
       make_category_column("", std::vector<std::string_view>{"\xc0", std::string_view("a\0b", 3)})});
  auto model = std::make_shared<ConstantModel>(std::vector<double>{1.5});
  model->set_context({table.schema(), output_of(samples::price_target())});
  const ServedModel loaded =
      load(samples::share({.schema = table.schema(), .target = samples::price_target(), .model = model}).bytes());
  EXPECT_EQ(loaded.schema()[0].name, table[0].name());
  EXPECT_EQ(loaded.schema()[0].missing_markers, table[0].schema().missing_markers);
  EXPECT_EQ(loaded.schema()[0].format, "#.#,# EUR");
  EXPECT_EQ(loaded.schema()[1].dictionary->names(), table[1].schema().dictionary->names());
  EXPECT_EQ(loaded.predict(table).values()[1], 1.5);
}

TEST(ModelFile, truncation_at_every_byte_is_an_error) {
  const Bytes bytes = samples::constant().bytes();
  ASSERT_LT(bytes.size(), 20000U);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string code = code_of(std::span(bytes).first(size));
    ASSERT_EQ(code, size == 0 ? "model_file.not_a_model" : "model_file.truncated") << size;
  }
}

TEST(ModelFile, every_flipped_bit_of_a_small_file_is_found) {
  Bytes bytes = encode(small_archive());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] ^= std::byte{1} << bit;
      EXPECT_THROW(read_container(bytes, "file"), Error) << i;
      bytes[i] ^= std::byte{1} << bit;
    }
  }
  EXPECT_NO_THROW(read_container(bytes, "file"));
}

TEST(ModelFile, every_flipped_byte_of_a_model_is_found) {
  Bytes bytes = samples::multiclass().bytes();
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    bytes[i] ^= std::byte{0x55};
    const std::string code = code_of(bytes);
    ASSERT_TRUE(code == "model_file.damaged" || (i < 8 && code == "model_file.not_a_model")) << i << " " << code;
    bytes[i] ^= std::byte{0x55};
  }
  EXPECT_EQ(code_of(bytes), "loaded");
}

TEST(ModelFile, bytes_behind_the_end_are_refused) {
  Bytes bytes = samples::constant().bytes();
  bytes.push_back(std::byte{0});
  EXPECT_EQ(code_of(bytes), "model_file.damaged");
}

TEST(ModelFile, what_is_no_model_is_said_so) {
  const std::string text = "age,job\n39,clerk\n";
  EXPECT_EQ(code_of(std::as_bytes(std::span(text.data(), text.size()))), "model_file.not_a_model");
  EXPECT_EQ(code_of({}), "model_file.not_a_model");
}

/// Writes a number into the header and seals it.
Bytes with_header(Bytes bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  std::memcpy(bytes.data() + at, &value, size);
  seal_header(bytes);
  return bytes;
}

TEST(ModelFile, newer_files_are_refused_with_the_version_needed) {
  const Bytes bytes = samples::constant().bytes();
  const Bytes newer = with_header(bytes, 12, 0x0002'0003'0001, 6);  // needs 1.3.2
  EXPECT_EQ(code_of(newer), "model_file.newer");
  EXPECT_NE(text_of(newer).find("needs AutoMill 1.3.2 or later; this is " AUTOMILL_VERSION), std::string::npos);
  EXPECT_EQ(code_of(with_header(bytes, 8, model_file_format + 1, 4)), "model_file.newer");
}

TEST(ModelFile, sizes_of_the_header_are_checked_against_the_file) {
  const Bytes bytes = samples::constant().bytes();
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{bytes.size()}, ~std::uint64_t{0}, std::uint64_t{1} << 63})
    EXPECT_NE(code_of(with_header(bytes, 24, size, 8)), "loaded") << size;
  EXPECT_EQ(code_of(with_header(bytes, 32, ~std::uint64_t{0}, 8)), "model_file.truncated");
  EXPECT_EQ(code_of(with_header(bytes, 32, bytes.size() - 1, 8)), "model_file.damaged");
  EXPECT_EQ(code_of(with_header(bytes, 18, 1, 2)), "model_file.invalid");
  EXPECT_EQ(code_of(with_header(bytes, 48, 1, 8)), "model_file.invalid");
  EXPECT_EQ(code_of(with_header(bytes, 8, 0, 4)), "model_file.invalid");
}

/// A manifest text made into a file without arrays, all checksums right.
Bytes from_manifest(const std::string& manifest) {
  Bytes bytes = encode(Archive{});
  bytes.resize(64);
  bytes.insert(bytes.end(), reinterpret_cast<const std::byte*>(manifest.data()),
               reinterpret_cast<const std::byte*>(manifest.data()) + manifest.size());
  bytes = with_header(with_header(std::move(bytes), 24, manifest.size(), 8), 32, 64 + manifest.size(), 8);
  seal_manifest(bytes);
  return bytes;
}

TEST(ModelFile, manifests_that_lie_are_refused) {
  const std::string start = R"({"format_version":1,"minimum_reader":"0.1.0","writer":"0.1.0","arrays":)";
  const auto code = [&](const std::string& rest) { return code_of(from_manifest(start + rest)); };
  EXPECT_EQ(code(R"([],"content":{}})"), "model_file.invalid");  // no schema
  EXPECT_EQ(code(R"([],"content":[]})"), "model_file.invalid");
  EXPECT_EQ(code(R"([]})"), "model_file.invalid");
  EXPECT_EQ(code(R"([["float64",1152921504606846976,0,"0000000000000000"]],"content":{"a":{"$array":0}}})"),
            "model_file.invalid");
  EXPECT_EQ(code(R"([["float64",9223372036854775807,0,"0000000000000000"]],"content":{"a":{"$array":0}}})"),
            "model_file.invalid");
  EXPECT_EQ(code(R"([["float64",-1,0,"0000000000000000"]],"content":{"a":{"$array":0}}})"), "model_file.invalid");
  EXPECT_EQ(code(R"([["float64",0,64,"0000000000000000"]],"content":{"a":{"$array":0}}})"), "model_file.invalid");
  EXPECT_EQ(code(R"([["double",0,0,"0000000000000000"]],"content":{"a":{"$array":0}}})"), "model_file.invalid");
  EXPECT_EQ(code(R"([[]],"content":{}})"), "model_file.invalid");
  EXPECT_EQ(code(R"([],"content":{"a":{"$array":0}}})"), "model_file.invalid");
  EXPECT_EQ(code(R"([],"content":{"a":{"$number":"one"}}})"), "model_file.invalid");
  EXPECT_EQ(code(R"([],"content":{"a":{"$bytes":"6"}}})"), "model_file.invalid");
  EXPECT_EQ(code_of(from_manifest("{")), "model_file.invalid");
  EXPECT_EQ(code_of(from_manifest("")), "model_file.invalid");
  EXPECT_EQ(code_of(from_manifest(std::string(100000, '['))), "model_file.invalid");
}

TEST(ModelFile, an_array_is_referred_to_exactly_once) {
  Archive twice = small_archive();
  twice.root.object()["again"] = twice.root.at("numbers");
  EXPECT_THROW(read_container(encode(twice), "file"), Error);
  Archive unused = small_archive();
  unused.arrays.push_back({.bytes = Bytes(8)});
  EXPECT_THROW(read_container(encode(unused), "file"), Error);
  EXPECT_NO_THROW(read_container(encode(small_archive()), "file"));
}

TEST(ModelFile, unknown_components_are_named) {
  Archive archive = read_container(samples::constant().bytes(), "file");
  archive.root.object()["model"].object()["type"] = "my_model";
  const Bytes bytes = encode(archive);
  EXPECT_EQ(code_of(bytes), "model_file.unknown_component");
  EXPECT_NE(text_of(bytes).find("my_model"), std::string::npos);
}

/// Changes one value of the manifest of a model and loads it.
template <class Change>
std::string code_after(const ServedModel& model, const Change& change) {
  Archive archive = read_container(model.bytes(), "file");
  change(archive);
  return code_of(encode(archive));
}

TEST(ModelFile, contents_are_checked) {
  const ServedModel model = samples::binary();
  const auto invalid = [&](const char* what, const auto& change) {
    EXPECT_EQ(code_after(model, [&](Archive& archive) { change(archive.root.object()); }), "model_file.invalid")
        << what;
  };
  const auto target = [](Object& root) -> Object& { return root["target"].object(); };
  invalid("task", [&](Object& root) { target(root)["task"] = "ranking"; });
  invalid("one class", [&](Object& root) { target(root)["classes"] = Array{"no"}; });
  invalid("positive", [&](Object& root) { target(root)["positive"] = 2; });
  invalid("threshold", [&](Object& root) { target(root)["decision_threshold"] = 1.5; });
  invalid("threshold NaN", [&](Object& root) { target(root)["decision_threshold"] = samples::missing; });
  invalid("label type", [&](Object& root) { target(root)["label_type"] = "complex"; });
  invalid("three classes", [&](Object& root) {
    target(root)["task"] = "multiclass";
    target(root)["classes"] = Array{"no", "yes", "maybe"};
  });
  const auto column = [](Object& root, std::size_t c) -> Object& {
    return root["schema"].object()["columns"].array()[c].object();
  };
  invalid("same name", [&](Object& root) { column(root, 1)["name"] = "age"; });
  invalid("kind", [&](Object& root) { column(root, 1)["kind"] = "image"; });
  invalid("category without dictionary", [&](Object& root) { column(root, 1)["kind"] = "category"; });
  invalid("dictionary without category", [&](Object& root) { column(root, 3)["kind"] = "number"; });
  invalid("columns", [&](Object& root) { root["schema"].object()["columns"].array().pop_back(); });
  invalid("metadata", [&](Object& root) { root["metadata"] = 1; });
  const auto member = [](Object& root, std::size_t m) -> Object& {
    return root["model"].object()["members"].array()[m].object();
  };
  invalid("weight 0", [&](Object& root) { member(root, 0)["weight"] = 0.0; });
  invalid("weight NaN", [&](Object& root) { member(root, 0)["weight"] = samples::missing; });
  invalid("weights above 1", [&](Object& root) { member(root, 0)["weight"] = 0.6; });
  invalid("names", [&](Object& root) { member(root, 0)["name"] = "trees_1"; });
  invalid("state version", [&](Object& root) { root["model"].object()["state_version"] = 3; });
  for (const double temperature : {0.0, 0.2, 5.0, samples::missing})
    invalid("temperature", [&](Object& root) { root["model"].object()["temperature"] = temperature; });
}

/// The array that the path of keys refers to.
ArchiveArray& array_at(Archive& archive, std::initializer_list<const char*> path) {
  const Value* value = &archive.root;
  for (const char* key : path) value = &value->at(key);
  return archive.arrays[static_cast<std::size_t>(value->at("$array").integer())];
}

template <class T>
void put(ArchiveArray& array, std::size_t at, T value) {
  std::memcpy(array.bytes.data() + at * sizeof(T), &value, sizeof(T));
}

TEST(ModelFile, arrays_are_checked) {
  const ServedModel model = samples::binary();
  const auto invalid = [&](std::initializer_list<const char*> path, const auto& change) {
    EXPECT_EQ(code_after(model, [&](Archive& archive) { change(array_at(archive, path)); }), "model_file.invalid")
        << *(path.end() - 1);
  };
  invalid({"schema", "categories", "counts"}, [](ArchiveArray& a) { put<std::uint32_t>(a, 0, 4000000000U); });
  invalid({"schema", "categories", "lengths"}, [](ArchiveArray& a) { put<std::uint32_t>(a, 0, 4000000000U); });
  invalid({"schema", "categories", "bytes"}, [](ArchiveArray& a) { put<char>(a, 0, 'z'); });  // no longer ascending
  invalid({"schema", "categories", "bytes"}, [](ArchiveArray& a) { a.bytes.push_back(std::byte{0}); });
  invalid({"sketches", "rows"}, [](ArchiveArray& a) { put<std::uint64_t>(a, 0, 1ULL << 60); });
  invalid({"sketches", "missing"}, [](ArchiveArray& a) { put<std::uint64_t>(a, 1, 501); });
  invalid({"sketches", "quantiles"}, [](ArchiveArray& a) { put<double>(a, 0, samples::missing); });
  invalid({"sketches", "quantiles"}, [](ArchiveArray& a) { put<double>(a, 0, 1e300); });
  invalid({"sketches", "quantiles_sizes"}, [](ArchiveArray& a) { put<std::uint32_t>(a, 0, 4294967295U); });
  invalid({"sketches", "counts"}, [](ArchiveArray& a) { put<std::uint32_t>(a, 0, 501); });
  invalid({"sketches", "bin_counts"}, [](ArchiveArray& a) { put<std::uint32_t>(a, 0, 501); });
  invalid({"self_test", "cells"}, [](ArchiveArray& a) { a.bytes.resize(8); });
  invalid({"self_test", "outputs"}, [](ArchiveArray& a) { a.bytes.resize(8); });
}

TEST(ModelFile, holds_out_of_fold_predictions_where_it_is_asked_to) {
  EXPECT_EQ(load(samples::binary().bytes()).parts().out_of_fold, nullptr);
  const ServedModel model = samples::judged(), loaded = load(model.bytes());
  const OutOfFold &saved = *model.parts().out_of_fold, &read = *loaded.parts().out_of_fold;
  EXPECT_EQ(read.predictions.width, 2U);
  ASSERT_EQ(read.predictions.values.size(), saved.predictions.values.size());
  for (std::size_t i = 0; i < saved.predictions.values.size(); ++i) {
    const double a = read.predictions.values[i], b = saved.predictions.values[i];
    EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << i;
  }
  EXPECT_EQ(read.fold, saved.fold);
  EXPECT_EQ(read.used_rows, saved.used_rows);
  EXPECT_EQ(read.weights, saved.weights);
  const auto invalid = [&](const char* array, const auto& change) {
    EXPECT_EQ(code_after(model,
                         [&](Archive& archive) {
                           change(array_at(archive, {"out_of_fold", array}));
                         }),
              "model_file.invalid")
        << array;
  };
  invalid("fold", [](ArchiveArray& a) { put<std::int32_t>(a, 0, -2); });
  invalid("fold", [](ArchiveArray& a) { a.bytes.resize(4); });
  invalid("predictions", [](ArchiveArray& a) { a.bytes.resize(8); });
  invalid("used_rows", [](ArchiveArray& a) { put<std::uint32_t>(a, 0, 1); });
  invalid("used_rows", [](ArchiveArray& a) { put<std::uint32_t>(a, 4, 6); });
  invalid("weights", [](ArchiveArray& a) { a.bytes.resize(8); });
  invalid("weights", [](ArchiveArray& a) { put<double>(a, 0, samples::missing); });
}

TEST(ModelFile, derived_schemas_stay_in_proportion_to_the_file) {
  // a column transformer of 200,000 times the same column, whose name is long: 1 MB of file, 3 GB of names
  Archive archive = read_container(samples::binary().bytes(), "file");
  archive.root.object()["schema"].object()["columns"].array()[0].object()["name"] = std::string(10000, 'x');
  const Value& groups = archive.root.at("model")
                            .at("members")
                            .array()[2]
                            .at("model")
                            .at("transformer")
                            .at("steps")
                            .array()[0]
                            .at("groups");
  const auto index = static_cast<std::size_t>(groups.array()[0].at("columns").at("$array").integer());
  ASSERT_EQ(archive.arrays[index].type, ElementType::uint32);
  archive.arrays[index].bytes.assign(4 * 200000, std::byte{0});
  const Bytes bytes = encode(archive);
  EXPECT_EQ(code_of(bytes), "model_file.invalid");
  EXPECT_NE(text_of(bytes).find("far more memory"), std::string::npos);
}

RC_GTEST_PROP(ModelFile, exact_values_survive_the_manifest,
              (const std::vector<std::pair<std::string, double>>& entries)) {
  Object object;
  for (const auto& [text, number] : entries) object[text] = Array{text, number, Object{{"$" + text, text}}};
  Archive archive;
  archive.root = Object{{"a", escape_keys(object)}};
  const Archive back = read_container(encode(archive), "file");
  RC_ASSERT(unescape_keys(back.root.at("a")) == Value(object));
}

TEST(ModelFile, numbers_survive_bit_for_bit) {
  RandomStream random(3, purpose("bits"));
  Array numbers{0.0,
                -0.0,
                5e-324,
                1.7976931348623157e308,
                0.1,
                1.0 / 3,
                1e22,
                123456789012345680.0,
                std::numeric_limits<double>::infinity(),
                -std::numeric_limits<double>::infinity()};
  for (int i = 0; i < 20000; ++i) numbers.push_back(std::bit_cast<double>(random.next()));
  Archive archive;
  archive.root = Object{{"numbers", numbers}};
  const Archive back = read_container(encode(archive), "file");
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double a = numbers[i].number(), b = back.root.at("numbers").array()[i].number();
    EXPECT_TRUE(std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b)));
  }
}

TEST(ModelFile, utf8_is_told_from_other_bytes) {
  for (const char* good :
       {"", "a", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xe0\x80\x80"})
    EXPECT_FALSE(is_utf8(bad));
}

class ModelFileOnDisk : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("automill_model_file_" + std::to_string(::getpid()));
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(ModelFileOnDisk, is_what_bytes_gives) {
  const ServedModel model = samples::binary();
  const std::string path = folder_ / "model.automill";
  model.save(path);
  model.save(path);  // replaces
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Bytes bytes = model.bytes();
  ASSERT_EQ(text.size(), bytes.size());
  EXPECT_EQ(std::memcmp(text.data(), bytes.data(), bytes.size()), 0);
  EXPECT_EQ(load(path).bytes(), bytes);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);  // no temporary file is left
}

TEST_F(ModelFileOnDisk, errors_name_the_path) {
  const auto fault = [&](const std::string& path) {
    try {
      load(path);
    } catch (const Error& error) {
      return error.code() + " " + error.place();
    }
    return std::string();
  };
  const std::string none = folder_ / "none.automill", text = folder_ / "text.automill";
  std::ofstream(text) << "hello";
  EXPECT_EQ(fault(none), "file.missing " + none);
  EXPECT_EQ(fault(folder_), "file.folder " + folder_.string());
  EXPECT_EQ(fault(text), "model_file.not_a_model " + text);
  EXPECT_THROW(samples::constant().save(folder_ / "no" / "folder.automill"), Error);
}

}  // namespace
}  // namespace automill
