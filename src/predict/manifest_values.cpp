#include "manifest_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace automill {
namespace {

constexpr const char* hex_digits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 15];
  }
  return text;
}

std::string from_hex(const std::string& text) {
  const auto digit = [](char c) { return static_cast<int>(std::string_view(hex_digits).find(c)); };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) break;
    bytes += static_cast<char>(high * 16 + low);
  }
  if (bytes.size() * 2 != text.size() || is_utf8(bytes))
    throw Error("value.wrong_type", "$bytes", "hexadecimal digits of text that is not UTF-8 are needed here");
  return bytes;
}

double number_of(const std::string& text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  throw Error("value.wrong_type", "$number", "'" + text + "' is not NaN, Infinity or -Infinity");
}

/// Bytes of the character at `at`, 0 when it is not valid (overlong forms, surrogates, above U+10FFFF).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80, high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80, high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

template <class Change>
Value change_keys(const Value& value, const Change& change) {
  if (value.is_array()) {
    Array list;
    for (const Value& element : value.array()) list.push_back(change_keys(element, change));
    return list;
  }
  if (!value.is_object()) return value;
  Object object;
  for (const auto& [key, member] : value.object().entries()) object.append(change(key), change_keys(member, change));
  return object;
}

/// An object whose keys are not all UTF-8.
Value encode_pairs(const std::vector<Object::Entry>& entries) {
  Array pairs;
  for (const auto& [key, member] : entries) {
    pairs.push_back(encode_for_manifest(key));
    pairs.push_back(encode_for_manifest(member));
  }
  return Object{{"$pairs", std::move(pairs)}};
}

Value decode_pairs(const Array& pairs) {
  if (pairs.size() % 2 != 0) throw Error("value.wrong_type", "$pairs", "keys and values are needed here");
  Object object;
  std::set<std::string> keys;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const Value key = decode_from_manifest(pairs[i]);
    if (!keys.insert(key.text()).second) throw Error("value.wrong_type", "$pairs", "a key stands twice");
    object.append(key.text(), decode_from_manifest(pairs[i + 1]));
  }
  return object;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

Value encode_for_manifest(const Value& value) {
  if (value.is_text()) return is_utf8(value.text()) ? value : Object{{"$bytes", to_hex(value.text())}};
  if (value.is_number() && !std::isfinite(value.number())) {
    const double number = value.number();
    return Object{{"$number", std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity"}};
  }
  if (value.is_array()) {
    Array list;
    for (const Value& element : value.array()) list.push_back(encode_for_manifest(element));
    return list;
  }
  if (!value.is_object()) return value;
  const auto& entries = value.object().entries();
  if (!std::all_of(entries.begin(), entries.end(), [](const auto& entry) { return is_utf8(entry.first); }))
    return encode_pairs(entries);
  Object object;
  for (const auto& [key, member] : entries) object.append(key, encode_for_manifest(member));
  return object;
}

Value decode_from_manifest(Value value) {
  if (value.is_array()) {
    for (Value& element : value.array()) element = decode_from_manifest(std::move(element));
    return value;
  }
  if (!value.is_object()) return value;
  const auto& entries = value.object().entries();
  if (entries.size() == 1) {
    const auto& [key, form] = entries.front();
    if (key == "$number") return number_of(form.text());
    if (key == "$bytes") return from_hex(form.text());
    if (key == "$pairs") return decode_pairs(form.array());
  }
  Object object;
  for (const auto& [key, member] : entries) object.append(key, decode_from_manifest(member));
  return object;
}

Value escape_keys(const Value& value) {
  return change_keys(value, [](const std::string& key) { return key.starts_with('$') ? "$" + key : key; });
}

Value unescape_keys(Value value) {
  return change_keys(value, [](const std::string& key) { return key.starts_with("$$") ? key.substr(1) : key; });
}

}  // namespace automill
