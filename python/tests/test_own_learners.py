"""Own Python learners: candidates like others, fitted in child processes, and whatever they do wrong is a row of the leaderboard and nothing else."""
from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pandas as pd
import planted_learners as planted
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import automill

TESTS = Path(__file__).parent


def children(process: int | str = "self") -> list[int]:
    """Processes that this one started and that are there still, also as zombies."""
    found = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        found += [int(each) for each in (thread / "children").read_text().split()]
    return found


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    before = set(children())
    yield
    assert set(children()) <= before, "child processes are left"


def train(frame: pd.DataFrame, learners: list[Any], **options: Any) -> automill.AutoMLModel:
    """With the floor model alone beside the own learners."""
    return automill.train(frame, "y", learners=learners, **{"include": ["baseline"], "folds": 3, "max_trials": 30, "threads": 2, "progress": "none", **options})


def row(model: automill.AutoMLModel, name: str) -> dict[str, Any]:
    return next(each for each in model.leaderboard() if each["name"] == name)


def test_objects_of_scikit_learn_are_candidates(make_table: Callable[..., pd.DataFrame]) -> None:
    frame = make_table("binary")
    given = [LogisticRegression(), HistGradientBoostingClassifier(max_iter=20), make_pipeline(StandardScaler(), KNeighborsClassifier()), ("mine", automill.Logistic(c=0.1)), LogisticRegression(C=0.1)]
    model = train(frame, given)
    names = ["own_LogisticRegression_1", "own_HistGradientBoostingClassifier_1", "own_Pipeline_1", "mine", "own_LogisticRegression_2"]
    for name in names:
        assert row(model, name)["family"] == "own" and row(model, name)["folds_done"] == 3, row(model, name)["reason"]
        assert row(model, name)["validation_score"] > 0.7
    assert sum(row(model, name)["weight"] for name in names) == pytest.approx(1)
    parameters = {each["name"]: each["parameters"] for each in model._held.metadata["leaderboard"]}
    assert parameters["own_LogisticRegression_2"]["table_preparer.for_family"] == "linear"
    assert parameters["own_LogisticRegression_2"]["LogisticRegression.C"] == 0.1
    assert parameters["own_HistGradientBoostingClassifier_1"]["max_iter"] == 20, "it takes the columns as they are"
    probabilities = model.predict_proba(frame)
    assert np.isfinite(probabilities.to_numpy()).all() and probabilities.to_numpy().sum(axis=1) == pytest.approx(1)
    assert set(model.predict(frame)) == {"high", "low"}


def test_the_matrix_is_that_of_the_preparer(make_table: Callable[..., pd.DataFrame]) -> None:
    """What the learner predicts in a run is what it predicts by hand on the same columns."""
    frame = make_table("regression")
    fold = np.arange(len(frame)) % 2
    pairs = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in (0, 1)]
    model = train(frame, [LinearRegression()], folds=pairs)
    got = model.out_of_fold()["prediction"].to_numpy()
    for fit, test in pairs:
        preparer = automill.TablePreparer(for_family="linear", generate=False)
        rows = frame.drop(columns="y")
        X = np.asarray(preparer.fit_transform(rows.iloc[fit], frame["y"].iloc[fit]), dtype=float)
        by_hand = LinearRegression().fit(X, frame["y"].iloc[fit]).predict(np.asarray(preparer.transform(rows.iloc[test]), dtype=float))
        np.testing.assert_allclose(got[test], by_hand, rtol=1e-9)  # the same matrix, in sums of another order


def test_more_classes_and_numbers(make_table: Callable[..., pd.DataFrame]) -> None:
    model = train(make_table("multiclass"), [LogisticRegression(), HistGradientBoostingClassifier(max_iter=10)], metric="accuracy")
    assert row(model, "own_LogisticRegression_1")["validation_score"] > 0.6
    assert row(model, "own_HistGradientBoostingClassifier_1")["validation_score"] > 0.6
    frame = make_table("regression")
    model = train(frame, [RandomForestRegressor(n_estimators=20, n_jobs=-1)], metric="r2")
    assert row(model, "own_RandomForestRegressor_1")["validation_score"] > 0.6
    one = model.row_predictor()(frame.drop(columns="y").iloc[5].to_dict())
    assert one == pytest.approx(model.predict(frame.iloc[5:6]).iloc[0])


