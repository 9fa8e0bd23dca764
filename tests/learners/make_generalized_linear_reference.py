"""Writes generalized_linear_reference.json: what scikit-learn gives for robust and generalised linear regression.

    python tests/learners/make_generalized_linear_reference.py

HuberRegressor (its alpha is half of ours times the sum of weights), PoissonRegressor, GammaRegressor and
TweedieRegressor(link="log"), to gradients of 1e-10 and below. Features are rounded to 6 significant digits;
scikit-learn sees the rounded values.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import GammaRegressor, HuberRegressor, PoissonRegressor, TweedieRegressor

random = np.random.default_rng(0)
ROWS = 120


def rounded(x, digits):
    return np.array([[float(f"{v:.{digits}g}") for v in row] for row in np.atleast_2d(x)])


def case(objective, weighted, target_of, penalties, **parameters):
    x = rounded(np.hstack([random.normal(size=(ROWS, 4)) + 1, random.uniform(size=(ROWS, 2)) < 0.1]), 6)
    weights = (1 + np.arange(ROWS) % 3).astype(float) if weighted else np.ones(ROWS)
    y = rounded(target_of(x @ np.array([0.4, -0.3, 0.2, 0, 0.5, -0.5])), 8)[0]
    fits = []
    for alpha in penalties:
        if objective == "huber":
            model = HuberRegressor(alpha=alpha * weights.sum() / 2, tol=1e-10, max_iter=100000, **parameters)
        elif objective == "tweedie":
            model = TweedieRegressor(power=parameters["tweedie_variance_power"], alpha=alpha, link="log", solver="newton-cholesky", tol=1e-12, max_iter=1000)
        else:
            model = {"poisson": PoissonRegressor, "gamma": GammaRegressor}[objective](alpha=alpha, solver="newton-cholesky", tol=1e-12, max_iter=1000)
        model.fit(x, y, sample_weight=weights)
        fits.append({"alpha": alpha, "weights": model.coef_.tolist(), "intercept": float(model.intercept_), "scale": float(getattr(model, "scale_", 0))})
    return {"parameters": {"objective": objective, **parameters}, "weighted": weighted, "features": x.T.tolist(), "target": y.tolist(), "fits": fits}


def outliers(signal):
    return 100 + 20 * signal + 5 * random.standard_t(1.5, size=ROWS)


result = {
    "scikit-learn": sklearn.__version__,
    "cases": [
        case("huber", False, outliers, [1e-6, 0.1]),
        case("huber", True, outliers, [1e-3], epsilon=1.8),
        case("poisson", True, lambda s: random.poisson(5 * np.exp(s)), [1e-6, 0.1]),
        case("gamma", False, lambda s: 300 * np.exp(s) * random.gamma(2, size=ROWS), [1e-6, 0.1]),
        case("tweedie", True, lambda s: 20 * np.exp(s) * random.poisson(1.5, size=ROWS) * random.gamma(2, size=ROWS), [1e-4, 0.3], tweedie_variance_power=1.4),
    ],
}
path = pathlib.Path(__file__).with_name("generalized_linear_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
