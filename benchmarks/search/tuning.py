"""What tuning gains on real sets: error of held-out rows with the parameters as they are, and after some trials of each strategy.

    python benchmarks/search/tuning.py FOLDER --sets credit_g,pc4,maternal_health_risk,moneyball,concrete --trials 25 --output tuning.jsonl
    python benchmarks/search/tuning.py FOLDER --output tuning.jsonl --report

The outer split is that of benchmarks/quality: tuning sees the training rows alone. A line of the output is one (set, split, learner, strategy);
what the output holds is not run again.
"""
from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quality.catalogue import choose_sets  # noqa: E402
from quality.errors import prediction_error  # noqa: E402
from quality.splits import TARGET, holdout_split, read_set  # noqa: E402

STRATEGIES = ("none", "random", "bayesian", "tpe")


def learner(name: str, task: str) -> tuple[Any, dict[str, Any] | None]:
    """The learner as it is given, and the space beside what it declares."""
    import automill

    if name == "boosting":
        return automill.GradientBoosting(), None
    last = automill.Ridge() if task == "regression" else automill.Logistic()
    pipeline = automill.Pipeline(automill.Impute(), automill.Scale(), automill.OneHot(), last)
    return pipeline, {"scale": ["scale", "quantile_normal", "yeo_johnson", "piecewise_linear"]}


def error_of(model: Any, test: pd.DataFrame, task: str) -> float:
    """1 - AUC, log-loss or RMSE."""
    if task == "regression":
        return prediction_error(task, test[TARGET], model.predict(test))
    return prediction_error(task, test[TARGET], pd.DataFrame(np.asarray(model.predict_proba(test)), columns=[str(label) for label in model.classes_]))


def run(train: pd.DataFrame, test: pd.DataFrame, task: str, name: str, strategy: str, trials: int, seed: int) -> dict[str, Any]:
    import automill

    given, space = learner(name, task)
    start = time.monotonic()
    if strategy == "none":
        fitted = given.fit(train, TARGET, task=task, seed=seed)
        return {"error": error_of(fitted, test, task), "seconds": time.monotonic() - start}
    found = automill.tune(given, train, TARGET, space, trials=trials, strategy=strategy, task=task, seed=seed)
    seconds = time.monotonic() - start
    return {
        "error": error_of(found.estimator, test, task),
        "seconds": seconds,
        "score": float(found.score),
        "nested_score": float(found.nested_score),
        "stopped": sum(trial.status == "stopped" for trial in found.trials),
        "failed": sum(trial.status == "failed" for trial in found.trials),
    }


def measure(options: argparse.Namespace) -> None:
    known = {(line["set"], line["split"], line["learner"], line["strategy"]) for line in lines_of(options.output)}
    for chosen in choose_sets(options.folder, options.sets):
        frame = read_set(chosen.path, chosen.task)
        for split in range(options.splits):
            train, test = holdout_split(frame, chosen.task, split)
            for name in options.learners.split(","):
                for strategy in options.strategies.split(","):
                    if (chosen.name, split, name, strategy) in known:
                        continue
                    result = run(train, test, chosen.task, name, strategy, options.trials, split)
                    with options.output.open("a", encoding="utf-8") as file:
                        file.write(json.dumps({"set": chosen.name, "split": split, "learner": name, "strategy": strategy, "trials": options.trials, **result}) + "\n")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def report(options: argparse.Namespace) -> None:
    """Geometric mean over sets and splits of the error against that of the parameters as they are."""
    lines = lines_of(options.output)
    found = {(line["set"], line["split"], line["learner"], line["strategy"]): line for line in lines}
    print("| learner | strategy | error / error as given | better, worse | seconds |\n|---|---|---|---|---|")
    for name in sorted({line["learner"] for line in lines}):
        for strategy in STRATEGIES:
            pairs = [(line["error"], found[(*key[:3], "none")]["error"], line["seconds"]) for key, line in found.items() if key[2:] == (name, strategy) and (*key[:3], "none") in found]
            if pairs:
                ratios = np.array([error / given for error, given, _ in pairs])
                print(f"| {name} | {strategy} | {np.exp(np.log(ratios).mean()):.4f} | {(ratios < 1).sum()}, {(ratios > 1).sum()} of {len(pairs)} | {np.mean([seconds for *_, seconds in pairs]):.1f} |")
    print("\n| set | learner | " + " | ".join(STRATEGIES) + " |\n|---|---|" + "---|" * len(STRATEGIES))
    for chosen in dict.fromkeys(line["set"] for line in lines):
        for name in sorted({line["learner"] for line in lines}):
            means = [[line["error"] for key, line in found.items() if (key[0], key[2], key[3]) == (chosen, name, strategy)] for strategy in STRATEGIES]
            print(f"| {chosen} | {name} | " + " | ".join(f"{np.mean(errors):.4g}" if errors else "" for errors in means) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default="core")
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--learners", default="boosting,linear")
    parser.add_argument("--strategies", default=",".join(STRATEGIES[:3]))
    parser.add_argument("--trials", type=int, default=25)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    (report if arguments.report else measure)(arguments)
