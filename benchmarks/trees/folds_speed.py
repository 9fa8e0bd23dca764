"""Seconds of eight folds of one booster: AutoMill's cross_validate against eight fits of LightGBM, same parameters.

    python benchmarks/trees/folds_speed.py --rows 5000 --columns 10,30 --threads 2

Each fold trains on seven eighths with early stopping on the eighth, and predicts it. LightGBM bins once for all folds
(`Dataset.subset`), which is the fastest that it offers. Both run in this process, in turns; the best of `--repeats`
counts. The ratio is LightGBM's time over AutoMill's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees.fit_speed import best_seconds, numbers, parameters
from trees.tables import table

FOLDS = 8


def measure(rows: int, columns: int, options: argparse.Namespace) -> dict[str, float]:
    import automill
    import lightgbm

    frame = table(rows, columns, "binary", categories=options.categories)
    features, labels = frame.drop(columns="target"), pd.factorize(frame["target"])[0]
    fold_of = np.random.default_rng(0).permutation(rows) % FOLDS
    losses: dict[str, float] = {}

    def folds_of_automill(trees: int) -> None:
        learner = automill.GradientBoosting(n_estimators=trees, early_stopping_rounds=options.patience, **parameters(31))
        scores = automill.cross_validate(learner, frame, "target", folds=FOLDS, metric="log_loss", threads=options.threads)
        losses["automill"] = scores.mean

    settings = {**parameters(31), "objective": "binary", "num_threads": options.threads, "verbosity": -1}
    settings["min_data_in_leaf"] = settings.pop("min_child_samples")

    def folds_of_lightgbm(trees: int) -> None:
        data = lightgbm.Dataset(features, labels, params=settings, free_raw_data=False).construct()
        found = []
        for fold in range(FOLDS):
            train, held_out = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            stop = lightgbm.early_stopping(options.patience, verbose=False)
            model = lightgbm.train(settings, data.subset(train), num_boost_round=trees, valid_sets=[data.subset(held_out)], callbacks=[stop])
            share = model.predict(features.iloc[held_out])
            found.append(-np.log(np.where(labels[held_out] == 1, share, 1 - share)).mean())
        losses["lightgbm"] = float(np.mean(found))

    seconds = best_seconds({"automill": folds_of_automill, "lightgbm": folds_of_lightgbm}, options.trees, options.repeats)
    return {"seconds": seconds["automill"], "ratio": seconds["lightgbm"] / seconds["automill"],
            "loss": losses["automill"], "loss of lightgbm": losses["lightgbm"]}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=numbers, default=[5000])
    parser.add_argument("--columns", type=numbers, default=[10, 30])
    parser.add_argument("--categories", type=float, default=0.2, help="share of the columns")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--trees", type=int, default=1000)
    parser.add_argument("--patience", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    import automill
    import lightgbm

    print(f"AutoMill {automill.__version__}, LightGBM {lightgbm.__version__}, {options.threads} threads, {FOLDS} folds")
    ratios = []
    for rows in options.rows:
        for columns in options.columns:
            result = measure(rows, columns, options)
            ratios.append(result["ratio"])
            print(f"{rows} x {columns}: " + "  ".join(f"{name} {value:.4g}" for name, value in result.items()), flush=True)
    print(f"ratio: geometric mean {np.exp(np.log(ratios).mean()):.2f}, least {min(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
