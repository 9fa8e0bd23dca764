"""Compares two methods over many sets: better, not worse, or neither shown.

    python benchmarks/compare.py results.jsonl --a automill --b lightgbm_early_stopping
    python benchmarks/compare.py new.jsonl --b-results old.jsonl --a automill --b automill --require better

The rule:
1. Errors (1 - AUC, log-loss, RMSE) of a set are put on one scale: 0 = the best seen on that set (the lowest mean error
   of any method in the files that ran on the compared splits), 1 = the mean error of predicting the prior.
2. Both methods are compared on the same splits of a set; the difference (b minus a, so that positive is good for a) is
   averaged over them and clipped to +-0.2.
3. Sets are resampled with replacement; the lower end is the 5 % quantile of the resampled mean (one-sided 95 %).
   "better": lower end > 0.  "not worse": lower end > -0.02.  Otherwise "not shown".
4. One set by itself counts only where the corrected resampled t-test (Nadeau and Bengio, "Inference for the
   generalization error", Machine Learning 52, 2003), Holm-adjusted over the sets, is below 0.05.

A failed run counts as predicting the prior. A set on which no method beats the prior has no scale: it is listed and
left out. Lines of a results file need `set`, `split`, `method`, `error`, `prior_error`; `status` ("ok" or "failed"),
`train_rows`, `test_rows`, `time_limit`, `threads` and `seed` are used where present. NumPy alone is needed.

Exit code: 0 = the verdict that `--require` asks for holds ("not-worse" unless said), 1 = it does not, 2 = the input
cannot be compared (unknown method, no shared split, unreadable file).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

CLIP = 0.2
NOT_WORSE_MARGIN = 0.02
CONFIDENCE = 0.95
RESAMPLES = 20_000
SEED = 20240607
SIGNIFICANCE = 0.05
USUAL_SPLITS = 5
USUAL_TEST_TO_TRAIN = 0.25  # of an 80/20 split; used where a line does not tell its rows


class NotComparable(ValueError):
    """The results cannot be compared; the text says why."""


@dataclass(frozen=True)
class Run:
    """The error of one method on one split of one set; `error` is None where the run failed."""

    set: str
    split: int
    error: float | None
    prior_error: float
    test_to_train: float = USUAL_TEST_TO_TRAIN

    @property
    def counted_error(self) -> float:
        """The error that enters the comparison: a failed run predicts the prior."""
        return self.prior_error if self.error is None else self.error


@dataclass(frozen=True)
class SetComparison:
    """One set: mean errors, their scale and the difference b - a on it (positive: a is better)."""

    set: str
    splits: int
    error_a: float
    error_b: float
    best: float
    prior: float
    difference: float
    clipped: float
    p_value: float
    adjusted_p_value: float
    failures_a: int
    failures_b: int

    @property
    def significant(self) -> bool:
        """Whether this set counts by itself."""
        return self.adjusted_p_value < SIGNIFICANCE


@dataclass(frozen=True)
class Comparison:
    """All sets together; `lower` is the lower end of the one-sided interval of the mean difference."""

    sets: tuple[SetComparison, ...]
    mean: float
    lower: float
    better: bool
    not_worse: bool
    left_out: tuple[str, ...]
    unshared: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """ "better", "not worse" or "not shown"."""
        return "better" if self.better else "not worse" if self.not_worse else "not shown"


def compare(
    results_a: Iterable[Run], results_b: Iterable[Run], others: Mapping[object, Iterable[Run]] | None = None
) -> Comparison:
    """Compares a with b on the splits that both have; `others` only help to find the best seen on a set."""
    runs_a, runs_b = _by_set(results_a), _by_set(results_b)
    runs_of_others = [_by_set(runs) for runs in (others or {}).values()]
    shared = sorted(name for name in runs_a.keys() & runs_b.keys() if runs_a[name].keys() & runs_b[name].keys())
    if not shared:
        raise NotComparable("the two methods have no split of a set in common")
    compared, left_out = [], []
    for name in shared:
        others_here = [runs[name] for runs in runs_of_others if name in runs]
        outcome = _compare_set(name, runs_a[name], runs_b[name], others_here)
        if outcome is None:
            left_out.append(name)
        else:
            compared.append(outcome)
    if not compared:
        raise NotComparable("no method beats the prior on any shared set")
    differences = np.array([outcome.clipped for outcome in compared])
    lower = lower_end(differences)
    return Comparison(
        sets=_holm_adjusted(compared),
        mean=float(differences.mean()),
        lower=lower,
        better=lower > 0,
        not_worse=lower > -NOT_WORSE_MARGIN,
        left_out=tuple(left_out),
        unshared=tuple(sorted(name for name in runs_a.keys() | runs_b.keys() if name not in shared)),
    )


def _by_set(runs: Iterable[Run]) -> dict[str, dict[int, Run]]:
    """Runs by set and split; two runs of one split are refused."""
    grouped: dict[str, dict[int, Run]] = defaultdict(dict)
    for run in runs:
        if run.split in grouped[run.set]:
            raise NotComparable(f"two results for set {run.set}, split {run.split}: choose one time limit or seed")
        grouped[run.set][run.split] = run
    return dict(grouped)


def _compare_set(
    name: str, runs_a: Mapping[int, Run], runs_b: Mapping[int, Run], others: Sequence[Mapping[int, Run]]
) -> SetComparison | None:
    """The comparison on one set before Holm's adjustment; None where nothing beats the prior."""
    splits = sorted(runs_a.keys() & runs_b.keys())
    errors_a = np.array([runs_a[split].counted_error for split in splits])
    errors_b = np.array([runs_b[split].counted_error for split in splits])
    prior = float(np.mean([runs_a[split].prior_error for split in splits]))
    # a method that lacks a compared split has another mean, so it says nothing about the best one here
    means = [np.mean([runs[split].counted_error for split in splits]) for runs in others if runs.keys() >= set(splits)]
    best = float(min(errors_a.mean(), errors_b.mean(), *means))
    if not best < prior:
        return None
    scaled = (errors_b - errors_a) / (prior - best)
    test_to_train = float(np.mean([runs_a[split].test_to_train for split in splits]))
    p_value = corrected_resampled_t_test(scaled, test_to_train)
    return SetComparison(
        set=name,
        splits=len(splits),
        error_a=float(errors_a.mean()),
        error_b=float(errors_b.mean()),
        best=best,
        prior=prior,
        difference=float(scaled.mean()),
        clipped=float(np.clip(scaled.mean(), -CLIP, CLIP)),
        p_value=p_value,
        adjusted_p_value=p_value,
        failures_a=sum(runs_a[split].error is None for split in splits),
        failures_b=sum(runs_b[split].error is None for split in splits),
    )


