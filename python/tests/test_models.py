"""Predictions come in the container of the rows, labels in their own type; everything a model says of itself."""
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
from automill import AutoMillError, _core

TASKS = ("binary", "multiclass", "regression")


@pytest.fixture(scope="module")
def new_rows(make_table: Any) -> pd.DataFrame:
    frame = make_table("binary", 50, seed=1).drop(columns="y")
    frame.index = pd.Index(range(1000, 1050), name="id")
    return frame


@pytest.mark.parametrize("task", TASKS)
def test_containers_of_predictions(models: Any, new_rows: pd.DataFrame, task: str, tmp_path: Path) -> None:
    model = models[task]
    series = model.predict(new_rows)
    assert isinstance(series, pd.Series) and series.name == "y" and series.index.equals(new_rows.index)
    plain = new_rows.reset_index(drop=True)
    arrow, frame = pa.Table.from_pandas(plain), pl.from_pandas(plain)
    plain.to_csv(tmp_path / "rows.csv", index=False)
    answers = {"pandas": series, "polars": model.predict(frame), "Arrow": model.predict(arrow), "path": model.predict(tmp_path / "rows.csv"), "dicts": model.predict(arrow.to_pylist())}
    assert isinstance(answers["polars"], pl.Series) and answers["polars"].name == "y"
    assert isinstance(answers["Arrow"], pa.Array) and isinstance(answers["path"], np.ndarray) and isinstance(answers["dicts"], np.ndarray)
    for answer in answers.values():
        assert list(answer.to_pylist() if isinstance(answer, pa.Array) else answer) == series.tolist()  # the same bits
    if task == "regression":
        return
    probabilities = model.predict_proba(new_rows)
    assert isinstance(probabilities, pd.DataFrame) and list(probabilities.columns) == model.classes and probabilities.index.equals(new_rows.index)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    for answer in (model.predict_proba(frame), model.predict_proba(arrow)):
        assert isinstance(answer, (pl.DataFrame, pa.Table))
        np.testing.assert_array_equal(np.column_stack([answer[name].to_numpy() for name in model.classes]), probabilities.to_numpy())
    np.testing.assert_array_equal(model.predict_proba(tmp_path / "rows.csv"), probabilities.to_numpy())


def test_rows_keep_their_order_and_number(models: Any, new_rows: pd.DataFrame) -> None:
    model = models["binary"]
    shuffled = new_rows.sample(frac=1, random_state=0)[list(reversed(new_rows.columns))].assign(more=1)
    assert model.predict(shuffled).loc[new_rows.index].equals(model.predict(new_rows))
    assert len(model.predict(new_rows.iloc[:0])) == 0 and model.predict_proba(new_rows.iloc[:0]).shape == (0, 2)
    assert len(model.predict(new_rows.iloc[:1])) == 1


@pytest.mark.parametrize(("labels", "kind"), [
    (["low", "high"], str), ([False, True], (bool, np.bool_)), ([0, 1], (int, np.integer)), ([-3, 7, 12], (int, np.integer)), ([0.5, 1.5], float),
    (pd.Categorical(["b", "a"]), str), (pd.array([True, False]), (bool, np.bool_)), (pd.array([3, 5], dtype="Int8"), (int, np.integer)), (pd.array(["u", "v"], dtype="string"), str),
])
def test_labels_keep_their_type(quick: Any, labels: Any, kind: Any) -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, len(labels), 150)
    frame = pd.DataFrame({"x": truth + random.normal(0, 0.2, 150), "z": random.normal(size=150)})
    frame["y"] = pd.Series(labels).take(truth).array
    model = automill.train(frame, "y", **quick, task="binary" if len(labels) == 2 else "multiclass")
    predicted = model.predict(frame)
    assert all(isinstance(label, kind) for label in model.classes)
    assert set(model.classes) == set(labels) and set(predicted) <= set(labels)
    assert isinstance(predicted.iloc[0], kind)
    assert (predicted == frame["y"].astype(predicted.dtype)).mean() > 0.8
    assert set(model.predict_proba(frame).columns) == set(labels)
    with pytest.warns(automill.AutoMillWarning, match="were in training"):
        assert model.evaluate(frame, "accuracy")["accuracy"] == (predicted == frame["y"].astype(predicted.dtype)).mean()


def test_positive_class(quick: Any, make_table: Any) -> None:
    frame = make_table("binary", 150)
    for positive in ("high", "low"):
        assert automill.train(frame, "y", **{**quick, "max_trials": 1}, positive_class=positive).positive_class == positive
    flags = frame.assign(y=frame["y"] == "high")
    assert automill.train(flags, "y", **{**quick, "max_trials": 1}).positive_class is True
    assert automill.train(flags, "y", **{**quick, "max_trials": 1}, positive_class=False).positive_class is False


