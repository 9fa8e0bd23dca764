#include "json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace automill {
namespace {

using Json = nlohmann::ordered_json;

Json encode(const Value& value) {
  if (value.is_null()) return nullptr;
  if (value.is_bool()) return value.boolean();
  if (value.is_integer()) return value.integer();
  if (value.is_number()) {
    const double number = value.number();
    if (std::isfinite(number)) return number;
    return std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
  }
  if (value.is_text()) return value.text();
  if (value.is_array()) {
    Json list = Json::array();
    for (const Value& element : value.array()) list.push_back(encode(element));
    return list;
  }
  Json object = Json::object();
  for (const auto& [key, member] : value.object().entries()) object[key] = encode(member);
  return object;
}

/// Builds values while parsing, so that no second tree is made and depth is bounded.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(std::string place) : place_(std::move(place)) {}
  Value take() { return std::move(root_); }

  bool null() override { return put(Value{}); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(std::int64_t v) override { return put(v); }
  bool number_unsigned(std::uint64_t v) override {
    if (v > static_cast<std::uint64_t>(INT64_MAX)) return put(static_cast<double>(v));
    return put(static_cast<std::int64_t>(v));
  }
  bool number_float(double v, const std::string&) override { return put(v); }
  bool string(std::string& v) override { return put(std::move(v)); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Object{}); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Array{}); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    if (!keys_.back().insert(name).second)
      throw Error("json.invalid", place_, "the key '" + name + "' stands twice in one object");
    names_.push_back(std::move(name));
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception&) override {
    throw Error("json.invalid", place_, "this is not JSON (byte " + std::to_string(byte) + ")");
  }

 private:
  static constexpr std::size_t max_depth = 200;
  bool open(Value container) {
    if (stack_.size() >= max_depth) throw Error("json.invalid", place_, "nested more than 200 deep");
    stack_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Value done = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    return put(std::move(done));
  }
  bool put(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (stack_.back().is_array()) {
      stack_.back().array().push_back(std::move(value));
    } else {
      stack_.back().object().append(std::move(names_.back()), std::move(value));
      names_.pop_back();
    }
    return true;
  }
  std::string place_;
  Value root_;
  std::vector<Value> stack_;
  std::vector<std::string> names_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

std::string to_json(const Value& value, int indent) {
  return encode(value).dump(indent, ' ', false, Json::error_handler_t::replace);
}

Value from_json(std::string_view text, const std::string& place) {
  Builder builder(place);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

}  // namespace automill
