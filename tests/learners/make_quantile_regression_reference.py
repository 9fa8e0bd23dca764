"""Writes quantile_regression_reference.json: what scikit-learn gives for linear regression of quantiles.

    python tests/learners/make_quantile_regression_reference.py

QuantileRegressor(solver="highs"), a vertex of the linear program, which is the only optimum at levels that no sum of weights has. Features are rounded to 6 significant digits; scikit-learn sees the
rounded values.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import QuantileRegressor

random = np.random.default_rng(0)
ROWS = 90


def rounded(x, digits):
    return np.array([[float(f"{v:.{digits}g}") for v in row] for row in np.atleast_2d(x)])


def case(weighted, quantile, penalties):
    x = rounded(np.hstack([random.normal(size=(ROWS, 4)) + 0.3, random.uniform(size=(ROWS, 2)) < 0.1]), 6)
    weights = (1 + np.arange(ROWS) % 3).astype(float) if weighted else np.ones(ROWS)
    y = rounded(20 + 10 * (x @ np.array([1.0, -0.7, 0.4, 0, 1.5, -1]) + random.standard_t(3, size=ROWS)), 8)[0]
    fits = []
    for alpha in penalties:
        model = QuantileRegressor(quantile=quantile, alpha=alpha, solver="highs").fit(x, y, sample_weight=weights)
        fits.append({"alpha": alpha, "weights": model.coef_.tolist(), "intercept": float(model.intercept_)})
    return {"quantile": quantile, "weighted": weighted, "features": x.T.tolist(), "target": y.tolist(), "fits": fits}


result = {"scikit-learn": sklearn.__version__, "cases": [case(False, 0.4871, [0, 0.3]), case(True, 0.8913, [0, 0.1]), case(True, 0.2537, [0.5])]}
path = pathlib.Path(__file__).with_name("quantile_regression_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
