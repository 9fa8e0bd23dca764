"""Black-box optimisation: search spaces, ask and tell, and the minimum of a function."""
from __future__ import annotations

import copy
from typing import Any, Callable, Iterable, Literal, Mapping, NamedTuple, Sequence

from . import _core
from .errors import error

__all__ = ["Categories", "Float", "Int", "MinimizeResult", "Optimizer", "OrderedCategories", "SearchParameter", "Trial", "minimize"]


class SearchParameter:
    """A parameter of a search space: see Float, Int, Categories and OrderedCategories."""

    def __init__(self, **members: Any) -> None:
        self._members = members

    def when(self, **conditions: Any) -> Any:
        """The same parameter, part of a configuration only where each of these has this value, or one of a list of values.

        >>> Int(2, 10).when(growth="symmetric")
        >>> Float(0, 1).when(growth=["symmetric", "depth_wise"], bagging=True)
        """
        result = copy.copy(self)
        together = {**self._members.get("when", {})}
        for name, value in conditions.items():
            if name in together:
                raise error("search.condition", name, "this parameter is asked twice", "give one list of values")
            together[name] = value
        result._members = {**self._members, "when": together}
        return result

    def to_data(self) -> dict[str, Any]:
        """The parameter as JSON has it."""
        return dict(self._members)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SearchParameter) and self._members == other._members

    def __repr__(self) -> str:
        members = {name: value for name, value in self._members.items() if name not in ("type", "when")}
        text = f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in members.items())})"
        when = self._members.get("when")
        return f"{text}.when({', '.join(f'{name}={value!r}' for name, value in when.items())})" if when else text


class Float(SearchParameter):
    """A real number in [low, high]. `log`: equal ratios count alike (low must be above 0). `step`: only low, low + step, ..."""

    def __init__(self, low: float, high: float, *, log: bool = False, step: float | None = None) -> None:
        super().__init__(type="float", low=low, high=high, log=log, step=step)


class Int(SearchParameter):
    """A whole number in [low, high], low, low + step, ...; `log`: equal ratios count alike (low must be above 0)."""

    def __init__(self, low: int, high: int, *, log: bool = False, step: int = 1) -> None:
        super().__init__(type="int", low=low, high=high, log=log, step=step)


class Categories(SearchParameter):
    """One of these values, none nearer to another than to a third. In a space, a list is short for it."""

    def __init__(self, choices: Iterable[Any]) -> None:
        super().__init__(type="categorical", choices=list(choices))


class OrderedCategories(SearchParameter):
    """One of these values, in order from least to most."""

    def __init__(self, choices: Iterable[Any]) -> None:
        super().__init__(type="ordinal", choices=list(choices))


class Trial(NamedTuple):
    """One evaluation of a configuration."""

    number: int
    """0, 1, 2, ... in the order of asking."""
    parameters: dict[str, Any]
    """A value for every parameter that is active."""
    state: str = "running"
    """"running", "finished" or "failed"."""
    score: float | None = None
    """Of a finished trial; of several objectives the first."""
    scores: Sequence[float] = ()
    """Of several objectives: all."""
    seconds: float | None = None
    """What it took, where told."""
    reason: str = ""
    """Why it failed."""
    partial: Sequence[tuple[int, float]] = ()
    """(step, score) on the way, in the order told."""


class MinimizeResult(NamedTuple):
    """What `minimize` found."""

    best: Trial
    """The trial with the lowest score."""
    trials: list[Trial]
    """All trials, in the order of asking."""


def space_data(space: Any) -> Any:
    """The space as plain data: each parameter as a dict."""
    if isinstance(space, SearchParameter):
        return space_data(space.to_data())
    if isinstance(space, Mapping):
        return {name: space_data(value) for name, value in space.items()}
    return space


def _number_of(trial: Trial | int) -> int:
    return trial.number if isinstance(trial, Trial) else trial


