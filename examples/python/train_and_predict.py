"""A table in, a model out, predictions of new rows; the model is judged, saved and loaded.

    python examples/python/train_and_predict.py [TRAIN.csv TEST.csv TARGET]
"""
from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import automill

DATA = Path(__file__).parents[1] / "data"


def main() -> None:
    train, test, target = sys.argv[1:] if len(sys.argv) == 4 else (DATA / "adult_train.csv", DATA / "adult_test.csv", "income")

    model = automill.train(train, target, time_limit=10, memory_limit=2 << 30)  # shows the model at the end

    print("\nEvery candidate, members of the ensemble with their score on the test rows:")
    print(model.leaderboard(test))

    print("\nEvery metric on the test rows, with 90 % intervals:")
    print(model.evaluate(test))

    print("\nNew rows need no target:", model.predict(test)[:3], model.predict_proba(test)[:3].round(3).tolist(), "in the order", model.classes)
    print("What the new rows differ in:", model.check(test))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "income.automill"
        model.save(path)
        again = automill.load(path)
        assert list(again.predict(test)) == list(model.predict(test))
        print(f"Saved: {path.stat().st_size / 1e6:.2f} MB; the loaded model predicts the same.")


if __name__ == "__main__":
    main()
