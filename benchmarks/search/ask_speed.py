"""Seconds of processor time that an optimiser needs to ask once, after a number of trials.

    python benchmarks/search/ask_speed.py --methods automill,optuna_gp --trials 200 --dimensions 20 --asks 20

The function is BBOB's rotated ellipsoid. The first trials are random and told at once; of the asks (and tells) that follow the
mean and the longest are given. Processor time, all threads together, so that other programs do not count.
"""
from __future__ import annotations

import argparse
import sys
import time

import numpy as np

import methods
import problems


def told(name: str, problem: problems.Problem, trials: int) -> methods.Method:
    """A method that knows `trials` random points."""
    random = np.random.default_rng(0)
    points = [{key: float(random.uniform(-5, 5)) for key in problem.space} for _ in range(trials)]
    method = methods.method(name, problem.space, 0)
    method.add([(point, problem.function(point)) for point in points])
    return method


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", default="automill", help="separated by commas")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--dimensions", type=int, default=20)
    parser.add_argument("--asks", type=int, default=20)
    options = parser.parse_args()
    problem = problems.problem(f"ellipsoid_{options.dimensions}", 0)
    print("| method | mean ms an ask | longest |\n|---|---|---|")
    for name in options.methods.split(","):
        method, seconds = told(name, problem, options.trials), []
        for _ in range(options.asks):
            start = time.process_time()
            ticket, parameters = method.ask()
            method.tell(ticket, problem.function(parameters))
            seconds.append(time.process_time() - start)
        print(f"| `{name}` | {1000 * np.mean(seconds):.1f} | {1000 * max(seconds):.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
