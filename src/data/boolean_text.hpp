#pragma once
// Spellings of booleans. A column keeps the pair it was written with as ColumnSchema::format: "yes/no".

#include <array>
#include <string_view>

namespace automill {

struct BooleanPair {
  std::string_view truth, falsehood;
};

/// The last pair is accepted where booleans are asked for, but never guessed: 0 and 1 are numbers.
inline constexpr std::array<BooleanPair, 13> boolean_pairs{{{"true", "false"},
                                                            {"True", "False"},
                                                            {"TRUE", "FALSE"},
                                                            {"yes", "no"},
                                                            {"Yes", "No"},
                                                            {"YES", "NO"},
                                                            {"t", "f"},
                                                            {"T", "F"},
                                                            {"y", "n"},
                                                            {"Y", "N"},
                                                            {"on", "off"},
                                                            {"On", "Off"},
                                                            {"1", "0"}}};
inline constexpr std::size_t guessed_pairs = 10;

/// 1, 0, or -1 for another text.
inline int boolean_value(const BooleanPair& pair, std::string_view text) {
  return text == pair.truth ? 1 : text == pair.falsehood ? 0 : -1;
}

}  // namespace automill
