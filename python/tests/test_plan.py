"""train(plan=True): what a run would do, and that it does it."""
from __future__ import annotations

from typing import Any

import pytest

import automill
from automill import AutoMillError, AutoMLRegressor


def test_the_plan_is_what_the_run_does(make_table: Any) -> None:
    frame = make_table("binary", 200)
    options: dict[str, Any] = {"max_trials": 4, "folds": 3, "threads": 1, "progress": "none"}
    plan = automill.train(frame, "y", **options, plan=True)
    assert isinstance(plan, automill.RunPlan)
    model = automill.train(frame, "y", **options)
    assert sorted(plan.candidates["name"]) == sorted(model.leaderboard()["name"])
    assert set(plan.candidates["status"]) == {"planned"}
    assert (plan.target, plan.task, plan.folds, plan.threads) == ("y", "binary", 3, 1)
    assert plan.rows["input"] == 200 and plan.columns["used"] == len(model.schema)
    assert plan.searches == [] and plan.time_limit is None
    assert plan.seconds > sum(plan.candidates["seconds"]) > 0
    assert "gbdt_1" in str(plan) and str(plan) == repr(plan)
    assert list(plan.candidates.to_pandas()["family"])[0] == "baseline"


def test_an_own_metric_and_a_time_limit(make_table: Any) -> None:
    def never(y: Any, p: Any, w: Any) -> float:
        raise AssertionError("nothing is scored")

    metric = automill.Metric(never, higher_is_better=False, needs="values")
    plan = automill.train(make_table("regression", 300), "y", metric=metric, time_limit=60, plan=True)
    assert plan.metric == "never" and plan.time_limit == 60
    assert [search["family"] for search in plan.searches] == ["gbdt"]
    assert plan.seconds <= 60


def test_where_a_plan_is_refused(make_table: Any) -> None:
    frame = make_table("regression", 60)
    with pytest.raises(AutoMillError) as caught:
        automill.start(frame, "y", plan=True)
    assert (caught.value.code, caught.value.place) == ("option.contradiction", "plan")
    with pytest.raises(AutoMillError) as caught:
        AutoMLRegressor(plan=True).fit(frame.drop(columns="y"), frame["y"])
    assert (caught.value.code, caught.value.place) == ("option.contradiction", "plan")
    with pytest.raises(AutoMillError) as caught:
        automill.train(frame, "why", plan=True)
    assert caught.value.code == "data.column_unknown"
