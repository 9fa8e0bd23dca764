"""automill train: output, options, streams, interruption."""
from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import TEST, TRAIN, Shell


def test_prints_the_model_and_saves_it(shell: Shell) -> None:
    out = shell.ok("train", TRAIN, "--target", "income", "--time-limit", "2", "--output", "m.automill")
    assert out.startswith("income: binary, positive '>50K' (the rarer class)")
    assert "rows 3500 = 3500 used + 0 dropped" in out
    assert out.rstrip().endswith("saved m.automill")
    assert (shell.folder / "m.automill").stat().st_size > 1000
    assert [path.name for path in shell.folder.iterdir()] == ["m.automill"], "nothing else is left in the folder"


def test_progress_goes_to_the_standard_error(shell: Shell) -> None:
    arguments = ("train", TRAIN, "--target", "income", "--max-trials", 2, "--output", "m.automill", "--progress")
    lines = shell.run(*arguments, "lines")
    assert "read 3500 rows, 15 columns" in lines.stderr and "roc_auc" in lines.stderr
    assert "read 3500" not in lines.stdout
    assert shell.run(*arguments, "none").stderr == ""
    assert "\r" in shell.run(*arguments, "bar").stderr


def test_json_is_one_document(shell: Shell) -> None:
    done = shell.run("train", TRAIN, "--target", "income", "--max-trials", 2, "--output", "m.automill", "--json")
    result = json.loads(done.stdout)
    assert done.stderr == ""
    assert result["model"] == "m.automill" and result["interrupted"] is False
    assert result["target"]["classes"] == ["<=50K", ">50K"] and result["target"]["positive_class"] == ">50K"
    score = result["validation_score"]
    assert score["metric"] == "roc_auc" and score["low"] <= score["value"] <= score["high"] and score["value"] > 0.85
    assert result["reading"]["rows"] == 3500 and len(result["reading"]["columns"]) == 15
    assert {row["name"] for row in result["leaderboard"]} >= set(result["members"])


def test_without_output_the_name_of_the_data_is_used_once(shell: Shell) -> None:
    (shell.folder / "adult.csv").write_bytes(TRAIN.read_bytes())
    arguments = ("train", "adult.csv", "--target", "income", "--max-trials", 1)
    assert "saved adult.automill" in shell.ok(*arguments)
    again = shell.run(*arguments)
    assert again.returncode == 1 and "[file.exists]" in again.stderr and "--output" in again.stderr


def test_glass_box_gives_one_model(shell: Shell) -> None:
    arguments = ("train", TRAIN, "--target", "income", "--max-trials", 4, "--output", "m.automill", "--preset")
    out = shell.ok(*arguments, "glass_box")
    assert "glass box: " in out and "why: " in out
    shell.ok("verify", "m.automill")
    wrong = shell.run(*arguments, "glas_box")
    assert wrong.returncode == 2 and "did you mean 'glass_box'" in wrong.stderr
    assert "[option.contradiction]" in shell.run(*arguments, "glass_box", "--refit", "never").stderr


def test_streams(shell: Shell) -> None:
    arguments = ("train", "-", "--target", "income", "--max-trials", 1, "--output", "-", "--progress", "none")
    done = subprocess.run([shell.command, *map(str, arguments)], input=TRAIN.read_bytes(), capture_output=True, timeout=60, check=True)
    assert b"income: binary" in done.stderr, "the model is on the standard output, so the summary is not"
    (shell.folder / "m.automill").write_bytes(done.stdout)
    shell.ok("verify", "m.automill")


