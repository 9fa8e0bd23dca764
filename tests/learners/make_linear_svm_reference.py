"""Writes linear_svm_reference.json: what scikit-learn gives for linear support vector machines.

    python tests/learners/make_linear_svm_reference.py

Losses that are not squared are those of SVC and SVR with a linear kernel, whose intercept is not penalised either. Squared ones are those
of LinearSVC and LinearSVR without an intercept, by the primal. Features are rounded to 6 significant digits; scikit-learn sees the
rounded values.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR

random = np.random.default_rng(0)
ROWS = 90


def rounded(x, digits):
    return np.array([[float(f"{v:.{digits}g}") for v in row] for row in np.atleast_2d(x)])


def case(loss, weighted, penalties, epsilon=0.0):
    classes = "hinge" in loss
    x = rounded(np.hstack([random.normal(size=(ROWS, 4)) + 0.3, random.uniform(size=(ROWS, 2)) < 0.1]), 6)
    weights = (1 + np.arange(ROWS) % 3).astype(float) if weighted else np.ones(ROWS)
    signal = x @ np.array([1.0, -0.7, 0.4, 0, 1.5, -1]) + random.normal(size=ROWS)
    y = (signal > 0.3).astype(float) if classes else rounded(signal, 8)[0]
    fits = []
    for c in penalties:
        if loss == "hinge":
            model = SVC(kernel="linear", C=c, tol=1e-10)
        elif loss == "epsilon_insensitive":
            model = SVR(kernel="linear", C=c, epsilon=epsilon, tol=1e-10)
        elif loss == "squared_hinge":
            model = LinearSVC(C=c, dual=False, fit_intercept=False, tol=1e-12, max_iter=100000)
        else:
            model = LinearSVR(C=c, loss=loss, epsilon=epsilon, dual=False, fit_intercept=False, tol=1e-12, max_iter=100000)
        model.fit(x, y, sample_weight=weights)
        fits.append({"C": c, "weights": np.ravel(model.coef_).tolist(), "intercept": float(np.ravel(model.intercept_)[0])})
    return {"loss": loss, "epsilon": epsilon, "fit_intercept": not loss.startswith("squared"), "weighted": weighted, "features": x.T.tolist(), "target": y.tolist(), "fits": fits}


result = {
    "scikit-learn": sklearn.__version__,
    "cases": [
        case("hinge", False, [0.02, 3.0]),
        case("hinge", True, [0.5]),
        case("squared_hinge", True, [0.02, 3.0]),
        case("epsilon_insensitive", False, [0.02, 3.0], 0.4),
        case("epsilon_insensitive", True, [0.5], 0.0),
        case("squared_epsilon_insensitive", True, [0.02, 3.0], 0.4),
    ],
}
path = pathlib.Path(__file__).with_name("linear_svm_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
