"""AutoMLClassifier and AutoMLRegressor: `train` in the shape of scikit-learn, without needing it."""
from __future__ import annotations

import inspect
from typing import Any, Mapping, Sequence

from . import _core
from .columns import any_column, is_pandas
from .containers import to_table
from .errors import error
from .labels import label_text
from .model import AutoMLModel
from .results import Leaderboard
from .sklearn_shape import ClassifierShape, RegressorShape
from .training import train

__all__ = ["AutoMLClassifier", "AutoMLRegressor"]

_OWN = ("n_jobs", "random_state")


class _AutoMLEstimator:
    """What both share. Parameters are kept as they are given; everything is checked in `fit`."""

    model_: AutoMLModel
    leaderboard_: Leaderboard
    n_features_in_: int
    types: Mapping[str, str] | None
    missing: Sequence[str] | None
    n_jobs: int | None
    random_state: Any

    def __init__(self, *, metric: Any = None, preset: str = "balanced", time_limit: float | None = None, max_trials: int | None = None, memory_limit: int | None = None,
                 threads: int | None = None, seed: int = 0, validation_data: Any = None, holdout: float | None = None, folds: Any = None, time_column: str | None = None,
                 class_weight: Any = None, ignore: Sequence[str] = (), types: Mapping[str, str] | None = None, missing: Sequence[str] | None = None, quantiles: Any = None,
                 include: Sequence[str] | None = None, exclude: Sequence[str] | None = None, learners: Sequence[Any] = (), search_space: Any = None, monotone: Any = None,
                 cost_matrix: Any = None, max_predict_time: float | None = None, max_model_size: int | None = None, refit: str = "auto", journal: Any = None,
                 journal_limit: int | None = None, resume: bool = False, callbacks: Sequence[Any] = (), progress: str = "none", plan: bool = False,
                 n_jobs: int | None = None, random_state: int | None = None) -> None:
        for name, value in list(locals().items()):
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Every parameter by name."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **parameters: Any) -> Any:
        """Changes parameters; an unknown name is an AutoMillError with the nearest one."""
        known = self._parameter_names()
        for name, value in parameters.items():
            if name not in known:
                raise error("parameter.unknown", name, f"{type(self).__name__} has no such parameter", _core.name_hint(name, known))
            setattr(self, name, value)
        return self

    def _options(self) -> dict[str, Any]:
        options = {name: value for name, value in self.get_params().items() if name not in _OWN}
        if self.n_jobs is not None and self.n_jobs > 0:  # -1: all cores, as None
            options["threads"] = self.n_jobs
        if self.random_state is not None:
            options["seed"] = _seed_of(self.random_state)
        return options

    def _fit(self, X: Any, y: Any, **given: Any) -> Any:
        if self.plan:
            raise error("option.contradiction", "plan", "fit gives a fitted estimator", "automill.train(..., plan=True) gives the plan")
        table, _ = to_table(X, self.types, self.missing)
        model = train(_WithColumns(table, X), y, **{**self._options(), **given})
        self._set_fitted(X, table, model)
        if model.interrupted:
            raise KeyboardInterrupt("training was interrupted: the best model so far is in model_")
        return self

    def _set_fitted(self, X: Any, table: _core.Table, model: AutoMLModel) -> None:
        import numpy

        self.model_ = model
        self.leaderboard_ = model.leaderboard()
        self.n_features_in_ = len(table.names)
        names = getattr(X, "columns", None)
        self.__dict__.pop("feature_names_in_", None)
        self.__dict__.pop("_importances", None)
        if names is not None and all(isinstance(name, str) for name in names):
            self.feature_names_in_ = numpy.array(list(names), dtype=object)
        self._column_names = list(table.names)

    @property
    def feature_importances_(self) -> Any:
        """Permutation importance of each input column (out of fold), in their order; 0 for columns that the model does not use. Found when it is first asked for."""
        if "_importances" not in self.__dict__:
            import numpy

            found = {row["column"]: row["importance"] for row in self.model_.feature_importance()}
            self._importances = numpy.array([found.get(name, 0.0) for name in self._column_names])
        return self._importances

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _fitted_model(self) -> AutoMLModel:
        if not hasattr(self, "model_"):
            exceptions = _not_fitted_error()
            raise exceptions(f"This {type(self).__name__} instance is not fitted yet. Call 'fit' first.")
        return self.model_

    def __repr__(self) -> str:
        defaults = {name: parameter.default for name, parameter in inspect.signature(type(self).__init__).parameters.items()}
        changed = [f"{name}={value!r}" for name, value in self.get_params().items() if value is not defaults[name] and value != defaults[name]]
        return f"{type(self).__name__}({', '.join(changed)})"


