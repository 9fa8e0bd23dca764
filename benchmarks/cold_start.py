"""How long until the first prediction: import, load and predict in fresh processes, and one row from the shell.

    python benchmarks/cold_start.py --data data/adult.csv.gz --target target --repeats 10 --shell build/automill

Trains one small model first (`--time-limit`), or takes `--model FILE`; then times fresh processes, the best and the
median of `--repeats`: the bare interpreter; `import automill`; import, load and predict one row given as a list of
dicts; and `automill predict MODEL ROW.csv` where the shell program is there. The interpreter's own start is shown
apart, so that it can be taken off.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

IMPORT_ONLY = "import automill"
IMPORT_LOAD_PREDICT = """
import json, sys, time
started = time.perf_counter()
import automill
imported = time.perf_counter()
model = automill.load(sys.argv[1])
loaded = time.perf_counter()
model.predict([json.loads(sys.argv[2])])
predicted = time.perf_counter()
model.predict([json.loads(sys.argv[2])])
again = time.perf_counter()
print(json.dumps({"import": imported - started, "load": loaded - imported, "first predict": predicted - loaded,
                  "second predict": again - predicted}))
"""


def first_row(path: Path, target: str) -> dict[str, str]:
    """The first data row of a CSV file without its target."""
    opened = gzip.open(path, "rt", newline="", encoding="utf-8") if path.suffix == ".gz" else path.open(newline="")
    with opened as file:
        row = next(csv.DictReader(file))
    return {name: value for name, value in row.items() if name != target}


def train(data: Path, target: str, time_limit: float, output: Path) -> None:
    """Trains and saves a model in a process of its own, so that this one stays small."""
    text = (
        "import automill, sys; "
        "automill.train(sys.argv[1], sys.argv[2], time_limit=float(sys.argv[3]), progress='none').save(sys.argv[4])"
    )
    subprocess.run([sys.executable, "-c", text, str(data), target, str(time_limit), str(output)], check=True)


def timed(command: Sequence[str], repeats: int) -> list[float]:
    """Wall seconds of fresh processes, after one to warm the file cache."""
    seconds = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def stages(model: Path, row: Mapping[str, object], repeats: int) -> dict[str, list[float]]:
    """Seconds of each stage inside a fresh interpreter."""
    command = [sys.executable, "-c", IMPORT_LOAD_PREDICT, str(model), json.dumps(row)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(repeats)
    ]
    return {name: [run[name] for run in runs] for name in runs[0]}


def typed(row: Mapping[str, str]) -> dict[str, object]:
    """Numbers as numbers and empty fields as None, as a caller from Python would give them."""

    def value(text: str) -> object:
        try:
            return float(text) if text else None
        except ValueError:
            return text

    return {name: value(text) for name, text in row.items()}


def show(name: str, seconds: Sequence[float]) -> None:
    """One line in milliseconds."""
    print(f"{name:44} best {1000 * min(seconds):9.2f} ms   median {1000 * statistics.median(seconds):9.2f} ms")


def measure_shell(shell: str, model: Path, row: Mapping[str, str], folder: Path, repeats: int) -> None:
    """Times one row from the shell, where the program is there."""
    if shutil.which(shell) is None:
        print(f"{'shell: predict one row':44} no program {shell}: give --shell")
        return
    file = folder / "row.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)
    command = [shell, "predict", str(model), str(file), "--output", str(folder / "predictions.csv")]
    show("shell: predict one row", timed(command, repeats))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a CSV file, plain or gzip")
    parser.add_argument("--target", default="target")
    parser.add_argument("--model", type=Path, help="a saved model of this data; trained where absent")
    parser.add_argument("--time-limit", type=float, default=5.0, help="seconds for training the model")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--shell", default="automill", help="the command line program")
    options = parser.parse_args(arguments)
    row = first_row(options.data, options.target)
    with tempfile.TemporaryDirectory(prefix="automill-cold-") as name:
        folder = Path(name)
        model = options.model or folder / "model.automill"
        if options.model is None:
            train(options.data, options.target, options.time_limit, model)
        print(f"model file {os.path.getsize(model) / 2**20:.2f} MiB")
        show("bare interpreter", timed([sys.executable, "-c", "pass"], options.repeats))
        show("interpreter and import", timed([sys.executable, "-c", IMPORT_ONLY], options.repeats))
        for stage, seconds in stages(model, typed(row), options.repeats).items():
            show(f"inside: {stage}", seconds)
        command = [sys.executable, "-c", IMPORT_LOAD_PREDICT, str(model), json.dumps(typed(row))]
        show("interpreter, import, load, predict one row", timed(command, options.repeats))
        measure_shell(options.shell, model, row, folder, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
