"""Frames for peers that cannot take raw ones: strings as pandas categories, or everything one-hot and scaled."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype


class CategoryFrame:
    """Numbers stay, all other columns become categories of the training rows (unseen ones are missing).

    Columns are renamed to `f0, f1, ...`, as LightGBM refuses names with JSON characters.
    """

    def __init__(self, train: pd.DataFrame) -> None:
        self.columns = list(train.columns)
        self.categories = {
            name: sorted(train[name].dropna().astype(str).unique())
            for name in self.columns
            if not is_numeric_dtype(train[name]) or is_bool_dtype(train[name])
        }

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with the same rows, ready for learners that know categories."""
        return pd.DataFrame(
            {f"f{position}": self._column(frame[name], name) for position, name in enumerate(self.columns)},
            index=frame.index,
        )

    def _column(self, values: pd.Series, name: str) -> pd.Series:
        if name not in self.categories:
            return pd.to_numeric(values, errors="coerce").astype(float)
        text = (
            values.astype(object).where(values.notna(), None).map(lambda value: value if value is None else str(value))
        )
        known = text.where(text.isin(self.categories[name]), None)
        return pd.Series(pd.Categorical(known, categories=self.categories[name]), index=values.index)


def target_codes(target: pd.Series) -> tuple[list[str], np.ndarray]:
    """Sorted class names and each row's position among them."""
    classes = sorted(target.astype(str).unique())
    return classes, np.searchsorted(np.array(classes), target.astype(str).to_numpy().astype(str))
