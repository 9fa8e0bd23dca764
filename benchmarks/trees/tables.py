"""Tables for the benchmarks of the tree engine: numbers, some with holes, some categories, a target with noise."""

from __future__ import annotations

import numpy as np
import pandas as pd


def table(rows: int, columns: int, task: str = "binary", *, missing: float = 0.05, categories: float = 0.2, classes: int = 2, seed: int = 0) -> pd.DataFrame:
    """`columns` features and `target`; a share of the features are categories of 3 to 300 values, the others numbers
    of which a quarter has missing cells."""
    generator = np.random.default_rng(seed)
    count = round(columns * categories)
    numbers = generator.normal(size=(rows, columns - count))
    signal = numbers[:, 0] * numbers[:, 1] + np.sin(2 * numbers[:, 2]) + 0.5 * numbers[:, 3] ** 2
    signal += 0.3 * numbers[:, 4:12].sum(axis=1) + generator.normal(size=rows)
    frame = {}
    sizes = np.geomspace(3, 300, count).astype(int) if count else []
    for i, size in enumerate(sizes):
        codes = generator.integers(0, size, rows)
        signal = signal + generator.normal(size=size)[codes] / 2
        frame[f"category_{i}"] = pd.Categorical.from_codes(codes, [f"value_{code}" for code in range(size)])
    for i in range(0, numbers.shape[1], 4):
        numbers[generator.random(rows) < missing, i] = np.nan
    frame |= {f"number_{i}": numbers[:, i] for i in range(numbers.shape[1])}
    result = pd.DataFrame(frame)
    if task == "regression":
        result["target"] = signal
    else:
        ranks = np.argsort(np.argsort(signal))
        result["target"] = np.char.add("class_", (ranks * classes // rows).astype(str))
    return result
