"""Tables from files: CSV by the built-in reader; Parquet and Feather by pyarrow, polars or DuckDB, whichever is there."""
from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any, Mapping, Sequence

from . import _core
from .errors import Faults, error

__all__ = ["is_path", "read_files", "read_files_as"]

_PARQUET = (".parquet", ".pq")
_FEATHER = (".feather", ".arrow", ".ipc")
_OTHERS = (".xlsx", ".xls", ".ods", ".json", ".jsonl", ".ndjson", ".pkl", ".pickle", ".h5", ".sqlite", ".db", ".orc")


def is_path(data: Any) -> bool:
    """Whether `data` is a path, or a list of paths."""
    if isinstance(data, (list, tuple)):
        return len(data) > 0 and all(isinstance(each, (str, os.PathLike)) for each in data)
    return isinstance(data, (str, os.PathLike))


def _paths(data: Any) -> list[str]:
    return [os.fspath(path) for path in (data if isinstance(data, (list, tuple)) else [data])]


def _suffix(path: str) -> str:
    return Path(path).suffix.lower()


def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _read_columnar(path: str) -> _core.Table:
    """Parquet or Feather through a library of the caller."""
    if not os.path.exists(path):
        raise error("data.file_missing", path, "there is no such file")
    parquet = _suffix(path) in _PARQUET
    if _installed("pyarrow"):
        import pyarrow.feather
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(path) if parquet else pyarrow.feather.read_table(path)
    elif _installed("polars"):
        import polars

        table = polars.read_parquet(path) if parquet else polars.read_ipc(path)
    elif parquet and _installed("duckdb"):
        import duckdb

        table = duckdb.read_parquet(path)
    else:
        raise error("data.reader_missing", path, "no library that reads this format is installed", "install pyarrow or polars, or give CSV")
    return _core.import_stream(table.__arrow_c_stream__(), False)


def _read_one(path: str, types: Mapping[str, str], missing: Sequence[str], delimiter: str | None, threads: int) -> tuple[_core.Table, dict[str, Any]]:
    if _suffix(path) in _PARQUET + _FEATHER:
        return _read_columnar(path).with_types(dict(types), list(missing)), {}
    if _suffix(path) in _OTHERS:
        raise error("data.file_type", path, f"files of type {_suffix(path)} are not read", "give CSV, Parquet or Feather, or a data frame")
    return _core.read_csv(path, delimiter, dict(types), list(missing), threads)


def _different_kinds(tables: Sequence[_core.Table]) -> dict[str, str]:
    """Columns that are not of one kind in all files: they are read again as categories."""
    kinds: dict[str, set[str]] = {}
    for table in tables:
        for column in table.schema.columns():
            kinds.setdefault(column["name"], set()).add(column["kind"])
    return {name: "category" for name, seen in kinds.items() if len(seen) > 1}


def _concatenated(paths: Sequence[str], tables: Sequence[_core.Table]) -> _core.Table:
    """The rows of all files, one behind the other. Columns are those of the first; a later file may have more."""
    faults = Faults()
    for path, table in zip(paths, tables):
        for name in tables[0].names:
            if not table.contains(name):
                faults.add("data.column_missing", path, f"the column '{name}' of {paths[0]} is not in this file", _core.name_hint(name, table.names))
    faults.raise_if_any()
    all_rows = tables[0]
    for table in tables[1:]:
        all_rows = _core.concatenate(all_rows, table)
    return all_rows


def read_files(data: Any, types: Mapping[str, str] | None = None, missing: Sequence[str] | None = None, delimiter: str | None = None, threads: int | None = None) -> tuple[_core.Table, dict[str, Any]]:
    """The rows of one file, or of several one behind the other, with what reading found out (of the first)."""
    paths, types, missing = _paths(data), dict(types or {}), list(missing or ())
    read = [_read_one(path, types, missing, delimiter, threads or 0) for path in paths]
    again = _different_kinds([table for table, _ in read])
    if again:
        read = [_read_one(path, {**again, **types}, missing, delimiter, threads or 0) for path in paths]
    return _concatenated(paths, [table for table, _ in read]), read[0][1]


def read_files_as(data: Any, schema: _core.Schema, extra: Sequence[str] = ()) -> _core.Table:
    """The columns of a schema with the kinds of training; `extra` columns beside them as text, where they are there."""
    tables = []
    for path in _paths(data):
        if _suffix(path) in _PARQUET + _FEATHER + _OTHERS:
            tables.append(_read_one(path, {}, (), None, 0)[0].conform(schema))
        else:
            tables.append(_core.read_csv_as(path, schema, list(extra)))
    return _concatenated(_paths(data), tables)
