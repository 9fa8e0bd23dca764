"""Wrong usage: exit codes, nearest names, every message as docs/errors.md states it."""
from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from conftest import ROOT, TEST, TRAIN, Shell

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def templates(code: str) -> list[re.Pattern[str]]:
    """The texts of docs/errors.md as patterns: <...> is anything, 'did you mean' may also be the list of known names."""
    section = PAGE.split(f"### `{code}`\n", 1)[1].split("\n### ", 1)[0]
    patterns = []
    for text in re.findall(r"^- Text: `(.*)`$", section, re.MULTILINE):
        parts = [re.escape(part) for part in re.split(r"<[^<>]*>", text)]
        pattern = ".+?".join(parts).replace(re.escape("did you mean '") + ".+?" + re.escape("'?"), "(?:did you mean '.+?'\\?|known names: .+?)")
        patterns.append(re.compile(pattern, re.DOTALL))
    return patterns


def check(done, exit_code: int, *codes: str) -> None:
    assert done.returncode == exit_code, done.stderr
    assert done.stderr.startswith("automill: ")
    for code in codes:
        assert f"[{code}]" in done.stderr, done.stderr
        fault = next(line for line in re.split(r"\n  - |^automill: ", done.stderr) if f"[{code}]" in line)
        assert any(pattern.search(fault) for pattern in templates(code)), f"docs/errors.md has another text for: {fault}"


@pytest.mark.parametrize(
    ("option", "value", "code", "said"),
    [
        ("--time-limt", "5", "option.unknown", "did you mean '--time-limit'?"),
        ("--label", "income", "option.unknown", "AutoMill calls it 'target'"),
        ("--time-budget", "5", "option.unknown", "AutoMill calls it 'time_limit'"),
        ("--time-limit", "0", "option.out_of_range", "above 0"),
        ("--time-limit", "-5", "option.out_of_range", "above 0"),
        ("--time-limit", "soon", "option.invalid", "5min"),
        ("--memory-limit", "1MiB", "option.out_of_range", "floor of 32 MiB"),
        ("--memory-limit", "much", "option.invalid", "4GiB"),
        ("--threads", "two", "option.invalid", "whole number"),
        ("--threads", "0", "option.out_of_range", "at least 1"),
        ("--preset", "quick", "option.unknown_choice", "known names: fast, balanced, best"),
        ("--metric", "ruc_auc", "metric.unknown", "did you mean 'roc_auc'?"),
        ("--include", "rigde", "option.unknown_choice", "did you mean 'ridge'?"),
        ("--progress", "loud", "option.unknown_choice", "lines"),
        ("--types", "age=numbr", "option.unknown_choice", "did you mean 'number'?"),
        ("--types", "age", "option.invalid", "column=kind"),
        ("--folds", "1", "option.out_of_range", "at least 2"),
        ("--holdout", "1.5", "option.out_of_range", "between 0 and 1"),
    ],
)
def test_wrong_options_of_train(shell: Shell, option: str, value: str, code: str, said: str) -> None:
    done = shell.run("train", TRAIN, "--target", "income", "--progress", "none", option, value, "--output", "m.automill")
    check(done, 2, code)
    assert said in done.stderr
    assert not list(shell.folder.iterdir())


@pytest.mark.parametrize("option", ["learners", "callbacks"])
def test_what_is_code_is_refused_by_name(shell: Shell, option: str) -> None:
    done = shell.run("train", TRAIN, "--target", "income", f"--{option}", "1")
    check(done, 2, "option.invalid")
    assert option in done.stderr and "command line" in done.stderr


def test_search_space(shell: Shell) -> None:
    space = '{"gbdt": {"num_leaves": {"type": "int", "low": 3, "high": 5}, "growth": "leaf_wise"}}'
    shell.ok("train", TRAIN, "--target", "income", "--include", "gbdt", "--max-trials", "2", "--folds", "2", "--search-space", space, "--output", "m.automill")
    for wrong, code in [("3", "option.wrong_type"), ("{", "option.invalid"), ('{"gbdt": {"num_leavs": 3}}', "parameter.unknown")]:
        check(shell.run("train", TRAIN, "--target", "income", "--search-space", wrong), 2, code)


def test_all_faults_come_at_once(shell: Shell) -> None:
    done = shell.run("train", TRAIN, "--target", "income", "--time-limit", "soon", "--threads", "x", "--learners", "1")
    check(done, 2, "option.invalid")
    assert "3 faults" in done.stderr


def test_subcommands(shell: Shell) -> None:
    none = shell.run()
    assert none.returncode == 2 and "train" in none.stderr
    typo = shell.run("trian", TRAIN)
    check(typo, 2, "option.unknown")
    assert "did you mean 'train'?" in typo.stderr
    for planned in ("plot", "export"):
        done = shell.run(planned)
        assert done.returncode == 2 and "[option.not_delivered]" in done.stderr
    help_text = shell.ok("--help")
    for name in ("train", "predict", "evaluate", "leaderboard", "inspect", "verify", "refit", "replay", "runs", "list", "doctor"):
        assert name in help_text
        assert "--json" in shell.ok(name, "--help")