def test_a_class_that_a_fold_lacks() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=90), "y": ["p"] * 44 + ["q"] * 44 + ["rare"] * 2})
    fold = np.array([0, 1] * 44 + [0, 0])
    model = train(frame, [LogisticRegression()], folds=[(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in (0, 1)])
    assert row(model, "own_LogisticRegression_1")["folds_done"] == 2
    out = model.out_of_fold()
    assert (out["probability_rare"].to_numpy()[fold == 0] == 0).all()


def test_frames_and_text(make_table: Callable[..., pd.DataFrame]) -> None:
    frame = make_table("binary")
    numbers = ["age", "visits"]
    steps = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["job"]), ("passthrough", numbers), remainder="drop")
    given = automill.OwnLearner(make_pipeline(steps, HistGradientBoostingClassifier(max_iter=10)), columns="pandas", name="by_name")
    native = automill.OwnLearner(HistGradientBoostingClassifier(max_iter=10, categorical_features="from_dtype"), columns="pandas")
    model = train(frame.drop(columns="since"), [given, native])
    assert row(model, "by_name")["folds_done"] == 3, row(model, "by_name")["reason"]
    assert row(model, "own_HistGradientBoostingClassifier_1")["folds_done"] == 3
    unseen = frame.assign(job="astronaut")
    assert np.isfinite(model.predict_proba(unseen).to_numpy()).all()
    words = ["red apple pie", "green pear tart", "a long sentence about nothing", "blue sky and sea"]
    frame["text"] = [words[int(visits) % 4] + f" number {i}" for i, visits in enumerate(frame["visits"])]
    model = train(frame, [LogisticRegression()], types={"text": "text"})
    assert row(model, "own_LogisticRegression_1")["folds_done"] == 3, row(model, "own_LogisticRegression_1")["reason"]


def test_boosters_of_others(make_table: Callable[..., pd.DataFrame]) -> None:
    """Those that are installed; none has to be."""
    made = []
    for library, name in [("xgboost", "XGB"), ("lightgbm", "LGBM"), ("catboost", "CatBoost")]:
        try:
            made.append((__import__(library), name))
        except ImportError:
            continue
    if not made:
        pytest.skip("neither XGBoost nor LightGBM nor CatBoost is installed")
    for task, kind in [("multiclass", "Classifier"), ("regression", "Regressor")]:
        frame = make_table(task)
        model = train(frame, [getattr(library, name + kind)(n_estimators=20) for library, name in made], time_limit=120)
        for _, name in made:
            assert row(model, f"own_{name}{kind}_1")["folds_done"] == 3, row(model, f"own_{name}{kind}_1")["reason"]
        assert np.isfinite(np.asarray(model.predict_proba(frame) if kind == "Classifier" else model.predict(frame), dtype=float)).all()


PLANTED = {
    "Raises": "RuntimeError: planted failure",
    "RaisesInPredict": "KeyError: 'no such thing'",
    "GivesNan": "ValueError: predict_proba gave numbers that are not finite",
    "GivesTooFewRows": "ValueError: predict_proba gave shape",
    "GivesNoProbabilities": "ValueError: predict_proba gave numbers that are no probabilities",
    "HasNoProbabilities": "ValueError: HasNoProbabilities has no predict_proba",
    "Exits": "its process ended by itself with exit code 7",
    "ExitsPolitely": "SystemExit: 3",
    "Crashes": "its process was ended by SIGSEGV",
    "KeepsNothing": "AttributeError: ",
}


