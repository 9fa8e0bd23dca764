"""Options work or are refused by name; every fault of the options comes in one message."""
from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import automill
from automill import AutoMillError


@pytest.fixture(scope="module")
def frame(make_table: Any) -> pd.DataFrame:
    return make_table("binary", 120)


def refused(*arguments: Any, **options: Any) -> AutoMillError:
    with pytest.raises(AutoMillError) as caught:
        automill.train(*arguments, progress="none", **options)
    return caught.value


def test_empty_lists_are_as_good_as_none(frame: pd.DataFrame, quick: dict[str, Any]) -> None:
    automill.train(frame, "y", **{**quick, "max_trials": 1}, learners=[], callbacks=[], ignore=[])


def test_search_space(frame: pd.DataFrame, quick: dict[str, Any]) -> None:
    space = {"gbdt": {"num_leaves": automill.Int(3, 6, log=True), "growth": ["leaf_wise"], "max_bin": 31,
                      "path_smooth": automill.Float(0.1, 1).when(growth="leaf_wise")}}
    model = automill.train(frame, "y", **{**quick, "max_trials": 12}, include=["gbdt"], search_space=space)
    for member in model.recipe()["members"]:
        parameters = member["structure"]["parameters"]
        assert 3 <= parameters["num_leaves"] <= 6 and parameters["max_bin"] == 31 and 0.1 <= parameters["path_smooth"] <= 1
    for wrong, code, said in [
        ([1], "option.wrong_type", "automill.Int"),
        ({"gbdt": 3}, "option.wrong_type", "automill.Int"),
        ({"lightgbm": {"num_leaves": 3}}, "option.unknown_choice", "gbdt"),
        ({"gbdt": {"num_leafs": automill.Int(3, 6)}}, "parameter.unknown", "num_leaves"),
        ({"gbdt": {"num_leaves": automill.Int(3, 10**7)}}, "parameter.out_of_range", "131072"),
        ({"explainable_boosting": {"outer_bags": automill.Int(2, 4)}}, "option.contradiction", "include"),
    ]:
        error = refused(frame, "y", search_space=wrong)
        assert error.code == code and said in str(error), str(error)


@pytest.mark.parametrize(("name", "right"), [("time_limt", "time_limit"), ("label", "target"), ("eval_metric", "metric"), ("n_jobs", "threads"), ("time_budget", "time_limit"), ("cv", "folds"), ("random_state", "seed"), ("max_runtime_secs", "time_limit")])
def test_unknown_options(frame: pd.DataFrame, name: str, right: str) -> None:
    error = refused(frame, "y", **{name: 1})
    assert error.code == "option.unknown" and error.place == name and f"'{right}'" in error.hint
    assert isinstance(error, TypeError)
    with pytest.raises(AutoMillError, match="target"):
        automill.train(frame, label="y")  # before Python complains of the missing target
    error = refused(frame, "y", time_limt=3, lable="y")
    assert [fault.place for fault in error.faults] == ["time_limt", "lable"]


@pytest.mark.parametrize(("options", "code", "place"), [
    ({"time_limit": 0}, "option.out_of_range", "time_limit"),
    ({"time_limit": -3}, "option.out_of_range", "time_limit"),
    ({"time_limit": "60"}, "option.wrong_type", "time_limit"),
    ({"max_trials": 0}, "option.out_of_range", "max_trials"),
    ({"max_trials": 1.5}, "option.wrong_type", "max_trials"),
    ({"memory_limit": 1000}, "option.out_of_range", "memory_limit"),
    ({"memory_limit": -1}, "option.out_of_range", "memory_limit"),
    ({"threads": 0}, "option.out_of_range", "threads"),
    ({"seed": -1}, "option.out_of_range", "seed"),
    ({"preset": "balanecd"}, "option.unknown_choice", "preset"),
    ({"task": "regresion"}, "option.unknown_choice", "task"),
    ({"metric": "rocauc_"}, "metric.unknown", None),
    ({"metric": len}, "option.wrong_type", "metric"),
    ({"positive_class": "hihg"}, "option.unknown_choice", "positive_class"),
    ({"holdout": 1.5}, "option.out_of_range", "holdout"),
    ({"folds": 1}, "option.out_of_range", "folds"),
    ({"folds": True}, "option.wrong_type", "folds"),
    ({"folds": "fodl"}, "data.column_unknown", "fodl"),
    ({"folds": 3, "holdout": 0.2}, "option.contradiction", None),
    ({"ignore": ["aeg"]}, "data.column_unknown", "aeg"),
    ({"ignore": 3.5}, "option.wrong_type", "ignore"),
    ({"types": {"aeg": "number"}}, "data.column_unknown", "aeg"),
    ({"types": {"age": "numbr"}}, "option.unknown_choice", "types"),
    ({"types": ["age"]}, "option.wrong_type", "types"),
    ({"missing": "n/k"}, "option.wrong_type", "missing"),
    ({"class_weight": "blanced"}, "option.unknown_choice", "class_weight"),
    ({"class_weight": 3}, "option.wrong_type", "class_weight"),
    ({"class_weight": {"hgih": 2.0}}, "option.unknown_choice", "class_weight"),
    ({"sample_weight": [1.0]}, "data.length_mismatch", "sample_weight"),
    ({"groups": [1, 2]}, "data.length_mismatch", "groups"),
    ({"refit": "sometimes"}, "option.unknown_choice", "refit"),
    ({"include": ["gbtd"]}, None, None),
    ({"progress": "loud"}, "option.unknown_choice", "progress"),
    ({"callbacks": [3]}, "option.wrong_type", "callbacks"),
])
def test_bad_values(frame: pd.DataFrame, options: dict[str, Any], code: str | None, place: str | None) -> None:
    with pytest.raises(AutoMillError) as caught:
        automill.train(frame, "y", **{"progress": "none", **options})
    assert code is None or caught.value.code == code
    assert place is None or caught.value.place == place


