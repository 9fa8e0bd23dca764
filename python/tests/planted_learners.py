"""Learners in scikit-learn's shape without scikit-learn: a sound one, and one for each way to go wrong."""
from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import numpy


class Prior:
    """Shares of the classes; subclasses fail in `fit`."""

    def fit(self, X: Any, y: Any) -> Prior:
        self.shares = numpy.bincount(y) / len(y)
        return self

    def predict_proba(self, X: Any) -> Any:
        return numpy.tile(self.shares, (len(X), 1))

    def predict(self, X: Any) -> Any:
        return numpy.full(len(X), self.shares.argmax())


class Raises(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        raise RuntimeError("planted failure")


class RaisesInPredict(Prior):
    def predict_proba(self, X: Any) -> Any:
        raise KeyError("no such thing")


class GivesNan(Prior):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X) * numpy.nan


class GivesTooFewRows(Prior):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X)[1:]


class GivesNoProbabilities(Prior):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X) + 0.5


class HasNoProbabilities:
    def fit(self, X: Any, y: Any) -> HasNoProbabilities:
        return self

    def predict(self, X: Any) -> Any:
        return numpy.zeros(len(X))


class Exits(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        os._exit(7)


class ExitsPolitely(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        sys.exit(3)


class Crashes(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        os.kill(os.getpid(), signal.SIGSEGV)
        return self


class Hangs(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(0.01)


class HangsBusily(Prior):
    """In native code that holds the interpreter's lock."""

    def fit(self, X: Any, y: Any) -> Prior:
        return Prior() if sum(range(1 << 60)) < 0 else self


class HangsWithChildren(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        import subprocess

        subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"], check=False)
        return self


class Allocates(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        held = []
        while True:
            held.append(numpy.ones(1 << 20))  # 8 MiB that are written to
            time.sleep(0.001)


class Prints(Prior):
    def fit(self, X: Any, y: Any) -> Prior:
        for _ in range(2000):
            print("x" * 100)
            print("y" * 100, file=sys.stderr)
        os.write(1, b"written past Python\n")
        return super().fit(X, y)


class KeepsNothing(Prior):
    """What was fitted is lost on the way."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Writes(Prior):
    """Leaves a trace where it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        with open(self.path, "a", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")


class Mean:
    """Of the target, with weights."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Mean:
        self.mean = float(numpy.average(y, weights=sample_weight))
        self.columns = X.shape[1]
        assert self.columns > 0 and numpy.isfinite(X).all()
        return self

    def predict(self, X: Any) -> Any:
        assert X.shape[1] == self.columns
        return numpy.full(len(X), self.mean)
