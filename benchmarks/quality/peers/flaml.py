"""FLAML's AutoML with the time limit as its budget; braces in column names, which it refuses, are renamed."""

from __future__ import annotations

import flaml
import numpy as np
import pandas as pd

requirements = ["flaml[automl]==2.7.0", "catboost==1.2.10", "pandas<3", "numpy"]

METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


class Fitted:
    """A FLAML run with the benchmark's interface."""

    def __init__(self, search: flaml.AutoML, task: str) -> None:
        self._search, self._task = search, task

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        """Probabilities by class, or values."""
        renamed = _plain_names(frame)
        if self._task == "regression":
            return self._search.predict(renamed)
        return pd.DataFrame(self._search.predict_proba(renamed), columns=[str(name) for name in self._search.classes_])


def _plain_names(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis([f"f{position}" for position in range(frame.shape[1])], axis=1)


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Searches for `time_limit` seconds."""
    search = flaml.AutoML()
    search.fit(
        _plain_names(train.drop(columns=target)),
        train[target],
        task="regression" if task == "regression" else "classification",
        metric=METRICS[task],
        time_budget=time_limit,
        n_jobs=threads,
        seed=seed,
        verbose=0,
    )
    return Fitted(search, task)
