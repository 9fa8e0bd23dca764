"""Writes gaussian_process_reference.json: what scikit-learn gives for Gaussian processes.

    python tests/learners/make_gaussian_process_reference.py

- evidence: log marginal likelihoods and their gradients at given hyperparameters, for a length scale a column and for one,
  for numbers (also with a noise for each row, which is what weights mean) and, by Laplace's approximation, for two classes.
- values: mean and deviation at given hyperparameters, of standardised columns and a standardised target; the deviation
  includes the noise.
- classes: mean and variance of the function, and probabilities, for two and for three classes (one against the others).
  scikit-learn approximates the mean of the logistic function by five error functions; `exact` is that mean by adaptive
  quadrature of scipy.
- best: the highest evidence that scikit-learn finds in four starts.

Features are rounded to 6 significant digits; scikit-learn sees the rounded values.
"""

import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from scipy.integrate import quad
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore", ConvergenceWarning)
random = np.random.default_rng(0)
ROWS, COLUMNS = 60, 3


def rounded(x):
    return np.array([[float(f"{v:.6g}") for v in row] for row in x])


def form(kernel, lengths):
    return Matern(lengths, nu=2.5) if kernel == "matern" else RBF(lengths)


x, others = (rounded(random.normal(size=(n, COLUMNS)) * [1, 20, 0.3] + 2) for n in (ROWS, 15))
y = 50 + 5 * np.sin(2 * x[:, 0]) + 0.1 * x[:, 1] + random.normal(size=ROWS)
labels = np.digitize(np.sin(2 * x[:, 0]) + 0.05 * x[:, 1] + 0.3 * random.normal(size=ROWS), [-0.3, 0.7])
scaler = StandardScaler().fit(x)
z, zz = scaler.transform(x), scaler.transform(others)
t = (y - y.mean()) / y.std()
weights = np.round(random.uniform(0.5, 3, size=ROWS), 3)

evidence = []
for kernel in ("matern", "gaussian"):
    for lengths in ([0.7, 1.5, 3.0], [1.2]):
        for signal, noise in ((1.3, 0.2), (0.4, 1e-3)):
            scale = lengths if len(lengths) > 1 else lengths[0]
            whole = ConstantKernel(signal) * form(kernel, scale) + WhiteKernel(noise)
            regressor = GaussianProcessRegressor(whole, alpha=0, optimizer=None).fit(z, t)
            value, gradient = regressor.log_marginal_likelihood(whole.theta, eval_gradient=True)
            order = [*range(1, 1 + len(lengths)), 0, len(lengths) + 1]
            by_row = ConstantKernel(signal) * form(kernel, scale)
            weighted = GaussianProcessRegressor(by_row, alpha=noise / weights, optimizer=None).fit(z, t)
            weighted_value, weighted_gradient = weighted.log_marginal_likelihood(by_row.theta, eval_gradient=True)
            classifier = GaussianProcessClassifier(by_row, optimizer=None, max_iter_predict=100).fit(z, labels > 0)
            laplace, laplace_gradient = classifier.log_marginal_likelihood(by_row.theta, eval_gradient=True)
            evidence.append({"kernel": kernel, "lengths": lengths, "signal": signal, "noise": noise, "value": value, "gradient": gradient[order].tolist(),
                             "weighted_value": weighted_value, "weighted_gradient": weighted_gradient[[*range(1, 1 + len(lengths)), 0]].tolist(),
                             "laplace": laplace, "laplace_gradient": laplace_gradient[[*range(1, 1 + len(lengths)), 0]].tolist()})

values, classes = [], []
for kernel, length, signal, noise in (("matern", 1.5, 1.2, 0.1), ("gaussian", 0.8, 2.0, 0.01)):
    whole = ConstantKernel(signal) * form(kernel, length) + WhiteKernel(noise)
    regressor = GaussianProcessRegressor(whole, alpha=0, optimizer=None).fit(z, t)
    mean, deviation = regressor.predict(zz, return_std=True)
    values.append({"kernel": kernel, "length_scale": length, "signal": signal, "noise": noise,
                   "mean": (y.mean() + y.std() * mean).tolist(), "deviation": (y.std() * deviation).tolist()})
    own = ConstantKernel(signal) * form(kernel, length)
    for parts in (2, 3):
        target = np.minimum(labels, parts - 1)
        classifier = GaussianProcessClassifier(own, optimizer=None, max_iter_predict=100).fit(z, target)
        binary = [classifier.base_estimator_] if parts == 2 else classifier.base_estimator_.estimators_
        exact, means, variances = [], [], []
        for each in binary:
            at, spread = each.latent_mean_and_variance(zz)
            means.append(at.tolist())
            variances.append(spread.tolist())
            exact.append([quad(lambda s: expit(s) * np.exp(-((s - m) ** 2) / (2 * v)) / np.sqrt(2 * np.pi * v), m - 12 * np.sqrt(v), m + 12 * np.sqrt(v), epsabs=1e-13, epsrel=1e-13, limit=500)[0]
                          for m, v in zip(at, spread)])
        exact = np.array(exact).T
        exact = np.column_stack([1 - exact, exact]) if parts == 2 else exact / exact.sum(axis=1, keepdims=True)
        classes.append({"kernel": kernel, "length_scale": length, "signal": signal, "classes": parts, "means": means, "variances": variances,
                        "exact": exact.tolist(), "probabilities": classifier.predict_proba(zz).tolist()})

whole = ConstantKernel(1.0) * Matern([1.7] * COLUMNS, length_scale_bounds=(1e-4, 1e5), nu=2.5) + WhiteKernel(0.1, (1e-6, 1e3))
best = GaussianProcessRegressor(whole, alpha=0, n_restarts_optimizer=3, random_state=0).fit(z, t)
own = ConstantKernel(1.0) * Matern([1.7] * COLUMNS, length_scale_bounds=(1e-4, 1e5), nu=2.5)
best_classes = GaussianProcessClassifier(own, n_restarts_optimizer=3, random_state=0, max_iter_predict=100).fit(z, labels > 0)
result = {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "features": x.T.tolist(), "others": others.T.tolist(), "target": y.tolist(), "labels": labels.tolist(),
          "weights": weights.tolist(), "evidence": evidence, "values": values, "classes": classes,
          "best": {"regression": best.log_marginal_likelihood_value_, "classes": best_classes.log_marginal_likelihood_value_}}
path = pathlib.Path(__file__).with_name("gaussian_process_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
print("probabilities differ from the exact mean by", max(np.abs(np.array(c["exact"]) - np.array(c["probabilities"])).max() for c in classes))
