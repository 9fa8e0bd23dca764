"""One class for each built-in learner and transformer, made from the declaration of its parameters in the compiled library.

Names, defaults, checks and documentation are the same in C++, JSON and the shell. What type checkers and editors see is
builtin.pyi beside this file, written by scripts/make_python_stub.py.
"""
from __future__ import annotations

import inspect
from typing import Any, Mapping

from . import _core
from .components import BUILTIN, DeclaredComponent, Learner, Transformer
from .sklearn_shape import ClassifierShape, RegressorShape

_TYPES = {"bool": "bool", "integer": "int", "number": "float", "text": "str", "list or object": "list[Any] | dict[str, Any]"}

_ALSO = {"objective": " | Callable[..., Any]", "estimator": " | Learner", "final_estimator": " | Learner", "estimators": " | Sequence[Learner | tuple[str, Learner]]"}
"""What parameters take in Python beside the type of their declaration."""


_ACRONYMS = {"realmlp": "RealMLP", "linear_svm": "LinearSVM"}


def class_name(registered: str) -> str:
    """gradient_boosting -> GradientBoosting."""
    return _ACRONYMS.get(registered) or "".join(word.capitalize() for word in registered.split("_"))


def _documentation(component: Mapping[str, Any]) -> str:
    lines = [component["description"], "", "Parameters", "----------"]
    for parameter in component["parameters"]:
        allowed = ", one of " + ", ".join(map(repr, parameter["choices"])) if parameter["choices"] else ""
        if parameter["minimum"] > float("-inf") or parameter["maximum"] < float("inf"):
            allowed += f", in [{parameter['minimum']:g}, {parameter['maximum']:g}]"
        none = " or None" if parameter["optional"] else ""
        lines += [parameter["name"], f"    {parameter['type']}{none}{allowed}, default {parameter['default']!r}. {parameter['description']}"]
    return "\n".join(lines)


def _signature(component: Mapping[str, Any]) -> inspect.Signature:
    def annotation(parameter: Mapping[str, Any]) -> Any:
        base = _TYPES[parameter["type"]] + _ALSO.get(parameter["name"], "")
        return f"{base} | None" if parameter["optional"] else base

    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([inspect.Parameter(p["name"], keyword, default=p["default"], annotation=annotation(p)) for p in component["parameters"]])


def _make_class(component: Mapping[str, Any]) -> type:
    base = Learner if component["role"] == "learner" else Transformer
    name = class_name(component["name"])
    body = {"_type": component["name"], "_defaults": {p["name"]: p["default"] for p in component["parameters"]}, "__doc__": _documentation(component), "__module__": "automill", "__signature__": _signature(component)}
    return type(name, (DeclaredComponent, base), body)


BUILTIN.update({component["name"]: _make_class(component) for component in _core.components()})

globals().update({cls.__name__: cls for cls in BUILTIN.values()})
__all__ = [cls.__name__ for cls in BUILTIN.values()]


def _symmetric(cls: Any, **parameters: Any) -> Any:
    """With the defaults of symmetric trees, the counterpart of CatBoost's: 1,000 trees of 6 levels. `parameters` change some of them."""
    return cls(**{**_core.symmetric_boosting(), **parameters})


BUILTIN["gradient_boosting"].symmetric = classmethod(_symmetric)  # type: ignore[attr-defined]


def _report(self: Any) -> dict[str, list[dict[str, Any]]]:
    """What became of each column: `columns` (column, action: kept, made, replaced or dropped, step, reason) and `steps` (step, seconds)."""
    return dict(self._fitted_transformer().report())


BUILTIN["table_preparer"].report = _report  # type: ignore[attr-defined]


# --- learners as scikit-learn's estimators: boosters as LightGBM names them, networks, EBM -----------------------------


