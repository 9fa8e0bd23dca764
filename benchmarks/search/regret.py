"""Regret of optimisers after 25, 50 and 100 evaluations.

    python benchmarks/search/regret.py --methods automill,optuna_tpe,optuna_gp --output regret.jsonl
    python benchmarks/search/regret.py --output regret.jsonl --report --against automill

One JSON line a (problem, seed, method): the best value after each evaluation, and the seconds of asking and telling. What
the output holds is not run again. The report: mean normalised regret (0 the optimum, 1 the median of random configurations),
over the budgets and by budget, and the paired difference to one method with its 90 % bootstrap interval over problems
and seeds. The seed is that of the problem (rotations, place of the optimum) and of the optimiser.
"""
from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import methods
import problems

BUDGETS = (25, 50, 100)


def run(problem: problems.Problem, method: str, seed: int, trials: int) -> dict[str, Any]:
    optimizer = methods.method(method, problem.space, seed)
    curve, best, seconds = [], float("inf"), 0.0
    for _ in range(trials):
        start = time.perf_counter()
        ticket, parameters = optimizer.ask()
        seconds += time.perf_counter() - start
        score = problem.function(parameters)
        best = min(best, score)
        curve.append(best)
        start = time.perf_counter()
        optimizer.tell(ticket, score)
        seconds += time.perf_counter() - start
    return {"best": curve, "seconds": seconds}


def read(path: Path) -> dict[tuple[str, int, str], dict[str, Any]]:
    if not path.exists():
        return {}
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {(line["problem"], line["seed"], line["method"]): line for line in lines}


def run_all(names: list[str], seeds: range, wanted: list[str], trials: int, output: Path) -> None:
    done = read(output)
    with output.open("a", encoding="utf-8") as file:
        for seed in seeds:
            for name in names:
                missing = [method for method in wanted if (name, seed, method) not in done]
                if not missing:
                    continue
                problem = problems.problem(name, seed)
                for method in missing:
                    result = run(problem, method, seed, trials)
                    regrets = [problem.regret(result["best"][budget - 1]) for budget in BUDGETS if budget <= trials]
                    file.write(json.dumps({"problem": name, "seed": seed, "method": method, "regret": regrets, **result}) + "\n")
                    file.flush()


def interval(differences: np.ndarray) -> tuple[float, float]:
    """90 % of means of samples with replacement: problems first, then seeds within them."""
    random = np.random.default_rng(0)
    means = []
    for _ in range(2000):
        rows = random.integers(0, len(differences), len(differences))
        columns = random.integers(0, differences.shape[1], (len(rows), differences.shape[1]))
        means.append(differences[rows[:, None], columns].mean())
    return float(np.quantile(means, 0.05)), float(np.quantile(means, 0.95))


def group_of(name: str) -> str:
    return "mixed, conditional" if name in ("mixed", "conditional") else f"BBOB, {name.rpartition('_')[2]} dimensions"


def report(lines: dict[tuple[str, int, str], dict[str, Any]], against: str) -> str:
    """Of the problems and seeds that all methods have run, and the budgets that all have reached."""
    all_methods = sorted({method for _, _, method in lines}, key=lambda method: (method != against, method))
    everywhere = {(n, s) for n, s, _ in lines if all((n, s, m) in lines for m in all_methods)}
    seeds = sorted({s for _, s in everywhere})
    names = [n for n in dict.fromkeys(n for n, _, _ in lines) if (n, seeds[0]) in everywhere]
    seeds = [s for s in seeds if all((n, s) in everywhere for n in names)]
    budgets = BUDGETS[: min(len(lines[n, s, m]["regret"]) for n in names for s in seeds for m in all_methods)]
    regret = {m: np.array([[lines[n, s, m]["regret"][: len(budgets)] for s in seeds] for n in names]) for m in all_methods}
    groups = list(dict.fromkeys(group_of(name) for name in names))
    text = [f"{len(names)} problems, seeds {seeds[0]} to {seeds[-1]}; mean normalised regret, lower is better.", ""]
    text.append("| method | all | " + " | ".join(f"after {b}" for b in budgets) + " | " + " | ".join(groups) + f" | less {against} (90 %) |")
    text.append("|---" * (3 + len(budgets) + len(groups)) + "|")
    for m in all_methods:
        by_group = [regret[m][[i for i, n in enumerate(names) if group_of(n) == g]].mean() for g in groups]
        low, high = interval((regret[m] - regret[against]).mean(axis=2))
        paired = "" if m == against else f"{(regret[m] - regret[against]).mean():+.4f} ({low:+.4f} .. {high:+.4f})"
        numbers = [regret[m].mean(), *regret[m].mean(axis=(0, 1)), *by_group]
        text.append(f"| `{m}` | " + " | ".join(f"{x:.4f}" for x in numbers) + f" | {paired} |")
    return "\n".join(text)


def by_problem(lines: dict[tuple[str, int, str], dict[str, Any]]) -> str:
    """Means over the seeds that each method has run."""
    names, all_methods = list(dict.fromkeys(n for n, _, _ in lines)), sorted({m for _, _, m in lines})
    text = ["| problem | " + " | ".join(all_methods) + " |", "|---" * (1 + len(all_methods)) + "|"]
    for name in names:
        cells = [[np.mean(line["regret"]) for (n, _, m), line in lines.items() if n == name and m == method] for method in all_methods]
        text.append(f"| {name} | " + " | ".join(f"{np.mean(cell):.4f}" if cell else "" for cell in cells) + " |")
    return "\n".join(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", default="automill", help="separated by commas")
    parser.add_argument("--dimensions", default="2,5,20")
    parser.add_argument("--problems", help="names, separated by commas; default: all of these dimensions")
    parser.add_argument("--seeds", type=int, default=5, help="0, 1, ...")
    parser.add_argument("--trials", type=int, default=max(BUDGETS), help="evaluations of each run, 25 or more")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--report", action="store_true", help="print the tables of the output instead of running")
    parser.add_argument("--against", default="automill")
    options = parser.parse_args()
    if options.report:
        lines = read(options.output)
        print(report(lines, options.against), by_problem(lines), sep="\n\n")
        return 0
    names = options.problems.split(",") if options.problems else problems.names([int(d) for d in options.dimensions.split(",")])
    run_all(names, range(options.seeds), options.methods.split(","), options.trials, options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
