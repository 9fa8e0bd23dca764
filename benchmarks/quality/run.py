"""Accuracy of methods on many sets: a fresh process a run, one JSON line a (set, split, method), restartable.

    python benchmarks/quality/run.py --data FOLDER --methods automill,lightgbm_early_stopping \\
        --time-limit 10 --splits 5 --sets core --output results.jsonl

Runs that are in the output already are skipped, so the same command goes on where it was ended. A failed run is a line
with its reason; `--retry-failed` tries it again. Methods take turns on each split, so that a busy machine hits all
of them alike. Peers are the files of `peers/` (see environments.py); each gets its own virtual environment below
`--environments` when it is first needed.

Exit code: 0 = all runs are recorded, 1 = a method could not be run at all (environment or import), 2 = wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":  # run as a file: this folder leaves the path, its names must not shadow other modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from quality.catalogue import BenchmarkSet, choose_sets  # noqa: E402
from quality.environments import PEERS_FOLDER, EnvironmentFailed, Peer, find_peer, interpreter_of  # noqa: E402
from quality.process_tree import Usage, run_measured  # noqa: E402

CHILD = Path(__file__).resolve().parent / "child.py"
UNAVAILABLE = 3  # exit code of child.py: the peer cannot be imported
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Unavailable(RuntimeError):
    """A method cannot be run at all; the text says why."""


@dataclass(frozen=True)
class Job:
    """One run to do."""

    set: BenchmarkSet
    split: int
    peer: Peer
    time_limit: float
    threads: int
    seed: int

    @property
    def key(self) -> tuple[object, ...]:
        """What identifies its line."""
        return self.set.name, self.split, self.peer.name, self.time_limit, self.threads, self.seed


def line_key(line: dict[str, object]) -> tuple[object, ...]:
    """The key of a line, as Job.key."""
    return tuple(line[name] for name in ("set", "split", "method", "time_limit", "threads", "seed"))


def read_results(path: Path) -> list[dict[str, object]]:
    """All lines of the output so far; a last line cut by an interrupted write is removed from the file."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def recorded_keys(path: Path, retry_failed: bool) -> set[tuple[object, ...]]:
    """Keys of the runs that need not be done again."""
    latest = {line_key(line): line["status"] for line in read_results(path)}
    return {key for key, status in latest.items() if status == "ok" or not retry_failed}


