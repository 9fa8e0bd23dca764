"""Functions to minimise: eight of BBOB in any dimension, one mixed and one conditional.

BBOB: N. Hansen, S. Finck, R. Ros & A. Auger, "Real-parameter black-box optimization benchmarking 2009: noiseless functions
definitions" (INRIA RR-6829), f1, f3, f6, f8, f10, f15, f17 and f21 on [-5, 5]^d, with rotations and optima of our own seeds
and an optimal value of 0.
"""
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

Space = dict[str, Any]
"""As automill takes it, in plain data."""


@dataclass(frozen=True)
class Problem:
    """A function of parameters, with what its values are measured against."""

    name: str
    space: Space
    function: Callable[[dict[str, Any]], float]
    optimum: float
    usual: float
    """The median of random configurations."""

    def regret(self, best: float) -> float:
        """0: the optimum is found; 1: no better than a random configuration usually is."""
        return float(np.clip((best - self.optimum) / (self.usual - self.optimum), 0, 1))


# --- BBOB


def rotation(random: np.random.Generator, d: int) -> np.ndarray:
    q, r = np.linalg.qr(random.normal(size=(d, d)))
    return q * np.sign(np.diag(r))


def spread(d: int) -> np.ndarray:
    """(i - 1) / (d - 1)."""
    return np.linspace(0, 1, d) if d > 1 else np.zeros(1)


def conditioning(alpha: float, d: int) -> np.ndarray:
    return alpha ** (0.5 * spread(d))


def oscillated(x: np.ndarray) -> np.ndarray:
    logs = np.log(np.abs(x), out=np.zeros_like(x), where=x != 0)
    first, second = np.where(x > 0, 10.0, 5.5), np.where(x > 0, 7.9, 3.1)
    return np.sign(x) * np.exp(logs + 0.049 * (np.sin(first * logs) + np.sin(second * logs)))


def asymmetric(x: np.ndarray, beta: float) -> np.ndarray:
    positive = np.maximum(x, 0)
    return np.where(x > 0, positive ** (1 + beta * spread(len(x)) * np.sqrt(positive)), x)


def rastrigin(z: np.ndarray) -> float:
    return float(10 * (len(z) - np.cos(2 * np.pi * z).sum()) + z @ z)


