#pragma once
// A fitted component described as data: named values and arrays of numbers in a tree. Saving, export and the model file
// all read this one description; nothing in it is executed. Loading trusts nothing: every getter checks type, range and
// size and names the place in its Error.
//
//   void Ridge::save(ArchiveWriter& out) const { out.set("intercept", b_); out.array("weights", w_); }
//   auto b = in.number("intercept");  auto w = in.array<double>("weights", expected_size);

#include <automill/core/value.hpp>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>

namespace automill {

static_assert(std::endian::native == std::endian::little,
              "the model file is little-endian; a big-endian port must swap in model_file.cpp");

enum class ElementType : std::uint8_t { float64, float32, int64, int32, int16, int8, uint64, uint32, uint16, uint8 };

constexpr std::size_t element_size(ElementType type) {
  constexpr std::size_t sizes[] = {8, 4, 8, 4, 2, 1, 8, 4, 2, 1};
  return sizes[static_cast<std::size_t>(type)];
}
inline const std::vector<std::string>& element_type_names() {
  static const std::vector<std::string> names{"float64", "float32", "int64",  "int32",  "int16",
                                              "int8",    "uint64",  "uint32", "uint16", "uint8"};
  return names;
}
template <class T>
constexpr ElementType element_type_of() {
  if constexpr (std::is_same_v<T, double>) return ElementType::float64;
  else if constexpr (std::is_same_v<T, float>) return ElementType::float32;
  else if constexpr (std::is_signed_v<T>)
    return sizeof(T) == 8   ? ElementType::int64
           : sizeof(T) == 4 ? ElementType::int32
           : sizeof(T) == 2 ? ElementType::int16
                            : ElementType::int8;
  else
    return sizeof(T) == 8   ? ElementType::uint64
           : sizeof(T) == 4 ? ElementType::uint32
           : sizeof(T) == 2 ? ElementType::uint16
                            : ElementType::uint8;
}

struct ArchiveArray {
  ElementType type = ElementType::uint8;
  std::vector<std::byte> bytes{};
  std::size_t size() const { return bytes.size() / element_size(type); }
};

/// The whole description: a tree of values and the arrays that it refers to as {"$array": index}.
struct Archive {
  Value root = Object{};
  std::vector<ArchiveArray> arrays{};
  /// Bytes that loading may still take beyond what the archive itself holds; set by who reads untrusted bytes.
  mutable std::uint64_t allowance = std::numeric_limits<std::uint64_t>::max();
};

class ArchiveWriter {
 public:
  explicit ArchiveWriter(Archive& archive) : archive_(&archive), node_(&archive.root) {}

  void set(std::string_view key, Value value) { node_->object()[key] = std::move(value); }
  template <class T>
  void array(std::string_view key, std::span<const T> values) {
    ArchiveArray stored{.type = element_type_of<T>()};
    stored.bytes.resize(values.size_bytes());
    if (!values.empty()) std::memcpy(stored.bytes.data(), values.data(), values.size_bytes());
    set(key, Object{{"$array", static_cast<std::int64_t>(archive_->arrays.size())}});
    archive_->arrays.push_back(std::move(stored));
  }
  template <class T>
  void array(std::string_view key, const std::vector<T>& values) {
    array(key, std::span<const T>(values));
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    set(key, Array(values.begin(), values.end()));
  }
  /// Calls body with a writer for a member object.
  template <class Body>
  void child(std::string_view key, const Body& body) {
    Archive part{.arrays = std::move(archive_->arrays)};
    ArchiveWriter writer(part);
    body(writer);
    archive_->arrays = std::move(part.arrays);
    set(key, std::move(part.root));
  }
  /// Calls body(writer, i) for each element of an array of objects.
  template <class Body>
  void children(std::string_view key, std::size_t count, const Body& body) {
    Array list;
    for (std::size_t i = 0; i < count; ++i) {
      child("$element", [&](ArchiveWriter& writer) { body(writer, i); });
      list.push_back(std::move(node_->object()["$element"]));
    }
    node_->object()["$element"] = Value{};
    remove("$element");
    set(key, std::move(list));
  }

