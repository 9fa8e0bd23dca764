"""All preparation of a table as one transformer, from Python and inside scikit-learn."""
import numpy
import pandas
import pytest

import automill


@pytest.fixture
def rows() -> pandas.DataFrame:
    random = numpy.random.default_rng(1)
    city = random.integers(0, 40, 400)
    return pandas.DataFrame({
        "x": random.normal(size=400),
        "flat": 3.0,
        "city": [f"city {code}" for code in city],
        "when": pandas.Timestamp("2024-01-01") + pandas.to_timedelta(random.integers(0, 500, 400), unit="D"),
        "target": numpy.sin(city) + 0.1 * random.normal(size=400),
    })


@pytest.mark.parametrize("family", ["trees", "linear", "neural"])
def test_every_column_has_one_fate_and_a_reason(rows: pandas.DataFrame, family: str) -> None:
    preparer = automill.TablePreparer(for_family=family, generate=False)
    made = preparer.fit_transform(rows.drop(columns="target"), rows["target"])
    report = preparer.report()
    fates = {line["column"]: line["action"] for line in report["columns"] if line["action"] != "made"}
    assert set(fates) == {"x", "flat", "city", "when"}
    assert (fates["x"], fates["flat"], fates["when"]) == ("kept", "dropped", "replaced")
    assert all(line["reason"] for line in report["columns"])
    assert all(step["seconds"] >= 0 for step in report["steps"])
    names = list(made.columns) if hasattr(made, "columns") else made.names
    assert sorted(names) == sorted(line["column"] for line in report["columns"] if line["action"] in ("kept", "made"))
    assert "table_preparer" in preparer.describe()


def test_a_pipeline_of_scikit_learn_takes_it(rows: pandas.DataFrame) -> None:
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(automill.TablePreparer(for_family="linear", generate=False), Ridge())
    scores = cross_val_score(pipeline, rows.drop(columns="target"), rows["target"].to_numpy(), cv=3, scoring="r2")
    assert scores.mean() > 0.8


def test_not_fitted_is_said() -> None:
    with pytest.raises(automill.AutoMillError, match="not fitted"):
        automill.TablePreparer().report()
