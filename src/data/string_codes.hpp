#pragma once
// Strings become integer codes; the dictionary is sorted at the end.

#include <automill/core/table.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace automill {

/// Codes for strings in the order in which they come: an open hash table with linear probing that refers to the
/// caller's bytes.
class StringCodes {
 public:
  std::int32_t code(std::string_view value) {
    const std::uint64_t hash = XXH3_64bits(value.data(), value.size());
    std::size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot].code >= 0) {
      if (slots_[slot].hash == hash && names_[static_cast<std::size_t>(slots_[slot].code)] == value)
        return slots_[slot].code;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = {hash, static_cast<std::int32_t>(names_.size())};
    names_.push_back(value);
    if (2 * names_.size() > slots_.size()) grow();
    return static_cast<std::int32_t>(names_.size() - 1);
  }
  const std::vector<std::string_view>& names() const { return names_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::int32_t code = -1;
  };
  void grow() {
    std::vector<Slot> larger(2 * slots_.size());
    for (const Slot& old : slots_) {
      if (old.code < 0) continue;
      std::size_t slot = old.hash & (larger.size() - 1);
      while (larger[slot].code >= 0) slot = (slot + 1) & (larger.size() - 1);
      larger[slot] = old;
    }
    slots_ = std::move(larger);
  }
  std::vector<Slot> slots_{64};
  std::vector<std::string_view> names_;
};

/// Codes in the order of first appearance are renamed to the order of bytes.
inline ColumnPtr sorted_category(std::string name, std::vector<std::int32_t> codes,
                                 const std::vector<std::string_view>& names) {
  std::vector<std::int32_t> order(names.size()), rank(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return names[static_cast<std::size_t>(a)] < names[static_cast<std::size_t>(b)];
  });
  std::vector<std::string> sorted;
  sorted.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
    sorted.emplace_back(names[static_cast<std::size_t>(order[i])]);
  }
  for (std::int32_t& code : codes)
    if (code >= 0) code = rank[static_cast<std::size_t>(code)];
  ColumnSchema schema{.name = std::move(name), .kind = ColumnKind::category};
  schema.dictionary = std::make_shared<const Dictionary>(std::move(sorted));
  return make_category_column(std::move(schema), std::move(codes));
}

}  // namespace automill
