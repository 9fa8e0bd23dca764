"""Linear leaves: what they learn, files and rows of such models, what is refused."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automill
from automill import AutoMillError, GradientBoosting, GradientBoostingClassifier, GradientBoostingRegressor

RANDOM = np.random.default_rng(0)
X = pd.DataFrame(RANDOM.normal(size=(800, 3)), columns=["a", "b", "c"])
Y = np.where(X["a"] > 0, 4 + 3 * X["b"], X["a"] - X["c"]) + 0.05 * RANDOM.normal(size=800)


def error_of(values: np.ndarray, rows: slice) -> float:
    return float(np.sqrt(np.mean((values - Y[rows]) ** 2)))


def test_lines_are_learned_with_fewer_trees() -> None:
    train, test = slice(0, 500), slice(500, 800)
    errors = [error_of(GradientBoostingRegressor(n_estimators=60, linear_tree=linear).fit(X[train], Y[train]).predict(X[test]), test) for linear in (False, True)]
    assert errors[1] < 0.9 * errors[0]


def test_files_and_rows_give_the_same_bits(tmp_path: Path) -> None:
    holes = X.mask(RANDOM.random(X.shape) < 0.1)
    booster = GradientBoosting(n_estimators=15, linear_tree=True, linear_lambda=0.1).fit(holes, Y)
    values = np.asarray(booster.predict(holes))
    booster.model_.save(tmp_path / "lines.automill")
    loaded = automill.load(tmp_path / "lines.automill")
    assert np.array_equal(loaded.predict(holes), values)
    assert np.array_equal(np.ravel([loaded.row_predictor()(row) for row in holes.to_dict("records")]), values)


def test_classes_and_missing_values() -> None:
    labels = np.where(Y > 2, "high", "low")
    classifier = GradientBoostingClassifier(n_estimators=20, linear_tree=True, linear_lambda=1).fit(X, labels)
    assert np.mean(classifier.predict(X) == labels) > 0.95
    assert np.isfinite(np.asarray(classifier.predict_proba(X * np.nan))).all()


def test_what_is_refused_is_named() -> None:
    with pytest.raises(AutoMillError, match="gradient_boosting.monotone_constraints.*fit.linear_tree"):
        GradientBoosting(linear_tree=True, monotone_constraints={"a": 1}).fit(X, Y)


def test_contributions_sum_to_predictions() -> None:
    holes = X.mask(RANDOM.random(X.shape) < 0.1)
    model = GradientBoosting(n_estimators=15, linear_tree=True).fit(holes, Y).model_
    values, rows = np.asarray(model.predict(holes)), holes[:50]
    for background in (None, holes[50:90]):
        parts = model.predict_contributions(rows, background)
        assert np.allclose(parts.sum(axis=1), values[:50], rtol=1e-9, atol=1e-9)
    interactions = np.asarray(model.predict_interactions(rows))
    assert np.allclose(interactions.sum(axis=2), np.asarray(model.predict_contributions(rows))[:, :-1], rtol=1e-9, atol=1e-9)
