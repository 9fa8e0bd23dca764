"""The parent's side of child processes in which own Python learners are fitted: started, asked, watched, ended.

A process is asked again while there is more to fit, since starting Python and importing a library takes as long as many a
fit. It is killed, with whatever it started, at a deadline, when memory is over and when the run stops; the kernel ends it
when this process ends.
"""
from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from typing import Any, Callable, Mapping, Sequence

from . import worker

__all__ = ["Workers", "shared_memory", "with_workers"]

_POLL_SECONDS = 0.02
_TAIL = 2000  # bytes kept of what a process printed
_LIMITS = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "LOKY_MAX_CPU_COUNT")

Control = Callable[[int], str]
"""Told how many bytes the process holds, it says why to end it: "user", "deadline" or "memory limit"; "": go on."""


def shared_memory(size: int) -> int:
    """A descriptor of memory that another process can map; no file is left, whatever happens."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("automill", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.truncate(descriptor, size)
    return descriptor


def _resident_bytes(process: int) -> int:
    """Of a process and those that it started; 0 where the system does not say."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:
            total = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return total + sum(_resident_bytes(int(each)) for each in file.read().split())
    except (OSError, ValueError, IndexError):
        return 0


def _ended_by(end: Any) -> str:
    if end is None or end.si_code == os.CLD_EXITED:
        return f"its process ended by itself with exit code {0 if end is None else end.si_status}"
    try:
        return f"its process was ended by {signal.Signals(end.si_status).name}"
    except ValueError:
        return f"its process was ended by signal {end.si_status}"


class _Gone(Exception):
    """The process was there no longer when it was asked."""


class _Process:
    """One child process, to which one thread at a time talks."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        mine, its = socket.socketpair()
        lifeline, self._alive = os.pipe()
        printed, prints = os.pipe()
        environment = {**os.environ, **{name: str(threads) for name in _LIMITS}}
        try:
            self._process = subprocess.Popen(
                [sys.executable, worker.__file__, str(its.fileno()), str(lifeline)], stdin=subprocess.DEVNULL, stdout=prints, stderr=prints,
                pass_fds=(its.fileno(), lifeline), start_new_session=True, env=environment)
        except OSError:
            os.close(self._alive)
            os.close(printed)
            mine.close()
            raise
        finally:
            its.close()
            os.close(lifeline)
            os.close(prints)
        self._socket, self._printed = mine, printed
        os.set_blocking(printed, False)
        mine.setblocking(False)
        self._tail, self._answers, self._ending = b"", b"", False

    def ask(self, request: bytes, source: int, target: int, control: Control) -> dict[str, Any]:
        """The answer; {"stopped": reason} where control ended it, {"failure": reason} where it ended itself. Raises _Gone."""
        try:
            self._socket.setblocking(True)
            socket.send_fds(self._socket, [len(request).to_bytes(8, "little")], [source, target])
            self._socket.sendall(request)
            self._socket.setblocking(False)
        except (OSError, ValueError):
            raise _Gone from None
        asked = False
        while True:
            self._listen()
            while b"\n" in self._answers:
                line, _, self._answers = self._answers.partition(b"\n")
                if asked:
                    return dict(json.loads(line))
                asked = True
            if self._ending:
                return {"stopped": "user"}
            if self.ended():
                self._listen()
                if b"\n" not in self._answers:
                    if asked:
                        return {"failure": self._why()}
                    raise _Gone
                continue
            reason = control(_resident_bytes(self._process.pid))
            if reason:
                return {"stopped": reason}

    def _listen(self) -> None:
        """What came meanwhile, and a short wait where nothing did."""
        try:
            ready = select.select([self._socket, self._printed], [], [], _POLL_SECONDS)[0]
            got = b""
            if self._socket in ready:
                got = self._socket.recv(1 << 16)
                self._answers += got
            if self._printed in ready:
                printed = os.read(self._printed, 1 << 16)
                self._tail, got = (self._tail + printed)[-_TAIL:], got + printed
            if ready and not got:
                time.sleep(_POLL_SECONDS)  # it is ending
        except (OSError, ValueError):
            time.sleep(_POLL_SECONDS)

    def _why(self) -> str:
        lines = [line for line in self._tail.decode("utf-8", "replace").splitlines() if line.strip()]
        said = f"; it said: {lines[-1].strip()[:200]}" if lines else ""
        return _ended_by(self._end()) + said

    def _end(self) -> Any:
        """How it ended; it stays in the table of processes until `end`, so that its number means nobody else."""
        try:
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return None

    def ended(self) -> bool:
        """Whether it runs no longer."""
        return self._ending or self._end() is not None

    def end(self) -> None:
        """Kills it with all that it started, and waits for it."""
        if self._ending:
            return
        self._ending = True
        try:
            os.killpg(self._process.pid, signal.SIGKILL)  # it leads a session of its own
        except (ProcessLookupError, PermissionError):
            pass
        self._process.wait()
        for descriptor in (self._alive, self._printed):
            try:
                os.close(descriptor)
            except OSError:
                pass
        self._alive = self._printed = -1
        self._socket.close()


class Workers:
    """The child processes of a run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._closed = False
        atexit.register(_close, weakref.ref(self))

    def ask(self, request: dict[str, Any], source: int, target: int, control: Control) -> dict[str, Any]:
        """Has a process answer; see `_Process.ask`. One that did not end by itself, or failed badly, is not asked again."""
        body = json.dumps(request).encode()
        for attempt in range(3):
            process = self._take(int(request["threads"]))
            if process is None:
                return {"stopped": "user"}
            kept = False
            try:
                answer = process.ask(body, source, target, control)
                kept = "stopped" not in answer and not process.ended()  # one that only raised is sound
                return answer
            except _Gone:
                continue
            finally:
                self._give_back(process, kept)
        return {"failure": "a child process cannot be started"}

    def _take(self, threads: int) -> _Process | None:
        with self._lock:
            self._forget_ended()
            if self._closed:
                return None
            for process in self._idle:
                if process.threads == threads:
                    self._idle.remove(process)
                    return process
            process = _Process(threads)
            self._all.add(process)
            return process

    def _give_back(self, process: _Process, kept: bool) -> None:
        with self._lock:
            self._forget_ended()
            if kept and not self._closed:
                self._idle.append(process)
                return
            self._all.discard(process)
        process.end()

    def _forget_ended(self) -> None:
        for process in [each for each in self._idle if each.ended()]:
            self._idle.remove(process)
            self._all.discard(process)
            process.end()

    def close(self) -> None:
        """Ends all of them; fits that are under way are told that the run stopped."""
        with self._lock:
            self._closed = True
            processes, self._all, self._idle = list(self._all), set(), []
        for process in processes:
            process.end()

    def __del__(self) -> None:
        self.close()


def with_workers(learners: Sequence[Mapping[str, Any]], workers: Workers) -> list[dict[str, Any]]:
    """The same own learners (`learner_data`), to be fitted by other processes."""
    return [{**each, "python": None if each["python"] is None else each["python"].with_workers(workers)} for each in learners]


def _close(workers: weakref.ref[Workers]) -> None:
    held = workers()
    if held is not None:
        held.close()
