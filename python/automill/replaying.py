"""A training run once more, bit for bit: `automill.replay(model, data)`."""
from __future__ import annotations

import inspect
import os
from typing import Any, Sequence

from .child import Workers
from .model import AutoMLModel, load
from .options import plain_options, read_data
from .training import train

__all__ = ["replay"]


def replay(model: AutoMLModel | str | os.PathLike[str], data: Any, *, validation_data: Any = None, missing: Sequence[str] | None = None,
           threads: int | None = None, memory_limit: int | None = None) -> AutoMLModel:
    """Repeats the run that gave a model, also one that a time limit ended: the same predictions, scores and weights, bit for bit.

    The recipe holds every candidate with its parameters, the round after which a limit ended each of its fits, and the
    weights: nothing is searched, and nothing depends on the clock or on the number of threads. Another level of vector
    instructions is noted: the last bits may differ then. It takes the core seconds of the run's fits.

    Parameters
    ----------
    model
        Of `train`, or its file; also one that was collapsed or distilled from such a model: the run before that is
        repeated.
    data
        The rows of training with the target column, or (rows, target).
    validation_data
        Where the run had some.
    missing
        Further strings that meant missing when the run read its files.
    threads, memory_limit
        As in `train`.

    Raises
    ------
    AutoMillError
        replay.no_run (refitted, imported or put together by hand), replay.other_data with every difference,
        replay.other_version, option.not_recorded (a run with arrays, an own metric or own learners), replay.differs.
    """
    own = model if isinstance(model, AutoMLModel) else load(model)
    given = {name: parameter.default for name, parameter in inspect.signature(train).parameters.items() if name not in ("data", "target")}
    given.update(types=own._held.types_of_run(), missing=missing, validation_data=validation_data, threads=threads, memory_limit=memory_limit)
    rows, target = data if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], (str, os.PathLike)) else (data, own.target)
    plain = plain_options(given, Workers())
    ready = read_data(rows, target, given, plain)
    return AutoMLModel(own._held.replay(ready.table, plain), ready.origin, own._higher)
