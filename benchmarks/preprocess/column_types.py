"""What each column of real tables is taken for, against expectations that were made by looking at the values.

    python benchmarks/preprocess/column_types.py FOLDER [--sets titanic,adult]

FOLDER holds manifest.json and the tables. expected_types.json beside this file names, for each set, the columns that arrive
as text in a CSV file and the kind that each should end up with: number, boolean, datetime, category, text, or why it is left
out (constant, identifier, duplicate); "category or text" where both are right. A constant learner is trained on each table,
which is all that preparation needs. Prints the disagreements, columns without an expectation that were read by a format or
left out, and what training warned of.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

REASONS = {"constant": "constant", "every value is missing": "constant", "an identifier": "identifier", "duplicates": "duplicate", "free text": "text", "its cells hold": "nested"}


def found_kinds(path: Path, target: str) -> tuple[dict[str, str], list[str]]:
    """The kind of each column, formats in brackets, and the notes of training."""
    import automill

    model = automill.train(str(path), target, include=["baseline"], max_trials=1, folds=2, progress="none")
    kinds = {column.name: column.kind + (f" [{column.format}]" if column.format and column.kind != "boolean" else "") for column in model.schema}
    books = model._held.metadata["books"]
    for dropped in books["columns"]["dropped"]:
        kinds[dropped["column"]] = next((kind for start, kind in REASONS.items() if dropped["reason"].startswith(start)), dropped["reason"])
    return kinds, list(books["notes"])


def expectations() -> dict[str, dict[str, str]]:
    """By set and column."""
    stored = json.loads(Path(__file__).with_name("expected_types.json").read_text(encoding="utf-8"))
    return {name: {column: kind for kind, columns in kinds.items() for column in columns} for name, kinds in stored.items()}


def compare(name: str, kinds: dict[str, str], expected: dict[str, str]) -> tuple[int, list[str]]:
    """How many columns have an expectation, and where it is not met."""
    wrong = []
    for column, wanted in expected.items():
        kind = kinds.get(column, "absent")
        if kind.split(" ")[0] not in wanted.split(" or "):
            wrong.append(f"{name}.{column}: {kind}, expected {wanted}")
    for column, kind in kinds.items():
        if column not in expected and ("[" in kind or kind == "identifier"):
            wrong.append(f"{name}.{column}: {kind}, expected nothing of the kind")
    return len(expected), wrong


def tables(folder: Path, chosen: set[str]) -> list[dict[str, Any]]:
    sets = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["datasets"]
    return [each for each in sets if isinstance(each["file"], str) and each["file"].endswith(".csv.gz") and (not chosen or each["name"] in chosen)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default="", help="names, separated by commas; all when left out")
    options = parser.parse_args()
    import automill

    print(f"automill {automill.__version__}")
    expected, columns, wrong, warned = expectations(), 0, [], []
    for each in tables(options.folder, set(filter(None, options.sets.split(",")))):
        path = options.folder / each["file"]
        import gzip

        with gzip.open(path, "rt", encoding="utf-8") as file:
            target = file.readline().rstrip("\n").split(",")[-1].strip('"')
        kinds, notes = found_kinds(path, target)
        count, disagreements = compare(each["name"], kinds, expected.get(each["name"], {}))
        columns += count
        wrong += disagreements
        warned += [f"{each['name']}: {note}" for note in notes]
    print(f"{columns} columns of text, {len(wrong)} disagreements")
    print(*wrong, sep="\n")
    print("\nnotes of training")
    print(*warned, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
