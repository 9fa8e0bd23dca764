"""Explainable boosting machines: scikit-learn's shape, shapes for plots, contributions, files."""
from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import automill
from automill import AutoMillError

QUICK = {"outer_bags": 4, "learning_rate": 0.1, "max_rounds": 150, "smoothing_rounds": 10}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = 800
    frame = pd.DataFrame({"size": random.normal(size=rows), "age": random.uniform(18, 80, rows), "kind": random.choice(["a", "b", "c"], rows), "noise": random.normal(size=rows)})
    frame.loc[::9, "age"] = np.nan
    frame["y"] = frame["size"] * (frame["kind"] == "b") + frame["age"].fillna(90) / 20 + 0.2 * random.normal(size=rows)
    return frame


def test_regressor_and_its_shapes(frame: pd.DataFrame) -> None:
    model = automill.EBMRegressor(**QUICK).fit(frame.drop(columns="y"), frame["y"])
    assert model.score(frame.drop(columns="y"), frame["y"]) > 0.9
    shapes = model.shapes()
    assert [shape.importance for shape in shapes] == sorted((shape.importance for shape in shapes), reverse=True)
    assert shapes[0].columns == ["age"]
    for shape in shapes:
        assert shape.values.shape == shape.standard_errors.shape == shape.weights.shape == tuple(len(axis.labels) for axis in shape.axes)
        assert abs(float((shape.values * shape.weights).sum()) / len(frame)) < 1e-9
        for axis in shape.axes:
            assert axis.categorical == (axis.column == "kind")
            assert len(axis.labels) == len(axis.edges) + 2 or axis.categorical
    age = next(shape for shape in shapes if shape.columns == ["age"])
    assert age.axes[0].labels[0] == "missing" and age.values[0] > age.values[1:].max() - 0.3
    assert ["size", "kind"] in [shape.columns for shape in shapes] or ["kind", "size"] in [shape.columns for shape in shapes]


def test_contributions_sum_to_the_score(frame: pd.DataFrame) -> None:
    rows = frame.drop(columns="y")
    model = automill.EBMRegressor(**QUICK).fit(rows, frame["y"])
    for why in (model.predict_contributions(rows), model.predict_contributions(rows, background=rows[:40])):
        np.testing.assert_allclose(np.asarray(why).sum(axis=1), np.asarray(model.predict(rows)), rtol=0, atol=1e-9)
    between = model.predict_interactions(rows[:20])
    np.testing.assert_allclose(between.sum(axis=2), np.asarray(model.predict_contributions(rows[:20]))[:, :-1], rtol=0, atol=1e-9)


def test_classes_and_files(frame: pd.DataFrame, tmp_path: Path) -> None:
    rows = frame.drop(columns="y")
    for labels in (np.where(frame["y"] > 3, "much", "little"), np.where(frame["y"] > 3.5, "much", np.where(frame["y"] > 2, "some", "little"))):
        model = automill.EBMClassifier(**QUICK).fit(rows, labels)
        probabilities = np.asarray(model.predict_proba(rows))
        assert model.score(rows, labels) > 0.8  # three classes have no pairs, and the target has one
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
        path = tmp_path / "model.automill"
        model.save(path)
        loaded = automill.load(path)
        assert np.array_equal(np.asarray(loaded.predict_proba(rows)), probabilities)
        assert [shape.columns for shape in loaded.shapes()] == [shape.columns for shape in model.shapes()]
        classes = len(set(labels))
        assert loaded.shapes()[0].values.ndim == (1 if classes == 2 else 2)


def test_scikit_learn_shape(frame: pd.DataFrame) -> None:
    from sklearn.base import clone

    model = automill.EBMClassifier(interactions=0, n_jobs=1, random_state=3)
    assert clone(model).get_params() == model.get_params()
    assert "interactions=0" in repr(model)
    assert pickle.loads(pickle.dumps(model)).get_params() == model.get_params()


def test_other_models_have_no_shapes(frame: pd.DataFrame) -> None:
    model: Any = automill.Ridge().fit(frame[["size", "noise"]], frame["y"])
    with pytest.raises(AutoMillError, match=r"explain\.shapes"):
        model.shapes()


def test_monotone(frame: pd.DataFrame) -> None:
    model = automill.EBMRegressor(monotone_constraints={"size": -1}, **QUICK).fit(frame.drop(columns="y"), frame["y"])
    size = next(shape for shape in model.shapes() if shape.columns == ["size"])
    assert (np.diff(size.values[1:]) <= 1e-12).all()
    assert not any(len(shape.columns) == 2 and "size" in shape.columns for shape in model.shapes())
