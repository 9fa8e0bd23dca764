"""Makes the models that tests/import reads, with rows and what their libraries predict for them.

    PYTHONPATH=<folder with lightgbm or xgboost> python tests/import/make_models.py lightgbm|xgboost

One run makes the models of the installed version of one library; models/README.md lists which versions were taken.
Each model is a file in models/ and an entry <name>.expected.json beside it:

    columns     names of the features, in the order of a row
    kinds       "number" or "category" of each
    rows        cells, row by row; null is missing; numbers as Python writes them (17 digits)
    raw         raw scores, rows x outputs, by the library from the file as it was written
    predictions what predict gives: probabilities of class 1, of all classes, or values
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).resolve().parent / "models"
COLORS = ["blue", "green", "red", "violet", "été"]


def table(rows: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers (a third with holes, one with zeros, one rounded to thresholds), categories by name and by whole numbers."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "width": random.normal(size=rows),
            "height": np.round(random.normal(size=rows), 1),
            "zeros": random.normal(size=rows) * (random.random(rows) < 0.6),
            "large": np.exp(random.normal(size=rows) * 8),
            "color": random.choice(COLORS, rows),
            "year": random.choice([1999, 2004, 2021], rows),
        }
    )
    signal = frame["width"] * frame["height"] + np.sin(frame["zeros"]) + 0.1 * np.log(frame["large"])
    signal += (frame["color"] == "red") - 0.7 * (frame["year"] == 2004) + random.normal(size=rows) * 0.3
    for name, share in (("width", 0.2), ("large", 0.1), ("zeros", 0.05)):
        frame.loc[random.random(rows) < share, name] = np.nan
    frame["color"] = pd.Categorical(frame["color"].where(random.random(rows) > 0.1), categories=COLORS)
    frame["year"] = pd.Categorical(frame["year"], categories=[1999, 2004, 2021])
    return frame, signal.to_numpy()


def targets(signal: np.ndarray, kind: str) -> np.ndarray:
    if kind == "binary":
        return (signal > np.median(signal)).astype(int)
    if kind == "multiclass":
        return np.digitize(signal, np.quantile(signal, [0.3, 0.6]))
    if kind == "count":
        return np.random.default_rng(1).poisson(np.exp(np.clip(signal, -3, 2)))
    if kind == "positive":
        return np.exp(np.clip(signal, -4, 4))
    if kind == "share":
        return 1 / (1 + np.exp(-signal))
    return signal


def cells(frame: pd.DataFrame) -> list[list[Any]]:
    """Rows as JSON has them: null is missing, categories by their value."""
    columns = [frame[name].astype(object).tolist() for name in frame.columns]
    return [[None if cell is None or (isinstance(cell, float) and math.isnan(cell)) else cell for cell in row] for row in zip(*columns)]


def write(name: str, file: str, frame: pd.DataFrame, names: list[str], raw: np.ndarray, predictions: np.ndarray) -> None:
    entry = {
        "file": file,
        "columns": names,
        "kinds": ["category" if isinstance(kind, pd.CategoricalDtype) else "number" for kind in frame.dtypes],
        "rows": cells(frame),
        "raw": np.asarray(raw, dtype=float).reshape(len(frame), -1).tolist(),
        "predictions": np.asarray(predictions, dtype=float).reshape(len(frame), -1).tolist(),
    }
    with open(FOLDER / f"{name}.expected.json", "w", encoding="utf-8") as out:
        out.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")


# --- LightGBM ---------------------------------------------------------------------------------------------------------


def lightgbm_models(lightgbm: Any) -> None:
    major = lightgbm.__version__.split(".")[0]
    numbers = ["width", "height", "zeros", "large"]

    def make(name: str, kind: str, columns: list[str] | None, *, matrix: bool = False, rounds: int = 8, stop: bool = False, codes: bool = False, **settings: Any) -> None:
        frame, signal = table(600)
        frame = frame[columns] if columns else frame
        if codes:  # categories by whole numbers without names, with one that training does not see
            frame = frame.assign(color=frame["color"].cat.codes.where(frame["color"].notna()).astype(float) * 7, year=[int(year) % 100 for year in frame["year"]])
        settings = {"num_leaves": 9, "min_data_in_leaf": 8, "min_data_per_group": 5, "max_cat_to_onehot": 2, "verbosity": -1, "num_threads": 1, "seed": 3} | settings
        features = frame.to_numpy() if matrix else frame
        target = targets(signal, kind)
        train = lightgbm.Dataset(features[:500], target[:500], free_raw_data=False, categorical_feature=["color", "year"] if codes else "auto")
        more: dict[str, Any] = {}
        if stop:
            more = {"valid_sets": [train.create_valid(features[500:], target[500:])], "callbacks": [lightgbm.early_stopping(3, verbose=False)]}
        booster = lightgbm.train(settings, train, rounds, **more)
        file = f"lightgbm{major}_{name}.txt"
        booster.save_model(FOLDER / file)
        loaded = lightgbm.Booster(model_file=str(FOLDER / file))
        tested = frame.iloc[488:512].reset_index(drop=True)
        if codes:
            tested.loc[:4, "color"] = [4.0, -2.0, 1e9, 7.5, -0.5]  # unseen, negative, large, fractions
        rows = tested.to_numpy() if matrix else tested
        names = [f"f{i}" for i in range(frame.shape[1])] if matrix else list(frame.columns)
        write(f"lightgbm{major}_{name}", file, tested, names, loaded.predict(rows, raw_score=True), loaded.predict(rows))

    make("binary", "binary", None, objective="binary")
    make("multiclass", "multiclass", None, objective="multiclass", num_class=3, rounds=4)
    make("regression", "value", numbers, matrix=True, objective="regression")
    make("poisson", "count", numbers, objective="poisson")
    make("codes", "binary", None, codes=True, objective="binary", zero_as_missing=False)
    make("early_stopping", "value", numbers, rounds=400, stop=True, objective="regression_l1", learning_rate=0.5)
    if major == "3":
        return
    make("dart", "value", None, objective="regression", boosting="dart", drop_rate=0.5)
    make("forest", "binary", None, objective="binary", boosting="rf", bagging_fraction=0.6, bagging_freq=1)
    make("one_vs_all", "multiclass", None, objective="multiclassova", num_class=3, sigmoid=0.7, rounds=4)
    make("no_missing", "value", ["height", "zeros"], objective="huber", use_missing=False)
    make("sigmoid", "binary", numbers, objective="binary", sigmoid=1.7)
    make("linear_leaves", "value", None, objective="regression", linear_tree=True)
    make("linear_classes", "multiclass", numbers, objective="multiclass", num_class=3, rounds=4, linear_tree=True, linear_lambda=0.5)
    for objective, kind in (("quantile", "value"), ("fair", "value"), ("mape", "positive"), ("gamma", "positive"), ("tweedie", "count"), ("cross_entropy", "share")):
        make(objective, kind, numbers, objective=objective, rounds=4)


# --- XGBoost ----------------------------------------------------------------------------------------------------------


def xgboost_models(xgboost: Any) -> None:
    major, minor = xgboost.__version__.split(".")[:2]
    with_names = (int(major), int(minor)) >= (3, 1)  # the file holds the values of categories

    def make(name: str, kind: str, *, categories: bool = True, named: bool = True, ending: str = "json", rounds: int = 6, stop: bool = False, **settings: Any) -> None:
        frame, signal = table(600)
        frame["color"] = frame["color"].cat.rename_categories({"été": "white"})  # XGBoost does not save it whole
        if not categories:
            frame = frame[["width", "height", "zeros", "large"]]
        elif not with_names:
            frame = frame.assign(**{column: frame[column].cat.codes.where(frame[column].notna()).astype(float) for column in ("color", "year")})
        types = None if with_names or not categories else ["q", "q", "q", "q", "c", "c"]
        target = targets(signal, kind)

        def matrix(part: slice, labels: bool = True) -> Any:
            rows = frame.iloc[part] if named else frame.iloc[part].to_numpy()
            return xgboost.DMatrix(rows, target[part] if labels else None, enable_categorical=True, feature_types=types)

        settings = {"max_depth": 4, "tree_method": "hist", "max_cat_to_onehot": 2, "nthread": 1, "seed": 3} | settings
        more: dict[str, Any] = {}
        if stop:
            more = {"evals": [(matrix(slice(500, 600)), "valid")], "early_stopping_rounds": 3, "verbose_eval": False}
        booster = xgboost.train(settings, matrix(slice(0, 500)), rounds, **more)
        whole = f"xgboost{major}{minor}_{name}"
        booster.save_model(FOLDER / f"{whole}.{ending}")
        loaded = xgboost.Booster(model_file=str(FOLDER / f"{whole}.{ending}"))
        part = slice(488, 512)
        if categories and not with_names:
            frame.loc[488:489, "color"] = [9.0, 200.0]  # unseen
        best = (0, booster.best_iteration + 1) if stop else (0, 0)
        names = list(frame.columns) if named else [f"f{i}" for i in range(frame.shape[1])]
        raw = loaded.predict(matrix(part, False), output_margin=True, iteration_range=best)
        write(whole, f"{whole}.{ending}", frame.iloc[part].reset_index(drop=True), names, raw, loaded.predict(matrix(part, False), iteration_range=best))

    make("binary", "binary", objective="binary:logistic")
    make("multiclass", "multiclass", objective="multi:softprob", num_class=3, ending="ubj", rounds=3)
    make("regression", "value", categories=False, named=False, objective="reg:squarederror")
    if major == "2":
        return
    make("poisson", "count", objective="count:poisson", ending="ubj")
    make("dart", "value", objective="reg:squarederror", booster="dart", rate_drop=0.5, ending="ubj")
    make("early_stopping", "binary", objective="binary:logistic", rounds=200, stop=True, learning_rate=1.0)
    make("forest", "multiclass", objective="multi:softmax", num_class=3, num_parallel_tree=4, subsample=0.6, rounds=2)
    if major == "1":
        return
    for objective, kind in (("binary:logitraw", "binary"), ("reg:logistic", "share"), ("reg:absoluteerror", "value"), ("reg:pseudohubererror", "value"), ("reg:squaredlogerror", "positive"), ("reg:gamma", "positive"), ("reg:tweedie", "count")):
        make(objective.replace(":", "_"), kind, categories=False, objective=objective, rounds=4)
    make("reg_quantileerror", "value", categories=False, objective="reg:quantileerror", quantile_alpha=0.8, rounds=4)


def main() -> None:
    library = sys.argv[1]
    makers: dict[str, Callable[[Any], None]] = {"lightgbm": lightgbm_models, "xgboost": xgboost_models}
    FOLDER.mkdir(exist_ok=True)
    makers[library](importlib.import_module(library))


if __name__ == "__main__":
    main()
