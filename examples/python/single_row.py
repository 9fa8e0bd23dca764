"""One row at a time, as a service predicts: by column name, without building a table.

    python examples/python/single_row.py
"""
from __future__ import annotations

import time
from pathlib import Path

import automill

DATA = Path(__file__).parents[1] / "data"


def main() -> None:
    model = automill.train(DATA / "adult_train.csv", "income", time_limit=3, refit="always", progress="none")

    one = model.row_predictor()  # one a thread; the model is shared
    person = {"age": 39, "education": "Bachelors", "hours-per-week": 40}  # columns that are left out are missing
    print(f"{model.classes[1]}: {one(person)[1]:.3f}")

    calls = 2000
    start = time.perf_counter()
    for i in range(calls):
        one({**person, "age": 20 + i % 50})
    print(f"{1e6 * (time.perf_counter() - start) / calls:.1f} us a row")

    # the same bits as in a batch, which must name every column
    full = {name: person.get(name) for name in model.schema.names}
    assert model.predict_proba([full])[0, 1] == one(person)[1]

    # a name that is not there says which is near
    try:
        one({"educaton": "Bachelors"})
    except automill.AutoMillError as error:
        print(error)


if __name__ == "__main__":
    main()
