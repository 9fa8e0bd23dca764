"""A table as AutoMill sees it, and the CSV reader."""
from __future__ import annotations

import os
from typing import Any, Mapping, Sequence

from . import _core
from .containers import to_table
from .files import read_files, read_files_as
from .results import Schema, make_schema

__all__ = ["Table", "read_csv"]


class Table:
    """Typed columns, shared and immutable: numbers, booleans, categories, datetimes and text.

    Parameters
    ----------
    data
        Anything that `train` takes: paths, pandas, polars, pyarrow, DuckDB, NumPy, a list of dicts, a dict of columns.
    types
        Kinds that are not guessed: {"zip": "category"}.
    missing
        Further strings that mean missing.
    """

    report: dict[str, Any]
    """What reading a file found out: delimiter, kinds with reasons, spellings of missing values. Empty for other data."""

    def __init__(self, data: Any, *, types: Mapping[str, str] | None = None, missing: Sequence[str] | None = None) -> None:
        self._table: _core.Table = to_table(data, types, missing)[0]
        self.report = {}

    @classmethod
    def _of(cls, table: _core.Table, report: Mapping[str, Any] | None = None) -> Table:
        made = cls.__new__(cls)
        made._table, made.report = table, dict(report or {})
        return made

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self._table.rows)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._table.names)

    @property
    def schema(self) -> Schema:
        """Kinds of the columns."""
        return make_schema(self._table.schema)

    def __len__(self) -> int:
        return self.rows

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._table.contains(name)

    def __getitem__(self, name: str) -> Any:
        """The cells of a column: floats with NaN (numbers, booleans, and datetimes in microseconds since 1970), or a list of str and None."""
        return self._table.cells(name)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> Any:
        """As a pyarrow.Table."""
        import pyarrow

        return pyarrow.table(self)

    def to_polars(self) -> Any:
        """As a polars.DataFrame."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> Any:
        """As a pandas.DataFrame."""
        import numpy
        import pandas

        def values(column: Mapping[str, Any]) -> Any:
            if column["kind"] in ("number", "boolean"):
                return self._table.exact_cells(column["name"])
            cells = self._table.cells(column["name"])
            if column["kind"] == "category":
                return pandas.Categorical(cells, categories=column["categories"])
            if column["kind"] == "text":
                return cells
            whole = numpy.where(numpy.isnan(cells), 0, cells).round().astype("int64").view("datetime64[us]")
            return numpy.where(numpy.isnan(cells), numpy.datetime64("NaT"), whole)

        return pandas.DataFrame({column["name"]: values(column) for column in self._table.schema.columns()}, index=range(self.rows))

    def to_scipy(self) -> Any:
        """As a scipy.sparse.csc_matrix of numbers, one column each: what is sparse (n-grams) is not written out."""
        import scipy.sparse

        starts, rows, values = self._table.cells_by_column()
        return scipy.sparse.csc_matrix((values, rows, starts), shape=(self.rows, len(self._table.names)))

    def __repr__(self) -> str:
        return f"Table of {self.rows} rows and {len(self.columns)} columns\n{self.schema}"


def read_csv(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], schema: Schema | None = None, *, delimiter: str | None = None, types: Mapping[str, str] | None = None, missing: Sequence[str] | None = None, threads: int | None = None) -> Table:
    """Reads one CSV file, or several one behind the other (also packed with gzip; also Parquet and Feather where a library for them is installed).

    Parameters
    ----------
    path
        The file, or a list of files with the same columns.
    schema
        `model.schema`: the kinds and categories of training instead of guesses; other columns are skipped.
    delimiter
        One character; None: detected among comma, semicolon, tab and bar.
    types
        Kinds that are not guessed: {"zip": "category"}; kinds are number, boolean, category, datetime and text.
    missing
        Further strings that mean missing.
    threads
        None: the container's cores.

    Raises
    ------
    AutoMillError
        data.file_missing, data.empty_file, data.ragged_row (with the row), data.not_utf8, ...: see docs/errors.md.
    """
    if schema is not None:
        return Table._of(read_files_as(path, schema._held))
    return Table._of(*read_files(path, types, missing, delimiter, threads))
