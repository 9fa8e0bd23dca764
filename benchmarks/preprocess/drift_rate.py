"""How often `model.check` finds something where nothing has changed: it promises one table in a hundred.

    python benchmarks/preprocess/drift_rate.py FOLDER --sets adult,california_housing --splits 200

Each split takes other rows at random for training and for checking, of one table: whatever is found is a false alarm. Prints,
for each set, the share of splits with any finding and its 95 % interval (Wilson), the share of columns flagged, and what was
found, by kind. Also the power: the same rows with one column shifted by a fifth of its standard deviation.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
from pathlib import Path
from typing import Any


def wilson(hits: int, trials: int) -> tuple[float, float]:
    z, share = 1.96, hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    return middle - half, middle + half


def split_rates(frame: Any, target: str, splits: int, rows: int) -> tuple[int, int, int, collections.Counter[str], int]:
    """Splits with a finding, flagged columns, columns, findings by kind, and shifts that were found."""
    import automill
    import numpy

    flagged_splits = flagged = columns = shifts = 0
    kinds: collections.Counter[str] = collections.Counter()
    numbers = [name for name in frame.columns if name != target and frame[name].dtype.kind == "f" and frame[name].nunique() > 50]
    for seed in range(splits):
        order = numpy.random.default_rng(seed).permutation(len(frame))
        train, new = frame.iloc[order[: len(order) // 2]], frame.iloc[order[len(order) // 2 :]].head(rows)
        model = automill.train(train, target, include=["baseline"], max_trials=1, folds=2, progress="none", threads=1)
        findings = model.check(new).findings
        flagged_splits += bool(findings)
        flagged += len({finding.column for finding in findings})
        columns += len(list(model.schema))
        kinds.update(finding.kind for finding in findings)
        if numbers:
            name = numbers[seed % len(numbers)]
            moved = new.assign(**{name: new[name] + 0.2 * new[name].std()})
            shifts += any(finding.column == name for finding in model.check(moved).findings)
    return flagged_splits, flagged, columns, kinds, shifts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default="adult,california_housing,credit_g,sick,kc1")
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--rows", type=int, default=5000, help="new rows in a split, at most")
    options = parser.parse_args()
    import automill
    import pandas

    print(f"automill {automill.__version__}")
    files = {each["name"]: each["file"] for each in json.loads((options.folder / "manifest.json").read_text(encoding="utf-8"))["datasets"]}
    for name in options.sets.split(","):
        frame = pandas.read_csv(options.folder / files[name], keep_default_na=False, na_values=[""])
        hits, flagged, columns, kinds, shifts = split_rates(frame, frame.columns[-1], options.splits, options.rows)
        low, high = wilson(hits, options.splits)
        print(f"{name}: tables flagged {hits / options.splits:.3f} ({low:.3f} .. {high:.3f}), columns {flagged / columns:.5f}, shifts found {shifts / options.splits:.2f}; {dict(kinds)}", flush=True)


if __name__ == "__main__":
    main()
