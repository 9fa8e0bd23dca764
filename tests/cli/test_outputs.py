"""Models of several outputs in the shell: made by the Python package, then served like any other model."""
from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Shell

automill = pytest.importorskip("automill")

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 2))
Y = X[:, 0] + RANDOM.normal(size=300)
LEVELS = [0.1, 0.5, 0.9]


@pytest.fixture(scope="module")
def quantiles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, np.ndarray]:
    """The model, its rows as CSV, and what Python predicts."""
    folder = tmp_path_factory.mktemp("quantiles")
    booster = automill.GradientBoosting(n_estimators=20, objective="quantile", quantiles=LEVELS).fit(X, Y)
    booster.save(folder / "model.automill")
    np.savetxt(folder / "rows.csv", X, delimiter=",", header="f0,f1", comments="", fmt="%.17g")
    return folder / "model.automill", folder / "rows.csv", booster.predict(X)


def test_a_column_an_output(shell: Shell, quantiles: tuple[Path, Path, np.ndarray]) -> None:
    model, rows, expected = quantiles
    lines = list(csv.reader(io.StringIO(shell.ok("predict", model, rows))))
    assert lines[0] == ["prediction_0.1", "prediction_0.5", "prediction_0.9"]
    assert np.array_equal(np.array(lines[1:], dtype=float), expected)


def test_json_names_them(shell: Shell, quantiles: tuple[Path, Path, np.ndarray]) -> None:
    model, rows, expected = quantiles
    lines = [json.loads(line) for line in shell.ok("predict", model, rows, "--json").splitlines()]
    assert lines[0] == {"prediction": dict(zip(["0.1", "0.5", "0.9"], expected[0].tolist()))}
    assert len(lines) == 300


def test_inspect_lists_them_and_evaluate_says_why_not(shell: Shell, quantiles: tuple[Path, Path, np.ndarray]) -> None:
    model, rows, _ = quantiles
    assert json.loads(shell.ok("inspect", model, "--json"))["target"]["outputs"] == ["0.1", "0.5", "0.9"]
    shell.ok("verify", model)
    refused = shell.run("evaluate", model, rows)
    assert refused.returncode == 1 and "evaluate.several_outputs" in refused.stderr
