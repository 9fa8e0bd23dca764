"""A trained model."""
from __future__ import annotations

import html
import os
import warnings as python_warnings
from typing import Any, Iterable, Mapping, Sequence

from . import _core
from .child import Workers, with_workers
from .containers import Origin, labelled_rows, to_table, unlabelled_rows
from .contributions import ContributionForm, of_caller
from .errors import AutoMillWarning, error
from .frame import Frame
from .labels import class_labels
from .metric import Metric, MetricCall
from .results import CheckReport, Coefficients, Evaluation, Finding, Importance, Leaderboard, OutOfFold, Schema, Score, Shape, TreeRules, VerifyReport, make_coefficients, make_rules, make_schema, make_score, make_shapes
from .row_predictor import RowPredictor, probability

__all__ = ["AutoMLModel", "load"]


class AutoMLModel:
    """A trained model: predicts, explains itself, and is saved as one file. Made by `train` and `load`.

    Answers come in the container of the rows: pandas gives Series and DataFrame with the same index, polars polars,
    Arrow Arrow; NumPy, lists and paths give NumPy. The order and number of rows never change.
    """

    def __init__(self, held: _core.Model, origin: Origin | None = None, higher_is_better: bool | None = None, learners: Sequence[Mapping[str, Any]] = ()) -> None:
        self._held = held
        self._learners = list(learners)
        self._origin = origin or Origin()
        self._higher = higher_is_better

    # --- what it is -----------------------------------------------------------------------------------------------------

    @property
    def task(self) -> str:
        """"binary", "multiclass" or "regression"."""
        return str(self._held.target["task"])

    @property
    def target(self) -> str:
        """Name of the target column."""
        return str(self._held.target["name"])

    @property
    def outputs(self) -> list[str]:
        """Names of the values that are predicted for a row where there are several: targets, or levels of quantiles. Otherwise empty."""
        return list(self._held.target["outputs"])

    @property
    def classes(self) -> list[Any]:
        """Classes in the order of the columns of `predict_proba`, in their own type; empty for regression."""
        return class_labels(self._held.target)

    @property
    def positive_class(self) -> Any:
        """Binary: the class that the decision threshold is about; None otherwise."""
        target = self._held.target
        return self.classes[target["positive"]] if target["task"] == "binary" else None

    @property
    def schema(self) -> Schema:
        """Columns that prediction needs, with their kinds."""
        return make_schema(self._held.schema)

    @property
    def decision_threshold(self) -> float:
        """Binary: the positive class is predicted at or above this probability. May be set, in [0, 1]; saved with the model.
        Of a model with a `cost_matrix` it follows from the costs and stays."""
        return float(self._held.target["decision_threshold"])

    @decision_threshold.setter
    def decision_threshold(self, value: float) -> None:
        self._held = self._held.with_decision_threshold(float(value))

    @property
    def cost_matrix(self) -> list[list[float]] | None:
        """What each prediction costs, rows of true and columns of predicted classes in the order of `classes`; None: all alike."""
        costs, count = list(self._held.target["costs"]), len(self._held.target["classes"])
        return [costs[i * count : (i + 1) * count] for i in range(count)] if costs else None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C or `stop` ended the training."""
        return bool(self._held.interrupted)

    @property
    def validation_score(self) -> Score:
        """The honest score, with a 90 % interval and how it was found; `float(model.validation_score)` works."""
        return make_score(self._held.validation_score, self._higher)

    @property
    def member_names(self) -> list[str]:
        """Names of the members of the ensemble."""
        return list(self._held.member_names)

    def member(self, name: str) -> AutoMLModel:
        """One member of the ensemble by itself; "gbdt_1.fold_0" is one of its fold models."""
        return AutoMLModel(self._held.member(name), self._origin, self._higher, self._learners)

    def without(self, name: str) -> AutoMLModel:
        """The ensemble without one member; the weights of the others are scaled to sum to 1."""
        return AutoMLModel(self._held.without(name), self._origin, self._higher, self._learners)

    def recipe(self) -> dict[str, Any]:
        """What to do again on new data without a search, as plain data."""
        return dict(self._held.recipe())

    # --- predictions ----------------------------------------------------------------------------------------------------

    def _predict(self, rows: Any) -> tuple[Any, Any, Origin]:
        table, origin = unlabelled_rows(rows, self._held.schema)
        matrix, labels = self._held.predict(table)
        return matrix, labels, origin

    def _own_labels(self, indices: Any, origin: Origin) -> Any:
        """Class indices as labels in their own type."""
        import numpy

        text = self._held.target["label_type"] == "text"
        classes = numpy.array(self.classes, dtype=object if text and origin.kind != "numpy" else None)
        return classes[indices] if len(classes) else classes

    def predict(self, rows: Any) -> Any:
        """Predicted labels (classification, by `decision_threshold` for two classes and by `cost_matrix` for more) or values (regression).

        Several outputs are columns: a data frame or an Arrow table with the names in `outputs`, or an array, rows x
        outputs.

        Parameters
        ----------
        rows
            Anything that `train` takes, with the columns of training in any order; further columns are ignored.

        Raises
        ------
        AutoMillError
            data.column_missing, data.column_retyped: all of them at once.
        """
        matrix, labels, origin = self._predict(rows)
        if self.outputs:
            frame = origin.many({name: matrix[:, k] for k, name in enumerate(self.outputs)})
            return matrix if frame is None else frame
        return origin.one(matrix[:, 0] if labels is None else self._own_labels(labels, origin), self.target)

    def predict_proba(self, rows: Any) -> Any:
        """Probabilities, rows x classes in the order of `classes`; data frames have the classes as column names.

        Raises
        ------
        AutoMillError
            predict.wrong_kind for a regression model.
        """
        if self.task == "regression":
            raise error("predict.wrong_kind", "predict_proba", "this is a regression model", "use predict")
        matrix, _, origin = self._predict(rows)
        frame = origin.many({label: matrix[:, k] for k, label in enumerate(self.classes)})
        return matrix if frame is None else frame

    # --- how sure it is ---------------------------------------------------------------------------------------------

    def predict_interval(self, rows: Any, coverage: float = 0.9) -> Any:
        """Regression: where the target of each row lies with probability `coverage`, wider where the model is less sure.

        Conformal: the residuals of held-out rows, in units of a spread that is learned from their sizes where that pays,
        say how far away the truth may be, whatever its distribution. The coverage is that over new rows like those of
        training, on average over them. Between the quantiles at (1 - coverage) / 2 and (1 + coverage) / 2 of
        `predict_quantiles`. See docs/uncertainty.md.

        Returns
        -------
        pandas, polars, Arrow
            The columns "low" and "high".
        otherwise
            An array, rows x 2.

        Raises
        ------
        AutoMillError
            predict.wrong_kind for a classifier (use `predict_set`); model.no_intervals for models that `train` and
            `refit` did not make; predict.too_few_rows: too few held-out rows for this coverage; option.out_of_range.
        """
        import numpy

        table, origin = unlabelled_rows(rows, self._held.schema)
        low, high = self._held.predict_interval(table, probability("coverage", coverage))
        frame = origin.many({"low": low, "high": high})
        return numpy.column_stack([low, high]) if frame is None else frame

    def predict_quantiles(self, rows: Any, quantiles: Sequence[float] | None = None) -> Any:
        """Regression: what the target of each row is below with these probabilities. A larger one is never below a smaller one.

        Parameters
        ----------
        rows
            As in `predict`.
        quantiles
            Probabilities above 0 and below 1; None: those that `train` was given, else 0.1, 0.5 and 0.9.

        Returns
        -------
        pandas, polars, Arrow
            A column a quantile, with its probability as the name.
        otherwise
            An array, rows x quantiles.

        Raises
        ------
        AutoMillError
            As `predict_interval`.
        """
        table, origin = unlabelled_rows(rows, self._held.schema)
        asked = [] if quantiles is None else [probability("quantiles", each) for each in quantiles]
        levels, matrix = self._held.predict_quantiles(table, asked)
        frame = origin.many({level: matrix[:, k] for k, level in enumerate(levels)})
        return matrix if frame is None else frame

    def predict_set(self, rows: Any, coverage: float = 0.9) -> Any:
        """Classification: classes of which the true one is one with probability `coverage`, on average over new rows.

        Conformal: a set holds the likeliest class, and every other whose probability is at least what held-out rows say
        is needed, so that sets are as small as they can be (Sadinle, Lei & Wasserman 2019). Where the likeliest class is
        right more often than `coverage` says, all sets have one class. See docs/uncertainty.md.

        Returns
        -------
        pandas, polars, Arrow
            A boolean column a class, with its label as the name.
        otherwise
            A boolean array, rows x classes, in the order of `classes`.

        Raises
        ------
        AutoMillError
            predict.wrong_kind for regression (use `predict_interval`); model.no_intervals; option.out_of_range.
        """
        table, origin = unlabelled_rows(rows, self._held.schema)
        members = self._held.predict_set(table, probability("coverage", coverage)).astype(bool)
        frame = origin.many({label: members[:, k] for k, label in enumerate(self.classes)})
        return members if frame is None else frame

    # --- why it predicts that -------------------------------------------------------------------------------------------

    def predict_contributions(self, rows: Any, background: Any = None, *, samples: int | None = None, standard_errors: bool = False) -> Any:
        """What each column adds to the score of each row: Shapley values, and a bias. A row's sum to its score.

        Exact for single boosters, forests, linear and additive models, and for ensembles of them where the score is what
        is averaged: regression. The score is the prediction for regression (its logarithm where rates are predicted, its
        log-odds where shares are), the log-odds of `positive_class` for two classes, and for more a score a class: the
        logarithm of its probability, up to a number that is the same for all classes of a row. Of forests it is the
        probability itself. Of `TransformedTarget` it is what its regressor predicts, on the transformed scale: not in
        units of the target.

        All other models - ensembles that average probabilities, networks, neighbours, learners of your own - are sampled:
        what each column adds to the prediction itself, the probability of `positive_class`, of each class, or the value.
        A row costs 2 x samples x columns predictions. `member("gbdt_1.fold_0")` of an ensemble is exact, on its own scale.

        Columns are those of `rows`, in their order; a column that the model does not use has 0, and one from which
        others were made (categories, parts of dates) has what all of them add. Columns that are made of several
        (generated ones, statistics of a row, differences of dates) belong to them in equal parts, and what is filled in
        for a missing value to its column.

        Parameters
        ----------
        rows
            As in `predict`.
        background
            Rows of what is usual: a column that is left out has their values, and the bias is their mean score. A few
            hundred serve well. None: exact ones are path-dependent (TreeSHAP; a column that is left out of a tree goes
            both ways, in proportion to the training rows); sampled ones draw each column by itself as training had it,
            without text.
        samples
            Pairs of walks from a background row to the row, 2 to 100,000: sampled contributions to the prediction, of any
            model. None: 32 where they are not exact. Four times as many halve the standard errors.
        standard_errors
            Also those of the contributions, in the same form; 0 where they are exact.

        Returns
        -------
        pandas
            A data frame with the index of the rows and the columns of the rows, then "bias" (which gets a number where
            a column has this name). More than two classes: columns (class, column), so that `frame["a"]` is class a's.
            Several outputs likewise; quantiles are explained as they were before they were put in order.
            `frame.attrs["scale"]` says of what the values are: "log_odds", "probability", "value" ...
        polars, Arrow
            The same; more than two classes: columns "<class>_<column>".
        otherwise
            An array, rows x (columns + 1), the bias last; more than two classes: rows x classes x (columns + 1), the
            classes in the order of `classes`, or the outputs in that of `outputs`.
        standard_errors=True
            A tuple of two of these.

        Raises
        ------
        AutoMillError
            explain.background; explain.samples; explain.linear_leaves (imported models with linear leaves, without a
            background); data.column_missing, data.column_retyped.
        """
        table, origin = unlabelled_rows(rows, self._held.schema)
        usual = None if background is None else unlabelled_rows(background, self._held.schema)[0]
        values, errors, scale = _core.predict_contributions(self._held, table, usual, samples)
        names = list(rows.columns) if origin.kind == "pandas" and hasattr(rows, "columns") else list(table.names)
        form = ContributionForm(origin, names, self._places(table), self.classes, self.outputs, scale)
        if not standard_errors:
            return form.of(values)
        return form.of(values), form.of(values * 0.0 if errors is None else errors)

    def predict_interactions(self, rows: Any) -> Any:
        """How columns act together: exact path-dependent Shapley interaction values, an array of rows x columns x columns.

        Symmetric in the columns; a line sums to the column's contribution (`predict_contributions`), and its diagonal is
        what the column adds by itself. Columns are those of `rows`. More than two classes: rows x classes x columns x
        columns. The array holds columns x columns numbers a row: give many rows in parts.

        Raises
        ------
        AutoMillError
            As `predict_contributions`.
        """
        table, _ = unlabelled_rows(rows, self._held.schema)
        places = self._places(table)
        values = of_caller(of_caller(_core.predict_interactions(self._held, table), places, 2), places, 3)
        return values[:, 0] if values.shape[1] == 1 else values

    def shapes(self) -> list[Shape]:
        """The functions of an additive model (`ExplainableBoosting`), the most important first: what to plot.

        Each has its axes (column, edges or categories), values, standard errors and weights; functions of two columns
        have two axes. Values are in the unit of the scores (`predict_contributions`), and their weighted mean is 0.

        Raises
        ------
        AutoMillError
            `explain.shapes`: the model is no sum of such functions, or a mean of several models.
        """
        return make_shapes(_core.shapes(self._held))

    def coefficients(self) -> Coefficients:
        """The coefficients of a linear model, in the units of the columns as they come.

        Features are columns, and what the preparation makes of them: "job=Clerk" is 1 for clerks, "age_missing" 1 where the
        age is missing. The score is the intercept and the sum of values times coefficients: the value itself, log-odds of the
        positive class, or log-probabilities. Values beyond those of training by more than their range are drawn in.

        Raises
        ------
        AutoMillError
            `explain.coefficients`: the model is no linear model, or a mean of several models.
        """
        return make_coefficients(_core.coefficients(self._held))

    def rules(self) -> TreeRules:
        """A decision tree in the words of its table: rules as data, and `print(model.rules())` as text.

        Raises
        ------
        AutoMillError
            `explain.rules`: the model is no single decision tree, or a mean of several models.
        """
        return make_rules(_core.rules(self._held))

    def _places(self, table: _core.Table) -> list[int]:
        """Position in the model's schema of each column of a table; -1 where the model does not use it."""
        used = {name: i for i, name in enumerate(self.schema.names)}
        return [used.get(name, -1) for name in table.names]

    def row_predictor(self) -> RowPredictor:
        """Predicts single rows given as dicts, in microseconds; one a thread."""
        return RowPredictor(self)

    def out_of_fold(self) -> Any:
        """Out-of-fold predictions in the order (and with the index) of the training rows.

        A data frame or Arrow table with the columns prediction, probability_<class> ... (classification) and fold; for
        other containers an object with these as NumPy arrays and with `probabilities`, rows x classes. Rows that no fold
        held out have fold -1 and missing predictions.
        """
        import numpy

        matrix, labels, fold = self._held.out_of_fold()
        absent = fold < 0
        columns: dict[str, Any] = {}
        if labels is None:
            columns["prediction"] = matrix[:, 0]
        elif absent.any():
            columns["prediction"] = self._own_labels(labels, Origin("pandas")).astype(object)
            columns["prediction"][absent] = None
        else:
            columns["prediction"] = self._own_labels(labels, self._origin)
        for k, label in enumerate(self._held.target["classes"]):
            columns[f"probability_{label}"] = numpy.ascontiguousarray(matrix[:, k])
        columns["fold"] = fold
        frame = self._origin.many(columns) if self._origin.index is None or len(self._origin.index) == len(fold) else None
        return frame if frame is not None else OutOfFold(columns, None if labels is None else matrix)

    def suspicious_rows(self, n: int = 20) -> Frame:
        """Training rows whose label the model, which had not seen them, finds unlikely: look at these for wrong labels.

        At most `n` rows, the largest loss first: row (counted from 0 in the training data), index (of a pandas frame),
        label, predicted, probability (of the predicted class), label_probability and loss (-log of it). Regression: label,
        predicted and loss, the residual in units of its usual size near this prediction. Only after `train`: a loaded
        model has none (model.no_out_of_fold).
        """
        classes, index = self.classes, self._origin.index
        rows = []
        for row in self._held.suspicious_rows(int(n)):
            if classes:
                row = {**row, "label": classes[row["label"]], "predicted": classes[row["predicted"]]}
            if index is not None and len(index) > row["row"]:
                row = {"row": row["row"], "index": index[row["row"]], **row}
            rows.append(row)
        return Frame(rows, None if rows else ["row", "label", "predicted", "loss"])

    # --- how good it is -------------------------------------------------------------------------------------------------

    def _labelled(self, data: Any, extra: Sequence[str] = ()) -> tuple[_core.Table, Origin]:
        """Rows with the target column, for what judges predictions."""
        _core.require_one_output(self._held)
        return labelled_rows(data, self._held.schema, self._held.target, extra)

    def leaderboard(self, data: Any = None) -> Leaderboard:
        """Every candidate with its scores, cost, weight, status and reason; with labelled rows also the members' test scores."""
        if data is None:
            return Leaderboard(self._held.leaderboard())
        return Leaderboard(self._held.leaderboard_on(self._labelled(data)[0]))

    def evaluate(self, data: Any, metrics: str | Metric | Iterable[str | Metric] | None = None, by: str | None = None) -> Evaluation:
        """Metrics on labelled rows, with 90 % intervals.

        Parameters
        ----------
        data
            Rows with the target column, or (rows, target).
        metrics
            Names, or own `Metric` objects (these without an interval); None: every metric of the task.
        by
            A column: one row a slice, over the values of this column.
        """
        asked = [metrics] if isinstance(metrics, (str, Metric)) else None if metrics is None else list(metrics)
        names = [each for each in asked or [] if isinstance(each, str)]
        own = [each for each in asked or [] if not isinstance(each, str)]
        table, _ = self._labelled(data, [by] if by else [])
        rows: list[Mapping[str, Any]] = []
        messages: list[str] = []
        if names or asked is None:
            rows, messages = self._held.evaluate(table, names, by or "")
        rows = list(rows) + [self._own_score(metric, table) for metric in own]
        for message in messages:
            python_warnings.warn(message, AutoMillWarning, stacklevel=2)
        return Evaluation(rows, messages, by)

    def _own_score(self, metric: Metric, table: _core.Table) -> dict[str, Any]:
        """An own metric over the rows that have a target."""
        target = self._held.target
        truth, present = _core.read_labels(self._held, table)
        matrix, labels = self._held.predict(table)
        if target["task"] == "multiclass" and target["costs"] and metric.needs == "labels":
            import numpy

            matrix = numpy.eye(len(target["classes"]))[labels]  # the label of the least expected cost, not of the largest probability
        value = MetricCall(metric, self.classes).call(truth[present], matrix[present], None, target["task"], target["positive"], target["decision_threshold"])
        nan = float("nan")
        return {"slice": "", "metric": metric.name, "value": value, "low": nan, "high": nan, "rows": int(present.sum()), "higher_is_better": metric.higher_is_better}

    def feature_importance(self, data: Any = None, repeats: int = 5) -> Importance:
        """Loss of score when a column of the input is permuted, with a 90 % interval.

        Without `data`: on the rows that each fold model did not see (after `load`, or for a model that was fitted once on
        all rows, `data` is needed, and said). With labelled rows: on them.
        """
        if data is None:
            return Importance(self._held.feature_importance_out_of_fold(int(repeats)))
        return Importance(self._held.feature_importance(self._labelled(data)[0], int(repeats)))

    def check(self, rows: Any) -> CheckReport:
        """How rows differ from training: missing columns, unseen categories, values out of range, drift."""
        report = self._held.check(unlabelled_rows(rows, self._held.schema)[0])
        return CheckReport(report["rows"], tuple(Finding(**finding) for finding in report["findings"]), report["text"])

    def verify(self) -> VerifyReport:
        """Recomputes the self-test rows of the file: does it predict here what it predicted where it was made?"""
        return VerifyReport(**self._held.verify())

    # --- again, and to disk ---------------------------------------------------------------------------------------------

    def refit(self, data: Any, *, threads: int | None = None) -> AutoMLModel:
        """A new model by the recipe of this one on new rows, without a search.

        Parameters
        ----------
        data
            Rows with the target column, or (rows, target).
        threads
            None: the container's cores.

        Raises
        ------
        AutoMillError
            recipe.own_learner: a member is an own learner, and the model was loaded from a file.
        """
        if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], (str, os.PathLike)):
            table, origin = labelled_rows(data, self._held.schema, self._held.target)
        else:
            kinds = {column.name: column.kind for column in self.schema} if isinstance(data, (str, os.PathLike)) else None
            table, origin = to_table(data, kinds)
        workers = Workers()
        try:
            held = self._held.refit(table, {"threads": threads, "learners": with_workers(self._learners, workers)})
        finally:
            workers.close()
        return AutoMLModel(held, origin, self._higher, self._learners)

    def collapse(self) -> AutoMLModel:
        """The same members, each as one model that is fitted on all training rows in the place of its fold models.

        Several times smaller and faster, mostly a little less accurate. `validation_score` is that of out-of-fold predictions,
        which single models made, too; intervals and sets stay.

        Raises
        ------
        AutoMillError
            model.no_training_data: a loaded model does not hold its training rows; train with refit="always" instead.
        """
        return AutoMLModel(self._held.collapse(), self._origin, self._higher)

    def distill(self) -> AutoMLModel:
        """One small booster that learned what the members predict together, as a new model with a score of its own.

        It learns from training rows and from rows that are made of near ones. `validation_score` is that of students of the
        folds: each learned from the models of its fold, and predicted rows that these had not seen. The leaderboard lists it
        as `student`, intervals and sets are those of its own residuals, `refit` distills again.

        Raises
        ------
        AutoMillError
            model.no_training_data: a loaded model does not hold its training rows; model.not_distilled: its members were
            fitted on all rows, or it is one model already.
        """
        return AutoMLModel(self._held.distill(), self._origin, self._higher)

    def save(self, path: str | os.PathLike[str], *, out_of_fold: bool = False, python_members: str | None = None) -> None:
        """Writes the model as one file: temporary file, flushed, renamed. No code is in it.

        Parameters
        ----------
        path
            The file.
        out_of_fold
            Whether the out-of-fold predictions go into the file, so that `out_of_fold()` has them after `load`: 8 bytes
            for each row, and for each class of it.
        python_members
            "pickle": members that are own Python learners are written as pickles, which may run any code where they are
            opened; only `automill.load(path, allow_pickle=True)` does. None: a model with such members is refused.

        Raises
        ------
        AutoMillError
            file.unwritable, file.disk_full; model.python_members, which names the members; model.no_out_of_fold (a model
            that was loaded without, or changed).
        """
        if python_members not in (None, "pickle"):
            raise error("option.unknown_choice", "python_members", f"{python_members!r} is not a choice", "'pickle', or leave it out")
        members = [] if python_members else self._held.python_members()
        if members:
            named = ", ".join(f"{name} ({kind})" for name, kind in members)
            raise error("model.python_members", named, "members of this model are Python objects, which its file does not hold", f'model.without("{members[0][0]}").save(path), or save(path, python_members="pickle") and load(path, allow_pickle=True)')
        self._held.save(os.fspath(path), bool(out_of_fold))

    def __getstate__(self) -> dict[str, Any]:
        return {"model": self._held.bytes(), "origin": Origin(self._origin.kind), "higher": self._higher}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__init__(_core.load_bytes(state["model"]), state["origin"], state["higher"])  # type: ignore[misc]

    # --- for people -----------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return str(self._held.summary()).rstrip("\n")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>{self.leaderboard()._repr_html_()}"


def load(path: str | os.PathLike[str], *, allow_pickle: bool = False) -> AutoMLModel:
    """Reads a model file. Nothing in it is executed, unless `allow_pickle` says that it may be.

    Parameters
    ----------
    path
        A file that `save` wrote.
    allow_pickle
        Whether members that are pickled Python objects (`save(path, python_members="pickle")`) are made again: a pickle
        runs whatever code it holds, so only for files of your own.

    Raises
    ------
    AutoMillError
        file.missing; model_file.* when it is no model, damaged, made by a newer version, or holds pickles.
    """
    return AutoMLModel(_core.load(os.fspath(path), bool(allow_pickle)))
