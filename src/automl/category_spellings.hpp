#pragma once
// Categories that are one category written in several ways: by case, blanks, punctuation between words or Unicode form.

#include <automill/core/schema.hpp>
#include <span>

namespace automill {

/// What spellings of one category have in common: lower case, accents of the first 384 characters of Unicode as letters
/// with combining marks, full-width forms as ASCII, blanks, - and _ as one blank between words and none around.
std::string category_key(std::string_view name);

struct CategorySpellings {
  std::size_t categories = 0;     ///< that have several spellings
  std::size_t spellings = 0;      ///< of those, together
  std::string often{}, seldom{};  ///< an example: the spellings of the most rows
};

/// `rows_of`: rows of each category; those without rows do not count. O(bytes of the names).
CategorySpellings category_spellings(const Dictionary& dictionary, std::span<const std::size_t> rows_of);

}  // namespace automill
