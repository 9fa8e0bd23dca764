"""Own learners of `train`: AutoMill's components in this process, objects of scikit-learn's kind in child processes.

>>> automill.train(data, "price", learners=[automill.Ridge(alpha=0.1), sklearn.svm.SVR(), ("boosted", xgboost.XGBRegressor())])
"""
from __future__ import annotations

import copy
import math
import mmap
import os
import pickle
import sys
from typing import Any, Iterable, Mapping, Sequence

from . import _core, worker
from .child import Control, Workers, shared_memory
from .components import Learner
from .errors import Faults, error

__all__ = ["OwnLearner", "PythonLearner", "learner_data", "unpickle"]

_COLUMNS = ("auto", "numbers", "codes", "pandas")


class OwnLearner:
    """A Python object of scikit-learn's kind for `train(learners=[...])`, with a choice of what it gets.

    >>> automill.OwnLearner(HistGradientBoostingClassifier(categorical_features="from_dtype"), columns="pandas", name="hist")

    Parameters
    ----------
    estimator
        With `fit(X, y)` and `predict(X)` (numbers) or `predict_proba(X)` (classes), which scikit-learn's `clone` or
        `copy.deepcopy` can copy, and which can be pickled. `y` are numbers; classes are 0, 1, ... in the order of
        `model.classes` (those that the training rows of a fold have).
    columns
        "numbers": a matrix without holes, as `TablePreparer(for_family="linear")` makes it (with text "neural"); it is
        fitted inside each fold and saved as data. "codes": a matrix of the columns as they are: numbers, truth values 0 and
        1, microseconds since 1970, numbers for categories; missing values, and categories that training did not have, are
        NaN. "pandas": a frame of the columns as they are, with categories as such and `datetime64`. "auto": "codes" for objects
        that say they take NaN (scikit-learn's tags, XGBoost, LightGBM, CatBoost), else "numbers". Text is always prepared.
    name
        On the leaderboard; None: "own_", the name of the class and a number.
    """

    def __init__(self, estimator: Any, *, columns: str = "auto", name: str | None = None) -> None:
        if columns not in _COLUMNS:
            raise error("option.unknown_choice", "columns", f"{columns!r} is not a choice", _core.name_hint(str(columns), list(_COLUMNS)))
        self.estimator, self.columns, self.name = estimator, columns, name

    def __repr__(self) -> str:
        return f"OwnLearner({self.estimator!r}, columns={self.columns!r}, name={self.name!r})"


OwnLearner.__module__ = "automill"


def _tags(estimator: Any) -> Any:
    try:
        return estimator.__sklearn_tags__()
    except Exception:  # older releases have none, and objects of others need none
        return None


def _takes_missing(estimator: Any) -> bool:
    if type(estimator).__module__.partition(".")[0] in ("xgboost", "lightgbm", "catboost"):
        return True
    tags = _tags(estimator)
    if tags is not None:
        return bool(tags.input_tags.allow_nan)
    try:
        return bool(estimator._get_tags()["allow_nan"])
    except Exception:
        return False


def _kind(estimator: Any) -> str | None:
    """"classifier", "regressor", or None where it does not say."""
    tags = _tags(estimator)
    kind = getattr(tags, "estimator_type", None) or getattr(estimator, "_estimator_type", None)
    return kind if kind in ("classifier", "regressor") else None


def _weight_name(estimator: Any) -> str | None:
    """The parameter of `fit` that takes weights; of a pipeline that of its last step. None: there is none."""
    import inspect

    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list) and steps and isinstance(steps[-1], tuple):
        inner = _weight_name(steps[-1][1])
        return None if inner is None else f"{steps[-1][0]}__{inner}"
    try:
        parameters = inspect.signature(estimator.fit).parameters
    except (TypeError, ValueError, AttributeError):
        return None
    return "sample_weight" if "sample_weight" in parameters else None


def _class_name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _plain(value: Any) -> Any:
    """A parameter as data: an object is its class, whose own parameters stand beside it."""
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has none
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return _class_name(value)


def _parameters(estimator: Any) -> dict[str, Any]:
    try:
        given = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else vars(estimator)
        return {str(name): _plain(value) for name, value in sorted(given.items())}
    except Exception:
        return {}


def _copy(estimator: Any) -> Any:
    """Unfitted where it knows how."""
    base = sys.modules.get("sklearn.base")
    return base.clone(estimator) if base is not None and hasattr(estimator, "get_params") else copy.deepcopy(estimator)


class PythonLearner:
    """What the compiled library knows of an own Python learner, and how it has one fitted."""

    def __init__(self, given: OwnLearner, workers: Workers) -> None:
        made = _copy(given.estimator)
        self.name = type(made).__name__
        self.columns = given.columns if given.columns != "auto" else "codes" if _takes_missing(made) else "numbers"
        self.kind = _kind(made)
        self.weight_name = _weight_name(made)
        self.parameters = _parameters(made)
        self.class_name = _class_name(made)
        self._blob = worker.dumps(made)
        self._workers = workers

    def with_workers(self, workers: Workers) -> PythonLearner:
        """The same, fitted by other processes."""
        other = copy.copy(self)
        other._workers = workers
        return other

    def begin(self, rows: int, held_out_rows: int, columns: int, weighted: bool) -> Fit:
        """The buffers of a fit, to be filled."""
        return Fit(self, rows, held_out_rows, columns, weighted)


