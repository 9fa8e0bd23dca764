"""Writes large synthetic sets and their manifest, for the floor that holds with a few seconds on many rows.

    python benchmarks/make_large_sets.py --output large --rows 300000,500000
    python benchmarks/quality/floor.py --data large --output floor_large.jsonl --limits 5 --floor lightgbm_tenth \\
        --sets core --least-rows 100000 --most-rows 1000000

A set is the table of limits.py: 15 numbers, 5 category columns of 3 to 3,000 values, 5 % missing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import limits

TASKS = ("binary", "multiclass", "regression")


def write_set(folder: Path, task: str, rows: int, seed: int) -> dict[str, object]:
    """Writes one CSV file; its entry of the manifest."""
    name = f"{task}_{rows}"
    limits.synthetic_table(rows, task, seed).to_csv(folder / f"{name}.csv", index=False)
    columns = limits.NUMBERS + limits.CATEGORIES
    return {
        "name": name,
        "file": f"{name}.csv",
        "task": task,
        "n_rows": rows,
        "n_features": columns,
        "tier": "core",
        "use": "development",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder that is made and filled")
    parser.add_argument("--rows", type=lambda text: [int(part) for part in text.split(",")], default=[300_000, 500_000])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    entries = [write_set(options.output, task, rows, options.seed) for rows in options.rows for task in TASKS]
    (options.output / "manifest.json").write_text(json.dumps({"datasets": entries}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
