"""Reading a benchmark set and cutting it into the same 80/20 split for every method.

    frame = read_set(Path("data/car.csv.gz"), "multiclass")
    train, test = holdout_split(frame, "multiclass", split=1)

A set is a CSV whose empty fields alone are missing ("NA" or "None" are ordinary strings) and whose target column is
`target`. Classification is stratified: each class gives 20 % of its rows, rounded, at least one when it has two.
Regression takes a plain random fifth. The generator is `numpy.random.RandomState(1000 + split)`, whose stream NumPy
has frozen, so a split is the same in every environment.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

TARGET = "target"
TEST_SHARE = 0.2


def read_set(path: Path, task: str) -> pd.DataFrame:
    """The raw frame of one set; class labels are strings, nothing else is converted."""
    frame = pd.read_csv(path, low_memory=False, keep_default_na=False, na_values=[""])
    if task != "regression":
        frame[TARGET] = frame[TARGET].astype(str)
    return frame


def test_rows(frame: pd.DataFrame, task: str, split: int) -> np.ndarray:
    """Boolean mask of the rows held out by split number `split`."""
    generator = np.random.RandomState(1000 + split)
    held_out = np.zeros(len(frame), dtype=bool)
    if task == "regression":
        order = generator.permutation(len(frame))
        held_out[order[: int(round(TEST_SHARE * len(frame)))]] = True
        return held_out
    labels = frame[TARGET].to_numpy()
    for label in sorted(frame[TARGET].unique()):
        rows = generator.permutation(np.flatnonzero(labels == label))
        count = max(1, int(round(TEST_SHARE * len(rows)))) if len(rows) > 1 else 0
        held_out[rows[:count]] = True
    return held_out


test_rows.__test__ = False  # pytest would take it for a test by its name


def holdout_split(frame: pd.DataFrame, task: str, split: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The (train, test) frames of split number `split`, target column included."""
    held_out = test_rows(frame, task, split)
    return frame[~held_out].reset_index(drop=True), frame[held_out].reset_index(drop=True)
