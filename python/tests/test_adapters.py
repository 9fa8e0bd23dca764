"""The same rows in every container give equal cells; what cannot be read is refused by name."""
from __future__ import annotations

import datetime
import decimal
import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

import automill
from automill import AutoMillError, Table

ROWS = {
    "number": [1.5, None, -3.25, 1e308],
    "whole": [1, 2, None, -4],
    "word": ["a", "zoë", None, "a"],
    "flag": [True, None, False, True],
    "when": [datetime.datetime(2024, 2, 29, 12, 30, 1), None, datetime.datetime(1969, 12, 31), datetime.datetime(2000, 1, 1)],
}
MICROSECONDS = [1709209801e6, math.nan, -86400e6, 946684800e6]


def assert_equal_cells(table: Table) -> None:
    """`table` holds ROWS."""
    nan = math.nan
    np.testing.assert_array_equal(table["number"], [1.5, nan, -3.25, 1e308])
    np.testing.assert_array_equal(table["whole"], [1, 2, nan, -4])
    assert table["word"] == ROWS["word"]
    np.testing.assert_array_equal(table["flag"], [1, nan, 0, 1])
    np.testing.assert_array_equal(table["when"], MICROSECONDS)
    kinds = {column.name: column.kind for column in table.schema}
    assert kinds == {"number": "number", "whole": "number", "word": "category", "flag": "boolean", "when": "datetime"}


def pandas_numpy() -> pd.DataFrame:
    """dtypes that pandas gives without being asked: float64, object, datetime64."""
    frame = pd.DataFrame(ROWS)
    frame["flag"] = frame["flag"].astype(object)
    return frame


def pandas_nullable() -> pd.DataFrame:
    return pandas_numpy().astype({"number": "Float64", "whole": "Int32", "word": "string", "flag": "boolean"})


def pandas_arrow() -> pd.DataFrame:
    return pa.table(ROWS).to_pandas(types_mapper=pd.ArrowDtype)