def lower_end(differences: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED) -> float:
    """Lower end of the one-sided 95 % percentile bootstrap interval of the mean over sets."""
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, len(differences), size=(resamples, len(differences)))
    return float(np.quantile(differences[chosen].mean(axis=1), 1 - CONFIDENCE))


def corrected_resampled_t_test(differences: np.ndarray, test_to_train: float) -> float:
    """Two-sided p of Nadeau and Bengio's test: variance x (1/J + test rows / train rows), J - 1 degrees of freedom."""
    count = len(differences)
    if count < 2:
        return 1.0
    mean = float(np.mean(differences))
    variance = float(np.var(differences, ddof=1)) * (1.0 / count + test_to_train)
    if variance == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    return two_sided_t_probability(mean / math.sqrt(variance), count - 1)


def two_sided_t_probability(statistic: float, degrees: int) -> float:
    """P(|T| >= |statistic|) of Student's t, = I_x(degrees / 2, 1 / 2) with x = degrees / (degrees + statistic^2)."""
    return incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + statistic * statistic))


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b) by its continued fraction (DLMF 8.17.22)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges fast only below this point
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * _beta_fraction(a, b, x))


def _beta_fraction(a: float, b: float, x: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)) evaluated from the far end; 300 terms are far beyond double precision here."""
    value = 1.0
    for term in range(300, 0, -1):
        m = term // 2
        if term % 2 == 0:
            coefficient = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            coefficient = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        value = 1.0 + coefficient / value
    return value


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given."""
    count = len(p_values)
    adjusted, largest = [0.0] * count, 0.0
    for rank, position in enumerate(sorted(range(count), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (count - rank) * p_values[position]))
        adjusted[position] = largest
    return adjusted


