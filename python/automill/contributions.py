"""Contributions of columns in the caller's containers."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .containers import Origin

__all__ = ["ContributionForm", "of_caller"]


@dataclass(frozen=True)
class ContributionForm:
    """How contributions of rows are given back: the caller's container, columns, and labels of classes or outputs."""

    origin: Origin
    columns: list[Any]
    places: list[int]
    classes: list[Any]
    outputs: list[str]
    scale: str

    def of(self, values: Any) -> Any:
        """Of an array, rows x outputs x (columns of the model and the bias)."""
        matrix = of_caller(values, self.places, 2, bias=True)
        taken = self.columns
        names = [*taken, next(name for name in ("bias", *(f"bias_{i}" for i in range(2, len(taken) + 3))) if name not in taken)]
        if matrix.shape[1] == 1:
            frame = self.origin.many({name: matrix[:, 0, c] for c, name in enumerate(names)})
            return matrix[:, 0] if frame is None else self._told(frame)
        pandas = self.origin.kind == "pandas"
        join = (lambda label, name: (label, name)) if pandas else "{}_{}".format
        labels = self.classes or self.outputs
        frame = self.origin.many({join(label, name): matrix[:, k, c] for k, label in enumerate(labels) for c, name in enumerate(names)})
        if pandas:
            frame.columns.names = ["class" if self.classes else "output", "column"]
        return matrix if frame is None else self._told(frame)

    def _told(self, frame: Any) -> Any:
        if self.origin.kind == "pandas":
            frame.attrs["scale"] = self.scale
        return frame


def of_caller(values: Any, places: list[int], axis: int, bias: bool = False) -> Any:
    """Numbers of the model's columns along an axis as those of the caller's columns; 0 for columns that are not the model's."""
    import numpy

    given = values.shape[axis] - bias
    if places == list(range(given)):
        return values
    nothing = numpy.zeros([1 if i == axis else size for i, size in enumerate(values.shape)])
    wide = numpy.append(values, nothing, axis=axis)  # place -1
    return wide.take([*places, *([given] if bias else [])], axis=axis)
