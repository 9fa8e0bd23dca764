#include "text_ngrams.hpp"

namespace automill {
namespace {

/// Words, or what stands between spaces with a space on both sides; as characters.
std::vector<std::u32string> parts_of(std::string_view text, const NgramRule& rule) {
  std::vector<std::u32string> parts(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t code = unicode::next_character(text, at);
    const bool inside = rule.characters ? !unicode::is_space(code) : unicode::is_word(code);
    if (inside) parts.back() += static_cast<char32_t>(rule.lowercase ? unicode::lower(code) : code);
    else parts.emplace_back();
  }
  const std::size_t least = rule.characters ? 1 : static_cast<std::size_t>(std::max(1, rule.min_word_length));
  std::erase_if(parts, [&](const auto& part) { return part.size() < least; });
  if (rule.characters)
    for (std::u32string& part : parts) part = U' ' + part + U' ';
  return parts;
}

std::string utf8_of(std::u32string_view characters) {
  std::string text;
  for (char32_t code : characters) unicode::append_character(text, static_cast<std::uint32_t>(code));
  return text;
}

}  // namespace

std::vector<std::string> ngram_texts(std::string_view text, const NgramRule& rule,
                                     std::span<const std::size_t> places) {
  const std::vector<std::u32string> parts = parts_of(text, rule);
  const auto shortest = static_cast<std::size_t>(rule.shortest), longest = static_cast<std::size_t>(rule.longest);
  std::vector<std::string> texts;
  std::size_t place = 0;
  const auto next = [&](const auto& make) {
    if (texts.size() < places.size() && places[texts.size()] == place++) texts.push_back(make());
  };
  if (rule.characters) {
    for (const std::u32string& part : parts) {
      for (std::size_t end = 1; end <= part.size(); ++end)
        for (std::size_t n = shortest; n <= std::min(longest, end); ++n)
          next([&] { return utf8_of(std::u32string_view(part).substr(end - n, n)); });
      if (part.size() < shortest) next([&] { return utf8_of(part); });
    }
    return texts;
  }
  for (std::size_t end = 1; end <= parts.size(); ++end) {
    for (std::size_t n = shortest; n <= std::min(longest, end); ++n) {
      next([&] {
        std::string joined = utf8_of(parts[end - n]);
        for (std::size_t word = end - n + 1; word < end; ++word) joined += ' ' + utf8_of(parts[word]);
        return joined;
      });
    }
  }
  return texts;
}

}  // namespace automill
