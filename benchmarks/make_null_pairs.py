"""Records how much one method differs from itself under other seeds: the noise that compare.py must live with.

    python benchmarks/make_null_pairs.py --data FOLDER --seeds 4 --output benchmarks/data/null_pairs.csv

The method is LightGBM with early stopping on a random tenth of the training rows, row and column sampling: its
held-out rows and its samples change with the seed, as an AutoML run's do. Training rows are capped (`--rows`, a random
part drawn by the split) to keep the run short, which should make the noise of the largest sets too big rather than too
small. Every line is one fit: set, task, split, seed, error, prior_error, train_rows, test_rows. Fits that are there
already are kept.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

from quality.catalogue import BenchmarkSet, choose_sets
from quality.encoding import CategoryFrame, target_codes
from quality.errors import prediction_error, prior_error
from quality.splits import TARGET, holdout_split, read_set

COLUMNS = ["set", "task", "split", "seed", "error", "prior_error", "train_rows", "test_rows"]
OBJECTIVES = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}


def parameters(task: str, class_count: int, column_count: int, seed: int) -> dict[str, object]:
    """LightGBM parameters: sampled rows and columns, so that the seed matters."""
    chosen: dict[str, object] = {
        "objective": OBJECTIVES[task],
        "learning_rate": 0.1,
        "num_leaves": 15,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.8 if column_count <= 100 else 0.1,
        "seed": seed,
        "num_threads": 1,
        "verbosity": -1,
        "max_bin": 127,
    }
    return chosen | ({"num_class": class_count} if task == "multiclass" else {})


def predict_with_seed(train: pd.DataFrame, test: pd.DataFrame, task: str, seed: int) -> pd.DataFrame | np.ndarray:
    """Fits on `train` with this seed and predicts `test`."""
    features = train.drop(columns=TARGET)
    encoder = CategoryFrame(features)
    matrix = encoder.transform(features)
    classes, target = ([], train[TARGET].to_numpy()) if task == "regression" else target_codes(train[TARGET])
    held_out = np.random.default_rng(seed).random(len(train)) < 0.1
    fitting = lightgbm.Dataset(matrix[~held_out], target[~held_out])
    stopping = lightgbm.Dataset(matrix[held_out], target[held_out], reference=fitting)
    booster = lightgbm.train(
        parameters(task, len(classes), matrix.shape[1], seed),
        fitting,
        num_boost_round=200,
        valid_sets=[stopping],
        callbacks=[lightgbm.early_stopping(15, verbose=False)],
    )
    raw = booster.predict(encoder.transform(test.drop(columns=TARGET)))
    if task == "regression":
        return raw
    return pd.DataFrame(np.column_stack([1 - raw, raw]) if task == "binary" else raw, columns=classes)


def split_lines(chosen: BenchmarkSet, split: int, seeds: list[int], rows: int) -> Iterator[dict[str, object]]:
    """One line per seed for one split of one set."""
    train, test = holdout_split(read_set(chosen.path, chosen.task), chosen.task, split)
    if len(train) > rows:
        train = train.sample(rows, random_state=split).reset_index(drop=True)
    for seed in seeds:
        # another seed on every split: a seed's luck must not repeat over the splits of a set
        prediction = predict_with_seed(train, test, chosen.task, seed=100 * split + seed)
        yield {
            "set": chosen.name,
            "task": chosen.task,
            "split": split,
            "seed": seed,
            "error": f"{prediction_error(chosen.task, test[TARGET], prediction):.8g}",
            "prior_error": f"{prior_error(chosen.task, train[TARGET], test[TARGET]):.8g}",
            "train_rows": len(train),
            "test_rows": len(test),
        }


def recorded(path: Path) -> set[tuple[str, int, int]]:
    """The (set, split, seed) already in the file."""
    if not path.exists():
        return set()
    with path.open(newline="") as file:
        return {(line["set"], int(line["split"]), int(line["seed"])) for line in csv.DictReader(file)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with manifest.json and the sets")
    parser.add_argument("--sets", default="core", help="as in quality/run.py")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--rows", type=int, default=20000, help="at most this many training rows a fit")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    done = recorded(options.output)
    is_new = not options.output.exists()
    with options.output.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        for split in range(1, options.splits + 1):
            for chosen in choose_sets(options.data, options.sets):
                seeds = [seed for seed in range(options.seeds) if (chosen.name, split, seed) not in done]
                for line in split_lines(chosen, split, seeds, options.rows) if seeds else ():
                    writer.writerow(line)
                    file.flush()


if __name__ == "__main__":
    main()
