"""Small data sets, and one model of each task that the tests share."""
from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pandas as pd
import pytest

import automill


def table_of(task: str, rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Numbers with missing values, a category, a bool, a date, and a target that follows from them."""
    random = np.random.default_rng(seed)
    age = random.uniform(18, 80, rows).round(1)
    job = random.choice(["clerk", "nurse", "smith", "zoë"], rows)
    frame = pd.DataFrame({
        "age": np.where(random.uniform(size=rows) < 0.1, math.nan, age),
        "job": job,
        "member": random.uniform(size=rows) < 0.5,
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 1000, rows), unit="D"),
        "visits": random.integers(0, 20, rows),
    })
    signal = (age - 50) / 15 + (job == "nurse") * 1.5 + frame["member"] - 0.5 + random.normal(0, 0.5, rows)
    if task == "regression":
        frame["y"] = (10 * signal).round(3)
    elif task == "binary":
        frame["y"] = np.where(signal > 0.8, "high", "low")
    else:
        frame["y"] = np.select([signal > 1, signal < -0.5], ["top", "bottom"], "middle")
    return frame


QUICK: dict[str, Any] = {"max_trials": 3, "time_limit": 20, "threads": 2, "progress": "none"}


@pytest.fixture(scope="session")
def make_table() -> Callable[..., pd.DataFrame]:
    return table_of


@pytest.fixture(scope="session")
def quick() -> dict[str, Any]:
    """Options of a run that takes about a second."""
    return dict(QUICK)


@pytest.fixture(scope="session")
def models() -> dict[str, automill.AutoMLModel]:
    """A model of each task, trained on `table_of(task)`."""
    return {task: automill.train(table_of(task), "y", **QUICK) for task in ("binary", "multiclass", "regression")}


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    table_of("binary").to_csv(path, index=False)
    return path
