"""The shell command under test: $AUTOMILL_CLI, or build/automill."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ROOT / "examples" / "data" / "adult_train.csv"
TEST = ROOT / "examples" / "data" / "adult_test.csv"


class Shell:
    """Runs `automill ...` in a folder of its own."""

    def __init__(self, command: str, folder: Path) -> None:
        self.command = command
        self.folder = folder

    def run(self, *arguments: object, stdin: bytes | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([self.command, *map(str, arguments)], cwd=self.folder, input=stdin, capture_output=True, timeout=timeout)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *arguments: object, **more: Any) -> str:
        done = self.run(*arguments, **more)
        assert done.returncode == 0, f"{arguments}: exit code {done.returncode}\n{done.stderr}"
        return done.stdout


def find_command() -> str:
    command = os.environ.get("AUTOMILL_CLI", str(ROOT / "build" / "automill"))
    if not os.access(command, os.X_OK):
        pytest.fail(f"there is no shell command at {command}: set AUTOMILL_CLI")
    return command


@pytest.fixture(scope="session")
def command() -> str:
    return find_command()


@pytest.fixture
def shell(command: str, tmp_path: Path) -> Shell:
    return Shell(command, tmp_path)


@pytest.fixture(scope="session")
def income_model(command: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small binary model of the example data, the same in every run."""
    folder = tmp_path_factory.mktemp("income")
    Shell(command, folder).ok("train", TRAIN, "--target", "income", "--max-trials", 3, "--output", "income.automill")
    return folder / "income.automill"


@pytest.fixture(scope="session")
def hours_model(command: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small regression model of the same data."""
    folder = tmp_path_factory.mktemp("hours")
    Shell(command, folder).ok("train", TRAIN, "--target", "hours-per-week", "--task", "regression", "--max-trials", 2, "--output", "hours.automill")
    return folder / "hours.automill"
