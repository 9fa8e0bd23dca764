"""Learners, transformers and pipelines by themselves, without any AutoML.

>>> model = Pipeline(Impute(), OneHot(), Scale(), Ridge(alpha=1.0)).fit(data, "price")
>>> model.predict(rows)

Parameters of steps are named `step.parameter`. The built-in components themselves are in builtin.py.
"""
from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Sequence

from . import _core
from .columns import any_column, column_name, is_pandas, several_names
from .containers import Origin, to_table, unlabelled_rows
from .errors import error
from .labels import class_labels, label_text
from .model import AutoMLModel
from .own_objective import ObjectiveCall, as_data, label_of, objective_in
from .results import Coefficients, Schema, Shape, TreeRules, make_schema
from .table import Table

__all__ = ["ColumnTransformer", "CrossValidation", "Learner", "Pipeline", "Transformer", "TransformerPipeline", "columns_of", "cross_validate"]

Structure = dict[str, Any]


class Component:
    """A learner or transformer: hyperparameters, and what fitting made of them."""

    def structure(self) -> Structure:
        """The whole configuration as plain data."""
        raise NotImplementedError

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Every parameter; of steps as `step.parameter`."""
        own = self._own_objective()
        parameters = dict(_core.component_parameters(self.structure()))
        return parameters if own is None else {name: own if value == label_of(own) else value for name, value in parameters.items()}

    def set_params(self, **parameters: Any) -> Any:
        """Changes parameters in place; unknown names and values that are not allowed are one AutoMillError."""
        own = objective_in(parameters) or self._own_objective()
        self._take(_core.component_with(self.structure(), as_data(parameters)))
        self._keep_objective(own)
        return self

    def with_params(self, parameters: Mapping[str, Any]) -> Any:
        """An unfitted copy with some parameters changed."""
        made = component_from(_core.component_with(self.structure(), as_data(parameters)))
        made._keep_objective(objective_in(parameters) or self._own_objective())
        return made

    def _take(self, structure: Structure) -> None:
        raise NotImplementedError

    def _own_objective(self) -> Any:
        """A function in the place of a named loss: the one parameter that is no plain data. None without one."""
        return None

    def _keep_objective(self, own: Any) -> None:
        """Puts the function where `_take` found its label."""

    def __sklearn_clone__(self) -> Any:
        made = component_from(self.structure())
        made._keep_objective(self._own_objective())
        return made

    def __str__(self) -> str:
        return str(_core.component_description(self.structure())).rstrip("\n")


def _problem(data: Any, target: Any, task: str | None, positive_class: Any, sample_weight: Any, groups: Any) -> tuple[_core.Problem, Origin]:
    """Rows with a target as a learning problem of the compiled library."""
    table, origin = to_table(data)
    values: dict[str, Any] = {"task": task, "positive_class": None if positive_class is None else label_text(positive_class)}
    beside = []

    def of_rows(given: Any, name: str) -> Any:
        if isinstance(given, str):
            beside.append(given)
            return table.column(given)
        return any_column(name, given)

    if sample_weight is not None:
        values["sample_weights"] = list(of_rows(sample_weight, "sample_weight").to_numpy())
    if groups is not None:
        column = _core.renamed_column(of_rows(groups, "groups"), "groups")
        values["group_values"] = _core.Table([column], len(column)).texts("groups")
    outputs = _several_outputs(table, target)
    if outputs is not None:
        names, table = outputs
        if task not in (None, "regression"):
            raise error("option.contradiction", "target", f"{len(names)} columns are given as the target of a {task} task", "several targets are numbers: give one column of classes")
        return _core.problem_of_outputs(table.without(beside), {**values, "task": "regression"}, names), origin
    if isinstance(target, (str, int)):
        values["target"] = column_name(target)
    else:
        values["target"] = "target" if not table.contains("target") else "(target)"
        table = table.with_column(_core.renamed_column(any_column(values["target"], target), values["target"]))
    return _core.labelled_problem(table.without(beside), values), origin


def _several_outputs(table: _core.Table, target: Any) -> tuple[list[str], _core.Table] | None:
    """Names of the targets, and the table with them, where several are given: names of columns, or an array or a data frame of two or more columns."""
    if several_names(target, table):
        return list(target), table
    if isinstance(target, (list, tuple)):
        if not (len(target) > 0 and isinstance(target[0], (list, tuple)) and len(target[0]) > 1):
            return None
        import numpy

        target = numpy.asarray(target)
    if is_pandas(target, "DataFrame") or hasattr(target, "columns"):
        given, _ = to_table(target)
        names, columns = list(given.names), [given.column(name) for name in given.names]
    elif len(getattr(target, "shape", ())) == 2 and target.shape[1] > 1:
        names = [f"target_{k}" for k in range(target.shape[1])]
        columns = [any_column(name, target[:, k]) for k, name in enumerate(names)]
    else:
        return None
    if len(names) < 2:
        return None
    for k, name in enumerate(names):
        while table.contains(names[k]):
            names[k] = f"({names[k]})"
        table = table.with_column(_core.renamed_column(columns[k], names[k]))
    return names, table


class Learner(Component):
    """A learner by itself: `fit`, then `predict`. `model_` is the fitted model, `report_` how the fit went."""

    _task: str | None = None
    model_: AutoMLModel
    report_: dict[str, Any]

    def fit(self, data: Any, target: Any, sample_weight: Any = None, *, task: str | None = None, positive_class: Any = None, threads: int | None = None, seed: int = 0) -> Any:
        """Fits on all rows that have a target.

        Parameters
        ----------
        data
            Anything that `automill.train` takes.
        target
            Name of the target column, or an array. Learners of several outputs also take names of columns, or an array
            of two dimensions: numbers that are predicted together.
        sample_weight
            Name of a column, or an array of weights.
        task
            "binary", "multiclass" or "regression"; None: decided from the target, as `train` does.
        positive_class
            Binary: the class whose probability is meant.
        threads
            None: the container's cores.
        seed
            Of all random streams.
        """
        problem, origin = _problem(data, target, task or self._task, positive_class, sample_weight, None)
        model, self.report_ = _core.fit(self.structure(), problem, threads, seed, self._objective_call())
        self.model_ = AutoMLModel(model, origin)
        return self

    def _objective_call(self) -> ObjectiveCall | None:
        own = self._own_objective()
        return None if own is None else ObjectiveCall(own)

    def _fitted(self) -> AutoMLModel:
        if not hasattr(self, "model_"):
            raise error("model.not_fitted", type(self).__name__, "it is not fitted yet", "call fit first")
        return self.model_

    @property
    def classes_(self) -> Any:
        """Classes in the order of `predict_proba`."""
        import numpy

        return numpy.array(self._fitted().classes)

    def predict(self, rows: Any) -> Any:
        """Labels or values, in the container of the rows; several outputs or quantiles are columns, as in `AutoMLModel.predict`."""
        return self._fitted().predict(rows)

    def predict_proba(self, rows: Any) -> Any:
        """Probabilities, rows x classes."""
        return self._fitted().predict_proba(rows)

    def predict_contributions(self, rows: Any, background: Any = None) -> Any:
        """What each column adds to the score of each row; see `AutoMLModel.predict_contributions`."""
        return self._fitted().predict_contributions(rows, background)

    def predict_interactions(self, rows: Any) -> Any:
        """How columns act together; see `AutoMLModel.predict_interactions`."""
        return self._fitted().predict_interactions(rows)

    def shapes(self) -> list[Shape]:
        """The functions of an additive model, for plots; see `AutoMLModel.shapes`."""
        return self._fitted().shapes()

    def coefficients(self) -> Coefficients:
        """The coefficients of a linear model in the units of its columns; see `AutoMLModel.coefficients`."""
        return self._fitted().coefficients()

    def rules(self) -> TreeRules:
        """A decision tree as text and as data; see `AutoMLModel.rules`."""
        return self._fitted().rules()

    def save(self, path: Any) -> None:
        """Writes the fitted model; `automill.load` reads it."""
        self._fitted().save(path)


class TransformedFold(NamedTuple):
    """One fold of `Transformer.fit_transform_folds`."""

    train: Any
    """The rows that the fold trains on, transformed."""
    held_out: Any
    """The rows that it holds out, transformed."""
    train_rows: Any
    """Positions of the training rows in the data."""
    held_out_rows: Any
    """Positions of the held-out rows."""


class Transformer(Component):
    """A transformer by itself: `fit_transform`, then `transform`. Data frames give data frames, NumPy gives NumPy where all columns are numbers, else a `Table`; sparse columns (n-grams) always come as a `Table`, which has `to_scipy`."""

    _fitted_part: _core.FittedTransformer

    def fit(self, data: Any, target: Any = None) -> Any:
        """Learns from the rows; transformers that use a target need it."""
        self._fit(data, target)
        return self

    def _fit(self, data: Any, target: Any) -> Origin:
        if target is None:
            table, origin = to_table(data)
            problem = _core.unlabelled_problem(table)
        else:
            problem, origin = _problem(data, target, None, None, None, None)
        self._fitted_part = _core.fit_transformer(self.structure(), problem, None, 0)
        return origin

    def fit_transform(self, data: Any, target: Any = None) -> Any:
        """Learns from the rows and gives them transformed. They may differ from `transform(data)`: an encoder that uses the target gives each row a value that did not see its own."""
        origin = self._fit(data, target)
        return _table_out(self._fitted_part.train, origin)

    def transform(self, rows: Any) -> Any:
        """Transforms rows that have the columns of training."""
        fitted = self._fitted_transformer()
        table, origin = unlabelled_rows(rows, fitted.input_schema)
        return _table_out(fitted.transform(table), origin)

    def fit_transform_folds(self, data: Any, target: Any, folds: int = 8, *, sample_weight: Any = None, groups: Any = None, threads: int | None = None, seed: int = 0) -> list[TransformedFold]:
        """What a cross-validation sees: one `TransformedFold` a fold, each learned from the rows that the fold trains on. Encoders that use the target share work between the folds."""
        problem, origin = _problem(data, target, None, None, sample_weight, groups)
        made = _core.fit_transformer_folds(self.structure(), problem, folds, threads, seed)
        return [TransformedFold(_table_out(part.train, origin.at(rows)), _table_out(held_out, origin.at(others)), rows, others) for part, held_out, rows, others in made]

    def _fitted_transformer(self) -> _core.FittedTransformer:
        if not hasattr(self, "_fitted_part"):
            raise error("model.not_fitted", type(self).__name__, "it is not fitted yet", "call fit first")
        return self._fitted_part

    @property
    def output_schema_(self) -> Schema:
        """Columns that `transform` gives."""
        return make_schema(self._fitted_transformer().output_schema)

    def describe(self) -> str:
        """What fitting found, in words."""
        return str(self._fitted_transformer().describe()).rstrip("\n")


def _table_out(held: _core.Table, origin: Origin) -> Any:
    table = Table._of(held)
    if held.sparse:
        return table
    if origin.kind == "pandas":
        frame = table.to_pandas()
        if origin.index is not None and len(origin.index) == len(frame):
            frame.index = origin.index
        return frame
    if origin.kind == "polars":
        return table.to_polars()
    if origin.kind == "arrow":
        return table.to_arrow()
    if any(column["kind"] in ("category", "text") for column in held.schema.columns()):
        return table
    import numpy

    return numpy.column_stack([held.cells(name) for name in held.names]) if held.names else numpy.empty((held.rows, 0))


# --- steps and groups ---------------------------------------------------------------------------------------------------


def _named_steps(steps: Sequence[Any]) -> list[tuple[str, Component]]:
    """Steps with names: given, or the type of the step (with a number when it is taken)."""
    if len(steps) == 1 and isinstance(steps[0], (list, tuple)) and not (len(steps[0]) == 2 and isinstance(steps[0][0], str)):
        steps = list(steps[0])
    named: list[tuple[str, Component]] = []
    for step in steps:
        name, component = step if isinstance(step, tuple) else ("", step)
        if not isinstance(component, Component):
            raise error("pipeline.step", name or type(component).__name__, "a step is a component of automill, or (name, component)")
        name = wanted = name or component.structure()["type"]
        number = 2
        while any(name == taken for taken, _ in named):
            name, number = f"{wanted}_{number}", number + 1
        named.append((name, component))
    return named


def _steps_structure(steps: Iterable[tuple[str, Component]]) -> Structure:
    return {"type": "transformer_pipeline", "steps": [{"name": name, "component": component.structure()} for name, component in steps]}


class TransformerPipeline(Transformer):
    """Transformers one after the other, as one transformer: `TransformerPipeline(Impute(), Scale())`."""

    def __init__(self, *steps: Any) -> None:
        self.steps = _named_steps(steps)
        if not all(isinstance(step, Transformer) for _, step in self.steps):
            raise error("pipeline.step", "TransformerPipeline", "every step must be a transformer", "put the learner at the end of a Pipeline")

    def structure(self) -> Structure:
        return _steps_structure(self.steps)

    def _take(self, structure: Structure) -> None:
        self.steps = [(step["name"], component_from(step["component"])) for step in structure["steps"]]

    def __repr__(self) -> str:
        return f"TransformerPipeline({', '.join(repr(step) for step in self.steps)})"


class Pipeline(Learner):
    """Transformers, then a learner, as one learner; whatever learns, learns inside `fit`.

    >>> Pipeline(Impute(), OneHot(), Ridge())
    >>> Pipeline(("columns", ColumnTransformer([...])), ("model", Logistic()))

    Steps without a name are called by their type. Parameters are named `step.parameter`:
    `pipeline.set_params(**{"ridge.alpha": 0.1})`. `print(pipeline)` shows a tree.
    """

    def __init__(self, *steps: Any) -> None:
        self.steps = _named_steps(steps)
        if len(self.steps) == 0 or not isinstance(self.steps[-1][1], Learner):
            raise error("pipeline.step", "Pipeline", "the last step must be a learner", "for transformers alone use TransformerPipeline")
        if not all(isinstance(step, Transformer) for _, step in self.steps[:-1]):
            raise error("pipeline.step", "Pipeline", "steps before the last must be transformers")

    def structure(self) -> Structure:
        name, learner = self.steps[-1]
        return {"type": "pipeline", "transformers": _steps_structure(self.steps[:-1]), "estimator": {"name": name, "component": learner.structure()}}

    def _take(self, structure: Structure) -> None:
        steps = structure["transformers"]["steps"] + [structure["estimator"]]
        self.steps = [(step["name"], component_from(step["component"])) for step in steps]

    def _own_objective(self) -> Any:
        return self.steps[-1][1]._own_objective()

    def _keep_objective(self, own: Any) -> None:
        self.steps[-1][1]._keep_objective(own)

    def __repr__(self) -> str:
        return f"Pipeline({', '.join(repr(step) for step in self.steps)})"


class columns_of:
    """All columns of some kinds, for `ColumnTransformer`: `columns_of("number", "boolean")`."""

    def __init__(self, *kinds: str) -> None:
        known = _core.column_kinds()
        for kind in kinds:
            if kind not in known:
                raise error("option.unknown_choice", "columns_of", f"{kind!r} is not a kind of column", _core.name_hint(str(kind), known))
        self.kinds = list(kinds)

    def __repr__(self) -> str:
        return f"columns_of({', '.join(map(repr, self.kinds))})"


class ColumnTransformer(Transformer):
    """Different transformers for different columns, as one transformer.

    Parameters
    ----------
    groups
        (name, transformer, columns): columns are names, or `columns_of("number")`.
    remainder
        What becomes of columns that no group takes: "passthrough" or "drop".
    """

    def __init__(self, groups: Sequence[tuple[str, Any, Any]], remainder: str = "passthrough") -> None:
        if remainder not in ("passthrough", "drop"):
            raise error("option.unknown_choice", "remainder", f"{remainder!r} is not a choice", "'passthrough' or 'drop'")
        self.groups = [self._group(*group) for group in groups]
        self.remainder = remainder

    @staticmethod
    def _group(name: str, transformer: Any, columns: Any) -> tuple[str, Transformer, Any]:
        if isinstance(transformer, (list, tuple)):
            transformer = TransformerPipeline(*transformer)
        if not isinstance(transformer, Transformer):
            raise error("pipeline.step", str(name), "a group has a transformer of automill")
        if not isinstance(columns, columns_of):
            columns = [columns] if isinstance(columns, (str, int)) else list(columns)
        return str(name), transformer, columns

    def structure(self) -> Structure:
        groups = []
        for name, transformer, columns in self.groups:
            by_kind = isinstance(columns, columns_of)
            names = [] if by_kind else [column_name(each) for each in columns]
            groups.append({"name": name, "component": transformer.structure(), "columns": names, "kinds": columns.kinds if by_kind else []})
        return {"type": "column_transformer", "groups": groups, "remainder": self.remainder}

    def _take(self, structure: Structure) -> None:
        self.groups = [(group["name"], component_from(group["component"]), columns_of(*group["kinds"]) if group["kinds"] else group["columns"]) for group in structure["groups"]]
        self.remainder = structure["remainder"]

    def __repr__(self) -> str:
        return f"ColumnTransformer({self.groups!r}, remainder={self.remainder!r})"


# --- built-in components ------------------------------------------------------------------------------------------------


class DeclaredComponent(Component):
    """A component with declared parameters, which are attributes."""

    _type: str
    _defaults: dict[str, Any]

    def __init__(self, **parameters: Any) -> None:
        self._take(_core.component_structure({"type": self._type, "parameters": as_data(parameters)}))
        for name, value in parameters.items():
            setattr(self, name, value)  # as it was given: scikit-learn's clone compares by identity

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._defaults}

    def structure(self) -> Structure:
        return {"type": self._type, "parameters": as_data({name: getattr(self, name) for name in self._defaults})}

    def _take(self, structure: Structure) -> None:
        for name, value in structure["parameters"].items():
            setattr(self, name, _with_components(value))

    def _own_objective(self) -> Any:
        return objective_in(self.get_params())

    def _keep_objective(self, own: Any) -> None:
        if own is not None and self.get_params().get("objective") == label_of(own):
            self.objective = own

    def __repr__(self) -> str:
        def shown(value: Any) -> str:
            return str(getattr(value, "__name__", repr(value))) if callable(value) else repr(value)

        changed = [f"{name}={shown(getattr(self, name))}" for name, default in self._defaults.items() if getattr(self, name) != default]
        return f"{type(self).__name__}({', '.join(changed)})"


BUILTIN: dict[str, type[DeclaredComponent]] = {}
"""Class of each built-in component by its registered name; filled by builtin.py."""


_CONTAINERS: dict[str, type[Component]] = {"pipeline": Pipeline, "transformer_pipeline": TransformerPipeline, "column_transformer": ColumnTransformer}


def _is_structure(value: Any) -> bool:
    """Whether a parameter is a learner as data."""
    kind = value.get("type") if isinstance(value, dict) else None
    return isinstance(kind, str) and (kind in BUILTIN or kind in _CONTAINERS)


def _with_components(value: Any) -> Any:
    """A parameter with components in the place of structures; named ones of a list are (name, component)."""
    if isinstance(value, list) and value and all(isinstance(each, dict) and _is_structure(each.get("component")) for each in value):
        return [(each["name"], component_from(each["component"])) for each in value]
    return component_from(value) if _is_structure(value) else value


def component_from(structure: Structure) -> Any:
    """The component that a structure describes."""
    cls: type[Component] = _CONTAINERS.get(structure["type"]) or BUILTIN[structure["type"]]
    made = cls.__new__(cls)
    made._take(structure)
    return made


# --- cross-validation ---------------------------------------------------------------------------------------------------


class CrossValidation:
    """Scores of the folds, their mean with a 90 % interval, and the out-of-fold predictions in the caller's row order."""

    def __init__(self, values: Mapping[str, Any], classes: list[Any]) -> None:
        self.fold_scores: list[float] = list(values["fold_scores"])
        self.mean: float = values["mean"]
        self.low: float = values["low"]
        self.high: float = values["high"]
        self.metric: str = values["metric"]
        self.classes = classes
        matrix = values["predictions"]
        self.predictions: Any = matrix if classes or matrix.shape[1] > 1 else matrix[:, 0]
        """(rows,) values, (rows, outputs) values, or (rows, classes) probabilities; NaN for rows without a target."""
        self.fold: Any = values["fold"]
        """The fold in which a row was held out; -1 for rows without a target."""

    def __float__(self) -> float:
        return self.mean

    def __repr__(self) -> str:
        return f"{self.metric} {self.mean:.5g} ({self.low:.5g} .. {self.high:.5g}, {len(self.fold_scores)}-fold)"


