#pragma once
// Codes for strings in the order in which they come. Strings of up to eight bytes are compared as one word, longer ones
// by hash and bytes; a new string is not copied: its bytes must stay where they are.

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace automill {

class StringTable {
 public:
  struct Entry {
    const char* data = nullptr;
    std::uint64_t word = 0;  ///< the bytes themselves where there are at most eight, else their hash
    std::uint32_t length = 0;
    std::string_view text() const { return {data, length}; }
  };

  StringTable() : slots_(256) {}

  /// `loadable`: the 8 bytes before the end of the string may be read. Precondition: not empty, below 4 GiB.
  static Entry entry(std::string_view text, bool loadable) {
    Entry made{text.data(), 0, static_cast<std::uint32_t>(text.size())};
    if (text.size() > 8) {
      made.word = XXH3_64bits(text.data(), text.size());
    } else if (loadable) {
      std::memcpy(&made.word, text.data() + text.size() - 8, 8);
      made.word >>= 64 - 8 * text.size();
    } else {
      std::memcpy(&made.word, text.data(), text.size());
    }
    return made;
  }

  /// The code of a string; a string not seen before gets the next one.
  std::uint32_t code(const Entry& wanted) {
    std::size_t at = (wanted.word * 0x9E3779B97F4A7C15ULL) >> shift_;
    while (true) {
      const Slot& slot = slots_[at];
      if (slot.word == wanted.word && slot.length == wanted.length &&
          (wanted.length <= 8 || std::memcmp(entries_[slot.code].data, wanted.data, wanted.length) == 0))
        return slot.code;
      if (slot.length == 0) return insert(at, wanted);
      at = (at + 1) & (slots_.size() - 1);
    }
  }
  const std::vector<Entry>& entries() const { return entries_; }
  /// The strings by code; the table is of no use afterwards.
  std::vector<Entry> take_entries() { return std::move(entries_); }
  /// Where the last new string really lies, when its bytes had to be copied.
  void move_last(const char* data) { entries_.back().data = data; }
  void clear() {
    entries_.clear();
    std::memset(static_cast<void*>(slots_.data()), 0, slots_.size() * sizeof(Slot));
  }
  /// Gives up a large table.
  void shrink() {
    if (slots_.size() > 4096) *this = StringTable();
    else clear();
  }

 private:
  struct Slot {
    std::uint64_t word;
    std::uint32_t length, code;  // length 0: free
  };
  std::uint32_t insert(std::size_t at, const Entry& wanted) {
    const auto code = static_cast<std::uint32_t>(entries_.size());
    slots_[at] = {wanted.word, wanted.length, code};
    entries_.push_back(wanted);
    if (2 * entries_.size() > slots_.size()) grow();
    return code;
  }
  void grow() {
    const int steps = slots_.size() < 65536 ? 2 : 1;  // large tables are dear in memory, small ones in time
    std::vector<Slot>(slots_.size() << steps, Slot{}).swap(slots_);
    shift_ -= steps;
    for (std::size_t code = 0; code < entries_.size(); ++code) {
      std::size_t at = (entries_[code].word * 0x9E3779B97F4A7C15ULL) >> shift_;
      while (slots_[at].length != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {entries_[code].word, entries_[code].length, static_cast<std::uint32_t>(code)};
    }
  }

  std::vector<Slot> slots_;
  int shift_ = 64 - 8;
  std::vector<Entry> entries_;
};

}  // namespace automill
