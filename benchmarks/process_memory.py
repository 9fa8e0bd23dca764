"""Memory of this process, for the benchmarks (Linux)."""

from __future__ import annotations

from pathlib import Path


def status_bytes(name: str) -> int:
    """A field of this process's memory: VmRSS now, VmHWM at most since `forget_peak`."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) * 1024


def forget_peak() -> None:
    """Sets VmHWM back to what is resident now (Linux: "5" to clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")