def cross_validate(estimator: Learner, data: Any, target: Any, *, folds: int = 8, metric: str | None = None, task: str | None = None, positive_class: Any = None, sample_weight: Any = None, groups: Any = None, threads: int | None = None, seed: int = 0) -> CrossValidation:
    """Fits a learner or a pipeline on each fold and scores the rows held out. Whatever learns, learns inside the fold.

    Parameters
    ----------
    estimator
        A learner, or a `Pipeline`.
    data, target
        As in `Learner.fit`: any container; a column name or an array, or several of them.
    folds
        2 or more; stratified, by the content of rows (a shuffled file gives the same folds).
    metric
        Name; None: roc_auc (binary), log_loss (multiclass), rmse (regression). Of several outputs, the mean counts.
    task, positive_class, sample_weight, groups
        As in `train`.
    threads
        None: the container's cores.
    seed
        Of the folds and of all random streams.
    """
    if not isinstance(estimator, Learner):
        raise error("option.wrong_type", "estimator", f"{type(estimator).__name__} is not a learner of automill", "give Ridge(), Pipeline(...), ...")
    problem, _ = _problem(data, target, task or estimator._task, positive_class, sample_weight, groups)
    values = _core.cross_validate(estimator.structure(), problem, int(folds), metric or "", threads, seed, estimator._objective_call())
    return CrossValidation(values, class_labels(problem.target))
