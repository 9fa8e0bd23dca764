"""Microseconds that one row takes through the same boosted trees: AutoMill against onnxruntime and LightGBM, one core.

    python benchmarks/trees/row_peers.py build/test/benchmark_row_speed --columns 30 --trees 500 --leaves 64

LightGBM trains; AutoMill imports its model, onnxruntime runs it as onnxmltools converts it (float32), both in one
thread on the same rows. AutoMill is timed by `benchmark_row_speed`, the others through Python, one row a call: what a
call alone costs there is shown as a model of one tree with two leaves. The best of `--repeats` counts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees.tables import table


def microseconds(predict: Callable[[Any], object], rows: Sequence[Any], repeats: int) -> float:
    """Of a row: the best pass over all of them."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        for row in rows:
            predict(row)
        best = min(best, time.perf_counter() - start)
    return 1e6 * best / len(rows)


def onnx_predictor(booster: Any, columns: int) -> Callable[[np.ndarray], object]:
    import onnxmltools
    import onnxruntime
    from onnxmltools.convert.common.data_types import FloatTensorType

    model = onnxmltools.convert_lightgbm(booster, initial_types=[("x", FloatTensorType([None, columns]))])
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings)
    return lambda row: session.run(None, {"x": row})


def automill_microseconds(benchmark: str, booster: Any, matrix: np.ndarray) -> float:
    import automill

    with tempfile.TemporaryDirectory() as folder:
        text, model, rows = (Path(folder) / name for name in ("model.txt", "model.automill", "rows.f64"))
        booster.save_model(text)
        automill.import_model(text).save(model)
        matrix.astype(np.float64).tofile(rows)
        answer = subprocess.run([benchmark, str(model), str(rows)], check=True, capture_output=True, text=True)
    return float(answer.stdout.split()[0])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", help="the program benchmark_row_speed")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--train-rows", type=int, default=20_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--missing", type=float, default=0.05)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--leaves", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args(arguments)
    import lightgbm

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    frame = table(options.train_rows, options.columns, "regression", missing=options.missing, categories=0)
    target = frame.pop("target").to_numpy()
    settings = {"objective": "regression", "learning_rate": 0.05, "verbosity": -1, "num_threads": 1}
    data = lightgbm.Dataset(frame.to_numpy(), target)
    booster = lightgbm.train(settings | {"num_leaves": options.leaves}, data, options.trees)
    stump = lightgbm.train(settings | {"num_leaves": 2}, lightgbm.Dataset(frame.to_numpy(), target), 1)
    matrix = frame.to_numpy()[: options.rows]
    print(f"automill: {automill_microseconds(options.benchmark, booster, matrix):.2f} us a row")
    rows = [np.ascontiguousarray(row[None, :], dtype=np.float32) for row in matrix]
    for name, model in (("onnxruntime", booster), ("onnxruntime, one stump", stump)):
        predict = onnx_predictor(model, options.columns)
        print(f"{name}: {microseconds(predict, rows, options.repeats):.2f} us a row")
    doubles = [row[None, :] for row in matrix[:200]]
    for name, model in (("lightgbm", booster), ("lightgbm, one stump", stump)):
        taken = microseconds(lambda row, own=model: own.predict(row, num_threads=1), doubles, options.repeats)
        print(f"{name}: {taken:.2f} us a row")
    return 0


if __name__ == "__main__":
    sys.exit(main())
