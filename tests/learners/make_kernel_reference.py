"""Writes kernel_reference.json: what scikit-learn gives for kernel ridge regression with an intercept.

    python tests/learners/make_kernel_reference.py

sklearn.kernel_ridge.KernelRidge(kernel="precomputed") on kernels centred by KernelCenterer, targets less their mean: that
is an intercept without a penalty. Columns are standardised; the length scale is a multiple of the median distance.
Features are rounded to 6 significant digits; scikit-learn sees the rounded values.
"""

import json
import pathlib

import numpy as np
import sklearn
from scipy.spatial.distance import cdist
from sklearn.gaussian_process.kernels import Matern
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import KernelCenterer, StandardScaler

random = np.random.default_rng(0)
ROWS, COLUMNS = 60, 5


def rounded(x):
    return np.array([[float(f"{v:.6g}") for v in row] for row in x])


x, others = rounded(random.normal(size=(ROWS, COLUMNS)) * [1, 2, 30, 0.1, 5] + 3), rounded(random.normal(size=(20, COLUMNS)) * [1, 2, 30, 0.1, 5] + 3)
y = 100 + 10 * np.sin(x[:, 0]) + x[:, 1] ** 2 + random.normal(size=ROWS)
scaler = StandardScaler().fit(x)
z, zz = scaler.transform(x), scaler.transform(others)
squares = np.sort((cdist(z, z) ** 2)[np.tril_indices(ROWS, -1)])
median = np.sqrt(squares[len(squares) // 2])
fits = []
for kernel in ("gaussian", "matern"):
    for multiple, alpha in [(0.5, 0.1), (0.3, 3.0)]:
        length = multiple * median
        similar = (lambda a, b: rbf_kernel(a, b, gamma=1 / (2 * length**2))) if kernel == "gaussian" else Matern(length, nu=2.5)
        inside, across = similar(z, z), similar(zz, z)
        centerer = KernelCenterer().fit(inside)
        model = KernelRidge(alpha=alpha, kernel="precomputed").fit(centerer.transform(inside), y - y.mean())
        values = y.mean() + model.predict(centerer.transform(across))
        fits.append({"kernel": kernel, "length_scale": multiple, "alpha": alpha, "values": values.tolist()})
result = {"scikit-learn": sklearn.__version__, "features": x.T.tolist(), "others": others.T.tolist(), "target": y.tolist(), "fits": fits}
path = pathlib.Path(__file__).with_name("kernel_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
