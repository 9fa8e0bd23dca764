"""Seconds a forest takes: AutoMill's random forest and extra trees against scikit-learn's, defaults, one thread.

    python benchmarks/trees/forest_speed.py --rows 1000,5000,20000 --columns 10,30

Both fit in this process, in turns; the best of `--repeats` counts, on one thread in seconds of the processor, so that
other work on the machine disturbs little. scikit-learn gets categories as their codes and
missing cells as -999. The errors are those of held-out rows, a quarter of them: 1 - AUC, log-loss or RMSE. The ratio is
scikit-learn's time over AutoMill's: above 1 AutoMill is faster.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quality.errors import prediction_error
from trees.accuracy import METHODS, Predict
from trees.fit_speed import best_seconds, numbers
from trees.tables import table

FORESTS = {"random_forest": "sklearn_random_forest", "extra_trees": "sklearn_extra_trees"}
CLASSES = {"binary": 2, "multiclass": 5, "regression": 0}


def measure(forest: str, task: str, rows: int, columns: int, options: argparse.Namespace) -> dict[str, float]:
    """Seconds and errors of both."""
    frame = table(rows + rows // 3, columns, task, categories=options.categories, classes=CLASSES[task])
    train, test = frame.iloc[:rows].reset_index(drop=True), frame.iloc[rows:].reset_index(drop=True)
    names = {"automill": forest, "sklearn": FORESTS[forest]}
    predict: dict[str, Predict] = {}

    def fit_of(name: str) -> Callable[[int], None]:
        def fit(_: int) -> None:
            predict[name] = METHODS[names[name]](train, task, options.threads)

        return fit

    clock = time.process_time if options.threads == 1 else time.perf_counter
    seconds = best_seconds({name: fit_of(name) for name in names}, 0, options.repeats, clock)
    errors = {f"error of {name}": prediction_error(task, test["target"], predict[name](test)) for name in names}
    return {**seconds, "ratio": seconds["sklearn"] / seconds["automill"], **errors}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=numbers, default=[1000, 5000, 20_000])
    parser.add_argument("--columns", type=numbers, default=[10, 30])
    parser.add_argument("--forests", default=",".join(FORESTS))
    parser.add_argument("--tasks", default=",".join(CLASSES))
    parser.add_argument("--categories", type=float, default=0.2, help="share of the columns")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args(arguments)
    import automill
    import sklearn.ensemble

    print(f"AutoMill {automill.__version__}, scikit-learn {sklearn.__version__}, 500 trees, {options.threads} threads; seconds", flush=True)
    ratios: dict[str, list[float]] = {forest: [] for forest in options.forests.split(",")}
    for forest, task, rows, columns in itertools.product(ratios, options.tasks.split(","), options.rows, options.columns):
        result = measure(forest, task, rows, columns, options)
        ratios[forest].append(result["ratio"])
        figures = "  ".join(f"{name} {value:.4g}" for name, value in result.items())
        print(f"{forest} {task} {rows} x {columns}: {figures}", flush=True)
    for forest, values in [*ratios.items(), ("all", sum(ratios.values(), []))]:
        print(f"{forest}: geometric mean {np.exp(np.log(values).mean()):.2f}, least {min(values):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
