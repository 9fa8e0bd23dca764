"""LightGBM with default parameters and string columns as categories; knows no time limit."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd

from quality.encoding import CategoryFrame

requirements = ["lightgbm==4.7.0", "pandas", "numpy", "scikit-learn"]


class Fitted:
    """A scikit-learn style LightGBM estimator with its encoding."""

    def __init__(self, estimator: lightgbm.LGBMModel, encoder: CategoryFrame) -> None:
        self._estimator, self._encoder = estimator, encoder

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        """Probabilities by class, or values."""
        matrix = self._encoder.transform(frame)
        if isinstance(self._estimator, lightgbm.LGBMRegressor):
            return self._estimator.predict(matrix)
        return pd.DataFrame(self._estimator.predict_proba(matrix), columns=self._estimator.classes_)


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Fits 100 rounds, whatever the time limit."""
    features = train.drop(columns=target)
    encoder = CategoryFrame(features)
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    estimator = kind(n_jobs=threads, random_state=seed, verbose=-1)
    return Fitted(estimator.fit(encoder.transform(features), train[target].to_numpy()), encoder)
