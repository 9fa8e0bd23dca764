"""Options of `train` as the compiled library takes them; every fault of the options comes in one error."""
from __future__ import annotations

import functools
import inspect
import os
from typing import Any, Callable, Iterable, Mapping, Sequence, TypeVar

from . import _core
from .columns import any_column, column_name, several_names
from .child import Workers
from .containers import Origin, to_table
from .errors import AutoMillError, Faults, error
from .labels import label_text
from .metric import Metric
from .own_learners import learner_data
from .search import space_data

__all__ = ["GivenData", "known_options_only", "plain_options", "read_data"]

_F = TypeVar("_F", bound=Callable[..., Any])


def known_options_only(function: _F) -> _F:
    """Unknown keyword arguments become an error with the nearest name, or AutoMill's name for a peer's option."""
    known = set(inspect.signature(function).parameters)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        faults = Faults()
        for name in kwargs:
            if name in known:
                continue
            try:
                _core.raise_unknown_option(name)
            except AutoMillError as problem:
                faults.add_error(problem)
        faults.raise_if_any()
        return function(*args, **kwargs)

    return checked  # type: ignore[return-value]


class _Checker:
    """Takes options one by one, notes values of a wrong type, and keeps what the library wants."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.faults = Faults()
        self.plain: dict[str, Any] = {}

    def wrong(self, name: str, wanted: str) -> None:
        self.faults.add("option.wrong_type", name, f"{self.given[name]!r} is not allowed: it must be {wanted}")

    def number(self, name: str, wanted: str) -> None:
        value = self.given[name]
        if value is None:
            return
        try:
            self.plain[name] = float(value.total_seconds() if hasattr(value, "total_seconds") else value)
        except (TypeError, ValueError):
            self.wrong(name, wanted)
        if isinstance(value, (bool, str)):
            self.wrong(name, wanted)

    def whole(self, name: str, wanted: str) -> None:
        value = self.given[name]
        if value is None:
            return
        if isinstance(value, (bool, str)) or not hasattr(value, "__int__") or int(value) != value or not -(2**63) <= int(value) < 2**63:
            self.wrong(name, wanted)
        elif int(value) < 0 and name in ("seed", "memory_limit", "max_model_size", "journal_limit"):
            self.faults.add("option.out_of_range", name, f"{value} is not allowed: it must be at least 0")
        else:
            self.plain[name] = int(value)

    def numbers(self, name: str, wanted: str) -> None:
        value = self.given[name]
        if value is None:
            return
        try:
            if isinstance(value, (str, bool)):
                raise TypeError
            self.plain[name] = [float(each) for each in (value if isinstance(value, Iterable) else [value])]
        except (TypeError, ValueError):
            self.wrong(name, wanted)

    def text(self, name: str, wanted: str = "text") -> None:
        value = self.given[name]
        if value is None:
            return
        if isinstance(value, str):
            self.plain[name] = value
        else:
            self.wrong(name, wanted)

    def names(self, name: str, wanted: str) -> None:
        value = self.given[name]
        if value is None:
            return
        if isinstance(value, (str, int)):
            value = [value]
        if isinstance(value, Iterable) and not isinstance(value, Mapping):
            self.plain[name] = [column_name(each) for each in value]
        else:
            self.wrong(name, wanted)


def _class_weight(check: _Checker) -> None:
    value = check.given["class_weight"]
    if value is None or isinstance(value, str):
        check.plain["class_weight"] = value
    elif isinstance(value, Mapping):
        check.plain["class_weight"] = {label_text(label): float(weight) for label, weight in value.items()}
    else:
        check.wrong("class_weight", "'balanced' or a dict of a weight for each class")


def _cost_matrix(check: _Checker) -> None:
    """Rows of numbers; a data frame or a dict of dicts also names the classes of its rows and columns."""
    value, wanted = check.given["cost_matrix"], "a row for each true class and in it a cost for each predicted one, or a dict of dicts by class"
    if value is None:
        return
    try:
        if hasattr(value, "columns") and hasattr(value, "index"):
            value = value.to_dict(orient="index")
        if isinstance(value, Mapping):
            check.plain["cost_classes"] = [label_text(truth) for truth in value]
            rows = [{label_text(label): cost for label, cost in row.items()} for row in value.values()]
            value = [[row[label] for label in check.plain["cost_classes"]] for row in rows]
        check.plain["cost_matrix"] = [[float(cost) for cost in row] for row in value]
    except (TypeError, ValueError, AttributeError):
        check.wrong("cost_matrix", wanted)
    except KeyError as problem:
        check.faults.add("option.invalid", "cost_matrix", f"a row has no cost of class {problem}", "give " + wanted)


def _monotone(check: _Checker) -> None:
    value, wanted = check.given["monotone"], "a dict from column to 1 (predictions only rise with it) or -1 (only fall)"
    if value is None:
        return
    if not isinstance(value, Mapping):
        check.wrong("monotone", wanted)
        return
    signs = {column_name(name): sign for name, sign in value.items()}
    if all(not isinstance(sign, (bool, str)) and sign in (-1, 0, 1) for sign in signs.values()):
        check.plain["monotone"] = {name: int(sign) for name, sign in signs.items()}
    else:
        check.wrong("monotone", wanted)


def _search_space(check: _Checker) -> None:
    value = check.given["search_space"]
    if value is None:
        return
    if isinstance(value, Mapping) and all(isinstance(family, str) and isinstance(space, Mapping) for family, space in value.items()):
        check.plain["search_space"] = space_data(value)
    else:
        check.wrong("search_space", "a dict from family to a dict of ranges, as {'gbdt': {'num_leaves': automill.Int(4, 256, log=True)}}")


def _journal(check: _Checker) -> None:
    path, resume = check.given.get("journal"), check.given.get("resume", False)
    if path is not None:
        try:
            check.plain["journal"] = os.fsdecode(os.fspath(path))
        except TypeError:
            check.wrong("journal", "the path of a file")
    if not isinstance(resume, bool):
        check.wrong("resume", "True or False")
    else:
        check.plain["resume"] = resume
    if check.given.get("journal_limit") is not None:
        check.whole("journal_limit", "a number of bytes")


def _metric(check: _Checker) -> None:
    value = check.given["metric"]
    if callable(value) and not isinstance(value, Metric):
        check.faults.add("option.wrong_type", "metric", f"{value!r} is not allowed: it must be a name or an automill.Metric", "automill.Metric(f, higher_is_better=True, needs='labels')")
    elif not isinstance(value, Metric):
        check.text("metric", "a name or an automill.Metric")


def _choices(check: _Checker) -> None:
    if check.given.get("progress", "auto") not in ("auto", "bar", "lines", "none"):
        check.faults.add("option.unknown_choice", "progress", f"{check.given['progress']!r} is not a choice", "'auto', 'bar', 'lines' or 'none'")
    callbacks = check.given.get("callbacks", ())
    if not isinstance(callbacks, Iterable) or not all(callable(each) for each in callbacks):
        check.wrong("callbacks", "a list of functions that take an event")


def plain_options(given: Mapping[str, Any], workers: Workers) -> dict[str, Any]:
    """Options that need no data, with the types of their values checked. `workers`: of own Python learners."""
    check = _Checker(given)
    check.text("task")
    _metric(check)
    check.text("preset")
    check.number("time_limit", "a number of seconds")
    check.whole("max_trials", "a whole number")
    check.whole("memory_limit", "a number of bytes")
    check.whole("threads", "a whole number")
    check.whole("seed", "a whole number")
    check.number("holdout", "a share of the rows between 0 and 1")
    check.text("time_column", "the name of a column")
    for name in ("ignore", "include", "exclude"):
        check.names(name, "a list of names")
    check.numbers("quantiles", "a list of numbers above 0 and below 1")
    check.number("max_predict_time", "a number of seconds")
    check.whole("max_model_size", "a number of bytes")
    check.text("refit")
    _journal(check)
    _class_weight(check)
    _cost_matrix(check)
    _monotone(check)
    _search_space(check)
    check.plain["learners"] = learner_data(given["learners"], workers, check.faults)
    _choices(check)
    if check.given.get("positive_class") is not None:
        check.plain["positive_class"] = label_text(check.given["positive_class"])
    check.faults.raise_if_any()
    return check.plain


class GivenData:
    """The table to train on, where it came from, and the options that are made of data."""

    def __init__(self, table: _core.Table, origin: Origin, plain: dict[str, Any]) -> None:
        self.table, self.origin, self.plain = table, origin, plain


def _free_name(table: _core.Table, wanted: str) -> str:
    name, number = wanted, 2
    while table.contains(name):
        name, number = f"{wanted}_{number}", number + 1
    return name


def _names_column(value: Any, table: _core.Table) -> bool:
    """True for text, a number and, as pandas has names of several levels, a tuple that is the name of a column."""
    return isinstance(value, (str, int)) or (isinstance(value, tuple) and len(value) != table.rows and table.contains(column_name(value)))


def _add_target(table: _core.Table, target: Any, plain: dict[str, Any]) -> _core.Table:
    """A name is a column of the table; an array becomes one."""
    if target is None or _names_column(target, table):
        plain["target"] = "" if target is None else column_name(target)
        return table
    if several_names(target, table):
        raise error("option.several_targets", "target", f"train predicts one column, and {len(target)} are named", f"train each; automill.GradientBoosting().fit(data, {list(target)}) learns numbers together")
    given = getattr(target, "name", None)
    name = _free_name(table, given if isinstance(given, str) and given else "target")
    column = any_column(name, target)
    plain["target"] = name
    return table.with_column(_core.renamed_column(column, name))


def _add_groups(table: _core.Table, groups: Any, plain: dict[str, Any]) -> None:
    if groups is None:
        return
    if _names_column(groups, table):
        plain["groups"] = column_name(groups)
    else:
        column = any_column("groups", groups)
        plain["group_values"] = _core.Table([column], len(column)).texts("groups")


def _add_weights(table: _core.Table, weights: Any, plain: dict[str, Any]) -> None:
    if weights is None:
        return
    if _names_column(weights, table):
        plain["sample_weight"] = column_name(weights)
    else:
        column = any_column("sample_weight", weights)
        plain["sample_weights"] = list(_core.convert_column(column, "number").to_numpy())


def _fold_numbers(pairs: Sequence[Any], rows: int) -> list[int]:
    """A list of (train, test) as a fold number for each row; -1 for rows that are in no test part."""
    import numpy

    faults = Faults()
    fold_of = numpy.full(rows, -1, dtype="int32")
    tests = []
    for k, pair in enumerate(pairs):
        train, test = (numpy.flatnonzero(part) if getattr(part, "dtype", None) == bool else numpy.asarray(part, dtype="int64") for part in pair)
        if len(test) == 0 or len(train) == 0:
            faults.add("option.invalid", "folds", f"pair {k + 1} has an empty part", "give row numbers, counted from 0")
        elif min(train.min(), test.min()) < 0 or max(train.max(), test.max()) >= rows:
            faults.add("option.out_of_range", "folds", f"pair {k + 1} has row numbers outside 0 .. {rows - 1}")
        elif (fold_of[test] >= 0).any():
            faults.add("option.invalid", "folds", f"pair {k + 1} tests rows that an earlier pair tests", "each row is tested once at most")
        else:
            fold_of[test] = k
        tests.append((train, test))
    faults.raise_if_any()
    for k, (train, test) in enumerate(tests):
        if len(numpy.unique(train)) + len(test) != rows or numpy.isin(train, test).any():
            faults.add("option.invalid", "folds", f"pair {k + 1} does not train on all rows that it does not test", "leave rows out of the data instead; for folds forward in time give time_column")
    faults.raise_if_any()
    return [int(fold) for fold in fold_of]


def _add_folds(folds: Any, rows: int, plain: dict[str, Any]) -> None:
    if folds is None:
        return
    if isinstance(folds, str):
        plain["fold_column"] = folds
    elif isinstance(folds, bool) or not (hasattr(folds, "__int__") or hasattr(folds, "__iter__")):
        faults = Faults()
        faults.add("option.wrong_type", "folds", f"{folds!r} is not allowed: it must be a whole number, a column name or a list of (train, test)")
        faults.raise_if_any()
    elif hasattr(folds, "__iter__"):
        plain["fold_of"] = _fold_numbers(list(folds), rows)
    else:
        plain["folds"] = int(folds)


def _add_source(data: Any, given: Mapping[str, Any], plain: dict[str, Any]) -> None:
    """Where the rows came from, for `automill runs resume`: a CSV file alone can be read again by its name."""
    if plain.get("journal") and isinstance(data, (str, os.PathLike)):
        source: dict[str, Any] = {"data": os.path.abspath(os.fsdecode(os.fspath(data)))}
        if given["missing"]:
            source["missing"] = list(given["missing"])
        if isinstance(given.get("validation_data"), (str, os.PathLike)):
            source["validation_data"] = os.path.abspath(os.fsdecode(os.fspath(given["validation_data"])))
        plain["journal_source"] = source


def _validation_table(data: Any, target: Any, given: Mapping[str, Any], plain: Mapping[str, Any]) -> _core.Table:
    """Labelled rows to validate on: a table with the target column, or (rows, target)."""
    if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], (str, os.PathLike)):
        table = to_table(data[0], given["types"], given["missing"])[0]
        return table.with_column(_core.renamed_column(any_column(plain["target"], data[1]), plain["target"]))
    return to_table(data, given["types"], given["missing"])[0]


def _check_reading(given: Mapping[str, Any]) -> None:
    faults = Faults()
    types, missing = given["types"], given["missing"]
    if types is not None and not (isinstance(types, Mapping) and all(isinstance(kind, str) for kind in types.values())):
        faults.add("option.wrong_type", "types", f"{types!r} is not allowed: it must be a dict from column to kind", f"kinds: {', '.join(_core.column_kinds())}")
    if missing is not None and (isinstance(missing, str) or not all(isinstance(each, str) for each in missing)):
        faults.add("option.wrong_type", "missing", f"{missing!r} is not allowed: it must be a list of strings")
    faults.raise_if_any()


def read_data(data: Any, target: Any, given: Mapping[str, Any], plain: dict[str, Any]) -> GivenData:
    """Reads the table and what else holds a value for each row."""
    _check_reading(given)
    types = {column_name(name): kind for name, kind in (given["types"] or {}).items()}
    table, origin = to_table(data, types, given["missing"], plain.get("threads"))
    plain["types"] = types
    table = _add_target(table, target, plain)
    _add_groups(table, given["groups"], plain)
    _add_weights(table, given["sample_weight"], plain)
    _add_folds(given.get("folds"), table.rows, plain)
    _add_source(data, given, plain)
    if given.get("validation_data") is not None:
        plain["validation_data"] = _validation_table(given["validation_data"], target, given, plain)
    return GivenData(table, origin, plain)
