"""A loss of the user's own for gradient boosting."""
from __future__ import annotations

import inspect
from typing import Any, Callable, Mapping

from . import _core
from .errors import error

__all__ = ["ObjectiveCall", "OwnObjective", "as_data", "label_of", "objective_in"]


class OwnObjective:
    """A loss of your own for `GradientBoosting(objective=...)`, which also takes the function alone.

    >>> def squared(y_true, y_pred):
    ...     return y_pred - y_true, numpy.ones_like(y_pred)
    >>> GradientBoostingRegressor(objective=squared).fit(X, y)

    What is predicted follows from the task: the score itself for numbers, its logistic function for two classes, the
    softmax of a row's scores for more. The fitted model is saved and loaded without the function.

    Parameters
    ----------
    function
        `f(y_true, y_pred)` -> (gradients, Hessians) as LightGBM's scikit-learn classes call it: once a round, with all
        rows. `y_true`: numbers; of two classes 1 for the positive one and 0; of more, the position in `classes_`.
        `y_pred`: scores, (rows,), or (rows, classes) for three or more classes; gradients and Hessians have its shape. Of
        several targets, both are (rows, outputs).
        They are multiplied by the weights of the rows, unless the function has a third parameter without a default:
        `f(y_true, y_pred, weight)` gets the weights (None where all are 1) and multiplies by itself.
    loss
        `g(y_true, y_pred)` -> the loss of each row, for early stopping on held-out rows (`cross_validate`), by the
        weighted mean. None: the squared error, or the log loss.
    base_score
        Every score before the first tree. None: the prior of the task (mean, log-odds, logs of shares), from which losses
        on the scale of the predictions start best; a loss of numbers with a logarithmic link needs one, such as 0.
    name
        What parameters as data call it; the function's own name when left out.
    """

    def __init__(self, function: Callable[..., Any], *, loss: Callable[[Any, Any], Any] | None = None, base_score: float | None = None, name: str | None = None) -> None:
        if not callable(function):
            raise error("option.wrong_type", "OwnObjective", f"{function!r} is not a function", "give f(y_true, y_pred)")
        if loss is not None and not callable(loss):
            raise error("option.wrong_type", "OwnObjective.loss", f"{loss!r} is not a function", "give g(y_true, y_pred)")
        self.function = function
        self.loss = loss
        self.base_score = None if base_score is None else float(base_score)
        self.name = name if name is not None else getattr(function, "__name__", "objective").replace("<lambda>", "objective")

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives."""
        return self.function(*arguments)

    def __repr__(self) -> str:
        return f"OwnObjective({self.name})"


def _owned(given: Any) -> OwnObjective:
    return given if isinstance(given, OwnObjective) else OwnObjective(given)


def label_of(given: Any) -> str:
    """What stands for a function where parameters are data."""
    return str(_core.objective_label(_owned(given).name))


def _is_objective(name: str, value: Any) -> bool:
    return callable(value) and name.rpartition(".")[2] == "objective"


def _as_data(name: str, value: Any) -> Any:
    if _is_objective(name, value):
        return label_of(value)
    if name == "estimators" and isinstance(value, (list, tuple)):
        return [_named_structure(each) for each in value]
    return value.structure() if hasattr(value, "structure") else value


def _named_structure(given: Any) -> Any:
    """A learner, or (name, learner), of a list."""
    if isinstance(given, tuple) and len(given) == 2 and hasattr(given[1], "structure"):
        return {"name": given[0], "component": given[1].structure()}
    return given.structure() if hasattr(given, "structure") else given


def as_data(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters, also of steps, with the label of an own objective in its place, and learners as their structure."""
    return {name: _as_data(name, value) for name, value in parameters.items()}


def objective_in(parameters: Mapping[str, Any]) -> Any:
    """The own objective among parameters; None without one."""
    return next((value for name, value in parameters.items() if _is_objective(name, value)), None)


def _takes_weights(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # compiled functions may not say
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is p.empty for p in parameters) > 2


class ObjectiveCall:
    """An objective as the compiled library calls it, under the GIL: what the functions give becomes arrays of the right shape."""

    def __init__(self, given: Any) -> None:
        self._own = _owned(given)
        self.name, self.base_score = self._own.name, self._own.base_score
        self.has_loss = self._own.loss is not None
        self.weighted = _takes_weights(self._own.function)

    def derivatives(self, y_true: Any, y_pred: Any, weight: Any) -> tuple[Any, Any]:
        """Gradients and Hessians, with the weights in them where the function takes weights."""
        given = self._own.function(y_true, y_pred, weight) if self.weighted else self._own.function(y_true, y_pred)
        try:
            gradients, hessians = given
        except (TypeError, ValueError):
            raise error("fit.objective_shape", "objective", f"'{self.name}' gave {type(given).__name__} where (gradients, Hessians) are needed") from None
        return self._array("gradients", gradients, y_pred.shape), self._array("Hessians", hessians, y_pred.shape)

    def losses(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each row."""
        assert self._own.loss is not None
        return self._array("losses", self._own.loss(y_true, y_pred), y_true.shape[:1])

    def _array(self, what: str, given: Any, shape: tuple[int, ...]) -> Any:
        import numpy

        try:
            array = numpy.ascontiguousarray(given, dtype="float64")
        except (TypeError, ValueError) as cause:
            raise error("fit.objective_shape", "objective", f"'{self.name}' gave {what} that are not numbers") from cause
        if numpy.shape(given) != shape:
            raise error("fit.objective_shape", "objective", f"'{self.name}' gave {what} of shape {numpy.shape(given)} where {shape} is needed")
        return array


OwnObjective.__module__ = "automill"
