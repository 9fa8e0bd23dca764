"""Contributions and interactions: the container of the rows, the columns of the rows, sums to the score."""
from __future__ import annotations

import pickle
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
    frame = make_table("binary", 50, seed=1).drop(columns="y")
    frame.index = pd.Index(range(1000, 1050), name="id")
    return frame


def close(actual: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=1e-9, atol=1e-9)


def fold_of(model: automill.AutoMLModel) -> automill.AutoMLModel:
    return model.member(model.member_names[0] + ".fold_0")


def test_containers(models: Any, new_rows: pd.DataFrame, tmp_path: Path) -> None:
    model = models["regression"]
    why = model.predict_contributions(new_rows)
    assert list(why.columns) == [*new_rows.columns, "bias"] and why.index.equals(new_rows.index)
    close(why.sum(axis=1), model.predict(new_rows))
    assert why["bias"].nunique() == 1 and (why["job"] != 0).any()
    plain = new_rows.reset_index(drop=True)
    for given in (pl.from_pandas(plain), pa.Table.from_pandas(plain)):
        answer = model.predict_contributions(given)
        assert type(answer) is type(given)
        np.testing.assert_array_equal(np.column_stack([answer[name].to_numpy() for name in why.columns]), why.to_numpy())
    plain.to_csv(tmp_path / "rows.csv", index=False)
    for given in (tmp_path / "rows.csv", pa.Table.from_pandas(plain).to_pylist()):
        answer = model.predict_contributions(given)
        assert isinstance(answer, np.ndarray) and answer.shape == (50, 6)
        np.testing.assert_array_equal(answer, why.to_numpy())


def test_columns_are_those_of_the_rows(models: Any, new_rows: pd.DataFrame) -> None:
    model = models["regression"]
    why = model.predict_contributions(new_rows)
    other = new_rows[list(reversed(new_rows.columns))].assign(more=1, bias=2)
    answer = model.predict_contributions(other)
    assert list(answer.columns) == [*other.columns, "bias_2"]
    assert (answer[["more", "bias"]] == 0).all().all()
    pd.testing.assert_frame_equal(answer[[*new_rows.columns, "bias_2"]].rename(columns={"bias_2": "bias"}), why)
    pairs, all_pairs = model.predict_interactions(new_rows), model.predict_interactions(other)
    assert pairs.shape == (50, 5, 5) and all_pairs.shape == (50, 7, 7)
    np.testing.assert_array_equal(all_pairs[:, 4::-1, 4::-1], pairs)
    assert not all_pairs[:, 5:].any() and not all_pairs[:, :, 5:].any()
    assert len(model.predict_contributions(new_rows.iloc[:0])) == 0 and model.predict_interactions(new_rows.iloc[:0]).shape == (0, 5, 5)
    with pytest.raises(AutoMillError) as caught:
        model.predict_contributions(new_rows.drop(columns=["job"]))
    assert caught.value.code == "data.column_missing"


def test_two_classes(models: Any, new_rows: pd.DataFrame) -> None:
    model = models["binary"]
    with pytest.raises(AutoMillError) as caught:
        model.predict_interactions(new_rows)
    assert caught.value.code == "explain.not_additive" and ".fold_" in caught.value.hint
    fold = fold_of(model)
    probabilities = fold.predict_proba(new_rows)
    log_odds = np.log(probabilities["high"] / probabilities["low"])
    assert fold.positive_class == "high"
    why = fold.predict_contributions(new_rows)
    close(why.sum(axis=1), log_odds)
    close(fold.predict_interactions(new_rows).sum(axis=2), why.drop(columns="bias"))
    with pytest.raises(AutoMillError) as caught:
        model.member(model.member_names[0] + ".fold_99")
    assert caught.value.code == "model.unknown_member"