class Optimizer:
    """Proposes configurations of a space, and learns from their scores.

    >>> optimizer = Optimizer({"x": Float(-5, 5), "kind": ["a", "b"]}, seed=1)
    >>> for _ in range(50):
    ...     trial = optimizer.ask()
    ...     optimizer.tell(trial, loss(**trial.parameters))
    >>> optimizer.best().parameters

    Several trials may run at once and end in any order. The same seed and the same calls give the same configurations.

    Parameters
    ----------
    space
        `{name: parameter}`: Float, Int, Categories, OrderedCategories; a list stands for categories, any other value is fixed. Or
        `{"parameters": {...}, "forbidden": [{name: value or list of values, ...}, ...]}`; each forbidden combination
        is one that no configuration may hold.
    strategy
        "bayesian" (Gaussian process), "tpe", "evolution" (for many cheap trials), "sobol" (evenly spread) or "random".
    seed
        Any whole number from 0 on.
    direction
        "minimize" or "maximize": whether lower or higher scores are better.
    directions
        Of several objectives, one each: ["maximize", "minimize"]. `tell` takes a score for each, and `front` gives the trials
        that no other beats. Every proposal goes for another mixture of them (ParEGO).
    reduction, first_rung
        Successive halving: of the trials that told a score (`tell_partial`) at the steps first_rung, first_rung * reduction, ...
        the best 1 / reduction keep up.
    initial_trials
        Evenly spread trials before a model is asked; None: from the number of parameters.
    per_second
        Of "bayesian": expected improvement for each second that a trial is expected to take (tell `seconds`).
    """

    def __init__(self, space: Mapping[str, Any], *, strategy: str = "bayesian", seed: int = 0, direction: Literal["minimize", "maximize"] = "minimize", directions: Sequence[str] = (), reduction: float | None = None, first_rung: int = 1, initial_trials: int | None = None, per_second: bool = False) -> None:
        self._search = _core.SearchOptimizer(space_data(space), strategy, seed, direction, list(directions), reduction, first_rung, initial_trials, per_second)

    @property
    def space(self) -> dict[str, Any]:
        """The space as plain data, which `Optimizer` and JSON take."""
        data: dict[str, Any] = self._search.space()
        return data

    def ask(self, parameters: Mapping[str, Any] | None = None) -> Trial:
        """A configuration that was not asked before, as a running trial; or this one, given by name."""
        return Trial(**(self._search.ask() if parameters is None else self._search.ask_for(dict(parameters))))

    def tell(self, trial: Trial | int, score: float | Sequence[float], seconds: float | None = None) -> None:
        """The end of a trial: its score, or one for each objective. One that is not finite is a failure."""
        scores = [float(each) for each in score] if isinstance(score, Iterable) else [float(score)]
        self._search.tell(_number_of(trial), scores, seconds)

    def tell_failed(self, trial: Trial | int, reason: str = "") -> None:
        """A trial ended without a score; the search keeps away from its neighbourhood."""
        self._search.tell_failed(_number_of(trial), reason)

    def tell_partial(self, trial: Trial | int, step: int, score: float) -> None:
        """A score on the way: until its end is told, the trial is expected to end there."""
        self._search.tell_partial(_number_of(trial), step, float(score))

    def keeps_up(self, trial: Trial | int) -> bool:
        """Whether a trial is worth going on with, by its score at the last rung that it reached and those of the others there.

        Where it is not, tell its score so far as its end.
        """
        return bool(self._search.keeps_up(_number_of(trial)))

    def add(self, parameters: Mapping[str, Any], score: float, seconds: float | None = None) -> int:
        """A trial from elsewhere (warm start), finished with this score; gives its number."""
        return int(self._search.add(dict(parameters), float(score), seconds))

    def trials(self) -> list[Trial]:
        """All trials, in the order of asking."""
        return [Trial(**each) for each in self._search.trials()]

    def best(self) -> Trial | None:
        """The finished trial with the best score, the first of equal ones; None without one."""
        best = self._search.best()
        return None if best is None else Trial(**best)

    def front(self) -> list[Trial]:
        """The finished trials that no other beats: as good in all objectives and better in one. Of one objective the best."""
        return [Trial(**each) for each in self._search.front()]


def minimize(space: Mapping[str, Any], function: Callable[[dict[str, Any]], float], *, trials: int = 100, time_limit: float | None = None, strategy: str = "bayesian", seed: int = 0, initial_trials: int | None = None, per_second: bool = False, errors: Literal["raise", "record"] = "raise", first: Sequence[Mapping[str, Any]] = ()) -> MinimizeResult:
    """The configuration with the lowest value of a function.

    >>> found = minimize({"x": Float(-5, 5)}, lambda p: (p["x"] - 1) ** 2, trials=30)
    >>> found.best.parameters, found.best.score

    Parameters
    ----------
    space, strategy, seed, initial_trials, per_second
        As `Optimizer` takes them.
    function
        `f(parameters)` -> float, lower is better. A value that is not finite is a failure.
    trials
        How many configurations are evaluated at most; a finite space ends earlier.
    time_limit
        Seconds after which no other trial begins; None: no limit.
    errors
        "raise": an exception of the function ends the search; "record": the trial failed, and the search goes on.
    first
        Configurations to begin with, in this order; they count as trials.
    """
    if errors not in ("raise", "record"):
        raise error("option.unknown_choice", "errors", f"{errors!r} is not a choice", "'raise' or 'record'")
    values = {
        "trials": trials,
        "time_limit": time_limit,
        "strategy": strategy,
        "seed": seed,
        "initial_trials": initial_trials,
        "per_second": per_second,
        "record": errors == "record",
        "first": [dict(each) for each in first],
    }
    found = _core.minimize(space_data(space), function, values)
    return MinimizeResult(Trial(**found["best"]), [Trial(**each) for each in found["trials"]])


for _class in (Categories, Float, Int, MinimizeResult, Optimizer, OrderedCategories, SearchParameter, Trial, minimize):
    _class.__module__ = "automill"
