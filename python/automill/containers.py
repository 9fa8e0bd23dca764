"""Tables from any container, and answers in the container that the rows came in.

Nothing is imported: whoever gives a data frame has imported its library. Numeric columns of NumPy, pandas and Arrow are
not copied; strings of Arrow-backed columns do not become Python objects.
"""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Sequence

from . import _core
from .columns import any_column, column_name, is_pandas, module, pandas_column
from .errors import AutoMillError, Faults, error
from .files import is_path, read_files, read_files_as

__all__ = ["Origin", "labelled_rows", "to_table", "unlabelled_rows"]

_TAKEN = "paths of CSV, Parquet or Feather files, pandas, polars, pyarrow, DuckDB, NumPy, scipy.sparse, a list of dicts or a dict of columns"


@dataclass(frozen=True)
class Origin:
    """Which container rows came in: answers are given in the same one."""

    kind: str = "numpy"
    """"pandas", "polars", "arrow" or "numpy"."""
    index: Any = None
    """pandas: the index of the rows."""

    def at(self, rows: Any) -> Origin:
        """The same container with some of the rows."""
        return self if self.index is None else Origin(self.kind, self.index[rows])

    def one(self, values: Any, name: str) -> Any:
        """One value a row: a Series, an Arrow array or a NumPy array."""
        if self.kind == "pandas":
            import pandas

            return pandas.Series(values, index=self.index, name=name)
        if self.kind == "polars":
            import polars

            return polars.Series(name, values)
        if self.kind == "arrow":
            import pyarrow

            return pyarrow.array(values)
        return values

    def many(self, columns: Mapping[Any, Any]) -> Any:
        """Several columns: a data frame or an Arrow table (None for NumPy, whose callers know their shape)."""
        if self.kind == "pandas":
            import pandas

            frame = pandas.DataFrame(dict(enumerate(columns.values())), index=self.index)
            frame.columns = pandas.Index(list(columns))
            return frame
        if self.kind == "polars":
            import polars

            return polars.DataFrame({str(name): values for name, values in columns.items()})
        if self.kind == "arrow":
            import pyarrow

            return pyarrow.table({str(name): pyarrow.array(values) for name, values in columns.items()})
        return None


def _build(columns: Iterable[tuple[Any, Any]], rows: int, make: Any) -> _core.Table:
    """A table of columns made one by one; all columns that are refused come in one error."""
    faults, made = Faults(), []
    for name, values in columns:
        try:
            made.append(make(column_name(name), values))
        except AutoMillError as problem:
            faults.add_error(problem)
    faults.raise_if_any()
    return _core.Table(made, rows)


def _from_pandas(frame: Any) -> _core.Table:
    # by position: a name may be there twice, which the table then reports
    return _build(((name, frame.iloc[:, i]) for i, name in enumerate(frame.columns)), len(frame), pandas_column)


def _from_numpy(array: Any) -> _core.Table:
    if array.dtype.names is not None:
        return _build(((name, array[name]) for name in array.dtype.names), len(array), any_column)
    if array.ndim != 2:
        raise error("data.dimensions", "data", f"an array of shape {array.shape} is not a table", "give two dimensions: rows and columns")
    return _build(((f"f{i}", array[:, i]) for i in range(array.shape[1])), array.shape[0], any_column)


def _from_sparse(matrix: Any) -> _core.Table:
    """Columns of the cells that are kept; nothing is written out."""
    by_column = matrix.tocsc()
    if not by_column.has_canonical_format:
        by_column = by_column.copy() if by_column is matrix else by_column
        by_column.sum_duplicates()
    rows, values = by_column.indices.astype("int32", copy=False), by_column.data.astype("float64", copy=False)
    return _core.sparse_table(by_column.shape[0], by_column.indptr.astype("int64", copy=False), rows, values)


def _from_dicts(rows: Sequence[Mapping[Any, Any]]) -> _core.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return _build(((name, [row.get(name) for row in rows]) for name in names), len(rows), any_column)


def _from_lists(rows: Sequence[Sequence[Any]]) -> _core.Table:
    width = len(rows[0])
    for i, row in enumerate(rows):
        if len(row) != width:
            raise error("data.ragged_row", f"row {i + 1}", f"it has {len(row)} values where the first has {width}")
    return _build(((f"f{i}", [row[i] for row in rows]) for i in range(width)), len(rows), any_column)


def _from_columns(columns: Mapping[Any, Any]) -> _core.Table:
    if not columns:
        raise error("data.no_columns", "data", "the dict has no columns")
    scalars = [str(name) for name, values in columns.items() if isinstance(values, (str, bytes)) or not hasattr(values, "__len__")]
    if scalars:
        raise error("data.column_type", scalars[0], "a single value is not a column", "for one row give [{'column': value, ...}]")
    return _build(columns.items(), len(next(iter(columns.values()))), any_column)


