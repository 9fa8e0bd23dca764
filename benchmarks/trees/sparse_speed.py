"""Boosting on sparse matrices: AutoMill's gradient boosting against LightGBM, same parameters, one thread.

    python benchmarks/trees/sparse_speed.py --rows 20000 --columns 1000,10000,100000

Two kinds of matrices: `one_hot`, where columns of 50 exclude each other, and `words`, counts of 60 words a row whose
frequencies follow Zipf's law. Both fit in this process, in turns; the best of `--repeats` counts. "tree" is the
difference between a fit of `--trees` rounds and one of a fifth of them, divided by the rounds; "whole" is the longer
fit with everything in it. The loss is that of held-out rows. Ratios are LightGBM's time over AutoMill's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees.fit_speed import best_seconds, numbers

PARAMETERS = {"num_leaves": 31, "learning_rate": 0.1, "min_child_samples": 20, "max_bin": 255}


def one_hot(rows: int, columns: int, generator: np.random.Generator) -> scipy.sparse.csr_matrix:
    """Columns of 50 that exclude each other: one of them is 1 in each row."""
    groups = max(1, columns // 50)
    chosen = np.minimum((50 * generator.random((rows, groups)) ** 2).astype(int), 49) + 50 * np.arange(groups)
    return scipy.sparse.csr_matrix((np.ones(chosen.size), chosen.ravel(), np.arange(rows + 1) * groups), shape=(rows, 50 * groups))


def words(rows: int, columns: int, generator: np.random.Generator) -> scipy.sparse.csr_matrix:
    """Counts of 60 drawn words a row."""
    frequency = 1 / np.arange(10, columns + 10)
    drawn = generator.choice(columns, size=(rows, 60), p=frequency / frequency.sum())
    counts = scipy.sparse.csr_matrix((np.ones(drawn.size), drawn.ravel(), np.arange(rows + 1) * 60), shape=(rows, columns))
    counts.sum_duplicates()
    return counts


KINDS = {"one_hot": one_hot, "words": words}


def problem(kind: str, rows: int, columns: int, seed: int = 0) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
    """A matrix and two classes that depend on a tenth of its columns."""
    generator = np.random.default_rng(seed)
    matrix = KINDS[kind](rows, columns, generator)
    weights = generator.normal(size=matrix.shape[1]) * (generator.random(matrix.shape[1]) < 0.1)
    score = matrix @ weights
    noise = generator.normal(size=rows) * 0.5 * score.std()
    return matrix, (score + noise > np.median(score)).astype(int)


def log_loss(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(-np.log(np.where(labels == 1, probabilities, 1 - probabilities).clip(1e-15)).mean())


def measure(kind: str, rows: int, columns: int, options: argparse.Namespace) -> dict[str, float]:
    import automill
    import lightgbm

    matrix, labels = problem(kind, rows, columns)
    train, held_out = np.arange(rows) % 5 != 0, np.arange(rows) % 5 == 0
    x, y = matrix[train], labels[train]
    models: dict[str, object] = {}

    def fit_automill(trees: int) -> None:
        models["automill"] = automill.GradientBoosting(n_estimators=trees, **PARAMETERS).fit(x, y, threads=1)

    settings = {**PARAMETERS, "objective": "binary", "num_threads": 1, "verbosity": -1}
    settings["min_data_in_leaf"] = settings.pop("min_child_samples")

    def fit_lightgbm(trees: int) -> None:
        models["lightgbm"] = lightgbm.train(settings, lightgbm.Dataset(x, y, params=settings), num_boost_round=trees)

    fits = {"automill": fit_automill, "lightgbm": fit_lightgbm}
    few = max(1, options.trees // 5)
    short, long = (best_seconds(fits, trees, options.repeats) for trees in (few, options.trees))
    tree = {name: 1e3 * (long[name] - short[name]) / (options.trees - few) for name in fits}
    losses = {"loss": log_loss(labels[held_out], models["automill"].predict_proba(matrix[held_out])[:, 1]),
              "loss of lightgbm": log_loss(labels[held_out], models["lightgbm"].predict(matrix[held_out]))}
    return {"ms a tree": tree["automill"], "ratio tree": tree["lightgbm"] / tree["automill"], "seconds": long["automill"],
            "ratio whole": long["lightgbm"] / long["automill"], **losses}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=numbers, default=[20_000])
    parser.add_argument("--columns", type=numbers, default=[1000, 10_000, 100_000])
    parser.add_argument("--kinds", default="one_hot,words")
    parser.add_argument("--trees", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args(arguments)
    import automill
    import lightgbm

    print(f"AutoMill {automill.__version__}, LightGBM {lightgbm.__version__}, 1 thread")
    ratios = []
    for kind in options.kinds.split(","):
        for rows in options.rows:
            for columns in options.columns:
                result = measure(kind, rows, columns, options)
                ratios.append(result["ratio tree"])
                print(f"{kind} {rows} x {columns}: " + "  ".join(f"{name} {value:.4g}" for name, value in result.items()), flush=True)
    print(f"ratio tree: geometric mean {np.exp(np.log(ratios).mean()):.2f}, least {min(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
