"""The elastic net's path with its choice of a penalty against scikit-learn's ElasticNetCV: seconds and errors.

    python benchmarks/linear/elastic_net_path.py --repeats 5

Both standardise the columns, try up to 100 penalties from the strongest to 1e-4 of it on five folds and fit all rows with
the best one, on one thread. They take turns in one process, so that other programs slow both; of each the least seconds
count. `fit` is AutoMill's fit alone; `call` adds what every fitted model of its has from NumPy arrays: a typed table with
hashes of rows, and sketches of the columns for `check`. The target is a line through a tenth of the columns, with noise; errors are of as many new rows, as shares of the
target's variance. AutoMill's path ends where ten penalties have not lowered the held-out loss by 1e-4 of it.
"""
from __future__ import annotations

import argparse
import sys
import time

import automill
import numpy as np
from sklearn.linear_model import ElasticNetCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

SHAPES = [(500, 20), (5000, 100), (20000, 300), (300, 600)]


def make(rows: int, columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    mixed = random.normal(size=(2 * rows, columns)) @ (np.eye(columns) + 0.5 * random.normal(size=(columns, columns)) / np.sqrt(columns))
    weights = random.normal(size=columns) * (random.uniform(size=columns) < 0.1)
    signal = mixed @ weights
    return mixed, signal + 0.7 * signal.std() * random.normal(size=2 * rows)


def automill_fit(x: np.ndarray, y: np.ndarray):
    return automill.ElasticNet(eps=1e-4).fit(x, y, threads=1)


def sklearn_fit(x: np.ndarray, y: np.ndarray):
    with threadpool_limits(1):
        return make_pipeline(StandardScaler(), ElasticNetCV(eps=1e-4, cv=5)).fit(x, y)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print("| rows | columns | fit s | call s | scikit-learn s | times, fit | times, call | error | its error |\n|---|---|---|---|---|---|---|---|---|")
    for rows, columns in SHAPES:
        x, y = make(rows, columns, 0)
        seconds: dict[str, list[float]] = {"fit": [], "automill": [], "sklearn": []}
        errors = {}
        for _ in range(options.repeats):
            for name, fit in (("automill", automill_fit), ("sklearn", sklearn_fit)):
                start = time.perf_counter()
                model = fit(x[:rows], y[:rows])
                seconds[name].append(time.perf_counter() - start)
                if name == "automill":
                    seconds["fit"].append(model.report_["seconds"])
                errors[name] = np.mean((np.asarray(model.predict(x[rows:])) - y[rows:]) ** 2) / y.var()
        own, call, theirs = (min(seconds[name]) for name in ("fit", "automill", "sklearn"))
        print(f"| {rows} | {columns} | {own:.4f} | {call:.4f} | {theirs:.4f} | {theirs / own:.1f} | {theirs / call:.1f} "
              f"| {errors['automill']:.4f} | {errors['sklearn']:.4f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