 private:
  void remove(std::string_view key) {
    Object kept;
    for (const auto& entry : node_->object().entries())
      if (entry.first != key) kept.append(entry.first, entry.second);
    *node_ = std::move(kept);
  }
  Archive* archive_;
  Value* node_;
};

class ArchiveReader {
 public:
  ArchiveReader(const Archive& archive, const Value& node, std::string place)
      : archive_(&archive), node_(&node), place_(std::move(place)) {
    if (!node.is_object()) fail("an object is needed here, not " + std::string(node.kind()));
  }
  explicit ArchiveReader(const Archive& archive) : ArchiveReader(archive, archive.root, "model") {}

  const std::string& place() const { return place_; }
  bool contains(std::string_view key) const { return node_->object().contains(key); }
  const Value& value(std::string_view key) const {
    const Value* found = node_->object().find(key);
    if (found == nullptr) fail("'" + std::string(key) + "' is missing");
    return *found;
  }
  std::int64_t integer(std::string_view key, std::int64_t minimum, std::int64_t maximum) const {
    const Value& v = value(key);
    if (!v.is_integer() || v.integer() < minimum || v.integer() > maximum)
      fail("'" + std::string(key) + "' must be an integer in [" + std::to_string(minimum) + ", " +
           std::to_string(maximum) + "]");
    return v.integer();
  }
  double number(std::string_view key) const {
    const Value& v = value(key);
    if (!v.is_number()) fail("'" + std::string(key) + "' must be a number");
    return v.number();
  }
  bool boolean(std::string_view key) const {
    const Value& v = value(key);
    if (!v.is_bool()) fail("'" + std::string(key) + "' must be true or false");
    return v.boolean();
  }
  const std::string& text(std::string_view key) const {
    const Value& v = value(key);
    if (!v.is_text()) fail("'" + std::string(key) + "' must be text");
    return v.text();
  }
  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> all;
    for (const Value& v : list(key)) {
      if (!v.is_text()) fail("'" + std::string(key) + "' must hold text only");
      all.push_back(v.text());
    }
    return all;
  }
  /// Elements of an array. With `expected`, another length is an error.
  template <class T>
  std::vector<T> array(std::string_view key, std::optional<std::size_t> expected = {}) const {
    const Value& v = value(key);
    const Value* index = v.is_object() ? v.object().find("$array") : nullptr;
    if (index == nullptr || !index->is_integer() || index->integer() < 0 ||
        static_cast<std::size_t>(index->integer()) >= archive_->arrays.size())
      fail("'" + std::string(key) + "' must refer to an array of the file");
    const ArchiveArray& stored = archive_->arrays[static_cast<std::size_t>(index->integer())];
    if (stored.type != element_type_of<T>())
      fail("'" + std::string(key) + "' has elements of type " +
           element_type_names()[static_cast<std::size_t>(stored.type)]);
    if (expected && stored.size() != *expected)
      fail("'" + std::string(key) + "' has " + std::to_string(stored.size()) + " elements where " +
           std::to_string(*expected) + " are needed");
    std::vector<T> values(stored.size());
    if (!values.empty()) std::memcpy(values.data(), stored.bytes.data(), values.size() * sizeof(T));
    return values;
  }
  ArchiveReader child(std::string_view key) const { return {*archive_, value(key), place_ + "." + std::string(key)}; }
  std::vector<ArchiveReader> children(std::string_view key) const {
    std::vector<ArchiveReader> all;
    for (const Value& v : list(key))
      all.emplace_back(*archive_, v, place_ + "." + std::string(key) + "[" + std::to_string(all.size()) + "]");
    return all;
  }
  /// To be called before memory is taken that is not in proportion to what was read (schemas that a component derives):
  /// a crafted file must not get more than a fixed multiple of its own size.
  void charge(std::uint64_t bytes) const {
    if (bytes > archive_->allowance) fail("loading would take far more memory than the file has bytes");
    archive_->allowance -= bytes;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("model_file.invalid", place_, what, "the file is damaged or was not written by AutoMill");
  }

 private:
  const Array& list(std::string_view key) const {
    const Value& v = value(key);
    if (!v.is_array()) fail("'" + std::string(key) + "' must be a list");
    return v.array();
  }
  const Archive* archive_;
  const Value* node_;
  std::string place_;
};

}  // namespace automill
