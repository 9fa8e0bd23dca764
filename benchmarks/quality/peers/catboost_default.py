"""CatBoost with default parameters and string columns as categories; knows no time limit."""

from __future__ import annotations

import catboost
import numpy as np
import pandas as pd

from quality.encoding import CategoryFrame

requirements = ["catboost==1.2.10", "pandas", "numpy"]


class Fitted:
    """A CatBoost model; it knows categories of its own, so strings stay strings."""

    def __init__(self, model: catboost.CatBoost, encoder: CategoryFrame, regression: bool) -> None:
        self._model, self._encoder, self._regression = model, encoder, regression

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        """Probabilities by class, or values."""
        matrix = _plain(self._encoder, frame)
        if self._regression:
            return self._model.predict(matrix)
        return pd.DataFrame(self._model.predict_proba(matrix), columns=[str(name) for name in self._model.classes_])


def _plain(encoder: CategoryFrame, frame: pd.DataFrame) -> pd.DataFrame:
    matrix = encoder.transform(frame)
    text = [name for name in matrix if isinstance(matrix[name].dtype, pd.CategoricalDtype)]
    return matrix.assign(**{name: matrix[name].astype(object).fillna("(missing)").astype(str) for name in text})


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Fits 1,000 rounds, whatever the time limit."""
    features = train.drop(columns=target)
    encoder = CategoryFrame(features)
    matrix = _plain(encoder, features)
    text = [position for position, name in enumerate(matrix) if matrix[name].dtype != float]
    kind = catboost.CatBoostRegressor if task == "regression" else catboost.CatBoostClassifier
    model = kind(thread_count=threads, random_seed=seed, verbose=False, allow_writing_files=False, cat_features=text)
    return Fitted(model.fit(matrix, train[target].to_numpy()), encoder, task == "regression")