class _WithColumns:
    """A table that was read already, for `train`."""

    def __init__(self, table: _core.Table, data: Any) -> None:
        self._table = table


def _not_fitted_error() -> type[Exception]:
    """scikit-learn's own exception where it is there."""
    import sys

    sklearn = sys.modules.get("sklearn.exceptions")
    return sklearn.NotFittedError if sklearn is not None else ValueError


def _seed_of(random_state: Any) -> int:
    """An int, or a NumPy generator or RandomState that a seed is drawn from."""
    if hasattr(random_state, "integers"):
        return int(random_state.integers(2**31))
    if hasattr(random_state, "randint"):
        return int(random_state.randint(2**31))
    return int(random_state)


class AutoMLClassifier(ClassifierShape, _AutoMLEstimator):
    """Classification by `automill.train` in the shape of scikit-learn; answers are NumPy arrays.

    Parameters are the options of `train` (see there; target, groups and weights are given to `fit`, the task follows from
    the classes), and `n_jobs` (None or -1: all cores; instead of `threads`) and `random_state` (instead of `seed`).
    `progress` is "none" unless it is given.

    The positive class of two is `classes_[1]`; columns of `predict_proba` follow the sorted `classes_`. After Ctrl-C the
    fitted attributes are there, and KeyboardInterrupt is raised.
    """

    classes_: Any

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> AutoMLClassifier:
        """Trains on the rows of `X` (anything that `train` takes) and the labels `y`; weights and groups are arrays or column names."""
        import numpy

        labels = _labels_of(y)
        classes = numpy.array(sorted(set(labels)))
        task = "binary" if len(classes) <= 2 else "multiclass"
        positive = {"positive_class": label_text(classes[1])} if len(classes) == 2 else {}
        self.classes_ = classes
        return self._fit(X, y, task=task, sample_weight=sample_weight, groups=groups, **positive)

    def _order(self) -> list[int]:
        """Position in the model of each of the sorted classes."""
        names = list(self._fitted_model()._held.target["classes"])
        return [names.index(label_text(label)) for label in self.classes_]

    def predict(self, X: Any) -> Any:
        """Predicted labels, as a NumPy array."""
        import numpy

        model = self._fitted_model()
        _, labels, _ = model._predict(X)
        position = {held: i for i, held in enumerate(self._order())}
        return self.classes_[numpy.array([position.get(int(k), 0) for k in range(len(model.classes))])[labels]]

    def predict_proba(self, X: Any) -> Any:
        """Probabilities, rows x classes in the order of `classes_`, as a NumPy array."""
        matrix, _, _ = self._fitted_model()._predict(X)
        return matrix[:, self._order()]


class AutoMLRegressor(RegressorShape, _AutoMLEstimator):
    """Regression by `automill.train` in the shape of scikit-learn; answers are NumPy arrays.

    Parameters are those of `AutoMLClassifier`.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> AutoMLRegressor:
        """Trains on the rows of `X` (anything that `train` takes) and the numbers `y`; weights and groups are arrays or column names."""
        return self._fit(X, y, task="regression", sample_weight=sample_weight, groups=groups)

    def predict(self, X: Any) -> Any:
        """Predicted values, as a NumPy array."""
        return self._fitted_model()._predict(X)[0][:, 0]


def _labels_of(y: Any) -> list[Any]:
    """The labels that are there, as Python values."""
    import numpy

    if is_pandas(y, "Series"):
        return list(y.dropna().tolist())
    values = numpy.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    return [label for label in values.tolist() if label is not None and label == label]


for _cls in (AutoMLClassifier, AutoMLRegressor):
    _cls.__module__ = "automill"
