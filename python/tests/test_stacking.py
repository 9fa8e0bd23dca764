"""Stacking by its Python classes."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automill
from automill import AutoMillError, GradientBoosting, Impute, Logistic, OneHot, Pipeline, RandomForest, Ridge, Stacking, StackingClassifier, StackingRegressor


def people(rows: int = 300) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"age": generator.normal(size=rows), "job": generator.choice(["nurse", "clerk"], size=rows)})
    frame["income"] = np.where(frame["age"] + (frame["job"] == "nurse") + 0.5 * generator.normal(size=rows) > 0.5, "high", "low")
    return frame


def members() -> list:
    return [GradientBoosting(n_estimators=20), ("linear", Pipeline(Impute(), OneHot(), Logistic()))]


def test_fit_predict_save(tmp_path: Path) -> None:
    frame = people()
    learner = Stacking(estimators=members(), passthrough=True, final_estimator=RandomForest(n_estimators=20), folds=3)
    predicted = learner.fit(frame, "income").predict(frame)
    assert (predicted == frame["income"]).mean() > 0.8
    learner.save(tmp_path / "stacked.automill")
    assert automill.load(tmp_path / "stacked.automill").predict(frame).equals(predicted)
    assert "linear: pipeline" in str(learner) and "final_estimator: random_forest" in str(learner)
    assert automill.cross_validate(Stacking(estimators=members()), frame, "income", folds=3).mean > 0.8


def test_parameters() -> None:
    learner = Stacking(estimators=members(), final_estimator=Logistic())
    changed = learner.with_params({"linear.logistic.c": 3, "gradient_boosting.n_estimators": 7, "folds": 4})
    assert [name for name, _ in changed.estimators] == ["gradient_boosting", "linear"]
    assert changed.estimators[0][1].n_estimators == 7 and changed.folds == 4 and learner.folds == 5
    assert changed.estimators[1][1].get_params()["logistic.c"] == 3
    assert changed.structure() == automill.components.component_from(changed.structure()).structure()


def test_as_scikit_learns() -> None:
    from sklearn.base import clone

    frame = people()
    X, y = frame[["age", "job"]], frame["income"]
    classifier = clone(StackingClassifier(estimators=members(), folds=3, random_state=1)).fit(X, y)
    assert classifier.score(X, y) > 0.8 and classifier.predict_proba(X).shape == (300, 2)
    regressor = StackingRegressor(estimators=[GradientBoosting(n_estimators=20), RandomForest(n_estimators=20)]).fit(X, 3 * frame["age"])
    assert regressor.score(X, 3 * frame["age"]) > 0.9


@pytest.mark.parametrize(
    ("parameters", "target", "code", "words"),
    [
        ({"final_estimator": Ridge()}, "income", "fit.task", "stacking.final_estimator"),
        ({"estimators": [Logistic()]}, "age", "fit.task", "stacking.logistic"),
        ({"estimators": ["ridge"]}, "age", "parameter.wrong_type", "stacking.estimators"),
        ({"estimators": [("a.b", Ridge())]}, "age", "parameter.name", "a.b"),
    ],
)
def test_what_is_refused(parameters: dict, target: str, code: str, words: str) -> None:
    with pytest.raises(AutoMillError) as caught:
        Stacking(**parameters).fit(people().assign(height=np.arange(300.0))[["height", target]], target)
    assert caught.value.code == code and words in str(caught.value)
