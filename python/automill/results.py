"""What a model says of itself: scores, leaderboard, evaluation, importances, schema, checks."""
from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from . import _core
from .frame import Frame, figure

__all__ = ["CheckReport", "ColumnInfo", "Evaluation", "Finding", "Importance", "Leaderboard", "OutOfFold", "Schema", "Score", "Shape", "ShapeAxis", "VerifyReport"]


@dataclass(frozen=True)
class Score:
    """A score in natural units with its 90 % interval. `float(score)` is the value."""

    value: float
    low: float
    high: float
    metric: str
    protocol: str
    """How it was found: "8-fold", "holdout", ..."""
    higher_is_better: bool = True

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        interval = f"{figure(self.low)} .. {figure(self.high)}, " if math.isfinite(self.low) else ""
        better = "higher" if self.higher_is_better else "lower"
        return f"{self.metric} {figure(self.value)} ({interval}{self.protocol}; {better} is better)"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else str(self)


def make_score(values: Mapping[str, Any], higher_is_better: bool | None = None) -> Score:
    """From what the compiled library gives."""
    if higher_is_better is None:
        try:
            higher_is_better = bool(_core.metric(values["metric"])["higher_is_better"])
        except ValueError:  # the mean cost of a cost_matrix, or an own metric
            higher_is_better = values["metric"] != "mean_cost"
    return Score(values["value"], values["low"], values["high"], values["metric"], values["protocol"], higher_is_better)


class Leaderboard(Frame):
    """Every candidate of a run: rank, scores, cost, weight in the ensemble, status and reason.

    Candidates whose score lies inside the interval of the best are marked with "=" behind their rank.
    """

    COLUMNS = ["rank", "name", "family", "validation_score", "low", "high", "test_score", "fit_seconds", "cpu_seconds", "predict_us_per_row", "bytes", "peak_bytes", "folds_done", "weight", "status", "reason"]

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__([_without_nan(row) for row in rows], self.COLUMNS)

    @property
    def ties(self) -> list[str]:
        """Names of the candidates that tie with the best: their score lies inside its interval."""
        best = next((row for row in self._rows if row.get("rank") == 1), None)
        if best is None or best.get("low") is None:
            return []
        scored = [row for row in self._rows if (row.get("rank") or 0) > 1 and row.get("validation_score") is not None]
        return [row["name"] for row in scored if best["low"] <= row["validation_score"] <= best["high"]]

    def _cell(self, row: Mapping[str, Any], name: str) -> str:
        if name == "rank":
            return f"{row['rank']}{'=' if row['name'] in self.ties else ''}" if row.get("rank") else ""
        return figure(row.get(name), 3) if name.endswith("seconds") or name == "predict_us_per_row" else super()._cell(row, name)

    def _row_style(self, row: Mapping[str, Any]) -> str:
        return "font-weight:bold" if (row.get("weight") or 0) > 0 else ""


def _without_nan(row: Mapping[str, Any]) -> dict[str, Any]:
    """None where there is no figure (the file spells it "NaN")."""
    return {key: None if (isinstance(value, float) and math.isnan(value)) or (value == "NaN" and key not in ("name", "family", "status", "reason")) else value for key, value in row.items()}


class Evaluation(Frame):
    """Metrics on labelled rows, each with a 90 % interval: one row a metric; with `by`, one row a slice.

    `evaluation["roc_auc"]` and `evaluation.value("roc_auc")` give a value over all rows; `overall` is the table of all
    rows when `by` was given.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], warnings: Sequence[str], by: str | None) -> None:
        self.warnings = list(warnings)
        self._values = {row["metric"]: row["value"] for row in rows if not row["slice"] or not by}
        whole = [row for row in rows if row["slice"] == ""][: len({row["metric"] for row in rows})]
        columns = ["metric", "value", "low", "high", "rows", "higher_is_better"]
        if by is None:
            super().__init__(rows, columns)
            self.overall: Frame = self
        else:
            super().__init__(_slices(rows[len(whole) :], by))
            self.overall = Frame(whole, columns)

    def value(self, metric: str) -> float:
        """The value of one metric over all rows."""
        if metric not in self._values:
            raise KeyError(f"{metric!r}: the metrics are {', '.join(self._values)}")
        return float(self._values[metric])

    def __getitem__(self, key: int | str) -> Any:
        return self.value(key) if isinstance(key, str) and key not in self._columns else super().__getitem__(key)

    def __contains__(self, metric: object) -> bool:
        return metric in self._values


def _slices(rows: Sequence[Mapping[str, Any]], by: str) -> list[dict[str, Any]]:
    """One row a slice: its name, its rows, and each metric with the ends of its interval."""
    slices: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = slices.setdefault(row["slice"], {by: row["slice"], "rows": row["rows"]})
        one[row["metric"]] = row["value"]
        one[f"{row['metric']}_low"] = row["low"]
        one[f"{row['metric']}_high"] = row["high"]
    return list(slices.values())


class Importance(Frame):
    """Loss of score when a column is permuted, with a 90 % interval; the most important column first."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(sorted(rows, key=lambda row: -row["importance"]), ["column", "importance", "low", "high"])


class OutOfFold(Frame):
    """Out-of-fold predictions as NumPy arrays: `prediction`, `probabilities` (rows x classes; None for regression) and `fold` (-1: never held out)."""

    def __init__(self, columns: Mapping[str, Any], probabilities: Any) -> None:
        self._arrays = dict(columns)
        self.prediction = self._arrays["prediction"]
        self.fold = self._arrays["fold"]
        self.probabilities = probabilities
        super().__init__([], list(self._arrays))

    def __len__(self) -> int:
        return len(self.fold)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return ({name: values[i] for name, values in self._arrays.items()} for i in range(len(self)))

    def __getitem__(self, key: int | str) -> Any:
        if isinstance(key, int):
            return {name: values[key] for name, values in self._arrays.items()}
        if key == "probabilities":
            return self.probabilities
        return self._arrays[key]

    def to_dict(self) -> dict[str, Any]:
        return dict(self._arrays)

    def __str__(self) -> str:
        return f"out-of-fold predictions of {len(self)} rows: {', '.join(self._columns)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{self}</pre>"


