"""Writes elastic_net_reference.json: what scikit-learn gives for elastic nets, the optimum of which is unique.

    python tests/learners/make_elastic_net_reference.py

Regression: sklearn.linear_model.ElasticNet, tol 1e-14. Classes: LogisticRegression(solver="saga"), tol 1e-12; its C is
1 / (alpha * sum of weights). Features are rounded to 6 significant digits; scikit-learn sees the rounded values.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, LogisticRegression

random = np.random.default_rng(0)


def features_of(rows, columns, rare):
    """Columns that hang together, and columns of few ones."""
    x = random.normal(size=(rows, columns)) @ (np.eye(columns) + 0.5 * random.normal(size=(columns, columns)))
    ones = (random.uniform(size=(rows, rare)) < 0.08).astype(float)
    return np.array([[float(f"{v:.6g}") for v in row] for row in np.hstack([x + 1.0, ones])])


def weights_of(rows, weighted):
    return (1 + np.arange(rows) % 3).astype(float) if weighted else np.ones(rows)


def regression(name, rows, columns, rare, weighted, penalties):
    x, weights = features_of(rows, columns, rare), weights_of(rows, weighted)
    true = random.normal(size=x.shape[1]) * (random.uniform(size=x.shape[1]) < 0.4)
    y = np.array([float(f"{v:.8g}") for v in 50 + 3 * (x @ true + random.normal(size=rows))])
    fits = []
    for alpha, l1_ratio in penalties:
        model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-14, max_iter=1000000).fit(x, y, sample_weight=weights)
        fits.append({"alpha": alpha, "l1_ratio": l1_ratio, "weights": model.coef_.tolist(), "intercept": float(model.intercept_)})
    return {"name": name, "weighted": weighted, "features": x.T.tolist(), "target": y.tolist(), "fits": fits}


def classes(name, rows, columns, rare, count, weighted, penalties):
    x, weights = features_of(rows, columns, rare), weights_of(rows, weighted)
    scores = 0.7 * x @ random.normal(size=(x.shape[1], count)) + random.gumbel(size=(rows, count))
    labels = np.argmax(scores - scores.mean(axis=0), axis=1)
    fits = []
    for alpha, l1_ratio in penalties:
        model = LogisticRegression(C=1 / (alpha * weights.sum()), l1_ratio=l1_ratio, solver="saga", tol=1e-12, max_iter=1000000)
        model.fit(x, labels, sample_weight=weights)
        fits.append({"alpha": alpha, "l1_ratio": l1_ratio, "weights": model.coef_.T.tolist(), "intercepts": model.intercept_.tolist()})
    return {"name": name, "weighted": weighted, "features": x.T.tolist(), "labels": labels.tolist(), "classes": count, "fits": fits}


result = {
    "scikit-learn": sklearn.__version__,
    "regression": [
        regression("columns that hang together", 80, 8, 0, False, [(2.0, 0.5), (0.1, 0.9), (0.01, 1.0), (0.5, 0.05)]),
        regression("weights and rare columns", 90, 5, 6, True, [(0.5, 0.5), (0.05, 0.8)]),
        regression("more columns than rows", 30, 60, 0, False, [(1.0, 0.5), (0.2, 0.95)]),
    ],
    "classes": [
        classes("two classes", 120, 6, 0, 2, False, [(0.1, 0.5), (0.01, 1.0)]),
        classes("two classes, weights and rare columns", 120, 4, 4, 2, True, [(0.02, 0.7)]),
        classes("three classes, weights", 150, 5, 3, 3, True, [(0.05, 0.5), (0.005, 0.9)]),
        classes("more columns than rows", 40, 60, 0, 2, False, [(0.1, 0.5)]),
    ],
}
path = pathlib.Path(__file__).with_name("elastic_net_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
