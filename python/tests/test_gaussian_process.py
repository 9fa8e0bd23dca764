"""Gaussian processes from Python: the classes in scikit-learn's shape, quantiles, and values of scikit-learn where it is there."""
from __future__ import annotations

import numpy as np
import pytest

import automill
from automill import AutoMillError, GaussianProcess, GaussianProcessClassifier, GaussianProcessRegressor

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 3))
Y = np.sin(2 * X[:, 0]) + 0.3 * RANDOM.normal(size=120)


def test_the_shapes_are_the_learner() -> None:
    values = GaussianProcess().fit(X, Y, task="regression").predict(X)
    assert np.array_equal(GaussianProcessRegressor().fit(X, Y).predict(X), values)
    assert np.corrcoef(values, Y)[0, 1] > 0.9
    classifier = GaussianProcessClassifier().fit(X, np.where(Y > 0, "high", "low"))
    assert classifier.classes_.tolist() == ["high", "low"]
    shares = classifier.predict_proba(X)
    assert np.allclose(shares.sum(axis=1), 1)
    assert np.mean((shares[:, 0] > 0.5) == (Y > 0)) > 0.9


def test_quantiles_stand_side_by_side() -> None:
    bounds = GaussianProcess(quantiles=[0.1, 0.5, 0.9]).fit(X, Y, task="regression").predict(X)
    bounds = np.asarray(bounds)
    assert bounds.shape == (120, 3) and np.all(np.diff(bounds, axis=1) > 0)
    with pytest.raises(AutoMillError, match="fit.quantiles"):
        GaussianProcess(quantiles=[0.5]).fit(X, Y > 0)


def test_values_of_scikit_learn() -> None:
    pytest.importorskip("sklearn")
    from sklearn.gaussian_process import GaussianProcessRegressor as Peer
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    z, t = (X - X.mean(axis=0)) / X.std(axis=0), (Y - Y.mean()) / Y.std()
    kernel = ConstantKernel(1.5) * Matern(1.2, nu=2.5) + WhiteKernel(0.1)
    expected = Y.mean() + Y.std() * Peer(kernel, alpha=0, optimizer=None).fit(z, t).predict(z)
    own = automill.GaussianProcess(length_scale=1.2, signal=1.5, noise=0.1).fit(X, Y, task="regression").predict(X)
    assert np.allclose(own, expected, rtol=1e-9, atol=1e-9)


def test_train_tries_it_where_it_is_named() -> None:
    data = {"a": X[:, 0], "b": X[:, 1], "y": Y}
    model = automill.train([dict(zip(data, row)) for row in zip(*data.values())], "y", include=["baseline", "gaussian_process"], max_trials=2, folds=3, threads=1, progress="none")
    families = {row["family"]: row for row in model.leaderboard()}
    assert families["gaussian_process"]["validation_score"] < 0.7 * families["baseline"]["validation_score"]
