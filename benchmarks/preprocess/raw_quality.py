"""One booster on raw tables as different preparations hand them over: what the preparation is worth.

    python benchmarks/preprocess/raw_quality.py FOLDER --splits 3 --output raw.jsonl
    python benchmarks/compare.py raw.jsonl --a table_preparer --b skrub
    python benchmarks/compare.py raw.jsonl --a table_preparer --b autogluon

Methods: `table_preparer` (automill.TablePreparer for trees, without generated columns), `skrub` (skrub.TableVectorizer with
its defaults) and `autogluon` (AutoMLPipelineFeatureGenerator with its defaults), whichever can be imported; each is fitted on
the training rows of an 80/20 split and hands tables to the same booster with the same parameters: AutoMill's, or with
`--booster lightgbm` LightGBM's. A line of the output is a run, as those of benchmarks/quality/run.py; runs that are there
already are skipped.

Sets are dirty ones: text, categories of many spellings, missing cells, dates. Those for evaluation are left out unless
`--evaluation` asks for them, which leaves out all others: note such a look in docs/experiments.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import automill
from quality.errors import prediction_error, prior_error
from quality.run import append_line, read_results
from quality.splits import TARGET, holdout_split, read_set

DIRTY = ("employee_salaries", "midwest_survey", "open_payments", "okcupid_stem", "tate_artworks", "house_prices_ames", "hotel_bookings", "moneyball", "socmob", "sst2_10k", "sms_spam", "ag_news")
BOOSTER = {"n_estimators": 200, "learning_rate": 0.05, "num_leaves": 31, "min_child_samples": 20}

Tables = tuple[Any, Any]


def by_table_preparer(train: pd.DataFrame, target: pd.Series, test: pd.DataFrame, task: str) -> Tables:
    preparer = automill.TablePreparer(for_family="trees", generate=False)
    return preparer.fit_transform(train, target), preparer.transform(test)


def by_skrub(train: pd.DataFrame, target: pd.Series, test: pd.DataFrame, task: str) -> Tables:
    vectorizer = importlib.import_module("skrub").TableVectorizer()
    return vectorizer.fit_transform(train, target), vectorizer.transform(test)


def by_autogluon(train: pd.DataFrame, target: pd.Series, test: pd.DataFrame, task: str) -> Tables:
    generator = importlib.import_module("autogluon.features.generators").AutoMLPipelineFeatureGenerator(verbosity=0)
    return generator.fit_transform(X=train, y=target), generator.transform(test)


METHODS: dict[str, Callable[[pd.DataFrame, pd.Series, pd.DataFrame, str], Tables]] = {"table_preparer": by_table_preparer, "skrub": by_skrub, "autogluon": by_autogluon}
IMPORTED = {"skrub": "skrub", "autogluon": "autogluon.features.generators"}
THREADS = 1


def frame_of(table: Any) -> pd.DataFrame:
    """A table of either side as a frame whose columns have plain names, whose categories are strings."""
    if isinstance(table, np.ndarray):
        table = pd.DataFrame(table)
    if not isinstance(table, pd.DataFrame):
        columns = {}
        for name in table.columns:
            kind = table.schema[name].kind
            columns[name] = pd.Series(table[name], dtype="category" if kind == "category" else "float64")
        table = pd.DataFrame(columns)
    table = table.set_axis([f"f{i}" for i in range(table.shape[1])], axis=1).reset_index(drop=True)
    for name in table.columns:
        if isinstance(table[name].dtype, pd.CategoricalDtype):
            table[name] = table[name].cat.rename_categories([str(value) for value in table[name].cat.categories])
        elif table[name].dtype == bool:
            table[name] = table[name].astype(float)
    return table


def boosted_by_automill(train: Any, target: pd.Series, test: Any, task: str) -> Any:
    made = isinstance(train, automill.Table)
    train, test = (train, test) if made else (frame_of(train), frame_of(test))
    fitted = automill.GradientBoosting(**BOOSTER).fit(train, target, task=task, threads=THREADS)
    return fitted.predict(test) if task == "regression" else pd.DataFrame(np.asarray(fitted.predict_proba(test)), columns=fitted.classes_)


def boosted_by_lightgbm(train: Any, target: pd.Series, test: Any, task: str) -> Any:
    import lightgbm

    train, test = frame_of(train), frame_of(test)
    for name in train.columns:
        if isinstance(train[name].dtype, pd.CategoricalDtype):
            test[name] = test[name].astype(object).astype(pd.CategoricalDtype(train[name].cat.categories))
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    fitted = kind(**BOOSTER, n_jobs=THREADS, verbose=-1).fit(train, target)
    return fitted.predict(test) if task == "regression" else pd.DataFrame(fitted.predict_proba(test), columns=fitted.classes_)


BOOSTERS = {"automill": boosted_by_automill, "lightgbm": boosted_by_lightgbm}


def run(method: str, booster: str, train: pd.DataFrame, test: pd.DataFrame, task: str) -> dict[str, Any]:
    """The parts of a line that a run gives."""
    start = time.perf_counter()
    target = train[TARGET]
    fitted, held_out = METHODS[method](train.drop(columns=TARGET), target, test.drop(columns=TARGET), task)
    prepared = time.perf_counter()
    predictions = BOOSTERS[booster](fitted, target, held_out, task)
    shape = fitted.shape if hasattr(fitted, "shape") else (len(fitted), len(fitted.columns))
    return {"error": prediction_error(task, test[TARGET], predictions), "columns": int(shape[1]), "prepare_seconds": round(prepared - start, 3), "fit_seconds": round(time.perf_counter() - prepared, 3)}


def dirty_sets(folder: Path, names: Sequence[str], evaluation: bool) -> list[dict[str, Any]]:
    """Entries of the manifest with the task that a booster has; those for evaluation alone, or without them."""
    entries = {entry["name"]: entry for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["datasets"]}
    chosen = []
    for name in names:
        entry = entries.get(name)
        if entry is None:
            print(f"{name}: not in {folder}")
        elif (entry.get("use") == "evaluation") == evaluation:
            task = entry["task"] if entry["task"] != "text" else "binary" if entry.get("n_classes") == 2 else "multiclass"
            chosen.append({"name": name, "path": folder / entry["file"], "task": task})
    return chosen


def usable(methods: Sequence[str]) -> list[str]:
    """The methods that can be imported; the others are named."""
    found = []
    for method in methods:
        try:
            importlib.import_module(IMPORTED.get(method, "automill"))
            found.append(method)
        except ImportError as reason:
            print(f"{method} is left out: {reason}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default=",".join(DIRTY))
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--booster", default="automill", choices=list(BOOSTERS))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--most-rows", type=int, default=0, help="take so many rows of a larger table, at random")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--evaluation", action="store_true", help="the sets for evaluation, and no others")
    options = parser.parse_args(arguments)
    global THREADS
    THREADS = options.threads
    warnings.filterwarnings("ignore")
    print(f"automill {automill.__version__}, python {platform.python_version()}, pandas {pd.__version__}, booster {options.booster} {BOOSTER}")
    done = {(line["set"], line["split"], line["method"]) for line in read_results(options.output)}
    methods = usable(options.methods.split(","))
    for entry in dirty_sets(options.folder, options.sets.split(","), options.evaluation):
        frame = read_set(entry["path"], entry["task"])
        if options.most_rows and len(frame) > options.most_rows:
            frame = frame.sample(options.most_rows, random_state=0).reset_index(drop=True)
        for split in range(options.splits):
            train, test = holdout_split(frame, entry["task"], split)
            for method in methods:
                if (entry["name"], split, method) in done:
                    continue
                line = {"set": entry["name"], "task": entry["task"], "split": split, "method": method, "time_limit": 0.0, "threads": THREADS, "seed": 0, "status": "ok",
                        "prior_error": prior_error(entry["task"], train[TARGET], test[TARGET]), "train_rows": len(train), "test_rows": len(test)}
                try:
                    line |= run(method, options.booster, train, test, entry["task"])
                except Exception as reason:  # a preparation that fails is a line with its reason
                    line |= {"status": "failed", "error": None, "reason": f"{type(reason).__name__}: {reason}"[:400]}
                append_line(options.output, line)
                shown = f"{line['error']:.5g}" if line["error"] is not None else line["reason"]
                print(f"{entry['name']:20}{split:3} {method:16}{shown:>12}  prior {line['prior_error']:.4g}, {line.get('columns', 0)} columns, {line.get('prepare_seconds', 0):.1f} s + {line.get('fit_seconds', 0):.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
