"""Which sets a benchmark runs on, from the `manifest.json` of a data folder.

    for chosen in choose_sets(Path("data"), "core"):
        print(chosen.name, chosen.task, chosen.path)

`core` is every set with `tier: core`, `use: development`: the only ones on which decisions are made. `evaluation` is
`tier: core`, `use: evaluation`: for finished work, and every look belongs into docs/experiments.md. Anything else is a
comma-separated list of names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TASKS = ("binary", "multiclass", "regression")
USES = {"core": "development", "evaluation": "evaluation"}


@dataclass(frozen=True)
class BenchmarkSet:
    """One set: where it is and what is to be predicted."""

    name: str
    path: Path
    task: str
    rows: int
    columns: int
    tier: str
    use: str


def read_catalogue(folder: Path) -> list[BenchmarkSet]:
    """All tabular sets of the manifest whose task is binary, multiclass or regression."""
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["datasets"]
    return [
        BenchmarkSet(
            name=entry["name"],
            path=folder / entry["file"],
            task=entry["task"],
            rows=int(entry["n_rows"]),
            columns=int(entry["n_features"]),
            tier=entry.get("tier", ""),
            use=entry.get("use", ""),
        )
        for entry in entries
        if entry.get("task") in TASKS and str(entry.get("file", "")).endswith((".csv", ".csv.gz"))
    ]


def choose_sets(folder: Path, wanted: str) -> list[BenchmarkSet]:
    """The sets that `wanted` names (see the module's text); raises ValueError for an unknown name."""
    catalogue = read_catalogue(folder)
    if wanted in USES:
        return [entry for entry in catalogue if entry.tier == "core" and entry.use == USES[wanted]]
    by_name = {entry.name: entry for entry in catalogue}
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise ValueError(
            f"no such set: {', '.join(unknown)}; there are: core, evaluation, {', '.join(sorted(by_name))}"
        )
    return [by_name[name] for name in names]
