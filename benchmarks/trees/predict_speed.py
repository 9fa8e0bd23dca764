"""Rows a second that boosted trees predict on one core: AutoMill against LightGBM and onnxruntime.

    python benchmarks/trees/predict_speed.py --rows 100000 --columns 30 --trees 500 --leaves 64

AutoMill and LightGBM each predict a model of their own with the same numbers of trees and leaves, from a NumPy matrix
of float64 numbers. onnxruntime (where it and onnxmltools are installed) runs LightGBM's model on float32. The process
is bound to one core; the best of `--repeats` counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees.tables import table


def best_of(repeats: int, work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def predictors(options: argparse.Namespace) -> dict[str, Callable[[np.ndarray], object]]:
    """By name: what predicts a matrix in one thread."""
    import automill
    import lightgbm

    frame = table(options.train_rows, options.columns, "regression", missing=options.missing, categories=0)
    settings = {"num_leaves": options.leaves, "learning_rate": 0.05, "min_child_samples": 20, "max_bin": 255}
    features, target = frame.drop(columns="target").to_numpy(), frame["target"].to_numpy()
    learner = automill.GradientBoosting(n_estimators=options.trees, **settings).fit(features, target)
    settings["min_data_in_leaf"] = settings.pop("min_child_samples")
    settings |= {"objective": "regression", "verbosity": -1}
    data = lightgbm.Dataset(features, target, params=settings)
    booster = lightgbm.train(settings, data, num_boost_round=options.trees)
    found = {
        "automill": lambda matrix: learner.model_.predict(matrix),
        "lightgbm": lambda matrix: booster.predict(matrix, num_threads=1),
    }
    try:
        import onnxmltools
        import onnxruntime
        from onnxmltools.convert.common.data_types import FloatTensorType
    except ImportError:
        return found
    model = onnxmltools.convert_lightgbm(booster, initial_types=[("x", FloatTensorType([None, options.columns]))])
    session_options = onnxruntime.SessionOptions()
    session_options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), session_options)
    found["onnxruntime"] = lambda matrix: session.run(None, {"x": matrix.astype(np.float32)})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--train-rows", type=int, default=20_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--missing", type=float, default=0.05)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--leaves", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    matrix = table(options.rows, options.columns, "regression", missing=options.missing, categories=0, seed=1)
    matrix = matrix.drop(columns="target").to_numpy()
    for name, predict in predictors(options).items():
        seconds = best_of(options.repeats, lambda: predict(matrix))
        print(f"{name}: {options.rows / seconds:.4g} rows/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
