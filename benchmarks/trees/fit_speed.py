"""Seconds a boosted tree takes: AutoMill's gradient boosting against LightGBM, same parameters, same bins, one thread.

    python benchmarks/trees/fit_speed.py --rows 1000,10000,100000 --columns 10,30,100
    python benchmarks/trees/fit_speed.py --rows 100000 --columns 30 --threads 2 --leaves 255
    python benchmarks/trees/fit_speed.py --rows 5000 --columns 30 --tasks multiclass --classes 4,10,26

Both fit in this process, in turns; the best of `--repeats` counts. A tree's time is the difference between a fit of
`--trees` rounds and one of a fifth of them, so that binning and conversion drop out; "whole" is the time of the longer
fit with everything in it. LightGBM runs column-wise, row-wise and with quantised gradients; the ratios are the
faster of the first two, and the third, over AutoMill's time: above 1 AutoMill is faster.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees.tables import table

Fit = Callable[[int], None]
MODES = {
    "columns": {"force_col_wise": True},
    "rows": {"force_row_wise": True},
    "quantised": {"use_quantized_grad": True, "force_col_wise": True},
}


def parameters(leaves: int) -> dict[str, object]:
    """What both learners are told."""
    return {"num_leaves": leaves, "learning_rate": 0.05, "min_child_samples": 20, "max_bin": 255}


def fit_automill(frame: pd.DataFrame, leaves: int, threads: int) -> Fit:
    import automill

    def fit(trees: int) -> None:
        learner = automill.GradientBoosting(n_estimators=trees, **parameters(leaves))
        learner.fit(frame, "target", threads=threads)

    return fit


def fit_lightgbm(frame: pd.DataFrame, leaves: int, threads: int, mode: dict[str, object]) -> Fit:
    import lightgbm

    features, target = frame.drop(columns="target"), frame["target"]
    settings = {**parameters(leaves), **mode, "num_threads": threads, "verbosity": -1}
    if target.dtype == float:
        labels, settings["objective"] = target.to_numpy(), "regression"
    else:
        labels = pd.factorize(target)[0]
        classes = labels.max() + 1
        settings |= {"objective": "binary"} if classes == 2 else {"objective": "multiclass", "num_class": classes}
    settings["min_data_in_leaf"] = settings.pop("min_child_samples")

    def fit(trees: int) -> None:
        lightgbm.train(settings, lightgbm.Dataset(features, labels, params=settings), num_boost_round=trees)

    return fit


def best_seconds(fits: dict[str, Fit], trees: int, repeats: int, clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """The best time of each, in turns."""
    best = dict.fromkeys(fits, float("inf"))
    for _ in range(repeats):
        for name, fit in fits.items():
            start = clock()
            fit(trees)
            best[name] = min(best[name], clock() - start)
    return best


def measure(task: str, rows: int, columns: int, classes: int, options: argparse.Namespace) -> dict[str, float]:
    """Milliseconds a round, and ratios."""
    frame = table(rows, columns, task, categories=options.categories, classes=classes)
    fits = {"automill": fit_automill(frame, options.leaves, options.threads)}
    for name, mode in MODES.items():
        fits[name] = fit_lightgbm(frame, options.leaves, options.threads, mode)
    few = max(1, options.trees // 5)
    short, long = (best_seconds(fits, trees, options.repeats) for trees in (few, options.trees))
    tree = {name: 1e3 * (long[name] - short[name]) / (options.trees - few) for name in fits}
    plain = min(tree["columns"], tree["rows"])
    return {**tree, "ratio": plain / tree["automill"], "ratio to quantised": tree["quantised"] / tree["automill"],
            "ratio whole": min(long["columns"], long["rows"]) / long["automill"]}


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=numbers, default=[1000, 10_000, 100_000])
    parser.add_argument("--columns", type=numbers, default=[10, 30, 100])
    parser.add_argument("--tasks", default="binary", help="binary,multiclass,regression")
    parser.add_argument("--classes", type=numbers, default=[5])
    parser.add_argument("--categories", type=float, default=0.2, help="share of the columns")
    parser.add_argument("--leaves", type=int, default=31)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    import automill
    import lightgbm

    print(f"AutoMill {automill.__version__}, LightGBM {lightgbm.__version__}, {options.leaves} leaves, "
          f"{options.threads} threads; milliseconds a round")
    results = []
    for task, rows, columns in itertools.product(options.tasks.split(","), options.rows, options.columns):
        for classes in options.classes if task == "multiclass" else [2]:
            result = measure(task, rows, columns, classes, options)
            results.append(result)
            figures = "  ".join(f"{name} {value:.3g}" for name, value in result.items())
            print(f"{task} {rows} x {columns}{f' classes {classes}' if classes > 2 else ''}: {figures}", flush=True)
    for name in ("ratio", "ratio to quantised", "ratio whole"):
        values = np.array([result[name] for result in results])
        print(f"{name}: geometric mean {np.exp(np.log(values).mean()):.2f}, least {values.min():.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
