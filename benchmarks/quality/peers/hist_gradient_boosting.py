"""HistGradientBoosting of scikit-learn with default parameters (early stopping above 10,000 rows); no time limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from quality.encoding import CategoryFrame

requirements = ["scikit-learn==1.9.1", "pandas", "numpy"]

MOST_CATEGORIES = 250  # the learner takes at most 255 values a category; longer columns are ordinal numbers


class Fitted:
    """A scikit-learn pipeline behind the category encoding."""

    def __init__(self, pipeline: Pipeline, encoder: CategoryFrame, classes: np.ndarray | None) -> None:
        self._pipeline, self._encoder, self._classes = pipeline, encoder, classes

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        """Probabilities by class, or values."""
        matrix = self._encoder.transform(frame)
        if self._classes is None:
            return self._pipeline.predict(matrix)
        return pd.DataFrame(self._pipeline.predict_proba(matrix), columns=self._classes)


def fit(train: pd.DataFrame, target: str, task: str, time_limit: float, threads: int, seed: int) -> Fitted:
    """Fits the default learner; threads follow OMP_NUM_THREADS, which the runner sets."""
    features = train.drop(columns=target)
    encoder = CategoryFrame(features)
    matrix = encoder.transform(features)
    text = [name for name in matrix if isinstance(matrix[name].dtype, pd.CategoricalDtype)]
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
    columns = ColumnTransformer([("text", ordinal, text)], remainder="passthrough", verbose_feature_names_out=False)
    short = [position for position, name in enumerate(text) if matrix[name].nunique() <= MOST_CATEGORIES]
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    pipeline = make_pipeline(columns, kind(categorical_features=short or None, random_state=seed))
    pipeline.fit(matrix, train[target].to_numpy())
    return Fitted(pipeline, encoder, None if task == "regression" else pipeline[-1].classes_)