def _holm_adjusted(outcomes: Sequence[SetComparison]) -> tuple[SetComparison, ...]:
    adjusted = holm([outcome.p_value for outcome in outcomes])
    return tuple(
        SetComparison(**{**vars(outcome), "adjusted_p_value": value})
        for outcome, value in zip(outcomes, adjusted, strict=True)
    )


def read_lines(path: Path) -> list[dict[str, object]]:
    """The objects of a JSON-lines file; a cut last line (an interrupted write) is skipped."""
    lines = path.read_text(encoding="utf-8").splitlines()
    objects = []
    for number, line in enumerate(lines, start=1):
        try:
            objects.append(json.loads(line))
        except json.JSONDecodeError as error:
            if number < len(lines):
                raise NotComparable(f"{path}, line {number}: not JSON ({error.msg})") from error
    return objects


class Configuration(NamedTuple):
    """What was run: a method under one limit."""

    method: str
    time_limit: float | None
    threads: int | None
    seed: int | None


def runs_by_configuration(lines: Iterable[Mapping[str, object]]) -> dict[Configuration, list[Run]]:
    """Runs by configuration; of two lines for one split the later one counts.

    A run that died before it could tell the prior's error takes it from another method's run of the same split.
    """
    latest: dict[tuple[object, ...], Mapping[str, object]] = {}
    priors: dict[tuple[object, object], float] = {}
    for line in lines:
        configuration = Configuration(str(line["method"]), *(line.get(name) for name in Configuration._fields[1:]))
        latest[configuration, line["set"], line["split"]] = line
        if line.get("prior_error") is not None:
            priors[line["set"], line["split"]] = float(line["prior_error"])
    grouped: dict[Configuration, list[Run]] = defaultdict(list)
    for (configuration, name, split), line in latest.items():
        if (name, split) in priors:
            grouped[configuration].append(_run(line, priors[name, split]))
    return dict(grouped)


def _run(line: Mapping[str, object], prior_error: float) -> Run:
    failed = line.get("status", "ok") != "ok" or line.get("error") is None
    rows = line.get("train_rows"), line.get("test_rows")
    ratio = rows[1] / rows[0] if rows[0] and rows[1] else USUAL_TEST_TO_TRAIN
    return Run(
        set=str(line["set"]),
        split=int(line["split"]),
        error=None if failed else float(line["error"]),
        prior_error=prior_error,
        test_to_train=float(ratio),
    )


def table(comparison: Comparison, name_a: str, name_b: str) -> str:
    """The comparison as text: a line a set, then the verdict."""
    width = max(12, *(len(outcome.set) for outcome in comparison.sets))
    columns = [name_a[:12], name_b[:12], "best", "prior"]
    head = f"{'set':{width}}  splits  " + "".join(f"{name:>12}  " for name in columns) + "difference  p (Holm)"
    lines = [head, "-" * len(head)]
    for outcome in sorted(comparison.sets, key=lambda each: each.difference):
        notes = [
            f"{count} failed ({name})"
            for count, name in ((outcome.failures_a, name_a), (outcome.failures_b, name_b))
            if count
        ]
        lines.append(
            f"{outcome.set:{width}}  {outcome.splits:6d}  {outcome.error_a:12.6g}  {outcome.error_b:12.6g}  "
            f"{outcome.best:12.6g}  {outcome.prior:12.6g}  {outcome.difference:+10.4f}  {outcome.adjusted_p_value:8.3g}"
            f"{' *' if outcome.significant else ''}{'  ' + ', '.join(notes) if notes else ''}"
        )
    return "\n".join([*lines, "", summary(comparison, name_a, name_b)])


