"""Error and seconds of explainable boosting machines: AutoMill's against interpret's, with the same bags and splits.

    pip install interpret-core
    python benchmarks/additive/ebm_against_interpret.py <data folder> --sets core --output results.jsonl
    python benchmarks/compare.py results.jsonl --a automill --b interpret
    python benchmarks/additive/ebm_against_interpret.py --speed 1000,5000,50000

Both have the same number of outer bags, pairs (three for each column; none for three and more classes) and leaves, one
thread, and else their defaults; seconds are those of the process, not of the clock. A line of the output is a run: set,
split, method, error (1 - AUC, log-loss or RMSE), the prior's error, seconds. `--most-rows` takes a random part of larger
sets. `--speed` trains a given number of rounds on made-up rows without early stopping.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quality.catalogue import choose_sets
from quality.errors import prediction_error, prior_error
from quality.splits import TARGET, holdout_split, read_set


def automill_ebm(train: pd.DataFrame, task: str, bags: int):
    """Fits and gives a function that predicts."""
    import automill

    text = {column: "category" for column in train.drop(columns=TARGET).select_dtypes(exclude=["number", "bool"])}
    learner = automill.ExplainableBoosting(outer_bags=bags)
    fitted = learner.fit(train.astype(text), TARGET, task=task, threads=1)
    return lambda rows: fitted.predict(rows.astype(text)) if task == "regression" else fitted.predict_proba(rows.astype(text))


def interpret_ebm(train: pd.DataFrame, task: str, bags: int):
    """The same with interpret."""
    from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

    make = ExplainableBoostingRegressor if task == "regression" else ExplainableBoostingClassifier
    more = {"interactions": 0} if task == "multiclass" else {}
    model = make(outer_bags=bags, n_jobs=1, random_state=0, **more).fit(train.drop(columns=TARGET), train[TARGET])
    if task == "regression":
        return lambda rows: model.predict(rows.drop(columns=TARGET))
    return lambda rows: pd.DataFrame(model.predict_proba(rows.drop(columns=TARGET)), columns=[str(name) for name in model.classes_])


METHODS = {"automill": automill_ebm, "interpret": interpret_ebm}


def compare_accuracy(options: argparse.Namespace) -> None:
    output = Path(options.output)
    done = {(line["set"], line["split"], line["method"]) for line in map(json.loads, output.read_text().splitlines())} if output.exists() else set()
    for chosen in choose_sets(Path(options.data), options.sets):
        if chosen.columns > options.most_columns:
            continue
        frame = read_set(chosen.path, chosen.task)
        if len(frame) > options.most_rows:
            frame = frame.sample(options.most_rows, random_state=0).reset_index(drop=True)
        for split in range(options.splits):
            train, test = holdout_split(frame, chosen.task, split)
            seconds = {}
            for method, fit in METHODS.items():
                if method not in options.methods.split(",") or (chosen.name, split, method) in done:
                    continue
                start = time.process_time()
                predict = fit(train, chosen.task, options.bags)
                seconds[method] = time.process_time() - start
                error = prediction_error(chosen.task, test[TARGET], predict(test))
                line = {"set": chosen.name, "split": split, "method": method, "task": chosen.task, "error": error}
                line |= {"prior_error": prior_error(chosen.task, train[TARGET], test[TARGET]), "seconds": seconds[method], "status": "ok"}
                with output.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
                print(f"{chosen.name} split {split} {method}: error {error:.5f} in {seconds[method]:.2f} s", flush=True)
            if len(seconds) == 2:
                print(f"{chosen.name}: {seconds['interpret'] / seconds['automill']:.1f} times as fast", flush=True)


def made_up(rows: int, task: str) -> pd.DataFrame:
    generator = np.random.RandomState(1)
    columns = generator.normal(size=(rows, 10))
    score = columns[:, 0] + np.sin(2 * columns[:, 1]) + 0.5 * columns[:, 2] * columns[:, 3]
    frame = pd.DataFrame(columns, columns=[f"x{j}" for j in range(10)])
    frame[TARGET] = score + generator.normal(size=rows) if task == "regression" else np.where(score + generator.logistic(size=rows) > 0, "yes", "no")
    return frame


def seconds_of_rounds(method: str, frame: pd.DataFrame, task: str, rounds: int, options: argparse.Namespace) -> float:
    """Process seconds of a fit without pairs and early stopping."""
    start = time.process_time()
    if method == "automill":
        import automill

        learner = automill.ExplainableBoosting(outer_bags=options.bags, interactions=0, max_rounds=rounds, early_stopping_rounds=0)
        learner.fit(frame, TARGET, task=task, threads=1)
    else:
        from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

        make = ExplainableBoostingRegressor if task == "regression" else ExplainableBoostingClassifier
        make(outer_bags=options.bags, interactions=0, max_rounds=rounds, early_stopping_rounds=0, n_jobs=1).fit(frame.drop(columns=TARGET), frame[TARGET])
    return time.process_time() - start


def compare_speed(options: argparse.Namespace) -> None:
    ratios = []
    for rows in map(int, options.speed.split(",")):
        for task in ("binary", "regression"):
            frame = made_up(rows, task)
            best: dict[str, list[float]] = {method: [float("inf")] * 2 for method in METHODS}
            for _ in range(options.repeats):  # in turns; the least of each, since other programs only add
                for method, times in best.items():
                    for k, rounds in enumerate((1, options.rounds)):
                        times[k] = min(times[k], seconds_of_rounds(method, frame, task, rounds, options))
            ours, theirs = best["automill"], best["interpret"]
            ratios.append(theirs[1] / ours[1])
            step = 1e6 / (10 * options.bags * max(1, options.rounds - 1))
            print(f"{rows} rows, {task}: whole fit {ours[1]:.3f} s against {theirs[1]:.3f} s, {ratios[-1]:.1f} times as fast; a step of a bag {step * (ours[1] - ours[0]):.2f} us against {step * (theirs[1] - theirs[0]):.2f} us", flush=True)
    print(f"geometric mean: {np.exp(np.mean(np.log(ratios))):.1f} times as fast")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="folder with manifest.json")
    parser.add_argument("--sets", default="core")
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--bags", type=int, default=14)
    parser.add_argument("--most-rows", type=int, default=1_000_000)
    parser.add_argument("--most-columns", type=int, default=200)
    parser.add_argument("--output", default="ebm_results.jsonl")
    parser.add_argument("--speed", help="numbers of rows, instead of data")
    parser.add_argument("--rounds", type=int, default=300, help="of --speed")
    parser.add_argument("--repeats", type=int, default=2, help="of --speed")
    options = parser.parse_args(arguments)
    if options.speed:
        compare_speed(options)
    elif options.data:
        compare_accuracy(options)
    else:
        parser.error("give a data folder or --speed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
