"""Search spaces, ask and tell, and minimize from Python."""
from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest

import automill
from automill import AutoMillError, Categories, Float, Int, OrderedCategories

SPACE = {
    "rate": Float(1e-4, 1, log=True),
    "growth": ["leaf_wise", "symmetric"],
    "depth": Int(2, 10).when(growth="symmetric"),
    "layers": Categories([[100], [400, 200], None]),
    "size": OrderedCategories(["small", "large"]).when(growth=["leaf_wise", "symmetric"]),
    "rounds": 100,
}


def loss(p: dict) -> float:
    return abs(math.log10(p["rate"]) + 2) + (p["growth"] == "leaf_wise") + abs(p.get("depth", 6) - 6) / 4 + (p["layers"] is not None)


def test_a_configuration_is_a_dict_of_plain_values() -> None:
    optimizer = automill.Optimizer(SPACE, seed=1)
    for _ in range(30):
        trial = optimizer.ask()
        p = trial.parameters
        assert trial.state == "running" and trial.score is None
        assert 1e-4 <= p["rate"] <= 1 and p["rounds"] == 100 and p["layers"] in ([100], [400, 200], None) and p["size"] in ("small", "large")
        assert ("depth" in p) == (p["growth"] == "symmetric")
        assert "depth" not in p or type(p["depth"]) is int
        optimizer.tell(trial, np.float64(loss(p)), seconds=0.5)
    assert [trial.number for trial in optimizer.trials()] == list(range(30))
    best = optimizer.best()
    assert best is not None and best.score == min(trial.score for trial in optimizer.trials()) and best.seconds == 0.5


def test_the_space_is_json() -> None:
    optimizer = automill.Optimizer({"parameters": SPACE, "forbidden": [{"growth": "symmetric", "size": ["large"]}]}, seed=4)
    again = automill.Optimizer(json.loads(json.dumps(optimizer.space)), seed=4)
    assert again.space == optimizer.space
    for _ in range(20):
        trial, other = optimizer.ask(), again.ask()
        assert trial.parameters == other.parameters
        assert (trial.parameters["growth"], trial.parameters["size"]) != ("symmetric", "large")
        optimizer.tell(trial, loss(trial.parameters))
        again.tell(other, loss(other.parameters))


@pytest.mark.parametrize("strategy", ["bayesian", "tpe", "evolution", "sobol", "random"])
def test_minimize_finds_the_best_and_repeats_itself(strategy: str) -> None:
    def run(seed: int) -> automill.MinimizeResult:
        return automill.minimize(SPACE, loss, trials=40, strategy=strategy, seed=seed)

    found, again = run(7), run(7)
    assert [t.parameters for t in found.trials] == [t.parameters for t in again.trials]
    assert found.best.score == min(t.score for t in found.trials)
    if strategy == "bayesian":
        assert found.best.parameters["growth"] == "symmetric" and found.best.parameters["layers"] is None and found.best.score < 0.1


def test_the_same_configurations_as_in_the_documentation() -> None:
    """Any order of telling, failures and partial scores."""
    optimizer = automill.Optimizer({"x": Float(0, 1)}, direction="maximize", initial_trials=2)
    first, second = optimizer.ask(), optimizer.ask({"x": 0.25})
    optimizer.tell_partial(first, 1, 0.2)
    optimizer.tell(second.number, 0.5)
    optimizer.tell_failed(first, "out of memory")
    third = optimizer.ask()
    optimizer.tell(third, float("nan"))
    optimizer.add({"x": 0.75}, 0.9)
    states = [(t.state, t.reason, list(t.partial)) for t in optimizer.trials()]
    assert states == [("failed", "out of memory", [(1, 0.2)]), ("finished", "", []), ("failed", "the score is nan", []), ("finished", "", [])]
    best = optimizer.best()
    assert best is not None and best.parameters == {"x": 0.75}


def test_exceptions_of_the_function() -> None:
    def fails(p: dict) -> float:
        if p["x"] > 0.5:
            raise ZeroDivisionError("planted")
        return p["x"]

    with pytest.raises(ZeroDivisionError, match="planted"):
        automill.minimize({"x": Float(0, 1)}, fails, trials=20)
    found = automill.minimize({"x": Float(0, 1)}, fails, trials=20, errors="record")
    assert {t.reason for t in found.trials if t.state == "failed"} == {"ZeroDivisionError: planted"}
    with pytest.raises(AutoMillError, match="search.all_failed"):
        automill.minimize({"x": Float(0, 1)}, lambda p: float("inf"), trials=3)