def append_line(path: Path, line: dict[str, object]) -> None:
    """Adds one line and waits until it is on disk."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def run_job(job: Job, interpreter: Path, wall_limit: float) -> dict[str, object]:
    """Does one run and returns its line; raises Unavailable where the peer cannot be imported."""
    with tempfile.TemporaryDirectory(prefix="automill-quality-") as folder:
        job_file, report_file, log = (Path(folder) / name for name in ("job.json", "report.jsonl", "log.txt"))
        job_file.write_text(
            json.dumps(
                {
                    "path": str(job.set.path.resolve()),
                    "task": job.set.task,
                    "split": job.split,
                    "seed": job.seed,
                    "peer_file": str(job.peer.file),
                    "time_limit": job.time_limit,
                    "threads": job.threads,
                }
            )
        )
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(job.threads))
        command = [str(interpreter), str(CHILD), str(job_file), str(report_file)]
        usage = run_measured(command, wall_limit, log, environment)
        output = log.read_text(encoding="utf-8", errors="replace")
        stages = report_file.read_text(encoding="utf-8").splitlines() if report_file.exists() else []
    if usage.exit_code == UNAVAILABLE and not stages:
        raise Unavailable(f"{job.peer.name}: {output.strip()[-400:]}")
    return result_line(job, usage, [json.loads(stage) for stage in stages], output)


def result_line(job: Job, usage: Usage, stages: Sequence[dict[str, object]], output: str) -> dict[str, object]:
    """The line of a run from what the child told and what was measured from outside."""
    line: dict[str, object] = {
        "set": job.set.name,
        "task": job.set.task,
        "split": job.split,
        "method": job.peer.name,
        "time_limit": job.time_limit,
        "threads": job.threads,
        "seed": job.seed,
        "status": "ok",
        "error": None,
    }
    for stage in stages:
        line.update({name: value for name, value in stage.items() if name != "stage"})
    if line["error"] is None:
        line["status"] = "failed"
        line["reason"] = failure_reason(usage, line.get("reason"), output)
    if line["error"] is not None and job.set.task == "binary":
        line["auc"] = 1.0 - float(line["error"])
    line.update(
        wall_seconds=round(usage.wall_seconds, 3),
        core_seconds=round(usage.core_seconds, 3),
        peak_bytes=usage.peak_bytes,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return line


def failure_reason(usage: Usage, told: object, output: str) -> str:
    """Why a run gave no error value."""
    if told:
        return str(told)
    if usage.killed:
        return f"killed after {usage.wall_seconds:.0f} s"
    last = output.strip().splitlines()[-1:] or ["no output"]
    return f"exit code {usage.exit_code}: {last[0][:300]}"


def jobs_of(options: argparse.Namespace) -> Iterator[Job]:
    """All runs asked for; methods alternate within a split."""
    folder = options.peers or PEERS_FOLDER
    peers = [find_peer(name.strip(), folder) for name in options.methods.split(",") if name.strip()]
    for split in range(options.first_split, options.first_split + options.splits):
        for chosen in choose_sets(options.data, options.sets):
            for peer in peers:
                yield Job(chosen, split, peer, options.time_limit, options.threads, options.seed)


class Runner:
    """Does jobs one after the other and appends their lines."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._interpreters: dict[str, Path] = {}
        self.unavailable: dict[str, str] = {}

    def interpreter(self, peer: Peer) -> Path:
        """The Python for a peer, made on first use."""
        if peer.name not in self._interpreters:
            shared = self._options.shared_environment
            made = Path(sys.executable) if shared else interpreter_of(peer, self._options.environments)
            self._interpreters[peer.name] = made
        return self._interpreters[peer.name]

    def wall_limit(self, time_limit: float) -> float:
        """When a run is killed: the peer's limit is its own affair, this one only ends what hangs."""
        return self._options.kill_after or 3.0 * time_limit + 300.0

    def do(self, job: Job) -> None:
        """Does a job; a method that cannot run at all is noted and not tried again."""
        if job.peer.name in self.unavailable:
            return
        try:
            line = run_job(job, self.interpreter(job.peer), self.wall_limit(job.time_limit))
        except (EnvironmentFailed, Unavailable) as error:
            self.unavailable[job.peer.name] = str(error)
            print(f"{job.peer.name} cannot be run: {error}", file=sys.stderr)
            return
        append_line(self._options.output, line)
        outcome = f"{line['metric']} {line['error']:.6g}" if line["status"] == "ok" else f"FAILED {line['reason']}"
        print(f"{job.set.name} split {job.split} {job.peer.name}: {outcome} ({line['wall_seconds']:.1f} s)", flush=True)


def parser() -> argparse.ArgumentParser:
    """The options, also used by floor.py."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, required=True, help="folder with manifest.json and the sets")
    made.add_argument("--methods", default="automill,lightgbm_early_stopping", help="names of files in peers/")
    made.add_argument("--time-limit", type=float, default=10.0, help="seconds given to each fit")
    made.add_argument("--splits", type=int, default=5)
    made.add_argument("--first-split", type=int, default=1)
    made.add_argument("--sets", default="core", help="core, evaluation, or names separated by commas")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--output", type=Path, required=True, help="JSON lines, appended to")
    made.add_argument("--environments", type=Path, default=Path(".venv-benchmarks"))
    made.add_argument("--shared-environment", action="store_true", help="run every peer in this interpreter")
    made.add_argument("--kill-after", type=float, help="seconds until a run is killed (3 x limit + 300)")
    made.add_argument("--retry-failed", action="store_true")
    made.add_argument("--peers", type=Path, help="another folder of peers")
    return made


def run_all(options: argparse.Namespace) -> int:
    """Does every run that is not recorded yet; returns the exit code."""
    done = recorded_keys(options.output, options.retry_failed)
    runner = Runner(options)
    for job in jobs_of(options):
        if job.key not in done:
            runner.do(job)
    return 1 if runner.unavailable else 0


def main(arguments: Sequence[str] | None = None) -> int:
    made = parser()
    options = made.parse_args(arguments)
    if options.sets == "evaluation":
        print("evaluation sets: note this look in docs/experiments.md", file=sys.stderr)
    try:
        return run_all(options)
    except (ValueError, OSError) as error:
        made.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
