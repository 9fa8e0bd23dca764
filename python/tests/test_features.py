"""Columns that are generated or selected, as pandas users see them."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import automill


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(1)
    data = pd.DataFrame({"mass": random.normal(size=2000), "volume": random.uniform(1, 5, size=2000), "noise": random.normal(size=2000)})
    data["density"] = data["mass"] / data["volume"]
    return data


def test_a_ratio_is_found_and_told(frame: pd.DataFrame) -> None:
    transformer = automill.GenerateFeatures()
    made = transformer.fit_transform(frame, "density")
    np.testing.assert_array_equal(made["mass / volume"], frame["mass"] / frame["volume"])
    assert "mass / volume: ratio of mass to volume" in transformer.describe()
    new = transformer.transform(pd.DataFrame({"mass": [6.0, 1.0], "volume": [3.0, 0.0], "noise": [0.0, 0.0]}))
    assert new["mass / volume"].tolist()[0] == 2 and np.isnan(new["mass / volume"].tolist()[1])


def test_columns_go_with_a_reason(frame: pd.DataFrame) -> None:
    transformer = automill.SelectFeatures()
    kept = transformer.fit_transform(frame.assign(one=1.0, twin=frame["mass"]), "density")
    assert list(kept.columns) == ["mass", "volume"]
    text = transformer.describe()
    assert "one: has one value" in text
    assert "twin: is a copy of mass" in text
    assert "noise: tells no more than shuffled columns" in text


def test_describe_needs_a_fit() -> None:
    with pytest.raises(automill.AutoMillError, match="not fitted"):
        automill.SelectFeatures().describe()
