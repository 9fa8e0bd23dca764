"""AutoGluon (`best_quality`) with the time limit as its own; its models go to a temporary folder."""

from __future__ import annotations

import tempfile

import pandas as pd
from autogluon.tabular import TabularPredictor

requirements = ["autogluon.tabular[all]==1.6.3"]

METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "root_mean_squared_error"}


class Fitted:
    """A predictor whose folder lives as long as it does."""

    def __init__(self, predictor: TabularPredictor, folder: tempfile.TemporaryDirectory[str], task: str) -> None:
        self._predictor, self._folder, self._task = predictor, folder, task

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | pd.Series:
        """Probabilities by class, or values."""
        return self._predictor.predict(frame) if self._task == "regression" else self._predictor.predict_proba(frame)


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Trains for `time_limit` seconds; AutoGluon has no global seed, so `seed` changes nothing."""
    folder = tempfile.TemporaryDirectory(prefix="autogluon-")
    predictor = TabularPredictor(
        label=target, problem_type=task, eval_metric=METRICS[task], path=folder.name, verbosity=0
    )
    predictor.fit(train, presets="best_quality", time_limit=time_limit, num_cpus=threads)
    return Fitted(predictor, folder, task)
