"""Progress of a run: a bar on a terminal, a live display in a notebook, or log lines."""
from __future__ import annotations

import html
import logging
import math
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .frame import figure

__all__ = ["Display", "Event", "make_display", "show"]

logger = logging.getLogger("automill")


@dataclass(frozen=True)
class Event:
    """Something that happened during a run; what callbacks get."""

    kind: str
    """Stable and dotted: "candidate.finished"."""
    message: str
    """One line for people."""
    fields: dict[str, Any]
    """The figures."""
    seconds: float
    """Since the start of the run."""


class Display:
    """Shows nothing; the others say what they show."""

    shows = False

    def event(self, event: Event) -> None:
        """Called for each event, one at a time, from a thread of the run."""

    def tick(self, progress: Any) -> None:
        """Called about ten times a second by the thread that waits."""

    def close(self, model: Any) -> None:
        """Called at the end; `model` is None when the run failed."""


def show(action: Callable[..., None], *arguments: Any) -> None:
    """Calls a method of a display. One that cannot be written to (a closed pipe, a full disk) never ends a run."""
    try:
        action(*arguments)
    except OSError:
        pass


def _score_text(progress: Any) -> str:
    best = progress.best
    return f"{best.metric} {figure(best.value)}" if math.isfinite(best.value) else ""


def _status(progress: Any) -> str:
    total = progress.seconds + progress.seconds_left
    time_text = f"{progress.seconds:.1f} s" + (f" of {figure(total, 4)}" if math.isfinite(total) else "")
    parts = [time_text, f"{progress.candidates_done} candidates", _score_text(progress), f"fitting {progress.running}" if progress.running else ""]
    return "   ".join(part for part in parts if part)


def _share(progress: Any) -> float:
    total = progress.seconds + progress.seconds_left
    return min(1.0, progress.seconds / total) if math.isfinite(total) and total > 0 else 0.0


class LinesDisplay(Display):
    """Log lines of the logger "automill", at level INFO."""

    shows = True

    def event(self, event: Event) -> None:
        if event.message:
            logger.info("%7.1f s  %s", event.seconds, event.message)

    def close(self, model: Any) -> None:
        if model is not None:
            print(model)


class BarDisplay(Display):
    """One line at the foot of a terminal (standard error) that is drawn again and again."""

    shows = True

    def tick(self, progress: Any) -> None:
        filled = round(20 * _share(progress))
        line = f"[{'#' * filled}{'-' * (20 - filled)}] {_status(progress)}"
        sys.stderr.write("\r" + line[: shutil.get_terminal_size().columns - 1] + "\x1b[K")
        sys.stderr.flush()

    def close(self, model: Any) -> None:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
        if model is not None:
            print(model)


class NotebookDisplay(Display):
    """A display of a notebook cell that is updated, and shows the model at the end."""

    shows = True

    def __init__(self) -> None:
        self._handle: Any = None
        self._drawn = 0.0

    def _show(self, content: str) -> None:
        from IPython.display import HTML, display

        if self._handle is None:
            self._handle = display(HTML(content), display_id=True)
        else:
            self._handle.update(HTML(content))

    def tick(self, progress: Any) -> None:
        if time.monotonic() - self._drawn < 0.5:
            return
        self._drawn = time.monotonic()
        self._show(f'<progress max="1" value="{_share(progress):.3f}"></progress> {html.escape(_status(progress))}')

    def close(self, model: Any) -> None:
        if model is not None:
            self._show(model._repr_html_())


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


def make_display(progress: str) -> Display:
    """`progress` as in `train`."""
    if progress == "none":
        return Display()
    if progress == "auto":
        progress = "bar" if _in_notebook() or sys.stderr.isatty() else "lines"
    if progress == "bar":
        return NotebookDisplay() if _in_notebook() else BarDisplay()
    return LinesDisplay()
