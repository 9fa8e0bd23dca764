"""evaluate, leaderboard, inspect, verify, refit, list, doctor."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import TEST, TRAIN, Shell


def test_evaluate_agrees_with_predictions(shell: Shell, income_model: Path) -> None:
    import csv
    import io

    metrics = pytest.importorskip("sklearn.metrics")
    evaluation = json.loads(shell.ok("evaluate", income_model, TEST, "--json"))
    values = {row["metric"]: row for row in evaluation["rows"]}
    predictions = list(csv.DictReader(io.StringIO(shell.ok("predict", income_model, TEST))))
    with TEST.open() as file:
        truth = [row["income"] == ">50K" for row in csv.DictReader(file)]
    p = [float(row["probability_>50K"]) for row in predictions]
    assert values["roc_auc"]["value"] == pytest.approx(metrics.roc_auc_score(truth, p), rel=1e-12)
    assert values["log_loss"]["value"] == pytest.approx(metrics.log_loss(truth, p), rel=1e-12)
    assert values["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(truth, [row["prediction"] == ">50K" for row in predictions]), rel=1e-12)
    for row in values.values():
        assert row["rows"] == 2000
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"], row
    assert values["roc_auc"]["higher_is_better"] and not values["log_loss"]["higher_is_better"]


def test_evaluate_by_a_column(shell: Shell, income_model: Path) -> None:
    rows = json.loads(shell.ok("evaluate", income_model, TEST, "--metrics", "roc_auc,log_loss", "--by", "sex", "--json"))["rows"]
    assert {(row["slice"], row["metric"]) for row in rows} == {(s, m) for s in (None, "Female", "Male") for m in ("roc_auc", "log_loss")}
    counts = {row["slice"]: row["rows"] for row in rows}
    assert counts["Female"] + counts["Male"] == counts[None] == 2000
    text = shell.ok("evaluate", income_model, TEST, "--metrics", "roc_auc", "--by", "sex")
    assert text.split()[0] == "sex" and "Female" in text and "(all)" in text


def test_evaluate_drops_rows_without_a_target_and_says_so(shell: Shell, income_model: Path) -> None:
    lines = TEST.read_text().splitlines()
    lines[1] = lines[1].rsplit(",", 1)[0] + ","
    done = shell.run("evaluate", income_model, "-", "--metrics", "roc_auc", "--json", stdin="\n".join(lines).encode())
    result = json.loads(done.stdout)
    assert result["rows"][0]["rows"] == 1999 and any("target" in warning for warning in result["warnings"])


def test_leaderboard(shell: Shell, income_model: Path) -> None:
    rows = json.loads(shell.ok("leaderboard", income_model, "--json"))["rows"]
    assert len(rows) >= 3 and sorted(row["rank"] for row in rows if row["rank"])[0] == 1
    assert all(row["test_score"] is None for row in rows)
    assert sum(row["weight"] or 0 for row in rows) == pytest.approx(1, abs=1e-9)
    tested = json.loads(shell.ok("leaderboard", income_model, TEST, "--json"))["rows"]
    assert any(row["test_score"] is not None and row["test_score"] > 0.85 for row in tested)
    text = shell.ok("leaderboard", income_model)
    assert all(row["name"] in text for row in rows)


def test_inspect(shell: Shell, income_model: Path) -> None:
    text = shell.ok("inspect", income_model)
    assert text.startswith("income: binary") and "education" in text and '"members"' in text
    everything = json.loads(shell.ok("inspect", income_model, "--json"))
    assert [column["name"] for column in everything["schema"]][0] == "age"
    assert everything["recipe"]["target"] == "income"


def test_verify(shell: Shell, income_model: Path) -> None:
    assert json.loads(shell.ok("verify", income_model, "--json"))["ok"] is True
    assert shell.run("verify", income_model, TEST).returncode == 0, "a random sample of the same rows is like training"
    shifted = TEST.read_text().splitlines()
    shifted = [shifted[0]] + ["9" + line for line in shifted[1:]]  # ages from 917 to 990
    done = shell.run("verify", income_model, "-", "--json", stdin="\n".join(shifted).encode())
    report = json.loads(done.stdout)
    assert done.returncode == 3 and report["ok"] is False and report["self_test"]["ok"] is True
    assert any(finding["column"] == "age" for finding in report["check"]["findings"])


def test_verify_of_a_damaged_file(shell: Shell, income_model: Path) -> None:
    damaged = bytearray(income_model.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (shell.folder / "m.automill").write_bytes(damaged)
    done = shell.run("verify", "m.automill")
    assert done.returncode == 1 and "[model_file.damaged]" in done.stderr


def test_replay(shell: Shell) -> None:
    shell.ok("train", TRAIN, "--target", "income", "--time-limit", 2, "--output", "first.automill")
    out = shell.ok("replay", "first.automill", TRAIN, "--output", "again.automill", "--threads", 1)
    assert out.startswith("income: binary") and out.rstrip().endswith("saved again.automill")
    first, again = (shell.ok("predict", model, TEST) for model in ("first.automill", "again.automill"))
    assert first == again
    other = shell.run("replay", "first.automill", TEST, "--output", "other.automill")
    assert other.returncode == 1 and "[replay.other_data]" in other.stderr
    assert not (shell.folder / "other.automill").exists()


def test_refit(shell: Shell, income_model: Path) -> None:
    out = shell.ok("refit", income_model, TEST, "--output", "again.automill")
    assert "saved again.automill" in out
    first, second = (json.loads(shell.ok("inspect", model, "--json")) for model in (income_model, "again.automill"))
    assert [column["name"] for column in second["schema"]] == [column["name"] for column in first["schema"]]
    assert second["target"]["positive_class"] == ">50K"
    shell.ok("verify", "again.automill")
    # The same rows give the same model: what the recipe says is all there is.
    shell.ok("refit", income_model, TRAIN, "--output", "same.automill")
    assert shell.ok("predict", "same.automill", TEST) == shell.ok("predict", income_model, TEST)


def test_list(shell: Shell) -> None:
    everything = json.loads(shell.ok("list", "--json"))
    assert set(everything) == {"learners", "transformers", "metrics", "options"}
    boosting = next(entry for entry in everything["learners"] if entry["name"] == "gradient_boosting")
    leaves = next(parameter for parameter in boosting["parameters"] if parameter["name"] == "num_leaves")
    assert leaves["default"] == 31 and leaves["search"]["scale"] == "log"
    assert set(json.loads(shell.ok("list", "metrics", "--json"))) == {"metrics"}
    text = shell.ok("list")
    for entries in everything.values():
        assert all(entry["name"] in text for entry in entries)
    wrong = shell.run("list", "metric")
    assert wrong.returncode == 2 and "did you mean 'metrics'?" in wrong.stderr


def test_doctor(shell: Shell) -> None:
    report = json.loads(shell.ok("doctor", "--json"))
    assert report["cores"] >= 1 and report["available_memory_bytes"] > 0 and report["learners"] >= 4
    assert report["version"] in shell.ok("doctor")
    assert shell.ok("--version").split()[-1] == report["version"]
