"""Writes search_reference.json: what scikit-learn and scipy give for the parts of the search.

    python tests/search/make_search_reference.py

Gaussian process: GaussianProcessRegressor without an optimizer, kernel s * Matern(nu=2.5, one length a coordinate) + noise:
logarithm of the marginal likelihood with its gradient by the logarithms of the parameters, means and deviations.
Improvement: log(phi(z) + z Phi(z)) from scipy.special in the form
-z^2/2 - log(sqrt(2 pi)) + log1p(z sqrt(pi/2) erfcx(-z/sqrt(2))), and below -100 from the asymptotic series of Mills' ratio.
Sobol: scipy.stats.qmc.Sobol(scramble=False). Transform: scipy.stats.yeojohnson_llf over the exponents that are tried.
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import special, stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel


def process_case(rows, dimensions, seed):
    random = np.random.default_rng(seed)
    x = random.uniform(size=(rows, dimensions)).round(6)
    y = (np.sin(5 * x[:, 0]) + x.sum(axis=1) ** 2 + 0.1 * random.normal(size=rows)).round(6)
    lengths = np.exp(random.uniform(-1, 1, dimensions)).round(6)
    signal, noise = 1.7, 0.03
    kernel = ConstantKernel(signal) * Matern(lengths, nu=2.5) + WhiteKernel(noise)
    model = GaussianProcessRegressor(kernel, optimizer=None, alpha=0).fit(x, y)
    value, gradient = model.log_marginal_likelihood(model.kernel_.theta, eval_gradient=True)
    at = random.uniform(size=(8, dimensions)).round(6)
    mean, covariance = model.predict(at, return_cov=True)
    deviation = np.sqrt(np.diag(covariance) - noise)
    return {
        "x": x.tolist(), "y": y.tolist(), "lengths": lengths.tolist(), "signal": signal, "noise": noise,
        "log_likelihood": value, "by_signal": gradient[0], "by_lengths": gradient[1:-1].tolist(), "by_noise": gradient[-1],
        "at": at.tolist(), "mean": mean.tolist(), "deviation": deviation.tolist(),
    }


def log_h(z):
    if z < -100:
        t = -z
        series = 1 - 3 / t**2 + 15 / t**4 - 105 / t**6 + 945 / t**8 - 10395 / t**10 + 135135 / t**12
        return -0.5 * z * z - 0.5 * np.log(2 * np.pi) - 2 * np.log(t) + np.log(series)
    return -0.5 * z * z - 0.5 * np.log(2 * np.pi) + np.log1p(z * np.sqrt(np.pi / 2) * special.erfcx(-z / np.sqrt(2)))


def main():
    zs = [-1000.0, -50.0, -20.0, -12.0, -5.0, -2.0, -1.01, -0.99, -0.5, 0.0, 0.5, 1.0, 2.9, 3.1, 6.0, 20.0]
    scores = np.exp(np.random.default_rng(3).normal(0, 2, 40)).round(6)
    standard = (scores - scores.mean()) / scores.std()
    exponents = np.arange(-2, 4.001, 0.15)
    best = exponents[np.argmax([stats.yeojohnson_llf(e, standard) for e in exponents])]
    transformed = stats.yeojohnson(standard, best)
    reference = {
        "made_with": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
        "processes": [process_case(12, 2, 0), process_case(25, 5, 1)],
        "improvement": [{"z": z, "log_h": log_h(z)} for z in zs],
        "cdf": [{"z": z, "value": special.ndtr(z)} for z in [-30.0, -8.0, -2.0, -1.0, 0.0, 0.3, 2.0, 3.5, 9.0]],
        "sobol": stats.qmc.Sobol(128, scramble=False, bits=32).random(64)[:, [0, 1, 2, 3, 7, 20, 63, 100, 127]].tolist(),
        "sobol_coordinates": [0, 1, 2, 3, 7, 20, 63, 100, 127],
        "transform": {"scores": scores.tolist(), "result": ((transformed - transformed.mean()) / transformed.std()).tolist()},
    }
    path = pathlib.Path(__file__).with_name("search_reference.json")
    path.write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
