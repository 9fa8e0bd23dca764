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


def interval(differences: list[np.ndarray]) -> tuple[float, float]:
    """90 % of means of samples with replacement: problems first, then seeds within them."""
    random = np.random.default_rng(0)
    means = []
    for _ in range(2000):
        drawn = [differences[i] for i in random.integers(0, len(differences), len(differences))]
        means.append(np.mean([random.choice(each, len(each)).mean() for each in drawn]))
    return float(np.quantile(means, 0.05)), float(np.quantile(means, 0.95))


def group_of(name: str) -> str:
    return "mixed, conditional" if name in ("mixed", "conditional") else f"BBOB, {name.rpartition('_')[2]} dimensions"


def report(lines: dict[tuple[str, int, str], dict[str, Any]], against: str) -> str:
    """Of the runs (problem, seed) that all methods have, up to the budget that all have reached; each problem counts alike."""
    all_methods = sorted({method for _, _, method in lines}, key=lambda method: (method != against, method))
    runs = {(n, s) for n, s, _ in lines if all((n, s, m) in lines for m in all_methods)}
    names = [n for n in dict.fromkeys(n for n, _, _ in lines) if any(n == name for name, _ in runs)]
    budgets = BUDGETS[: min(len(lines[n, s, m]["regret"]) for n, s in runs for m in all_methods)]

    def regrets(method: str, name: str) -> np.ndarray:
        return np.array([lines[n, s, method]["regret"][: len(budgets)] for n, s in sorted(runs) if n == name])

    groups = list(dict.fromkeys(group_of(name) for name in names))
    text = [f"{len(names)} problems, {len(runs)} runs of each method; mean normalised regret, lower is better.", ""]
    text.append("| method | all | " + " | ".join(f"after {b}" for b in budgets) + " | " + " | ".join(groups) + f" | less {against} (90 %) |")
    text.append("|---" * (3 + len(budgets) + len(groups)) + "|")
    for method in all_methods:
        means = {name: regrets(method, name).mean(axis=0) for name in names}
        differences = [(regrets(method, name) - regrets(against, name)).mean(axis=1) for name in names]
        low, high = interval(differences)
        paired = "" if method == against else f"{np.mean([each.mean() for each in differences]):+.4f} ({low:+.4f} .. {high:+.4f})"
        by_group = [np.mean([means[name] for name in names if group_of(name) == group]) for group in groups]
        numbers = [np.mean(list(means.values())), *np.mean(list(means.values()), axis=0), *by_group]
        text.append(f"| `{method}` | " + " | ".join(f"{x:.4f}" for x in numbers) + f" | {paired} |")
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
