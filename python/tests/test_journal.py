"""A run with a journal: resumed after an interruption, refused where it is another run, readable by sqlite3."""
from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import automill
from automill import AutoMillError

OPTIONS: dict[str, Any] = {"max_trials": 3, "folds": 3, "threads": 2, "progress": "none"}


@pytest.fixture(scope="module")
def frame(make_table: Any) -> pd.DataFrame:
    return make_table("binary", 200)


def kinds_of(events: list[automill.Event]) -> list[str]:
    return [event.kind for event in events]


def test_a_run_that_an_exception_ended_goes_on(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    seen: list[automill.Event] = []

    def fail_after_four(event: automill.Event) -> None:
        seen.append(event)
        if kinds_of(seen).count("fold.recorded") == 4:
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        automill.train(frame, "y", journal=path, callbacks=[fail_after_four], **OPTIONS)
    before = {(event.fields["name"], event.fields["fold"]) for event in seen if event.kind == "fold.recorded"}
    again: list[automill.Event] = []
    resumed = automill.train(frame, "y", journal=str(path), resume=True, callbacks=[again.append], **OPTIONS)
    whole = automill.train(frame, "y", **OPTIONS)
    assert np.array_equal(resumed.predict_proba(frame), whole.predict_proba(frame))
    assert float(resumed.validation_score) == float(whole.validation_score)
    restored = {(event.fields["name"], event.fields["fold"]) for event in again if event.kind == "fold.restored"}
    fitted = {(event.fields["name"], event.fields["fold"]) for event in again if event.kind == "fold.recorded"}
    assert len(restored & before) >= 3 and not restored & fitted and len(restored | fitted) == 9


def test_sqlite_reads_it(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    model = automill.train(frame, "y", journal=path, **OPTIONS)
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT name, fold, predictions, rounds FROM folds JOIN trials USING (trial)").fetchall()
        options = json.loads(database.execute("SELECT options FROM run").fetchone()[0])
        score = database.execute("SELECT score FROM run").fetchone()[0]
    assert len(rows) == 9 and options["target"] == "y" and options["folds"] == 3
    assert score == float(model.validation_score)
    assert sum(len(np.frombuffer(predictions, "<f8")) for name, _, predictions, _ in rows if name == "baseline") == 2 * len(frame)


def test_another_run_is_refused(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    options = {**OPTIONS, "max_trials": 1}
    automill.train(frame, "y", journal=path, **options)
    for given, code in (({}, "journal.exists"), ({"resume": True, "seed": 3}, "journal.other_options")):
        with pytest.raises(AutoMillError) as caught:
            automill.train(frame, "y", journal=path, **options, **given)
        assert caught.value.code == code
    with pytest.raises(AutoMillError) as caught:
        automill.train(frame.iloc[:-1], "y", journal=path, resume=True, **options)
    assert caught.value.code == "journal.other_data" and "rows" in {fault.place for fault in caught.value.faults}


@pytest.mark.parametrize(("options", "code"), [({"resume": True}, "option.contradiction"), ({"journal_limit": 10**7}, "option.contradiction"), ({"journal": "x", "journal_limit": 5}, "option.out_of_range"), ({"journal": 7}, "option.wrong_type"), ({"journal": "x", "resume": 1}, "option.wrong_type")])
def test_wrong_options(frame: pd.DataFrame, options: dict[str, Any], code: str) -> None:
    with pytest.raises(AutoMillError) as caught:
        automill.train(frame, "y", progress="none", **options)
    assert caught.value.code == code


def test_where_the_rows_came_from_is_kept(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "rows.csv", index=False)
    automill.train(tmp_path / "rows.csv", "y", journal=tmp_path / "run.journal", missing=["?"], **{**OPTIONS, "max_trials": 1})
    with sqlite3.connect(tmp_path / "run.journal") as database:
        source = json.loads(database.execute("SELECT source FROM run").fetchone()[0])
    assert source == {"data": str(tmp_path / "rows.csv"), "missing": ["?"]}
