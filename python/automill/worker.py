"""The child process in which own Python learners are fitted: its program, run as a script, and what both sides share.

It imports nothing of the package (a process starts in a moment), takes requests from a socket, and answers with the fitted
object as a pickle and with predictions of held-out rows. Whatever a learner does wrong stays in here: the parent kills this
process at the deadline, at the memory limit, and when it ends itself, whatever this process is busy with.
"""
from __future__ import annotations

import json
import mmap
import os
import pickle
import sys
from typing import Any

BLOCK = 4096
"""Rows that are predicted at once, the same here and in a served model: matrix products may round otherwise."""
IDLE_SECONDS = 2.0
"""So long a process waits for the next fit before it ends."""
_THREAD_NAMES = ("n_jobs", "nthread", "thread_count", "num_threads")
_OWN_THREADS = ("xgboost", "lightgbm", "catboost")  # None means all cores there


def dumps(value: Any) -> bytes:
    """A pickle, by cloudpickle where it is there (also inside joblib, which scikit-learn brings): it takes classes of scripts and notebooks."""
    try:
        import cloudpickle
    except ImportError:
        try:
            from joblib.externals import cloudpickle
        except ImportError:
            return pickle.dumps(value)
    return bytes(cloudpickle.dumps(value))


def predictions_of(fitted: Any, rows: Any, width: int, present: Any) -> Any:
    """Predictions of a fitted object, rows x width; `present`: the classes that it was fitted on, or None for numbers.

    Raises ValueError where they have another shape, are not finite, or are no probabilities.
    """
    import numpy

    out = numpy.zeros((len(rows), width))
    for begin in range(0, len(rows), BLOCK):
        part = rows[begin : begin + BLOCK] if not hasattr(rows, "iloc") else rows.iloc[begin : begin + BLOCK]
        if present is None:
            out[begin : begin + BLOCK, 0] = _values(fitted.predict(part), len(part))
        else:
            out[begin : begin + BLOCK][:, present] = _probabilities(fitted, part, len(present))
    return out


def _values(given: Any, rows: int) -> Any:
    import numpy

    values = numpy.asarray(given, dtype="float64")
    if values.shape not in ((rows,), (rows, 1)):
        raise ValueError(f"predict gave shape {values.shape} where ({rows},) is needed")
    if not numpy.isfinite(values).all():
        raise ValueError("predict gave numbers that are not finite")
    return values.reshape(rows)


def _probabilities(fitted: Any, part: Any, classes: int) -> Any:
    """In the order of the class numbers 0, 1, ... that the object was fitted on."""
    import numpy

    if not hasattr(fitted, "predict_proba"):
        raise ValueError(f"{type(fitted).__name__} has no predict_proba: put it into a CalibratedClassifierCV, for example")
    values = numpy.asarray(fitted.predict_proba(part), dtype="float64")
    if values.shape != (len(part), classes):
        raise ValueError(f"predict_proba gave shape {values.shape} where {(len(part), classes)} is needed")
    if not numpy.isfinite(values).all():
        raise ValueError("predict_proba gave numbers that are not finite")
    sums = values.sum(axis=1, keepdims=True)
    if len(values) and (values.min() < -1e-3 or abs(sums - 1).max() > 1e-3):
        raise ValueError("predict_proba gave numbers that are no probabilities: each row must sum to 1")
    values = numpy.clip(values, 0, None)
    values /= values.sum(axis=1, keepdims=True)
    order = numpy.asarray(getattr(fitted, "classes_", range(classes)))
    return values[:, numpy.argsort(order, kind="stable")] if order.shape == (classes,) else values


def _settle(estimator: Any, seed: int, threads: int) -> None:
    """Seeds that were left open, and as many threads as there are for this fit."""
    import random

    import numpy

    random.seed(seed)
    numpy.random.seed(seed)
    if not (hasattr(estimator, "get_params") and hasattr(estimator, "set_params")):
        return
    parameters = estimator.get_params()
    for inner in [estimator, *parameters.values()]:
        if type(inner).__module__.partition(".")[0] == "catboost" and hasattr(inner, "set_params"):
            _settle_catboost(inner, seed, threads)
    library = type(estimator).__module__.partition(".")[0]
    changes: dict[str, Any] = {}
    for name, value in parameters.items():
        last = name.rpartition("__")[2]
        if last == "random_state" and value is None:
            changes[name] = seed
        elif last in _THREAD_NAMES and (library in _OWN_THREADS if value is None else isinstance(value, int) and not 0 < value <= threads):
            changes[name] = threads
    if changes:
        estimator.set_params(**changes)


