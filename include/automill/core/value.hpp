#pragma once
// A plain data value: null, bool, integer, number, text, array or object (in the order of insertion). Parameters,
// events, recipes and saved components are trees of values; JSON text is made of them in one place of the compiled
// library.
//
//   Value v = Object{{"name", "ridge"}, {"l2", 1.0}};
//   v.at("l2").number();        // 1.0; the wrong type or a missing key is an Error that names the key

#include <automill/core/error.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace automill {

class Value;
/// A list of one list is Array{Value(Array{...})}: of Array{Array{...}} compilers make a list or a copy.
using Array = std::vector<Value>;

/// Ordered list of (key, value). Keys are few, so a search is linear.
class Object {
 public:
  using Entry = std::pair<std::string, Value>;
  Object() = default;
  Object(std::initializer_list<Entry> entries);

  const Value* find(std::string_view key) const;
  Value& operator[](std::string_view key);  ///< inserts null when absent
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  const std::vector<Entry>& entries() const& { return entries_; }
  std::vector<Entry> entries() &&;            ///< of a temporary: nothing dangles in a range-for
  void append(std::string key, Value value);  ///< no search: the caller knows that the key is new
  bool operator==(const Object& other) const;

 private:
  std::vector<Entry> entries_;
};

class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool v) : data_(v) {}
  Value(int v) : data_(std::int64_t{v}) {}
  Value(std::int64_t v) : data_(v) {}
  Value(std::uint32_t v) : data_(static_cast<std::int64_t>(v)) {}
  Value(std::uint64_t v) : data_(static_cast<std::int64_t>(v)) {}
  Value(double v) : data_(v) {}
  Value(std::string v) : data_(std::move(v)) {}
  Value(std::string_view v) : data_(std::string(v)) {}
  Value(const char* v) : data_(std::string(v)) {}
  Value(Array v) : data_(std::move(v)) {}
  Value(Object v) : data_(std::move(v)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_number() const { return std::holds_alternative<double>(data_) || is_integer(); }
  bool is_text() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  bool boolean() const { return get<bool>("true or false"); }
  std::int64_t integer() const { return get<std::int64_t>("an integer"); }
  double number() const {
    if (is_integer()) return static_cast<double>(std::get<std::int64_t>(data_));
    return get<double>("a number");
  }
  const std::string& text() const { return get<std::string>("text"); }
  const Array& array() const { return get<Array>("an array"); }
  const Object& object() const { return get<Object>("an object"); }
  Array& array() { return const_cast<Array&>(std::as_const(*this).array()); }
  Object& object() { return const_cast<Object&>(std::as_const(*this).object()); }

  /// Member of an object; an Error names the key when it is absent.
  const Value& at(std::string_view key) const {
    const Value* found = object().find(key);
    if (found == nullptr) throw Error("value.key_missing", std::string(key), "this key is missing");
    return *found;
  }
  const char* kind() const {
    static constexpr const char* names[] = {"null", "bool", "integer", "number", "text", "array", "object"};
    return names[data_.index()];
  }
  bool operator==(const Value& other) const { return data_ == other.data_; }

 private:
  template <class T>
  const T& get(const char* wanted) const {
    if (const T* found = std::get_if<T>(&data_)) return *found;
    throw Error("value.wrong_type", "",
                std::string("a value of kind ") + kind() + " was given where " + wanted + " is needed");
  }
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

inline Object::Object(std::initializer_list<Entry> entries) : entries_(entries) {}
inline std::vector<Object::Entry> Object::entries() && { return std::move(entries_); }
inline std::size_t Object::size() const { return entries_.size(); }
inline const Value* Object::find(std::string_view key) const {
  for (const Entry& entry : entries_)
    if (entry.first == key) return &entry.second;
  return nullptr;
}
inline Value& Object::operator[](std::string_view key) {
  for (Entry& entry : entries_)
    if (entry.first == key) return entry.second;
  entries_.emplace_back(std::string(key), Value{});
  return entries_.back().second;
}
inline void Object::append(std::string key, Value value) { entries_.emplace_back(std::move(key), std::move(value)); }
inline bool Object::operator==(const Object& other) const { return entries_ == other.entries_; }

}  // namespace automill
