"""Generated columns: what they are worth to a booster with its defaults, and what they cost.

    python benchmarks/preprocess/generate_features.py <data folder> --sets core --splits 2 --output results.jsonl
    python benchmarks/compare.py results.jsonl --a generated --b plain
    python benchmarks/preprocess/generate_features.py --speed 20000 --columns 10,50

Quality: both methods run on the same 80/20 splits, in this process and in turns. A line of the output is a run: set,
split, method, error (1 - AUC, log-loss or RMSE), the prior's error, seconds to fit. Speed: seconds of fitting
GenerateFeatures without its comparison of boosters, on random numbers of which three make the target, the best of 3.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import automill
from quality.catalogue import choose_sets
from quality.errors import prediction_error, prior_error
from quality.splits import TARGET, holdout_split, read_set

METHODS = ("plain", "generated")


def run(method: str, train: pd.DataFrame, test: pd.DataFrame, task: str, threads: int) -> tuple[float, float]:
    """Error, and seconds to fit."""
    text = {column: "category" for column in train.drop(columns=TARGET).select_dtypes(exclude=["number", "bool"])}
    train, test = train.astype(text), test.astype(text)
    booster = automill.GradientBoosting()
    steps = [automill.GenerateFeatures()] if method == "generated" else []
    start = time.perf_counter()
    fitted = (automill.Pipeline(*steps, booster) if steps else booster).fit(train, TARGET, task=task, threads=threads)
    seconds = time.perf_counter() - start
    predictions = fitted.predict(test) if task == "regression" else fitted.predict_proba(test)
    return prediction_error(task, test[TARGET], predictions), seconds


def quality(options: argparse.Namespace) -> None:
    ratios: list[float] = []
    costs: list[float] = []
    print("| set | rows | columns | plain | generated | ratio | seconds | seconds generated |\n|---|---|---|---|---|---|---|---|")
    for chosen in choose_sets(options.data, options.sets):
        if options.most_rows and chosen.rows > options.most_rows or options.most_columns and chosen.columns > options.most_columns:
            continue
        frame = read_set(chosen.path, chosen.task)
        results: dict[str, list[tuple[float, float]]] = {method: [] for method in METHODS}
        for split in range(options.splits):
            train, test = holdout_split(frame, chosen.task, split)
            for method in METHODS:
                result = run(method, train, test, chosen.task, options.threads)
                results[method].append(result)
                if options.output:
                    line = {"set": chosen.name, "split": split, "method": method, "status": "ok", "error": result[0], "prior_error": prior_error(chosen.task, train[TARGET], test[TARGET]),
                            "train_rows": len(train), "test_rows": len(test), "threads": options.threads, "fit_seconds": result[1]}
                    with options.output.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line) + "\n")
        plain, generated = (np.mean(results[method], axis=0) for method in METHODS)
        ratios.append(generated[0] / plain[0])
        costs.append(generated[1] / plain[1])
        print(f"| {chosen.name} | {len(frame)} | {chosen.columns} | {plain[0]:.5g} | {generated[0]:.5g} | {ratios[-1]:.4f} | {plain[1]:.2f} | {generated[1]:.2f} |", flush=True)
    print(f"\nerror of generated over plain, geometric mean of {len(ratios)} sets: {np.exp(np.log(ratios).mean()):.4f}; seconds to fit: {np.exp(np.log(costs).mean()):.2f}")


def speed(options: argparse.Namespace) -> None:
    print("| rows | columns | candidates at most | seconds | added |\n|---|---|---|---|---|")
    for rows in map(int, options.speed.split(",")):
        for columns in map(int, options.columns.split(",")):
            generator = np.random.default_rng(0)
            numbers = generator.normal(size=(rows, columns))
            frame = pd.DataFrame({f"x{i}": numbers[:, i] for i in range(columns)})
            frame["target"] = numbers[:, 0] * numbers[:, 1] - numbers[:, 2] + generator.normal(size=rows)
            seconds = []
            for _ in range(3):
                start = time.perf_counter()
                transformer = automill.GenerateFeatures(validate=False)
                made = transformer.fit_transform(frame, "target")
                seconds.append(time.perf_counter() - start)
            print(f"| {rows} | {columns} | 10000 | {min(seconds):.2f} | {made.shape[1] - columns} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="folder with manifest.json")
    parser.add_argument("--sets", default="core", help="core (development), evaluation, or names")
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--most-rows", type=int, default=0, help="leave out sets with more rows")
    parser.add_argument("--most-columns", type=int, default=0, help="leave out sets with more columns")
    parser.add_argument("--output", type=Path, help="lines for benchmarks/compare.py")
    parser.add_argument("--speed", default="", help="rows, comma-separated: seconds instead of quality")
    parser.add_argument("--columns", default="10,50", help="columns for --speed")
    options = parser.parse_args(arguments)
    print(f"automill {automill.__version__}, python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}, {platform.machine()}\n")
    if options.speed:
        speed(options)
    elif options.data:
        quality(options)
    else:
        parser.error("a data folder or --speed is needed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