def _settle_catboost(estimator: Any, seed: int, threads: int) -> None:
    """It names only the parameters that were given, takes all cores without one, and writes files."""
    given = estimator.get_params()
    defaults = {"thread_count": threads, "allow_writing_files": False}
    if not {"random_seed", "random_state"} & set(given):
        defaults["random_seed"] = seed
    estimator.set_params(**{name: value for name, value in defaults.items() if name not in given})


def frame_of(matrix: Any, columns: list[dict[str, Any]]) -> Any:
    """A pandas frame of the columns: categories as such, points in time, truth values where none is missing."""
    import numpy
    import pandas

    data = {}
    for place, column in enumerate(columns):
        values = matrix[:, place]
        if column["kind"] == "category":
            codes = numpy.where((values >= 0) & (values < len(column["categories"])), values, -1).astype("int64")
            data[column["name"]] = pandas.Categorical.from_codes(codes, categories=column["categories"])
        elif column["kind"] == "datetime":
            times = numpy.where(numpy.isfinite(values), values, -(2.0**63)).astype("int64")
            data[column["name"]] = times.view("datetime64[us]")
        else:
            data[column["name"]] = values.astype(bool) if column["kind"] == "boolean" and not numpy.isnan(values).any() else values
    return pandas.DataFrame(data)


def as_given(matrix: Any, columns: list[dict[str, Any]] | None) -> Any:
    """The rows as the learner gets them: a frame where `columns` are described, else the matrix."""
    return matrix if columns is None else frame_of(matrix, columns)


def _fit(request: dict[str, Any], memory: Any) -> tuple[dict[str, Any], bytes, bytes]:
    import numpy

    def array(name: str, *shape: int) -> Any:
        return numpy.frombuffer(memory, dtype="float64", count=int(numpy.prod(shape)), offset=request[name]).reshape(shape)

    rows, held, columns, width = request["rows"], request["held_out_rows"], request["columns"], request["width"]
    blob = memory[request["estimator"] : request["estimator"] + request["estimator_bytes"]]
    estimator = pickle.loads(blob)
    _settle(estimator, request["seed"], request["threads"])
    targets, present = array("targets", rows).copy(), None
    if request["classes"]:
        present, targets = numpy.unique(targets.astype("int64"), return_inverse=True)
    extra = {request["weight_name"]: array("weights", rows).copy()} if request["weighted"] else {}
    described = request["described"]
    fitted = estimator.fit(as_given(array("features", rows, columns).copy(), described), targets, **extra)
    fitted = fitted if hasattr(fitted, "predict") else estimator
    pickled = dumps(fitted)
    del fitted, estimator
    again = pickle.loads(pickled)  # what the parent gets must predict, not what was pickled
    out = predictions_of(again, as_given(array("held_out", held, columns).copy(), described), width, present)
    answer = {"present": None if present is None else [int(label) for label in present], "model_bytes": len(pickled)}
    return answer, pickled, out.tobytes()


def _describe(problem: BaseException) -> str:
    text = f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
    return " ".join(text.split())[:500]


def _answer(request: dict[str, Any], source: int, target: int) -> dict[str, Any]:
    """Fits, and writes the pickle and then the predictions to `target`."""
    sys.path[:] = request["path"]
    try:
        with mmap.mmap(source, 0, access=mmap.ACCESS_READ) as memory:
            answer, pickled, predictions = _fit(request, memory)
    except MemoryError:
        return {"failure": "there was no memory for what it wanted"}
    except BaseException as problem:  # also SystemExit, and what is no Exception
        return {"failure": _describe(problem)}
    for part in (predictions, pickled):
        view = memoryview(part)
        while view:
            view = view[os.write(target, view) :]
    return answer


def _die_with_the_parent(lifeline: int) -> None:
    """The kernel ends this process when the other end of the pipe closes, also in the middle of native code."""
    import fcntl
    import select

    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # it closed before the kernel knew whom to tell
        os._exit(0)


def main(channel: int, lifeline: int) -> None:
    """Answers requests until none has come for a while."""
    import select
    import socket

    _die_with_the_parent(lifeline)
    connection = socket.socket(fileno=channel)
    while True:
        if not select.select([connection], [], [], IDLE_SECONDS)[0]:
            return
        head, descriptors, _, _ = socket.recv_fds(connection, 8, 2)
        if not head:
            return
        connection.sendall(b"{}\n")  # it is under way: a process that ends while it is asked is asked anew
        size, body = int.from_bytes(head, "little"), b""
        while len(body) < size:
            body += connection.recv(size - len(body))
        answer = _answer(json.loads(body), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        connection.sendall(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