def test_every_delivered_option_is_read(shell: Shell) -> None:
    """Each option once with a value that is allowed; a missing reader or a wrong name fails here."""
    rows = TRAIN.read_text().splitlines()
    table = [f"{line},{'weight,fold,day,person' if i == 0 else f'{1 + i % 3},{i % 4},{i},{i // 2}'}" for i, line in enumerate(rows[:801])]
    (shell.folder / "t.csv").write_text("\n".join(table) + "\n")
    values: dict[str, list[str]] = {
        "task": ["binary"], "metric": ["log_loss"], "positive_class": ["<=50K"], "preset": ["fast"], "time_limit": ["1.5s"], "memory_limit": ["2GiB"],
        "threads": ["1"], "seed": ["7"], "validation_data": ["t.csv"], "holdout": ["0.25"], "folds": ["3"], "groups": ["person"], "time_column": ["day"],
        "sample_weight": ["weight"], "class_weight": ["<=50K=1,>50K=3"], "ignore": ["fnlwgt,race"], "types": ["education-num=category"], "missing": ["Private"],
        "include": ["ridge,logistic,baseline"], "exclude": ["gradient_boosting"], "refit": ["always"], "progress": ["none"], "max_trials": ["2"], "target": ["income"],
        "quantiles": ["0.1,0.9"], "monotone": ["age=1"], "cost_matrix": ["0,1;5,0"], "max_predict_time": ["10ms"], "max_model_size": ["5MB"],
        "search_space": ['{"logistic": {"tolerance": 0.001}}'],
        "journal": ["a.journal"], "journal_limit": ["5MB", "--journal", "b.journal"], "resume": [], "plan": [],
    }
    options = json.loads(shell.ok("list", "options", "--json"))["options"]
    in_shell = {option["name"] for option in options if option["in_shell"]}
    assert set(values) == in_shell
    assert in_shell == {option["name"] for option in options if option["delivered"]} - {"callbacks", "learners"}
    for name, given in values.items():
        if name in ("target", "max_trials", "include"):
            continue
        arguments = ["--target", "age" if name == "quantiles" else "income", "--max-trials", "1", "--output", "m.automill"]
        done = shell.run("train", "t.csv", *arguments, f"--{name.replace('_', '-')}", *given, *(["--journal", "c.journal"] if name == "resume" else []))
        assert done.returncode == 0, f"{name}: {done.stderr}"
    done = shell.run("train", "t.csv", "--target", "income", "--max-trials", "1", "--output", "m.automill", "--include", "logistic")
    assert done.returncode == 0, done.stderr


def test_plan_trains_nothing(shell: Shell) -> None:
    out = shell.ok("train", TRAIN, "--target", "income", "--time-limit", 20, "--plan")
    assert out.startswith("income: binary, positive '>50K'")
    assert "rows 3500 = 3500 used" in out and "  gbdt_1 " in out and "nothing is fitted yet" in out
    plan = json.loads(shell.ok("train", TRAIN, "--target", "income", "--max-trials", 3, "--plan", "--json", "--output", "m.automill"))
    assert [candidate["name"] for candidate in plan["candidates"]] == ["baseline", "logistic_1", "gbdt_1"]
    assert plan["folds"] == 8 and plan["searches"] == [] and 0 < plan["seconds"] < 60
    assert not list(shell.folder.iterdir())


def test_options_have_an_effect(shell: Shell) -> None:
    def result(*more: object) -> dict:
        out = shell.ok("train", TRAIN, "--target", "income", "--max-trials", 1, "--output", "m.automill", "--json", *more)
        return json.loads(out)

    assert result("--positive-class", "<=50K")["target"]["positive_class"] == "<=50K"
    assert result("--metric", "log_loss")["validation_score"]["metric"] == "log_loss"
    assert "3-fold" in result("--folds", 3)["validation_score"]["protocol"]
    kinds = {column["name"]: column["kind"] for column in result("--types", "age=category")["reading"]["columns"]}
    assert kinds["age"] == "category"
    missing = {column["name"]: column["missing"] for column in result("--missing", "Private")["reading"]["columns"]}
    assert missing["workclass"] > 2000
    schema = {column["name"] for column in json.loads(shell.ok("inspect", "m.automill", "--json"))["schema"]}
    assert "race" in schema
    result("--ignore", "race", "--ignore", "sex")
    schema = {column["name"] for column in json.loads(shell.ok("inspect", "m.automill", "--json"))["schema"]}
    assert not schema & {"race", "sex"}


def test_the_same_seed_gives_the_same_model(shell: Shell) -> None:
    for name, threads in (("a", 1), ("b", 2)):
        shell.ok("train", TRAIN, "--target", "income", "--max-trials", 3, "--seed", 5, "--threads", threads, "--output", f"{name}.automill")
        shell.ok("predict", f"{name}.automill", TEST, "--output", f"{name}.csv")
    assert (shell.folder / "a.csv").read_bytes() == (shell.folder / "b.csv").read_bytes()


