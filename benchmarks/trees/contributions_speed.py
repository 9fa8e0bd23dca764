"""Rows a second that boosted trees explain on one core: AutoMill's `predict_contributions` against LightGBM's `pred_contrib` and,
where it is installed, the `shap` package's TreeExplainer.

    python benchmarks/trees/contributions_speed.py --trees 500 --leaves 31,64

Both engines train with the same parameters on the same matrix; `shap` explains LightGBM's model by its own code. The process
is bound to one core; the engines take turns, the best of `--repeats` counts, and each prints how far its values are from
summing to its score. The last line of a model is the ratio to the faster of the others.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees.tables import table

Explain = Callable[[np.ndarray], np.ndarray]


def explainers(options: argparse.Namespace, leaves: int) -> tuple[dict[str, Explain], dict[str, Explain]]:
    """By name: what explains a matrix in one thread (rows x (columns + 1)), and what gives its scores."""
    import automill
    import lightgbm

    frame = table(options.train_rows, options.columns, "regression", missing=options.missing, categories=0)
    features, target = frame.drop(columns="target").to_numpy(), frame["target"].to_numpy()
    settings: dict[str, Any] = {"num_leaves": leaves, "learning_rate": 0.05, "min_child_samples": 20, "max_bin": 255}
    ours = automill.GradientBoostingRegressor(n_estimators=options.trees, early_stopping_rounds=0, n_jobs=1, **settings).fit(features, target)
    settings |= {"objective": "regression", "verbosity": -1, "num_threads": 1}
    theirs = lightgbm.train(settings, lightgbm.Dataset(features, target), num_boost_round=options.trees)
    explain: dict[str, Explain] = {
        "automill": lambda matrix: ours.predict_contributions(matrix),
        "lightgbm": lambda matrix: np.asarray(theirs.predict(matrix, pred_contrib=True, num_threads=1)),
    }
    score: dict[str, Explain] = {
        "automill": lambda matrix: ours.predict(matrix),
        "lightgbm": lambda matrix: np.asarray(theirs.predict(matrix, num_threads=1)),
    }
    try:
        import shap
    except ImportError:
        return explain, score
    tree = shap.TreeExplainer(theirs, feature_perturbation="tree_path_dependent")
    bias = float(np.ravel(tree.expected_value)[0])
    tree.model.model_type = "internal"  # else it would call LightGBM's
    explain["shap"] = lambda matrix: np.column_stack([tree.shap_values(matrix, check_additivity=False), np.full(len(matrix), bias)])
    score["shap"] = score["lightgbm"]
    return explain, score


def compare(options: argparse.Namespace, leaves: int) -> None:
    matrix = table(options.rows, options.columns, "regression", missing=options.missing, categories=0, seed=1)
    matrix = matrix.drop(columns="target").to_numpy()
    explain, score = explainers(options, leaves)
    best = dict.fromkeys(explain, float("inf"))
    error = {}
    for _ in range(options.repeats):
        for name, function in explain.items():
            start = time.perf_counter()
            values = function(matrix)
            best[name] = min(best[name], time.perf_counter() - start)
            error[name] = np.abs(values.sum(axis=1) - score[name](matrix)).max()
    print(f"{options.trees} trees, {leaves} leaves, {options.columns} columns:")
    for name, seconds in best.items():
        print(f"  {name}: {options.rows / seconds:.4g} rows/s, sums off by at most {error[name]:.1e}")
    others = [seconds for name, seconds in best.items() if name != "automill"]
    print(f"  automill is {min(others) / best['automill']:.2f} times as fast as the faster of the others")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--train-rows", type=int, default=20_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--missing", type=float, default=0.05)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--leaves", default="31,64", help="one or more, with commas")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for leaves in options.leaves.split(","):
        compare(options, int(leaves))
    return 0


if __name__ == "__main__":
    sys.exit(main())
