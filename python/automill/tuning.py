"""The parameters of a learner or of a whole pipeline with the best cross-validated score."""
from __future__ import annotations

from typing import Any, Mapping, NamedTuple

from . import _core
from .columns import any_column
from .components import Component, Learner, _problem
from .containers import to_table
from .errors import error
from .model import AutoMLModel
from .results import Score
from .search import SearchParameter

__all__ = ["TuneResult", "TuneTrial", "search_space", "tune"]


class TuneTrial(NamedTuple):
    """One configuration and what became of it."""

    number: int
    """0 is the estimator as it was given."""
    parameters: dict[str, Any]
    """Of everything that is searched and active; a chosen step by the name of its type, or "none"."""
    status: str
    """"ok"; "stopped" before all folds were done; or "failed"."""
    score: float
    """Mean over the folds; of a trial that was stopped as hopeless, what is to be expected. NaN where it failed."""
    fold_scores: list[float]
    """Of the folds done."""
    seconds: float
    reason: str
    """Why it was stopped or failed."""


class TuneResult:
    """What `tune` found."""

    def __init__(self, values: Mapping[str, Any], estimator: Any, higher_is_better: bool) -> None:
        self.trials: list[TuneTrial] = [TuneTrial(**each) for each in values["trials"]]
        """All trials, in order."""
        self.best: TuneTrial = self.trials[values["best"]]
        self.score = Score(**values["score"], higher_is_better=higher_is_better)
        """Mean of the best trial's folds, with a 90 % interval. The best of many is chosen by this number, so it flatters."""
        self.nested_score = Score(**values["nested_score"], higher_is_better=higher_is_better)
        """What choosing gives: each fold is scored by the trial that is the best of the other folds. NaN with one fold."""
        self.estimator = estimator
        """A copy of the estimator with the best parameters; fitted on all rows unless `refit` is off or the time was up."""

    @property
    def best_parameters(self) -> dict[str, Any]:
        """Parameters of the best trial."""
        return dict(self.best.parameters)

    def to_pandas(self) -> Any:
        """All trials as a data frame, one column for each parameter."""
        import pandas

        lines = [{**trial._asdict(), **trial.parameters} for trial in self.trials]
        return pandas.DataFrame(lines).drop(columns=["parameters"])

    def __repr__(self) -> str:
        done = {status: sum(trial.status == status for trial in self.trials) for status in ("ok", "stopped", "failed")}
        counts = ", ".join(f"{count} {status}" for status, count in done.items() if count)
        return f"{self.score}; nested {self.nested_score.value:.5g}; {counts}\n{self.best_parameters}"


