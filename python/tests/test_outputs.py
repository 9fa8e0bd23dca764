"""Several quantiles and several targets at once: containers in and out, files, the shell's view, errors."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import automill
from automill import AutoMillError, GradientBoosting, GradientBoostingClassifier, GradientBoostingRegressor, Impute, OwnObjective, Pipeline, Ridge, cross_validate

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(600, 3))
NOISE = RANDOM.normal(size=(600, 2))
Y = np.column_stack([np.sin(2 * X[:, 0]) + 0.1 * NOISE[:, 0], 1000 * (X[:, 1] > 0) + 10 * NOISE[:, 1]])
FAST: dict[str, Any] = {"n_estimators": 40}


def frame() -> pd.DataFrame:
    return pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(600) * 2)


def labelled() -> pd.DataFrame:
    return frame().assign(height=Y[:, 0], weight=Y[:, 1])


def test_all_ways_to_give_targets_agree() -> None:
    expected = np.asarray(GradientBoosting(**FAST).fit(frame(), Y).predict(frame()))
    assert expected.shape == (600, 2)
    for data, target in [(labelled(), ["height", "weight"]), (labelled(), ("height", "weight")), (frame(), Y.tolist()), (frame(), labelled()[["height", "weight"]]), (frame(), pl.DataFrame({"u": Y[:, 0], "v": Y[:, 1]}))]:
        assert np.array_equal(GradientBoosting(**FAST).fit(data, target).predict(frame()), expected)
    assert np.array_equal(GradientBoostingRegressor(**FAST).fit(frame(), Y).predict(frame()), expected)
    error = np.sqrt(np.mean((expected - Y) ** 2, axis=0))
    assert error[0] < 0.2 and error[1] < 25  # noise of 0.1 and 10


def test_predictions_come_in_the_container_of_the_rows() -> None:
    booster = GradientBoosting(**FAST).fit(labelled(), ["height", "weight"])
    assert booster.model_.outputs == ["height", "weight"] and booster.model_.target == "height, weight" and booster.model_.task == "regression"
    matrix = np.array([booster.model_.row_predictor()(dict(zip("abc", row))) for row in X])
    answer = booster.predict(frame())
    assert list(answer.columns) == ["height", "weight"] and answer.index.equals(frame().index) and np.array_equal(answer, matrix)
    polars = booster.predict(pl.from_pandas(frame()))
    assert polars.columns == ["height", "weight"] and np.array_equal(polars.to_numpy(), matrix)
    alone = GradientBoosting(**FAST).fit(X, Y)
    assert isinstance(alone.predict(X), np.ndarray) and alone.predict(X).shape == (600, 2)


def test_forests_learn_them_too() -> None:
    forest = automill.RandomForest(n_estimators=50).fit(X, Y)
    error = np.sqrt(np.mean((forest.predict(X) - Y) ** 2, axis=0))
    assert error[0] < 0.3 and error[1] < 40
    why = forest.predict_contributions(X)
    assert why.sum(axis=2) == pytest.approx(forest.predict(X), rel=1e-6)


def test_what_is_printed_says_what_it_is() -> None:
    booster = GradientBoosting(**FAST).fit(labelled(), ["height", "weight"])
    text = str(booster.model_)
    assert "height, weight: regression, 2 values a row: height, weight" in text and "cross_validate" in text and "nan" not in text


def test_one_tree_of_all_outputs(tmp_path: Path) -> None:
    booster = GradientBoosting(multi_strategy="multi_output_tree", n_estimators=100).fit(labelled(), ["height", "weight"])
    predicted = booster.predict(frame())
    error = np.sqrt(np.mean((predicted.to_numpy() - Y) ** 2, axis=0))
    assert error[0] < 0.2 and error[1] < 25  # noise of 0.1 and 10, whatever the units
    why = booster.predict_contributions(frame())
    assert why["weight"].sum(axis=1).to_numpy() == pytest.approx(predicted["weight"].to_numpy(), rel=1e-6)
    booster.save(tmp_path / "model.automill")
    assert np.array_equal(automill.load(tmp_path / "model.automill").predict(frame()), predicted)
    with pytest.raises(AutoMillError, match="gradient_boosting.objective.*fit.multi_output_tree"):
        GradientBoosting(multi_strategy="multi_output_tree", objective="absolute_error").fit(X, Y)


def test_one_tree_of_all_classes() -> None:
    classes = np.array(["low", "middle", "high"])[(X[:, 0] > -0.4).astype(int) + (X[:, 0] > 0.4)]
    booster = GradientBoostingClassifier(multi_strategy="multi_output_tree", **FAST).fit(X, classes)
    assert (booster.predict(X) == classes).mean() > 0.98
    assert booster.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(600))
    assert not np.array_equal(booster.predict_proba(X), GradientBoostingClassifier(**FAST).fit(X, classes).predict_proba(X))


def test_names_that_are_taken_and_arrays_have_names() -> None:
    data = frame().rename(columns={"a": "target_0"})
    assert GradientBoosting(**FAST).fit(data, Y).model_.outputs == ["(target_0)", "target_1"]


def test_rows_without_one_of_the_targets_are_left_out() -> None:
    gaps = labelled()
    gaps.iloc[::5, 3] = np.nan
    gaps.iloc[::7, 4] = np.nan
    kept = gaps.dropna()
    weights = np.arange(600) % 3 + 1
    assert np.array_equal(GradientBoosting(**FAST).fit(gaps, ["height", "weight"]).predict(frame()), GradientBoosting(**FAST).fit(kept, ["height", "weight"]).predict(frame()))
    weighted = GradientBoosting(**FAST).fit(gaps, ["height", "weight"], weights).predict(frame())
    assert np.array_equal(weighted, GradientBoosting(**FAST).fit(kept, ["height", "weight"], weights[(kept.index // 2).to_numpy()]).predict(frame()))
    with pytest.raises(AutoMillError, match="data.target_all_missing"):
        GradientBoosting(**FAST).fit(gaps[gaps.height.isna() | gaps.weight.isna()], ["height", "weight"])


@pytest.mark.parametrize("growth", ["leaf_wise", "symmetric"])
def test_quantiles_ascend_and_hold_their_share(growth: str) -> None:
    x = np.random.default_rng(1).normal(size=(6000, 2))
    y = x[:, 0] + np.abs(x[:, 1]) * np.random.default_rng(2).normal(size=6000)
    booster = GradientBoosting(objective="quantile", quantiles=[0.1, 0.5, 0.9], growth=growth, **FAST).fit(x[:3000], y[:3000])
    predicted = booster.predict(x[3000:])
    assert booster.model_.outputs == ["0.1", "0.5", "0.9"] and predicted.shape == (3000, 3)
    assert (np.diff(predicted, axis=1) >= 0).all()
    shares = (y[3000:, None] <= predicted).mean(axis=0)
    assert np.abs(shares - [0.1, 0.5, 0.9]).max() < 0.05
    assert list(booster.predict(pd.DataFrame(x[:5], columns=["f0", "f1"])).columns) == ["0.1", "0.5", "0.9"]


def test_a_pipeline_and_a_file_keep_them(tmp_path: Path) -> None:
    rows = frame()
    rows.iloc[::9, 0] = np.nan
    for learner, target in [(GradientBoosting(**FAST), Y), (GradientBoosting(objective="quantile", quantiles=[0.2, 0.8], **FAST), Y[:, 0])]:
        pipeline = Pipeline(Impute(), learner).fit(rows, target)
        pipeline.save(tmp_path / "model.automill")
        loaded = automill.load(tmp_path / "model.automill")
        assert loaded.outputs == pipeline.model_.outputs and len(loaded.outputs) == 2
        assert np.array_equal(loaded.predict(rows), pipeline.predict(rows))
        assert loaded.verify().ok


def test_contributions_sum_to_the_scores_of_each_output() -> None:
    booster = GradientBoosting(**FAST).fit(labelled(), ["height", "weight"])
    why = booster.predict_contributions(frame())
    assert why.columns.names == ["output", "column"]
    for name in ("height", "weight"):
        assert why[name].sum(axis=1).to_numpy() == pytest.approx(booster.predict(frame())[name].to_numpy(), rel=1e-9)
    assert GradientBoosting(**FAST).fit(X, Y).predict_contributions(X).shape == (600, 2, 4)


def test_an_own_objective_sees_rows_and_outputs() -> None:
    def squared(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert y_true.shape == y_pred.shape == (600, 2)
        return y_pred - y_true, np.ones_like(y_pred)

    own = GradientBoosting(objective=OwnObjective(squared, loss=lambda y_true, y_pred: ((y_pred - y_true) ** 2).sum(axis=1)), **FAST)
    assert np.array_equal(own.fit(X, Y).predict(X), GradientBoosting(**FAST).fit(X, Y).predict(X))


def test_cross_validation_takes_the_mean_over_the_outputs() -> None:
    result = cross_validate(GradientBoosting(**FAST), labelled(), ["height", "weight"], folds=4, metric="r2", groups=np.arange(600) // 3)
    assert result.predictions.shape == (600, 2)
    r2 = [np.mean([1 - np.mean((Y[rows, k] - result.predictions[rows, k]) ** 2) / np.var(Y[rows, k]) for k in range(2)]) for rows in (result.fold == f for f in range(4))]
    assert result.fold_scores == pytest.approx(r2, rel=1e-9)
    assert all(len(set(result.fold[3 * g : 3 * g + 3])) == 1 for g in range(200))


@pytest.mark.parametrize(
    "code, action",
    [
        ("fit.several_outputs", lambda: Ridge().fit(X, Y)),
        ("fit.several_outputs", lambda: Pipeline(Impute(), Ridge()).fit(X, Y)),
        ("option.contradiction", lambda: GradientBoosting().fit(X, Y, task="binary")),
        ("data.column_unknown", lambda: GradientBoosting().fit(labelled(), ["height", "weigth"])),
        ("fit.quantiles", lambda: GradientBoosting(quantiles=[0.1, 0.9]).fit(X, Y[:, 0])),
        ("parameter.out_of_range", lambda: GradientBoosting(objective="quantile", quantiles=[0.9, 0.1]).fit(X, Y[:, 0])),
        ("parameter.wrong_type", lambda: GradientBoosting(objective="quantile", quantiles=0.5)),
        ("parameter.unknown_choice", lambda: GradientBoosting(objective="quantile", quantiles=[0.1, 0.9]).fit(X, Y[:, 0] > 0)),
        ("evaluate.several_outputs", lambda: GradientBoosting(**FAST).fit(labelled(), ["height", "weight"]).model_.evaluate(labelled())),
        ("evaluate.several_outputs", lambda: GradientBoosting(**FAST).fit(labelled(), ["height", "weight"]).model_.feature_importance(labelled())),
        ("evaluate.several_outputs", lambda: cross_validate(GradientBoosting(objective="quantile", quantiles=[0.1, 0.9]), X, Y[:, 0])),
        ("data.target_text", lambda: GradientBoosting().fit(labelled().assign(weight="heavy"), ["height", "weight"])),
    ],
)
def test_what_does_not_go_together_is_said(code: str, action: Any) -> None:
    with pytest.raises(AutoMillError) as caught:
        action()
    assert caught.value.code == code


def test_a_classifier_of_several_targets_is_refused() -> None:
    with pytest.raises(AutoMillError):
        GradientBoostingClassifier().fit(X, Y > 0)