def test_all_faults_of_the_options_in_one_message(frame: pd.DataFrame) -> None:
    error = refused(frame, "y", time_limit="x", threads="y", journal=3, learners=[object()])
    assert {fault.place for fault in error.faults} == {"time_limit", "threads", "journal", "learners[0]"}


def test_target(frame: pd.DataFrame) -> None:
    error = refused(frame, "Y_")
    assert error.code == "data.column_unknown" and "'y'" in error.hint
    assert refused(frame, None).code in ("option.missing", "data.column_unknown")
    assert refused(frame.drop(columns="y"), [1, 2, 3]).code == "data.length_mismatch"
    assert refused(frame, ["y", "age"]).code == "option.several_targets"
    assert refused(frame.assign(y=None), "y").code == "data.target_all_missing"
    assert refused(frame.iloc[:0], "y").code in ("data.no_rows", "data.target_all_missing")


def test_predefined_folds(frame: pd.DataFrame, quick: dict[str, Any]) -> None:
    rows = np.arange(len(frame))
    pairs = [(rows[rows % 3 != k], rows[rows % 3 == k]) for k in range(3)]
    model = automill.train(frame, "y", **quick, folds=pairs)
    assert model.out_of_fold()["fold"].tolist() == (rows % 3).tolist()
    error = refused(frame, "y", folds=[(rows[:50], rows[50:60])])
    assert error.code == "option.invalid" and "time_column" in error.hint
    assert refused(frame, "y", folds=[(rows[1:], [0]), (rows[1:], [0])]).code == "option.invalid"
    assert refused(frame, "y", folds=[(rows, [len(rows)])]).code == "option.out_of_range"


def test_arrays_beside_the_table(frame: pd.DataFrame, quick: dict[str, Any]) -> None:
    groups = np.arange(len(frame)) // 4
    model = automill.train(frame.drop(columns="y"), frame["y"], **quick, groups=groups, sample_weight=np.ones(len(frame)))
    assert model.target == "y"
    fold = model.out_of_fold()["fold"].to_numpy()
    assert all(len(set(fold[groups == group])) == 1 for group in set(groups))


def test_names_that_are_no_text(frame: pd.DataFrame, quick: dict[str, Any]) -> None:
    groups, weights = np.arange(len(frame)) // 4, np.ones(len(frame))
    plain = frame.assign(groups=groups, weights=weights)
    for names in (range(plain.shape[1]), [("level", name) for name in plain.columns]):
        named = plain.set_axis(pd.Index(names), axis=1)
        target, group, weight = (names[plain.columns.get_loc(name)] for name in ("y", "groups", "weights"))
        model = automill.train(named, target, **quick, groups=group, sample_weight=weight)
        assert model.target == str(target)
        fold = model.out_of_fold()["fold"].to_numpy()
        assert all(len(set(fold[groups == each])) == 1 for each in set(groups))


def test_validation_data(frame: pd.DataFrame, quick: dict[str, Any]) -> None:
    train, rest = frame.iloc[:80], frame.iloc[80:]
    for given in (rest, (rest.drop(columns="y"), rest["y"])):
        model = automill.train(train, "y", **quick, validation_data=given)
        assert float(model.validation_score) > 0.5
    error = refused(train, "y", validation_data=rest.drop(columns="age"))
    assert error.place == "age"
