"""Small tables of results: printed, shown in notebooks, given out as pandas, polars or Arrow."""
from __future__ import annotations

import html
import math
from typing import Any, Iterator, Mapping, Sequence

__all__ = ["Frame", "figure"]


def figure(value: Any, digits: int = 5) -> str:
    """A value for people: five digits, nothing for missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.{digits}g}"


class Frame:
    """Rows of named values. `frame["name"]` is a column, `frame[0]` a row, iteration gives rows as dicts."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> None:
        self._rows = [dict(row) for row in rows]
        self._columns = list(columns) if columns is not None else list(self._rows[0]) if self._rows else []

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._columns)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter([{name: row.get(name) for name in self._columns} for row in self._rows])

    def __getitem__(self, key: int | str) -> Any:
        if isinstance(key, int):
            return {name: self._rows[key].get(name) for name in self._columns}
        if key not in self._columns:
            raise KeyError(f"{key!r}: the columns are {', '.join(self._columns)}")
        return [row.get(key) for row in self._rows]

    def to_dict(self) -> dict[str, list[Any]]:
        """A list of values for each column."""
        return {name: self[name] for name in self._columns}

    def to_pandas(self) -> Any:
        """As a pandas.DataFrame."""
        import pandas

        return pandas.DataFrame(self.to_dict(), columns=self._columns)

    def to_polars(self) -> Any:
        """As a polars.DataFrame."""
        import polars

        return polars.DataFrame(self.to_dict(), strict=False)

    def to_arrow(self) -> Any:
        """As a pyarrow.Table."""
        import pyarrow

        return pyarrow.table(self.to_dict())

    def _shown_columns(self) -> list[str]:
        """Columns for people: without those that are empty everywhere."""
        return [name for name in self._columns if any(figure(row.get(name)) for row in self._rows)] or self._columns

    def _cell(self, row: Mapping[str, Any], name: str) -> str:
        return figure(row.get(name))

    def __str__(self) -> str:
        names = self._shown_columns()
        cells = [names] + [[self._cell(row, name) for name in names] for row in self._rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
        numeric = [all(not isinstance(row.get(name), str) for row in self._rows) for name in names]
        lines = ["  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(line, widths, numeric)).rstrip() for line in cells]
        return "\n".join(lines)

    __repr__ = __str__

    def _row_style(self, row: Mapping[str, Any]) -> str:
        return ""

    def _repr_html_(self) -> str:
        names = self._shown_columns()
        head = "".join(f'<th style="text-align:left">{html.escape(name)}</th>' for name in names)
        body = ""
        for row in self._rows:
            cells = "".join(f"<td>{html.escape(self._cell(row, name))}</td>" for name in names)
            body += f'<tr style="{self._row_style(row)}">{cells}</tr>'
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
