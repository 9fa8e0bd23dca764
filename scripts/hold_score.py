"""Holds predictions to scikit-learn's HistGradientBoosting with its defaults, fitted and scored on the same split.

    python scripts/hold_score.py train.csv test.csv target predictions.csv [--task regression]

Fails (exit code 1) when the AUC is more than 0.003 behind, or the log-loss or RMSE more than 1 % above.
`predictions.csv` is what `automill predict` writes: prediction, probability_<label>...
"""
from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, root_mean_squared_error, roc_auc_score

AUC_BEHIND = 0.003
RATIO_ABOVE = 1.01


def with_shared_categories(train: pd.DataFrame, test: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Text columns as categories of the training rows: the form in which scikit-learn takes them."""
    train, test = train.copy(), test.copy()
    for column in train.columns:
        if pd.api.types.is_numeric_dtype(train[column]):
            continue
        kind = pd.CategoricalDtype(sorted(train[column].dropna().unique()))
        train[column] = train[column].astype(kind)
        test[column] = test[column].where(test[column].isin(kind.categories)).astype(kind)
    return train, test


def read_rows(path: str, target: str, text_target: bool) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={target: str} if text_target else None)


def compare(train: pd.DataFrame, test: pd.DataFrame, target: str, predictions: pd.DataFrame, task: str) -> tuple[str, float, float, bool]:
    """Metric, our value, theirs, and whether ours holds."""
    features, test_features = with_shared_categories(train.drop(columns=target), test.drop(columns=target))
    if task == "regression":
        model = HistGradientBoostingRegressor(random_state=0).fit(features, train[target])
        ours = root_mean_squared_error(test[target], predictions["prediction"])
        theirs = root_mean_squared_error(test[target], model.predict(test_features))
        return "rmse", ours, theirs, ours <= RATIO_ABOVE * theirs
    model = HistGradientBoostingClassifier(random_state=0).fit(features, train[target])
    classes = list(model.classes_)
    ours = predictions[[f"probability_{label}" for label in classes]].to_numpy()
    theirs = model.predict_proba(test_features)
    if not np.allclose(ours.sum(axis=1), 1, atol=1e-9):
        raise SystemExit("the probabilities of a row do not sum to 1")
    if len(classes) == 2:
        truth = test[target] == classes[1]
        auc, their_auc = roc_auc_score(truth, ours[:, 1]), roc_auc_score(truth, theirs[:, 1])
        return "roc_auc", auc, their_auc, auc >= their_auc - AUC_BEHIND
    loss, their_loss = log_loss(test[target], ours, labels=classes), log_loss(test[target], theirs, labels=classes)
    return "log_loss", loss, their_loss, loss <= RATIO_ABOVE * their_loss


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("target")
    parser.add_argument("predictions")
    parser.add_argument("--task", choices=["classification", "regression"], default="classification")
    options = parser.parse_args()
    text_target = options.task == "classification"
    train = read_rows(options.train, options.target, text_target)
    test = read_rows(options.test, options.target, text_target)
    predictions = pd.read_csv(options.predictions)
    if len(predictions) != len(test):
        raise SystemExit(f"{len(predictions)} predictions for {len(test)} rows")
    metric, ours, theirs, holds = compare(train, test, options.target, predictions, options.task)
    print(f"{metric}: AutoMill {ours:.5f}, HistGradientBoosting {theirs:.5f}: {'holds' if holds else 'TOO FAR BEHIND'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
