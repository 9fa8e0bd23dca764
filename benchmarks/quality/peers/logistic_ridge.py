"""Logistic regression or ridge on scaled, one-hot data: the floor that an AutoML system must not fall below."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from quality.encoding import CategoryFrame

requirements = ["scikit-learn==1.9.1", "pandas", "numpy"]

MOST_CATEGORIES = 200  # of a column; the rarer ones share one indicator


class Fitted:
    """A scikit-learn pipeline behind the category encoding."""

    def __init__(self, pipeline: Pipeline, encoder: CategoryFrame, classes: np.ndarray | None) -> None:
        self._pipeline, self._encoder, self._classes = pipeline, encoder, classes

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        """Probabilities by class, or values."""
        matrix = _plain(self._encoder.transform(frame))
        if self._classes is None:
            return self._pipeline.predict(matrix)
        return pd.DataFrame(self._pipeline.predict_proba(matrix), columns=self._classes)


def _plain(matrix: pd.DataFrame) -> pd.DataFrame:
    """Categories as strings, missing as a category of its own."""
    text = [name for name in matrix if isinstance(matrix[name].dtype, pd.CategoricalDtype)]
    return matrix.assign(**{name: matrix[name].astype(object).fillna("(missing)").astype(str) for name in text})


def _columns(matrix: pd.DataFrame) -> ColumnTransformer:
    numbers = [name for name in matrix if matrix[name].dtype == float]
    text = [name for name in matrix if name not in numbers]
    # a column without any value is kept as zeros, so that fit and predict see the same width
    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES)
    return ColumnTransformer([("numbers", make_pipeline(filled, StandardScaler()), numbers), ("text", one_hot, text)])


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Fits with scikit-learn's default penalty; knows no time limit."""
    features = train.drop(columns=target)
    encoder = CategoryFrame(features)
    matrix = _plain(encoder.transform(features))
    learner = Ridge() if task == "regression" else LogisticRegression(max_iter=500)
    pipeline = make_pipeline(_columns(matrix), learner).fit(matrix, train[target].to_numpy())
    return Fitted(pipeline, encoder, None if task == "regression" else pipeline[-1].classes_)
