"""Coverage and width of prediction intervals: AutoMill against MAPIE and CatBoost's quantiles.

    python benchmarks/quality/coverage.py FOLDER --splits 3 --time-limit 5 --output coverage.jsonl

Trains on 80 % of each regression set (development sets of the core by default) and counts, on the other 20 %, how
many truths lie inside intervals of 80, 90 and 95 %. One JSON line a (set, split, method), restartable as run.py is;
then the table:

- coverage: mean over sets of the share inside, and how many sets are significantly below (one-sided, Holm's correction
  over the sets at 5 %; the standard error is that of the test rows and of the rows that the intervals come from);
- width and interval score (width, and 2 / (1 - coverage) times what a truth outside is away: Gneiting & Raftery 2007,
  equation 43), as geometric means over sets in units of AutoMill's.

MAPIE gives jackknife+ intervals of eight folds around scikit-learn's histogram boosting ("plus", Barber et al. 2021);
CatBoost learns the quantiles themselves and promises no coverage. A method whose package is not there is left out,
and said.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

if __name__ == "__main__":  # run as a file: this folder leaves the path, its names must not shadow other modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from quality.catalogue import BenchmarkSet, choose_sets  # noqa: E402
from quality.run import append_line, read_results  # noqa: E402
from quality.splits import TARGET, holdout_split, read_set  # noqa: E402

LEVELS = (0.8, 0.9, 0.95)
Intervals = dict[float, tuple[np.ndarray, np.ndarray]]


def of_automill(train: pd.DataFrame, test: pd.DataFrame, arguments: argparse.Namespace, seed: int) -> Intervals:
    """`train` with the time limit, or with a number of candidates; `predict_interval`."""
    import automill

    limit = {"max_trials": arguments.max_trials} if arguments.max_trials else {"time_limit": arguments.time_limit}
    model = automill.train(
        train, TARGET, task="regression", **limit, threads=arguments.threads, seed=seed, progress="none"
    )
    rows = test.drop(columns=TARGET)
    return {
        level: tuple(model.predict_interval(rows, level)[name].to_numpy() for name in ("low", "high"))
        for level in LEVELS
    }


def numbers_of(train: pd.DataFrame, test: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Categories as numbers in the order of how frequent they are in training; what is new there is missing."""
    made = []
    for frame in (train, test):
        columns = []
        for name in train.columns.drop(TARGET):
            if pd.api.types.is_numeric_dtype(train[name]):
                columns.append(frame[name].to_numpy(float))
            else:
                places = {value: i for i, value in enumerate(train[name].value_counts().index)}
                columns.append(frame[name].map(places).to_numpy(float))
        made.append(np.column_stack(columns))
    return made[0], made[1]


def of_mapie(train: pd.DataFrame, test: pd.DataFrame, arguments: argparse.Namespace, seed: int) -> Intervals:
    """Jackknife+ over eight folds of histogram boosting with default parameters, no time limit."""
    from mapie.regression import CrossConformalRegressor
    from sklearn.ensemble import HistGradientBoostingRegressor

    x, rows = numbers_of(train, test)
    model = CrossConformalRegressor(
        HistGradientBoostingRegressor(random_state=seed),
        confidence_level=list(LEVELS),
        method="plus",
        cv=8,
        n_jobs=1,
        random_state=seed,
    )
    model.fit_conformalize(x, train[TARGET].to_numpy(float))
    _, bounds = model.predict_interval(rows)
    return {level: (bounds[:, 0, k], bounds[:, 1, k]) for k, level in enumerate(LEVELS)}


def of_catboost(train: pd.DataFrame, test: pd.DataFrame, arguments: argparse.Namespace, seed: int) -> Intervals:
    """All quantiles in one model (MultiQuantile): 300 trees at a rate of 0.1 (1,000 take minutes), no time limit."""
    from catboost import CatBoostRegressor

    ends = sorted(end for level in LEVELS for end in ((1 - level) / 2, (1 + level) / 2))
    loss = "MultiQuantile:alpha=" + ",".join(f"{end:.4f}" for end in ends)
    x, rows = train.drop(columns=TARGET).copy(), test.drop(columns=TARGET).copy()
    categories = [name for name in x.columns if not pd.api.types.is_numeric_dtype(x[name])]
    for frame in (x, rows):
        frame[categories] = frame[categories].astype(object).where(frame[categories].notna(), "").astype(str)
    model = CatBoostRegressor(
        loss_function=loss,
        random_seed=seed,
        thread_count=arguments.threads,
        verbose=False,
        allow_writing_files=False,
        iterations=300,
        learning_rate=0.1,
    )
    predicted = model.fit(x, train[TARGET], cat_features=categories).predict(rows)
    return {level: (predicted[:, k], predicted[:, -1 - k]) for k, level in enumerate(reversed(LEVELS))}


METHODS: dict[str, Callable[..., Intervals]] = {"automill": of_automill, "mapie": of_mapie, "catboost": of_catboost}


def measure(intervals: Intervals, truth: np.ndarray) -> dict[str, dict[str, float]]:
    """Share inside, mean width and mean interval score of each level."""
    figures = {}
    for level, (low, high) in intervals.items():
        outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        figures[str(level)] = {
            "coverage": float(((truth >= low) & (truth <= high)).mean()),
            "width": float((high - low).mean()),
            "score": float((high - low + 2 / (1 - level) * outside).mean()),
        }
    return figures


