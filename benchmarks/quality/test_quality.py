"""Tests of the quality benchmark: splits, errors, restartability, and the measure of a process tree."""

from __future__ import annotations

import gzip
import json
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quality import run
from quality.catalogue import choose_sets
from quality.encoding import CategoryFrame
from quality.environments import EnvironmentFailed, Peer, find_peer, interpreter_of, read_requirements
from quality.errors import log_loss, prediction_error, prior_error, roc_auc
from quality.process_tree import run_measured
from quality.report import markdown
from quality.splits import TARGET, holdout_split, read_set

MEBIBYTE = 2**20

DUMMY_PEER = """
    import os
    import pandas as pd
    requirements = None

    class Constant:
        def __init__(self, target, task):
            self.target, self.task = target, task
        def predict(self, frame):
            if self.task == "regression":
                return pd.Series(self.target.mean(), index=frame.index)
            shares = self.target.value_counts(normalize=True)
            return pd.DataFrame({name: [share] * len(frame) for name, share in shares.items()}, index=frame.index)

    def fit(train, target, task, time_limit, threads, seed):
        return Constant(train[target], task)
"""
FAILING_PEER = """
    requirements = None
    def fit(train, target, task, time_limit, threads, seed):
        raise RuntimeError("no model today")
"""
CRASHING_PEER = """
    import os, time
    requirements = None
    def fit(train, target, task, time_limit, threads, seed):
        if time_limit > 1:
            time.sleep(60)
        os.abort()
"""
MISSING_PEER = """
    import a_package_that_does_not_exist
    requirements = None
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with three small sets and their manifest."""
    folder = tmp_path / "data"
    folder.mkdir()
    generator = np.random.default_rng(0)
    label = np.where(generator.random(100) < 0.3, "NA", "yes")  # "NA" is an ordinary string here
    targets = {
        "two": ("binary", label),
        "three": ("multiclass", np.arange(100) % 3),
        "number": ("regression", generator.normal(size=100)),
    }
    entries = []
    for name, (task, target) in targets.items():
        frame = pd.DataFrame({"x": generator.normal(size=100), "city": ["None", ""] * 50, "target": target})
        with gzip.open(folder / f"{name}.csv.gz", "wt") as file:
            frame.to_csv(file, index=False)
        entries.append(
            {
                "name": name,
                "file": f"{name}.csv.gz",
                "task": task,
                "n_rows": 100,
                "n_features": 2,
                "tier": "core",
                "use": "evaluation" if name == "number" else "development",
            }
        )
    entries.append({"name": "images", "file": "images.gz", "task": "multiclass"})
    (folder / "manifest.json").write_text(json.dumps({"datasets": entries}))
    return folder


@pytest.fixture
def peers(tmp_path: Path) -> Path:
    """A folder with dummy peers."""
    folder = tmp_path / "peers"
    folder.mkdir()
    texts = {"dummy": DUMMY_PEER, "failing": FAILING_PEER, "crashing": CRASHING_PEER, "missing": MISSING_PEER}
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    return folder


def command(data: Path, peers: Path, output: Path, methods: str, *more: str) -> int:
    """The benchmark's command with short options."""
    return run.main(
        [
            "--data",
            str(data),
            "--peers",
            str(peers),
            "--output",
            str(output),
            "--methods",
            methods,
            "--splits",
            "2",
            "--time-limit",
            "1",
            *more,
        ]
    )


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


# --- sets and splits ------------------------------------------------------------------------------------------------


def test_sets_are_chosen_by_use_or_name(data: Path) -> None:
    assert [each.name for each in choose_sets(data, "core")] == ["two", "three"]
    assert [each.name for each in choose_sets(data, "evaluation")] == ["number"]
    assert [each.name for each in choose_sets(data, "number,two")] == ["number", "two"]
    with pytest.raises(ValueError, match="no such set: images"):
        choose_sets(data, "images")


def test_only_the_empty_field_is_missing(data: Path) -> None:
    frame = read_set(data / "two.csv.gz", "binary")
    assert set(frame[TARGET]) == {"NA", "yes"} and frame["city"].isna().sum() == 50 and "None" in set(frame["city"])


def test_classification_split_is_stratified() -> None:
    labels = ["a"] * 50 + ["b"] * 7 + ["c"] * 2 + ["d"]
    frame = pd.DataFrame({"row": range(60), TARGET: labels})
    train, test = holdout_split(frame, "multiclass", 1)
    assert test[TARGET].value_counts().to_dict() == {"a": 10, "b": 1, "c": 1}  # 1.4 rounds to 1; one row stays
    assert sorted([*train["row"], *test["row"]]) == list(range(60))


