"""Writes neighbors_reference.json: what scikit-learn's nearest neighbours (brute force) give on made-up tables.

    python tests/learners/make_neighbors_reference.py

Numbers have 3 decimals and no two distances are alike, so that no tie has to be broken. scikit-learn sees columns brought to
variance 1, times the roots of the column weights, and dummies of categories beside them.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler

ROWS, NEW = 80, 30
random = np.random.default_rng(11)


def table(columns, category_columns):
    numbers = np.round(random.normal(size=(ROWS + NEW, columns)) * np.geomspace(0.2, 50, columns), 3)
    return numbers, random.integers(4, size=(ROWS + NEW, category_columns))


def points(numbers, categories, weights):
    scaled = StandardScaler().fit(numbers[:ROWS]).transform(numbers) * np.sqrt(weights)
    dummies = [(categories[:, [j]] == np.arange(4)).astype(float) for j in range(categories.shape[1])]
    return np.hstack([scaled, *dummies])


def case(name, classes, columns, category_columns, k, how, column_weights):
    numbers, categories = table(columns, category_columns)
    x = points(numbers, categories, np.array(column_weights or [1.0] * columns))
    signal = numbers[:, 0] / 0.2 + 0.5 * random.normal(size=ROWS + NEW)
    target = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes)) if classes else np.round(signal, 3)
    parameters = {"n_neighbors": k, "weights": how}
    if column_weights:
        parameters["column_weights"] = {f"x{j}": weight for j, weight in enumerate(column_weights)}

    def predicted(train, rows):
        model = (KNeighborsClassifier if classes else KNeighborsRegressor)(k, weights=how, algorithm="brute").fit(x[train], target[train])
        return (model.predict_proba(x[rows]) if classes else model.predict(x[rows])[:, None]).tolist()

    all_rows = np.arange(ROWS)
    left_out = [predicted(all_rows[all_rows != i], [i])[0] for i in all_rows]
    return {
        "name": name, "parameters": parameters, "classes": classes, "train_rows": ROWS, "numbers": numbers.T.tolist(), "categories": categories.T.tolist(),
        "target": target.tolist(), "predictions": predicted(all_rows, np.arange(ROWS, ROWS + NEW)), "left_out": left_out,
    }


cases = [
    case("two classes", 2, 4, 0, 5, "uniform", None),
    case("three classes by distance, categories", 3, 3, 2, 7, "distance", None),
    case("column weights", 2, 3, 0, 4, "uniform", [2.0, 0.25, 1.0]),
    case("numbers by distance", 0, 4, 1, 6, "distance", None),
    case("numbers, one neighbour", 0, 2, 0, 1, "uniform", None),
]
path = pathlib.Path(__file__).with_name("neighbors_reference.json")
path.write_text(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}) + "\n", encoding="utf-8")
