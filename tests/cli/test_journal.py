"""Journals in the shell: runs that are killed and go on, `runs list`, `show` and `resume`, one writer."""
from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, TRAIN, Shell

QUICK = ("--target", "income", "--max-trials", 2, "--folds", 2, "--include", "baseline,logistic", "--progress", "none")


@pytest.fixture(scope="module")
def kill() -> Any:
    spec = importlib.util.spec_from_file_location("kill", ROOT / "benchmarks" / "journal" / "kill.py")
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules["kill"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "adult.csv"
    path.write_text("".join(TRAIN.read_text().splitlines(keepends=True)[:3000]))
    return path


def test_killed_runs_go_on(kill: Any, command: str, rows: Path) -> None:
    outcome = kill.kill_and_resume(command, rows, "income", kills=10, seed=7)
    assert not outcome.faults
    assert outcome.kills >= 10 and outcome.reported > 0


def test_runs_list_show_and_resume(shell: Shell, rows: Path) -> None:
    shell.ok("train", rows, *QUICK, "--journal", "adult.journal", "--output", "m.automill")
    (shell.folder / "other.sqlite").write_bytes(b"SQLite format 3\0" + bytes(200))
    listed = json.loads(shell.ok("runs", "list", "--json"))["runs"]
    assert [run["journal"] for run in listed] == ["adult.journal"]
    run = listed[0]
    assert (run["target"], run["status"], run["trials"], run["folds_done"], run["sessions"]) == ("income", "finished", 2, 4, 1)
    assert "adult.journal" in shell.ok("runs", "list", shell.folder) and "finished" in shell.ok("runs", "list", "adult.journal")
    shown = json.loads(shell.ok("runs", "show", "adult.journal", "--json"))
    assert [trial["name"] for trial in shown["of_trials"]] == ["baseline", "logistic_1"]
    assert shown["source"] == {"data": str(rows), "output": str(shell.folder / "m.automill")}
    assert shown["options"]["include"] == ["baseline", "logistic"]
    assert "logistic_1" in shell.ok("runs", "show", "adult.journal")
    first = (shell.folder / "m.automill").stat().st_mtime_ns
    before = shell.ok("predict", "m.automill", rows)
    shell.ok("runs", "resume", "adult.journal", "--progress", "none")
    assert (shell.folder / "m.automill").stat().st_mtime_ns > first
    assert shell.ok("predict", "m.automill", rows) == before
    assert json.loads(shell.ok("runs", "list", "--json"))["runs"][0]["sessions"] == 2
    more = shell.run("runs", "resume", "adult.journal", "--max-trials", 3, "--progress", "lines", "--output", "n.automill")
    assert more.returncode == 0 and more.stderr.count("from the journal") == 4


def test_a_second_process_is_refused_with_the_first_ones_number(shell: Shell, command: str) -> None:
    first = subprocess.Popen([command, "train", TRAIN, "--target", "income", "--time-limit", "60", "--journal", "a.journal", "--output", "a.automill", "--progress", "none"], cwd=shell.folder, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while not (shell.folder / "a.journal").exists() or not json.loads(shell.ok("runs", "list", "--json"))["runs"]:
            assert time.monotonic() < end and first.poll() is None
            time.sleep(0.05)
        second = shell.run("train", TRAIN, "--target", "income", "--time-limit", "60", "--journal", "a.journal", "--resume", "--output", "b.automill")
        assert second.returncode == 1 and f"process {first.pid} writes this journal" in second.stderr and "[journal.in_use]" in second.stderr
        assert f"running (process {first.pid})" in shell.ok("runs", "list")
    finally:
        first.kill()
        first.wait()
    assert "interrupted" in shell.ok("runs", "list")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (("runs",), 2, "option.missing"),
        (("runs", "shw", "x"), 2, "option.unknown_choice"),
        (("runs", "show"), 2, "option.missing"),
        (("runs", "show", "x.journal"), 1, "journal.missing"),
        (("runs", "show", "."), 1, "journal.folder"),
        (("runs", "resume", "text.journal"), 1, "journal.not_a_journal"),
        (("train", TRAIN, *QUICK, "--journal", "no/such/x.journal"), 1, "journal.no_folder"),
        (("train", TRAIN, *QUICK, "--journal", "text.journal"), 1, "journal.not_a_journal"),
        (("train", TRAIN, *QUICK, "--resume"), 2, "option.contradiction"),
        (("train", TRAIN, *QUICK, "--journal", "x", "--journal-limit", "10000"), 2, "option.out_of_range"),
    ],
)
def test_what_is_wrong_is_said(shell: Shell, arguments: tuple[Any, ...], exit_code: int, code: str) -> None:
    (shell.folder / "text.journal").write_text("age,income\n" * 1000)
    done = shell.run(*arguments)
    assert done.returncode == exit_code, done.stderr
    assert f"[{code}]" in done.stderr
