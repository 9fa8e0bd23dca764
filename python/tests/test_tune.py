"""tune and search_space from Python."""
from __future__ import annotations

import math

import numpy as np
import pytest

import automill
from automill import AutoMillError, Float, GradientBoosting, Int, Pipeline, QuantileNormal, Ridge, Scale, Winsorize

RNG = np.random.default_rng(1)
Z = RNG.normal(size=(300, 4))
X = np.exp(4 * Z)
Y = Z[:, 0] + 0.3 * RNG.normal(size=300)


def frame() -> dict[str, np.ndarray]:
    return {**{f"f{i}": X[:, i] for i in range(4)}, "y": Y}


def test_it_finds_the_step_that_fits() -> None:
    given = Pipeline(Scale(), Ridge(alpha=3.0))
    found = automill.tune(given, frame(), "y", {"scale": [None, Scale(), QuantileNormal(), Winsorize()], "scale.winsorize.upper": Float(0.9, 1)}, trials=14, strategy="random")
    assert found.best_parameters["scale"] == "quantile_normal"
    assert isinstance(found.estimator, Pipeline) and type(found.estimator.steps[0][1]) is QuantileNormal
    assert found.estimator.steps[0][0] == "scale"
    assert found.estimator.get_params()["ridge.alpha"] == found.best_parameters["ridge.alpha"]
    first = found.trials[0]
    assert first.parameters == {"scale": "scale", "ridge.alpha": 3.0, "scale.scale.method": "standard"} and first.status == "ok"
    by_hand = automill.cross_validate(given, frame(), "y", folds=5)
    assert first.fold_scores == by_hand.fold_scores and first.score == by_hand.mean
    error = float(np.sqrt(np.mean((found.estimator.predict(frame()) - Y) ** 2)))
    assert error < 0.5 < by_hand.mean
    assert found.score.metric == "rmse" and not found.score.higher_is_better and found.score.low < float(found.score) < found.score.high
    assert found.nested_score.protocol == "5-fold, nested"
    assert given.get_params()["ridge.alpha"] == 3.0 and not hasattr(given, "model_")
    table = found.to_pandas()
    assert len(table) == len(found.trials) and {"status", "ridge.alpha", "scale.winsorize.upper"} <= set(table.columns)
    assert repr(found).startswith("rmse ")


def test_search_space_is_plain_data_that_the_optimizer_takes() -> None:
    space = automill.search_space(Pipeline(("first", Scale()), ("last", GradientBoosting())))
    assert space["parameters"]["first.method"] == {"type": "categorical", "choices": ["standard", "robust", "minmax"]}
    assert space["parameters"]["last.learning_rate"] == {"type": "float", "low": 0.005, "high": 0.2, "log": True}
    trial = automill.Optimizer(space).ask()
    assert set(trial.parameters) == set(space["parameters"])
    found = automill.tune(Pipeline(("first", Scale()), ("last", GradientBoosting())), frame(), "y", space, declared=False, trials=2, refit=False)
    assert len(found.trials) == 2 and not hasattr(found.estimator, "model_")


def test_shapes_of_scikit_learn_stay_what_they_are() -> None:
    labels = np.where(Y > 0, "up", "down")
    found = automill.tune(automill.GradientBoostingClassifier(n_estimators=20, n_jobs=1), X, labels, {"num_leaves": Int(2, 8)}, declared=False, trials=4)
    assert isinstance(found.estimator, automill.GradientBoostingClassifier)
    assert found.estimator.n_jobs == 1 and found.estimator.num_leaves == found.best_parameters["num_leaves"]
    assert found.score.metric == "roc_auc" and found.score.higher_is_better and float(found.score) > 0.9
    assert set(found.estimator.predict(X)) == {"up", "down"}