def limit_of(arguments: argparse.Namespace) -> str:
    return f"{arguments.max_trials} trials" if arguments.max_trials else f"{arguments.time_limit:g} s"


def run(chosen: BenchmarkSet, split: int, method: str, arguments: argparse.Namespace) -> dict[str, object]:
    """One line: figures, or the reason of a failure."""
    train, test = holdout_split(read_set(chosen.path, "regression"), "regression", split)
    train, test = train.head(arguments.most_rows), test.head(arguments.most_rows)
    line: dict[str, object] = {
        "set": chosen.name,
        "split": split,
        "method": method,
        "limit": limit_of(arguments),
        "train_rows": len(train),
        "test_rows": len(test),
    }
    start = time.monotonic()
    try:
        intervals = METHODS[method](train, test, arguments, split)
    except Exception as problem:  # noqa: BLE001 - a peer may raise anything; the line says what
        return line | {"status": "failed", "reason": f"{type(problem).__name__}: {problem}"[:400]}
    return line | {
        "status": "ok",
        "seconds": time.monotonic() - start,
        "levels": measure(intervals, test[TARGET].to_numpy(float)),
    }


def below(frame: pd.DataFrame, level: float) -> int:
    """How many sets cover significantly less: Holm's step-down over one-sided normal tests at 5 %."""
    probabilities = []
    for _, rows in frame.groupby("set"):
        error = math.sqrt(level * (1 - level) * (1 / rows["test_rows"].sum() + 1 / rows["train_rows"].mean()))
        probabilities.append(0.5 * math.erfc((level - rows["coverage"].mean()) / error / math.sqrt(2)))
    count = 0
    for place, probability in enumerate(sorted(probabilities)):
        if probability > 0.05 / (len(probabilities) - place):
            break
        count += 1
    return count


def table(lines: list[dict[str, object]]) -> str:
    """Markdown: a row a level and method, over the sets and splits that all methods have."""
    flat = pd.DataFrame(
        [
            {
                **{k: line[k] for k in ("set", "split", "method", "test_rows", "train_rows")},
                "level": float(level),
                **figures,
            }
            for line in lines
            if line["status"] == "ok"
            for level, figures in line["levels"].items()
        ]
    )
    methods = [name for name in METHODS if name in set(flat["method"])]
    counts = flat.groupby(["set", "split"])["method"].nunique()
    flat = flat.set_index(["set", "split"]).loc[counts[counts == len(methods)].index].reset_index()
    text = f"{flat['set'].nunique()} sets, {flat[['set', 'split']].drop_duplicates().shape[0]} splits\n\n"
    text += "| asked | method | covered, mean | least covered set | most covered set | sets significantly below |"
    text += " width | interval score |\n|---|---|---|---|---|---|---|---|\n"
    for level in LEVELS:
        ours = flat[(flat["level"] == level) & (flat["method"] == methods[0])].groupby("set")[["width", "score"]].mean()
        for method in methods:
            rows = flat[(flat["level"] == level) & (flat["method"] == method)]
            by_set = rows.groupby("set")[["coverage", "width", "score"]].mean()
            ratio = np.exp(np.log(by_set[["width", "score"]] / ours).mean())
            covered = by_set["coverage"]
            text += f"| {level:.0%} | {method} | {covered.mean():.1%} | {covered.min():.1%} ({covered.idxmin()}) "
            text += f"| {covered.max():.1%} ({covered.idxmax()}) | {below(rows, level)} "
            text += f"| {ratio['width']:.3f} | {ratio['score']:.3f} |\n"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="data folder with a manifest.json")
    parser.add_argument(
        "--sets", default="core", help="core, evaluation, or names between commas; only regression is taken"
    )
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=5.0)
    parser.add_argument(
        "--max-trials",
        type=int,
        default=0,
        help="of AutoMill, instead of the time limit: reproducible, whatever else runs",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--most-rows", type=int, default=50000, help="of training and of test")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--output", type=Path, default=Path("coverage.jsonl"))
    arguments = parser.parse_args()
    wanted = arguments.methods.split(",")
    if unknown := [name for name in wanted if name not in METHODS]:
        parser.error(f"no such method: {', '.join(unknown)}; there are: {', '.join(METHODS)}")
    sets = [chosen for chosen in choose_sets(arguments.folder, arguments.sets) if chosen.task == "regression"]
    known = {(line["set"], line["split"], line["method"], line["limit"]) for line in read_results(arguments.output)}
    missing: set[str] = set()
    for split in range(arguments.splits):
        for chosen in sets:
            for method in wanted:
                if method in missing or (chosen.name, split, method, limit_of(arguments)) in known:
                    continue
                line = run(chosen, split, method, arguments)
                if str(line.get("reason", "")).startswith(("ModuleNotFoundError", "ImportError")):
                    missing.add(method)
                    print(f"{method} is left out: {line['reason']}")
                    continue
                append_line(arguments.output, line)
                print(
                    chosen.name,
                    split,
                    method,
                    line.get("reason")
                    or {level: f"{figures['coverage']:.3f}" for level, figures in line["levels"].items()},
                    flush=True,
                )
    print(table([line for line in read_results(arguments.output) if line["limit"] == limit_of(arguments)]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
