"""A metric of the user's own."""
from __future__ import annotations

from typing import Any, Callable, Literal

from .errors import error

__all__ = ["Metric", "MetricCall"]


class Metric:
    """A metric for `train(metric=...)`.

    Parameters
    ----------
    function
        `f(y, p, w)` -> float. `y`: the truth in its own type; `w`: weights, or None. `p` for needs="labels": predicted
        labels; "probabilities": (rows,) of the positive class for binary targets, (rows, classes) in the order of
        `model.classes` otherwise; "values": predicted numbers. It is called one call at a time.
    higher_is_better
        The direction.
    needs
        "labels", "probabilities" (classification) or "values" (regression).
    name
        Shown to users; the function's own name when left out.
    """

    def __init__(self, function: Callable[[Any, Any, Any], float], *, higher_is_better: bool, needs: Literal["labels", "probabilities", "values"], name: str | None = None) -> None:
        if not callable(function):
            raise error("option.wrong_type", "Metric", f"{function!r} is not a function", "give f(y, p, w)")
        if needs not in ("labels", "probabilities", "values"):
            raise error("option.unknown_choice", "needs", f"{needs!r} is not a choice", "'labels', 'probabilities' or 'values'")
        self.function = function
        self.higher_is_better = bool(higher_is_better)
        self.needs = needs
        self.name = name if name is not None else getattr(function, "__name__", "metric").replace("<lambda>", "metric")

    def __call__(self, y: Any, p: Any, w: Any = None) -> float:
        """The value for this truth, these predictions and weights."""
        return float(self.function(y, p, w))

    def __repr__(self) -> str:
        return f"Metric({self.name}, {'higher' if self.higher_is_better else 'lower'} is better, needs {self.needs})"


class MetricCall:
    """A metric as the compiled library calls it: class indices become labels, matrices what the function asks for."""

    def __init__(self, metric: Metric, classes: list[Any]) -> None:
        self.name, self.higher_is_better, self.needs = metric.name, metric.higher_is_better, metric.needs
        self._metric = metric
        self._classes = classes

    def call(self, truth: Any, predictions: Any, weights: Any, task: str, positive: int, threshold: float) -> float:
        """Called under the GIL with NumPy arrays; `predictions` is rows x classes, or rows x 1 for regression."""
        if task == "regression":
            return self._metric(truth, predictions[:, 0], weights)
        import numpy

        labels = numpy.asarray(self._classes if len(self._classes) == predictions.shape[1] else range(predictions.shape[1]))
        if self.needs == "probabilities":
            return self._metric(labels[truth], predictions[:, positive] if task == "binary" else predictions, weights)
        if task == "binary":
            decided = numpy.where(predictions[:, positive] >= threshold, positive, 1 - positive)
        else:
            decided = predictions.argmax(axis=1)
        return self._metric(labels[truth], labels[decided], weights)
