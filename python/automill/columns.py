"""One column from anything that holds one: NumPy, pandas, polars, Arrow, a list. Numbers stay where they are."""
from __future__ import annotations

import datetime
import os
import sys
from typing import Any

from . import _core
from .errors import error

__all__ = ["any_column", "column_name", "is_pandas", "microseconds_of", "numpy_column", "pandas_column"]

_EPOCH = datetime.datetime(1970, 1, 1)
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_NUMBER_HINT = "leave the column out, or turn it into numbers or strings"


def module(name: str) -> Any:
    """A module when the program has imported it already; None otherwise. AutoMill imports none of them by itself."""
    return sys.modules.get(name)


def is_pandas(data: Any, kind: str) -> bool:
    """Whether `data` is a pandas object of this class ("DataFrame", "Series", ...)."""
    pandas = module("pandas")
    return pandas is not None and isinstance(data, getattr(pandas, kind, ()))


def column_name(name: Any) -> str:
    """Names are text: others are written by str(). Text that is not valid Unicode is refused."""
    text = name if isinstance(name, str) else str(name)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise error("data.column_name", ascii(text), "the name is not valid Unicode", "rename the column") from problem
    return text


def microseconds_of(cell: Any) -> float:
    """A date or point in time as microseconds since 1970-01-01 UTC; NaN for NaT."""
    if type(cell).__name__ == "datetime64":
        import numpy

        if numpy.isnat(cell):
            return float("nan")
        return float(cell.astype("datetime64[us]").astype("int64"))
    if isinstance(cell, datetime.datetime):
        if cell.tzinfo is not None:
            cell = cell.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return float((cell - _EPOCH) // datetime.timedelta(microseconds=1))
    if isinstance(cell, datetime.date):
        return float((cell - _EPOCH.date()).days * 86_400_000_000)
    raise error("data.cell_type", "", f"{cell!r} is not a date", "give a datetime.datetime, a datetime.date or a numpy.datetime64")


def _time_column(name: str, values: Any, unit: str, duration: bool) -> _core.Column:
    """`values`: int64 counts of `unit` since 1970, or a duration (then the column holds seconds)."""
    scale = _SECONDS[unit] * (1.0 if duration else 1e6)
    if unit == "us" and not duration:
        scale = 1.0
    return _core.time_column(name, values, scale, duration)


def _numpy_time_column(name: str, values: Any) -> _core.Column:
    import numpy

    unit, count = numpy.datetime_data(values.dtype)
    if unit not in _SECONDS or count != 1:
        values = values.astype(f"{values.dtype.kind}8[{'s' if unit in ('Y', 'M', 'W', 'D', 'h', 'm') else 'us'}]")
        unit = numpy.datetime_data(values.dtype)[0]
    return _time_column(name, values.view("int64"), unit, values.dtype.kind == "m")


def numpy_column(name: str, values: Any, missing: Any = None) -> _core.Column:
    """A column from a one-dimensional array. Numbers, bools, dates and times are not copied; `missing` is a mask."""
    kind = values.dtype.kind
    if kind in "iufb":
        if not values.dtype.isnative:
            values = values.astype(values.dtype.newbyteorder("="))
        if kind == "f" and values.dtype.itemsize not in (4, 8):
            values = values.astype("float64")
        return _core.number_column(name, values, missing)
    if kind in "mM":
        return _numpy_time_column(name, values)
    if kind == "U":
        return _core.unicode_column(name, values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("=")))
    if kind in "OT":
        return _core.cells_column(name, values.astype(object, copy=False))
    if kind == "S":
        import numpy

        return _core.unicode_column(name, numpy.char.decode(values, "utf-8"))
    raise error("data.column_type", name, f"arrays of type {values.dtype} are not taken", _NUMBER_HINT)


def _masked_array_column(name: str, values: Any) -> _core.Column:
    """numpy.ma: the mask says what is missing."""
    import numpy

    mask = numpy.ma.getmaskarray(values)
    if values.dtype.kind in "iufb":
        return numpy_column(name, values.data, mask)
    cells = values.data.astype(object)
    cells[mask] = None
    return _core.cells_column(name, cells)


def _arrow_array_column(name: str, array: Any) -> _core.Column:
    """A pyarrow array, which has no stream of its own."""
    import pyarrow

    return _core.arrow_column(name, pyarrow.chunked_array([array]).__arrow_c_stream__(), False)


def _sparse_array_column(name: str, array: Any) -> _core.Column:
    """pandas' SparseArray; one whose other cells are no zeros is written out."""
    import numpy

    if array.fill_value != 0 or array.sp_values.dtype.kind not in "iuf":
        return numpy_column(name, numpy.asarray(array))
    rows = array.sp_index.to_int_index().indices
    return _core.sparse_column(name, len(array), rows.astype("int32", copy=False), array.sp_values.astype("float64"))


def _pandas_extension_column(name: str, series: Any) -> _core.Column:
    dtype, array = series.dtype, series.array
    family = type(dtype).__name__
    if family == "CategoricalDtype":
        names = any_column(name, series.cat.categories)
        return _core.category_column(name, series.cat.codes.to_numpy(), names, series.cat.categories.dtype.kind in "iu")
    if family == "ArrowDtype" or getattr(dtype, "storage", "") == "pyarrow":
        held = array.__arrow_array__()
        return any_column(name, held)
    if family == "DatetimeTZDtype":
        return _time_column(name, array.asi8, dtype.unit, False)
    if family == "SparseDtype":
        return _sparse_array_column(name, array)
    if family == "PeriodDtype":
        return pandas_column(name, series.dt.to_timestamp())
    if hasattr(array, "_data") and hasattr(array, "_mask"):  # Int64, Float64, boolean
        return numpy_column(name, array._data, array._mask)
    return _core.cells_column(name, array.astype(object))


def pandas_column(name: str, series: Any) -> _core.Column:
    """A column from a pandas Series of any dtype."""
    import numpy

    if not isinstance(series.dtype, numpy.dtype):
        return _pandas_extension_column(name, series)
    return numpy_column(name, series.to_numpy())


def several_names(given: Any, table: _core.Table) -> bool:
    """Whether a list or tuple holds names of columns, of which the table has some, and not a label a row."""
    return isinstance(given, (list, tuple)) and 1 < len(given) != table.rows and all(isinstance(name, str) for name in given) and any(map(table.contains, given))


def any_column(name: str, values: Any) -> _core.Column:
    """A column from anything that holds one: a Series, an array, an Arrow array, a list."""
    if is_pandas(values, "Index") or is_pandas(values, "Categorical"):
        values = module("pandas").Series(values)
    if is_pandas(values, "Series"):
        return pandas_column(name, values)
    if hasattr(values, "__arrow_c_stream__"):
        return _core.arrow_column(name, values.__arrow_c_stream__(), False)
    if hasattr(values, "__arrow_c_array__"):
        return _arrow_array_column(name, values)
    numpy = module("numpy")
    if numpy is not None and isinstance(values, numpy.ndarray):
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim != 1:
            raise error("data.dimensions", name, f"an array of shape {values.shape} is not a column", "give an array of one dimension")
        return _masked_array_column(name, values) if isinstance(values, numpy.ma.MaskedArray) else numpy_column(name, values)
    if isinstance(values, (list, tuple, range)):
        return _core.cells_column(name, values)
    if hasattr(values, "__array__") and not isinstance(values, (str, bytes, os.PathLike)):
        import numpy

        return any_column(name, numpy.asarray(values))
    raise error("data.column_type", name, f"{type(values).__name__} is not a column", "give an array, a Series or a list")
