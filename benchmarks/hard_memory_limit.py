"""A limit of memory that the kernel enforces on what a process takes from now on (Linux), for the benchmarks.

`memory_group` makes a control group (version 1 or 2; needs the right to write below /sys/fs/cgroup) whose process the
kernel kills when it takes more; `limit_data` has the kernel refuse memory instead, for any user.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from process_memory import status_bytes

VERSION_1, VERSION_2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


@contextmanager
def memory_group(limit: int) -> Iterator[Path]:
    """A group that may take `limit` bytes. Memory that a process had before it joined is not counted."""
    version_1 = VERSION_1.is_dir()
    folder = (VERSION_1 if version_1 else VERSION_2) / f"automill_limits_{os.getpid()}"
    folder.mkdir()
    try:
        if version_1:
            (folder / "memory.limit_in_bytes").write_text(str(limit))
        else:
            (folder / "memory.max").write_text(str(limit))
            (folder / "memory.swap.max").write_text("0")
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Takes an empty group away; its last process may still be going."""
    for _ in range(100):
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.05)
        else:
            return


def join(folder: Path) -> None:
    """Puts this process, all its threads, into a group."""
    (folder / "cgroup.procs").write_text(str(os.getpid()))


def limit_data(limit: int) -> None:
    """From now on the private memory of this process may grow by `limit` bytes (RLIMIT_DATA); more is refused."""
    allowed = status_bytes("VmData") + limit
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