def test_the_log_keeps_the_events(shell: Shell) -> None:
    for _ in range(2):
        shell.ok("train", TRAIN, "--target", "income", "--max-trials", 1, "--output", "m.automill", "--log", "run.log")
    log = (shell.folder / "run.log").read_text().splitlines()
    assert sum("candidate.finished" in line for line in log) == 2, "the second run is added"
    assert sum("run.finished" in line for line in log) == 2


def start(shell: Shell, *more: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([shell.command, "train", str(TRAIN), "--target", "income", "--output", "m.automill", "--progress", "lines", *more], cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def wait_for_a_candidate(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if b"roc_auc" in line:
            return
    pytest.fail("no candidate finished")


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_one_interrupt_saves_the_best_model_so_far(shell: Shell, which: signal.Signals) -> None:
    process = start(shell, "--time-limit", "60")
    wait_for_a_candidate(process)
    begin = time.monotonic()
    process.send_signal(which)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - begin < 10
    assert b"saved m.automill" in out and b"interrupted" in out
    assert (shell.folder / "m.automill").exists()
    shell.ok("verify", "m.automill")


def test_two_interrupts_end_at_once(shell: Shell) -> None:
    process = start(shell, "--time-limit", "60")
    wait_for_a_candidate(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    # The first one may have finished meanwhile: then the model is there, and whole.
    assert process.returncode == 130
    if (shell.folder / "m.automill").exists():
        shell.ok("verify", "m.automill")


def test_a_bar_on_a_terminal(shell: Shell) -> None:
    controller, terminal = pty.openpty()
    arguments = ["train", str(TRAIN), "--target", "income", "--time-limit", "2", "--output", "m.automill"]
    process = subprocess.Popen([shell.command, *arguments], cwd=shell.folder, stdout=subprocess.DEVNULL, stderr=terminal)
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(controller, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    assert process.wait(timeout=30) == 0
    assert b"of 2.0 s" in shown and b"[####" in shown


def test_a_model_that_cannot_be_saved_is_not_lost(shell: Shell) -> None:
    if os.geteuid() == 0:
        target = "/dev/full"
    else:
        target = str(shell.folder / "none")
    done = shell.run("train", TRAIN, "--target", "income", "--max-trials", 1, "--output", target)
    assert done.returncode == 1
    assert "[file." in done.stderr
    if target == "/dev/full":
        rescued = Path(done.stderr.split("the model is in ")[1].split(")")[0])
        shell.ok("verify", rescued)
        rescued.unlink()


def test_costs_monotone_and_quantiles(shell: Shell) -> None:
    out = shell.ok("train", TRAIN, "--target", "income", "--max-trials", 2, "--output", "c.automill", "--cost-matrix", "0,1;5,0", "--monotone", "age=+1,hours-per-week=1")
    assert "mean_cost" in out and "labels of the least expected cost: '<=50K' as '>50K' 1, '>50K' as '<=50K' 5" in out
    assert "predictions only rise with age, only rise with hours-per-week" in out
    found = json.loads(shell.ok("inspect", "c.automill", "--json"))
    assert found["target"]["cost_matrix"] == [[0, 1], [5, 0]] and found["recipe"]["monotone"] == {"age": 1, "hours-per-week": 1}
    assert abs(found["target"]["decision_threshold"] - 1 / 6) < 1e-12
    assert "mean_cost" in shell.ok("evaluate", "c.automill", TEST)
    shell.ok("train", TRAIN, "--target", "hours-per-week", "--max-trials", 2, "--output", "q.automill", "--quantiles", "0.2,0.8")
    assert json.loads(shell.ok("inspect", "q.automill", "--json"))["recipe"]["quantiles"] == [0.2, 0.8]
    for option, value in (("--cost-matrix", "0,x;1,0"), ("--cost-matrix", "0,1,1"), ("--monotone", "age"), ("--monotone", "age=3"), ("--quantiles", "0.5,b"), ("--quantiles", "1.5")):
        done = shell.run("train", TRAIN, "--target", "income", "--max-trials", 1, "--output", "x.automill", option, value)
        assert done.returncode == 2, (option, value, done.stderr)