def test_what_goes_wrong_is_a_failed_row(make_table: Callable[..., pd.DataFrame], capfd: pytest.CaptureFixture[str]) -> None:
    frame = make_table("binary")
    bad = [(f"bad_{name}", getattr(planted, name)()) for name in PLANTED]
    model = train(frame, [*bad, ("sound", planted.Prior()), ("prints", planted.Prints())])
    for name, reason in PLANTED.items():
        found = row(model, f"bad_{name}")
        assert found["status"] == "failed" and found["reason"].startswith(f"{name}: {reason}"), found["reason"]
    assert row(model, "sound")["folds_done"] == row(model, "prints")["folds_done"] == 3
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [planted.Hangs, planted.HangsBusily, planted.HangsWithChildren])
def test_a_hang_is_killed_and_the_rest_goes_on(make_table: Callable[..., pd.DataFrame], kind: Any) -> None:
    start = time.monotonic()
    model = train(make_table("binary"), [("hangs", kind()), ("sound", planted.Prior())], time_limit=6, include=["baseline", "logistic", "gbdt"], max_trials=5)
    assert time.monotonic() - start < 8
    found = row(model, "hangs")
    assert found["status"] == "failed" and "had not ended after" in found["reason"], found
    assert row(model, "logistic_1")["folds_done"] == 3
    assert not [each for each in Path("/proc").glob("[0-9]*/cmdline") if b"time.sleep(600)" in _read(each)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_memory_without_bound_is_killed(make_table: Callable[..., pd.DataFrame]) -> None:
    model = train(make_table("binary"), [("allocates", planted.Allocates()), ("sound", planted.Prior())], memory_limit=700 << 20, time_limit=60)
    found = row(model, "allocates")
    assert found["status"] == "failed" and "was killed" in found["reason"] and "raise memory_limit" in found["reason"], found
    assert row(model, "sound")["folds_done"] == 3
    model = train(make_table("binary"), [("sound", planted.Prior())], memory_limit=128 << 20)
    assert row(model, "sound")["status"] == "skipped" and "of memory" in row(model, "sound")["reason"]


def test_ctrl_c_and_stop_while_a_child_runs() -> None:
    code = """
        import os, signal, sys, threading, time
        sys.path.insert(0, sys.argv[1])
        import planted_learners, automill
        import numpy as np
        X = np.random.default_rng(0).normal(size=(300, 3)); y = X[:, 0] > 0
        options = dict(learners=[planted_learners.Hangs()], include=["baseline"], time_limit=60, progress="none", folds=3)
        def interrupt():
            time.sleep(2.5)
            os.kill(os.getpid(), signal.SIGINT)
        for threads in (1, 2):
            threading.Thread(target=interrupt, daemon=True).start()
            start = time.monotonic()
            model = automill.train(X, y, threads=threads, **options)
            print(round(time.monotonic() - start, 1), model.interrupted, model.leaderboard()[1]["status"])
        run = automill.start(X, y, threads=2, **options)
        time.sleep(2)
        start = time.monotonic()
        run.stop()
        model = run.wait()
        print(round(time.monotonic() - start, 1), model.interrupted, model.leaderboard()[1]["status"])
        left = [p for t in os.listdir("/proc/self/task") for p in open(f"/proc/self/task/{t}/children").read().split()]
        print("left", left)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(TESTS)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    for line, most in zip(lines, (4, 4, 1.5)):
        assert float(line.split()[0]) < most and line.split()[1:] == ["True", "skipped"], done.stdout
    assert lines[3] == "left []"


def test_no_orphan_outlives_a_killed_process() -> None:
    code = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import planted_learners, automill
        import numpy as np
        X = np.random.default_rng(0).normal(size=(300, 3)); y = X[:, 0] > 0
        automill.train(X, y, learners=[planted_learners.HangsBusily()], include=["baseline"], time_limit=60, progress="none", folds=3)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(TESTS)])
    end = time.monotonic() + 30
    while not (found := children(process.pid)) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1.5)
    found = children(process.pid)
    assert found
    process.kill()
    process.wait()
    end = time.monotonic() + 5
    while any(_runs(each) for each in found) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(_runs(each) for each in found)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_same_bits_for_any_number_of_threads(make_table: Callable[..., pd.DataFrame]) -> None:
    frame = make_table("regression")
    given = [RandomForestRegressor(n_estimators=10), LinearRegression()]
    one, two = (train(frame, given, threads=threads, include=["baseline", "ridge"], max_trials=4) for threads in (1, 2))
    assert (one.predict(frame) == two.predict(frame)).all()
    assert [each["validation_score"] for each in one.leaderboard()] == [each["validation_score"] for each in two.leaderboard()]
    other = train(frame, given, seed=1, include=["baseline", "ridge"], max_trials=4)
    assert row(other, "own_RandomForestRegressor_1")["validation_score"] != row(one, "own_RandomForestRegressor_1")["validation_score"]


def test_saved_as_pickles_where_that_is_asked_for(make_table: Callable[..., pd.DataFrame], tmp_path: Path) -> None:
    frame, trace = make_table("binary"), tmp_path / "trace"
    model = train(frame, [("ours", automill.Logistic()), ("writes", planted.Writes(str(trace)))], refit="always")
    weights = {each["name"]: each["weight"] for each in model.leaderboard()}
    assert weights["ours"] > 0
    model = train(frame, [("writes", planted.Writes(str(trace)))])
    path = tmp_path / "m.automill"
    with pytest.raises(automill.AutoMillError) as caught:
        model.save(path)
    assert caught.value.code == "model.python_members" and "writes (planted_learners.Writes)" in str(caught.value) and 'model.without("writes")' in str(caught.value)
    assert not path.exists()
    model.save(path, python_members="pickle")
    before = trace.read_text()
    with pytest.raises(automill.AutoMillError) as caught:
        automill.load(path)
    assert caught.value.code == "model_file.python_members" and "writes (planted_learners.Writes)" in str(caught.value)
    assert trace.read_text() == before, "a byte was unpickled without leave"
    again = automill.load(path, allow_pickle=True)
    assert trace.read_text() != before
    assert (again.predict_proba(frame) == model.predict_proba(frame)).all().all()
    assert again.verify().ok
    with pytest.raises(automill.AutoMillError) as caught:
        again.refit(frame)
    assert caught.value.code == "recipe.own_learner"
    assert (pd.read_pickle(_pickled(model, tmp_path)).predict(frame) == model.predict(frame)).all()
    shell = os.environ.get("AUTOMILL_CLI")
    if shell:
        done = subprocess.run([shell, "inspect", str(path)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode != 0 and "[model_file.python_members]" in done.stderr


def _pickled(model: automill.AutoMLModel, folder: Path) -> Path:
    import pickle

    (folder / "m.pickle").write_bytes(pickle.dumps(model))
    return folder / "m.pickle"


def test_without_the_member_it_is_saved_as_ever(make_table: Callable[..., pd.DataFrame], tmp_path: Path) -> None:
    frame = make_table("binary")
    model = train(frame, [KNeighborsClassifier(), automill.Logistic()], max_predict_time=None)
    python = [each["name"] for each in model.leaderboard() if each["weight"] > 0 and each["name"].startswith("own_KN")]
    rest = model.without(python[0]) if python else model
    rest.save(tmp_path / "m.automill")
    assert (automill.load(tmp_path / "m.automill").predict(frame) == rest.predict(frame)).all()


def test_refit_fits_them_again(make_table: Callable[..., pd.DataFrame]) -> None:
    frame = make_table("regression")
    model = train(frame, [LinearRegression()])
    again = model.refit(frame.iloc[:300])
    assert again.member_names == ["own_LinearRegression_1"]
    assert not (again.predict(frame) == model.predict(frame)).all()


def test_weights(make_table: Callable[..., pd.DataFrame]) -> None:
    frame = make_table("regression").assign(w=1.0)
    frame.loc[frame["y"] > 0, "w"] = 3.0
    model = train(frame, [planted.Mean()], sample_weight="w", holdout=0.25, folds=None)
    fitted = frame[model.out_of_fold()["fold"].to_numpy() < 0]
    assert model.predict(frame).iloc[0] == pytest.approx(np.average(fitted["y"], weights=fitted["w"]))
    refused = train(frame, [("takes none", planted.HasNoProbabilities())], sample_weight="w")
    assert "[fit.weights]" in row(refused, "takes none")["reason"]


def test_what_is_no_learner_is_refused(make_table: Callable[..., pd.DataFrame]) -> None:
    frame = make_table("binary")
    for given, code in [([object()], "option.wrong_type"), ([LogisticRegression], "option.wrong_type"), ("ridge", "option.wrong_type"), (3, "option.wrong_type"),
                        ([("gbdt_1", planted.Prior())], "option.invalid"), ([planted.Prior(), ("own_Prior_1", planted.Prior())], "option.invalid"),
                        ([open(os.devnull)], "option.wrong_type")]:
        with pytest.raises(automill.AutoMillError) as caught:
            train(frame, given)  # type: ignore[arg-type]
        assert caught.value.code == code, given
    unsound = planted.Prior()
    unsound.lock = __import__("threading").Lock()  # type: ignore[attr-defined]
    with pytest.raises(automill.AutoMillError) as caught:
        train(frame, [unsound])
    assert caught.value.code == "option.invalid" and caught.value.place == "learners[0]"
    wrong_task = train(frame, [RidgeClassifier(), LinearRegression(), planted.Prior()])
    assert "has no predict_proba" in row(wrong_task, "own_RidgeClassifier_1")["reason"]
    assert "[fit.task]" in row(wrong_task, "own_LinearRegression_1")["reason"]


def test_estimators_take_them(make_table: Callable[..., pd.DataFrame]) -> None:
    frame = make_table("binary")
    given = [LogisticRegression(), automill.Ridge()]
    classifier = automill.AutoMLClassifier(learners=given[:1], include=["baseline"], folds=3, max_trials=3)
    classifier.fit(frame.drop(columns="y"), frame["y"])
    assert classifier.model_.member_names == ["own_LogisticRegression_1"]
    assert classifier.predict_proba(frame.drop(columns="y")).shape == (len(frame), 2)


def test_classes_of_a_script() -> None:
    code = """
        import numpy as np, automill
        class Mine:
            def fit(self, X, y):
                self.mean = float(np.mean(y)); return self
            def predict(self, X):
                return np.full(len(X), self.mean)
        X = np.random.default_rng(0).normal(size=(300, 3))
        model = automill.train(X, X[:, 0], learners=[Mine()], include=["baseline"], max_trials=2, progress="none", folds=3)
        print(model.member_names, float(model.predict(X[:1])[0]) != 0, type(Mine()).__module__)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "['own_Mine_1'] True __main__", done.stdout + done.stderr


def test_a_journal_knows_them_by_their_parameters(make_table: Callable[..., pd.DataFrame], tmp_path: Path) -> None:
    frame = make_table("binary")
    options: dict[str, Any] = {"journal": tmp_path / "run.journal", "max_trials": 4}
    first = train(frame, [LogisticRegression(C=2.0), automill.Logistic()], **options)
    with pytest.raises(automill.AutoMillError) as caught:
        train(frame, [LogisticRegression(C=3.0), automill.Logistic()], resume=True, **options)
    assert caught.value.code == "journal.other_options" and "C" in str(caught.value)
    seen: list[tuple[str, str]] = []
    again = train(frame, [LogisticRegression(C=2.0), automill.Logistic()], resume=True, callbacks=[lambda e: seen.append((e.kind, str(e.fields.get("name"))))], **options)
    assert (again.predict_proba(frame) == first.predict_proba(frame)).all().all()
    assert ("fold.restored", "own_logistic_1") in seen and ("fold.restored", "own_LogisticRegression_1") not in seen
