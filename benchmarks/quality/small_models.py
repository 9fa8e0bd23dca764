"""What small and readable models cost in accuracy: the preset glass_box, collapse() and distill() against the ensemble.

    python benchmarks/quality/small_models.py FOLDER --sets wilt,segment,abalone --time-limit 10 --output small.jsonl

On split 0 of each set `train` runs with the preset balanced and with glass_box, in the same time and threads; of the
balanced model a student is distilled and the best single candidate is taken, too. One JSON line a set, restartable as
run.py is; then the table. Errors (1 - AUC, log-loss, RMSE on test rows) are on a scale from the least one seen on the
set here (0) to the prior's (1):

- glass_box: its error less that of balanced;
- kept: the part of the ensemble's gain over its best single candidate that the student keeps (1: all of it; of sets on
  which the ensemble gains at least 0.001), from test rows, and the same of collapse();
- us: microseconds a row, as the leaderboard measures them, kB: of the file.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

if __name__ == "__main__":  # run as a file: this folder leaves the path, its names must not shadow other modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from quality.catalogue import BenchmarkSet, choose_sets  # noqa: E402
from quality.errors import prediction_error, prior_error  # noqa: E402
from quality.run import append_line, read_results  # noqa: E402
from quality.splits import TARGET, holdout_split, read_set  # noqa: E402

LEAST_GAIN = 0.001


def error_of(model: object, task: str, test: pd.DataFrame) -> float:
    rows = test.drop(columns=TARGET)
    predicted = model.predict(rows) if task == "regression" else model.predict_proba(rows)
    return float(prediction_error(task, test[TARGET], predicted))


def best_single(model: object) -> object:
    """The member with the best validation score."""
    board = model.leaderboard().to_pandas()
    members = board[board["status"] == "member"]
    return model.member(members.sort_values("rank").iloc[0]["name"])


def file_bytes(model: object) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.automill"
        model.save(path)
        return path.stat().st_size


def run(chosen: BenchmarkSet, arguments: argparse.Namespace) -> dict[str, object]:
    import automill

    train, test = holdout_split(read_set(chosen.path, chosen.task), chosen.task, 0)
    how = {"task": chosen.task, "time_limit": arguments.time_limit, "threads": arguments.threads, "progress": "none"}
    line: dict[str, object] = {"set": chosen.name, "task": chosen.task, "limit": arguments.time_limit, "train_rows": len(train)}
    try:
        ensemble = automill.train(train, TARGET, **how)
        readable = automill.train(train, TARGET, preset="glass_box", **how)
        start = time.monotonic()
        student = ensemble.distill()
        line["distill_seconds"] = time.monotonic() - start
        models = {"balanced": ensemble, "single": best_single(ensemble), "glass_box": readable, "student": student, "collapsed": ensemble.collapse()}
        line |= {
            "status": "ok",
            "prior": float(prior_error(chosen.task, train[TARGET], test[TARGET])),
            "chosen": next(member["name"] for member in readable.recipe()["members"]),
            "errors": {name: error_of(model, chosen.task, test) for name, model in models.items()},
            "scores": {name: float(model.validation_score) for name, model in models.items()},
            "predict_us": {row["name"]: row["predict_us_per_row"] for row in student.leaderboard() if row["status"] == "member"},
            "bytes": {name: file_bytes(model) for name, model in models.items()},
        }
    except Exception as problem:  # noqa: BLE001 - the line says what
        line |= {"status": "failed", "reason": f"{type(problem).__name__}: {problem}"[:400]}
    return line


def table(lines: list[dict[str, object]]) -> str:
    """Markdown: a row a set, then medians."""
    text = "| set | glass_box chose | behind balanced | student behind | collapsed behind | kept | student us, kB | distilled in |\n|---|---|---|---|---|---|---|---|\n"
    behind, kept, students = [], [], []
    for line in lines:
        if line["status"] != "ok":
            text += f"| {line['set']} | failed: {line['reason']} | | | | | | |\n"
            continue
        errors = line["errors"]
        scale = line["prior"] - min(errors.values())
        far = {name: (error - errors["balanced"]) / scale for name, error in errors.items()}
        share = 1 - far["student"] / far["single"] if far["single"] >= LEAST_GAIN else math.nan
        behind.append(far["glass_box"])
        students.append(far["student"])
        kept.append(share)
        text += f"| {line['set']} | {line['chosen']} | {far['glass_box']:+.3f} | {far['student']:+.3f} | {far['collapsed']:+.3f} | {share:.0%} |"
        text += f" {line['predict_us']['student']:.1f}, {line['bytes']['student'] / 1e3:.0f} | {line['distill_seconds']:.1f} s |\n"
    if not behind:
        return text
    known = [share for share in kept if share == share]
    text += f"\nmedian: glass_box {np.median(behind):+.3f}, student {np.median(students):+.3f}"
    return text + (f", kept {np.median(known):.0%} on {len(known)} sets\n" if known else "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default="core")
    parser.add_argument("--time-limit", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    done = {line["set"] for line in read_results(arguments.output)} if arguments.output.exists() else set()
    for chosen in choose_sets(arguments.folder, arguments.sets):
        if chosen.name not in done:
            append_line(arguments.output, run(chosen, arguments))
    print(table(read_results(arguments.output)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
