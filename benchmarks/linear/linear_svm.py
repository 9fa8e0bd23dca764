"""Linear support vector machines and linear quantiles against scikit-learn's: objectives and processor seconds of a fit.

    python benchmarks/linear/linear_svm.py --rows 2000,20000 --columns 20,100

Columns are normal and correlated, a sixteenth of the labels is flipped. One thread, intercepts, C = 1, scikit-learn with its own
tolerance and number of iterations; quantiles with highs, for up to 5,000 rows. `above`: how far the objective of scikit-learn lies above
that of AutoMill, as a share of it. AutoMill's seconds hold the fits without held-out rows that probabilities are calibrated by;
scikit-learn's do not.
"""
from __future__ import annotations

import argparse
import json
import time
import warnings

import automill
import numpy as np
from sklearn.linear_model import QuantileRegressor
from sklearn.svm import LinearSVC, LinearSVR
from threadpoolctl import threadpool_limits

MOST_QUANTILE_ROWS = 5000


def data(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, columns)) @ (np.eye(columns) + 0.5 * random.normal(size=(columns, columns)) / np.sqrt(columns))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x, x @ random.normal(size=columns) / np.sqrt(columns) + 0.5 * random.standard_t(3, size=rows)


def losses(loss: str, y: np.ndarray, scores: np.ndarray) -> float:
    """The sum of the losses."""
    if loss == "quantile":
        return float(np.sum(np.maximum(0.9 * (y - scores), -0.1 * (y - scores))))
    beyond = np.maximum(0, 1 - y * scores if loss.endswith("hinge") else np.abs(y - scores) - 0.1)
    return float(np.sum(beyond**2 if loss.startswith("squared") else beyond))


def models(loss: str):
    """Ours and theirs, and whether the target is a class."""
    if loss == "quantile":
        return automill.QuantileRegression(quantile=0.9, standardize=False), QuantileRegressor(quantile=0.9, alpha=0, solver="highs"), False
    if loss.endswith("hinge"):
        return automill.LinearSVM(loss=loss, standardize=False), LinearSVC(loss=loss, dual="auto", random_state=0), True
    return automill.LinearSVM(loss=loss, epsilon=0.1, standardize=False), LinearSVR(loss=loss, epsilon=0.1, dual="auto", random_state=0), False


def compare(loss: str, x: np.ndarray, numbers: np.ndarray) -> dict[str, object]:
    own, peer, classes = models(loss)
    flipped = np.random.default_rng(1).uniform(size=len(numbers)) < 1 / 16
    y = np.where((numbers > 0) != flipped, 1.0, -1.0) if classes else numbers
    start = time.process_time()
    own.fit(x, y > 0 if classes else y, task="binary" if classes else "regression", threads=1)
    seconds = time.process_time() - start
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        start = time.process_time()
        peer.fit(x, y)
        peer_seconds = time.process_time() - start
    coefficients, details = own.coefficients(), own.report_["details"]
    slope, offset = (details["slope"], details["offsets"][0]) if classes else (1.0, 0.0)
    weights = np.array([each.values[0] for each in coefficients.features]) / slope

    def objective(w: np.ndarray, b: float) -> float:
        return (0 if loss == "quantile" else 0.5 * w @ w) + losses(loss, y, x @ w + b)

    least = objective(weights, (coefficients.intercepts[0] - offset) / slope)
    above = objective(np.ravel(peer.coef_), float(np.ravel(peer.intercept_)[0])) / least - 1
    return {"loss": loss, "rows": len(x), "columns": x.shape[1], "seconds": round(seconds, 4), "scikit-learn seconds": round(peer_seconds, 4), "above": above}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="2000,20000")
    parser.add_argument("--columns", default="20,100")
    parser.add_argument("--losses", default="squared_hinge,hinge,squared_epsilon_insensitive,epsilon_insensitive,quantile")
    options = parser.parse_args()
    for rows in map(int, options.rows.split(",")):
        for columns in map(int, options.columns.split(",")):
            x, numbers = data(rows, columns)
            for loss in options.losses.split(","):
                if loss != "quantile" or rows <= MOST_QUANTILE_ROWS:
                    print(json.dumps(compare(loss, x, numbers)), flush=True)


if __name__ == "__main__":
    main()
