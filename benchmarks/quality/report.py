"""Results as a markdown table: mean error of each method and set, ratios, failures and the verdicts of compare.py.

    python benchmarks/quality/report.py results.jsonl --against automill > report.md

A ratio is a method's mean error over that of `--against`: above 1 means that `--against` has the lower error.
Only splits that both have enter a ratio or a verdict; a failed run counts as predicting the prior.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a file: this folder leaves the path, its names must not shadow other modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np  # noqa: E402

from compare import (  # noqa: E402
    Comparison,
    Configuration,
    NotComparable,
    Run,
    compare,
    read_lines,
    runs_by_configuration,
)

Lines = Sequence[Mapping[str, object]]


def column_names(found: Mapping[Configuration, list[Run]]) -> dict[Configuration, str]:
    """A short name for each configuration: the method, with its time limit or seed where it was run in several ways."""
    methods = [each.method for each in found]
    return {
        each: each.method
        if methods.count(each.method) == 1
        else f"{each.method} @ {each.time_limit} s, threads {each.threads}, seed {each.seed}"
        for each in found
    }


def mean_errors(runs: Iterable[Run]) -> dict[str, float]:
    """Mean counted error by set."""
    by_set: dict[str, list[float]] = {}
    for run in runs:
        by_set.setdefault(run.set, []).append(run.counted_error)
    return {name: float(np.mean(values)) for name, values in by_set.items()}


def error_table(lines: Lines, found: Mapping[Configuration, list[Run]], against: Configuration) -> list[str]:
    """One row a set: task, prior and each method's mean error with its ratio to `against`."""
    names = column_names(found)
    order = [against, *(each for each in found if each != against)]
    means = {each: mean_errors(found[each]) for each in order}
    priors = {run.set: run.prior_error for runs in found.values() for run in runs}
    tasks = {str(line["set"]): str(line.get("task", "")) for line in lines}
    rows = [f"| set | task | prior | {' | '.join(names[each] for each in order)} |", "|---" * (len(order) + 3) + "|"]
    for name in sorted(priors, key=lambda each: (tasks[each], each)):
        cells = [_cell(means[each].get(name), None if each == against else means[against].get(name)) for each in order]
        rows.append(f"| {name} | {tasks[name]} | {priors[name]:.5g} | {' | '.join(cells)} |")
    return rows


def _cell(error: float | None, base: float | None) -> str:
    if error is None:
        return ""
    return f"{error:.5g}" + (f" ({error / base:.3f})" if base else "")


def verdict_table(found: Mapping[Configuration, list[Run]], against: Configuration) -> list[str]:
    """One row a method that `against` is compared with."""
    names = column_names(found)
    rows = [
        f"| {names[against]} against | sets | lower error on | mean difference | lower end | verdict | significant |",
        "|---" * 7 + "|",
    ]
    for other in (each for each in found if each != against):
        try:
            rows.append(_verdict_row(names[other], compare(found[against], found[other], found)))
        except NotComparable as error:
            rows.append(f"| {names[other]} | 0 | | | | {error} | |")
    return rows


def _verdict_row(name: str, outcome: Comparison) -> str:
    wins = sum(each.difference > 0 for each in outcome.sets)
    significant = ", ".join(
        f"{each.set} {'+' if each.difference > 0 else '-'}" for each in outcome.sets if each.significant
    )
    return (
        f"| {name} | {len(outcome.sets)} | {wins} | {outcome.mean:+.4f} | {outcome.lower:+.4f} | **{outcome.verdict}** "
        f"| {significant or 'none'} |"
    )


def cost_table(lines: Lines) -> list[str]:
    """Seconds and memory by method, over its finished runs."""
    rows = [
        "| method | time limit | runs | failed | median fit s | largest fit s | median core s | largest peak MiB |",
        "|---" * 8 + "|",
    ]
    groups: dict[tuple[str, float], list[Mapping[str, object]]] = {}
    for line in lines:
        groups.setdefault((str(line["method"]), float(line.get("time_limit") or 0.0)), []).append(line)
    for (method, limit), group in sorted(groups.items()):
        done = [line for line in group if line.get("status") == "ok"]
        fit, core, peak = (
            [float(line.get(name) or 0) for line in done] or [0.0]
            for name in ("fit_seconds", "core_seconds", "peak_bytes")
        )
        rows.append(
            f"| {method} | {limit:g} | {len(group)} | {len(group) - len(done)} | {np.median(fit):.2f} | {max(fit):.2f} "
            f"| {np.median(core):.1f} | {max(peak) / 2**20:.0f} |"
        )
    return rows


def failure_list(lines: Lines) -> list[str]:
    """One item a failed run."""
    return [
        f"- {line['method']} on {line['set']}, split {line['split']}: {line.get('reason', 'no reason told')}"
        for line in lines
        if line.get("status", "ok") != "ok"
    ]


def markdown(lines: Lines, against: str, time_limit: float | None = None) -> str:
    """The whole report; raises NotComparable where `against` is not among the lines."""
    found = runs_by_configuration(line for line in lines if time_limit in (None, line.get("time_limit")))
    chosen = [each for each in found if each.method == against]
    if not chosen:
        raise NotComparable(f"no run of {against}; there are: {', '.join(sorted({each.method for each in found}))}")
    if len(chosen) > 1:
        raise NotComparable(f"{against} was run in several ways: choose one with --time-limit")
    parts = [
        "# Accuracy",
        "",
        "Mean error over the splits (1 - AUC, log-loss, RMSE: lower is better); in brackets the ratio "
        f"to {against}: above 1, {against} is ahead.",
        "",
        *error_table(lines, found, chosen[0]),
        "",
        "## Verdicts",
        "",
        "Differences on the scale 0 = best seen, 1 = prior, clipped to +-0.2; positive: ahead. The rule: compare.py.",
        "",
        *verdict_table(found, chosen[0]),
        "",
        "## Cost",
        "",
        *cost_table(lines),
    ]
    failures = failure_list(lines)
    return "\n".join(parts + (["", "## Failed runs", "", *failures] if failures else [])) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+", help="JSON lines written by run.py")
    parser.add_argument("--against", default="automill", help="the method that the others are set against")
    parser.add_argument("--time-limit", type=float, help="take only runs with this time limit")
    options = parser.parse_args(arguments)
    try:
        lines = [line for path in options.results for line in read_lines(path)]
        print(markdown(lines, options.against, options.time_limit))
    except (NotComparable, OSError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
