"""What a journal costs: seconds of a run with and without one (on the clock, and of the processor, which other work on the machine disturbs less), in turns, and
the bytes of the file.

    python benchmarks/journal/cost.py build/automill examples/data/adult_train.csv income --trials 8 --repeats 3
"""
from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import tempfile
from pathlib import Path


def seconds_of_a_run(command: str, data: Path, target: str, trials: int, folder: Path, *more: str) -> tuple[float, float]:
    done = subprocess.run([command, "train", data, "--target", target, "--max-trials", str(trials), "--output", "model.automill", "--json", *more], cwd=folder, check=True, capture_output=True)
    run = json.loads(done.stdout)["run"]
    return float(run["wall_seconds"]), float(run["core_seconds"])


def median_text(runs: list[tuple[float, float]]) -> str:
    return f"{statistics.median(wall for wall, _ in runs):.2f} s ({statistics.median(core for _, core in runs):.2f} core-s)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("data", type=Path)
    parser.add_argument("target")
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    command, data = str(Path(given.command).resolve()), given.data.resolve()
    without, kept = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for repeat in range(given.repeats):
            without.append(seconds_of_a_run(command, data, given.target, given.trials, folder))
            kept.append(seconds_of_a_run(command, data, given.target, given.trials, folder, "--journal", f"{repeat}.journal"))
        journal = folder / "0.journal"
        resumed = seconds_of_a_run(command, data, given.target, given.trials, folder, "--journal", journal.name, "--resume")
        with sqlite3.connect(journal) as database:
            folds, archives, predictions = database.execute("SELECT count(*), sum(length(archive)), sum(length(predictions)) FROM folds").fetchone()
        print(f"without {median_text(without)}, with a journal {median_text(kept)}, resumed when finished {median_text([resumed])}")
        print(f"{journal.stat().st_size / 1e6:.1f} MB: {folds} folds, models {archives / 1e6:.1f} MB, predictions {predictions / 1e6:.1f} MB; model file {(folder / 'model.automill').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
