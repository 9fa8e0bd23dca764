"""Writes encoder_reference.json: what scikit-learn and category_encoders give for encoders of categories on a piece of real data.

    python tests/preprocess/make_encoder_reference.py DATA_FOLDER

DATA_FOLDER holds house_prices_ames.csv.gz. The inner folds of the target encoder are given to scikit-learn as a predefined split.
"""

import json
import pathlib
import sys

import category_encoders
import numpy as np
import pandas as pd
import sklearn
from sklearn.model_selection import KFold, PredefinedSplit
from sklearn.preprocessing import TargetEncoder


def columns_of(matrix):
    return np.asarray(matrix, dtype=float).T.tolist()


def main():
    path = pathlib.Path(sys.argv[1]) / "house_prices_ames.csv.gz"
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""]).sample(n=120, random_state=1).reset_index(drop=True)
    categories = frame[["Neighborhood", "FireplaceQu"]].astype(object)
    categories = categories.where(categories.notna() & (categories != "NA"), None)
    price = frame["target"].astype(float)
    targets = {
        "regression": price.to_numpy(),
        "binary": (price > 180000).astype(int).to_numpy(),
        "multiclass": np.digitize(price, [130000, 200000]),
    }
    fold = np.empty(len(frame), dtype=int)
    for number, (_, held_out) in enumerate(KFold(5, shuffle=True, random_state=0).split(frame)):
        fold[held_out] = number
    expected = {}
    for task, target in targets.items():
        for smooth in ["auto", 0.0, 10.0]:
            encoder = TargetEncoder(smooth=smooth, cv=PredefinedSplit(fold), target_type={"regression": "continuous"}.get(task, task))
            expected[f"{task}_{smooth}"] = {
                "out_of_fold": columns_of(encoder.fit_transform(categories, target)),
                "all_rows": columns_of(encoder.transform(categories)),
            }
    filled = categories.fillna("(missing)")
    for name, normalize in [("count", False), ("frequency", True)]:
        expected[name] = columns_of(category_encoders.CountEncoder(normalize=normalize).fit_transform(filled))
    result = {
        "made_by": "tests/preprocess/make_encoder_reference.py",
        "scikit-learn": sklearn.__version__,
        "category_encoders": category_encoders.__version__,
        "numpy": np.__version__,
        "category_names": list(categories.columns),
        "categories": [[value or "" for value in categories[name]] for name in categories.columns],
        "targets": {task: [float(value) for value in target] for task, target in targets.items()},
        "fold": fold.tolist(),
        "expected": expected,
    }
    out = pathlib.Path(__file__).with_name("encoder_reference.json")
    out.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
