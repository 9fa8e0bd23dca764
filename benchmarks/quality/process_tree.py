"""Runs a command in its own process group and measures the whole process tree from /proc (Linux).

    usage = run_measured(["python", "child.py"], wall_limit=60.0, log=Path("child.log"))
    print(usage.exit_code, usage.peak_bytes, usage.core_seconds)

Memory is the largest sum of resident sets (RSS) seen over the tree, looked at every `POLL_SECONDS`; pages that
processes share are counted in each. Core seconds are the larger of what the kernel accounts to the ended child with
its waited-for descendants and the sum of each process's last seen times, so that daemons nobody waits for count too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What a run took. `killed` tells that it ran into the wall limit."""

    exit_code: int
    killed: bool
    wall_seconds: float
    core_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class ProcessState:
    """One look at a process; (pid, started) names it even where pids are used again."""

    pid: int
    parent: int
    started: int
    core_seconds: float
    resident_bytes: int


def read_process(pid: int) -> ProcessState | None:
    """The state of a process, None where it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the name before may hold spaces and brackets
    return ProcessState(
        pid=pid,
        parent=int(fields[1]),
        started=int(fields[19]),
        core_seconds=(int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND,
        resident_bytes=int(fields[21]) * PAGE_BYTES,
    )


def tree_of(roots: set[int]) -> list[ProcessState]:
    """All living processes among `roots` and their descendants."""
    states = [state for name in os.listdir("/proc") if name.isdigit() and (state := read_process(int(name)))]
    children: dict[int, list[ProcessState]] = {}
    for state in states:
        children.setdefault(state.parent, []).append(state)
    pending = [state for state in states if state.pid in roots]
    found: dict[int, ProcessState] = {}
    while pending:
        state = pending.pop()
        if state.pid not in found:
            found[state.pid] = state
            pending.extend(children.get(state.pid, ()))
    return list(found.values())


class TreeMeter:
    """Follows a process and all it starts, also what outlives its parent."""

    def __init__(self, root: int) -> None:
        self.peak_bytes = 0
        self._root = root
        self._last_seen: dict[tuple[int, int], ProcessState] = {}

    def look(self) -> list[ProcessState]:
        """Takes one measurement and returns the living processes of the tree."""
        known = {pid for pid, started in self._last_seen if (now := read_process(pid)) and now.started == started}
        states = tree_of(known | {self._root})
        self.peak_bytes = max(self.peak_bytes, sum(state.resident_bytes for state in states))
        self._last_seen.update({(state.pid, state.started): state for state in states})
        return states

    @property
    def core_seconds(self) -> float:
        """User and system time of every process seen, as of the last look."""
        return sum(state.core_seconds for state in self._last_seen.values())

    def kill(self) -> None:
        """Ends what is left of the tree."""
        for state in self.look():
            try:
                os.kill(state.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def run_measured(
    command: Sequence[str], wall_limit: float, log: Path, environment: Mapping[str, str] | None = None
) -> Usage:
    """Runs `command` with its output in `log`; its tree is killed after `wall_limit` seconds, and when it ends."""
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the runner alone, which then kills the tree
        )
    meter = TreeMeter(process.pid)
    try:
        killed, status, accounted = _wait(process, meter, started + wall_limit)
        wall_seconds = time.monotonic() - started
    except BaseException:
        meter.kill()
        process.wait()
        raise
    meter.kill()
    return Usage(status, killed, wall_seconds, max(meter.core_seconds, accounted), meter.peak_bytes)


def _wait(process: subprocess.Popen[bytes], meter: TreeMeter, deadline: float) -> tuple[bool, int, float]:
    """(whether it was killed, exit code, core seconds by the kernel) once the process has ended."""
    killed = False
    while True:
        meter.look()
        pid, status, resources = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return killed, process.returncode, resources.ru_utime + resources.ru_stime
        if time.monotonic() >= deadline:
            killed = True
            meter.kill()
        time.sleep(POLL_SECONDS)
