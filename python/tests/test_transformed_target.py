"""Regressors of a transformed target, and the transformers of numbers, by their Python classes."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automill
from automill import AutoMillError, GradientBoosting, Impute, OneHot, Pipeline, Ridge, TransformedTarget


def prices(rows: int = 400) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"x": generator.normal(size=rows), "c": generator.choice(["a", "b"], size=rows)})
    frame["y"] = np.exp(1 + frame["x"] + (frame["c"] == "a") + 0.1 * generator.normal(size=rows))
    return frame


@pytest.mark.parametrize("method", ["log1p", "yeo_johnson", "quantile_normal", "standardize"])
def test_fit_predict_save(method: str, tmp_path: Path) -> None:
    frame = prices()
    learner = Pipeline(Impute(), OneHot(), TransformedTarget(estimator=GradientBoosting(n_estimators=50), method=method))
    predicted = learner.fit(frame, "y").predict(frame)
    assert np.corrcoef(predicted, frame["y"])[0, 1] > 0.9
    learner.save(tmp_path / "prices.automill")
    assert automill.load(tmp_path / "prices.automill").predict(frame).equals(predicted)
    assert "transformed_target" in str(learner)


def test_logarithms_beat_a_straight_line() -> None:
    frame = prices()
    error = {}
    for name, last in {"plain": Ridge(), "log": TransformedTarget(estimator=Ridge(), method="log1p")}.items():
        error[name] = automill.cross_validate(Pipeline(OneHot(), last), frame, "y", folds=4).mean
    assert error["log"] < 0.5 * error["plain"]


def test_parameters_of_the_regressor() -> None:
    learner = TransformedTarget(estimator=Ridge(alpha=2))
    assert learner.estimator.alpha == 2 and repr(learner) == "TransformedTarget(estimator=Ridge(alpha=2))"
    changed = learner.with_params({"estimator.alpha": 5, "method": "log1p"})
    assert changed.estimator.alpha == 5 and changed.method == "log1p" and learner.estimator.alpha == 2
    inner = Pipeline(Impute(), Ridge(alpha=3))
    assert TransformedTarget(estimator=inner).with_params({"estimator.ridge.alpha": 4}).estimator.get_params()["ridge.alpha"] == 4
    with pytest.raises(AutoMillError) as caught:
        TransformedTarget(estimator=Ridge(alpha=2), method="sqrt")
    assert caught.value.code == "parameter.unknown_choice"
    assert np.isfinite(TransformedTarget().fit(prices()[["x", "y"]], "y").predict(prices()[["x"]])).all()


def test_what_is_refused() -> None:
    frame = prices()
    frame["y"] -= 5
    with pytest.raises(AutoMillError) as caught:
        TransformedTarget(method="log1p").fit(frame[["x", "y"]], "y")
    assert caught.value.code == "fit.target_negative" and "row" in str(caught.value)
    with pytest.raises(AutoMillError) as caught:
        TransformedTarget().fit(frame[["x", "c"]], "c")
    assert caught.value.code == "fit.task"


def test_contributions_are_on_the_transformed_scale() -> None:
    frame = prices()[["x", "y"]]
    fitted = TransformedTarget(method="log1p", smearing=False).fit(frame, "y")
    sums = fitted.predict_contributions(frame[["x"]]).sum(axis=1)
    np.testing.assert_allclose(np.maximum(0, np.expm1(sums)), fitted.predict(frame[["x"]]), rtol=1e-6)


@pytest.mark.parametrize("name", ["Bins", "Clean", "IterativeImpute", "PiecewiseLinear", "QuantileNormal", "RowStatistics", "Spline", "Winsorize", "YeoJohnson"])
def test_transformers_of_numbers(name: str) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan, 4.0, 50.0], "b": ["x", "y", "x", None, "y"]})
    transformer = getattr(automill, name)()
    made = transformer.fit_transform(frame)
    assert len(made) == 5 and "b" in made and made.equals(transformer.transform(frame))


def test_datetimes() -> None:
    frame = pd.DataFrame({"a": pd.to_datetime(["1960-02-29", "2023-12-31", None]), "b": pd.to_datetime(["1960-03-01", "2025-01-01", "2020-05-05"])})
    days = automill.DatetimeDifferences().fit_transform(frame)["days_from_a_to_b"]
    assert days[0] == 1 and days[1] == 367 and np.isnan(days[2])
    parts = automill.DatetimeParts(cycles=True, details=True, drop_constant=False).fit_transform(frame)
    assert parts["a_week"].tolist()[:2] == [9, 52] and parts["a_is_month_end"].tolist()[:2] == [1, 1]
    assert parts["b_month_sin"][0] == pytest.approx(np.sin(2 * np.pi * 2 / 12))
