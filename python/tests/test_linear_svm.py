"""Linear support vector machines from Python: the classes in scikit-learn's shape, and objectives of scikit-learn where it is there."""
from __future__ import annotations

import numpy as np
import pytest

import automill
from automill import AutoMillError, LinearSVM, LinearSVMClassifier, LinearSVMRegressor

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 4))
Y = X @ np.array([1.0, -0.5, 0.2, 0]) + 0.5 * RANDOM.normal(size=200)


def test_the_shapes_are_the_learner() -> None:
    values = LinearSVM().fit(X, Y, task="regression").predict(X)
    assert np.array_equal(LinearSVMRegressor().fit(X, Y).predict(X), values)
    assert np.corrcoef(values, Y)[0, 1] > 0.8
    classifier = LinearSVMClassifier(loss="hinge", C=0.5).fit(X, np.where(Y > 0, "high", "low"))
    assert classifier.classes_.tolist() == ["high", "low"]
    shares = classifier.predict_proba(X)
    assert np.allclose(shares.sum(axis=1), 1)
    assert np.mean((shares[:, 0] > 0.5) == (Y > 0)) > 0.8
    with pytest.raises(AutoMillError, match="fit.loss"):
        LinearSVMClassifier(loss="epsilon_insensitive").fit(X, Y > 0)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_sparse_columns_give_what_dense_ones_give(loss: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    words = np.where(RANDOM.uniform(size=(300, 600)) < 0.03, RANDOM.uniform(size=(300, 600)), 0)
    labels = words[:, :300].sum(axis=1) > words[:, 300:].sum(axis=1)
    given = {"loss": loss, "standardize": False, "tolerance": 1e-8}
    dense = LinearSVM(**given).fit(words, labels).predict_proba(words)
    assert np.allclose(LinearSVM(**given).fit(sparse.csr_matrix(words), labels).predict_proba(words), dense, atol=1e-3)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_objectives_of_scikit_learn(loss: str) -> None:
    pytest.importorskip("sklearn")
    from sklearn.svm import LinearSVC

    sign = np.where(Y > 0, 1.0, -1.0)

    def objective(weights: np.ndarray) -> float:
        beyond = np.maximum(0, 1 - sign * (X @ weights))
        return 0.5 * weights @ weights + 0.7 * np.sum(beyond if loss == "hinge" else beyond**2)

    peer = LinearSVC(loss=loss, C=0.7, fit_intercept=False, tol=1e-8, max_iter=1000000, dual=loss == "hinge").fit(X, sign)
    own = LinearSVM(loss=loss, C=0.7, fit_intercept=False, standardize=False, tolerance=1e-8).fit(X, sign)
    coefficients = own.coefficients()
    weights = np.array([each.values[0] for each in coefficients.features]) / own.report_["details"]["slope"]
    assert objective(weights) <= objective(peer.coef_[0]) * (1 + 1e-7)


def test_train_tries_it_where_it_is_named() -> None:
    data = {"a": X[:, 0], "b": X[:, 1], "y": Y}
    model = automill.train([dict(zip(data, row)) for row in zip(*data.values())], "y", include=["baseline", "linear_svm"], max_trials=2, folds=3, threads=1, progress="none")
    families = {row["family"]: row for row in model.leaderboard()}
    assert families["linear_svm"]["validation_score"] < 0.8 * families["baseline"]["validation_score"]