@dataclass(frozen=True)
class ColumnInfo:
    """What a column of training was."""

    name: str
    kind: str
    """"number", "boolean", "category", "datetime" or "text"."""
    integer: bool = False
    """Numbers: every training value was whole."""
    categories: tuple[str, ...] = ()
    """Categories in the order of their codes."""
    missing_markers: tuple[str, ...] = ()
    """Strings that mean missing in text files, beside the empty field."""
    format: str = ""
    """How text spells its values, where there is a choice: "#,#.# USD", "%d.%m.%Y", "yes/no". Such cells may be given as text."""


@dataclass(frozen=True)
class Schema:
    """Columns that a model needs, in order. `schema["age"].kind`, `schema.names`, `len(schema)`."""

    columns: tuple[ColumnInfo, ...]
    _held: Any = field(default=None, repr=False, compare=False)

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[ColumnInfo]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    def __getitem__(self, key: str | int) -> ColumnInfo:
        if isinstance(key, int):
            return self.columns[key]
        for column in self.columns:
            if column.name == key:
                return column
        raise KeyError(f"{key!r}: {_core.name_hint(key, self.names)}")

    def __str__(self) -> str:
        def more(column: ColumnInfo) -> str:
            size = f", {len(column.categories)} values" if column.kind == "category" else ", whole" if column.integer else ""
            return size + (f", written {column.format}" if column.format else "")

        return "\n".join(f"{column.name}: {column.kind}{more(column)}" for column in self.columns)


def make_schema(held: _core.Schema) -> Schema:
    """From what the compiled library gives."""
    return Schema(tuple(ColumnInfo(c["name"], c["kind"], c["integer"], tuple(c["categories"] or ()), tuple(c["missing_markers"]), c["format"]) for c in held.columns()), held)


class Finding(NamedTuple):
    """One way in which rows differ from training."""

    column: str
    kind: str
    """"missing column", "unseen categories", "out of range", "more missing" or "drift"."""
    message: str
    share: float
    """Of the rows concerned, or the drift statistic."""


@dataclass(frozen=True)
class CheckReport:
    """How rows differ from training; false when nothing is remarkable."""

    rows: int
    findings: tuple[Finding, ...]
    text: str

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class VerifyReport:
    """Outcome of recomputing the self-test rows of a model."""

    ok: bool
    rows: int
    largest_difference: float
    """Relative; 0 on the same processor."""
    text: str

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ShapeAxis:
    """One axis of a function of an additive model: a column in bins."""

    column: str
    categorical: bool
    edges: Any
    """Numbers: bin 1 + i ends at edge i, bin 0 is of missing values, the last bin has no end. Categories: empty."""
    labels: list[str]
    """Of all bins, for people."""


@dataclass(frozen=True)
class Shape:
    """A function of one or two columns, in the unit of the model's scores."""

    axes: list[ShapeAxis]
    values: Any
    """(bins,), (bins, bins of the second column), or (bins, classes)."""
    standard_errors: Any
    """Of the values, over the outer bags; 0 where there was one bag."""
    weights: Any
    """Training weight of each bin."""
    importance: float
    """Mean |value| over the training rows, added up over classes."""

    @property
    def columns(self) -> list[str]:
        return [axis.column for axis in self.axes]


@dataclass(frozen=True)
class Coefficient:
    """What one more unit of a feature adds to the score of a linear model."""

    feature: str
    """A column ("age"), or what the preparation makes of one: "job=Clerk", "age_missing", "joined_month"."""
    column: str
    """Of the table that it is made of; empty: of several."""
    values: list[float]
    """One an output."""
    effect: float
    """|coefficient| times the range of the feature in training, summed over outputs."""


@dataclass(frozen=True)
class Coefficients:
    """A linear model in the units of its columns: score = intercept + sum of value times coefficient."""

    scale: str
    """Of the scores: "value", "log_odds" or "log_probability"."""
    outputs: list[str]
    """The target, the positive class, or all classes."""
    intercepts: list[float]
    features: list[Coefficient]


@dataclass(frozen=True)
class TreeRule:
    """A leaf of a decision tree, and what holds for its rows."""

    conditions: list[str]
    """From the root down: "age <= 27.5 or missing", "job in Clerk, Cook"."""
    prediction: list[float]
    """The value; the probability of the positive class; or one a class."""
    rows: int
    """Of training."""


@dataclass(frozen=True)
class TreeRules:
    """A decision tree as data; `str` gives it as text."""

    outputs: list[str]
    """The target, the positive class, or all classes."""
    rules: list[TreeRule]
    """From left to right; exactly one holds for a row."""
    text: str

    def __str__(self) -> str:
        return self.text


def make_coefficients(values: Mapping[str, Any]) -> Coefficients:
    """From what the compiled library gives."""
    return Coefficients(**{**values, "features": [Coefficient(**feature) for feature in values["features"]]})


def make_rules(values: Mapping[str, Any]) -> TreeRules:
    """From what the compiled library gives."""
    return TreeRules(**{**values, "rules": [TreeRule(**rule) for rule in values["rules"]]})


def make_shapes(values: Sequence[Mapping[str, Any]]) -> list[Shape]:
    """From what the compiled library gives."""
    return [Shape(**{**value, "axes": [ShapeAxis(**axis) for axis in value["axes"]]}) for value in values]
