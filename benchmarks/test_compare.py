"""Tests of the comparison rule: closed forms, and its power on recorded null pairs and planted losses."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import compare

NULL_PAIRS = Path(__file__).resolve().parent / "data" / "null_pairs.csv"
PAIRS = 400  # comparisons drawn from the record; a share of 0.9 then has a standard error of 0.015
PLANTED_LOSS = 0.04
SPLITS = 5


def runs(name: str, errors: list[float | None], prior: float = 1.0) -> list[compare.Run]:
    """Runs of one set with these errors on splits 1, 2, ..."""
    return [compare.Run(name, split, error, prior) for split, error in enumerate(errors, start=1)]


def many_sets(differences: list[float]) -> tuple[list[compare.Run], list[compare.Run]]:
    """a is the best seen with error 0, or b is; prior 1: the scaled difference is the error itself."""
    a = [run for i, value in enumerate(differences) for run in runs(f"set{i}", [max(0.0, -value)] * 5)]
    b = [run for i, value in enumerate(differences) for run in runs(f"set{i}", [max(0.0, value)] * 5)]
    return a, b


# --- closed forms ---------------------------------------------------------------------------------------------------


def test_scale_is_zero_at_the_best_and_one_at_the_prior() -> None:
    outcome = compare.compare(runs("s", [0.3, 0.5]), runs("s", [0.5, 0.7]), {"c": runs("s", [0.1, 0.3])}).sets[0]
    # best 0.2, prior 1.0: (0.6 - 0.4) / 0.8
    assert outcome.best == pytest.approx(0.2) and outcome.difference == pytest.approx(0.25)
    assert outcome.clipped == 0.2


def test_a_third_method_counts_only_with_every_compared_split() -> None:
    outcome = compare.compare(runs("s", [0.3, 0.5]), runs("s", [0.5, 0.7]), {"c": runs("s", [0.1])}).sets[0]
    assert outcome.best == pytest.approx(0.4)


def test_equal_results_are_not_worse_and_not_better() -> None:
    a, _ = many_sets([0.0] * 31)
    outcome = compare.compare(a, a)
    assert (outcome.mean, outcome.lower, outcome.verdict) == (0.0, 0.0, "not worse")


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [(0.001, "better"), (-0.019, "not worse"), (-0.0201, "not shown"), (-0.5, "not shown")],
)
def test_a_constant_difference_has_an_interval_of_no_width(difference: float, verdict: str) -> None:
    outcome = compare.compare(*many_sets([difference] * 31))
    assert outcome.lower == pytest.approx(max(difference, -compare.CLIP)) and outcome.verdict == verdict


def test_one_lost_set_cannot_cost_more_than_the_clip() -> None:
    outcome = compare.compare(*many_sets([-50.0] + [0.01] * 30))
    assert outcome.mean == pytest.approx((-0.2 + 0.3) / 31)


def test_lower_end_matches_the_binomial_quantile() -> None:
    # values 0 and 1, half each: the resampled sum is binomial(20, 1/2), whose 5 % quantile is 6 (P(X <= 5) = 0.0207)
    assert compare.lower_end(np.array([0.0, 1.0] * 10)) == pytest.approx(6 / 20)


def test_lower_end_is_reproducible() -> None:
    values = np.linspace(-0.1, 0.1, 31)
    assert compare.lower_end(values) == compare.lower_end(values)


def test_only_shared_splits_are_compared() -> None:
    outcome = compare.compare(runs("s", [0.1, 0.2, 0.9]), runs("s", [0.1, 0.2]) + runs("only_b", [0.1]))
    assert outcome.sets[0].splits == 2 and outcome.mean == 0.0 and outcome.unshared == ("only_b",)


def test_a_failed_run_predicts_the_prior() -> None:
    outcome = compare.compare(runs("s", [None, 0.2]), runs("s", [0.2, 0.2])).sets[0]
    assert outcome.error_a == pytest.approx(0.6) and outcome.failures_a == 1 and outcome.clipped == -0.2


def test_a_set_without_a_scale_is_left_out() -> None:
    a, b = many_sets([0.1] * 3)
    outcome = compare.compare(a + runs("flat", [1.5] * 5), b + runs("flat", [1.0] * 5))
    assert outcome.left_out == ("flat",) and len(outcome.sets) == 3


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(compare.NotComparable, match="no split"):
        compare.compare(runs("s", [0.1]), runs("t", [0.1]))
    with pytest.raises(compare.NotComparable, match="two results"):
        compare.compare(runs("s", [0.1]) * 2, runs("s", [0.1]))


@pytest.mark.parametrize("statistic", [0.0, 0.3, 1.0, 2.0, 12.0])
def test_t_probability_has_closed_forms(statistic: float) -> None:
    # one degree: 1 - 2 atan(t) / pi;  two degrees: 1 - t / sqrt(2 + t^2); both exact, the tolerance is rounding
    cauchy = 1 - 2 * math.atan(statistic) / math.pi
    assert compare.two_sided_t_probability(statistic, 1) == pytest.approx(cauchy, abs=1e-13)
    two = 1 - statistic / math.sqrt(2 + statistic**2)
    assert compare.two_sided_t_probability(statistic, 2) == pytest.approx(two, abs=1e-13)


def test_t_probability_agrees_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for degrees in (1, 4, 9, 60):
        for statistic in (-8.0, -1.5, 0.01, 2.776, 40.0):
            expected = 2 * stats.t.sf(abs(statistic), degrees)
            assert compare.two_sided_t_probability(statistic, degrees) == pytest.approx(expected, rel=1e-9)


def test_corrected_t_test_by_hand() -> None:
    # mean 3, variance 2.5, (1/5 + 1/4) x 2.5 = 1.125: t = 3 / sqrt(1.125) = 2.828427, 4 degrees.
    # For 4 degrees the two-sided p is 1 - s (3 - s^2) / 2 with s = t / sqrt(4 + t^2); here s^2 = 8 / 12.
    s = math.sqrt(8 / 12)
    p = compare.corrected_resampled_t_test(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 0.25)
    assert p == pytest.approx(1 - s * (3 - s * s) / 2, rel=1e-12)


def test_corrected_t_test_at_its_edges() -> None:
    assert compare.corrected_resampled_t_test(np.zeros(5), 0.25) == 1.0
    assert compare.corrected_resampled_t_test(np.ones(5), 0.25) == 0.0
    assert compare.corrected_resampled_t_test(np.array([0.3]), 0.25) == 1.0


def test_holm_by_hand() -> None:
    # 0.01 x 4 = 0.04; 0.02 x 3 = 0.06; 0.03 x 2 = 0.06; 0.04 x 1 = 0.04, raised to 0.06
    assert compare.holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert compare.holm([0.9, 0.8]) == [1.0, 1.0]


def test_one_significant_set_is_marked() -> None:
    noisy = [0.1, 0.5, 0.2, 0.4, 0.3]
    a = runs("clear", [0.1, 0.1001, 0.0999, 0.1, 0.1]) + runs("noise", noisy)
    b = runs("clear", [0.3] * 5) + runs("noise", noisy[::-1])
    assert {each.set: each.significant for each in compare.compare(a, b).sets} == {"clear": True, "noise": False}


# --- the command ----------------------------------------------------------------------------------------------------


def write_lines(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def line(method: str, error: float | None, **more: object) -> dict[str, object]:
    status = "ok" if error is not None else "failed"
    return {"set": "s", "split": 1, "method": method, "error": error, "prior_error": 0.5, "status": status} | more


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(write_lines(tmp_path / "r.jsonl", [line("good", 0.1), line("bad", 0.3)]))
    assert compare.main([path, "--a", "good", "--b", "bad", "--require", "better"]) == 0
    assert "BETTER" in capsys.readouterr().out
    assert compare.main([path, "--a", "bad", "--b", "good"]) == 1
    assert compare.main([path, "--a", "good", "--b", "god"]) == 2
    assert "bad, good" in capsys.readouterr().err
    assert compare.main([str(tmp_path / "none.jsonl"), "--a", "x", "--b", "y"]) == 2


def test_two_files_compare_two_versions(tmp_path: Path) -> None:
    new = write_lines(tmp_path / "new.jsonl", [line("automill", 0.1)])
    old = write_lines(tmp_path / "old.jsonl", [line("automill", 0.2)])
    assert compare.main([str(new), "--b-results", str(old), "--a", "automill", "--b", "automill"]) == 0
    assert compare.main([str(old), "--b-results", str(new), "--a", "automill", "--b", "automill"]) == 1


def test_time_limits_are_kept_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line("a", 0.1, time_limit=10.0), line("a", 0.4, time_limit=1.0), line("b", 0.2, time_limit=10.0)]
    path = str(write_lines(tmp_path / "r.jsonl", lines))
    assert compare.main([path, "--a", "a", "--b", "b"]) == 2
    assert "--time-limit" in capsys.readouterr().err
    assert compare.main([path, "--a", "a", "--b", "b", "--time-limit", "10"]) == 0
    assert compare.main([path, "--a", "a", "--time-limit", "1", "--b", "b", "--b-time-limit", "10"]) == 1


def test_a_later_line_replaces_an_earlier_and_a_cut_one_is_skipped(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.jsonl", [line("a", None), line("b", 0.2), line("a", 0.1)])
    path.write_text(path.read_text() + '{"set": "s", "spl')
    assert compare.main([str(path), "--a", "a", "--b", "b", "--require", "better"]) == 0


def test_a_failure_without_a_prior_takes_it_from_the_other_method() -> None:
    found = compare.runs_by_configuration([line("a", None) | {"prior_error": None}, line("b", 0.2)])
    (run,) = found[compare.Configuration("a", None, None, None)]
    assert run.counted_error == 0.5


# --- power, on recorded noise ---------------------------------------------------------------------------------------


def recorded_noise() -> dict[str, np.ndarray]:
    """Per set: errors of one method, splits x seeds, scaled by its own mean (the best seen) and the prior."""
    errors: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    priors: dict[str, list[float]] = defaultdict(list)
    with NULL_PAIRS.open(newline="") as file:
        for row in csv.DictReader(file):
            errors[row["set"]][int(row["split"])].append(float(row["error"]))
            priors[row["set"]].append(float(row["prior_error"]))
    scaled = {}
    for name, by_split in errors.items():
        values = np.array([by_split[split] for split in sorted(by_split)])
        prior, best = float(np.mean(priors[name])), float(values.mean())
        scaled[name] = (values - best) / (prior - best)
    return scaled


def null_pairs(count: int, seed: int) -> list[tuple[list[compare.Run], list[compare.Run]]]:
    """Pairs of one method against itself: on each split of each set two different recorded seeds at random."""
    generator = np.random.default_rng(seed)
    noise = recorded_noise()
    pairs = []
    for _ in range(count):
        a, b = [], []
        for name, values in noise.items():
            for split, of_seeds in enumerate(values):
                first, second = generator.choice(len(of_seeds), size=2, replace=False)
                a.append(compare.Run(name, split, float(of_seeds[first]), 1.0))
                b.append(compare.Run(name, split, float(of_seeds[second]), 1.0))
        pairs.append((a, b))
    return pairs


def with_losses(runs_of_a: list[compare.Run], loss_of_set: dict[str, float]) -> list[compare.Run]:
    """The runs made worse by a loss on the common scale."""
    return [compare.Run(run.set, run.split, run.error + loss_of_set[run.set], run.prior_error) for run in runs_of_a]


def best_seen(names: list[str]) -> dict[object, list[compare.Run]]:
    """A third method at 0 of the recorded scale, as a table with further methods has: it keeps that scale."""
    return {"best": [compare.Run(name, split, 0.0, 1.0) for name in names for split in range(SPLITS)]}


@pytest.fixture(scope="module")
def pairs() -> list[tuple[list[compare.Run], list[compare.Run]]]:
    return null_pairs(PAIRS, seed=1)


def test_null_pairs_pass(pairs: list[tuple[list[compare.Run], list[compare.Run]]]) -> None:
    others = best_seen(list(recorded_noise()))
    passed = np.mean([compare.compare(a, b, others).not_worse for a, b in pairs])
    assert passed >= 0.90, f"only {passed:.3f} of the null pairs pass"


def test_null_pairs_are_seldom_called_better(pairs: list[tuple[list[compare.Run], list[compare.Run]]]) -> None:
    others = best_seen(list(recorded_noise()))
    better = np.mean([compare.compare(a, b, others).better for a, b in pairs])
    # nominal is 0.05; the percentile bootstrap over 31 sets of very unequal noise gives about 0.075
    assert better <= 0.12, f"{better:.3f} of the null pairs are called better"


def test_planted_losses_fail(pairs: list[tuple[list[compare.Run], list[compare.Run]]]) -> None:
    noise_sets = list(recorded_noise())
    everywhere = dict.fromkeys(noise_sets, PLANTED_LOSS)
    failed = np.mean([not compare.compare(with_losses(a, everywhere), b).not_worse for a, b in pairs])
    assert failed >= 0.95, f"only {failed:.3f} of the planted losses are found"


def test_uneven_planted_losses_fail(pairs: list[tuple[list[compare.Run], list[compare.Run]]]) -> None:
    noise_sets = list(recorded_noise())
    generator = np.random.default_rng(2)
    failed = []
    for a, b in pairs:
        # exponential over the sets with mean 0.04: most sets lose little, a few lose much
        drawn = generator.exponential(PLANTED_LOSS, size=len(noise_sets))
        losses = dict(zip(noise_sets, drawn * PLANTED_LOSS / drawn.mean(), strict=True))
        failed.append(not compare.compare(with_losses(a, losses), b).not_worse)
    assert np.mean(failed) >= 0.95, f"only {np.mean(failed):.3f} of the uneven planted losses are found"
