"""Gaussian processes against scikit-learn's: seconds of a fit, and errors on real tables.

    python benchmarks/kernel/gaussian_process.py --speed 500,1000,2000
    python benchmarks/kernel/gaussian_process.py FOLDER --sets concrete,boston,airfoil_self_noise,qsar_fish_toxicity,moneyball

Both have a Matern 5/2 kernel with a length scale a column, signal and noise by marginal likelihood, the same number of
starts, and one thread. Speed: ten columns, of which four matter; processor seconds of a fit, and the error on as many new
rows as a share of the target's standard deviation. Errors: root mean square errors of the same random splits (four fifths
for training), categories as columns of 0 and 1, missing numbers as the median; FOLDER holds manifest.json and the tables.
scikit-learn takes part with up to `--peer-rows` rows of a split, which are drawn for both.
"""
from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import time
import warnings
from pathlib import Path

import automill
import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits


def automill_fit(x: np.ndarray, y: np.ndarray, restarts: int):
    return automill.GaussianProcess(restarts=restarts).fit(x, y, task="regression", threads=1)


def sklearn_fit(x: np.ndarray, y: np.ndarray, restarts: int):
    columns = x.shape[1]
    kernel = ConstantKernel(1.0, (1e-5, 1e5)) * Matern([np.sqrt(columns)] * columns, (1e-4, 1e5), nu=2.5) + WhiteKernel(0.1, (1e-6, 1e3))
    scaler = StandardScaler().fit(x)
    with threadpool_limits(1):
        fitted = GaussianProcessRegressor(kernel, alpha=1e-10, normalize_y=True, n_restarts_optimizer=restarts, random_state=0).fit(scaler.transform(x), y)
    return lambda rows: fitted.predict(scaler.transform(rows))


def timed(fit, *arguments):
    start = time.process_time()
    model = fit(*arguments)
    return time.process_time() - start, model if callable(model) else model.predict


def error_of(predict, x: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.mean((np.asarray(predict(x), dtype=float).ravel() - y) ** 2)))


def speed(sizes: list[int], restarts: int) -> None:
    print("| rows | automill s | scikit-learn s | times | error | its error |\n|---|---|---|---|---|---|", flush=True)
    for rows in sizes:
        random = np.random.default_rng(rows)
        x = random.normal(size=(2 * rows, 10))
        y = np.sin(2 * x[:, 0]) + 0.5 * x[:, 1] ** 2 + x[:, 2] * x[:, 3] + 0.3 * random.normal(size=2 * rows)
        results = [timed(fit, x[:rows], y[:rows], restarts) for fit in (automill_fit, sklearn_fit)]
        (own, predict), (theirs, peer) = results
        print(f"| {rows} | {own:.2f} | {theirs:.2f} | {theirs / own:.1f} | {error_of(predict, x[rows:], y[rows:]) / y.std():.4f} | {error_of(peer, x[rows:], y[rows:]) / y.std():.4f} |", flush=True)


def table(folder: Path, entry: dict) -> tuple[np.ndarray, np.ndarray]:
    with gzip.open(folder / entry["file"], "rt", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = []
    for name in rows[0]:
        if name == "target":
            continue
        values = [row[name] for row in rows]
        try:
            numbers = np.array([float(v) if v not in ("", "NA", "?", "nan") else np.nan for v in values])
            columns.append(np.where(np.isnan(numbers), np.nanmedian(numbers), numbers))
        except ValueError:
            columns += [np.array([v == each for v in values], dtype=float) for each in sorted(set(values))]
    return np.column_stack(columns), np.array([float(row["target"]) for row in rows])


def errors(folder: Path, names: list[str], splits: int, peer_rows: int, restarts: int) -> None:
    entries = {entry["name"]: entry for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["datasets"]}
    print("| set | rows | columns | automill | scikit-learn | better | automill s | scikit-learn s |\n|---|---|---|---|---|---|---|---|", flush=True)
    for name in names:
        x, y = table(folder, entries[name])
        own, theirs, seconds = [], [], np.zeros(2)
        for split in range(splits):
            order = np.random.default_rng(split).permutation(len(y))
            cut = len(y) * 4 // 5
            train, test = order[:cut][:peer_rows], order[cut:]
            for k, (fit, scores) in enumerate(((automill_fit, own), (sklearn_fit, theirs))):
                spent, predict = timed(fit, x[train], y[train], restarts)
                seconds[k] += spent / splits
                scores.append(error_of(predict, x[test], y[test]))
        print(f"| {name} | {len(y)} | {x.shape[1]} | {np.mean(own):.4f} | {np.mean(theirs):.4f} | {np.sum(np.array(own) < theirs)}/{splits} | {seconds[0]:.2f} | {seconds[1]:.2f} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--sets", default="concrete,boston,airfoil_self_noise,qsar_fish_toxicity,moneyball")
    parser.add_argument("--speed", default="")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--peer-rows", type=int, default=1000)
    parser.add_argument("--restarts", type=int, default=1)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    if options.speed:
        speed([int(rows) for rows in options.speed.split(",")], options.restarts)
    if options.folder:
        errors(options.folder, options.sets.split(","), options.splits, options.peer_rows, options.restarts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
