"""Imported models in the shell: made by the Python package, then served like any other model."""
from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from conftest import ROOT, Shell

automill = pytest.importorskip("automill")

MODELS = ROOT / "tests" / "import" / "models"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[float]]:
    """The model, its rows with the target as CSV, and what LightGBM predicted."""
    folder = tmp_path_factory.mktemp("imported")
    entry = json.loads((MODELS / "lightgbm4_binary.expected.json").read_text(encoding="utf-8"))
    automill.import_model(MODELS / entry["file"], ["no", "yes"]).save(folder / "model.automill")
    with open(folder / "rows.csv", "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([*entry["columns"], "target"])
        for row, predicted in zip(entry["rows"], entry["predictions"]):
            lines.writerow([*("" if cell is None else cell for cell in row), "yes" if predicted[0] > 0.5 else "no"])
    return folder / "model.automill", folder / "rows.csv", [predicted[0] for predicted in entry["predictions"]]


def test_predict(shell: Shell, imported: tuple[Path, Path, list[float]]) -> None:
    model, rows, theirs = imported
    answers = list(csv.DictReader(io.StringIO(shell.ok("predict", model, rows))))
    assert [float(answer["probability_yes"]) for answer in answers] == pytest.approx(theirs, rel=1e-12)
    assert [answer["prediction"] for answer in answers] == ["yes" if value >= 0.5 else "no" for value in theirs]


def test_inspect(shell: Shell, imported: tuple[Path, Path, list[float]]) -> None:
    model, _, _ = imported
    text = shell.ok("inspect", model)
    assert "imported from LightGBM v4, not validated here" in text and "tree_ensemble: 8 trees" in text
    found = json.loads(shell.ok("inspect", model, "--json"))
    assert found["imported"]["objective"] == "binary sigmoid:1" and found["recipe"] is None


def test_verify(shell: Shell, imported: tuple[Path, Path, list[float]]) -> None:
    model, rows, _ = imported
    assert "16 self-test rows predicted bit for bit" in shell.ok("verify", model)
    assert json.loads(shell.ok("verify", model, rows, "--json"))["ok"]


def test_evaluate_and_leaderboard(shell: Shell, imported: tuple[Path, Path, list[float]]) -> None:
    model, rows, _ = imported
    metrics = json.loads(shell.ok("evaluate", model, rows, "--json"))["rows"]
    assert next(row["value"] for row in metrics if row["metric"] == "accuracy") == 1
    assert json.loads(shell.ok("leaderboard", model, "--json"))["rows"] == []
    shell.ok("leaderboard", model)
    shell.ok("leaderboard", model, rows)


def test_refit_says_why_not(shell: Shell, imported: tuple[Path, Path, list[float]]) -> None:
    model, rows, _ = imported
    done = shell.run("refit", model, rows, "--output", "again.automill")
    assert done.returncode == 1 and "[model.no_recipe]" in done.stderr
