"""Reading CSV: `automill.read_csv` against `pyarrow.csv.read_csv` on the same files with the same threads.

    python benchmarks/csv_against_pyarrow.py --repeats 5 --threads 2 data/adult.csv.gz data/flights_1m.csv.gz
    python benchmarks/csv_against_pyarrow.py --data FOLDER --at-least 1000000

Gzip files are unpacked first, unless `--packed`: inflating is the same work for both. The readers take turns; the best
time of each counts. Both treat the empty field alone as missing (pyarrow is told so). Prints a line a file with
seconds, the ratio (below 1: AutoMill is faster), peak memory of a fresh process that only reads, and whether shape
and cells agree; then the geometric mean of the ratios. Cells are compared as numbers where both sides are, as text
otherwise.

Exit code: 0 = all files agree, 1 = some do not, 2 = wrong usage.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import automill
import pyarrow
import pyarrow.compute
import pyarrow.csv
from process_memory import forget_peak, status_bytes

READERS = ("automill", "pyarrow")


@dataclass(frozen=True)
class FileResult:
    """One file: best seconds, peak bytes by reader, and what differs (empty: nothing)."""

    name: str
    megabytes: float
    seconds: dict[str, float]
    peak_bytes: dict[str, int]
    difference: str

    @property
    def ratio(self) -> float:
        """AutoMill's time over pyarrow's."""
        return self.seconds["automill"] / self.seconds["pyarrow"]


def read_with_pyarrow(path: Path) -> pyarrow.Table:
    """pyarrow's reader under AutoMill's rule of what is missing."""
    convert = pyarrow.csv.ConvertOptions(null_values=[""], strings_can_be_null=True)
    return pyarrow.csv.read_csv(path, convert_options=convert)


def reader(name: str) -> Callable[[Path], object]:
    """The reading function of a name."""
    return automill.read_csv if name == "automill" else read_with_pyarrow


def best_seconds(path: Path, repeats: int) -> dict[str, float]:
    """The best of `repeats` times of each reader, taken in turns after one reading each to warm the file cache."""
    best = dict.fromkeys(READERS, math.inf)
    for repeat in range(repeats + 1):
        for name in READERS:
            started = time.perf_counter()
            table = reader(name)(path)
            seconds = time.perf_counter() - started
            del table
            if repeat > 0:
                best[name] = min(best[name], seconds)
    return best


def peak_bytes(path: Path, name: str, threads: int) -> int:
    """Growth of the resident peak by reading the file once in a fresh process."""
    command = [sys.executable, __file__, "--threads", str(threads), "--measure-reader", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(json.loads(done.stdout))


def growth_by_reading(path: Path, name: str) -> int:
    """Peak resident bytes over what was resident before the file is read."""
    forget_peak()
    before = status_bytes("VmRSS")
    table = reader(name)(path)
    growth = status_bytes("VmHWM") - before
    del table
    return growth


def difference_of(path: Path) -> str:
    """What the two tables differ in; empty where nothing."""
    table, expected = automill.read_csv(path), read_with_pyarrow(path)
    arrow = table.to_arrow()
    if arrow.shape != expected.shape:
        return f"shape {arrow.shape} against {expected.shape}"
    for position, name in enumerate(expected.column_names):
        wrong = differing_cells(arrow.column(position), expected.column(position))
        if wrong:
            return f"column {name}: {wrong} cells"
    return ""


def is_number(kind: pyarrow.DataType) -> bool:
    """Whether cells compare as numbers."""
    return pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)


def plain(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    """A column without dictionary and views."""
    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        return plain(column.cast(kind.value_type))
    return column


def differing_cells(left: pyarrow.ChunkedArray, right: pyarrow.ChunkedArray) -> int:
    """Number of cells that are not equal; missing equals missing, NaN is missing, numbers agree to a rounding."""
    left, right = plain(left), plain(right)
    if is_number(left.type) and is_number(right.type):
        kind = pyarrow.float64()
    elif left.type == right.type:
        kind = left.type
    elif pyarrow.types.is_temporal(left.type) and pyarrow.types.is_temporal(right.type):
        kind = pyarrow.timestamp("us")
    else:
        kind = pyarrow.string()
    left, right = left.cast(kind), right.cast(kind)
    if pyarrow.types.is_floating(kind):
        left, right = (without_nan(each) for each in (left, right))
    equal = pyarrow.compute.fill_null(pyarrow.compute.equal(left, right), False)
    both_missing = pyarrow.compute.and_(pyarrow.compute.is_null(left), pyarrow.compute.is_null(right))
    return len(left) - int(pyarrow.compute.sum(pyarrow.compute.or_(equal, both_missing)).as_py() or 0)


def without_nan(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    """NaN as missing."""
    return pyarrow.compute.if_else(pyarrow.compute.is_nan(column), pyarrow.scalar(None, column.type), column)


@contextmanager
def unpacked(path: Path, keep_packed: bool) -> Iterator[Path]:
    """The file itself, or its unpacked copy in a temporary folder."""
    if keep_packed or path.suffix != ".gz":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="automill-csv-") as folder:
        copy = Path(folder) / path.stem
        with gzip.open(path, "rb") as packed, copy.open("wb") as file:
            shutil.copyfileobj(packed, file)
        yield copy


def measure(path: Path, options: argparse.Namespace) -> FileResult:
    """All figures of one file."""
    with unpacked(path, options.packed) as file:
        return FileResult(
            name=path.name,
            megabytes=file.stat().st_size / 1e6,
            seconds=best_seconds(file, options.repeats),
            peak_bytes={name: peak_bytes(file, name, options.threads) for name in READERS},
            difference=difference_of(file),
        )


def show(results: Sequence[FileResult]) -> None:
    """A line a file, then the geometric mean."""
    print(
        f"{'file':32} {'MB':>8} {'automill s':>11} {'pyarrow s':>10} {'ratio':>6} {'peak MiB':>9} {'pyarrow':>8}  cells"
    )
    for each in results:
        memory = [each.peak_bytes[name] / 2**20 for name in READERS]
        print(
            f"{each.name:32} {each.megabytes:8.2f} {each.seconds['automill']:11.4f} {each.seconds['pyarrow']:10.4f} "
            f"{each.ratio:6.2f} {memory[0]:9.0f} {memory[1]:8.0f}  {each.difference or 'equal'}"
        )
    mean = math.exp(sum(math.log(each.ratio) for each in results) / len(results))
    print(f"geometric mean of the ratios over {len(results)} files: {mean:.3f} (below 1: AutoMill is faster)")


def files_of(options: argparse.Namespace) -> list[Path]:
    """The files named, and those of the folder that are large enough."""
    found = sorted([*options.data.glob("*.csv"), *options.data.glob("*.csv.gz")]) if options.data else []
    return [*options.files, *(path for path in found if path.stat().st_size >= options.at_least)]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", help="CSV files, plain or gzip")
    parser.add_argument("--data", type=Path, help="a folder: all its CSV files")
    parser.add_argument(
        "--at-least", type=int, default=0, help="of the folder only files of so many bytes, as they lie"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--packed", action="store_true", help="read gzip files as they are")
    parser.add_argument("--measure-reader", choices=READERS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not files_of(options):
        parser.error("name files or a folder with --data")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    pyarrow.set_cpu_count(options.threads)
    # both get the same cores; AutoMill takes its threads from the cores that it may use
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: options.threads]))
    if options.measure_reader:
        print(json.dumps(growth_by_reading(options.files[0], options.measure_reader)))
        return 0
    results = [measure(path, options) for path in files_of(options)]
    show(results)
    return 1 if any(each.difference for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