def pandas_zoned() -> pd.DataFrame:
    frame = pandas_numpy()
    frame["when"] = frame["when"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    frame["word"] = frame["word"].astype("category")
    return frame


def polars_dictionary() -> pl.DataFrame:
    return pl.DataFrame(ROWS).with_columns(pl.col("word").cast(pl.Categorical), pl.col("when").dt.cast_time_unit("ms"))


def arrow_chunked() -> pa.Table:
    table = pa.table(ROWS)
    return pa.concat_tables([table.slice(0, 1), table.slice(1, 2), table.slice(3)])


def arrow_dictionary() -> pa.Table:
    """Two chunks whose dictionaries are not the same, large strings, other widths."""
    first = pa.table({"word": pa.array(["a", "zoë"]).dictionary_encode()})
    second = pa.table({"word": pa.array([None, "a"]).dictionary_encode()})
    words = pa.concat_tables([first, second])["word"]
    table = pa.table(ROWS)
    return table.set_column(2, "word", words).set_column(1, "whole", table["whole"].cast(pa.int16())).set_column(4, "when", table["when"].cast(pa.timestamp("ns")))


def arrow_views() -> pa.Table:
    table = pa.table(ROWS)
    long = pa.chunked_array([["a", "zoë", None, "a"]], type=pa.string_view())
    return table.set_column(2, "word", long)


def dicts() -> list[dict[str, Any]]:
    return [{name: values[i] for name, values in ROWS.items() if values[i] is not None} for i in range(4)]


CONTAINERS = {
    "pandas": pandas_numpy, "pandas nullable": pandas_nullable, "pandas Arrow": pandas_arrow, "pandas zone": pandas_zoned,
    "polars": lambda: pl.DataFrame(ROWS), "polars lazy": lambda: pl.LazyFrame(ROWS), "polars categorical": polars_dictionary,
    "Arrow": lambda: pa.table(ROWS), "Arrow chunked": arrow_chunked, "Arrow dictionary": arrow_dictionary, "Arrow views": arrow_views,
    "Arrow batch": lambda: pa.RecordBatch.from_pydict(ROWS), "Arrow reader": lambda: arrow_chunked().to_reader(),
    "dicts": dicts, "columns": lambda: dict(ROWS), "Table": lambda: Table(ROWS), "own export": lambda: Table(ROWS).to_arrow(),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_equal_cells(container: str) -> None:
    assert_equal_cells(Table(CONTAINERS[container]()))


def test_duckdb_relation() -> None:
    frame = pa.table(ROWS)
    assert_equal_cells(Table(duckdb.from_arrow(frame)))


def test_csv_and_parquet_agree(tmp_path: Path) -> None:
    frame = pa.table(ROWS)
    pa_path = str(tmp_path / "rows.parquet")
    import pyarrow.feather
    import pyarrow.parquet

    pyarrow.parquet.write_table(frame, pa_path)
    pyarrow.feather.write_feather(frame, tmp_path / "rows.feather")
    pd.DataFrame(ROWS).assign(flag=["true", "", "false", "true"]).to_csv(tmp_path / "rows.csv", index=False)
    assert_equal_cells(Table(pa_path))
    assert_equal_cells(Table(tmp_path / "rows.feather"))
    assert_equal_cells(automill.read_csv(tmp_path / "rows.csv"))


def test_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,a\n2,b\n")
    (tmp_path / "b.csv").write_text("x,y\nx7,c\n03,\n")
    table = Table([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert table["x"] == ["1", "2", "x7", "03"]  # not a number in one of the files: read again as categories
    assert table["y"] == ["a", "b", "c", None]
    (tmp_path / "c.csv").write_text("x\n1\n2\n")
    with pytest.raises(AutoMillError, match="'y'") as caught:
        Table([tmp_path / "a.csv", tmp_path / "c.csv"])
    assert caught.value.code == "data.column_missing" and caught.value.place.endswith("c.csv")


def test_numpy() -> None:
    array = np.arange(12.0).reshape(4, 3)
    table = Table(array)
    assert table.columns == ["f0", "f1", "f2"]
    np.testing.assert_array_equal(table["f1"], array[:, 1])
    np.testing.assert_array_equal(Table(np.asfortranarray(array))["f2"], array[:, 2])
    np.testing.assert_array_equal(Table(array[::-1, ::2])["f1"], array[::-1, 2])
    np.testing.assert_array_equal(Table(array.astype(">f4"))["f1"], array[:, 1])
    np.testing.assert_array_equal(Table(array.astype("float16"))["f1"], array[:, 1])
    np.testing.assert_array_equal(Table(np.broadcast_to(np.float64(3), (4, 2)))["f1"], [3, 3, 3, 3])
    words = Table(np.array([["a", "zoë"], ["𝄞", ""]]))
    assert words["f0"] == ["a", "𝄞"] and words["f1"] == ["zoë", ""]
    mixed = Table(np.array([[1, "x"], [2.5, None]], dtype=object))
    np.testing.assert_array_equal(mixed["f0"], [1, 2.5])
    assert mixed["f1"] == ["x", None]


def test_structured_array() -> None:
    array = np.array([(1, 2.5, "a", "2024-01-01"), (2, math.nan, "b", "NaT")], dtype=[("i", "<i4"), ("x", "f8"), ("s", "U3"), ("d", "M8[D]")])
    table = Table(array)
    assert table.columns == ["i", "x", "s", "d"]
    np.testing.assert_array_equal(table["i"], [1, 2])
    np.testing.assert_array_equal(table["d"], [1704067200e6, math.nan])


def test_masked_array() -> None:
    table = Table({"x": np.ma.masked_array([1, 2, 3], mask=[False, True, False])})
    np.testing.assert_array_equal(table["x"], [1, math.nan, 3])


def test_sparse() -> None:
    dense = np.array([[0.0, 1.5], [2.0, 0.0], [0.0, 0.0]])
    for make in (scipy.sparse.csr_matrix, scipy.sparse.csc_array, scipy.sparse.coo_array):
        table = Table(make(dense))
        np.testing.assert_array_equal(np.column_stack([table["f0"], table["f1"]]), dense)
    twice = scipy.sparse.csc_matrix((np.array([1.0, 2.0, 4.0]), np.array([2, 0, 2]), np.array([0, 3])), shape=(3, 1))
    np.testing.assert_array_equal(Table(twice)["f0"], [2, 0, 5])
    assert list(twice.data) == [1, 2, 4], "the caller's matrix stays as it is"
    broken = scipy.sparse.csc_matrix((np.array([1.0]), np.array([0]), np.array([0, 1])), shape=(3, 1))
    broken.indices[0] = 7
    with pytest.raises(AutoMillError) as caught:
        Table(broken)
    assert caught.value.code == "data.sparse_rows" and caught.value.place == "f0"


def test_sparse_frames() -> None:
    frame = pd.DataFrame({"x": pd.arrays.SparseArray([0.0, 0.0, 4.0]), "n": pd.arrays.SparseArray([1.0, math.nan, math.nan])})
    frame["b"] = pd.arrays.SparseArray([True, False, False])
    table = Table(frame)
    np.testing.assert_array_equal(table["x"], [0, 0, 4])
    np.testing.assert_array_equal(table["n"], [1, math.nan, math.nan])
    np.testing.assert_array_equal(table["b"], [1, 0, 0])


def test_lists_of_rows() -> None:
    table = Table([[1, "a"], [2, "b"]])
    assert table.columns == ["f0", "f1"] and table["f1"] == ["a", "b"]
    with pytest.raises(AutoMillError) as caught:
        Table([[1, 2], [3]])
    assert caught.value.code == "data.ragged_row" and caught.value.place == "row 2"


def test_more_types_of_pandas() -> None:
    frame = pd.DataFrame({
        "delta": pd.to_timedelta([1, 90], unit="s"),
        "period": pd.period_range("2024-01", periods=2, freq="M"),
        "interval": pd.arrays.IntervalArray.from_breaks([0, 1, 2]),
        "level": pd.Categorical([20, 3], categories=[3, 20, 100]),
        "decimal": [decimal.Decimal("1.5"), None],
        "bits": pd.array([1, None], dtype="UInt8"),
    })
    table = Table(frame)
    np.testing.assert_array_equal(table["delta"], [1, 90])  # seconds
    np.testing.assert_array_equal(table["period"], [1704067200e6, 1706745600e6])
    assert table["interval"] == ["(0, 1]", "(1, 2]"]
    assert table["level"] == ["20", "3"] and table.schema["level"].categories == ("20", "3")  # unused ones do not count
    np.testing.assert_array_equal(table["decimal"], [1.5, math.nan])
    np.testing.assert_array_equal(table["bits"], [1, math.nan])


def test_more_types_of_arrow() -> None:
    table = Table(pa.table({
        "decimal": pa.array([decimal.Decimal("-12.34"), None], pa.decimal128(10, 2)),
        "wide": pa.array([decimal.Decimal("-12.34"), decimal.Decimal("0.5")], pa.decimal256(40, 4)),
        "half": pa.array(np.array([1.5, -0.25], dtype="float16")),
        "date": pa.array([datetime.date(2024, 2, 29), None]),
        "date64": pa.array([datetime.date(2024, 2, 29), None], pa.date64()),
        "zone": pa.array([0, 1], pa.timestamp("s", tz="Asia/Tokyo")),
        "time": pa.array([datetime.time(1, 0, 1), None]),
        "duration": pa.array([1500, None], pa.duration("ms")),
        "nothing": pa.nulls(2),
        "large": pa.array(["x", ""], pa.large_string()),
        "numbers": pa.array([7, 5]).dictionary_encode(),
    }))
    np.testing.assert_allclose(table["decimal"], [-12.34, math.nan], rtol=1e-15)
    np.testing.assert_allclose(table["wide"], [-12.34, 0.5], rtol=1e-15)
    np.testing.assert_array_equal(table["half"], [1.5, -0.25])
    np.testing.assert_array_equal(table["date"], [1709164800e6, math.nan])
    np.testing.assert_array_equal(table["date64"], [1709164800e6, math.nan])
    np.testing.assert_array_equal(table["zone"], [0, 1e6])
    np.testing.assert_array_equal(table["time"], [3601, math.nan])
    np.testing.assert_array_equal(table["duration"], [1.5, math.nan])
    np.testing.assert_array_equal(table["nothing"], [math.nan, math.nan])
    assert table["large"] == ["x", ""]
    assert table["numbers"] == ["7", "5"] and table.schema["numbers"].integer


def test_sliced_arrow_arrays() -> None:
    """Offsets of arrays, of bitmaps that start inside a byte, and of parents."""
    whole = pa.table({"x": pa.array([None if i % 3 == 0 else float(i) for i in range(50)]), "b": [i % 2 == 0 for i in range(50)], "s": [None if i % 7 == 0 else str(i) for i in range(50)]})
    part = Table(whole.slice(11, 20))
    np.testing.assert_array_equal(part["x"], [math.nan if i % 3 == 0 else i for i in range(11, 31)])
    np.testing.assert_array_equal(part["b"], [i % 2 == 0 for i in range(11, 31)])
    assert part["s"] == [None if i % 7 == 0 else str(i) for i in range(11, 31)]
    batch = pa.RecordBatch.from_struct_array(pa.StructArray.from_arrays([pa.array([1.0, 2.0, 3.0])], ["x"]).slice(1))
    np.testing.assert_array_equal(Table(batch)["x"], [2, 3])


def test_object_columns() -> None:
    def cells(*values: Any) -> Table:
        return Table({"c": list(values)})

    assert cells(1, "1", None, 2.5, True)["c"] == ["1", "1", None, "2.5", "True"]
    np.testing.assert_array_equal(cells(True, 2, 0.5)["c"], [1, 2, 0.5])
    np.testing.assert_array_equal(cells(np.int8(3), np.float32(0.5), math.nan, pd.NA, pd.NaT)["c"], [3, 0.5, math.nan, math.nan, math.nan])
    np.testing.assert_array_equal(cells(datetime.date(1970, 1, 2), pd.Timestamp("1970-01-01", tz="Europe/Berlin"), np.datetime64("NaT"))["c"], [86400e6, -3600e6, math.nan])
    assert cells(datetime.date(1970, 1, 2), "later")["c"] == ["1970-01-02", "later"]
    for value in ([1], {"a": 1}, b"bytes", np.zeros(2), (1, 2), {3}, 1j):
        with pytest.raises(AutoMillError) as caught:
            cells(1.0, value)
        assert caught.value.code == "data.cell_type" and caught.value.place == "c" and "row 2" in str(caught.value)
    with pytest.raises(AutoMillError) as caught:
        cells("fine", "\ud800")
    assert caught.value.code == "data.not_utf8" and "row 2" in str(caught.value)


@pytest.mark.parametrize("make", [lambda v: {"c": v}, lambda v: {"c": np.array(v, dtype="uint64")}, lambda v: pa.table({"c": pa.array(v, pa.uint64())}), lambda v: pl.DataFrame({"c": v}, schema={"c": pl.UInt64})])
def test_huge_integers_stay_exact(make: Any) -> None:
    table = Table(make([2**53 + 1, 2**53 + 2, 2**64 - 1]))
    assert table["c"] == [str(2**53 + 1), str(2**53 + 2), str(2**64 - 1)]
    assert table.schema["c"].kind == "category" and table.schema["c"].integer


def test_free_text_is_text() -> None:
    notes = [f"note number {i} about a thing that happened" for i in range(200)]
    for data in ({"c": notes}, pa.table({"c": notes}), pl.DataFrame({"c": notes}), pd.DataFrame({"c": notes}), {"c": np.array(notes)}):
        table = Table(data)
        assert table.schema["c"].kind == "text" and table["c"] == notes


def test_unknown_types_are_refused_by_name_together() -> None:
    with pytest.raises(AutoMillError) as caught:
        Table(pa.table({"a": [[1], [2]], "b": [{"x": 1}, {"x": 2}], "c": [1, 2], "d": [b"x", b"y"]}))
    faults = {fault.place: fault for fault in caught.value.faults}
    assert set(faults) == {"a", "b", "d"} and all(fault.code == "arrow.type" for fault in faults.values())
    assert "list" in faults["a"].message and "struct" in faults["b"].message and "binary" in faults["d"].message
    with pytest.raises(AutoMillError) as caught:
        Table(pd.DataFrame({"a": [1 + 2j], "b": [[1]]}))
    assert [fault.place for fault in caught.value.faults] == ["a", "b"]


def test_what_is_no_table() -> None:
    for data in (3, object(), [1, 2], np.zeros(3), np.zeros((2, 2, 2)), {}, [], {"x": 3}):
        with pytest.raises(AutoMillError) as caught:
            Table(data)
        assert caught.value.code.startswith("data.")


def test_names() -> None:
    odd = ["", " ", "a,b", 'q"uote', "new\nline", "zoë 𝄞", "<b>", "'", "a" * 1000]
    table = Table({name: [1.0, 2.0] for name in odd})
    assert table.columns == odd
    frame = pd.DataFrame([[1, 2, 3]], columns=[0, 1.5, ("a", "b")])
    assert Table(frame).columns == ["0", "1.5", "('a', 'b')"]
    for frame in (pd.DataFrame([[1, 2]], columns=["x", "x"]), pd.DataFrame([[1, 2]], columns=[1, "1"])):
        with pytest.raises(AutoMillError) as caught:
            Table(frame)
        assert caught.value.code == "data.duplicate_column" and caught.value.place in ("x", "1")
    with pytest.raises(AutoMillError) as caught:
        Table({"\ud800": [1]})
    assert caught.value.code == "data.column_name"


def test_types_and_missing() -> None:
    table = Table({"zip": [10115, 20095], "age": ["31", "?"], "day": ["2024-01-01", "1970-01-01"], "ok": ["yes", "no"], "job": ["n/k", "nurse"]}, types={"zip": "category", "age": "number", "day": "datetime", "ok": "boolean"}, missing=["n/k"])
    assert table["zip"] == ["10115", "20095"]
    np.testing.assert_array_equal(table["age"], [31, math.nan])
    np.testing.assert_array_equal(table["day"], [1704067200e6, 0])
    np.testing.assert_array_equal(table["ok"], [1, 0])
    assert table["job"] == [None, "nurse"]
    with pytest.raises(AutoMillError) as caught:
        Table({"age": ["31", "old"]}, types={"age": "number"})
    assert caught.value.code == "data.cell_type" and "row 2" in str(caught.value)
    with pytest.raises(AutoMillError) as caught:
        Table({"age": [1]}, types={"aeg": "number"})
    assert caught.value.code == "data.column_unknown" and "age" in caught.value.hint
    with pytest.raises(AutoMillError) as caught:
        Table({"age": [1]}, types={"age": "numbr"})
    assert caught.value.code == "option.unknown_choice" and "number" in caught.value.hint


def test_export_round_trip() -> None:
    table = Table(ROWS)
    arrow = table.to_arrow()
    assert arrow.schema.field("whole").type == pa.int64() and arrow.schema.field("when").type == pa.timestamp("us")
    assert arrow["number"].to_pylist() == ROWS["number"] and arrow["whole"].to_pylist() == ROWS["whole"]
    assert arrow["word"].to_pylist() == ROWS["word"] and arrow["flag"].to_pylist() == ROWS["flag"] and arrow["when"].to_pylist() == ROWS["when"]
    assert table.to_polars()["word"].to_list() == ROWS["word"]
    frame = table.to_pandas()
    assert frame["word"].astype(object).where(frame["word"].notna(), None).tolist() == ROWS["word"]
    assert frame["when"].tolist()[0] == pd.Timestamp("2024-02-29 12:30:01")
    assert Table({"x": []}).rows == 0 and Table(pa.table({"s": pa.array([], pa.string())})).rows == 0


def test_arrow_memory_is_released() -> None:
    """Dropping a table gives the producer's memory back, also for columns that other tables took over."""
    before = pa.total_allocated_bytes()
    source = pa.table({"x": pa.array(np.arange(100_000.0)), "s": pa.array([f"text number {i} of a long line" for i in range(100_000)])})
    table = Table(source)
    del source
    assert pa.total_allocated_bytes() > before + 1_000_000
    assert table["s"][99_999] == "text number 99999 of a long line"
    del table
    assert pa.total_allocated_bytes() <= before + 100_000