def test_unfit_rows(models: Any, new_rows: pd.DataFrame) -> None:
    with pytest.raises(AutoMillError) as caught:
        models["binary"].predict(new_rows.drop(columns=["job"]).assign(age="old"))
    faults = {fault.place: fault.code for fault in caught.value.faults}
    assert faults == {"job": "data.column_missing", "age": "data.column_retyped"}
    with pytest.raises(AutoMillError) as caught:
        models["regression"].predict_proba(new_rows)
    assert caught.value.code == "predict.wrong_kind" and "predict" in caught.value.hint


def test_columns_that_came_as_text(models: Any, new_rows: pd.DataFrame) -> None:
    """Dates and bools as strings mean what they say; a number as a string does not become one in silence."""
    model = models["binary"]
    as_text = new_rows.assign(since=new_rows["since"].dt.strftime("%Y-%m-%d"), member=new_rows["member"].map({True: "yes", False: "no"}))
    assert model.predict_proba(as_text).equals(model.predict_proba(new_rows))
    with pytest.raises(AutoMillError) as caught:
        model.predict(new_rows.assign(visits=new_rows["visits"].astype(str)))
    assert caught.value.code == "data.column_retyped"


def test_numbers_as_categories(quick: Any) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"zip": random.choice([10115, 20095, 80331], 150), "x": random.normal(size=150)})
    frame["y"] = (frame["zip"] == 20095) * 5.0 + frame["x"]
    model = automill.train(frame, "y", **quick, types={"zip": "category"})
    assert model.schema["zip"].categories == ("10115", "20095", "80331")
    assert np.corrcoef(model.predict(frame), frame["y"])[0, 1] > 0.8


def test_looks(models: Any) -> None:
    model = models["binary"]
    assert str(model).startswith("y: binary, positive 'high'") and "rows 400 = 400 used" in str(model)
    assert model.schema.names == ["age", "job", "member", "since", "visits"] and model.schema["job"].categories == ("clerk", "nurse", "smith", "zoë")
    assert model.schema["visits"].integer and model.schema["since"].kind == "datetime"
    score = model.validation_score
    assert float(score) == score.value and score.low <= score.value <= score.high and score.metric == "roc_auc" and f"{score:.3f}" == f"{score.value:.3f}"
    board = model.leaderboard()
    assert board.columns == _core.leaderboard_columns()
    assert {row["rank"] for row in board if row["rank"]} >= {1}
    assert sum(row["weight"] or 0 for row in board) == pytest.approx(1)
    assert len(board.to_pandas()) == len(board.to_polars()) == board.to_arrow().num_rows == len(board)
    tested = model.leaderboard(pd.DataFrame([{"age": 40, "job": "nurse", "member": True, "since": pd.Timestamp("2021-01-01"), "visits": 3, "y": label} for label in ("high", "low")]))
    assert any(row["test_score"] is not None for row in tested)
    assert isinstance(model.recipe(), dict) and model.recipe()["target"] == "y"


def test_html_is_escaped(quick: Any) -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0] * 40, "y": ["<script>", "&amp;"] * 40})
    model = automill.train(frame, "y", **{**quick, "max_trials": 1})
    assert "<script>" not in model._repr_html_() and "&lt;script&gt;" in model._repr_html_()
    assert "<table>" in model.leaderboard()._repr_html_()


def test_evaluate(models: Any, make_table: Any) -> None:
    from sklearn.metrics import accuracy_score, roc_auc_score

    model, frame = models["binary"], make_table("binary", 200, seed=2)
    result = model.evaluate(frame)
    assert result["roc_auc"] == pytest.approx(roc_auc_score(frame["y"] == "high", model.predict_proba(frame)["high"]), rel=1e-12)
    assert result["accuracy"] == pytest.approx(accuracy_score(frame["y"], model.predict(frame)), rel=1e-12)
    assert {"metric", "value", "low", "high"} <= set(result.columns)
    by_job = model.evaluate(frame, ["roc_auc", "accuracy"], by="job")
    assert [row["job"] for row in by_job] == sorted(frame["job"].unique()) and sum(by_job["rows"]) == 200
    part = frame[frame["job"] == "nurse"]
    assert by_job[1]["accuracy"] == pytest.approx(accuracy_score(part["y"], model.predict(part)), rel=1e-12)
    assert by_job["accuracy"][1] == by_job[1]["accuracy"] and by_job.value("accuracy") == pytest.approx(result["accuracy"])
    assert model.evaluate((frame.drop(columns="y"), frame["y"]), "accuracy")["accuracy"] == result["accuracy"]
    with pytest.warns(automill.AutoMillWarning, match="without a target"):
        model.evaluate(frame.assign(y=frame["y"].where(frame.index > 3)))
    with pytest.raises(AutoMillError) as caught:
        model.evaluate(frame, "acuracy")
    assert caught.value.code == "metric.unknown" and "accuracy" in caught.value.hint
    with pytest.raises(AutoMillError):
        model.evaluate(frame.drop(columns="y"))


