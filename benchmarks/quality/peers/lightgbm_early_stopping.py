"""LightGBM with early stopping at the same wall time: 10 % held out, learning rate 0.05, strings as categories.

It stops by its loss, also where the area under the curve is compared: on a tenth of a small set that area hardly moves, and
stopping by it keeps far too few rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import lightgbm
import numpy as np
import pandas as pd

from quality.encoding import CategoryFrame, target_codes

requirements = ["lightgbm==4.7.0", "pandas", "numpy"]

MOST_ROUNDS = 20_000
PATIENCE = 100
SHARE_OF_LIMIT = 0.95  # the rest is for what comes after the last round


class Fitted:
    """A booster with its encoding."""

    def __init__(self, booster: lightgbm.Booster, encoder: CategoryFrame, classes: list[str]) -> None:
        self._booster, self._encoder, self._classes = booster, encoder, classes

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        """Probabilities by class, or values."""
        raw = self._booster.predict(self._encoder.transform(frame))
        if not self._classes:
            return raw
        return pd.DataFrame(np.column_stack([1 - raw, raw]) if raw.ndim == 1 else raw, columns=self._classes)


def stop_at(deadline: float) -> Callable[[lightgbm.callback.CallbackEnv], None]:
    """A callback that ends training at its best round when another one would pass `deadline` (time.perf_counter)."""
    last = time.perf_counter()
    best_round, best_score, best_results = 0, -np.inf, None

    def look(environment: lightgbm.callback.CallbackEnv) -> None:
        nonlocal last, best_round, best_score, best_results
        now = time.perf_counter()
        round_seconds, last = now - last, now
        value, higher_is_better = environment.evaluation_result_list[0][2:4]
        score = value if higher_is_better else -value
        if score > best_score:
            best_round, best_score, best_results = environment.iteration, score, environment.evaluation_result_list
        if now + round_seconds > deadline:
            raise lightgbm.callback.EarlyStopException(best_round, best_results)

    return look


def held_out_rows(target: np.ndarray, task: str, seed: int) -> np.ndarray:
    """Boolean mask of a tenth of the rows, by class for classification (a class keeps at least one row to fit on)."""
    generator = np.random.default_rng(seed)
    groups = (
        [np.arange(len(target))]
        if task == "regression"
        else [np.flatnonzero(target == code) for code in np.unique(target)]
    )
    mask = np.zeros(len(target), dtype=bool)
    for rows in groups:
        mask[generator.permutation(rows)[: int(round(0.1 * len(rows)))]] = True
    return mask


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Boosts until the held-out rows stop gaining or the time is over; the best round is kept."""
    deadline = time.perf_counter() + SHARE_OF_LIMIT * time_limit
    features = train.drop(columns=target)
    encoder = CategoryFrame(features)
    matrix = encoder.transform(features)
    classes, values = ([], train[target].to_numpy(float)) if task == "regression" else target_codes(train[target])
    held_out = held_out_rows(values, task, seed)
    parameters = {"objective": task, "learning_rate": 0.05, "num_threads": threads, "seed": seed, "verbosity": -1}
    parameters |= {"num_class": len(classes)} if task == "multiclass" else {}
    fitting = lightgbm.Dataset(matrix[~held_out], values[~held_out])
    stopping = lightgbm.Dataset(matrix[held_out], values[held_out], reference=fitting)
    booster = lightgbm.train(
        parameters,
        fitting,
        num_boost_round=MOST_ROUNDS,
        valid_sets=[stopping],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False), stop_at(deadline)],
    )
    return Fitted(booster, encoder, classes)
