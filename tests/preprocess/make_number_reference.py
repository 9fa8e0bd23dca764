"""Writes number_reference.json: what scikit-learn and SciPy give for the transformers of numbers on a piece of real data.

    python tests/preprocess/make_number_reference.py DATA_FOLDER

DATA_FOLDER holds house_prices_ames.csv.gz.
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
import scipy
import sklearn
from scipy.special import expm1
from scipy.stats import norm
from sklearn.preprocessing import KBinsDiscretizer, PowerTransformer, QuantileTransformer, SplineTransformer

COLUMNS = ["LotArea", "YearBuilt", "GrLivArea", "BsmtUnfSF", "WoodDeckSF", "Shifted"]
BEYOND = [-5000.0, 0.0, 1234.5, 1e6]


def columns_of(matrix):
    return np.asarray(matrix, dtype=float).T.tolist()


def main():
    path = pathlib.Path(sys.argv[1]) / "house_prices_ames.csv.gz"
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""]).sample(n=100, random_state=1)
    frame["Shifted"] = frame["GrLivArea"] - frame["GrLivArea"].median()  # both signs
    numbers = frame[COLUMNS].to_numpy(dtype=float)
    power = PowerTransformer().fit(numbers)
    expected = {
        "quantile_normal": columns_of(QuantileTransformer(n_quantiles=40, output_distribution="normal", subsample=None).fit_transform(numbers)),
        "quantile_uniform": columns_of(QuantileTransformer(n_quantiles=37, subsample=None).fit_transform(numbers)),
        "powers": power.lambdas_.tolist(),
        "yeo_johnson": columns_of(power.transform(numbers)),
        "yeo_johnson_raw": columns_of(PowerTransformer(standardize=False).fit_transform(numbers)),
        "bins_uniform": columns_of(KBinsDiscretizer(6, encode="ordinal", strategy="uniform").fit_transform(numbers)),
        "bins_quantile": columns_of(KBinsDiscretizer(7, encode="ordinal", strategy="quantile", quantile_method="linear", subsample=None).fit_transform(numbers)),
        "bins_one_hot": columns_of(KBinsDiscretizer(4, encode="onehot-dense", strategy="uniform").fit_transform(numbers)),
    }
    beyond = np.repeat(np.array(BEYOND)[:, None], len(COLUMNS), axis=1)
    splines = []
    for degree in (1, 2, 3, 5):
        for placement in ("uniform", "quantile"):
            for extrapolation in ("constant", "linear"):
                # WoodDeckSF is 0 in half of the rows: scikit-learn keeps equal quantiles as two knots
                used = [c for c in range(len(COLUMNS)) if placement == "uniform" or COLUMNS[c] not in ("WoodDeckSF", "BsmtUnfSF")]
                if degree == 1 and extrapolation == "linear":
                    used = used[:1]  # scikit-learn 1.9.1 takes the other columns for ones of degree 2
                bias = degree != 2
                made = SplineTransformer(n_knots=6, degree=degree, knots=placement, extrapolation=extrapolation, include_bias=bias).fit(numbers[:, used])
                splines.append({
                    "degree": degree, "placement": placement, "extrapolation": extrapolation, "include_bias": bias, "columns": [COLUMNS[c] for c in used],
                    "inside": columns_of(made.transform(numbers[:8, used])), "beyond": columns_of(made.transform(beyond[:, used])),
                })
    shares = [1e-300, 1e-20, 1e-7, 0.001, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.7, 0.99, 1 - 1e-7, 1 - 1e-15]
    exponents = [-800.0, -3.0, -0.36, -0.34, -1e-3, -1e-12, 0.0, 1e-300, 1e-9, 0.1, 0.349, 0.351, 2.0, 700.0]
    result = {
        "made_by": "tests/preprocess/make_number_reference.py",
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "names": COLUMNS,
        "numbers": columns_of(numbers),
        "beyond": BEYOND,
        "expected": expected,
        "splines": splines,
        "normal_quantile": {"at": shares, "value": norm.ppf(shares).tolist()},
        "expm1": {"at": exponents, "value": expm1(exponents).tolist()},
    }
    out = pathlib.Path(__file__).with_name("number_reference.json")
    out.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