def test_evaluate_a_file(models: Any, make_table: Any, tmp_path: Path, quick: Any) -> None:
    frame = make_table("binary", 100, seed=3)
    frame.to_csv(tmp_path / "test.csv", index=False)
    assert models["binary"].evaluate(tmp_path / "test.csv", "accuracy")["accuracy"] == models["binary"].evaluate(frame, "accuracy")["accuracy"]
    assert len(models["binary"].evaluate(tmp_path / "test.csv", "accuracy", by="job")) == 4
    flags = frame.assign(y=frame["y"] == "high")
    flags.to_csv(tmp_path / "flags.csv", index=False)
    model = automill.train(tmp_path / "flags.csv", "y", **{**quick, "max_trials": 1})
    assert model.classes == [False, True]
    again = make_table("binary", 100, seed=4).assign(y=lambda f: f["y"] == "high")
    again.to_csv(tmp_path / "again.csv", index=False)
    assert model.evaluate(tmp_path / "again.csv", "accuracy")["accuracy"] == model.evaluate(again, "accuracy")["accuracy"]


def test_own_metric(quick: Any, make_table: Any) -> None:
    seen: list[tuple[Any, ...]] = []

    def profit(y: Any, p: Any, w: Any) -> float:
        seen.append((set(y), p.ndim, w))
        return float(np.mean(np.where(y == "high", p, 1 - p)))

    frame = make_table("binary", 150)
    metric = automill.Metric(profit, higher_is_better=True, needs="probabilities")
    model = automill.train(frame, "y", **quick, metric=metric)
    assert model.validation_score.metric == "profit" and seen and all(labels <= {"high", "low"} and dimensions == 1 for labels, dimensions, _ in seen)
    assert 0.5 < float(model.validation_score) <= 1
    assert model.evaluate(frame, metric)["profit"] > 0.5
    by_label = automill.Metric(lambda y, p, w: float(np.mean(y == p)), higher_is_better=True, needs="labels", name="hits")
    assert 0.5 < float(automill.train(frame, "y", **quick, metric=by_label).validation_score) <= 1
    worst = automill.Metric(lambda y, p, w: float(np.abs(y - p).max()), higher_is_better=False, needs="values", name="worst")
    numbers = automill.train(make_table("regression", 150), "y", **quick, metric=worst)
    assert not numbers.validation_score.higher_is_better


def test_own_metric_that_fails(quick: Any, make_table: Any) -> None:
    def broken(y: Any, p: Any, w: Any) -> float:
        raise RuntimeError("this metric is broken")

    with pytest.raises((RuntimeError, AutoMillError), match="this metric is broken"):
        automill.train(make_table("binary", 150), "y", **quick, metric=automill.Metric(broken, higher_is_better=True, needs="labels"))


def test_callbacks(quick: Any, make_table: Any) -> None:
    events: list[automill.Event] = []
    automill.train(make_table("binary", 150), "y", **quick, callbacks=[events.append])
    assert events and all(isinstance(event, automill.Event) for event in events)
    assert any(event.kind == "run.finished" for event in events) and events == sorted(events, key=lambda event: event.seconds)

    class Stop(Exception):
        pass

    def stop(event: automill.Event) -> None:
        raise Stop("enough")

    with pytest.raises(Stop, match="enough"):
        automill.train(make_table("binary", 150), "y", **quick, callbacks=[stop])


def test_feature_importance(models: Any, make_table: Any) -> None:
    model = models["regression"]
    importance = model.feature_importance(make_table("regression", 200, seed=4), repeats=3)
    assert importance.columns == ["column", "importance", "low", "high"]
    assert importance[0]["column"] == "age" and sorted(importance["column"]) == sorted(model.schema.names)
    assert importance["importance"] == sorted(importance["importance"], reverse=True)


def test_out_of_fold(models: Any, quick: Any, make_table: Any) -> None:
    frame = make_table("binary", 150).assign(y=lambda f: f["y"].where(f.index != 7))
    frame.index = frame.index + 100
    model = automill.train(frame, "y", **quick, folds=3)
    out = model.out_of_fold()
    assert isinstance(out, pd.DataFrame) and out.index.equals(frame.index)
    assert list(out.columns) == ["prediction", "probability_high", "probability_low", "fold"]
    assert out["fold"].loc[107] == -1 and pd.isna(out["prediction"].loc[107]) and np.isnan(out["probability_high"].loc[107])
    kept = out.drop(index=107)
    assert set(kept["fold"]) == {0, 1, 2} and set(kept["prediction"]) <= {"high", "low"}
    from sklearn.metrics import roc_auc_score

    assert roc_auc_score(frame["y"].drop(index=107) == "high", kept["probability_high"]) == pytest.approx(float(model.validation_score), abs=0.02)
    arrays = automill.train(frame.to_dict("list"), "y", **quick, folds=3).out_of_fold()
    assert arrays.probabilities.shape == (150, 2) and arrays.prediction.shape == (150,) and arrays.fold[7] == -1
    np.testing.assert_array_equal(arrays["probability_high"], out["probability_high"].to_numpy())
    table = automill.train(pl.from_pandas(frame), "y", **quick, folds=3).out_of_fold()
    assert isinstance(table, pl.DataFrame) and table["fold"].to_list() == out["fold"].tolist()


