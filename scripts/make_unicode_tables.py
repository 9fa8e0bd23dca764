#!/usr/bin/env python3
"""Writes src/data/unicode_tables.hpp from Python's unicodedata: which characters are part of a word, which are
space, and what the capitals become. Run it with the Python whose Unicode version is wanted."""

import pathlib
import unicodedata

LAST = 0x110000


def is_word(code: int) -> bool:
    character = chr(code)
    return character.isalnum() or character == "_"


def simple_lower(code: int) -> int:
    """The one character that a capital becomes: full mappings keep their first (only U+0130 has a second)."""
    return ord(chr(code).lower()[0])


def pages(member) -> tuple[list[int], list[int]]:
    """Page of each 256 characters, and the bits of the distinct pages, four words each."""
    places, index, words = {}, [], []
    for start in range(0, LAST, 256):
        bits = tuple(sum(1 << i for i in range(64) if member(start + 64 * word + i)) for word in range(4))
        if bits not in places:
            places[bits] = len(places)
            words.extend(bits)
        index.append(places[bits])
    return index, words


def runs(index: list[int]) -> list[tuple[int, int]]:
    """(first 256 characters, page) wherever the page changes."""
    return [(i, page) for i, page in enumerate(index) if i == 0 or index[i - 1] != page]


def lower_ranges() -> list[tuple[int, int, int, int]]:
    """(first, last, step, distance): each step-th character of the range moves by the distance."""
    ranges: list[list[int]] = []
    for code in range(128, LAST):
        distance = simple_lower(code) - code
        if distance == 0:
            continue
        if ranges:
            first, last, step, moved = ranges[-1]
            gap = code - last
            if moved == distance and gap <= 2 and (step == gap or first == last):
                ranges[-1] = [first, code, gap, moved]
                continue
        ranges.append([code, code, 1, distance])
    return [tuple(one) for one in ranges]


def listed(values, per_line: int, form) -> str:
    lines = [", ".join(form(v) for v in values[i : i + per_line]) for i in range(0, len(values), per_line)]
    return ",\n    ".join(lines)


def main() -> None:
    index, words = pages(is_word)
    spaces = [code for code in range(128, LAST) if chr(code).isspace()]
    digits = [code for code in range(128, LAST) if chr(code).isdecimal() and unicodedata.decimal(chr(code)) == 0]
    text = f"""#pragma once
// Properties of characters, Unicode {unicodedata.unidata_version}. Made by scripts/make_unicode_tables.py: change it there.

#include <cstdint>

namespace automill::unicode {{

// clang-format off
/// Where the page of 256 characters changes: (number of 256 characters, page).
inline constexpr std::uint16_t word_runs[][2] = {{
    {listed(runs(index), 12, lambda run: f"{{{run[0]}, {run[1]}}}")}}};
/// A bit a character: letters, digits, other numbers and the underscore.
inline constexpr std::uint64_t word_pages[][4] = {{
    {listed([words[i : i + 4] for i in range(0, len(words), 4)], 2, lambda page: "{" + ", ".join(f"{w:#x}" for w in page) + "}")}}};
/// Capitals beyond ASCII: each step-th character from first to last moves by the distance.
struct CaseRange {{
  std::uint32_t first, last, step;
  std::int32_t distance;
}};
inline constexpr CaseRange lower_ranges[] = {{
    {listed(lower_ranges(), 6, lambda r: "{" + ", ".join(str(v) for v in r) + "}")}}};
/// Spaces beyond ASCII.
inline constexpr std::uint32_t spaces[] = {{
    {listed(spaces, 16, str)}}};
/// Zeros of decimal digits beyond ASCII; the nine after each are the others.
inline constexpr std::uint32_t zeros[] = {{
    {listed(digits, 16, str)}}};
// clang-format on

}}  // namespace automill::unicode
"""
    pathlib.Path(__file__).parents[1].joinpath("src/data/unicode_tables.hpp").write_text(text)


if __name__ == "__main__":
    main()
