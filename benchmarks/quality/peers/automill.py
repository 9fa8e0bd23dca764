"""AutoMill itself, as installed in the interpreter that runs the benchmark."""

from __future__ import annotations

import automill
import pandas as pd

requirements: list[str] | None = None


class Fitted:
    """A trained AutoMill model with the benchmark's interface."""

    def __init__(self, model: automill.AutoMLModel, task: str) -> None:
        self._model = model
        self._task = task

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | pd.Series:
        """Probabilities by class, or values."""
        return self._model.predict(frame) if self._task == "regression" else self._model.predict_proba(frame)


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Trains within `time_limit` seconds."""
    model = automill.train(train, target, task=task, time_limit=time_limit, threads=threads, seed=seed, progress="none")
    return Fitted(model, task)