def test_members(models: Any, new_rows: pd.DataFrame) -> None:
    model = models["multiclass"]
    name = model.member_names[0]
    assert model.member(name).member_names == [name]
    assert model.member(name).predict_proba(new_rows).shape == (50, 3)
    if len(model.member_names) > 1:
        assert name not in model.without(name).member_names
    with pytest.raises(AutoMillError) as caught:
        model.member(name[:-1] + "_")
    assert caught.value.code == "model.unknown_member"


def test_save_and_load(models: Any, new_rows: pd.DataFrame, tmp_path: Path) -> None:
    for task, model in models.items():
        path = tmp_path / f"{task}.automill"
        model.save(path)
        loaded = automill.load(path)
        assert loaded.predict(new_rows).equals(model.predict(new_rows)) and str(loaded) == str(model)
        assert loaded.leaderboard().to_dict() == model.leaderboard().to_dict() and loaded.classes == model.classes
        assert loaded.verify()
        with pytest.raises(AutoMillError) as caught:
            loaded.out_of_fold()
        assert caught.value.code == "model.no_out_of_fold"
        model.save(path, out_of_fold=True)
        kept = automill.load(path).out_of_fold()
        whole = model.out_of_fold()
        for name in whole.columns:
            np.testing.assert_array_equal(kept[name], whole[name].to_numpy())
        with pytest.raises(AutoMillError) as caught:
            loaded.save(path, out_of_fold=True)
        assert caught.value.code == "model.no_out_of_fold"
        copy = pickle.loads(pickle.dumps(model))
        assert copy.predict(new_rows).equals(model.predict(new_rows))
    with pytest.raises(AutoMillError) as caught:
        automill.load(tmp_path / "absent.automill")
    assert caught.value.code == "file.missing"
    (tmp_path / "no.automill").write_text("not a model")
    with pytest.raises(AutoMillError) as caught:
        automill.load(tmp_path / "no.automill")
    assert caught.value.code.startswith("model_file.")
    with pytest.raises(AutoMillError) as caught:
        model.save(tmp_path / "no folder" / "m.automill")
    assert caught.value.code == "file.unwritable"


def test_decision_threshold(models: Any, new_rows: pd.DataFrame, tmp_path: Path) -> None:
    model = models["binary"].member(models["binary"].member_names[0])
    model.decision_threshold = 0.0
    assert set(model.predict(new_rows)) == {"high"}
    model.decision_threshold = 0.8
    assert ((model.predict(new_rows) == "high") == (model.predict_proba(new_rows)["high"] >= 0.8)).all()
    model.save(tmp_path / "m.automill")
    assert automill.load(tmp_path / "m.automill").decision_threshold == 0.8
    with pytest.raises(AutoMillError):
        model.decision_threshold = 1.5


def test_check(models: Any, new_rows: pd.DataFrame) -> None:
    model = models["binary"]
    report = model.check(new_rows.assign(job="pilot", age=1e6))
    assert report and {"job", "age"} <= {finding.column for finding in report.findings} and "pilot" in str(report) or "job" in str(report)


def test_refit(models: Any, make_table: Any, tmp_path: Path) -> None:
    more = make_table("binary", 500, seed=5)
    again = models["binary"].refit(more)
    assert again.classes == models["binary"].classes and again.member_names == models["binary"].member_names
    assert "rows 500" in str(again)
    more.to_csv(tmp_path / "more.csv", index=False)
    assert models["binary"].refit(tmp_path / "more.csv").schema.names == again.schema.names


def test_row_predictor(models: Any, new_rows: pd.DataFrame) -> None:
    for model in models.values():
        one = model.row_predictor()
        batch = model.predict(new_rows).to_numpy() if model.task == "regression" else model.predict_proba(new_rows).to_numpy()
        for i, row in enumerate(new_rows.to_dict("records")):
            np.testing.assert_array_equal(one(row), batch[i])  # the same bits
        assert np.isfinite(one(job="nurse")).all()
        with pytest.raises(AutoMillError) as caught:
            one(jbo="nurse")
        assert "job" in caught.value.hint