def test_splits_follow_the_frozen_generator() -> None:
    frame = pd.DataFrame({"row": range(10), TARGET: np.arange(10.0)})
    expected = sorted(np.random.RandomState(1003).permutation(10)[:2])
    assert list(holdout_split(frame, "regression", 3)[1]["row"]) == expected
    # written down from NumPy 2.4, so that a changed stream would be noticed
    assert expected == sorted(PERMUTATION_OF_SPLIT_3)
    assert list(holdout_split(frame, "regression", 4)[1]["row"]) != expected


PERMUTATION_OF_SPLIT_3 = [9, 3]


# --- errors ---------------------------------------------------------------------------------------------------------


def test_auc_counts_ordered_pairs_and_half_of_ties() -> None:
    positive = np.array([True, True, False, False, False])
    # pairs: 3 beats 1, 2, 2 -> 3; 2 beats 1, ties twice -> 2: 5 of 6
    assert roc_auc(positive, np.array([3.0, 2.0, 1.0, 2.0, 2.0])) == pytest.approx(5 / 6)


def test_binary_error_is_the_same_for_either_column_order() -> None:
    truth = pd.Series(["no", "yes", "yes"])
    proba = pd.DataFrame({"yes": [0.2, 0.1, 0.9], "no": [0.8, 0.9, 0.1]})
    assert prediction_error("binary", truth, proba) == pytest.approx(0.5)
    assert prediction_error("binary", truth, proba[["no", "yes"]]) == pytest.approx(0.5)


def test_log_loss_scales_rows_and_bounds_a_missing_class() -> None:
    proba = pd.DataFrame({"a": [1.0, 3.0], "b": [1.0, 1.0]})
    assert log_loss(np.array(["a", "b"]), proba) == pytest.approx(-(np.log(0.5) + np.log(0.25)) / 2)
    assert log_loss(np.array(["c"]), proba.iloc[:1]) == pytest.approx(-np.log(1e-15))


def test_prior_errors() -> None:
    train, test = pd.Series(["a", "a", "a", "b"]), pd.Series(["a", "b"])
    assert prior_error("multiclass", train, test) == pytest.approx(-(np.log(0.75) + np.log(0.25)) / 2)
    assert prior_error("binary", train, test) == 0.5
    assert prior_error("regression", pd.Series([1.0, 3.0]), pd.Series([5.0])) == pytest.approx(3.0)


def test_a_prediction_with_gaps_is_an_error() -> None:
    with pytest.raises(ValueError, match="not finite"):
        prediction_error("regression", pd.Series([1.0]), np.array([np.nan]))
    with pytest.raises(ValueError, match="1 predictions for 2 rows"):
        prediction_error("regression", pd.Series([1.0, 2.0]), np.array([1.0]))


def test_category_frame_keeps_numbers_and_forgets_unseen() -> None:
    train = pd.DataFrame({"n{x}": [1, 2], "s": ["u", "v"], "b": [True, False]})
    out = CategoryFrame(train).transform(pd.DataFrame({"n{x}": [3], "s": ["w"], "b": [True]}))
    assert list(out.columns) == ["f0", "f1", "f2"] and out["f0"][0] == 3.0
    assert out["f1"].isna()[0] and out["f2"][0] == "True"


# --- runs -----------------------------------------------------------------------------------------------------------


