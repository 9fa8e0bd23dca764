"""Encoders of categories from Python: the same numbers as scikit-learn on all rows, out of fold for training rows, and in folds."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import automill


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    city = random.choice(["Wien", "Graz", "Linz", "Bregenz"], 400)
    return pd.DataFrame({"city": city, "size": random.normal(size=400), "price": random.normal(size=400) + (city == "Graz")}, index=np.arange(1000, 1400))


def test_target_encoder_on_all_rows_is_that_of_scikit_learn(frame: pd.DataFrame) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    encoder = automill.TargetEncoder()
    train = encoder.fit_transform(frame, "price")
    expected = preprocessing.TargetEncoder(target_type="continuous").fit(frame[["city"]], frame["price"]).transform(frame[["city"]])
    np.testing.assert_allclose(encoder.transform(frame)["city_mean"], expected[:, 0], rtol=1e-12)
    assert list(train.columns) == ["city_mean", "size"]
    assert not np.allclose(train["city_mean"], expected[:, 0])
    assert list(train.index) == list(frame.index)


def test_folds_give_rows_in_their_places(frame: pd.DataFrame) -> None:
    encoder = automill.TargetEncoder(smoothing=5.0)
    folds = encoder.fit_transform_folds(frame, "price", 4)
    assert sorted(np.concatenate([fold.held_out_rows for fold in folds])) == list(range(400))
    for fold in folds:
        assert list(fold.train.index) == list(frame.index[fold.train_rows])
        assert list(fold.held_out.index) == list(frame.index[fold.held_out_rows])
        alone = automill.TargetEncoder(smoothing=5.0)
        train = alone.fit_transform(frame.iloc[fold.train_rows], "price")
        np.testing.assert_allclose(fold.train["city_mean"], train["city_mean"], rtol=1e-10)
        np.testing.assert_allclose(fold.held_out["city_mean"], alone.transform(frame.iloc[fold.held_out_rows])["city_mean"], rtol=1e-10)


def test_encoders_in_pipelines(frame: pd.DataFrame) -> None:
    for encoder in [automill.TargetEncoder(), automill.CountEncoder(value="log_count"), automill.HashEncoder(bits=3), automill.MinHashEncoder(components=4)]:
        pipeline = automill.Pipeline(automill.MergeCategories(), automill.RareCategories(min_count=3), encoder, automill.Ridge())
        scores = automill.cross_validate(pipeline, frame, "price", folds=3)
        assert len(scores.fold_scores) == 3