def test_what_is_no_sum_is_sampled(models: Any, new_rows: pd.DataFrame, make_table: Any) -> None:
    model = models["binary"]
    why, errors = model.predict_contributions(new_rows, standard_errors=True)
    assert why.attrs["scale"] == "probability" and list(why.columns) == [*new_rows.columns, "bias"] == list(errors.columns)
    close(why.sum(axis=1), model.predict_proba(new_rows)["high"])
    assert (errors["bias"] > 0).all() and errors.to_numpy().max() < 0.2
    again, finer = model.predict_contributions(new_rows, samples=512, standard_errors=True)
    ratio = finer.to_numpy().mean() / errors.to_numpy().mean()
    assert 0.15 < ratio < 0.4  # 16 times the samples: a quarter of the errors
    apart = (again - why).to_numpy() / np.hypot(errors, finer).replace(0, 1).to_numpy()
    assert np.sqrt(np.mean(apart**2)) < 1.5
    usual = make_table("binary", 40, seed=5)
    against = model.predict_contributions(new_rows, background=usual, samples=80)
    close(against.sum(axis=1), model.predict_proba(new_rows)["high"])
    close(against["bias"], np.full(50, model.predict_proba(usual)["high"].mean()))  # each of the 40 rows twice
    classes = models["multiclass"].predict_contributions(new_rows.iloc[:5], samples=4)
    close(np.column_stack([classes[label].sum(axis=1) for label in models["multiclass"].classes]), models["multiclass"].predict_proba(new_rows.iloc[:5]))
    exact, none = models["regression"].predict_contributions(new_rows, standard_errors=True)
    assert exact.attrs["scale"] == "value" and not none.to_numpy().any()
    with pytest.raises(AutoMillError) as caught:
        model.predict_contributions(new_rows, samples=1)
    assert caught.value.code == "explain.samples"


def test_more_classes(models: Any, new_rows: pd.DataFrame) -> None:
    model = fold_of(models["multiclass"])
    why = model.predict_contributions(new_rows)
    assert isinstance(why.columns, pd.MultiIndex) and why.columns.names == ["class", "column"]
    assert list(why[model.classes[0]].columns) == [*new_rows.columns, "bias"]
    scores = np.column_stack([why[label].sum(axis=1) for label in model.classes])
    logs = np.log(model.predict_proba(new_rows).to_numpy())
    close(scores - scores[:, :1], logs - logs[:, :1])
    plain = new_rows.reset_index(drop=True)
    frame = model.predict_contributions(pl.from_pandas(plain))
    assert frame.columns == [f"{label}_{name}" for label, name in why.columns]
    np.testing.assert_array_equal(frame.to_numpy(), why.to_numpy())
    array = model.predict_contributions(pa.Table.from_pandas(plain).to_pylist())
    assert array.shape == (50, 3, 6)
    np.testing.assert_array_equal(array.reshape(50, -1), why.to_numpy())
    pairs = model.predict_interactions(new_rows)
    assert pairs.shape == (50, 3, 5, 5)
    close(pairs.sum(axis=3), array[:, :, :-1])


def test_against_a_background(models: Any, new_rows: pd.DataFrame, make_table: Any) -> None:
    model = models["regression"]
    usual = make_table("regression", 80, seed=5)
    why = model.predict_contributions(new_rows, background=usual)
    close(why.sum(axis=1), model.predict(new_rows))
    close(why["bias"], np.full(50, model.predict(usual).mean()))
    same = new_rows.assign(age=40.0)  # a column that is the same everywhere adds nothing
    assert np.abs(model.predict_contributions(same, background=same)["age"]).max() < 1e-12
    with pytest.raises(AutoMillError) as caught:
        model.predict_contributions(new_rows, background=usual.iloc[:0])
    assert caught.value.code == "explain.background"


def test_boosters_by_themselves() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 4))
    X[random.uniform(size=X.shape) < 0.05] = np.nan
    signal = np.nan_to_num(X[:, 0]) * np.nan_to_num(X[:, 1]) + np.nan_to_num(X[:, 2])
    classifier = automill.GradientBoostingClassifier(n_estimators=20, num_leaves=7).fit(X, np.where(signal > 0.3, "yes", "no"))
    probabilities = classifier.predict_proba(X)
    why = classifier.predict_contributions(X)
    assert why.shape == (400, 5)
    positive = classifier.classes_.tolist().index(classifier.model_.positive_class)
    close(why.sum(axis=1), np.log(probabilities[:, positive] / probabilities[:, 1 - positive]))
    regressor = automill.GradientBoostingRegressor(n_estimators=20, num_leaves=7).fit(X, signal)
    close(regressor.predict_contributions(X).sum(axis=1), regressor.predict(X))
    pairs = regressor.predict_interactions(X)
    assert np.abs(pairs[:, 0, 1]).mean() > 2 * np.abs(pairs[:, 0, 2]).mean()  # the product of the first two
    close(pairs, pairs.transpose(0, 2, 1))


def test_after_save_and_load(models: Any, new_rows: pd.DataFrame, tmp_path: Path) -> None:
    model = models["regression"]
    model.save(tmp_path / "model.automill")
    why = model.predict_contributions(new_rows)
    for again in (automill.load(tmp_path / "model.automill"), pickle.loads(pickle.dumps(model))):
        pd.testing.assert_frame_equal(again.predict_contributions(new_rows), why)
