"""The floor: with little time AutoMill must not fall below a simple model.

    python benchmarks/quality/floor.py --data FOLDER --output floor.jsonl --limits 1,2,5,10 --splits 1

Runs AutoMill at each limit, and once without one the peer `--floor` (logistic regression or ridge on scaled, one-hot data
is the default; make_large_sets.py shows another), on the chosen sets of `--least-rows` to `--most-rows` rows and at most
`--most-columns` columns; restartable like run.py. Prints a line a set with the
difference of AutoMill at each limit on the scale 0 = best seen, 1 = prior (positive: AutoMill is ahead), and a verdict
a limit by compare.py.

Exit code: 0 = "not worse" at every limit, 1 = not, or a method could not be run, 2 = wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a file: this folder leaves the path, its names must not shadow other modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from compare import Comparison, Configuration, Run, compare, runs_by_configuration  # noqa: E402
from quality import run  # noqa: E402
from quality.catalogue import choose_sets  # noqa: E402

METHOD = "automill"


def sets_of_size(options: argparse.Namespace) -> str:
    """Names of the chosen sets within the size limits, for run.py's `--sets`."""
    chosen = choose_sets(options.data, options.sets)
    fitting = [
        each
        for each in chosen
        if options.least_rows <= each.rows <= options.most_rows and each.columns <= options.most_columns
    ]
    if not fitting:
        raise ValueError("no set has such a size: see --least-rows, --most-rows and --most-columns")
    return ",".join(each.name for each in fitting)


def run_limits(options: argparse.Namespace) -> int:
    """Does all runs; the floor has no time limit, so it runs once."""
    options.sets = sets_of_size(options)
    limits: list[float] = options.limits
    codes = []
    for methods, limit in [(options.floor, limits[0]), *((METHOD, limit) for limit in limits)]:
        options.methods, options.time_limit = methods, limit
        codes.append(run.run_all(options))
    return max(codes)


def runs_of(found: dict[Configuration, list[Run]], method: str, limit: float, options: argparse.Namespace) -> list[Run]:
    """Runs of a method at one limit, with the seed and threads asked for."""
    return found.get(Configuration(method, limit, options.threads, options.seed), [])


def comparisons(options: argparse.Namespace) -> dict[float, Comparison]:
    """AutoMill against the floor, by limit."""
    found = runs_by_configuration(run.read_results(options.output))
    floor = runs_of(found, options.floor, options.limits[0], options)
    return {limit: compare(runs_of(found, METHOD, limit, options), floor, found) for limit in options.limits}


def table(outcomes: dict[float, Comparison]) -> str:
    """A line a set with the difference at each limit, then the verdicts."""
    by_set = {limit: {each.set: each for each in outcome.sets} for limit, outcome in outcomes.items()}
    names = sorted({name for each in by_set.values() for name in each})
    lines = [f"{'set':24}" + "".join(f"{limit:>9g} s" for limit in outcomes)]
    for name in names:
        cells = [each[name] for each in by_set.values() if name in each]
        marks = "".join(f"{each.difference:+10.4f}{'!' if each.failures_a else ' '}" for each in cells)
        lines.append(f"{name:24}{marks}")
    for limit, outcome in outcomes.items():
        below = [each.set for each in outcome.sets if each.difference < -0.02]
        lines.append(
            f"{limit:g} s: mean {outcome.mean:+.4f}, lower end {outcome.lower:+.4f}: {outcome.verdict.upper()}; "
            f"more than 0.02 below the floor: {', '.join(below) or 'none'}"
        )
    return "\n".join([*lines, "! = at least one run of AutoMill failed and counts as predicting the prior"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = run.parser()
    parser.description = __doc__
    parser.set_defaults(splits=1)
    parser.add_argument("--limits", type=lambda text: [float(part) for part in text.split(",")], default=[1, 2, 5, 10])
    parser.add_argument("--floor", default="logistic_ridge", help="peer that AutoMill must not fall below")
    parser.add_argument("--least-rows", type=int, default=0)
    parser.add_argument("--most-rows", type=int, default=20_000)
    parser.add_argument("--most-columns", type=int, default=50)
    options = parser.parse_args(arguments)
    try:
        code = run_limits(options)
        outcomes = comparisons(options)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(table(outcomes))
    return code or (0 if all(outcome.not_worse for outcome in outcomes.values()) else 1)


if __name__ == "__main__":
    sys.exit(main())
