"""AutoMill: data and a target in, a validated model out, inside a time and a memory limit that hold.

>>> import automill
>>> model = automill.train("adult.csv", "income", time_limit=60)
>>> model.predict("new.csv")
>>> model.save("income.automill")
"""
from __future__ import annotations

from . import _core, components
from .components import *  # noqa: F401,F403 - one class for each built-in component
from .errors import AutoMillError, AutoMillWarning, Fault
from .estimators import AutoMLClassifier, AutoMLRegressor
from .metric import Metric
from .model import AutoMLModel, load
from .progress import Event
from .table import Table, read_csv
from .training import Run, start, train

__version__: str = _core.version

__all__ = [
    "AutoMLClassifier", "AutoMLModel", "AutoMLRegressor", "AutoMillError", "AutoMillWarning", "Event", "Fault", "Metric",
    "Run", "Table", "load", "read_csv", "start", "train", "__version__", *components.__all__,
]
