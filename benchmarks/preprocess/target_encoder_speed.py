"""Seconds of out-of-fold target encoding for eight outer folds: AutoMill's TargetEncoder against scikit-learn's, one thread.

    python benchmarks/preprocess/target_encoder_speed.py --data DATA_FOLDER

For each outer fold scikit-learn fits `TargetEncoder(cv=8)` on the training rows (fit_transform) and transforms the held-out ones. AutoMill
does the same with eight inner folds: all outer folds together (`fit_transform_folds`), which shares their sums. "one" is a single
fit_transform on all rows. Both get columns as they keep them themselves (an `automill.Table`; NumPy objects of strings), so that reading data
is not part of it; "codes" is scikit-learn on integer codes, its fastest form. All run in this process, pinned to one core, in turns; the
best of `--repeats` counts. The ratio is scikit-learn's time over AutoMill's.

"pipeline" is a cross-validation of target encoding and ridge regression (logistic regression for two classes) over eight folds: "together" as
`cross_validate` fits pipelines whose first step shares work between folds, "one by one" with a step before it that does nothing, so that
each fold is fitted by itself; "one" is a single fit of the pipeline on all rows.

Data: made tables of a numeric or binary target, and, with --data, the categories of hflights (regression), employee_salaries (regression) and
flights_1m (binary).
"""

from __future__ import annotations

import argparse
import os
import pathlib
import platform
import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

FOLDS = 8


def made_tables() -> Iterator[tuple[str, pd.DataFrame, str]]:
    for rows, categories, columns, task in [(100_000, 20, 5, "regression"), (100_000, 10_000, 2, "regression"), (1_000_000, 1_000, 1, "regression"), (1_000_000, 1_000, 1, "binary")]:
        random = np.random.default_rng(0)
        frame = pd.DataFrame({f"c{k}": random.integers(0, categories, rows).astype(str) for k in range(columns)})
        frame["target"] = random.normal(size=rows) if task == "regression" else random.integers(0, 2, rows)
        yield f"{rows:,} rows, {columns} x {categories:,} categories, {task}", frame, task


def real_tables(folder: pathlib.Path) -> Iterator[tuple[str, pd.DataFrame, str]]:
    for name, columns, target, task in [
        ("hflights", ["UniqueCarrier", "FlightNum", "TailNum", "Origin", "Dest"], "target", "regression"),
        ("employee_salaries", ["department", "division", "employee_position_title"], "target", "regression"),
        ("flights_1m", ["origin", "destination"], "target", "binary"),
    ]:
        frame = pd.read_csv(folder / f"{name}.csv.gz", usecols=[*columns, target], low_memory=False).dropna(subset=[target])
        for column in columns:
            frame[column] = frame[column].astype(object).where(frame[column].notna(), None).map(lambda value: None if value is None else str(value))
        frame["target"] = frame[target].astype(float) if task == "regression" else pd.factorize(frame[target])[0]
        yield f"{name}, {len(frame):,} rows, {len(columns)} columns", frame[[*columns, "target"]].reset_index(drop=True), task


def best_seconds(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def measure(frame: pd.DataFrame, task: str, repeats: int) -> dict[str, float]:
    import automill
    from sklearn.model_selection import KFold
    from sklearn.preprocessing import TargetEncoder

    features = frame.drop(columns="target")
    target = frame["target"].to_numpy()
    strings = features.to_numpy(dtype=object)
    codes = np.column_stack([pd.factorize(features[name])[0] for name in features])
    fold_of = np.random.default_rng(0).permutation(len(frame)) % FOLDS
    splits = [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(FOLDS)]
    table = automill.Table(frame.astype({name: "category" for name in features}))
    encoder = automill.TargetEncoder(folds=FOLDS)

    def scikit_learn(matrix: np.ndarray) -> Callable[[], None]:
        def run() -> None:
            for train, held_out in splits:
                peer = TargetEncoder(cv=KFold(FOLDS), target_type="continuous" if task == "regression" else "binary")
                peer.fit_transform(matrix[train], target[train])
                peer.transform(matrix[held_out])

        return run

    runs: dict[str, Callable[[], object]] = {
        "automill": lambda: encoder.fit_transform_folds(table, "target", FOLDS, threads=1),
        "one": lambda: encoder.fit_transform(table, "target"),
        "scikit-learn": scikit_learn(strings),
        "codes": scikit_learn(codes),
    }
    return best_seconds(runs, repeats)


def measure_pipeline(frame: pd.DataFrame, task: str, repeats: int) -> dict[str, float]:
    import automill

    table = automill.Table(frame.astype({name: "category" for name in frame if name != "target"}))
    learner = automill.Ridge() if task == "regression" else automill.Logistic()
    kind = "regression" if task == "regression" else "binary"
    steps = {"together": [automill.TargetEncoder(), learner], "one by one": [automill.Drop(), automill.TargetEncoder(), learner]}

    def validated(parts: list[object]) -> Callable[[], object]:
        return lambda: automill.cross_validate(automill.Pipeline(*parts), table, "target", task=kind, folds=FOLDS, threads=1)

    runs: dict[str, Callable[[], object]] = {name: validated(parts) for name, parts in steps.items()}
    runs["one"] = lambda: automill.Pipeline(*steps["together"]).fit(table, "target", task=kind, threads=1)
    return best_seconds(runs, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="folder with the real data sets")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import automill
    import sklearn

    print(f"automill {automill.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}, pandas {pd.__version__}, Python {platform.python_version()}\n")
    print("| data | AutoMill s | one s | together / one | scikit-learn s | on codes s | ratio | ratio on codes |")
    print("|---|---|---|---|---|---|---|---|")
    tables = list(made_tables()) + (list(real_tables(options.data)) if options.data else [])
    for name, frame, task in tables:
        seconds = measure(frame, task, options.repeats)
        own = seconds["automill"]
        print(f"| {name} | {own:.3f} | {seconds['one']:.3f} | {own / seconds['one']:.2f} | {seconds['scikit-learn']:.2f} | {seconds['codes']:.2f} | {seconds['scikit-learn'] / own:.1f} | {seconds['codes'] / own:.1f} |", flush=True)
    print("\n| pipeline | together s | one by one s | one s | together / one by one | together / one |")
    print("|---|---|---|---|---|---|")
    for name, frame, task in tables:
        seconds = measure_pipeline(frame, task, options.repeats)
        print(f"| {name} | {seconds['together']:.3f} | {seconds['one by one']:.3f} | {seconds['one']:.3f} | {seconds['together'] / seconds['one by one']:.2f} | {seconds['together'] / seconds['one']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
