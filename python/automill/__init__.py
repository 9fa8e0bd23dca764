"""AutoMill: data and a target in, a validated model out, inside a time and a memory limit that hold.

>>> import automill
>>> model = automill.train("adult.csv", "income", time_limit=60)
>>> model.predict("new.csv")
>>> model.save("income.automill")
"""
from __future__ import annotations

from . import _core, builtin
from .builtin import *  # noqa: F401,F403 - one class for each built-in component
from .components import ColumnTransformer, CrossValidation, Learner, Pipeline, Transformer, TransformerPipeline, columns_of, cross_validate
from .errors import AutoMillError, AutoMillWarning, Fault
from .estimators import AutoMLClassifier, AutoMLRegressor
from .importing import import_model
from .metric import Metric
from .model import AutoMLModel, load
from .own_learners import OwnLearner
from .own_objective import OwnObjective
from .planning import RunPlan
from .progress import Event
from .replaying import replay
from .search import Categories, Float, Int, MinimizeResult, Optimizer, OrderedCategories, SearchParameter, Trial, minimize
from .table import Table, read_csv
from .training import Run, start, train
from .tuning import TuneResult, TuneTrial, search_space, tune

__version__: str = _core.version

__all__ = [
    "AutoMLClassifier", "AutoMLModel", "AutoMLRegressor", "AutoMillError", "AutoMillWarning", "Categories",
    "ColumnTransformer", "CrossValidation", "Event", "Fault", "Float", "Int", "Learner", "Metric", "MinimizeResult",
    "Optimizer", "OrderedCategories", "OwnLearner", "OwnObjective", "Pipeline", "Run", "RunPlan", "SearchParameter", "Table", "Transformer",
    "TransformerPipeline", "Trial", "TuneResult", "TuneTrial", "columns_of", "cross_validate", "import_model", "load",
    "minimize", "read_csv", "replay", "search_space", "start", "train", "tune", "__version__",
    *builtin.__all__,
]