def _from_list(data: Sequence[Any]) -> _core.Table:
    if len(data) == 0:
        raise error("data.no_rows", "data", "the list is empty")
    if all(isinstance(row, Mapping) for row in data):
        return _from_dicts(data)
    if all(isinstance(row, (list, tuple)) or type(row).__name__ == "ndarray" for row in data):
        return _from_lists(data)
    raise error("data.unsupported", "data", f"a list of {type(data[0]).__name__} is not a table", "give a list of dicts or of rows")


def _stream(data: Any, as_text: bool) -> _core.Table:
    return _core.import_stream(data.__arrow_c_stream__(), as_text)


def _arrow_kind() -> str:
    return "arrow" if module("pyarrow") is not None else "numpy"


def _from_arrow(data: Any, as_text: bool) -> tuple[_core.Table, Origin] | None:
    """polars, pyarrow, DuckDB and whatever else gives an Arrow stream."""
    polars = module("polars")
    if polars is not None and isinstance(data, (polars.DataFrame, polars.LazyFrame, polars.Series)):
        frame = data.collect() if isinstance(data, polars.LazyFrame) else data.to_frame() if isinstance(data, polars.Series) else data
        return _stream(frame, as_text), Origin("polars")
    if type(data).__module__.startswith("pyarrow") and hasattr(data, "to_table") and not hasattr(data, "__arrow_c_stream__"):
        data = data.to_table()  # a dataset
    if hasattr(data, "__arrow_c_stream__"):
        return _stream(data, as_text), Origin(_arrow_kind())
    if hasattr(data, "__arrow_c_array__"):
        import pyarrow

        return _stream(pyarrow.table(data), as_text), Origin("arrow")
    return None


def _from_container(data: Any, as_text: bool) -> tuple[_core.Table, Origin]:
    if isinstance(data, _core.Table):
        return data, Origin()
    if isinstance(getattr(data, "_table", None), _core.Table):  # automill.Table
        return data._table, Origin()
    if is_pandas(data, "DataFrame"):
        return _from_pandas(data), Origin("pandas", data.index)
    if is_pandas(data, "Series"):
        return _from_pandas(data.to_frame()), Origin("pandas", data.index)
    arrow = _from_arrow(data, as_text)
    if arrow is not None:
        return arrow
    numpy, sparse = module("numpy"), module("scipy.sparse")
    if sparse is not None and sparse.issparse(data):
        return _from_sparse(data), Origin()
    if numpy is not None and isinstance(data, numpy.ndarray):
        return _from_numpy(data), Origin()
    if isinstance(data, Mapping):
        return _from_columns(data), Origin()
    if isinstance(data, (list, tuple)):
        return _from_list(data), Origin()
    if hasattr(data, "__array__"):
        import numpy

        return _from_numpy(numpy.asarray(data)), Origin()
    raise error("data.unsupported", "data", f"{type(data).__name__} is not a table", f"give {_TAKEN}")


def to_table(data: Any, types: Mapping[str, str] | None = None, missing: Sequence[str] | None = None, threads: int | None = None) -> tuple[_core.Table, Origin]:
    """A table from any container; `types` and `missing` as in `train`."""
    if is_path(data):
        return read_files(data, types, missing, threads=threads)[0], Origin()
    table, origin = _from_container(data, False)
    if types or missing:
        table = table.with_types(dict(types or {}), list(missing or ()))
    return table, origin


def unlabelled_rows(data: Any, schema: _core.Schema) -> tuple[_core.Table, Origin]:
    """Rows to predict, with the kinds that the columns had in training."""
    if is_path(data):
        return read_files_as(data, schema), Origin()
    table, origin = _from_container(data, True)
    return table.conform(schema), origin


def _with_target(table: _core.Table, target: Any, name: str) -> _core.Table:
    column = _core.renamed_column(any_column(name, target), name)
    return (table.without([name]) if table.contains(name) else table).with_column(column)


def _as_labels(table: _core.Table, target: Mapping[str, Any]) -> _core.Table:
    """A target that came as text, as the kind that it had in training."""
    kind = {"boolean": "boolean", "integer": "number", "number": "number"}.get(target["label_type"])
    name = target["name"]
    if kind is None or not table.contains(name) or table.column(name).kind not in ("category", "text"):
        return table
    return table.without([name]).with_column(_core.convert_column(table.column(name), kind))


def labelled_rows(data: Any, schema: _core.Schema, target: Mapping[str, Any], extra: Sequence[str] = ()) -> tuple[_core.Table, Origin]:
    """Rows with the target column, to be compared with predictions: anything `unlabelled_rows` takes, or (rows, target)."""
    name = target["name"]
    if isinstance(data, tuple) and len(data) == 2 and not is_path(data):
        table, origin = unlabelled_rows(data[0], schema)
        return _as_labels(_with_target(table, data[1], name), target), origin
    if is_path(data):
        return _as_labels(read_files_as(data, schema, [name, *extra]), target), Origin()
    table, origin = _from_container(data, False)
    return _as_labels(table.conform(schema), target), origin
