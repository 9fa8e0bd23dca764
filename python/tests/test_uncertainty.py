"""Intervals, quantiles and sets in the container of the rows; cost_matrix and monotone as Python gives them."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import automill
from automill import AutoMillError


@pytest.fixture(scope="module")
def new_rows(make_table: Any) -> pd.DataFrame:
    frame = make_table("binary", 60, seed=1).drop(columns="y")
    frame.index = pd.Index(range(1000, 1060), name="id")
    return frame


def refused(call: Any) -> AutoMillError:
    with pytest.raises(AutoMillError) as caught:
        call()
    return caught.value


def test_intervals(models: Any, new_rows: pd.DataFrame, tmp_path: Path) -> None:
    model = models["regression"]
    frame = model.predict_interval(new_rows, coverage=0.8)
    assert list(frame.columns) == ["low", "high"] and frame.index.equals(new_rows.index)
    assert (frame["low"] < frame["high"]).all()
    plain = new_rows.reset_index(drop=True)
    plain.to_csv(tmp_path / "rows.csv", index=False)
    for answer in (model.predict_interval(pl.from_pandas(plain), 0.8), model.predict_interval(pa.Table.from_pandas(plain), 0.8)):
        assert isinstance(answer, (pl.DataFrame, pa.Table))
        np.testing.assert_array_equal(answer["low"].to_numpy(), frame["low"])
    np.testing.assert_array_equal(model.predict_interval(tmp_path / "rows.csv", 0.8), frame.to_numpy())
    model.save(tmp_path / "m.automill")
    loaded = automill.load(tmp_path / "m.automill")
    pd.testing.assert_frame_equal(loaded.predict_interval(new_rows, 0.8), frame)
    one = loaded.row_predictor()
    for i, row in enumerate(plain.to_dict("records")[:10]):
        cells = {name: None if pd.isna(value) else value for name, value in row.items()}
        assert one.predict_interval(cells, 0.8) == (frame["low"].iloc[i], frame["high"].iloc[i])


def test_coverage_of_a_model(models: Any, make_table: Any) -> None:
    """Noise of standard deviation 5: the interval is near that of the normal distribution, and covers as it says."""
    fresh = make_table("regression", 3000, seed=2)
    for coverage, normal in ((0.8, 1.2816), (0.9, 1.6449)):
        frame = models["regression"].predict_interval(fresh.drop(columns="y"), coverage)
        inside = ((fresh["y"] >= frame["low"]) & (fresh["y"] <= frame["high"])).mean()
        assert abs(inside - coverage) < 0.05  # 400 held-out rows: a standard error of 2 points
        assert 2 * normal * 5 < (frame["high"] - frame["low"]).mean() < 2 * 2 * normal * 5


def test_quantiles(models: Any, new_rows: pd.DataFrame, make_table: Any, quick: Any) -> None:
    model = automill.train(make_table("regression"), "y", **quick, quantiles=[0.2, 0.9])
    frame = model.predict_quantiles(new_rows)
    assert list(frame.columns) == [0.2, 0.9] and frame.index.equals(new_rows.index)
    assert (frame[0.2] <= frame[0.9]).all()
    assert models["regression"].predict_quantiles(new_rows).columns.tolist() == [0.1, 0.5, 0.9]
    levels = np.linspace(0.02, 0.98, 49)
    matrix = model.predict_quantiles(new_rows.to_dict("records"), levels)
    assert matrix.shape == (60, 49) and (np.diff(matrix, axis=1) >= 0).all()
    interval = model.predict_interval(new_rows, 0.7)
    ends = model.predict_quantiles(new_rows, [(1 - 0.7) / 2, (1 + 0.7) / 2])
    np.testing.assert_array_equal(interval.to_numpy(), ends.to_numpy())
    assert isinstance(model.predict_quantiles(pl.from_pandas(new_rows)), pl.DataFrame)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_sets(models: Any, make_table: Any, task: str) -> None:
    model = models[task]
    fresh = make_table(task, 2000, seed=3)
    rows, truth = fresh.drop(columns="y"), fresh["y"]
    frame = model.predict_set(rows, coverage=0.95)
    assert list(frame.columns) == model.classes and frame.to_numpy().dtype == bool
    assert frame.any(axis=1).all()
    inside = frame.to_numpy()[np.arange(len(truth)), [model.classes.index(label) for label in truth]].mean()
    right = (model.predict_proba(rows).to_numpy().argmax(axis=1) == [model.classes.index(label) for label in truth]).mean()
    assert abs(inside - max(0.95, right)) < 0.04
    assert (model.predict_set(rows, 0.5).to_numpy() <= frame.to_numpy()).all()  # more coverage, larger sets
    array = model.predict_set(rows.to_dict("records"), 0.95)
    np.testing.assert_array_equal(array, frame.to_numpy())
    one = model.row_predictor()
    cells = {name: None if pd.isna(value) else value for name, value in rows.iloc[0].items()}
    assert one.predict_set(cells, 0.95) == [label for label in model.classes if frame[label].iloc[0]]


def test_wrong_calls(models: Any, new_rows: pd.DataFrame) -> None:
    error = refused(lambda: models["binary"].predict_interval(new_rows))
    assert error.code == "predict.wrong_kind" and "predict_set" in error.hint
    assert refused(lambda: models["multiclass"].predict_quantiles(new_rows)).code == "predict.wrong_kind"
    error = refused(lambda: models["regression"].predict_set(new_rows))
    assert error.code == "predict.wrong_kind" and "predict_interval" in error.hint
    for wrong in (0, 1, 90, -0.1, float("nan")):
        assert refused(lambda: models["regression"].predict_interval(new_rows, wrong)).code == "option.out_of_range"
        assert refused(lambda: models["regression"].predict_quantiles(new_rows, [0.5, wrong])).code == "option.out_of_range"
        assert refused(lambda: models["binary"].predict_set(new_rows, wrong)).code == "option.out_of_range"
    assert refused(lambda: models["regression"].predict_interval(new_rows, "0.9")).code == "option.wrong_type"
    assert refused(lambda: models["regression"].predict_interval(new_rows, 0.9999)).code == "predict.too_few_rows"
    name = models["regression"].member_names[0]
    assert refused(lambda: models["regression"].member(name).predict_interval(new_rows)).code == "model.no_intervals"


def test_quantiles_of_train_are_checked(make_table: Any) -> None:
    frame = make_table("regression", 60)
    for wrong, code in (([0.5, 1.0], "option.out_of_range"), ([0], "option.out_of_range"), ("0.5", "option.wrong_type"), ([None], "option.wrong_type")):
        assert refused(lambda: automill.train(frame, "y", quantiles=wrong, progress="none")).code == code
    assert refused(lambda: automill.train(make_table("binary", 60), "y", quantiles=[0.5], progress="none")).code == "option.contradiction"


def test_cost_matrix_in_every_form(make_table: Any, quick: Any, tmp_path: Path) -> None:
    frame, fresh = make_table("binary"), make_table("binary", 300, seed=4)
    costs = [[0, 8], [1, 0]]  # of 'high' taken for 'low', and of 'low' taken for 'high'
    forms = (costs, np.array(costs), {"high": {"high": 0, "low": 8}, "low": {"low": 0, "high": 1}}, pd.DataFrame([[0, 1], [8, 0]], ["low", "high"], ["low", "high"]))
    trained = [automill.train(frame, "y", **{**quick, "max_trials": 2}, cost_matrix=form) for form in forms]
    for model in trained:
        assert model.cost_matrix == [[0, 8], [1, 0]] and model.positive_class == "high"
        assert model.decision_threshold == pytest.approx(1 / 9)
        score = model.validation_score
        assert score.metric == "mean_cost" and not score.higher_is_better and score.value < 1
    model = trained[0]
    probabilities = model.predict_proba(fresh)[model.classes].to_numpy()
    expected = probabilities @ np.array(costs)
    assert model.predict(fresh).tolist() == [model.classes[k] for k in expected.argmin(axis=1)]
    evaluation = model.evaluate(fresh)
    paid = np.array(costs)[[model.classes.index(label) for label in fresh["y"]], expected.argmin(axis=1)].mean()
    assert evaluation["mean_cost"] == pytest.approx(paid)
    assert "labels of the least expected cost" in str(model) and "mean_cost" in str(model)
    model.save(tmp_path / "m.automill")
    again = automill.load(tmp_path / "m.automill")
    assert again.cost_matrix == model.cost_matrix and again.predict(fresh).equals(model.predict(fresh))
    assert again.refit(frame, threads=1).cost_matrix == model.cost_matrix
    with pytest.raises(AutoMillError):
        model.decision_threshold = 0.5
    assert automill.train(frame, "y", **{**quick, "max_trials": 1}).cost_matrix is None


def test_own_metric_sees_the_labels_of_least_cost(make_table: Any, quick: Any) -> None:
    frame = make_table("multiclass")
    model = automill.train(frame, "y", **{**quick, "max_trials": 2}, cost_matrix=[[0, 1, 1], [6, 0, 6], [1, 1, 0]])
    fresh = make_table("multiclass", 400, seed=5)
    share = automill.Metric(lambda y, p, w: float((p == "middle").mean()), higher_is_better=True, needs="labels", name="middles")
    assert model.evaluate(fresh, share)["middles"] == pytest.approx((model.predict(fresh) == "middle").mean())


@pytest.mark.parametrize(("costs", "code"), [
    ([[0, 1, 1], [1, 0, 1], [1, 1, 0]], "option.invalid"), ([[0, 1]], "option.invalid"), ([[0, -1], [1, 0]], "option.out_of_range"), ([[1, 0], [0, 1]], "option.invalid"),
    ([[0, float("nan")], [1, 0]], "option.out_of_range"), ("0,1;1,0", "option.wrong_type"), ([["a", 1], [1, 0]], "option.wrong_type"), (3, "option.wrong_type"),
    ({"high": {"high": 0}, "low": {"low": 0, "high": 1}}, "option.invalid"), ({"hihg": {"hihg": 0, "low": 1}, "low": {"low": 0, "hihg": 1}}, "option.unknown_choice"),
])
def test_bad_cost_matrices(make_table: Any, costs: Any, code: str) -> None:
    error = refused(lambda: automill.train(make_table("binary", 80), "y", cost_matrix=costs, progress="none", max_trials=1))
    assert error.faults[0].code == code and error.faults[0].place == "cost_matrix"


def test_monotone(make_table: Any, quick: Any) -> None:
    frame = make_table("regression")
    model = automill.train(frame, "y", **quick, monotone={"age": +1, "visits": -1})
    grid = pd.concat([frame.drop(columns="y").iloc[[i] * 100].assign(age=np.linspace(10, 90, 100)) for i in range(20)])
    steps = np.diff(model.predict(grid).to_numpy().reshape(20, 100), axis=1)
    assert (steps >= -1e-12).all() and (steps > 0).any()  # rounding of weighted sums
    assert "predictions only rise with age, only fall with visits; left out, for they cannot promise that: ridge" in str(model)
    assert model.recipe()["monotone"] == {"age": 1, "visits": -1}
    for wrong, code in (({"age": 2}, "option.wrong_type"), ({"age": "up"}, "option.wrong_type"), (["age"], "option.wrong_type"), ({"aeg": 1}, "data.column_unknown"), ({"job": 1}, "option.invalid")):
        assert refused(lambda: automill.train(frame, "y", monotone=wrong, progress="none", max_trials=1)).code == code


def test_scikit_learn_shape_takes_them(make_table: Any) -> None:
    frame = make_table("regression", 150)
    fitted = automill.AutoMLRegressor(max_trials=2, quantiles=[0.3], monotone={"age": 1}).fit(frame.drop(columns="y"), frame["y"])
    assert fitted.model_.predict_quantiles(frame).columns.tolist() == [0.3]
    labelled = make_table("binary", 150)
    fitted = automill.AutoMLClassifier(max_trials=2, cost_matrix=[[0, 1], [3, 0]]).fit(labelled.drop(columns="y"), labelled["y"])
    assert (fitted.predict(labelled.drop(columns="y")) == fitted.model_.predict(labelled)).all()


def test_collapse(models: Any, new_rows: pd.DataFrame, tmp_path: Path) -> None:
    model = models["regression"]
    small = model.collapse()
    assert small.member_names == model.member_names and "collapsed: each member is one model" in str(small)
    assert float(small.validation_score) == float(model.validation_score)
    assert len(small._held.bytes()) < len(model._held.bytes())
    difference = np.abs(small.predict(new_rows) - model.predict(new_rows)).mean()
    assert 0 < difference < 0.5 * model.predict(new_rows).std()
    assert small.verify().ok and (small.predict_interval(new_rows)["low"] < small.predict(new_rows)).mean() > 0.9
    assert refused(small.feature_importance).code == "model.no_training_data"
    model.save(tmp_path / "m.automill")
    assert refused(automill.load(tmp_path / "m.automill").collapse).code == "model.no_training_data"
