"""Importing brings no data frame library (benchmarks/cold_start.py tells how long it takes); the names are those of the interface."""
from __future__ import annotations

import inspect
import runpy
import subprocess
import sys
from pathlib import Path

import automill
from automill import _core, builtin, estimators


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_is_light() -> None:
    heavy = ["pandas", "sklearn", "matplotlib", "polars", "pyarrow", "duckdb", "scipy", "IPython", "numpy"]
    assert run_python(f"import sys, automill; print([name for name in {heavy} if name in sys.modules])") == "[]"


def test_signature_of_train() -> None:
    """As it is promised, name by name and default by default."""
    promised = ("(data, target, *, task=None, metric=None, positive_class=None, preset='balanced', time_limit=None, max_trials=None, memory_limit=None, threads=None, seed=0, "
                "validation_data=None, holdout=None, folds=None, groups=None, time_column=None, sample_weight=None, class_weight=None, ignore=(), types=None, missing=None, "
                "quantiles=None, include=None, exclude=None, learners=(), search_space=None, monotone=None, cost_matrix=None, max_predict_time=None, max_model_size=None, "
                "refit='auto', journal=None, journal_limit=None, resume=False, callbacks=(), progress='auto', plan=False)")
    for function in (automill.train, automill.start):
        signature = inspect.signature(function)
        bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
        assert str(inspect.Signature(bare)) == promised


def test_options_agree_with_the_library() -> None:
    library = {option["name"]: option["delivered"] for option in _core.train_options()}
    python = [name for name in inspect.signature(automill.train).parameters if name != "data"]
    assert sorted(library) == sorted(python)
    assert all(library.values())


def test_estimators_have_the_options() -> None:
    of_train = set(inspect.signature(automill.train).parameters) - {"data", "target", "task", "positive_class", "groups", "sample_weight"}
    assert set(estimators._AutoMLEstimator._parameter_names()) == of_train | {"n_jobs", "random_state"}


def test_every_component_is_exported() -> None:
    for component in _core.components():
        cls = getattr(automill, builtin.class_name(component["name"]))
        assert list(inspect.signature(cls).parameters) == [parameter["name"] for parameter in component["parameters"]]
        assert component["description"] in cls.__doc__


def test_stub_is_up_to_date() -> None:
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "make_python_stub.py"))
    written = Path(builtin.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    assert written == script["stub_text"](), "run python scripts/make_python_stub.py"


def test_every_public_name_is_documented_and_typed() -> None:
    for name in automill.__all__:
        value = getattr(automill, name)
        if not callable(value):
            continue
        assert inspect.getdoc(value), f"{name} has no documentation"
        for method_name, method in inspect.getmembers(value, inspect.isfunction):
            if not method_name.startswith("_") and inspect.isclass(value):
                assert inspect.getdoc(method), f"{name}.{method_name} has no documentation"
                assert "return" in inspect.get_annotations(method), f"{name}.{method_name} has no type of its result"


def test_a_fresh_process_predicts_from_csv_without_data_frames(tmp_path, models) -> None:
    models["binary"].save(tmp_path / "model.automill")
    (tmp_path / "one.csv").write_text("age,job,member,since,visits\n40,nurse,true,2020-05-01,3\n")
    code = (f"import sys, automill; print(automill.load({str(tmp_path / 'model.automill')!r}).predict({str(tmp_path / 'one.csv')!r})); "
            "print([name for name in ('pandas', 'sklearn', 'matplotlib') if name in sys.modules])")
    label, heavy = run_python(code).splitlines()
    assert label in ("['high']", "['low']")
    assert heavy == "[]"