def test_minimize_ends_with_the_space_and_begins_with_what_is_given() -> None:
    found = automill.minimize({"a": [1, 2, 3]}, lambda p: -p["a"], trials=100, first=[{"a": 2}])
    assert [t.parameters["a"] for t in found.trials][0] == 2 and len(found.trials) == 3
    assert found.best.parameters == {"a": 3}
    assert len(automill.minimize({"x": Float(0, 1)}, lambda p: time.sleep(0.1) or p["x"], trials=100, time_limit=0.25).trials) in (1, 2, 3)


@pytest.mark.parametrize(("space", "text"), [
    ({"x": Float(2, 1)}, "x: the range [2, 1] is empty: its lower end is above its upper end [search.parameter]"),
    ({"x": Float(0, 1, log=True)}, "x: a logarithmic range must begin above 0, and this one begins at 0 [search.parameter]"),
    ({"x": []}, "x: there is no value to choose from [search.parameter]"),
    ({"a": [1, 2], "x": Int(0, 1).when(b=1)}, "x: its condition asks for 'b', which is no parameter (did you mean 'a'?) [search.unknown_parameter]"),
    ({"x": Int(0, "3")}, "x: 'high' is '3' where a number is needed [search.space]"),
    ({"x": object()}, "space.x: a value of type object is not allowed: it must be None, a bool, a number, text, a list or a dict [value.wrong_type]"),
])
def test_faults_of_spaces(space: dict, text: str) -> None:
    with pytest.raises(AutoMillError) as caught:
        automill.Optimizer(space)
    assert str(caught.value) == text


def test_faults_of_calls() -> None:
    with pytest.raises(AutoMillError, match=r"did you mean 'bayesian'\?\) \[option.unknown_choice\]"):
        automill.Optimizer(SPACE, strategy="baysian")
    with pytest.raises(AutoMillError, match="option.out_of_range"):
        automill.minimize(SPACE, loss, trials=0)
    with pytest.raises(AutoMillError, match="option.unknown_choice"):
        automill.minimize(SPACE, loss, errors="ignore")  # type: ignore[arg-type]
    with pytest.raises(AutoMillError, match="search.condition"):
        Int(0, 1).when(a=1).when(a=2)
    optimizer = automill.Optimizer(SPACE)
    with pytest.raises(AutoMillError, match="search.trial"):
        optimizer.tell(3, 0.5)


def test_parameters_show_themselves() -> None:
    assert repr(Int(2, 10).when(growth="symmetric")) == "Int(low=2, high=10, log=False, step=1).when(growth='symmetric')"
    assert Float(0, 1) == Float(0, 1) and Float(0, 1) != Float(0, 2)


def test_several_objectives_have_a_front() -> None:
    optimizer = automill.Optimizer({"x": automill.Float(-10, 10)}, directions=["minimize", "maximize"], seed=1)
    for _ in range(30):
        trial = optimizer.ask()
        x = trial.parameters["x"]
        optimizer.tell(trial, (x**2, -((x - 2) ** 2)))
    front = optimizer.front()
    assert 5 <= len(front) < 30
    assert all(-0.5 < trial.parameters["x"] < 2.5 for trial in front)
    assert all(tuple(trial.scores) == (trial.parameters["x"] ** 2, -((trial.parameters["x"] - 2) ** 2)) for trial in front)
    with pytest.raises(AutoMillError) as caught:
        optimizer.best()
    assert caught.value.code == "search.objectives"


def test_trials_that_do_not_keep_up() -> None:
    optimizer = automill.Optimizer({"x": automill.Float(0, 1)}, direction="maximize", reduction=2, first_rung=10)
    good, bad = optimizer.ask(), optimizer.ask()
    optimizer.tell_partial(good, 10, 0.9)
    optimizer.tell_partial(bad, 10, 0.5)
    assert optimizer.keeps_up(good) and not optimizer.keeps_up(bad)
    optimizer.tell(bad, 0.5)
    with pytest.raises(AutoMillError) as caught:
        automill.Optimizer({"x": automill.Float(0, 1)}).keeps_up(0)
    assert caught.value.code == "option.contradiction"
