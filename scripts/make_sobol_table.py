#!/usr/bin/env python3
"""Writes src/search/sobol_table.hpp: direction numbers of Joe & Kuo as scipy ships them.

    python scripts/make_sobol_table.py    # needs scipy
"""
from __future__ import annotations

from pathlib import Path

import numpy
import scipy.stats

DIMENSIONS = 128
HEAD = f"""#pragma once
// Direction numbers for the Sobol sequence, {DIMENSIONS} dimensions: Joe & Kuo, "Constructing Sobol sequences with better
// two-dimensional projections", SIAM J. Sci. Comput. 30, 2635-2654 (2008), criterion D(6), file new-joe-kuo-6.21201.
// Made by scripts/make_sobol_table.py: change it there.

#include <cstdint>

namespace automill::search {{

// clang-format off
inline constexpr std::size_t sobol_table_dimensions = {DIMENSIONS};
/// For each dimension from the second on: the primitive polynomial as bits, then as many numbers as its degree.
inline constexpr std::uint16_t sobol_table[] = {{
"""


def main() -> None:
    table = numpy.load(Path(scipy.stats.__file__).with_name("_sobol_direction_numbers.npz"))
    numbers: list[str] = []
    for dimension in range(1, DIMENSIONS):
        polynomial = int(table["poly"][dimension])
        numbers.append(str(polynomial))
        numbers += [str(int(m)) for m in table["vinit"][dimension][: polynomial.bit_length() - 1]]
    lines = ["    " + ", ".join(numbers[i : i + 24]) for i in range(0, len(numbers), 24)]
    target = Path(__file__).resolve().parents[1] / "src" / "search" / "sobol_table.hpp"
    target.write_text(HEAD + ",\n".join(lines) + "};\n// clang-format on\n\n}  // namespace automill::search\n", encoding="utf-8")


if __name__ == "__main__":
    main()
