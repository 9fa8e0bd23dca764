#include "automl/category_spellings.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "data/characters.hpp"

namespace automill {
namespace {

/// A letter of Latin-1 or Latin Extended-A (in lower case) as a letter and a combining mark.
struct Composed {
  std::uint16_t whole, letter, mark;
};
constexpr std::array<Composed, 67> composed{{
    {0xE0, 'a', 0x300},  {0xE1, 'a', 0x301},  {0xE2, 'a', 0x302},  {0xE3, 'a', 0x303},  {0xE4, 'a', 0x308},
    {0xE5, 'a', 0x30A},  {0xE7, 'c', 0x327},  {0xE8, 'e', 0x300},  {0xE9, 'e', 0x301},  {0xEA, 'e', 0x302},
    {0xEB, 'e', 0x308},  {0xEC, 'i', 0x300},  {0xED, 'i', 0x301},  {0xEE, 'i', 0x302},  {0xEF, 'i', 0x308},
    {0xF1, 'n', 0x303},  {0xF2, 'o', 0x300},  {0xF3, 'o', 0x301},  {0xF4, 'o', 0x302},  {0xF5, 'o', 0x303},
    {0xF6, 'o', 0x308},  {0xF9, 'u', 0x300},  {0xFA, 'u', 0x301},  {0xFB, 'u', 0x302},  {0xFC, 'u', 0x308},
    {0xFD, 'y', 0x301},  {0xFF, 'y', 0x308},  {0x101, 'a', 0x304}, {0x103, 'a', 0x306}, {0x105, 'a', 0x328},
    {0x107, 'c', 0x301}, {0x109, 'c', 0x302}, {0x10B, 'c', 0x307}, {0x10D, 'c', 0x30C}, {0x10F, 'd', 0x30C},
    {0x113, 'e', 0x304}, {0x115, 'e', 0x306}, {0x117, 'e', 0x307}, {0x119, 'e', 0x328}, {0x11B, 'e', 0x30C},
    {0x11D, 'g', 0x302}, {0x11F, 'g', 0x306}, {0x121, 'g', 0x307}, {0x123, 'g', 0x327}, {0x129, 'i', 0x303},
    {0x12B, 'i', 0x304}, {0x12F, 'i', 0x328}, {0x137, 'k', 0x327}, {0x13A, 'l', 0x301}, {0x13C, 'l', 0x327},
    {0x13E, 'l', 0x30C}, {0x144, 'n', 0x301}, {0x146, 'n', 0x327}, {0x148, 'n', 0x30C}, {0x14D, 'o', 0x304},
    {0x151, 'o', 0x30B}, {0x155, 'r', 0x301}, {0x159, 'r', 0x30C}, {0x15B, 's', 0x301}, {0x15D, 's', 0x302},
    {0x15F, 's', 0x327}, {0x161, 's', 0x30C}, {0x163, 't', 0x327}, {0x165, 't', 0x30C}, {0x16F, 'u', 0x30A},
    {0x17A, 'z', 0x301}, {0x17E, 'z', 0x30C},
}};

bool blank(std::uint32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '-' || c == '_' || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) ||
         c == 0x202F || c == 0x3000 || c == 0x2010 || c == 0x2011;
}

}  // namespace

std::string category_key(std::string_view name) {
  std::string key;
  bool pending = false;
  for (std::size_t at = 0; at < name.size();) {
    if (utf8_character(name, at) == 0) {  // a byte that is no character
      key.push_back(name[at++]);
      continue;
    }
    std::uint32_t c = unicode::next_character(name, at);
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;  // full-width forms
    if (blank(c)) {
      pending = !key.empty();
      continue;
    }
    if (std::exchange(pending, false)) key.push_back(' ');
    c = unicode::lower(c);
    const auto found = std::lower_bound(composed.begin(), composed.end(), c,
                                        [](const Composed& one, std::uint32_t whole) { return one.whole < whole; });
    if (found == composed.end() || found->whole != c) {
      unicode::append_character(key, c);
    } else {
      unicode::append_character(key, found->letter);
      unicode::append_character(key, found->mark);
    }
  }
  return key.empty() ? std::string(name) : key;  // "-" and "_" are categories of their own
}

CategorySpellings category_spellings(const Dictionary& dictionary, std::span<const std::size_t> rows_of) {
  struct Group {
    std::vector<std::size_t> codes;
    std::size_t rows = 0;
  };
  std::map<std::string, Group> groups;
  for (std::size_t code = 0; code < dictionary.size(); ++code) {
    if (rows_of[code] == 0) continue;
    Group& group = groups[category_key(dictionary.names()[code])];
    group.codes.push_back(code);
    group.rows += rows_of[code];
  }
  CategorySpellings found;
  std::size_t most = 0;
  for (auto& [key, group] : groups) {
    if (group.codes.size() < 2) continue;
    ++found.categories;
    found.spellings += group.codes.size();
    if (group.rows <= most) continue;
    most = group.rows;
    std::sort(group.codes.begin(), group.codes.end(),
              [&](std::size_t a, std::size_t b) { return rows_of[a] != rows_of[b] ? rows_of[a] > rows_of[b] : a < b; });
    found.often = dictionary.names()[group.codes[0]];
    found.seldom = dictionary.names()[group.codes[1]];
  }
  return found;
}

}  // namespace automill
