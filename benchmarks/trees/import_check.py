"""Models of LightGBM and XGBoost, imported: do they predict the same on held-out rows of real sets, and how fast?

    python benchmarks/trees/import_check.py DATA --sets core --most 20

For each set of the data folder: both libraries train on four fifths of the rows (categories as pandas categories), write
their model, AutoMill imports it, and all predict the rest. Shown are the largest difference of the predictions, relative
to the larger one or 1; for LightGBM also how many raw scores are other bits (two classes and regression: the same
trees are imported as a regression, whose predictions are the scores); and rows a second of both, each from the data
frame to the predictions, on one core. LightGBM's own probabilities of a row are compared as they are.

XGBoost adds its leaves in float32, which rounds with every tree. So that this is not taken on trust, regressions are also
compared with the sum in double of the leaves that XGBoost itself names (`pred_leaf`): another leaf anywhere would show.

With --linear-tree the leaves of LightGBM's trees are linear models.

The exit code is 1 when a LightGBM score has other bits or an XGBoost prediction differs by more than 1e-6.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quality.catalogue import BenchmarkSet, choose_sets

OBJECTIVES = {
    "lightgbm": {"binary": "binary", "multiclass": "multiclass", "regression": "regression"},
    "xgboost": {"binary": "binary:logistic", "multiclass": "multi:softprob", "regression": "reg:squarederror"},
}


@dataclass(frozen=True)
class Rows:
    """One set, split: features with categories as pandas categories, targets as codes or numbers."""

    train: pd.DataFrame
    target: np.ndarray
    held_out: pd.DataFrame
    classes: int


def read(entry: BenchmarkSet, seed: int) -> Rows:
    frame = pd.read_csv(entry.path, keep_default_na=False, na_values=[""], low_memory=False).dropna(subset=["target"])
    target = frame.pop("target")
    codes = pd.factorize(target, sort=True)[0] if entry.task != "regression" else target.to_numpy(float)
    frame.columns = [f"c{i}" for i in range(frame.shape[1])]  # names that every library takes
    for name in frame.columns:
        if frame[name].dtype.kind not in "iuf":
            texts = frame[name].astype(object).where(frame[name].notna(), None)
            ascii_only = [None if text is None else ascii(str(text)) for text in texts]  # XGBoost cuts others
            frame[name] = pd.Categorical(ascii_only)
        else:
            frame[name] = frame[name].astype(float)
    order = np.random.default_rng(seed).permutation(len(frame))
    held_out, train = order[: len(frame) // 5], order[len(frame) // 5 :]
    classes = int(codes.max()) + 1 if entry.task != "regression" else 1
    return Rows(frame.iloc[train], codes[train], frame.iloc[held_out], classes)


def lightgbm_model(rows: Rows, task: str, options: argparse.Namespace, path: Path) -> Callable[[pd.DataFrame], np.ndarray]:
    import lightgbm

    settings = {"objective": OBJECTIVES["lightgbm"][task], "verbosity": -1, "num_threads": 1, "linear_tree": options.linear_tree}
    if task == "multiclass":
        settings["num_class"] = rows.classes
    booster = lightgbm.train(settings, lightgbm.Dataset(rows.train, rows.target), options.rounds)
    booster.save_model(path)
    loaded = lightgbm.Booster(model_file=str(path))
    return lambda frame, **more: loaded.predict(frame, num_threads=1, **more)


def xgboost_model(rows: Rows, task: str, options: argparse.Namespace, path: Path) -> Callable[[pd.DataFrame], np.ndarray]:
    import xgboost

    settings = {"objective": OBJECTIVES["xgboost"][task], "tree_method": "hist", "nthread": 1}
    if task == "multiclass":
        settings["num_class"] = rows.classes
    booster = xgboost.train(settings, xgboost.DMatrix(rows.train, rows.target, enable_categorical=True, nthread=1), options.rounds)
    booster.save_model(path)
    loaded = xgboost.Booster(params={"nthread": 1}, model_file=str(path))
    return lambda frame: loaded.predict(xgboost.DMatrix(frame, enable_categorical=True, nthread=1))


def our_predictions(model: Any) -> Callable[[pd.DataFrame], np.ndarray]:
    if model.task == "regression":
        return lambda frame: model.predict(frame).to_numpy()
    binary = model.task == "binary"
    return lambda frame: model.predict_proba(frame).to_numpy()[:, 1 if binary else slice(None)]


def difference(a: np.ndarray, b: np.ndarray) -> float:
    a, b = np.asarray(a, float).reshape(len(a), -1), np.asarray(b, float).reshape(len(b), -1)
    return float((np.abs(a - b) / np.maximum(1, np.maximum(np.abs(a), np.abs(b)))).max())


def rate(predict: Callable[[pd.DataFrame], np.ndarray], frame: pd.DataFrame, repeats: int) -> float:
    """Rows a second, the best of some repeats."""
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        predict(frame)
        best = min(best, time.perf_counter() - start)
    return len(frame) / best


def scores_with_other_bits(path: Path, rows: Rows, theirs: Callable[..., np.ndarray]) -> int:
    """The trees of a LightGBM model of two classes or of regression as a regression: its predictions are the scores."""
    import automill

    lines = path.read_text(encoding="utf-8").split("\n")
    lines = ["objective=regression" if line.startswith("objective=") else line for line in lines]
    scores = path.with_suffix(".scores.txt")
    scores.write_text("\n".join(lines), encoding="utf-8")
    ours = automill.import_model(scores).predict(rows.held_out).to_numpy()
    return int((ours != theirs(rows.held_out, raw_score=True)).sum())


def distance_from_xgboost_leaves(path: Path, rows: Rows, ours: np.ndarray) -> float:
    """Of imported predictions, from the sum in double of the leaves that XGBoost names, in the order of the trees."""
    import xgboost

    booster = xgboost.Booster(params={"nthread": 1}, model_file=str(path))
    leaves = booster.predict(xgboost.DMatrix(rows.held_out, enable_categorical=True, nthread=1), pred_leaf=True)
    learner = json.loads(booster.save_raw("json"))["learner"]
    base = learner["learner_model_param"]["base_score"].strip("[]")
    sums = np.full(len(leaves), float(np.float32(base)))
    for t, tree in enumerate(learner["gradient_booster"]["model"]["trees"]):
        sums += np.array(tree["split_conditions"], np.float32)[leaves[:, t].astype(int)].astype(float)
    return float(np.abs(ours - sums).max())


def check(entry: BenchmarkSet, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    import automill

    rows = read(entry, options.seed)
    many = pd.concat([rows.held_out] * math.ceil(options.speed_rows / len(rows.held_out)), ignore_index=True)
    many = many.astype({name: kind for name, kind in rows.held_out.dtypes.items()})
    found: dict[str, Any] = {"set": entry.name, "task": entry.task, "rows": len(rows.held_out)}
    for library, make, ending in (("lightgbm", lightgbm_model, "txt"), ("xgboost", xgboost_model, "ubj")):
        path = folder / f"{entry.name}_{library}.{ending}"
        theirs = make(rows, entry.task, options, path)
        ours = our_predictions(automill.import_model(path))
        found[f"{library}_difference"] = difference(ours(rows.held_out), theirs(rows.held_out))
        found[f"{library}_rate"] = rate(theirs, many, options.repeats)
        found[f"{library}_ours"] = rate(ours, many, options.repeats)
        if library == "lightgbm" and entry.task != "multiclass":
            found["other_bits"] = scores_with_other_bits(path, rows, theirs)
        if library == "xgboost" and entry.task == "regression":
            found["from_leaves"] = distance_from_xgboost_leaves(path, rows, ours(rows.held_out))
    return found


def line(found: dict[str, Any]) -> str:
    text = f"{found['set']} ({found['task']}, {found['rows']} rows)"
    for library in ("lightgbm", "xgboost"):
        bits = f", {found['other_bits']} scores with other bits" if library == "lightgbm" and "other_bits" in found else ""
        if library == "xgboost" and "from_leaves" in found:
            bits = f", {found['from_leaves']:.1e} from the double sum of its leaves"
        ours, theirs = found[f"{library}_ours"], found[f"{library}_rate"]
        text += f"; {library}: largest difference {found[f'{library}_difference']:.1e}{bits}"
        text += f", {theirs:,.0f} rows/s, imported {ours:,.0f} ({ours / theirs:.1f}x)"
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a data folder")
    parser.add_argument("--sets", default="core", help="core, evaluation, or names with commas between them")
    parser.add_argument("--most", type=int, default=20, help="so many sets, the first of the manifest")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--speed-rows", type=int, default=20_000, help="at least so many rows are predicted for the rate")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--linear-tree", action="store_true", help="LightGBM's leaves are linear models")
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    every = []
    with tempfile.TemporaryDirectory() as folder:
        for entry in choose_sets(options.data, options.sets)[: options.most]:
            every.append(check(entry, options, Path(folder)))
            print(line(every[-1]), flush=True)
    for library in ("lightgbm", "xgboost"):
        ratios = [found[f"{library}_ours"] / found[f"{library}_rate"] for found in every]
        largest = max(found[f"{library}_difference"] for found in every)
        speed = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"{library}: {len(every)} sets, largest difference {largest:.1e}, rows/s over theirs: geometric mean {speed:.2f}, least {min(ratios):.2f}")
    bits = sum(found.get("other_bits", 0) for found in every)
    print(f"lightgbm: {bits} scores with other bits")
    sound = bits == 0 and all(found["lightgbm_difference"] < 1e-12 and found["xgboost_difference"] < 1e-6 for found in every)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
