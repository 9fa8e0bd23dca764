"""Rows one at a time."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from .errors import error

if TYPE_CHECKING:
    from .model import AutoMLModel

__all__ = ["RowPredictor", "probability"]


class RowPredictor:
    """Predicts one row at a time without building a table. Not to be shared between threads.

    >>> one = model.row_predictor()
    >>> one({"age": 39, "job": "clerk"})
    """

    def __init__(self, model: AutoMLModel) -> None:
        self._held = model._held.row_predictor()
        self._one_value = model.task == "regression" and not model.outputs
        self._classes = model.classes

    def __call__(self, row: Mapping[str, Any] | None = None, **cells: Any) -> Any:
        """Probabilities in the order of `model.classes`, the value, or the values in the order of `model.outputs`. Columns that are left out are missing."""
        out = self._held.predict({**(row or {}), **cells})
        return float(out[0]) if self._one_value else out

    def predict_interval(self, row: Mapping[str, Any], coverage: float = 0.9) -> tuple[float, float]:
        """As `AutoMLModel.predict_interval`: (low, high)."""
        low, high = self._held.predict_interval(dict(row), probability("coverage", coverage))
        return low, high

    def predict_set(self, row: Mapping[str, Any], coverage: float = 0.9) -> list[Any]:
        """As `AutoMLModel.predict_set`: the labels in the set."""
        return [label for label, member in zip(self._classes, self._held.predict_set(dict(row), probability("coverage", coverage))) if member]


def probability(name: str, value: Any) -> float:
    """A probability of the caller's; the library checks its range."""
    try:
        if isinstance(value, (bool, str)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise error("option.wrong_type", name, f"{value!r} is not allowed: it must be a number above 0 and below 1") from None