def test_an_own_objective_stays() -> None:
    def squares(y: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return scores - y, np.ones_like(y)

    found = automill.tune(GradientBoosting(n_estimators=10, objective=squares), X, Y, {"num_leaves": Int(2, 8)}, declared=False, trials=3)
    assert [trial.status for trial in found.trials] == ["ok"] * 3, found.trials
    assert found.estimator.get_params()["objective"] is squares


def test_folds_by_number_by_group_and_in_time() -> None:
    data = frame()
    of_rows = np.arange(300) % 3
    by_array = automill.tune(Ridge(), data, "y", folds=of_rows, trials=2)
    by_column = automill.tune(Ridge(), {**data, "part": of_rows}, "y", folds="part", trials=2)
    assert len(by_array.best.fold_scores) == 3 and by_array.trials[1].fold_scores == by_column.trials[1].fold_scores
    rows = {fold: of_rows == fold for fold in range(3)}
    expected = []
    for held_out in rows.values():
        model = Ridge().fit({name: column[~held_out] for name, column in data.items()}, "y")
        expected.append(float(np.sqrt(np.mean((model.predict({name: column[held_out] for name, column in data.items()}) - Y[held_out]) ** 2))))
    assert by_array.trials[0].fold_scores == pytest.approx(expected, rel=1e-9)
    forward = automill.tune(Ridge(), data, "y", folds=4, time_column=np.arange(300), trials=2)
    assert forward.score.protocol == "4-fold forward in time"
    groups = automill.tune(Ridge(), data, "y", folds=4, groups=np.arange(300) // 10, trials=2)
    assert groups.score.protocol == "4-fold by group"
    one = automill.tune(Ridge(), data, "y", folds=np.where(np.arange(300) < 200, -1, 0), trials=2)
    assert len(one.best.fold_scores) == 1 and math.isnan(one.nested_score.value)


def test_rows_without_a_target_have_no_fold() -> None:
    data = frame()
    data["y"] = np.where(np.arange(300) % 7 == 0, np.nan, data["y"])
    kept = ~np.isnan(data["y"])
    some = {name: column[kept] for name, column in data.items()}
    of_rows = np.arange(300) % 4
    assert automill.tune(Ridge(), data, "y", folds=of_rows, trials=1).score.value == automill.tune(Ridge(), some, "y", folds=of_rows[kept], trials=1).score.value


def test_a_failure_is_a_row() -> None:
    found = automill.tune(Pipeline(Ridge()), frame(), "y", {"ridge": ["ridge", automill.NaiveBayes()]}, trials=4, strategy="random")
    failed = [trial for trial in found.trials if trial.parameters["ridge"] == "naive_bayes"]
    assert failed and all(trial.status == "failed" and "regression" in trial.reason and math.isnan(trial.score) for trial in failed)
    assert found.best_parameters["ridge"] == "ridge"


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("search.unknown_parameter", {"space": {"alfa": Float(0, 1)}}),
        ("search.parameter", {"space": {"alpha": Float(2, 1)}}),
        ("parameter.out_of_range", {"space": {"alpha": Float(-1, 1)}}),
        ("search.space", {"space": {"alpha": {"type": "flaot", "low": 0, "high": 1}}}),
        ("search.nothing_to_search", {"declared": False}),
        ("option.unknown_choice", {"strategy": "bayes"}),
        ("option.out_of_range", {"trials": 0}),
        ("option.out_of_range", {"folds": 1}),
        ("option.out_of_range", {"time_limit": -1}),
        ("option.invalid", {"folds": [0, 1]}),
        ("option.invalid", {"folds": np.where(np.arange(300) < 9, np.nan, 1.0)}),
        ("option.invalid", {"folds": np.arange(300) % 2 * 2}),
        ("option.contradiction", {"folds": np.arange(300) % 2, "groups": np.arange(300)}),
        ("option.contradiction", {"time_column": np.arange(300), "groups": np.arange(300)}),
        ("option.contradiction", {"metric": "roc_auc"}),
        ("metric.unknown", {"metric": "rsme"}),
    ],
)
def test_what_makes_no_sense_is_refused(code: str, options: dict) -> None:
    with pytest.raises(AutoMillError) as caught:
        automill.tune(Ridge(), frame(), "y", **options)
    assert caught.value.code == code


def test_what_is_no_learner_is_refused() -> None:
    for call in (lambda: automill.tune(Scale(), frame(), "y"), lambda: automill.search_space("ridge")):
        with pytest.raises(AutoMillError) as caught:
            call()
        assert caught.value.code == "option.wrong_type"
