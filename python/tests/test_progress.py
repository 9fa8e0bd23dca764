"""Progress: a bar on a terminal, lines in a log, a display in a notebook, and the model at the end."""
from __future__ import annotations

import io
import logging
import os
import pty
import subprocess
import sys
from typing import Any

import pytest

import automill

SCRIPT = """
import numpy as np, automill
X = np.random.default_rng(0).normal(size=(2000, 5))
automill.train(X, X[:, 0] > 0, time_limit=3, threads=2{more})
"""


def on_terminal(code: str) -> str:
    """What a script writes when its standard error and output are a terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", code], stdout=child, stderr=child, close_fds=True)
    os.close(child)
    text = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        text += part
    os.close(parent)
    assert process.wait() == 0, text.decode()
    return text.decode()


def test_bar_on_a_terminal() -> None:
    text = on_terminal(SCRIPT.format(more=""))
    assert "\r[" in text and " s of 3" in text and "candidates" in text
    assert "target: binary" in text.split("\r")[-1] or "target: binary" in text


def test_nothing() -> None:
    assert on_terminal(SCRIPT.format(more=", progress='none'")) == ""


def test_lines_go_to_the_log(make_table: Any, quick: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.INFO, logger="automill"):
        model = automill.train(make_table("binary", 150), "y", **{**quick, "progress": "lines"})
    assert caplog.records and all(record.name == "automill" for record in caplog.records)
    out, err = capsys.readouterr()
    assert out == str(model) + "\n" and err == ""


def test_notebook(make_table: Any, quick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from automill import progress

    shown: list[str] = []

    class Handle:
        def update(self, content: Any) -> None:
            shown.append(content.data)

    def display(content: Any, display_id: bool = False) -> Handle:
        shown.append(content.data)
        return Handle()

    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    model = automill.train(make_table("binary", 300), "y", **{**quick, "progress": "auto"})
    assert shown[-1] == model._repr_html_() and "<table>" in shown[-1]
    assert len(shown) == 1 or "<progress" in shown[0]


def test_a_display_that_cannot_be_written_to_loses_no_model(make_table: Any, quick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`train(...) | head`: the reader has left, the model is there all the same."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    model = automill.train(make_table("binary", 150), "y", **{**quick, "progress": "lines"})
    monkeypatch.undo()
    assert model.task == "binary"