def test_every_run_becomes_a_line(data: Path, peers: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    assert command(data, peers, output, "dummy", "--sets", "two,three,number") == 0
    rows = lines(output)
    assert len(rows) == 6 and {row["status"] for row in rows} == {"ok"}
    for row in rows:
        assert row["error"] == pytest.approx(row["prior_error"], rel=1e-9)
        assert (
            row["peak_bytes"] > 20 * MEBIBYTE
            and row["core_seconds"] > 0
            and row["train_rows"] == 100 - row["test_rows"]
        )
    assert all(row["auc"] == 0.5 for row in rows if row["task"] == "binary")


def test_a_second_start_does_only_what_is_missing(data: Path, peers: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    command(data, peers, output, "dummy", "--sets", "two,three")
    whole = output.read_text().splitlines(keepends=True)
    output.write_text("".join(whole[:2]) + whole[2][:40])  # as a kill in the middle of a write leaves it
    command(data, peers, output, "dummy", "--sets", "two,three")
    again = output.read_text().splitlines(keepends=True)
    assert again[:2] == whole[:2] and len(again) == 4
    assert {(row["set"], row["split"]) for row in lines(output)} == {(n, s) for n in ("two", "three") for s in (1, 2)}
    command(data, peers, output, "dummy", "--sets", "two,three")
    assert output.read_text().splitlines(keepends=True) == again


def test_another_time_limit_is_another_run(data: Path, peers: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    command(data, peers, output, "dummy", "--sets", "two")
    command(data, peers, output, "dummy", "--sets", "two", "--time-limit", "2")
    assert [row["time_limit"] for row in lines(output)] == [1.0, 1.0, 2.0, 2.0]


def test_a_failure_is_a_line_with_its_reason(data: Path, peers: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    assert command(data, peers, output, "failing,crashing", "--sets", "two", "--splits", "1") == 0
    reasons = {row["method"]: row["reason"] for row in lines(output)}
    assert reasons["failing"] == "RuntimeError: no model today" and "exit code -6" in reasons["crashing"]
    assert all(row["prior_error"] == 0.5 and row["error"] is None for row in lines(output))
    command(data, peers, output, "failing", "--sets", "two", "--splits", "1")
    assert len(lines(output)) == 2
    command(data, peers, output, "failing", "--sets", "two", "--splits", "1", "--retry-failed")
    assert len(lines(output)) == 3


def test_a_run_that_hangs_is_killed(data: Path, peers: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    command(data, peers, output, "crashing", "--sets", "two", "--splits", "1", "--time-limit", "5", "--kill-after", "6")
    (row,) = lines(output)
    assert row["reason"].startswith("killed after") and 6 <= row["wall_seconds"] < 20


def test_a_method_that_cannot_be_imported_writes_no_line(data: Path, peers: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    assert command(data, peers, output, "missing,dummy", "--sets", "two", "--splits", "1") == 1
    assert [row["method"] for row in lines(output)] == ["dummy"]


def test_unknown_names_are_refused(data: Path, peers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command(data, peers, tmp_path / "results.jsonl", "dumy", "--sets", "two")
    assert ended.value.code == 2 and "crashing, dummy, failing" in capsys.readouterr().err


def test_report_has_a_line_a_set_and_the_verdict(data: Path, peers: Path, tmp_path: Path) -> None:
    (peers / "other.py").write_text((peers / "dummy.py").read_text())
    output = tmp_path / "results.jsonl"
    command(data, peers, output, "dummy,other,failing", "--sets", "two,three")
    rows = lines(output)
    for row in rows:
        if row["method"] == "dummy":
            row["error"] = row["error"] * 0.5
    text = markdown(rows, "dummy")
    assert "| two | binary |" in text and "| three | multiclass |" in text
    assert "2.000" in text and "**better**" in text and "no model today" in text


# --- environments and process trees ---------------------------------------------------------------------------------


def test_all_shipped_peers_declare_their_requirements() -> None:
    for file in (Path(__file__).parent / "peers").glob("*.py"):
        requirements = read_requirements(file)
        assert requirements is None or all(isinstance(text, str) for text in requirements), file.name


def test_an_environment_is_made_once(tmp_path: Path) -> None:
    peer = Peer("empty", tmp_path / "empty.py", [str(_empty_package(tmp_path))])
    python = interpreter_of(peer, tmp_path / "environments")
    stamp = (python.parent.parent / "requirements.sha256").stat().st_mtime_ns
    assert interpreter_of(peer, tmp_path / "environments") == python
    assert (python.parent.parent / "requirements.sha256").stat().st_mtime_ns == stamp


def _empty_package(folder: Path) -> Path:
    """A wheel without content, so that pip needs no network."""
    wheel = folder / "nothing_at_all-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(
            "nothing_at_all-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: nothing-at-all\nVersion: 1.0\n"
        )
        file.writestr(
            "nothing_at_all-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr("nothing_at_all-1.0.dist-info/RECORD", "")
    return wheel


def test_a_failed_environment_tells_pips_words(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match="no-such-file"):
        interpreter_of(Peer("broken", tmp_path / "b.py", [str(tmp_path / "no-such-file.whl")]), tmp_path / "e")


def test_find_peer_names_the_peers() -> None:
    assert find_peer("automill").requirements is None
    with pytest.raises(ValueError, match="lightgbm_early_stopping"):
        find_peer("lightgbm")


CHILD = """
import time
block = bytearray(150 * 2**20)
end = time.process_time() + 0.5
while time.process_time() < end:
    pass
time.sleep(0.3)
"""
TREE = f"""
import subprocess, sys
children = [subprocess.Popen([sys.executable, "-c", {CHILD!r}]) for _ in range(2)]
[each.wait() for each in children]
"""


def test_memory_and_time_of_children_count(tmp_path: Path) -> None:
    usage = run_measured([sys.executable, "-c", TREE], 60, tmp_path / "log")
    assert usage.exit_code == 0 and not usage.killed
    assert 300 * MEBIBYTE < usage.peak_bytes < 420 * MEBIBYTE
    assert 1.0 <= usage.core_seconds < 3.0


def test_what_outlives_the_command_is_ended(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    late = f"import time; time.sleep(2); open({str(marker)!r}, 'w')"
    text = (
        "import subprocess, sys, time; "
        f"subprocess.Popen([sys.executable, '-c', {late!r}], start_new_session=True); time.sleep(0.3)"
    )
    usage = run_measured([sys.executable, "-c", text], 60, tmp_path / "log")
    assert usage.exit_code == 0
    time.sleep(2.5)
    assert not marker.exists()
