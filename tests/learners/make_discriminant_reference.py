"""Writes discriminant_reference.json: what scikit-learn gives for discriminant analysis.

    python tests/learners/make_discriminant_reference.py

LinearDiscriminantAnalysis(solver="lsqr") and QuadraticDiscriminantAnalysis(solver="eigen") with a given shrinkage, and
sklearn.covariance.ledoit_wolf_shrinkage of what is left of rows without the means of their classes. Features are rounded
to 6 significant digits; scikit-learn sees the rounded values.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

random = np.random.default_rng(0)


def case(name, rows, columns, rare, classes, priors, shrinkages):
    labels = np.arange(rows) * classes // rows if priors == "uniform" else np.minimum(random.poisson(0.8, size=rows), classes - 1)
    labels[:classes] = np.arange(classes)
    x = random.normal(size=(rows, columns)) @ (np.eye(columns) + 0.4 * random.normal(size=(columns, columns)))
    x = x * (1 + 0.3 * labels[:, None]) + 0.5 * random.normal(size=(classes, columns))[labels]
    x = np.hstack([x, random.uniform(size=(rows, rare)) < 0.08])
    x = np.array([[float(f"{v:.6g}") for v in row] for row in x])
    shares = np.full(classes, 1 / classes) if priors == "uniform" else None
    fits = []
    for shrinkage in shrinkages:
        linear = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=shares).fit(x, labels)
        quadratic = QuadraticDiscriminantAnalysis(solver="eigen", shrinkage=shrinkage, priors=shares).fit(x, labels)
        fits.append({"shrinkage": shrinkage, "linear": linear.predict_proba(x).tolist(), "quadratic": quadratic.predict_proba(x).tolist()})
    means = np.array([x[labels == k].mean(axis=0) for k in range(classes)])
    intensity = ledoit_wolf_shrinkage(x - means[labels], assume_centered=True)
    return {"name": name, "features": x.T.tolist(), "labels": labels.tolist(), "classes": classes, "priors": priors, "fits": fits, "ledoit_wolf": float(intensity)}


result = {
    "scikit-learn": sklearn.__version__,
    "cases": [
        case("two classes", 60, 4, 0, 2, "empirical", [1e-3, 0.3]),
        case("three classes, rare columns", 120, 3, 2, 3, "empirical", [0.1]),
        case("four classes, equal priors", 90, 4, 0, 4, "uniform", [0.05, 1.0]),
        case("more columns than rows of a class", 40, 25, 0, 3, "empirical", [0.2]),
    ],
}
path = pathlib.Path(__file__).with_name("discriminant_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