class _ScikitLearnNames:
    """Before a built-in learner among the bases: `n_jobs` and `random_state` as scikit-learn names them."""

    def __init__(self, *, n_jobs: int | None = None, random_state: int | None = None, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.n_jobs, self.random_state = n_jobs, random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Every parameter, `n_jobs` and `random_state` among them."""
        return {**super().get_params(deep), "n_jobs": self.n_jobs, "random_state": self.random_state}  # type: ignore[misc]

    def set_params(self, **parameters: Any) -> Any:
        """Changes parameters in place; unknown names and values that are not allowed are one AutoMillError."""
        for name in ("n_jobs", "random_state"):
            if name in parameters:
                setattr(self, name, parameters.pop(name))
        return super().set_params(**parameters)  # type: ignore[misc]

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:  # type: ignore[override]
        """Fits on all rows; `X` is anything that `automill.train` takes, `y` an array or the name of a column."""
        return super().fit(X, y, sample_weight, task=self._chosen_task(y), threads=self.n_jobs if self.n_jobs and self.n_jobs > 0 else None, seed=self.random_state or 0)  # type: ignore[misc]

    def __sklearn_clone__(self) -> Any:
        return type(self)(**self.get_params())

    def _chosen_task(self, y: Any) -> str | None:
        raise NotImplementedError


class _Classifier(ClassifierShape, _ScikitLearnNames):
    def _chosen_task(self, y: Any) -> str | None:
        if isinstance(y, str):
            return None
        import numpy

        values = numpy.asarray(y)
        present = values[values == values]  # NaN is not equal to itself
        return "binary" if len(set(present.tolist())) <= 2 else "multiclass"


class _Regressor(RegressorShape, _ScikitLearnNames):
    def _chosen_task(self, y: Any) -> str | None:
        return "regression"


def _scikit_class(name: str, shape: type, registered: str, documentation: str) -> type:
    own = inspect.signature(BUILTIN[registered]).parameters.values()
    more = [inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default=None, annotation="int | None") for each in ("n_jobs", "random_state")]
    text = f"{documentation}; parameters as in `{BUILTIN[registered].__name__}`, with `n_jobs` and `random_state`."
    body = {"__doc__": text, "__module__": "automill", "__signature__": inspect.Signature([*own, *more])}
    return type(name, (shape, BUILTIN[registered]), body)


GradientBoostingClassifier = _scikit_class("GradientBoostingClassifier", _Classifier, "gradient_boosting", "Gradient boosted trees for classes")
GradientBoostingRegressor = _scikit_class("GradientBoostingRegressor", _Regressor, "gradient_boosting", "Gradient boosted trees for numbers")
RealMLPClassifier = _scikit_class("RealMLPClassifier", _Classifier, "realmlp", "A neural network for classes")
RealMLPRegressor = _scikit_class("RealMLPRegressor", _Regressor, "realmlp", "A neural network for numbers")
EBMClassifier = _scikit_class("EBMClassifier", _Classifier, "explainable_boosting", "Explainable boosting machine for classes")
EBMRegressor = _scikit_class("EBMRegressor", _Regressor, "explainable_boosting", "Explainable boosting machine for numbers")
DecisionTreeClassifier = _scikit_class("DecisionTreeClassifier", _Classifier, "decision_tree", "A single decision tree for classes")
DecisionTreeRegressor = _scikit_class("DecisionTreeRegressor", _Regressor, "decision_tree", "A single decision tree for numbers")
GaussianProcessClassifier = _scikit_class("GaussianProcessClassifier", _Classifier, "gaussian_process", "A Gaussian process for classes")
GaussianProcessRegressor = _scikit_class("GaussianProcessRegressor", _Regressor, "gaussian_process", "A Gaussian process for numbers")
LinearSVMClassifier = _scikit_class("LinearSVMClassifier", _Classifier, "linear_svm", "A linear support vector machine for classes")
LinearSVMRegressor = _scikit_class("LinearSVMRegressor", _Regressor, "linear_svm", "A linear support vector machine for numbers")
QuantileRegressor = _scikit_class("QuantileRegressor", _Regressor, "quantile_regression", "Linear regression of quantiles")
StackingClassifier = _scikit_class("StackingClassifier", _Classifier, "stacking", "Stacking for classes")
StackingRegressor = _scikit_class("StackingRegressor", _Regressor, "stacking", "Stacking for numbers")

SCIKIT_LEARN_SHAPES = (GradientBoostingClassifier, GradientBoostingRegressor, RealMLPClassifier, RealMLPRegressor, EBMClassifier, EBMRegressor, DecisionTreeClassifier, DecisionTreeRegressor, GaussianProcessClassifier, GaussianProcessRegressor, LinearSVMClassifier, LinearSVMRegressor, QuantileRegressor, StackingClassifier, StackingRegressor)
__all__ += [_cls.__name__ for _cls in SCIKIT_LEARN_SHAPES]
