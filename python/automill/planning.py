"""What a run would do, without training: `automill.train(..., plan=True)`."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from .frame import Frame

__all__ = ["RunPlan"]


@dataclass(frozen=True)
class RunPlan:
    """Rows and columns that are used, candidates in order with what they will take, and what is left out with the reason.

    Seconds are estimates: what operations of each family took on a processor of about 3 GHz. A run learns the rates of
    its machine from its own fits.
    """

    target: str
    task: str
    metric: str
    protocol: str
    """How candidates are validated: "8-fold", "holdout", ..."""
    folds: int
    rows: Mapping[str, Any]
    """"input", "used" and "dropped", each with its reason."""
    columns: Mapping[str, Any]
    """The same of columns, without the target."""
    notes: list[str]
    threads: int
    time_limit: float | None
    """Seconds; the preset's cap where none was given. None: `max_trials` alone ends the run."""
    memory_limit: int
    """Bytes."""
    preparing_seconds: float
    """Measured: from the call to where the first fit would begin."""
    candidates: Frame
    """name, family, seconds (by the clock, all folds), core_seconds, bytes, status ("planned" or "skipped"), reason, parameters."""
    searches: list[dict[str, Any]]
    """Families that are searched afterwards: "family", "candidates" (as many as there seems to be time for), "seconds_each"."""
    seconds: float
    """Of the whole run, by the clock."""
    bytes: int
    """Most memory at once."""
    _text: str

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return self._text


def make_run_plan(values: Mapping[str, Any], text: str) -> RunPlan:
    """From what the compiled library gives."""
    columns = ["name", "family", "seconds", "core_seconds", "bytes", "status", "reason", "parameters"]
    plain = {**values, "time_limit": values.get("time_limit"), "candidates": Frame(values["candidates"], columns)}
    return RunPlan(**plain, _text=text)
