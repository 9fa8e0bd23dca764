#pragma once
// N-grams of a text as hashes of their characters, in one pass and without memory: of words, or of the characters of
// each word between spaces. 64 bits stand for the n-gram itself: among a million, two share a hash with a chance of 3
// in 10^8.

#include <automill/core/random.hpp>
#include <span>
#include <vector>

#include "data/characters.hpp"

namespace automill {

inline constexpr int most_ngram_words = 5, most_ngram_characters = 16;

struct NgramRule {
  bool characters = false;  ///< n-grams of characters instead of words
  int shortest = 1;         ///< in words or characters
  int longest = 1;          ///< at most most_ngram_words or most_ngram_characters
  int min_word_length = 2;  ///< shorter words are passed over (words only)
  bool lowercase = true;
};

namespace ngram_detail {

inline constexpr std::uint64_t start = 0xcbf29ce484222325ULL;
inline std::uint64_t with_character(std::uint64_t hash, std::uint32_t code) {
  return (hash ^ code) * 0x100000001b3ULL;  // FNV-1a, a character at a time
}

/// Calls on_word(hash of its characters) for each run of word characters.
template <class OnWord>
void for_each_word(std::string_view text, const NgramRule& rule, const OnWord& on_word) {
  std::uint64_t hash = start;
  int length = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t code = unicode::next_character(text, at);
    if (unicode::is_word(code)) {
      hash = with_character(hash, rule.lowercase ? unicode::lower(code) : code);
      length += length < rule.min_word_length ? 1 : 0;
      continue;
    }
    if (length > 0 && length >= rule.min_word_length) on_word(mix64(hash));
    hash = start;
    length = 0;
  }
  if (length > 0 && length >= rule.min_word_length) on_word(mix64(hash));
}

/// The last characters of a word, from which n-grams are hashed backwards.
class LastCharacters {
 public:
  template <class Emit>
  void add(std::uint32_t code, const NgramRule& rule, const Emit& emit) {
    codes_[length_++ % most_ngram_characters] = code;
    const auto room = static_cast<int>(std::min<std::size_t>(length_, static_cast<std::size_t>(rule.longest)));
    std::uint64_t hash = start;
    for (int n = 1; n <= room; ++n) {
      hash = with_character(hash, codes_[(length_ - static_cast<std::size_t>(n)) % most_ngram_characters]);
      if (n >= rule.shortest) emit(mix64(hash));
    }
  }
  /// At the end of a word: a word shorter than the shortest n-gram is one itself.
  template <class Emit>
  void end(const NgramRule& rule, const Emit& emit) {
    if (length_ < static_cast<std::size_t>(rule.shortest)) {
      std::uint64_t hash = start;
      for (std::size_t n = 1; n <= length_; ++n) hash = with_character(hash, codes_[length_ - n]);
      emit(mix64(hash));
    }
    length_ = 0;
  }

 private:
  std::uint32_t codes_[most_ngram_characters]{};
  std::size_t length_ = 0;
};

}  // namespace ngram_detail

/// Calls emit(hash) for each n-gram, as often as it occurs. Characters: words are what stands between spaces, each with
/// a space before and behind it. O(characters longest).
template <class Emit>
void for_each_ngram(std::string_view text, const NgramRule& rule, const Emit& emit) {
  if (!rule.characters) {
    std::uint64_t last[most_ngram_words]{};  // last[n]: hash of the last n + 1 words
    int words = 0;
    ngram_detail::for_each_word(text, rule, [&](std::uint64_t word) {
      words += words < rule.longest ? 1 : 0;
      for (int n = words - 1; n > 0; --n) last[n] = combine_hashes(last[n - 1], word);
      last[0] = word;
      for (int n = rule.shortest - 1; n < words; ++n) emit(last[n]);
    });
    return;
  }
  ngram_detail::LastCharacters word;
  bool inside = false;
  const auto leave = [&] {
    if (!inside) return;
    word.add(' ', rule, emit);
    word.end(rule, emit);
    inside = false;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t code = unicode::next_character(text, at);
    if (unicode::is_space(code)) {
      leave();
      continue;
    }
    if (!inside) word.add(' ', rule, emit);
    inside = true;
    word.add(rule.lowercase ? unicode::lower(code) : code, rule, emit);
  }
  leave();
}

/// Some of the n-grams themselves: those that for_each_ngram gives at these places, ascending.
std::vector<std::string> ngram_texts(std::string_view text, const NgramRule& rule, std::span<const std::size_t> places);

}  // namespace automill
