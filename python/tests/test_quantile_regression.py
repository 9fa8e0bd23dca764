"""Linear quantiles from Python: the class in scikit-learn's shape, several levels, and objectives of scikit-learn where it is there."""
from __future__ import annotations

import numpy as np
import pytest

import automill
from automill import QuantileRegression, QuantileRegressor

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 4))
Y = X @ np.array([1.0, -0.5, 0.2, 0]) + 0.5 * RANDOM.normal(size=200)


def test_the_shape_is_the_learner() -> None:
    values = QuantileRegression(quantile=0.8).fit(X, Y, task="regression").predict(X)
    assert np.array_equal(QuantileRegressor(quantile=0.8).fit(X, Y).predict(X), values)
    assert abs(np.mean(Y <= np.asarray(values) + 1e-6) - 0.8) < 0.03


def test_quantiles_stand_side_by_side() -> None:
    bounds = np.asarray(QuantileRegression(quantiles=[0.1, 0.5, 0.9]).fit(X, Y, task="regression").predict(X))
    assert bounds.shape == (200, 3) and np.all(np.diff(bounds, axis=1) >= 0)


def test_objectives_of_scikit_learn() -> None:
    pytest.importorskip("sklearn")
    from sklearn.linear_model import QuantileRegressor as Peer

    def objective(predicted: np.ndarray, weights: np.ndarray) -> float:
        rest = Y - predicted
        return float(np.mean(np.where(rest > 0, 0.3 * rest, -0.7 * rest)) + 0.02 * np.sum(np.abs(weights)))

    peer = Peer(quantile=0.3, alpha=0.02, solver="highs").fit(X, Y)
    own = QuantileRegression(quantile=0.3, alpha=0.02, standardize=False).fit(X, Y, task="regression")
    weights = np.array([each.values[0] for each in own.coefficients().features])
    assert objective(np.asarray(own.predict(X)), weights) <= objective(peer.predict(X), peer.coef_) * (1 + 1e-6)


def test_train_tries_it_where_it_is_named() -> None:
    data = {"a": X[:, 0], "b": X[:, 1], "y": Y}
    model = automill.train([dict(zip(data, row)) for row in zip(*data.values())], "y", include=["baseline", "quantile_regression"], max_trials=2, folds=3, threads=1, progress="none")
    families = {row["family"]: row for row in model.leaderboard()}
    assert families["quantile_regression"]["validation_score"] < 0.8 * families["baseline"]["validation_score"]
