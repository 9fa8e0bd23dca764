#pragma once
// What the columns of a table are. A schema is fixed in training and goes with the model, so that prediction reads new
// data as the training did.

#include <automill/core/error.hpp>
#include <automill/core/nearest_name.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace automill {

/// Logical types; an open list. A value of a row is seen by learners as a double: a number as it is, a boolean as 0 or
/// 1, a datetime as microseconds since 1970-01-01 UTC, a category as its code; missing is NaN. Text stays text.
enum class ColumnKind : std::uint8_t { number, boolean, category, datetime, text };

inline const std::vector<std::string>& column_kind_names() {
  static const std::vector<std::string> names{"number", "boolean", "category", "datetime", "text"};
  return names;
}
inline const std::string& column_kind_name(ColumnKind kind) {
  return column_kind_names()[static_cast<std::size_t>(kind)];
}

/// The categories of a column, sorted by bytes: code = position. Immutable, shared between tables.
/// Codes of a row: 0 .. size()-1, `missing_code`, or size() for a category that training did not see.
class Dictionary {
 public:
  static constexpr std::int32_t missing_code = -1;

  Dictionary() = default;
  /// `sorted`: unique names in ascending byte order (as the caller guarantees; checked by the loader).
  explicit Dictionary(std::vector<std::string> sorted) : names_(std::move(sorted)) {
    std::size_t slots = 1;
    while (slots < 2 * names_.size()) slots *= 2;
    slots_.assign(slots, free_slot);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      std::int32_t& slot = slots_[slot_of(names_[i])];
      if (slot == free_slot) slot = static_cast<std::int32_t>(i);
    }
  }
  Dictionary(const Dictionary&) = delete;  // large, and shared instead
  Dictionary& operator=(const Dictionary&) = delete;

  std::size_t size() const { return names_.size(); }
  std::int32_t unseen_code() const { return static_cast<std::int32_t>(names_.size()); }
  const std::vector<std::string>& names() const { return names_; }
  /// Code of a category; `unseen_code()` when it is not known. O(1), no allocation.
  std::int32_t code(std::string_view name) const {
    const std::int32_t slot = slots_[slot_of(name)];
    return slot == free_slot ? unseen_code() : slot;
  }

 private:
  static constexpr std::int32_t free_slot = -1;
  /// Where the name is, or the free slot where it would be. Open addressing: identifiers of a million values need
  /// 8 MB here, a node-based map ten times that.
  std::size_t slot_of(std::string_view name) const {
    std::size_t at = std::hash<std::string_view>{}(name) & (slots_.size() - 1);
    while (slots_[at] != free_slot && names_[static_cast<std::size_t>(slots_[at])] != name)
      at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<std::string> names_;
  std::vector<std::int32_t> slots_ = std::vector<std::int32_t>(1, free_slot);  // codes; at most half are taken
};

struct ColumnSchema {
  std::string name;
  ColumnKind kind = ColumnKind::number;
  bool integer = false;                            ///< number: every training value was a whole number
  std::shared_ptr<const Dictionary> dictionary{};  ///< category: never null
  std::vector<std::string> missing_markers{};  ///< text files: strings that mean missing here, beside the empty field
  std::string format{};  ///< how text files wrote it, where there is a choice ("yes/no", "%d.%m.%Y")
};

/// Memory that one more copy of a column's description takes, about.
inline std::uint64_t bytes_of(const ColumnSchema& column) {
  std::uint64_t bytes = 2 * sizeof(ColumnSchema) + 3 * column.name.size() + column.format.size();
  for (const auto& marker : column.missing_markers) bytes += sizeof marker + marker.size();
  return bytes;
}

class Schema {
 public:
  Schema() = default;
  explicit Schema(std::vector<ColumnSchema> columns) : columns_(std::move(columns)) {
    for (std::size_t i = 0; i < columns_.size(); ++i) index_.emplace(columns_[i].name, i);
  }
  std::size_t size() const { return columns_.size(); }
  const std::vector<ColumnSchema>& columns() const { return columns_; }
  const ColumnSchema& operator[](std::size_t column) const { return columns_[column]; }
  bool contains(std::string_view name) const { return index_.contains(std::string(name)); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& column : columns_) all.push_back(column.name);
    return all;
  }
  /// Position of a column; an Error with the nearest name when it is not there.
  std::size_t column(std::string_view name) const {
    const auto found = index_.find(std::string(name));
    if (found != index_.end()) return found->second;
    throw Error("data.column_unknown", std::string(name), "there is no such column", name_hint(name, names()));
  }

 private:
  std::vector<ColumnSchema> columns_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace automill
