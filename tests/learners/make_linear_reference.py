"""Writes linear_reference.json: what scikit-learn gives for ridge and logistic regression on pieces of real data.

    python tests/learners/make_linear_reference.py DATA_FOLDER

DATA_FOLDER holds the gzip CSV files named below (target last). Features are rounded to 6 significant digits, so that the
file stays small; scikit-learn sees the rounded values. Ridge: coefficients of sklearn.linear_model.Ridge
(solver="cholesky"), squared leave-one-out errors of RidgeCV (gcv_mode="eigen"). Logistic: LogisticRegression by
Newton-Cholesky (binary) or L-BFGS, to a gradient of 1e-10.
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV


def read(folder, name, rows, columns):
    frame = pd.read_csv(pathlib.Path(folder) / f"{name}.csv.gz", keep_default_na=False, na_values=[""])
    frame = frame.sample(n=rows, random_state=0)
    target = frame.iloc[:, -1]
    numbers = frame.iloc[:, :-1].select_dtypes("number").iloc[:, :columns]
    features = np.array([[float(f"{v:.6g}") for v in row] for row in numbers.to_numpy(dtype=float)])
    return features[:, features.std(axis=0) > 0], target


def weights_for(rows, weighted):
    return (1 + np.arange(rows) % 3).astype(float) if weighted else np.ones(rows)


def ridge_case(folder, name, rows, columns, weighted, alphas):
    features, target = read(folder, name, rows, columns)
    y = target.to_numpy(dtype=float)
    weights = weights_for(rows, weighted)
    fits = []
    for alpha in alphas:
        model = Ridge(alpha=alpha, solver="cholesky").fit(features, y, sample_weight=weights)
        fits.append({"alpha": alpha, "weights": model.coef_.tolist(), "intercept": float(model.intercept_)})
    case = {"name": name, "weighted": weighted, "features": features.T.tolist(), "target": y.tolist(), "fits": fits}
    if not weighted:
        search = RidgeCV(alphas=alphas, store_cv_results=True, gcv_mode="eigen").fit(features, y)
        for fit, errors in zip(fits, search.cv_results_.T):
            fit["squared_left_out_errors"] = errors.tolist()
    return case


def logistic_case(folder, name, rows, columns, weighted, strengths):
    features, target = read(folder, name, rows, columns)
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    features = np.array([[float(f"{v:.6g}") for v in row] for row in features])
    classes, labels = np.unique(target.astype(str), return_inverse=True)
    weights = weights_for(rows, weighted)
    fits = []
    for c in strengths:
        solver = "newton-cholesky" if len(classes) == 2 else "lbfgs"
        model = LogisticRegression(C=c, solver=solver, tol=1e-10, max_iter=100000).fit(
            features, labels, sample_weight=weights
        )
        fits.append({"c": c, "weights": model.coef_.T.tolist(), "intercepts": model.intercept_.tolist(),
                     "probabilities_of_first_row": model.predict_proba(features[:1])[0].tolist()})
    return {"name": name, "weighted": weighted, "features": features.T.tolist(), "labels": labels.tolist(),
            "classes": classes.tolist(), "fits": fits}


def main():
    folder = sys.argv[1]
    result = {
        "made_by": "tests/learners/make_linear_reference.py",
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "ridge": [
            ridge_case(folder, "concrete", 150, 8, False, [1e-2, 1.0, 1e3]),
            ridge_case(folder, "airfoil_self_noise", 120, 5, True, [1e-2, 1.0, 1e2]),
            ridge_case(folder, "tecator", 40, 90, False, [1e-2, 1.0, 1e2]),
            ridge_case(folder, "tecator", 40, 90, True, [1e-2, 1.0, 1e2]),
        ],
        "logistic": [
            logistic_case(folder, "diabetes_pima", 200, 8, False, [1e-2, 1.0, 1e2]),
            logistic_case(folder, "diabetes_pima", 200, 8, True, [1e-2, 1.0, 1e2]),
            logistic_case(folder, "segment", 150, 19, False, [1e-2, 1.0]),
            logistic_case(folder, "maternal_health_risk", 150, 6, True, [1e-1, 1e1]),
        ],
    }
    path = pathlib.Path(__file__).with_name("linear_reference.json")
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