def _as_data(value: Any) -> Any:
    """Ranges and components as plain data; a component alone is the only choice."""
    if isinstance(value, Component):
        return [value.structure()]
    if isinstance(value, SearchParameter):
        return _as_data(value.to_data())
    if isinstance(value, Mapping):
        return {str(name): _as_data(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [each.structure() if isinstance(each, Component) else _as_data(each) for each in value]
    return value


def _require_learner(estimator: Any) -> None:
    if not isinstance(estimator, Learner):
        raise error("option.wrong_type", "estimator", f"{type(estimator).__name__} is not a learner of automill", "give Ridge(), Pipeline(...), ...")


def search_space(estimator: Learner) -> dict[str, Any]:
    """What `tune` searches of a learner or a pipeline: the ranges that its steps declare, as plain data that `tune`, `Optimizer` and `minimize` take.

    >>> search_space(Pipeline(Scale(), Ridge()))["parameters"]["ridge.alpha"]
    {'type': 'float', 'low': 0.001, 'high': 100000.0, 'log': True}
    """
    _require_learner(estimator)
    space: dict[str, Any] = _core.search_space(estimator.structure())
    return space


def _rows_of(data: Any, given: Any, option: str, what: str) -> list[float]:
    """A column of the data, or an array, as one number for each row."""
    table, _ = to_table(data)
    numbers = list((table.column(given) if isinstance(given, str) else any_column(option, given)).to_numpy())
    if len(numbers) != table.rows:
        raise error("option.invalid", option, f"{len(numbers)} rows have a {what}, and the data have {table.rows}")
    for row, number in enumerate(numbers):
        if number != number:
            raise error("option.invalid", option, f"row {row + 1} has no {what}", f"fill it in, or leave out the rows without a {what}")
    return numbers


def tune(
    estimator: Learner,
    data: Any,
    target: Any,
    space: Mapping[str, Any] | None = None,
    *,
    declared: bool = True,
    trials: int = 30,
    time_limit: float | None = None,
    folds: Any = 5,
    metric: str | None = None,
    strategy: str = "bayesian",
    skip_hopeless: bool = True,
    refit: bool = True,
    task: str | None = None,
    positive_class: Any = None,
    sample_weight: Any = None,
    groups: Any = None,
    time_column: Any = None,
    threads: int | None = None,
    seed: int = 0,
) -> TuneResult:
    """Searches the parameters of a learner or a pipeline by cross-validation. Whatever learns, learns inside the fold.

    >>> found = tune(Pipeline(Impute(), OneHot(), Scale(), Ridge()), data, "price", trials=30)
    >>> found.best_parameters, found.score, found.estimator.predict(rows)
    >>> tune(pipeline, data, "price", {"ridge.alpha": Float(0.1, 100, log=True), "scale": [None, Scale(), QuantileNormal()]})

    The first trial is the estimator as it is given. All trials have the same folds and random streams; one that raises,
    or whose score is not finite, is a row with its reason.

    Parameters
    ----------
    estimator
        A learner, or a `Pipeline`; it stays as it is.
    data, target
        As in `Learner.fit`.
    space
        Parameters by name, as `Optimizer` takes them, in the place of what the steps declare: another range, a list of
        values, any other value is fixed. The name of a step with a list of components, type names or None chooses the
        step itself; parameters of the choices are named `step.type.parameter`. See `search_space` for what is declared.
    declared
        Whether declared parameters that `space` does not name are searched, too.
    trials
        How many configurations are tried at most; a finite space ends earlier.
    time_limit
        A ceiling in seconds, the last fit on all rows included; None: no limit.
    folds
        2 or more, by group where there are groups; or a fold number for each row (-1: it always trains), as an array or
        the name of a column.
    metric
        Name; None: roc_auc (binary), log_loss (multiclass), rmse (regression). Of several outputs, the mean counts.
    strategy
        As `Optimizer` takes it.
    skip_hopeless
        Whether a trial that is far behind the best one on the first third of the folds ends there.
    refit
        Whether the best estimator is fitted on all rows.
    task, positive_class, sample_weight, groups
        As in `train`.
    time_column
        Name of a column, or an array: folds go forward in time.
    threads
        None: the container's cores.
    seed
        Of the folds, the search and all random streams.
    """
    _require_learner(estimator)
    values: dict[str, Any] = {
        "declared": declared,
        "trials": trials,
        "time_limit": time_limit,
        "folds": 5,
        "metric": metric or "",
        "strategy": strategy,
        "skip_hopeless": skip_hopeless,
        "refit": refit,
        "seed": seed,
    }
    if isinstance(folds, int):
        values["folds"] = folds
    elif groups is not None or time_column is not None:
        raise error("option.contradiction", "folds", "the fold of each row is given, and groups or times as well", "give one")
    else:
        values["fold_of"] = [int(fold) for fold in _rows_of(data, folds, "folds", "fold")]
        if isinstance(folds, str):
            data = to_table(data)[0].without([folds])
    if time_column is not None:
        if groups is not None:
            raise error("option.contradiction", "time_column", "it cannot be combined with holdout or groups", "give one")
        values["times"] = _rows_of(data, time_column, "time_column", "time")
    chosen = getattr(estimator, "_chosen_task", None)  # of scikit-learn's shapes
    task = task or (estimator._task if chosen is None else chosen(target))
    problem, origin = _problem(data, target, task, positive_class, sample_weight, groups)
    found = _core.tune(estimator.structure(), problem, None if space is None else _as_data(space), values, threads, estimator._objective_call())
    made = estimator.__sklearn_clone__()
    made._take(found["structure"])
    made._keep_objective(estimator._own_objective())
    if found["model"] is not None:
        made.model_, made.report_ = AutoMLModel(found["model"], origin), found["report"]
    return TuneResult(found, made, any(each["name"] == found["score"]["metric"] and each["higher_is_better"] for each in _core.metrics()))


for _object in (TuneResult, TuneTrial, search_space, tune):
    _object.__module__ = "automill"
