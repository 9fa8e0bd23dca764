"""Writes preprocess_reference.json: what scikit-learn gives for the simple transformers on a piece of real data.

    python tests/preprocess/make_reference.py DATA_FOLDER

DATA_FOLDER holds house_prices_ames.csv.gz (numbers and categories with missing values).
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler


def clean(values):
    return [None if isinstance(v, float) and np.isnan(v) else v for v in values]


def columns_of(matrix):
    return [clean(column) for column in np.asarray(matrix, dtype=float).T.tolist()]


def main():
    path = pathlib.Path(sys.argv[1]) / "house_prices_ames.csv.gz"
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""]).sample(n=120, random_state=0)
    numbers = frame.select_dtypes("number").iloc[:, 1:10]
    holes = numbers.columns[numbers.isna().any()]
    filled = numbers.drop(columns=holes)
    weights = (1 + np.arange(len(frame)) % 3).astype(float)
    categories = frame[["Neighborhood", "Street", "HouseStyle"]].astype(str)
    expected = {
        "standard": columns_of(StandardScaler().fit_transform(filled)),
        "standard_weighted": columns_of(StandardScaler().fit(filled, sample_weight=weights).transform(filled)),
        "robust": columns_of(RobustScaler().fit_transform(filled)),
        "minmax": columns_of(MinMaxScaler().fit_transform(filled)),
        "one_hot": columns_of(OneHotEncoder(sparse_output=False).fit_transform(categories)),
        "one_hot_names": [f"{column}={name}" for column, names in
                          zip(categories.columns, OneHotEncoder().fit(categories).categories_) for name in names],
        "ordinal": columns_of(OrdinalEncoder().fit_transform(categories)),
    }
    for strategy in ["mean", "median", "most_frequent"]:
        imputer = SimpleImputer(strategy=strategy, add_indicator=True).fit(numbers)
        values = imputer.transform(numbers)
        expected[f"impute_{strategy}"] = columns_of(values[:, : numbers.shape[1]])
        expected["impute_indicators"] = columns_of(values[:, numbers.shape[1] :])
        expected["impute_indicator_names"] = [f"{name}_missing" for name in holes]
    result = {
        "made_by": "tests/preprocess/make_reference.py",
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "number_names": list(numbers.columns),
        "filled_names": list(filled.columns),
        "numbers": columns_of(numbers),
        "category_names": list(categories.columns),
        "categories": categories.T.to_numpy().tolist(),
        "expected": expected,
    }
    out = pathlib.Path(__file__).with_name("preprocess_reference.json")
    out.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
