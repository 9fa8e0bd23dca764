"""replay: the run of a model once more, bit for bit, from Python."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import automill
from automill import AutoMillError


def test_a_run_that_the_clock_ended(make_table: Any, tmp_path: Path) -> None:
    frame = make_table("binary", 1500)
    model = automill.train(frame, "y", time_limit=0.7, threads=2, progress="none")
    model.save(tmp_path / "m.automill")
    for again in (automill.replay(model, frame, threads=1), automill.replay(tmp_path / "m.automill", frame)):
        np.testing.assert_array_equal(again.predict_proba(frame).to_numpy(), model.predict_proba(frame).to_numpy())
        assert again.validation_score == model.validation_score
        assert again.recipe() == model.recipe()
        assert "\nreplayed: " in str(again) and "\nreplayed: " not in str(model)
    assert automill.replay(model, (frame.drop(columns="y"), frame["y"])).recipe() == model.recipe()


def test_files_are_read_as_in_the_run(make_table: Any, tmp_path: Path) -> None:
    frame = make_table("regression", 300)
    frame["code"] = np.arange(300) % 7
    frame.loc[::9, "code"] = -99
    frame.to_csv(tmp_path / "rows.csv", index=False)
    frame.head(80).to_csv(tmp_path / "held.csv", index=False)
    options: dict[str, Any] = {"types": {"code": "category"}, "max_trials": 3, "folds": 3, "progress": "none"}
    model = automill.train(tmp_path / "rows.csv", "y", missing=["-99"], **options)
    again = automill.replay(model, tmp_path / "rows.csv", missing=["-99"])
    np.testing.assert_array_equal(again.predict(frame), model.predict(frame))
    with pytest.raises(AutoMillError) as caught:
        automill.replay(model, tmp_path / "rows.csv")
    assert caught.value.code == "replay.other_data"
    del options["folds"]
    model = automill.train(tmp_path / "rows.csv", "y", validation_data=tmp_path / "held.csv", **options)
    again = automill.replay(model, tmp_path / "rows.csv", validation_data=tmp_path / "held.csv")
    np.testing.assert_array_equal(again.predict(frame), model.predict(frame))


def test_what_cannot_be_replayed(make_table: Any) -> None:
    frame = make_table("regression", 120)
    model = automill.train(frame, "y", max_trials=2, folds=3, progress="none")
    with pytest.raises(AutoMillError) as caught:
        automill.replay(model.refit(frame), frame)
    assert caught.value.code == "replay.no_run"
    with pytest.raises(AutoMillError) as caught:
        automill.replay(model, frame.iloc[:100])
    assert caught.value.code == "replay.other_data"
    groups = automill.train(frame, "y", groups=np.arange(120) // 2, max_trials=2, folds=3, progress="none")
    with pytest.raises(AutoMillError) as caught:
        automill.replay(groups, frame)
    assert caught.value.code == "option.not_recorded"
