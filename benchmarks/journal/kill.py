"""Kills training runs at random moments and resumes them: every fold that was reported as recorded is there, none is fitted twice, and what comes out in the
end has the bits of a run that nothing ended.

    python benchmarks/journal/kill.py build/automill examples/data/adult_train.csv income --kills 200 --seed 1
"""
from __future__ import annotations

import argparse
import random
import re
import sqlite3
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

REPORTED = re.compile(r"\] (\S+)  fold (\d+) of \d+ is in the journal")
OPTIONS = ("--max-trials", "4", "--folds", "3", "--threads", "2", "--include", "baseline,logistic,ridge,gbdt,random_forest", "--progress", "lines")

Fold = tuple[str, int]


@dataclass
class Outcome:
    kills: int = 0
    runs: int = 0
    reported: int = 0
    faults: list[str] = field(default_factory=list)


def folds_in(journal: Path) -> tuple[set[Fold], list[Fold]]:
    """Folds that stand in the journal, and those that events tell of, one for each fit."""
    with sqlite3.connect(journal) as database:
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return set(), []
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = set(database.execute("SELECT name, fold FROM folds JOIN trials USING (trial) WHERE archive IS NOT NULL"))
        told = database.execute("SELECT json_extract(fields, '$.name'), json_extract(fields, '$.fold') FROM events WHERE kind = 'fold.recorded'").fetchall()
    return rows, told


def start(command: str, data: Path, target: str, folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen([command, "train", data, "--target", target, "--output", "model.automill", *OPTIONS, *more], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def run_to_the_end(command: str, data: Path, target: str, folder: Path, *more: str) -> float:
    begun = time.monotonic()
    done = start(command, data, target, folder, *more)
    _, said = done.communicate()
    assert done.returncode == 0, said
    return time.monotonic() - begun


def predictions(command: str, data: Path, folder: Path) -> bytes:
    return subprocess.run([command, "predict", "model.automill", data], cwd=folder, check=True, capture_output=True).stdout


def one_run(command: str, data: Path, target: str, folder: Path, seconds: float, chance: random.Random, most: int, outcome: Outcome) -> None:
    """Begins a run and kills it again and again, `most` times at most, until it comes through."""
    journal = folder / "run.journal"
    reported: set[Fold] = set()
    for _ in range(most):
        process = start(command, data, target, folder, "--journal", str(journal), "--resume")
        try:
            _, said = process.communicate(timeout=chance.uniform(0, 1) ** 1.5 * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
            outcome.kills += 1
        reported |= {(name, int(fold) - 1) for name, fold in REPORTED.findall(said)}
        if journal.exists():
            kept, told = folds_in(journal)
            if reported - kept:
                outcome.faults.append(f"reported and not kept: {sorted(reported - kept)}")
            if len(told) != len(set(told)):
                outcome.faults.append(f"fitted twice: {sorted(told)}")
        if process.returncode not in (0, -9):
            outcome.faults.append(f"exit code {process.returncode}: {said[-500:]}")
        if process.returncode == 0:
            break
    outcome.reported += len(reported)


def kill_and_resume(command: str, data: Path, target: str, kills: int, seed: int) -> Outcome:
    chance, outcome = random.Random(seed), Outcome()
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "whole"
        whole.mkdir()
        seconds = run_to_the_end(command, data, target, whole)
        wanted = predictions(command, data, whole)
        while outcome.kills < kills and not outcome.faults:
            folder = Path(name) / str(outcome.runs)
            folder.mkdir()
            one_run(command, data, target, folder, seconds, chance, min(8, kills - outcome.kills), outcome)
            run_to_the_end(command, data, target, folder, "--journal", str(folder / "run.journal"), "--resume")
            if predictions(command, data, folder) != wanted:
                outcome.faults.append("other predictions than those of a run that nothing ended")
            _, told = folds_in(folder / "run.journal")
            if len(told) != len(set(told)):
                outcome.faults.append(f"fitted twice: {sorted(told)}")
            outcome.runs += 1
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("data", type=Path)
    parser.add_argument("target")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    outcome = kill_and_resume(str(Path(given.command).resolve()), given.data.resolve(), given.target, given.kills, given.seed)
    print(f"{outcome.kills} kills over {outcome.runs} runs, {outcome.reported} folds reported: {len(outcome.faults)} faults")
    for fault in outcome.faults:
        print(fault)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
