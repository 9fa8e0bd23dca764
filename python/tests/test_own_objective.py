"""Losses of the user's own for boosting: known losses as functions against the built-in ones, names, errors, exceptions."""
from __future__ import annotations

import functools
import json
import os
import pickle
import signal
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import automill
from automill import AutoMillError, GradientBoosting, GradientBoostingClassifier, GradientBoostingRegressor, Impute, OwnObjective, Pipeline, cross_validate
from automill.components import component_from

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(400, 4))
SIGNAL = X[:, 0] + np.sin(2 * X[:, 1]) + RANDOM.normal(0, 0.3, 400)
WEIGHTS = RANDOM.integers(1, 4, 400)
TWO = np.where(SIGNAL > 0.3, "yes", "no")
THREE = np.select([SIGNAL > 0.7, SIGNAL < -0.7], ["high", "low"], "middle")
FAST: dict[str, Any] = {"n_estimators": 20, "num_leaves": 7}


def squared(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return y_pred - y_true, np.ones_like(y_pred)


def logistic(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p = 1 / (1 + np.exp(-y_pred))
    return p - y_true, p * (1 - p)


def softmax(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As LightGBM has it: (rows, classes), with the factor K / (K - 1) of its own softmax."""
    e = np.exp(y_pred - y_pred.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    classes = y_pred.shape[1]
    return p - np.eye(classes)[y_true.astype(int)], classes / (classes - 1) * p * (1 - p)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_squared_error_gives_the_bits_of_the_built_in_one(weights: Any) -> None:
    built_in = GradientBoostingRegressor(**FAST).fit(X, SIGNAL, weights).predict(X)
    for booster in (GradientBoostingRegressor(objective=squared, **FAST), GradientBoosting(objective=OwnObjective(squared), **FAST)):
        assert np.array_equal(booster.fit(X, SIGNAL, weights).predict(X), built_in)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("labels, function", [(TWO, logistic), (THREE, softmax)])
def test_classes_agree_with_the_built_in_losses(labels: Any, function: Any, weights: Any) -> None:
    built_in = GradientBoostingClassifier(**FAST).fit(X, labels, weights)
    own = GradientBoostingClassifier(objective=function, **FAST).fit(X, labels, weights)
    assert own.classes_.tolist() == built_in.classes_.tolist()
    # NumPy's exp has other last bits, and gradients are integers of 2^-31 of their sum: 20 rounds of 400 rows x 2^-31
    assert np.abs(own.predict_proba(X) - built_in.predict_proba(X)).max() < 1e-5


def test_what_the_function_sees() -> None:
    seen: list[tuple[Any, Any]] = []

    def spy(y_true: Any, y_pred: Any) -> Any:
        seen.append((y_true, y_pred))
        return (softmax if y_pred.ndim == 2 else squared)(y_true, y_pred)

    GradientBoosting(objective=spy, n_estimators=3).fit(X, SIGNAL)
    assert len(seen) == 3 and np.array_equal(seen[0][0], SIGNAL)
    assert np.allclose(seen[0][1], SIGNAL.mean(), rtol=1e-12) and seen[1][1].shape == (400,)
    seen.clear()
    booster = GradientBoosting(objective=spy, n_estimators=3).fit(X, THREE)
    truth, scores = seen[0]
    assert len(seen) == 3 and scores.shape == (400, 3) and np.array_equal(booster.classes_[truth.astype(int)], THREE)
    shares = np.log([(THREE == name).mean() for name in booster.classes_])
    assert np.allclose(scores, shares, rtol=1e-12)
    seen.clear()
    booster = GradientBoosting(objective=spy, n_estimators=1).fit(X, TWO)
    truth, scores = seen[0]
    share = (TWO == booster.model_.positive_class).mean()
    assert np.array_equal(truth == 1, TWO == booster.model_.positive_class) and np.allclose(scores, np.log(share / (1 - share)), rtol=1e-12)


def test_a_third_parameter_gets_the_weights() -> None:
    seen = []

    def weighted(y_true: Any, y_pred: Any, weight: Any) -> Any:
        seen.append(weight)
        return (y_pred - y_true) * (1 if weight is None else weight), np.ones_like(y_pred) if weight is None else weight

    built_in = GradientBoostingRegressor(**FAST).fit(X, SIGNAL, WEIGHTS).predict(X)
    assert np.array_equal(GradientBoostingRegressor(objective=weighted, **FAST).fit(X, SIGNAL, WEIGHTS).predict(X), built_in)
    assert np.array_equal(seen[0], WEIGHTS)
    GradientBoostingRegressor(objective=weighted, **FAST).fit(X, SIGNAL)
    assert seen[-1] is None

    def scaled(y_true: Any, y_pred: Any, scale: float = 1.0) -> Any:  # a parameter with a default is the user's own
        return scale * (y_pred - y_true), np.full_like(y_pred, scale)

    for function in (scaled, functools.partial(weighted, weight=None)):
        assert np.array_equal(GradientBoostingRegressor(objective=function, **FAST).fit(X, SIGNAL, WEIGHTS).predict(X), built_in)


def test_weights_are_like_repeated_rows() -> None:
    codes = np.column_stack([np.arange(400) % 10, np.arange(400) // 10 % 3]).astype(float)
    again = np.repeat(np.arange(400), WEIGHTS)
    parameters: dict[str, Any] = {"n_estimators": 30, "num_leaves": 6, "min_child_samples": 0}
    for target, function in ((codes[:, 1] + SIGNAL, squared), (THREE, softmax)):
        a = GradientBoosting(objective=function, **parameters).fit(codes, target, WEIGHTS)
        b = GradientBoosting(objective=function, **parameters).fit(codes[again], target[again])
        values = [m.predict_proba(codes) if function is softmax else m.predict(codes) for m in (a, b)]
        # the same trees, whose sums were rounded to other units: 30 rounds of 800 rows x 2^-30
        assert np.abs(values[0] - values[1]).max() < 1e-4


def test_threads_change_no_bit() -> None:
    first, *others = (GradientBoosting(objective=softmax, **FAST).fit(X, THREE, threads=threads).predict_proba(X) for threads in (1, 2, 7))
    for other in others:
        assert np.array_equal(first, other)
    one, seven = (cross_validate(GradientBoosting(objective=softmax, **FAST), X, THREE, folds=4, threads=threads) for threads in (1, 7))
    assert np.array_equal(one.predictions, seven.predictions)


def test_one_call_at_a_time() -> None:
    inside = threading.Lock()

    def alone(y_true: Any, y_pred: Any) -> Any:
        assert inside.acquire(blocking=False)
        time.sleep(0.001)  # another thread may run
        inside.release()
        return squared(y_true, y_pred)

    result = cross_validate(GradientBoosting(objective=alone, **FAST), X, SIGNAL, folds=6, threads=6)
    assert result.mean == cross_validate(GradientBoosting(**FAST), X, SIGNAL, folds=6).mean


def test_an_own_loss_and_base_score() -> None:
    own = OwnObjective(squared, loss=lambda y_true, y_pred: (y_pred - y_true) ** 2)
    plain = {"n_estimators": 300, "early_stopping_rounds": 5}
    expected = cross_validate(GradientBoosting(**plain), X, SIGNAL, folds=3)
    assert cross_validate(GradientBoosting(objective=own, **plain), X, SIGNAL, folds=3).mean == expected.mean
    never = OwnObjective(squared, loss=lambda y_true, y_pred: np.abs(y_pred - 1e6 * np.sign(y_pred)))
    assert cross_validate(GradientBoosting(objective=never, **plain), X, SIGNAL, folds=3).mean != expected.mean

    def poisson(y_true: Any, y_pred: Any) -> Any:
        return np.exp(y_pred) - y_true, np.exp(y_pred)

    # a full step from score 0 on a column of two values: (sum of y - rows) / rows
    column, counts = np.array([[0.0]] * 3 + [[1.0]] * 3), np.array([1, 2, 6, 0, 1, 0.5])
    step = GradientBoosting(objective=OwnObjective(poisson, base_score=0), n_estimators=1, learning_rate=1, min_child_samples=1)
    assert step.fit(column, counts, task="regression").predict(column)[[0, 3]] == pytest.approx([2, -0.5], abs=1e-7)  # gradients have about 30 bits


def test_names_and_copies(tmp_path: Path) -> None:
    booster = GradientBoostingRegressor(objective=squared, **FAST)
    assert booster.get_params()["objective"] is squared and booster.objective is squared
    assert repr(booster) == "GradientBoostingRegressor(n_estimators=20, num_leaves=7, objective=squared)"
    assert repr(GradientBoosting(objective=OwnObjective(lambda y, p: None, name="mine"))) == "GradientBoosting(objective=OwnObjective(mine))"
    assert OwnObjective(lambda y, p: None).name == OwnObjective(functools.partial(squared)).name == "objective"
    assert booster.structure()["parameters"]["objective"] == "own: squared"
    for copy in (clone(booster), booster.with_params({"n_estimators": 20}), pickle.loads(pickle.dumps(booster)), clone(booster).set_params(num_leaves=7)):
        assert copy.objective is squared
        assert np.array_equal(copy.fit(X, SIGNAL).predict(X), booster.fit(X, SIGNAL).predict(X))
    assert booster.set_params(objective=logistic).objective is logistic
    assert booster.set_params(objective="huber").objective == "huber" and booster.structure()["parameters"]["objective"] == "huber"
    assert booster.with_params({"objective": squared}).objective is squared

    fitted = GradientBoostingRegressor(objective=squared, **FAST).fit(X, SIGNAL)
    fitted.save(tmp_path / "own.automill")
    assert np.array_equal(automill.load(tmp_path / "own.automill").predict(X), fitted.predict(X))


def test_in_a_pipeline() -> None:
    pipeline = Pipeline(Impute(), GradientBoosting(objective=squared, **FAST))
    expected = GradientBoosting(**FAST).fit(X, SIGNAL).predict(X)
    assert pipeline.get_params()["gradient_boosting.objective"] is squared
    for each in (pipeline, clone(pipeline), pipeline.with_params({"impute.numeric": "mean"})):
        assert np.array_equal(each.fit(X, SIGNAL).predict(X), expected)
    named = pipeline.with_params({"gradient_boosting.objective": "fair"})
    assert named.get_params()["gradient_boosting.objective"] == "fair"
    assert named.set_params(**{"gradient_boosting.objective": squared}).get_params()["gradient_boosting.objective"] is squared


def test_parameters_as_data_do_not_hold_the_function() -> None:
    read = component_from(json.loads(json.dumps(GradientBoosting(objective=squared).structure())))
    assert repr(read) == "GradientBoosting(objective='own: squared')"
    with pytest.raises(AutoMillError) as caught:
        read.fit(X, SIGNAL)
    assert caught.value.code == "fit.objective_missing" and "own: squared" in str(caught.value)
    with pytest.raises(AutoMillError) as caught:
        automill.Logistic(penalty=squared)
    assert caught.value.code in ("value.wrong_type", "parameter.unknown")


def test_an_exception_reaches_the_caller_with_its_traceback() -> None:
    class MyError(Exception):
        pass

    raised = []

    def broken(y_true: Any, y_pred: Any) -> Any:
        raised.append(MyError("mine"))
        raise raised[-1] from KeyError("cause")

    booster = GradientBoosting(objective=broken)
    loss = OwnObjective(squared, loss=broken)
    for fit in (lambda: booster.fit(X, SIGNAL), lambda: booster.fit(X, SIGNAL, threads=1), lambda: cross_validate(booster, X, SIGNAL, folds=3, threads=3), lambda: cross_validate(GradientBoosting(objective=loss), X, SIGNAL, folds=3)):
        with pytest.raises(MyError) as caught:
            fit()
        assert caught.value in raised and isinstance(caught.value.__cause__, KeyError)
        assert "broken" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_ctrl_c_ends_a_fit() -> None:
    calls = []

    def interrupted(y_true: Any, y_pred: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        return squared(y_true, y_pred)

    with pytest.raises(KeyboardInterrupt):
        GradientBoosting(objective=interrupted, n_estimators=10_000).fit(X, SIGNAL)
    assert 3 <= len(calls) < 1000


def test_results_that_are_not_allowed() -> None:
    def fault(function: Any, target: Any = SIGNAL) -> str:
        with pytest.raises(AutoMillError) as caught:
            GradientBoosting(objective=OwnObjective(function, name="mine")).fit(X, target)
        return str(caught.value)

    def with_cell(row: int, gradient: float, hessian: float) -> Any:
        def function(y_true: Any, y_pred: Any) -> Any:
            gradients, hessians = squared(y_true, y_pred)
            gradients[row], hessians[row] = gradient, hessian
            return gradients, hessians

        return function

    assert fault(with_cell(7, np.nan, 1)) == "round 1, row 7: 'mine' gave the gradient NaN: it must be finite (keep exponents and divisors in bounds) [fit.objective_value]"
    assert fault(with_cell(7, 0, -2)).startswith("round 1, row 7: 'mine' gave the Hessian -2: it must be finite and not negative")
    assert fault(lambda y, p: (p - y, 0 * p)).startswith("round 1: 'mine' gave Hessians that are all 0")
    assert fault(lambda y, p: None) == "objective: 'mine' gave NoneType where (gradients, Hessians) are needed [fit.objective_shape]"
    assert fault(lambda y, p: (p[:-1], p)) == "objective: 'mine' gave gradients of shape (399,) where (400,) is needed [fit.objective_shape]"
    assert fault(lambda y, p: (p, p.ravel()), THREE) == "objective: 'mine' gave Hessians of shape (1200,) where (400, 3) is needed [fit.objective_shape]"
    assert fault(lambda y, p: (p, 1.0)) == "objective: 'mine' gave Hessians of shape () where (400,) is needed [fit.objective_shape]"
    assert fault(lambda y, p: (["a"] * len(p), p)) == "objective: 'mine' gave gradients that are not numbers [fit.objective_shape]"
    assert GradientBoosting(objective=lambda y, p: (list(p - y), np.ones(len(p), dtype="float32")), **FAST).fit(X, SIGNAL).predict(X).shape == (400,)
    for wrong in (lambda: OwnObjective(3), lambda: OwnObjective(squared, loss=3)):
        with pytest.raises(AutoMillError) as caught:
            wrong()
        assert caught.value.code == "option.wrong_type"