class Fit:
    """One fit: memory that the child process sees too, and what came of it."""

    def __init__(self, learner: PythonLearner, rows: int, held_out_rows: int, columns: int, weighted: bool) -> None:
        import numpy

        self._learner, self._shape = learner, (rows, held_out_rows, columns)
        sizes = {"features": rows * columns, "held_out": held_out_rows * columns, "targets": rows, "weights": rows if weighted else 0}
        self._request: dict[str, Any] = {"weighted": weighted, "weight_name": learner.weight_name, "rows": rows, "held_out_rows": held_out_rows, "columns": columns}
        end = 0
        for name, count in sizes.items():
            self._request[name] = end
            end += 8 * count
        self._request["estimator"], self._request["estimator_bytes"] = end, len(learner._blob)
        self._source = shared_memory(max(1, end + len(learner._blob)))
        self._memory = mmap.mmap(self._source, 0)
        self._memory[end : end + len(learner._blob)] = learner._blob
        self.features, self.held_out, self.targets, self.weights = (
            numpy.frombuffer(self._memory, dtype="float64", count=count, offset=self._request[name]) for name, count in sizes.items())

    def run(self, control: Control, width: int, classes: bool, seed: int, threads: int, described: Any) -> dict[str, Any]:
        """{"fitted", "pickle", "present", "predictions"}, {"failure": reason} or {"stopped": reason}."""
        import numpy

        self.features = self.held_out = self.targets = self.weights = None  # the parent's pages go back
        try:
            self._memory.close()
        except BufferError:
            pass  # somebody looks at it still: it goes with them
        self._request.update(width=width, classes=classes, seed=seed, threads=threads, described=described, path=sys.path)
        target = shared_memory(0)
        try:
            answer = self._learner._workers.ask(self._request, self._source, target, control)
            if "model_bytes" not in answer:
                return answer
            rows = self._shape[1]
            with open(os.dup(target), "rb") as file:
                file.seek(0)
                predictions = numpy.frombuffer(file.read(8 * rows * width), dtype="float64")
                pickled = file.read()
            if len(pickled) != answer["model_bytes"] or len(predictions) != rows * width:
                return {"failure": "what its process gave is not complete"}
            return {"fitted": unpickle(pickled), "pickle": pickled, "present": answer["present"], "predictions": predictions}
        except Exception as problem:  # what it pickles as may raise when it is made again
            return {"failure": worker._describe(problem)}
        finally:
            os.close(target)
            self._close()

    def _close(self) -> None:
        if self._source >= 0:
            os.close(self._source)
            self._source = -1

    def __del__(self) -> None:
        self._close()


def unpickle(pickled: bytes) -> Any:
    """A fitted object: of our own child process, or of a file whose reader allowed it."""
    return pickle.loads(pickled)


def predict(fitted: Any, matrix: Any, width: int, present: Sequence[int] | None, described: Any) -> Any:
    """Predictions in this process, rows x width."""
    return worker.predictions_of(fitted, worker.as_given(matrix, described), width, None if present is None else list(present))


def _own(given: Any) -> tuple[Any, str | None]:
    """The learner, and its name where one was given."""
    name = None
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str):
        name, given = given
    if isinstance(given, OwnLearner):
        name = name if name is not None else given.name
        return (given.estimator, name) if isinstance(given.estimator, Learner) else (given, name)
    return given, name


def _data_of(given: Any, place: str, workers: Workers, faults: Faults) -> dict[str, Any] | None:
    learner, name = _own(given)
    if isinstance(learner, Learner):
        return {"name": name or "", "structure": learner.structure(), "objective": learner._objective_call(), "python": None}
    own = learner if isinstance(learner, OwnLearner) else OwnLearner(learner)
    if isinstance(own.estimator, type) or not (hasattr(own.estimator, "fit") and (hasattr(own.estimator, "predict") or hasattr(own.estimator, "predict_proba"))):
        faults.add("option.wrong_type", place, f"{own.estimator!r} is no learner", "give an object with fit(X, y) and predict(X), a learner or a pipeline of AutoMill, or (name, learner)")
        return None
    try:
        return {"name": name or "", "structure": {}, "objective": None, "python": PythonLearner(own, workers)}
    except Exception as problem:
        faults.add("option.invalid", place, f"it cannot be copied and sent to a child process: {worker._describe(problem)}", "pip install cloudpickle, or define its class in a module")
        return None


def learner_data(given: Any, workers: Workers, faults: Faults) -> list[dict[str, Any]]:
    """`learners` as the compiled library takes them."""
    if given is None:
        return []
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        faults.add("option.wrong_type", "learners", f"{given!r} is not allowed: it must be a list of learners")
        return []
    made = [_data_of(each, f"learners[{i}]", workers, faults) for i, each in enumerate(given)]
    return [each for each in made if each is not None]