def sphere(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    best = random.uniform(-4, 4, d)
    return lambda x: float((x - best) @ (x - best))


def separable_rastrigin(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    best, scale = random.uniform(-4, 4, d), conditioning(10, d)
    return lambda x: rastrigin(scale * asymmetric(oscillated(x - best), 0.2))


def attractive_sector(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    best, first, second, scale = random.uniform(-4, 4, d), rotation(random, d), rotation(random, d), conditioning(10, d)

    def value(x: np.ndarray) -> float:
        z = second @ (scale * (first @ (x - best)))
        s = np.where(z * best > 0, 100.0, 1.0)
        return float(oscillated(np.array([((s * z) ** 2).sum()]))[0] ** 0.9)

    return value


def rosenbrock(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    best = random.uniform(-3, 3, d)

    def value(x: np.ndarray) -> float:
        z = max(1.0, math.sqrt(d) / 8) * (x - best) + 1
        return float((100 * (z[:-1] ** 2 - z[1:]) ** 2 + (z[:-1] - 1) ** 2).sum())

    return value


def rotated_ellipsoid(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    best, turn, weights = random.uniform(-4, 4, d), rotation(random, d), 10 ** (6 * spread(d))
    return lambda x: float(weights @ oscillated(turn @ (x - best)) ** 2)


def rotated_rastrigin(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    best, first, second, scale = random.uniform(-4, 4, d), rotation(random, d), rotation(random, d), conditioning(10, d)
    return lambda x: rastrigin(first @ (scale * (second @ asymmetric(oscillated(first @ (x - best)), 0.2))))


def schaffers(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    best, first, second, scale = random.uniform(-4, 4, d), rotation(random, d), rotation(random, d), conditioning(10, d)

    def value(x: np.ndarray) -> float:
        z = scale * (second @ asymmetric(first @ (x - best), 0.5))
        s = np.sqrt(z[:-1] ** 2 + z[1:] ** 2)
        return float(np.mean(np.sqrt(s) + np.sqrt(s) * np.sin(50 * s**0.2) ** 2) ** 2)

    return value


def gallagher(d: int, random: np.random.Generator) -> Callable[[np.ndarray], float]:
    peaks, turn = 101, rotation(random, d)
    centers = random.uniform(-5, 5, (peaks, d))
    centers[0] = random.uniform(-4, 4, d)
    heights = np.concatenate([[10.0], 1.1 + 8 * np.arange(peaks - 1) / (peaks - 2)])
    alphas = np.concatenate([[1000.0], random.permutation(1000 ** (2 * np.arange(peaks - 1) / (peaks - 2)))])
    scales = np.array([random.permutation(conditioning(alpha, d) / alpha**0.25) for alpha in alphas])

    def value(x: np.ndarray) -> float:
        offsets = (x - centers) @ turn.T
        best = (heights * np.exp(-(scales * offsets**2).sum(axis=1) / (2 * d))).max()
        return float(oscillated(np.array([10 - best]))[0] ** 2)

    return value


BBOB = {
    "sphere": sphere, "rastrigin": separable_rastrigin, "attractive_sector": attractive_sector, "rosenbrock": rosenbrock,
    "ellipsoid": rotated_ellipsoid, "rotated_rastrigin": rotated_rastrigin, "schaffers": schaffers, "gallagher": gallagher,
}


def usual_of(function: Callable[[dict[str, Any]], float], draw: Callable[[np.random.Generator], dict[str, Any]]) -> float:
    random = np.random.default_rng(12345)
    return float(np.median([function(draw(random)) for _ in range(1000)]))


def bbob(name: str, d: int, seed: int) -> Problem:
    """The function of this name with the rotations and the optimum of this seed."""
    of_point = BBOB[name](d, np.random.default_rng([seed, d, list(BBOB).index(name)]))
    names = [f"x{i}" for i in range(d)]

    def function(parameters: dict[str, Any]) -> float:
        return of_point(np.array([parameters[each] for each in names]))

    space = {each: {"type": "float", "low": -5.0, "high": 5.0} for each in names}
    return Problem(f"{name}_{d}", space, function, 0.0, usual_of(function, lambda r: dict(zip(names, r.uniform(-5, 5, d)))))


# --- mixed: three categories choose and weigh functions of two numbers, in the manner of CoCaBO's (Ru et al., ICML 2020)


def two_numbers(kind: int, x: float, y: float) -> float:
    if kind == 0:
        return (100 * (y - x * x) ** 2 + (1 - x) ** 2) / 300
    if kind == 1:
        return ((4 - 2.1 * x * x + x**4 / 3) * x * x + x * y + (4 * y * y - 4) * y * y) / 10
    return ((1.5 - x + x * y) ** 2 + (2.25 - x + x * y * y) ** 2 + (2.625 - x + x * y**3) ** 2) / 50


def mixed(seed: int) -> Problem:
    """Two numbers, a whole one, three categories of 3, 5 and 4; moved by the seed."""
    random = np.random.default_rng([seed, 77])
    moved, names = random.uniform(-0.3, 0.3, 2), [[f"{letter}{i}" for i in random.permutation(count)] for letter, count in (("a", 3), ("b", 5), ("c", 4))]
    weights = {1: 5.0, 0: 2.0, 2: 2.0}

    def value(x: float, y: float, kinds: tuple[int, int, int], k: int) -> float:
        x, y = 2 * (x - moved[0]), 2 * (y - moved[1])
        third = min(kinds[2], 2)
        total = two_numbers(kinds[0], x, y) + two_numbers(min(kinds[1], 2), x, y) + weights[third] * two_numbers(third, x, y)
        return total + 0.02 * abs(k - 9) + 0.1 * (kinds[1] > 2) + 0.1 * (kinds[2] > 2)

    def function(p: dict[str, Any]) -> float:
        kinds = (int(p["first"][1:]), int(p["second"][1:]), int(p["third"][1:]))
        return value(p["x"], p["y"], kinds, p["count"])

    grid = np.linspace(-1, 1, 401)
    optimum = min(value(grid, each, (a, b, c), 9).min() for a in range(3) for b in range(3) for c in range(3) for each in grid)
    space: Space = {
        "x": {"type": "float", "low": -1.0, "high": 1.0}, "y": {"type": "float", "low": -1.0, "high": 1.0}, "count": {"type": "int", "low": 1, "high": 20},
        "first": {"type": "categorical", "choices": names[0]}, "second": {"type": "categorical", "choices": names[1]}, "third": {"type": "categorical", "choices": names[2]},
    }

    def draw(r: np.random.Generator) -> dict[str, Any]:
        return {"x": r.uniform(-1, 1), "y": r.uniform(-1, 1), "count": int(r.integers(1, 21)), "first": str(r.choice(names[0])), "second": str(r.choice(names[1])), "third": str(r.choice(names[2]))}

    return Problem("mixed", space, function, float(optimum), usual_of(function, draw))


# --- conditional: a learner, then its own parameters, as in a search over families of models


def conditional(seed: int) -> Problem:
    """Three families with their own parameters, partly of a second level; best 0, at the symmetric booster."""
    random = np.random.default_rng([seed, 78])
    at = random.uniform(0.2, 0.8, 12)

    def unit(value: float, low: float, high: float, log: bool = False) -> float:
        return (math.log(value / low) / math.log(high / low)) if log else (value - low) / (high - low)

    def function(p: dict[str, Any]) -> float:
        loss = {"none": 0.15, "standard": 0.0, "quantile": 0.05}[p["scaling"]]
        if p["learner"] == "booster":
            rate, leaves = unit(p["rate"], 1e-3, 1, True) - at[0], unit(p["leaves"], 4, 512, True) - at[1]
            loss += 2 * rate**2 + leaves**2 + 1.5 * rate * leaves
            if p["growth"] == "symmetric":
                return loss + (unit(p["depth"], 2, 10) - round(8 * at[2]) / 8) ** 2
            return loss + 0.1 + 0.5 * (p["share"] - at[3]) ** 2
        if p["learner"] == "kernel":
            loss += 0.15 + (unit(p["cost"], 1e-3, 1e3, True) - at[4]) ** 2
            if p["kind"] == "rbf":
                return loss + 3 * (unit(p["gamma"], 1e-4, 10, True) - at[5]) ** 2
            return loss + 0.2 + 0.05 * abs(p["degree"] - 3)
        return loss + 0.3 + 0.5 * (unit(p["l2"], 1e-6, 100, True) - at[6]) ** 2 + 0.2 * (p["l1_share"] - at[7]) ** 2

    def number(kind: str, low: float, high: float, log: bool = False, /, **when: str) -> dict[str, Any]:
        return {"type": kind, "low": low, "high": high, "log": log, "when": when}

    space: Space = {
        "learner": {"type": "categorical", "choices": ["booster", "kernel", "linear"]}, "scaling": {"type": "categorical", "choices": ["none", "standard", "quantile"]},
        "rate": number("float", 1e-3, 1.0, True, learner="booster"), "leaves": number("int", 4, 512, True, learner="booster"),
        "growth": {"type": "categorical", "choices": ["leaf_wise", "symmetric"], "when": {"learner": "booster"}},
        "depth": number("int", 2, 10, growth="symmetric"), "share": number("float", 0.0, 1.0, growth="leaf_wise"),
        "kind": {"type": "categorical", "choices": ["rbf", "poly"], "when": {"learner": "kernel"}}, "cost": number("float", 1e-3, 1e3, True, learner="kernel"),
        "gamma": number("float", 1e-4, 10.0, True, kind="rbf"), "degree": number("int", 2, 5, kind="poly"),
        "l2": number("float", 1e-6, 100.0, True, learner="linear"), "l1_share": number("float", 0.0, 1.0, learner="linear"),
    }

    def draw(r: np.random.Generator) -> dict[str, Any]:
        drawn: dict[str, Any] = {}
        for name, parameter in space.items():
            if any(drawn.get(asked) != value for asked, value in parameter.get("when", {}).items()):
                continue
            if "choices" in parameter:
                drawn[name] = str(r.choice(parameter["choices"]))
                continue
            low, high = parameter["low"], parameter["high"]
            value = math.exp(r.uniform(math.log(low), math.log(high))) if parameter["log"] else r.uniform(low, high)
            drawn[name] = round(value) if parameter["type"] == "int" else value
        return drawn

    return Problem("conditional", space, function, 0.0, usual_of(function, draw))


def problem(name: str, seed: int) -> Problem:
    """By name: "sphere_5", "mixed", "conditional"."""
    if name in ("mixed", "conditional"):
        return {"mixed": mixed, "conditional": conditional}[name](seed)
    function, _, d = name.rpartition("_")
    return bbob(function, int(d), seed)


def names(dimensions: list[int]) -> list[str]:
    """All problems."""
    return [f"{name}_{d}" for d in dimensions for name in BBOB] + ["mixed", "conditional"]
