"""Imputing, scaling and one-hot encoding of mixed columns: AutoMill's transformers against scikit-learn's ColumnTransformer.

    python benchmarks/preprocess/column_speed.py --rows 100000 --numbers 20 --categories 10

Numbers miss a tenth of their cells; a category column has 3 to 40 categories and misses a twentieth. Both do the same:
medians and indicators of missing numbers, mean 0 and deviation 1, a column for each category and for missing ones. Both
take the same pandas frame and run in this process, in turns, on one thread; the best of `--repeats` counts. `table` is
AutoMill from its own table to its own table, without pandas. Ratios are scikit-learn's time over AutoMill's.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})  # one core for both

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import automill


def make_frame(rows: int, numbers: int, categories: int, kind: str, seed: int) -> pd.DataFrame:
    """Mixed columns; `kind` is how pandas holds the categories."""
    generator = np.random.default_rng(seed)
    columns: dict[str, object] = {}
    for k in range(numbers):
        values = generator.normal(size=rows) * 10**k if k % 2 else np.exp(generator.normal(size=rows))
        columns[f"n{k}"] = np.where(generator.random(rows) < 0.1, np.nan, values)
    for k in range(categories):
        names = np.array([f"level {i}" for i in range(3 + (37 * k) // max(1, categories - 1))] + [None], dtype=object)
        share = 1 / np.arange(1, len(names))
        codes = generator.choice(len(names), size=rows, p=np.append(0.95 * share / share.sum(), 0.05))
        columns[f"c{k}"] = pd.Categorical(names[codes]) if kind == "categorical" else names[codes]
    return pd.DataFrame(columns)


def peer(frame: pd.DataFrame) -> ColumnTransformer:
    numbers = [name for name in frame if name.startswith("n")]
    categories = [name for name in frame if name.startswith("c")]
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    # missing is a category of its own, as None is to this encoder
    encoded = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.uint8)
    return ColumnTransformer([("numbers", scaled, numbers), ("categories", encoded, categories)])


def own() -> automill.TransformerPipeline:
    return automill.TransformerPipeline(automill.Impute(categorical="own_category"), automill.OneHot(min_count=0, max_categories=100000, binary_as_one=False), automill.Scale())


def best_of(repeats: int, bodies: list[Callable[[], object]]) -> list[float]:
    """Seconds of each, taken in turns."""
    best = [float("inf")] * len(bodies)
    for _ in range(repeats):
        for k, body in enumerate(bodies):
            start = time.perf_counter()
            body()
            best[k] = min(best[k], time.perf_counter() - start)
    return best


def check_same(frame: pd.DataFrame) -> int:
    """Both give the same numbers; how many columns there are."""
    mine = own().fit_transform(frame.head(5000))
    theirs = peer(frame).fit(frame.head(5000)).transform(frame.head(5000))
    numbers = [name for name in frame if name.startswith("n")]
    for k, name in enumerate(numbers):
        np.testing.assert_allclose(mine[name].to_numpy(dtype=float), theirs[:, k], rtol=1e-9, atol=1e-9)
    assert mine.shape[1] == theirs.shape[1], (mine.shape, theirs.shape)
    return mine.shape[1]


def one_row(frame: pd.DataFrame) -> tuple[float, float]:
    """Seconds of one row: scikit-learn's transform of a frame of one row, and AutoMill's row predictor with a linear model behind the same steps, from a dict."""
    target = np.arange(len(frame), dtype=float)
    learner = automill.Pipeline(*[step for _, step in own().steps], automill.Ridge(alpha=1.0)).fit(frame, target)
    one = learner.model_.row_predictor()
    row = {name: None if value != value else value for name, value in frame.iloc[7].to_dict().items()}
    theirs, single = peer(frame).fit(frame), frame.iloc[7:8]
    repeats = 2000
    mine = best_of(5, [lambda: [one(row) for _ in range(repeats)]])[0] / repeats
    return best_of(20, [lambda: theirs.transform(single)])[0], mine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--numbers", type=int, default=20)
    parser.add_argument("--categories", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(f"automill {automill.__version__}, scikit-learn {sklearn.__version__}, pandas {pd.__version__}, numpy {np.__version__}")
    print(f"{arguments.rows} rows, {arguments.numbers} numbers, {arguments.categories} categories, one thread, best of {arguments.repeats}\n")
    print(f"{'categories as':<14}{'what':<22}{'scikit-learn':>13}{'automill':>10}{'ratio':>7}{'table':>10}{'ratio':>7}")
    for kind in ("categorical", "objects"):
        frame = make_frame(arguments.rows, arguments.numbers, arguments.categories, kind, arguments.seed)
        width = check_same(frame)
        table = automill.Table(frame)
        theirs, mine, native = peer(frame).fit(frame), own().fit(frame), own().fit(table)
        for what, bodies in {
            "fit and transform": [lambda: peer(frame).fit_transform(frame), lambda: own().fit_transform(frame), lambda: own().fit_transform(table)],
            "transform": [lambda: theirs.transform(frame), lambda: mine.transform(frame), lambda: native.transform(table)],
        }.items():
            a, b, c = best_of(arguments.repeats, bodies)
            print(f"{kind:<14}{what:<22}{1e3 * a:>10.1f} ms{1e3 * b:>7.1f} ms{a / b:>7.1f}{1e3 * c:>7.1f} ms{a / c:>7.1f}")
        print(f"{'':<14}{width} columns come out")
    theirs, mine = one_row(make_frame(5000, arguments.numbers, arguments.categories, "objects", arguments.seed))
    print(f"\none row, from Python: scikit-learn {1e6 * theirs:.0f} us, automill {1e6 * mine:.1f} us with a linear model behind it, ratio {theirs / mine:.0f}")


if __name__ == "__main__":
    main()
