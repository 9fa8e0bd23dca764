"""Accuracy and time of single tree learners: AutoMill's boosters and forests against their counterparts.

    python benchmarks/trees/accuracy.py <data folder> --pairs symmetric --splits 1 --output results.jsonl
    python benchmarks/compare.py results.jsonl --a symmetric --b catboost

Every learner runs with the defaults of its kind, in this process and in turns, on the same 80/20 splits. A line of the
output is a run: set, split, method, error (1 - AUC, log-loss or RMSE), the prior's error, seconds to fit.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quality.catalogue import choose_sets
from quality.encoding import CategoryFrame, target_codes
from quality.errors import prediction_error, prior_error
from quality.splits import TARGET, holdout_split, read_set

Predict = Callable[[pd.DataFrame], "pd.DataFrame | np.ndarray"]
Fit = Callable[[pd.DataFrame, str, int], Predict]


def automill_learner(name: str, **parameters: object) -> Fit:
    """A learner of AutoMill; strings are its categories."""

    def fit(train: pd.DataFrame, task: str, threads: int) -> Predict:
        import automill

        text = {column: "category" for column in train.drop(columns=TARGET).select_dtypes(exclude=["number", "bool"])}
        fitted = getattr(automill, name)(**parameters).fit(train.astype(text), TARGET, task=task, threads=threads)
        return lambda rows: fitted.predict(rows.astype(text)) if task == "regression" else fitted.predict_proba(rows.astype(text))

    return fit


def encoded(make: Callable[[str, int], object], plain: Callable[[pd.DataFrame], pd.DataFrame]) -> Fit:
    """A peer with scikit-learn's interface behind an encoding of its frame."""

    def fit(train: pd.DataFrame, task: str, threads: int) -> Predict:
        features = train.drop(columns=TARGET)
        encoder = CategoryFrame(features)
        names, labels = ([], train[TARGET]) if task == "regression" else target_codes(train[TARGET])
        model = make(task, threads)
        model.fit(plain(encoder.transform(features)), labels)

        def predict(rows: pd.DataFrame) -> pd.DataFrame | np.ndarray:
            matrix = plain(encoder.transform(rows.drop(columns=TARGET)))
            return model.predict(matrix) if task == "regression" else pd.DataFrame(model.predict_proba(matrix), columns=names)

        return predict

    return fit


def as_codes(frame: pd.DataFrame) -> pd.DataFrame:
    """Categories as their codes, missing cells as -1 and the median: what scikit-learn's forests take."""
    return pd.DataFrame({name: values.cat.codes if isinstance(values.dtype, pd.CategoricalDtype) else values for name, values in frame.items()}).fillna(-999.0)


def make_forest(kind: str) -> Callable[[str, int], object]:
    def make(task: str, threads: int) -> object:
        import sklearn.ensemble as ensemble

        suffix = "Regressor" if task == "regression" else "Classifier"
        return getattr(ensemble, kind + suffix)(n_estimators=500, n_jobs=threads, random_state=0)

    return make


def make_lightgbm(task: str, threads: int) -> object:
    import lightgbm

    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    return kind(n_jobs=threads, random_state=0, verbosity=-1)


def make_xgboost(task: str, threads: int) -> object:
    import xgboost

    kind = xgboost.XGBRegressor if task == "regression" else xgboost.XGBClassifier
    return kind(n_jobs=threads, random_state=0, enable_categorical=True, tree_method="hist")


def fit_catboost(train: pd.DataFrame, task: str, threads: int) -> Predict:
    from quality.peers import catboost_default

    fitted = catboost_default.fit(train, TARGET, task, 0, threads, 0)
    return lambda rows: fitted.predict(rows.drop(columns=TARGET))


METHODS: dict[str, Fit] = {
    "leaf_wise": automill_learner("GradientBoosting"),
    "symmetric": automill_learner("GradientBoosting", growth="symmetric", n_estimators=1000, learning_rate=None, subsample=0.8, reg_lambda=3.0,
                                   min_child_samples=1, min_child_weight=0.0, max_cat_to_onehot=16),
    "random_forest": automill_learner("RandomForest", n_estimators=500),
    "extra_trees": automill_learner("ExtraTrees", n_estimators=500),
    "lightgbm": encoded(make_lightgbm, lambda frame: frame),
    "xgboost": encoded(make_xgboost, lambda frame: frame),
    "catboost": fit_catboost,
    "sklearn_random_forest": encoded(make_forest("RandomForest"), as_codes),
    "sklearn_extra_trees": encoded(make_forest("ExtraTrees"), as_codes),
}
PAIRS = {
    "leaf_wise": ["leaf_wise", "lightgbm", "xgboost"],
    "symmetric": ["symmetric", "catboost"],
    "forests": ["random_forest", "sklearn_random_forest", "extra_trees", "sklearn_extra_trees"],
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with manifest.json")
    parser.add_argument("--sets", default="core", help="core (development), evaluation, or names")
    parser.add_argument("--pairs", default="", help=f"{', '.join(PAIRS)}; comma-separated")
    parser.add_argument("--methods", default="", help=f"{', '.join(METHODS)}; comma-separated")
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most-rows", type=int, default=0, help="leave out sets with more rows")
    parser.add_argument("--output", type=Path, help="lines for benchmarks/compare.py")
    options = parser.parse_args(arguments)
    methods = [name for pair in options.pairs.split(",") if pair for name in PAIRS[pair]]
    methods += [name for name in options.methods.split(",") if name and name not in methods]
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for chosen in choose_sets(options.data, options.sets):
        if options.most_rows and chosen.rows > options.most_rows:
            continue
        frame = read_set(chosen.path, chosen.task)
        for split in range(options.splits):
            train, test = holdout_split(frame, chosen.task, split)
            prior = prior_error(chosen.task, train[TARGET], test[TARGET])
            shown = []
            for name in methods:
                start = time.perf_counter()
                predict = METHODS[name](train, chosen.task, options.threads)
                seconds[name].append(time.perf_counter() - start)
                error = prediction_error(chosen.task, test[TARGET], predict(test))
                shown.append(f"{name} {error:.5g} ({seconds[name][-1]:.2f} s)")
                line = {"set": chosen.name, "split": split, "method": name, "status": "ok", "error": error, "prior_error": prior,
                        "train_rows": len(train), "test_rows": len(test), "threads": options.threads, "fit_seconds": seconds[name][-1]}
                if options.output:
                    with options.output.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line) + "\n")
            print(f"{chosen.name} {split} (prior {prior:.5g}): {'  '.join(shown)}", flush=True)
    first = methods[0]
    for name in methods[1:]:
        ratios = np.array(seconds[name]) / np.array(seconds[first])
        print(f"seconds of {name} over {first}: geometric mean {np.exp(np.log(ratios).mean()):.2f}, least {ratios.min():.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
