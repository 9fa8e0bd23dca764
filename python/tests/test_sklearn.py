"""The estimators behave as scikit-learn's do; scikit-learn itself is not needed."""
from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

import automill
from automill import AutoMLClassifier, AutoMLRegressor, AutoMillError

FAST = {"max_trials": 2, "time_limit": 10, "n_jobs": 2, "random_state": 0}


def numbers(rows: int = 150) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    X = random.normal(size=(rows, 4))
    return X, X[:, 0] + random.normal(0, 0.3, rows)


def test_classifier() -> None:
    X, signal = numbers()
    y = np.where(signal > 0, 10, 9)  # as text, "10" comes before "9"
    fitted = AutoMLClassifier(**FAST).fit(X, y)
    assert fitted.classes_.tolist() == [9, 10] and fitted.model_.positive_class == 10
    assert fitted.n_features_in_ == 4 and not hasattr(fitted, "feature_names_in_")
    probabilities = fitted.predict_proba(X)
    assert isinstance(probabilities, np.ndarray) and probabilities.shape == (150, 2)
    assert ((probabilities[:, 1] >= 0.5) == (fitted.predict(X) == 10)).all()
    assert fitted.score(X, y) > 0.7 and fitted.predict(X).dtype == y.dtype
    assert fitted.leaderboard_ and fitted.feature_importances_.shape == (4,) and fitted.feature_importances_.argmax() == 0


def test_columns_follow_sorted_classes() -> None:
    X, signal = numbers()
    y = np.select([signal > 0.5, signal < -0.5], ["b", "c"], "a")
    fitted = AutoMLClassifier(**FAST).fit(pd.DataFrame(X, columns=list("pqrs")), y)
    assert fitted.classes_.tolist() == ["a", "b", "c"] and fitted.feature_names_in_.tolist() == list("pqrs")
    probabilities = fitted.predict_proba(pd.DataFrame(X, columns=list("pqrs")))
    assert np.corrcoef(probabilities[:, 1], signal)[0, 1] > 0.5 > 0 > np.corrcoef(probabilities[:, 2], signal)[0, 1]


def test_regressor() -> None:
    X, y = numbers()
    fitted = AutoMLRegressor(**FAST).fit(X, y, sample_weight=np.ones(len(y)))
    assert isinstance(fitted.predict(X), np.ndarray) and fitted.score(X, y) > 0.5


def test_parameters_and_clone() -> None:
    estimator = AutoMLClassifier(time_limit=3, ignore=["a"], n_jobs=1)
    copy = clone(estimator)
    assert copy is not estimator and copy.get_params() == estimator.get_params()
    assert repr(AutoMLRegressor(time_limit=3)) == "AutoMLRegressor(time_limit=3)"
    assert estimator.set_params(seed=4).seed == 4
    with pytest.raises(AutoMillError) as caught:
        estimator.set_params(time_limt=4)
    assert "time_limit" in caught.value.hint
    assert is_classifier(estimator) and is_regressor(AutoMLRegressor())
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)
    with pytest.raises(NotFittedError):
        estimator.predict([[1]])


def test_options_are_refused_in_fit() -> None:
    X, y = numbers(60)
    with pytest.raises(AutoMillError) as caught:
        AutoMLRegressor(plan=True, time_limit=0).fit(X, y)
    assert (caught.value.code, caught.value.place) == ("option.contradiction", "plan")


def test_inside_scikit_learn() -> None:
    X, signal = numbers()
    y = signal > 0
    scores = cross_val_score(make_pipeline(StandardScaler(), AutoMLClassifier(**FAST)), X, y, cv=2, scoring="roc_auc")
    assert len(scores) == 2 and min(scores) > 0.7
    search = GridSearchCV(AutoMLRegressor(**FAST), {"max_trials": [1, 2]}, cv=2).fit(X, signal)
    assert search.best_params_["max_trials"] in (1, 2)
    pipeline = make_pipeline(StandardScaler(), AutoMLClassifier(**FAST)).fit(X, y)
    first = pipeline.predict_proba(X)
    assert np.array_equal(pipeline.fit(X, y).predict_proba(X), first)  # fitted again: the same


def test_without_scikit_learn() -> None:
    code = "import sys, numpy as np, automill; X = np.arange(200.).reshape(100, 2); automill.AutoMLRegressor(max_trials=1).fit(X, X[:, 0]).predict(X); print('sklearn' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "False"], done.stderr


def test_boosters() -> None:
    X, signal = numbers(300)
    y = np.where(signal > 0, "yes", "no")
    booster = automill.GradientBoostingClassifier(n_estimators=20, num_leaves=7, n_jobs=1, random_state=3).fit(X, y)
    assert booster.classes_.tolist() == ["no", "yes"] and booster.predict_proba(X).shape == (300, 2)
    assert (booster.predict(X) == y).mean() > 0.85
    copy = clone(booster)
    assert copy.get_params() == booster.get_params() and copy.n_estimators == 20
    weighted = clone(booster).fit(np.vstack([X, X[:20]]), np.concatenate([y, y[:20]]))
    assert weighted.predict(X).shape == (300,)
    regressor = automill.GradientBoostingRegressor(n_estimators=20).fit(X, signal)
    assert np.corrcoef(regressor.predict(X), signal)[0, 1] > 0.8
    with pytest.raises(AutoMillError) as caught:
        automill.GradientBoostingRegressor(n_estimator=3)
    assert "n_estimators" in caught.value.hint
