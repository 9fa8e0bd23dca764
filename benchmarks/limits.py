"""Do the limits of time and memory hold? Trains on synthetic tables under many limits, prints how far each went over.

    python benchmarks/limits.py --rows 50,5000,500000 --limits 1,5,30 --threads 1,2 --burners 0,1 --output limits.csv
    python benchmarks/limits.py --rows 5000,500000 --limits 10 --memory-limits 64,256,1024 --output memory.csv
    python benchmarks/limits.py --rows 5000,500000 --limits 5 --memory-limits 64,256 --hard group --output hard.csv

Every cell is a fresh process that makes a table in memory (numbers, categories, missing values), calls
`automill.train(frame, "target", time_limit=..., memory_limit=...)` and tells the seconds from the call to the model,
the growth of its resident memory, and the error of the model against the prior. A burner is a process that keeps one
core busy.
`--hard group` puts the process, once it has its table, into a control group of 1.2 times the memory limit: the kernel
kills what takes more. `--hard data` has the kernel refuse more (RLIMIT_DATA). `--hard group_alone` sets the group
alone, at the memory limit: `train` must find it by itself.
The reading of pandas and the making of the table lie outside the limit.

Exit code: 0 = all runs gave a model, none is later than `--allowed` seconds (0.3) or `--allowed-share` (0.02) of its
limit, whichever is more, and none grew by more than its memory limit; 1 = otherwise.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import hard_memory_limit
import numpy as np
import pandas as pd
from process_memory import forget_peak, status_bytes

NUMBERS, CATEGORIES = 15, 5
TEST_ROWS = 2000
HARD_SHARE = 1.2
COLUMNS = [
    "task",
    "rows",
    "limit",
    "threads",
    "burners",
    "memory_limit_mib",
    "hard",
    "seconds",
    "overrun",
    "growth_mib",
    "error_of_prior",
    "reason",
]


@dataclass(frozen=True)
class Cell:
    """One run to do."""

    task: str
    rows: int
    limit: float
    threads: int
    burners: int
    memory_limit_mib: int
    hard: str = "none"
    group: str = ""

    @property
    def hard_bytes(self) -> int:
        """What the kernel lets the process take."""
        return int(self.memory_limit_mib * 2**20 * (1 if self.hard == "group_alone" else HARD_SHARE))

    @property
    def memory_limit(self) -> int | None:
        """What `train` is told."""
        return None if self.hard == "group_alone" else self.memory_limit_mib * 2**20 or None

    def failed(self, result: dict[str, object], options: argparse.Namespace) -> bool:
        """True when the run gave no model or passed one of its limits."""
        if result["reason"]:
            return True
        late = result["overrun"] > max(options.allowed, options.allowed_share * self.limit)
        return late or (self.memory_limit_mib > 0 and result["growth_mib"] > self.memory_limit_mib)


def synthetic_table(rows: int, task: str, seed: int = 0) -> pd.DataFrame:
    """15 numbers, 5 category columns of 3 to 3,000 values, 5 % missing; the target follows both kinds with noise."""
    generator = np.random.default_rng(seed)
    numbers = generator.normal(size=(rows, NUMBERS))
    sizes = np.geomspace(3, 3000, CATEGORIES).astype(int)
    codes = np.column_stack([generator.integers(0, size, rows) for size in sizes])
    effects = [generator.normal(size=size) for size in sizes]
    signal = numbers[:, 0] + np.sin(2 * numbers[:, 1]) * numbers[:, 2]
    signal = signal + sum(effect[codes[:, i]] for i, effect in enumerate(effects)) / 2 + generator.normal(size=rows)
    numbers[generator.random(numbers.shape) < 0.05] = np.nan
    frame = pd.DataFrame(numbers, columns=[f"number_{i}" for i in range(NUMBERS)])
    for i in range(CATEGORIES):
        frame[f"category_{i}"] = np.char.add("value_", codes[:, i].astype(str))
    frame["target"] = target_of(signal, task)
    return frame


def target_of(signal: np.ndarray, task: str) -> np.ndarray:
    """The signal itself, or 2 or 5 classes of it by rank."""
    if task == "regression":
        return signal
    classes = 2 if task == "binary" else 5
    ranks = np.argsort(np.argsort(signal))
    return np.char.add("class_", (ranks * classes // len(signal)).astype(str))


def train_once(cell: Cell) -> dict[str, object]:
    """Trains in this process and tells what it took."""
    import automill

    everything = synthetic_table(cell.rows + TEST_ROWS, cell.task)
    frame, test = everything[TEST_ROWS:].reset_index(drop=True), everything[:TEST_ROWS]
    if cell.group:
        hard_memory_limit.join(Path(cell.group))
    elif cell.hard == "data":
        hard_memory_limit.limit_data(cell.hard_bytes)
    forget_peak()
    before = status_bytes("VmRSS")
    started = time.perf_counter()
    model = automill.train(
        frame,
        "target",
        task=cell.task,
        time_limit=cell.limit,
        memory_limit=cell.memory_limit,
        threads=cell.threads,
        seed=0,
        progress="none",
    )
    seconds = time.perf_counter() - started
    growth = status_bytes("VmHWM") - before
    return {
        "seconds": round(seconds, 3),
        "overrun": round(seconds - cell.limit, 3),
        "growth_mib": growth // 2**20,
        "error_of_prior": round(error_of_prior(model, test, cell.task), 4),
        "reason": "",
    }


def error_of_prior(model: object, test: pd.DataFrame, task: str) -> float:
    """Wrong predictions (or the RMSE) over those of the commonest class (or the mean): below 1 has learned."""
    predicted = np.asarray(model.predict(test.drop(columns="target")))
    truth = test["target"].to_numpy()
    if task == "regression":
        return float(np.sqrt(np.mean((predicted.astype(float) - truth) ** 2)) / truth.std())
    commonest = pd.Series(truth).value_counts(normalize=True).iloc[0]
    return float(np.mean(predicted.astype(str) != truth.astype(str)) / (1.0 - commonest))


@contextmanager
def burning(count: int) -> Iterator[None]:
    """Keeps `count` cores busy."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def shown(cell: Cell) -> dict[str, object]:
    """The cell's own columns."""
    return {name: value for name, value in asdict(cell).items() if name in COLUMNS}


