"""train and start: a table and a target in, a validated model out, inside the limits."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

from . import _core
from .child import Workers
from .containers import Origin
from .labels import class_labels
from .metric import Metric, MetricCall
from .model import AutoMLModel
from .errors import error
from .options import known_options_only, plain_options, read_data
from .planning import RunPlan, make_run_plan
from .progress import Display, Event, make_display, show
from .results import Score, make_score

__all__ = ["Run", "RunProgress", "start", "train"]


@dataclass(frozen=True)
class RunProgress:
    """Where a run stands."""

    seconds: float
    """Since the call."""
    seconds_left: float
    """Until the time limit; infinity without one."""
    candidates_done: int
    running: str
    """What is being fitted now."""
    best: Score
    """Of the best single candidate; NaN before the first."""
    finished: bool


class Run:
    """A training run in the background. Letting go of it stops the run."""

    def __init__(self, held: _core.Run, origin: Origin, display: Display, metric: Metric | None, workers: Workers, learners: list[dict[str, Any]]) -> None:
        self._held, self._origin, self._display = held, origin, display
        self._workers, self._learners = workers, learners
        self._higher = metric.higher_is_better if metric is not None else None
        self._model: AutoMLModel | None = None

    def best(self) -> AutoMLModel | None:
        """The best model so far; None before the first candidate is finished."""
        model = self._held.best()
        return None if model is None else AutoMLModel(model, self._origin, self._higher, self._learners)

    def progress(self) -> RunProgress:
        """Where the run stands."""
        now = self._held.progress()
        return RunProgress(**{**now, "best": make_score(now["best"], self._higher if now["best"]["metric"] else True)})

    def stop(self) -> None:
        """Ends the run with the best model so far, which `wait` returns."""
        self._held.stop()

    def extend(self, seconds: float) -> bool:
        """That much more time, also from a callback. False where the fits have ended, or there is no time limit."""
        return self._held.extend(seconds)

    def wait(self) -> AutoMLModel:
        """Waits for the end, showing progress.

        Ctrl-C: the first one stops the run and the best model so far comes back with `interrupted == True`; the second
        one raises KeyboardInterrupt.
        """
        if self._model is None:
            try:
                held = self._held.wait((lambda: show(self._display.tick, self.progress())) if self._display.shows else None)
            except BaseException:
                show(self._display.close, None)
                raise
            finally:
                self._workers.close()
            self._model = AutoMLModel(held, self._origin, self._higher, self._learners)
        return self._model


def _receiver(display: Display, callbacks: Sequence[Callable[[Event], Any]]) -> Callable[..., None] | None:
    if not callbacks and not display.shows:
        return None

    def receive(kind: str, message: str, fields: dict[str, Any], seconds: float) -> None:
        event = Event(kind, message, fields, seconds)
        show(display.event, event)
        for callback in callbacks:
            callback(event)

    return receive


def _metric_call(metric: Any, table: _core.Table, plain: Mapping[str, Any]) -> MetricCall | None:
    if not isinstance(metric, Metric):
        return None
    target = _core.target_of(table, {name: plain[name] for name in ("target", "task", "positive_class") if name in plain})
    return MetricCall(metric, class_labels(target))


def _plan(data: Any, target: Any, given: Mapping[str, Any]) -> RunPlan:
    started = _core.CallStart()
    plain = plain_options(given, Workers())
    ready = read_data(data, target, given, plain)
    plain["started"] = started
    return make_run_plan(*_core.plan(ready.table, plain, _metric_call(given["metric"], ready.table, plain)))


def _start(data: Any, target: Any, given: Mapping[str, Any]) -> Run:
    started = _core.CallStart()
    if given["plan"]:
        raise error("option.contradiction", "plan", "a plan is made without a run", "give it to train")
    workers = Workers()
    plain = plain_options(given, workers)
    ready = read_data(data, target, given, plain)
    metric = given["metric"]
    display = make_display(given["progress"])
    receive = _receiver(display, tuple(given["callbacks"]))
    call = _metric_call(metric, ready.table, plain)
    plain["started"] = started
    held = _core.Run(ready.table, plain, call, receive)
    return Run(held, ready.origin, display, metric if isinstance(metric, Metric) else None, workers, plain["learners"])


@known_options_only
def start(data: Any, target: Any, *, task: str | None = None, metric: str | Metric | None = None, positive_class: Any = None, preset: str = "balanced",
          time_limit: float | None = None, max_trials: int | None = None, memory_limit: int | None = None, threads: int | None = None, seed: int = 0,
          validation_data: Any = None, holdout: float | None = None, folds: Any = None, groups: Any = None, time_column: str | None = None,
          sample_weight: Any = None, class_weight: str | Mapping[Any, float] | None = None, ignore: Sequence[str] = (), types: Mapping[str, str] | None = None,
          missing: Sequence[str] | None = None, quantiles: Any = None, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None,
          learners: Sequence[Any] = (), search_space: Any = None, monotone: Any = None, cost_matrix: Any = None, max_predict_time: float | None = None,
          max_model_size: int | None = None, refit: str = "auto", journal: Any = None, journal_limit: int | None = None, resume: bool = False,
          callbacks: Sequence[Callable[[Event], Any]] = (), progress: str = "auto", plan: bool = False) -> Run:
    """Starts training in the background and returns at once: `train(...)` is `start(...).wait()`.

    Options are those of `train`. With threads=1 the work is done inside `wait()`.
    """
    given = dict(locals())
    return _start(given.pop("data"), given.pop("target"), given)


@known_options_only
def train(data: Any, target: Any, *, task: str | None = None, metric: str | Metric | None = None, positive_class: Any = None, preset: str = "balanced",
          time_limit: float | None = None, max_trials: int | None = None, memory_limit: int | None = None, threads: int | None = None, seed: int = 0,
          validation_data: Any = None, holdout: float | None = None, folds: Any = None, groups: Any = None, time_column: str | None = None,
          sample_weight: Any = None, class_weight: str | Mapping[Any, float] | None = None, ignore: Sequence[str] = (), types: Mapping[str, str] | None = None,
          missing: Sequence[str] | None = None, quantiles: Any = None, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None,
          learners: Sequence[Any] = (), search_space: Any = None, monotone: Any = None, cost_matrix: Any = None, max_predict_time: float | None = None,
          max_model_size: int | None = None, refit: str = "auto", journal: Any = None, journal_limit: int | None = None, resume: bool = False,
          callbacks: Sequence[Callable[[Event], Any]] = (), progress: str = "auto", plan: bool = False) -> AutoMLModel | RunPlan:
    """Trains a model: a table and a target in, a validated model out.

    What is None is decided from the data, and the printed model says how. Every option works or is refused with a
    reason.

    Parameters
    ----------
    data
        Path or paths of CSV files (Parquet and Feather through pyarrow, polars or DuckDB), pandas, polars, pyarrow, a
        DuckDB relation, anything with `__arrow_c_stream__`, NumPy (columns f0, f1, ...), scipy.sparse, a list of dicts,
        a dict of columns.
    target
        Name of the column to predict, or an array with a value for each row.
    task
        "binary", "multiclass" or "regression".
    metric
        What is optimised: a scikit-learn scorer's name without "neg_", or an `automill.Metric`. Default: roc_auc
        (binary), log_loss (multiclass), rmse (regression).
    positive_class
        Binary: the class whose probability is meant. Default: True, 1, yes, ... or the rarer class.
    preset
        "fast", "balanced" or "best": at most 30 s, 5 min or 1 h where neither time_limit nor max_trials is given; the run
        ends before that when what twice the time would add is within noise. "glass_box" (5 min): one model that
        can be read, a linear model, a decision tree or an explainable boosting machine; `model.coefficients()`,
        `model.rules()` or `model.shapes()` give it as data.
    time_limit
        Ceiling in seconds from the call, reading included, saving excluded. Above 0.
    max_trials
        Number of candidates; without time_limit the run is then reproducible.
    memory_limit
        Bytes by which the resident memory of the process may grow. At least 32 MiB.
    threads
        None: the cores that the container grants. 1: the library starts no thread.
    seed
        Seed of all random streams, 0 or more.
    validation_data, holdout, folds
        One of them: labelled rows (a table with the target, or (rows, target)); a share of the rows; a number of folds,
        a column of fold numbers or a list of (train, test) row numbers.
    groups
        Column or array: rows of a group stay in one fold.
    time_column
        Column: folds go forward in time.
    sample_weight
        Column or array of weights, 0 or more.
    class_weight
        "balanced", or a weight for each class.
    ignore
        Columns not to use.
    types
        Kinds that are not guessed: {"zip": "category"}; kinds are number, boolean, category, datetime and text.
    missing
        Further strings that mean missing.
    quantiles
        Regression: what `predict_quantiles` gives, each above 0 and below 1. None: 0.1, 0.5 and 0.9.
    include, exclude
        Learners by name.
    search_space
        {"gbdt": {"num_leaves": automill.Int(4, 256, log=True), "growth": ["leaf_wise", "symmetric"]}}: among what the plan
        searches within a family. `Float`, `Int`, a list = categories, a number = fixed; `.when(parameter=value)` = condition.
        Boosters keep the plan's ranges for what is not named.
    monotone
        {"age": +1}: predictions (for two classes, the probability of the positive one) only rise (+1) or only fall (-1)
        with the column, for the whole ensemble. Families that cannot promise that are left out, and said.
    cost_matrix
        Classification: what each prediction costs. Rows are true classes, columns predicted ones, in ascending order of
        classes; or a data frame or a dict of dicts that names them: {"no": {"no": 0, "yes": 1}, "yes": {"no": 5, "yes": 0}}.
        Labels are those of the least expected cost, and the score is the mean cost (not with `metric` or `class_weight`).
    max_predict_time, max_model_size
        Most seconds that one row may take (on this machine, by the row predictor), most bytes of the model file. The
        ensemble becomes one model a member and gives up members until both hold; the price in score is printed.
    refit
        "auto", "never" (keep the fold models) or "always" (one model a member, on all rows).
    journal, journal_limit, resume
        `journal` is a file that keeps every finished fold. After whatever ended the run, the same call with
        `resume=True` goes on from it and fits no finished fold again; with the same `max_trials` the model has the same
        bits as that of a run that nothing ended. Other data, options or another version are refused with what differs.
        `journal_limit` is the most bytes of the file, at least 1 MiB: fitted models are left out first, which is noted.
    callbacks
        Functions that get each `Event`, one at a time. An exception in one stops the run and is raised.
    progress
        "auto", "bar", "lines" (to `logging.getLogger("automill")`) or "none".
    learners
        Own learners, tried beside the plan's behind its first booster: learners and pipelines of AutoMill with parameters;
        objects of scikit-learn's kind (scikit-learn, XGBoost, LightGBM, CatBoost, own classes), which are fitted in child
        processes; `OwnLearner`, which says what they get; (name, learner). What one does wrong is its row of the
        leaderboard, and nothing else. See docs/own_learners.md.
    plan
        True: nothing is fitted, and a `RunPlan` comes back: rows and columns that would be used, the candidates in order
        with estimated seconds and bytes, and what would be left out.

    Returns
    -------
    AutoMLModel
        Also after Ctrl-C (then `interrupted` is True): the best model so far. It is shown at the end, unless
        progress="none". With plan=True a RunPlan.

    Raises
    ------
    AutoMillError
        With `code`, `place`, `hint` and all `faults`: see docs/errors.md.
    """
    given = dict(locals())
    if plan:
        return _plan(given.pop("data"), given.pop("target"), given)
    run = _start(given.pop("data"), given.pop("target"), given)
    model = run.wait()
    show(run._display.close, model)
    return model