def summary(comparison: Comparison, name_a: str, name_b: str) -> str:
    """The verdict in a few lines."""
    wins = sum(outcome.difference > 0 for outcome in comparison.sets)
    text = [
        f"difference > 0: {name_a} is better; on the scale 0 = best seen, 1 = prior; clipped to +-{CLIP} in the mean",
        f"{len(comparison.sets)} sets, {wins} with a lower error of {name_a}; mean {comparison.mean:+.4f}, lower end "
        f"{comparison.lower:+.4f} (one-sided 95 %, {RESAMPLES} resamples of sets)",
        f"verdict: {name_a} against {name_b}: {comparison.verdict.upper()}",
    ]
    if comparison.left_out:
        text.append(f"left out, as no method beats the prior: {', '.join(comparison.left_out)}")
    if comparison.unshared:
        text.append(f"without a shared split, so not compared: {', '.join(comparison.unshared)}")
    few = [outcome.set for outcome in comparison.sets if outcome.splits < USUAL_SPLITS]
    if few:
        text.append(f"fewer than {USUAL_SPLITS} shared splits on {len(few)} sets: a first look, not a decision")
    return "\n".join(text)


def _chosen(found: Mapping[Configuration, list[Run]], wanted: Configuration) -> Configuration:
    """The one configuration that fits `wanted` (None fits all)."""
    fitting = [
        configuration
        for configuration in found
        if all(asked in (None, there) for asked, there in zip(wanted, configuration, strict=True))
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = "; ".join(
            f"time limit {each.time_limit}, threads {each.threads}, seed {each.seed}" for each in fitting
        )
        raise NotComparable(
            f"{wanted.method} was run in several ways, choose one by --time-limit, --threads, --seed: {listed}"
        )
    there = ", ".join(sorted({each.method for each in found}))
    raise NotComparable(f"no run of {wanted.method} as asked; there are runs of: {there or 'nothing'}")


def compare_files(path_a: Path, wanted_a: Configuration, path_b: Path, wanted_b: Configuration) -> Comparison:
    """Compares a configuration of one results file with one of another (or the same) file."""
    found_a, found_b = (runs_by_configuration(read_lines(path)) for path in (path_a, path_b))
    chosen_a, chosen_b = _chosen(found_a, wanted_a), _chosen(found_b, wanted_b)
    others = {("a", *key): runs for key, runs in found_a.items()} | {("b", *key): runs for key, runs in found_b.items()}
    return compare(found_a[chosen_a], found_b[chosen_b], others)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="JSON lines written by quality/run.py")
    parser.add_argument("--a", required=True, help="the method that is to be better or not worse")
    parser.add_argument("--b", required=True, help="the method it is compared with")
    parser.add_argument("--b-results", type=Path, help="another file for b, as for an older version of a")
    parser.add_argument("--time-limit", type=float, help="take only runs with this time limit")
    parser.add_argument("--b-time-limit", type=float, help="the same for b, where it differs")
    parser.add_argument("--threads", type=int, help="take only runs with this number of threads")
    parser.add_argument("--seed", type=int, help="take only runs with this seed")
    parser.add_argument("--require", choices=["not-worse", "better"], default="not-worse")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code of the module's text."""
    options = _options(arguments)
    b_time_limit = options.time_limit if options.b_time_limit is None else options.b_time_limit
    wanted_a = Configuration(options.a, options.time_limit, options.threads, options.seed)
    wanted_b = Configuration(options.b, b_time_limit, options.threads, options.seed)
    try:
        comparison = compare_files(options.results, wanted_a, options.b_results or options.results, wanted_b)
    except (NotComparable, OSError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2
    print(table(comparison, options.a, options.b))
    return 0 if (comparison.better if options.require == "better" else comparison.not_worse) else 1


if __name__ == "__main__":
    sys.exit(main())
