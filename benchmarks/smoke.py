"""Runs every benchmark once, small, and fails when one fails or leaves out its figures.

    python benchmarks/smoke.py [--shell build/test/automill]

The data is what `examples/data` ships. The figures mean nothing; that they are there is what is checked.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRAIN = ROOT / "examples" / "data" / "adult_train.csv"


def make_data_folder(folder: Path) -> Path:
    """A data folder as the benchmarks take it: one set, its target column named `target`; returns the file."""
    lines = TRAIN.read_text(encoding="utf-8").splitlines()[:2001]
    header = lines[0].split(",")
    header[-1] = "target"
    path = folder / "adult.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join([",".join(header), *lines[1:]]) + "\n")
    entry = {"name": "adult", "file": path.name, "task": "binary", "n_rows": len(lines) - 1}
    entry |= {"n_features": len(header) - 1, "tier": "core", "use": "development"}
    (folder / "manifest.json").write_text(json.dumps({"datasets": [entry]}), encoding="utf-8")
    return path


def commands(data: Path, file: Path, shell: str) -> list[tuple[list[str], str]]:
    """Each command and a text that its output must hold."""
    results, floor = str(data / "results.jsonl"), str(data / "floor.jsonl")
    runs = ["--data", str(data), "--splits", "2", "--shared-environment"]
    methods = ["--methods", "automill,hist_gradient_boosting,logistic_ridge", "--time-limit", "2"]
    return [
        (["benchmarks/quality/run.py", *runs, *methods, "--output", results], ""),
        (["benchmarks/quality/report.py", results, "--against", "automill"], "hist_gradient_boosting"),
        (["benchmarks/compare.py", results, "--a", "automill", "--b", "logistic_ridge"], "mean"),
        (["benchmarks/quality/floor.py", *runs, "--limits", "2", "--output", floor], "2 s: mean"),
        (["benchmarks/limits.py", "--rows", "200", "--limits", "1", "--threads", "1", "--memory-limits", "64"], "memory limit"),
        (["benchmarks/trees/fit_speed.py", "--rows", "500", "--columns", "10", "--trees", "10", "--repeats", "1"], "geometric mean"),
        (["benchmarks/trees/sparse_speed.py", "--rows", "500", "--columns", "200", "--trees", "5", "--repeats", "1"], "geometric mean"),
        (["benchmarks/trees/folds_speed.py", "--rows", "400", "--columns", "10", "--trees", "5", "--repeats", "1"], "geometric mean"),
        (["benchmarks/trees/fit_memory.py", "--rows", "500", "--columns", "10", "--trees", "5"], "geometric mean"),
        (["benchmarks/trees/predict_speed.py", "--rows", "1000", "--train-rows", "500", "--trees", "10", "--repeats", "1"], "rows/s"),
        (["benchmarks/trees/contributions_speed.py", "--rows", "50", "--train-rows", "500", "--trees", "10", "--leaves", "7", "--repeats", "1"], "times as fast"),
        (["benchmarks/trees/import_check.py", str(data), "--rounds", "5", "--speed-rows", "400", "--repeats", "1"], "scores with other bits"),
        (["benchmarks/additive/ebm_against_interpret.py", "--speed", "300", "--rounds", "3", "--bags", "2", "--repeats", "1"], "geometric mean"),
        (["benchmarks/preprocess/column_speed.py", "--rows", "500", "--repeats", "1"], "one row"),
        (["benchmarks/preprocess/generate_features.py", str(data), "--speed", "500", "--columns", "6"], "candidates at most"),
        (["benchmarks/preprocess/column_types.py", str(data)], "disagreements"),
        (["benchmarks/preprocess/raw_quality.py", str(data), "--sets", "adult", "--methods", "table_preparer", "--splits", "1", "--output", str(data / "raw.jsonl")], "table_preparer"),
        (["benchmarks/preprocess/drift_rate.py", str(data), "--splits", "2"], "tables flagged"),
        (["benchmarks/csv_against_pyarrow.py", "--repeats", "1", str(file)], "adult"),
        (["benchmarks/cold_start.py", "--data", str(file), "--repeats", "1", "--time-limit", "1", "--shell", shell], "import"),
    ]


def run(command: list[str], expected: str) -> bool:
    """Runs one; a finding of a comparison (exit code 1) is no fault of the benchmark, a wrong usage or a crash is."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    output = done.stdout + done.stderr
    sound = done.returncode in (0, 1) and expected in output and "Traceback" not in output
    print(f"{'ok' if sound else 'FAILED'}: {' '.join(command)}")
    if not sound:
        print(f"exit code {done.returncode}, expected to see {expected!r}:\n{output}")
    return sound


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shell", default=os.environ.get("AUTOMILL_CLI", "automill"), help="the shell program")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        file = make_data_folder(data)
        sound = [run(command, expected) for command, expected in commands(data, file, options.shell)]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