def run_cell(cell: Cell) -> dict[str, object]:
    """Runs a cell in a fresh process beside its burners."""
    grouped = cell.hard.startswith("group") and cell.memory_limit_mib > 0
    with burning(cell.burners), hard_memory_limit.memory_group(cell.hard_bytes) if grouped else nullcontext("") as group:
        command = [sys.executable, __file__, "--cell", json.dumps(asdict(cell) | {"group": str(group)})]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=4 * cell.limit + 300, check=False)
        except subprocess.TimeoutExpired:
            return shown(cell) | {"reason": "hangs: killed"}
    if done.returncode != 0:
        last = (done.stderr.strip() or "no output").splitlines()[-1]
        return shown(cell) | {"reason": f"exit code {done.returncode}: {last[:200]}"}
    return shown(cell) | json.loads(done.stdout.splitlines()[-1])


def numbers_of(kind: type) -> object:
    """A parser of lists such as 1,2,5."""
    return lambda text: [kind(part) for part in text.split(",")]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=numbers_of(int), default=[50, 500, 5000, 50_000, 500_000])
    parser.add_argument("--limits", type=numbers_of(float), default=[1.0, 2.0, 5.0, 10.0, 30.0])
    parser.add_argument("--threads", type=numbers_of(int), default=[1, 2])
    parser.add_argument("--burners", type=numbers_of(int), default=[0])
    parser.add_argument("--memory-limits", type=numbers_of(int), default=[0], help="MiB each; 0 = none")
    parser.add_argument("--hard", choices=["none", "group", "data", "group_alone"], default="none")
    parser.add_argument("--tasks", type=numbers_of(str), default=["binary", "multiclass", "regression"])
    parser.add_argument("--allowed", type=float, default=0.3, help="seconds that a run may be late")
    parser.add_argument("--allowed-share", type=float, default=0.02, help="or, where that is more, share of its limit")
    parser.add_argument("--output", type=Path, help="CSV of all cells")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def described(result: dict[str, object]) -> str:
    """A cell in words."""
    return (
        f"{result['rows']} rows, {result['task']}, limit {result['limit']:g} s, threads {result['threads']}, "
        f"burners {result['burners']}, memory limit {result['memory_limit_mib'] or 'none'}"
    )


def show(results: list[dict[str, object]]) -> None:
    """A line a cell, then the worst."""
    print(" ".join(f"{name:>14}" for name in COLUMNS))
    for result in results:
        print(" ".join(f"{result.get(name, '')!s:>14}" for name in COLUMNS))
    finished = [result for result in results if not result["reason"]]
    if finished:
        worst = max(finished, key=lambda result: result["overrun"])
        share = max(finished, key=lambda result: result["overrun"] / result["limit"])
        print(f"worst overrun: {worst['overrun']:+.3f} s ({described(worst)})")
        print(f"worst share of its time limit: {share['overrun'] / share['limit']:+.1%} ({described(share)})")
    bounded = [result for result in finished if result["memory_limit_mib"]]
    if bounded:
        largest = max(bounded, key=lambda result: result["growth_mib"] / result["memory_limit_mib"])
        used = largest["growth_mib"] / largest["memory_limit_mib"]
        print(f"worst share of its memory limit: {used:.1%} ({described(largest)})")
    print(f"{len(finished)} runs gave a model, {len(results) - len(finished)} did not")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if options.cell:
        print(json.dumps(train_once(Cell(**json.loads(options.cell)))))
        return 0
    product = itertools.product(
        options.tasks, options.rows, options.limits, options.threads, options.burners, options.memory_limits, [options.hard]
    )
    cells = list(itertools.starmap(Cell, product))
    results = []
    for cell in cells:
        results.append(run_cell(cell))
        print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    if options.output:
        with options.output.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(results)
    show(results)
    return 1 if any(cell.failed(result, options) for cell, result in zip(cells, results, strict=True)) else 0


if __name__ == "__main__":
    sys.exit(main())
