"""Models that can be read: the preset glass_box, decision trees, coefficients, rules; and students of ensembles."""
from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import automill
from automill import AutoMillError


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = 600
    frame = pd.DataFrame({"size": random.normal(size=rows), "age": random.uniform(18, 80, rows), "kind": random.choice(["a", "b", "c"], rows)})
    frame["price"] = 3 * frame["size"] + frame["age"] / 10 + 2 * (frame["kind"] == "b") + 0.3 * random.normal(size=rows)
    frame["dear"] = np.where(frame["price"] > 6, "yes", "no")
    return frame


def test_glass_box_is_one_model_as_data(frame: pd.DataFrame) -> None:
    kinds = {"ridge": "coefficients", "decision_tree": "rules", "explainable_boosting": "shapes"}
    for family, method in kinds.items():
        model = automill.train(frame.drop(columns="dear"), "price", preset="glass_box", max_trials=2, include=[family], threads=1, folds=3)
        assert len(model.recipe()["members"]) == 1 and "glass box: " in str(model) and f"{method}()" in str(model)
        assert getattr(model, method)()
        for other in set(kinds.values()) - {method}:
            with pytest.raises(AutoMillError, match=f"explain.{other}"):
                getattr(model, other)()


def test_coefficients_add_up_to_the_prediction(frame: pd.DataFrame) -> None:
    rows = frame.drop(columns=["dear", "price"])
    model = automill.train(frame.drop(columns="dear"), "price", preset="glass_box", max_trials=1, include=["ridge"], threads=1, folds=3)
    found = model.coefficients()
    features = {each.feature: each.values[0] for each in found.features}
    wanted = found.intercepts[0] + sum(value * (rows[name] if name in rows else rows[name.split("=")[0]] == name.split("=")[1]) for name, value in features.items())
    np.testing.assert_allclose(np.asarray(model.predict(rows)), wanted, rtol=0, atol=1e-9)
    assert abs(features["size"] - 3) < 0.1 and {each.column for each in found.features} == {"size", "age", "kind"}


def test_rules_are_text_and_data(frame: pd.DataFrame) -> None:
    rows = frame[["age"]]
    model = automill.DecisionTreeClassifier(max_leaf_nodes=4, random_state=1).fit(rows, frame["dear"])
    tree = model.rules()
    assert tree.outputs == ["yes"] or tree.outputs == ["no"]
    assert str(tree) == tree.text and tree.text.startswith("if age <= ")
    assert sum(rule.rows for rule in tree.rules) == len(rows)
    place = list(model.classes_).index(tree.outputs[0])
    got = np.asarray(model.predict_proba(rows))[:, place]
    wanted = np.full(len(rows), np.nan)
    for rule in tree.rules:
        holds = np.ones(len(rows), dtype=bool)
        for condition in rule.conditions:
            column, sign, threshold = condition.removesuffix(" or missing").split(" ")
            holds &= (rows[column] <= float(threshold)) if sign == "<=" else (rows[column] > float(threshold))
        wanted[holds] = rule.prediction[0]
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.01, 0.1, 1.0])
def test_pruning_is_that_of_scikit_learn(alpha: float) -> None:
    """Training predictions of the same splits: few values, each of many rows, are bins of their own."""
    tree = pytest.importorskip("sklearn.tree")
    random = np.random.default_rng(3)
    x = random.integers(0, 16, size=(600, 3)).astype(float)
    y = x[:, 0] / 4 + np.sin(x[:, 1] / 2) + 0.5 * random.normal(size=600)
    own = automill.DecisionTreeRegressor(max_leaf_nodes=None, min_samples_leaf=4, ccp_alpha=alpha).fit(x, y)
    peer = tree.DecisionTreeRegressor(min_samples_leaf=4, ccp_alpha=alpha, random_state=0).fit(x, y)
    np.testing.assert_allclose(np.asarray(own.predict(x)), peer.predict(x), rtol=0, atol=1e-9)
    labels = np.where(y > np.median(y), "a", "b")
    own = automill.DecisionTreeClassifier(max_leaf_nodes=None, min_samples_leaf=4, ccp_alpha=0.004 + alpha / 20, prior_weight=0.0).fit(x, labels)
    peer = tree.DecisionTreeClassifier(min_samples_leaf=4, ccp_alpha=0.004 + alpha / 20, random_state=0).fit(x, labels)
    np.testing.assert_allclose(np.asarray(own.predict_proba(x)), peer.predict_proba(x), rtol=0, atol=1e-9)


def test_a_student_is_a_model_with_its_own_score(frame: pd.DataFrame) -> None:
    model = automill.train(frame.drop(columns="price"), "dear", max_trials=4, threads=1, folds=3)
    student = model.distill()
    assert [member["name"] for member in student.recipe()["members"]] == [member["name"] for member in model.recipe()["members"]]
    board: Any = student.leaderboard().to_pandas().set_index("name")
    assert board.loc["student", "status"] == "member" and board.loc["student", "validation_score"] == float(student.validation_score)
    agree = np.mean(np.asarray(student.predict(frame)) == np.asarray(model.predict(frame)))
    assert agree > 0.95
    with pytest.raises(AutoMillError, match="model.not_distilled"):
        student.distill()