def test_missing_arguments(shell: Shell, income_model: Path) -> None:
    for arguments in (("train",), ("train", TRAIN), ("predict",), ("evaluate", income_model), ("refit", income_model, TEST)):
        done = shell.run(*arguments)
        assert done.returncode == 2 and "[option.missing]" in done.stderr, (arguments, done.stderr)


def test_one_argument_too_many(shell: Shell, income_model: Path) -> None:
    done = shell.run("inspect", income_model, "more")
    assert done.returncode == 2 and "more" in done.stderr
    assert shell.run("inspect", income_model, "--jason").stderr.count("did you mean '--json'?") == 1


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("empty.csv", b"", "data.empty_file"),
    ("header.csv", b"a,income\n", "data.header_only"),
    ("ragged.csv", b"a,income\n1,x\n2\n3,y\n", "data.ragged_row"),
    ("latin.csv", b"a,income\nM\xfcller,x\nb,y\n", "data.not_utf8"),
    ("quote.csv", b'a,income\n"1,x\n2,y\n', "data.unclosed_quote"),
    ("after.csv", b'a,income\n"1"2,x\n2,y\n', "data.text_after_quote"),
    ("twice.csv", b"a,a,income\n1,2,x\n3,4,y\n", "data.duplicate_column"),
    ("parquet.csv", b"PAR1\x15\x04\x15\x10\x15\x14LPAR1", "data.not_csv"),
    ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K\xd2", "data.gzip_damaged"),
    ("unlabelled.csv", b"a,income\n1,\n2,\n", "data.target_all_missing"),
]


@pytest.mark.parametrize(("name", "content", "code"), BAD_FILES)
def test_bad_files(shell: Shell, name: str, content: bytes, code: str) -> None:
    (shell.folder / name).write_bytes(content)
    check(shell.run("train", name, "--target", "income", "--time-limit", 1, "--output", "m.automill", "--progress", "none"), 1, code)


def test_bad_data(shell: Shell) -> None:
    def train(content: str, *more: str):
        (shell.folder / "t.csv").write_text(content)
        return shell.run("train", "t.csv", "--target", "y", "--time-limit", 1, "--output", "m.automill", "--progress", "none", *more)

    check(train("x,Yy\n1,2\n"), 1, "data.column_unknown")
    check(train("x,y\n1,a\n2,b\n", "--task", "regression"), 1, "data.target_text")
    check(train("x,y\n" + "".join(f"{i},name{i}\n" for i in range(5000)), "--task", "multiclass"), 1, "data.too_many_classes")
    check(train("x,y\n" + "".join(f"{i},{i}.5\n" for i in range(50)) + "3,inf\n"), 1, "data.target_infinite")
    check(train("x,y,w\n1,2,-1\n2,3,1\n", "--sample-weight", "w"), 1, "data.weight_invalid")
    check(train("x,y\n1,a\n2,b\n3,a\n4,b\n", "--holdout", "0.5", "--folds", "2"), 2, "option.contradiction")
    check(train("x,y\n1,a\n2,b\n3,a\n4,b\n", "--ignore", "z"), 1, "data.column_unknown")


def test_files_that_are_not_there(shell: Shell, income_model: Path) -> None:
    check(shell.run("train", "none.csv", "--target", "y", "--output", "m"), 1, "data.file_missing")
    check(shell.run("train", shell.folder, "--target", "y", "--output", "m"), 1, "data.folder")
    check(shell.run("predict", "none.automill", TEST), 1, "file.missing")
    check(shell.run("predict", shell.folder, TEST), 1, "file.folder")
    check(shell.run("predict", income_model, "none.csv"), 1, "data.file_missing")
    check(shell.run("predict", income_model, TEST, "--output", "no/such/folder.csv"), 1, "file.unwritable")
    begin = shell.run("train", TRAIN, "--target", "income", "--time-limit", 60, "--output", "no/such/m.automill")  # said at once
    check(begin, 1, "file.unwritable")
    if os.geteuid() != 0:
        check(shell.run("train", TRAIN, "--target", "income", "--output", "/proc/m.automill"), 1, "file.unwritable")


def test_prediction_with_wrong_columns(shell: Shell, income_model: Path) -> None:
    lines = TEST.read_text().splitlines()
    renamed = "\n".join([lines[0].replace("age,", "Age,"), *lines[1:]]).encode()
    done = shell.run("predict", income_model, "-", stdin=renamed)
    check(done, 1, "data.column_missing")
    assert "did you mean 'Age'?" in done.stderr
    retyped = "\n".join([lines[0], "old" + lines[1], *lines[2:]]).encode()
    check(shell.run("predict", income_model, "-", stdin=retyped), 1, "data.cell_type")
