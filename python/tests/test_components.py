"""Learners, transformers and pipelines by themselves."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import automill
from automill import AutoMillError, ColumnTransformer, Impute, Logistic, OneHot, Pipeline, Ridge, Scale, TransformerPipeline, columns_of, cross_validate


def linear(task: str) -> Pipeline:
    return Pipeline(automill.DatetimeParts(), Impute(), OneHot(), Scale(), Ridge() if task == "regression" else Logistic())


def test_declared_parameters() -> None:
    ridge = Ridge(alpha=2)
    assert ridge.alpha == 2 and ridge.get_params() == {"alpha": 2.0, "standardize": True}
    assert repr(ridge) == "Ridge(alpha=2)" and repr(Ridge()) == "Ridge()"
    with pytest.raises(AutoMillError) as caught:
        Ridge(alpa=1, standardize=3)
    assert {fault.code for fault in caught.value.faults} == {"parameter.unknown", "parameter.wrong_type"}
    assert ridge.set_params(alpha=None).alpha is None
    with pytest.raises(AutoMillError):
        ridge.set_params(alpha=-1)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_pipeline(task: str, make_table: Any, tmp_path: Path) -> None:
    frame = make_table(task)
    pipeline = linear(task).fit(frame, "y")
    predicted = pipeline.predict(frame)
    assert isinstance(predicted, pd.Series) and predicted.index.equals(frame.index)
    assert (predicted == frame["y"]).mean() > 0.7 if task != "regression" else np.corrcoef(predicted, frame["y"])[0, 1] > 0.9
    pipeline.save(tmp_path / "pipeline.automill")
    assert automill.load(tmp_path / "pipeline.automill").predict(frame).equals(predicted)
    again = linear(task).fit(frame.drop(columns="y"), frame["y"])
    assert again.predict(frame).tolist() == predicted.tolist()


def test_steps_and_names() -> None:
    pipeline = Pipeline(("fill", Impute()), Scale(), Scale(), Ridge(alpha=1.0))
    assert [name for name, _ in pipeline.steps] == ["fill", "scale", "scale_2", "ridge"]
    assert pipeline.get_params()["ridge.alpha"] == 1.0
    changed = pipeline.with_params({"ridge.alpha": 0.5, "fill.numeric": "mean"})
    assert changed.get_params()["ridge.alpha"] == 0.5 and changed.get_params()["fill.numeric"] == "mean" and pipeline.get_params()["ridge.alpha"] == 1.0
    assert "fill" in str(pipeline) and "ridge" in str(pipeline) and str(pipeline).startswith("pipeline")
    with pytest.raises(AutoMillError) as caught:
        pipeline.set_params(**{"rigde.alpha": 1})
    assert "ridge" in caught.value.hint
    for wrong in ((), (Impute(),), (Ridge(), Impute()), (Impute(), 3)):
        with pytest.raises(AutoMillError):
            Pipeline(*wrong)
    assert [name for name, _ in Pipeline([("a", Impute()), ("b", Ridge())]).steps] == ["a", "b"]


def test_column_transformer(make_table: Any) -> None:
    frame = make_table("regression")
    columns = ColumnTransformer([("numbers", TransformerPipeline(Impute(indicators="never"), Scale()), columns_of("number")), ("jobs", OneHot(), ["job"])], remainder="drop")
    out = columns.fit_transform(frame.drop(columns="y"))
    assert isinstance(out, pd.DataFrame) and out.index.equals(frame.index)
    assert list(out.columns)[:2] == ["age", "visits"] and any(name.startswith("job=") for name in out.columns) and "since" not in out.columns
    assert abs(out["visits"].mean()) < 1e-9
    pd.testing.assert_frame_equal(columns.transform(frame), out)
    pipeline = Pipeline(columns, Ridge()).fit(frame, "y")
    assert np.corrcoef(pipeline.predict(frame), frame["y"])[0, 1] > 0.85
    with pytest.raises(AutoMillError) as caught:
        Pipeline(ColumnTransformer([("a", Impute(), ["aeg"])]), Ridge()).fit(frame, "y")
    assert "age" in caught.value.hint
    with pytest.raises(AutoMillError):
        columns_of("numbr")


def test_transformers_keep_the_container() -> None:
    values = np.array([[1.0, np.nan], [3.0, 4.0]])
    out = Impute(indicators="never").fit_transform(values)
    assert isinstance(out, np.ndarray) and np.array_equal(out, [[1, 4], [3, 4]])
    frame = Impute(indicators="never").fit_transform(pl.DataFrame({"a": [1.0, None, 2.0], "b": ["x", None, "y"]}))
    assert isinstance(frame, pl.DataFrame) and frame["a"].to_list() == [1, 1.5, 2]
    with pytest.raises(AutoMillError) as caught:
        Scale().transform(values)
    assert caught.value.code == "model.not_fitted"


def test_learner_says_what_it_cannot_take(make_table: Any) -> None:
    with pytest.raises(AutoMillError) as caught:
        Ridge().fit(make_table("regression"), "y")
    assert "fit.categories" in {fault.code for fault in caught.value.faults}
    with pytest.raises(AutoMillError) as caught:
        Ridge().predict([[1]])
    assert caught.value.code == "model.not_fitted"


def test_cross_validate(make_table: Any) -> None:
    frame = make_table("binary").assign(y=lambda f: f["y"].where(f.index != 5))
    result = cross_validate(linear("binary"), frame, "y", folds=4, metric="accuracy")
    assert len(result.fold_scores) == 4 and result.mean == pytest.approx(np.mean(result.fold_scores)) and float(result) == result.mean and result.low <= result.mean <= result.high
    assert result.predictions.shape == (400, 2) and result.fold[5] == -1 and np.isnan(result.predictions[5]).all() and set(result.fold) == {-1, 0, 1, 2, 3}
    guessed = np.array(result.classes)[result.predictions.argmax(axis=1)]
    hits = [(guessed == frame["y"])[result.fold == k].mean() for k in range(4)]
    assert hits == pytest.approx(result.fold_scores)
    shuffled = cross_validate(linear("binary"), frame.sample(frac=1, random_state=1), "y", folds=4, metric="accuracy")
    assert shuffled.mean == pytest.approx(result.mean, abs=1e-9)  # folds by content
    groups = np.arange(400) // 10
    grouped = cross_validate(linear("binary"), frame.fillna({"y": "low"}), "y", folds=4, groups=groups)
    assert all(len(set(grouped.fold[groups == group])) == 1 for group in range(40))
    with pytest.raises(AutoMillError):
        cross_validate(Impute(), frame, "y")


def test_symmetric_trees_have_defaults_of_their_own() -> None:
    booster = automill.GradientBoosting.symmetric(n_estimators=20)
    parameters = booster.get_params()
    assert (parameters["growth"], parameters["n_estimators"], parameters["learning_rate"], parameters["max_cat_to_onehot"]) == ("symmetric", 20, None, 16)
    x = [[float(i % 7), float(i % 5)] for i in range(200)]
    y = ["yes" if i % 7 > 3 else "no" for i in range(200)]
    assert list(booster.fit(x, y).predict(x)) == y
    classifier = automill.GradientBoostingClassifier.symmetric(n_estimators=20, random_state=1)
    assert classifier.random_state == 1 and list(classifier.fit(x, y).predict(x)) == y
