"""One run in a fresh process: reads a set, splits it, fits one peer, predicts and tells the error.

Started by run.py as `python child.py JOB.json REPORT.jsonl`. The report grows as the run goes on, so that what was
known before a crash or a kill is not lost: one JSON object a stage, "read", "fitted", "predicted".
"""

from __future__ import annotations

import importlib.util
import json
import resource
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

# This folder leaves the search path: its file names must not shadow the modules of a peer's environment.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import pandas as pd  # noqa: E402

from quality.errors import METRICS, prediction_error, prior_error  # noqa: E402
from quality.splits import TARGET, holdout_split, read_set  # noqa: E402

UNAVAILABLE = 3  # exit code: the peer cannot even be imported, which says nothing about its accuracy


def load_peer(file: Path) -> ModuleType:
    """The module of a peer file, under a name that leaves the peer's own package importable."""
    specification = importlib.util.spec_from_file_location(f"peer_{file.stem}", file)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def core_seconds() -> float:
    """User and system time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def resident_bytes() -> int:
    """Resident memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


class Report:
    """Appends one stage after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, **values: object) -> None:
        """Writes one stage; it is on disk when this returns."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")


def run(job: dict[str, object], peer: ModuleType, report: Report) -> None:
    """Fits and predicts, telling each stage."""
    task = str(job["task"])
    train, test = holdout_split(read_set(Path(str(job["path"])), task), task, int(job["split"]))
    report.add(
        stage="read",
        metric=METRICS[task],
        prior_error=prior_error(task, train[TARGET], test[TARGET]),
        train_rows=len(train),
        test_rows=len(test),
        columns=train.shape[1] - 1,
        base_bytes=resident_bytes(),
    )
    started, cores_before = time.perf_counter(), core_seconds()
    model = peer.fit(train, TARGET, task, float(job["time_limit"]), int(job["threads"]), int(job["seed"]))
    report.add(
        stage="fitted",
        fit_seconds=round(time.perf_counter() - started, 4),
        fit_core_seconds=round(core_seconds() - cores_before, 3),
    )
    features = test.drop(columns=TARGET)
    started = time.perf_counter()
    prediction: pd.DataFrame | pd.Series = model.predict(features)
    predict_seconds = time.perf_counter() - started
    error = prediction_error(task, test[TARGET], prediction)
    report.add(stage="predicted", predict_seconds=round(predict_seconds, 4), error=error)


def main() -> int:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    report = Report(Path(sys.argv[2]))
    try:
        peer = load_peer(Path(job["peer_file"]))
    except ImportError:
        traceback.print_exc()
        return UNAVAILABLE
    try:
        run(job, peer, report)
    except Exception as error:  # the one place that turns a peer's failure into a reason
        traceback.print_exc()
        report.add(stage="failed", reason=f"{type(error).__name__}: {error}"[:500])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
