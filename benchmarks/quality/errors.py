"""The error of a prediction by task: 1 - AUC, log-loss or RMSE. NumPy only, lower is better.

error = prediction_error("binary", truth, probabilities)          # DataFrame with class names as columns
prior = prior_error("binary", train_target, test_target)          # the error of predicting the prior
"""

from __future__ import annotations

import numpy as np
import pandas as pd

METRICS = {"binary": "1-auc", "multiclass": "log_loss", "regression": "rmse"}
SMALLEST_PROBABILITY = 1e-15


def roc_auc(positive: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve by mid-ranks (Mann-Whitney); `positive` is boolean."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(counts)
    mid_ranks = (last_rank - (counts - 1) / 2.0)[inverse]
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if n_positive == 0 or n_negative == 0:
        raise ValueError("AUC needs both classes among the test rows")
    return float((mid_ranks[positive].sum() - n_positive * (n_positive + 1) / 2.0) / (n_positive * n_negative))


def log_loss(truth: np.ndarray, probabilities: pd.DataFrame) -> float:
    """Mean negative log-probability of the true class; rows are scaled to sum 1, a class without a column has 0."""
    classes = [str(column) for column in probabilities.columns]
    values = np.asarray(probabilities, dtype=float)
    column_of = {name: position for position, name in enumerate(classes)}
    columns = np.array([column_of.get(label, -1) for label in truth])
    chosen = np.where(columns >= 0, values[np.arange(len(truth)), columns], 0.0) / values.sum(axis=1)
    return float(-np.log(np.clip(chosen, SMALLEST_PROBABILITY, 1.0)).mean())


def rmse(truth: np.ndarray, values: np.ndarray) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean((np.asarray(truth, dtype=float) - np.asarray(values, dtype=float)) ** 2)))


def prediction_error(task: str, truth: pd.Series, prediction: pd.DataFrame | pd.Series | np.ndarray) -> float:
    """The error of `prediction` on `truth`; raises ValueError where a prediction is missing or not finite."""
    if len(prediction) != len(truth):
        raise ValueError(f"{len(prediction)} predictions for {len(truth)} rows")
    if not np.isfinite(np.asarray(prediction, dtype=float)).all():
        raise ValueError("a prediction is missing or not finite")
    if task == "regression":
        return rmse(truth.to_numpy(), np.asarray(prediction, dtype=float).ravel())
    labels = truth.to_numpy().astype(str)
    if task == "multiclass":
        return log_loss(labels, prediction)
    named = prediction.rename(columns=str)
    positive = max(named.columns)  # either class gives the same area; the later name is taken
    return 1.0 - roc_auc(labels == positive, named[positive].to_numpy(dtype=float))


def prior_error(task: str, train_target: pd.Series, test_target: pd.Series) -> float:
    """The error of predicting the training mean or the training class shares for every row."""
    if task == "regression":
        return rmse(test_target.to_numpy(), np.full(len(test_target), train_target.mean()))
    if task == "binary":
        return 0.5
    shares = train_target.value_counts(normalize=True)
    constant = pd.DataFrame(np.tile(shares.to_numpy(), (len(test_target), 1)), columns=shares.index)
    return log_loss(test_target.to_numpy().astype(str), constant)
