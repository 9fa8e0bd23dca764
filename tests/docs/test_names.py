"""One name everywhere: the registry (through `automill list --json`), the Python exports, the command line and the documents are compared.
One that is missing or extra anywhere fails."""
from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

automill = pytest.importorskip("automill")

ROOT = Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("AUTOMILL_CLI", str(ROOT / "build" / "automill"))
SUBCOMMANDS = ["train", "predict", "evaluate", "leaderboard", "inspect", "verify", "refit", "replay", "runs", "list", "doctor"]

# Classes of components that are not in the registry: containers, and learners under the names of scikit-learn's classes.
CONTAINERS = {"ColumnTransformer", "Pipeline", "TransformerPipeline"}
BASES = {"Learner", "Transformer"}
SHAPES = {"DecisionTreeClassifier", "DecisionTreeRegressor", "EBMClassifier", "EBMRegressor", "GaussianProcessClassifier", "GaussianProcessRegressor", "GradientBoostingClassifier", "GradientBoostingRegressor", "LinearSVMClassifier", "LinearSVMRegressor", "QuantileRegressor", "RealMLPClassifier", "RealMLPRegressor", "StackingClassifier", "StackingRegressor"}
ACRONYMS = {"realmlp": "RealMLP", "linear_svm": "LinearSVM"}

# API names that are due and those that are planned: the second list is also the README's "not there yet".
DUE_OF_A_MODEL = [
    "validation_score", "leaderboard", "evaluate", "feature_importance", "predict", "predict_proba", "out_of_fold", "member", "without", "classes", "schema",
    "check", "refit", "recipe", "save", "interrupted", "decision_threshold", "predict_contributions", "predict_interactions", "shapes", "suspicious_rows",
    "predict_interval", "predict_quantiles", "predict_set", "cost_matrix", "collapse", "distill",
    "coefficients", "rules",
]
PLANNED_OF_A_MODEL = ["report"]
PLANNED_OF_THE_MODULE: list[str] = []
PLANNED_SUBCOMMANDS = ["plot", "export"]


def shell(*arguments: str) -> str:
    return subprocess.run([COMMAND, *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture(scope="module")
def lists() -> dict[str, list[dict]]:
    return json.loads(shell("list", "--json"))


def class_name(registered: str) -> str:
    return ACRONYMS.get(registered) or "".join(word.capitalize() for word in registered.split("_"))


def flags(command: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", shell(command, "--help").split("\n", 1)[1]))


def not_there_yet() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8").split("## Not there yet", 1)[1].split("\n## ", 1)[0]


def test_python_has_a_class_for_every_component_and_no_other(lists: dict) -> None:
    registered = {class_name(entry["name"]): entry for kind in ("learners", "transformers") for entry in lists[kind]}
    exported = {name for name in automill.__all__ if inspect.isclass(getattr(automill, name)) and issubclass(getattr(automill, name), (automill.Learner, automill.Transformer))}
    assert exported == set(registered) | CONTAINERS | SHAPES | BASES


def test_parameters_and_defaults_agree(lists: dict) -> None:
    for entry in [*lists["learners"], *lists["transformers"]]:
        signature = inspect.signature(getattr(automill, class_name(entry["name"])))
        python = {name: parameter.default for name, parameter in signature.parameters.items()}
        assert python == {parameter["name"]: parameter["default"] for parameter in entry["parameters"]}, entry["name"]


def test_metrics_agree(lists: dict) -> None:
    from automill import _core

    python = {metric["name"]: (metric["higher_is_better"], metric["needs"]) for metric in _core.metrics()}
    assert python == {metric["name"]: (metric["higher_is_better"], metric["needs"]) for metric in lists["metrics"]}


def test_options_of_train_agree(lists: dict) -> None:
    wanted = [option["name"] for option in lists["options"]]
    for function in (automill.train, automill.start):
        names = [name for name in inspect.signature(function).parameters if name != "data"]
        assert [name for name in names if name in wanted] == wanted, f"{function.__name__}: the same options in the same order"
        extra = [name for name, parameter in inspect.signature(function).parameters.items() if name not in [*wanted, "data"] and parameter.kind is not inspect.Parameter.VAR_KEYWORD]
        assert not extra, f"{function.__name__} has {extra} more"


def test_the_estimators_take_the_options_of_train(lists: dict) -> None:
    beside = {"n_jobs", "random_state"}  # scikit-learn's names
    of_fit = {"target", "groups", "sample_weight"}  # given to fit()
    decided_by_class = {"AutoMLClassifier": {"task", "positive_class"}, "AutoMLRegressor": {"task", "positive_class", "class_weight"}}
    wanted = {option["name"] for option in lists["options"]} - of_fit
    for name, decided in decided_by_class.items():
        has = set(getattr(automill, name)().get_params())
        assert has - beside <= wanted, f"{name} has {sorted(has - beside - wanted)} more"
        assert wanted - has <= decided, f"{name} lacks {sorted(wanted - has - decided)}"
        assert beside <= has


def test_the_shell_has_an_option_for_each(lists: dict) -> None:
    wanted = {"--" + option["name"].replace("_", "-") for option in lists["options"] if option["delivered"] and option["in_shell"]}
    shown = flags("train") - {"--output", "--log", "--json", "--help"}
    assert wanted <= shown, f"not in the help: {wanted - shown}"
    assert shown - wanted <= {"--callbacks", "--learners"}, f"unknown to the library: {shown - wanted}"
    assert [option["name"] for option in lists["options"] if option["delivered"] and not option["in_shell"]] == ["learners", "callbacks"]


def test_subcommands_and_documents_agree() -> None:
    listed = re.findall(r"^  ([a-z]+) {2,}\w", shell("--help").split("Subcommands:", 1)[1], re.MULTILINE)
    assert listed == SUBCOMMANDS
    page = (ROOT / "docs" / "shell.md").read_text(encoding="utf-8")
    assert re.findall(r"^automill (\w+) ", page.split("```sh", 1)[1].split("```", 1)[0], re.MULTILINE) == SUBCOMMANDS
    for name in SUBCOMMANDS:
        assert re.search(rf"^automill {name}\b", page, re.MULTILINE), f"docs/shell.md does not show {name}"
        assert re.search(rf"^\| {name} \|", page, re.MULTILINE), f"docs/shell.md does not say what {name} --json has"
        for flag in flags(name) - {"--help"}:
            assert name == "train" or flag in page, f"docs/shell.md does not name {flag} of {name}"


def test_the_reference_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "make_reference.py"), COMMAND, "--check"], timeout=60)
    assert done.returncode == 0, "run: python scripts/make_reference.py build/automill"


def test_what_is_due_is_there() -> None:
    for name in ("train", "start", "load", "import_model", "Pipeline", "ColumnTransformer", "cross_validate", "tune", "search_space", "AutoMLClassifier", "AutoMLRegressor", "Metric", "Optimizer", "minimize", "Float", "Int", "Categories", "OrderedCategories"):
        assert name in automill.__all__ and hasattr(automill, name)
    for name in DUE_OF_A_MODEL:
        assert hasattr(automill.AutoMLModel, name), f"AutoMLModel has no {name}"
    for name in ("best", "progress", "stop", "wait"):
        assert hasattr(automill.Run, name)


def test_what_is_not_there_yet_is_absent_and_listed(lists: dict) -> None:
    listed = set(re.findall(r"`([A-Za-z_]+)`", not_there_yet()))
    for name in PLANNED_OF_A_MODEL:
        assert not hasattr(automill.AutoMLModel, name), f"{name} is there: take it from the README's list"
        assert name in listed, f"README: '{name}' is not listed as not there yet"
    for name in PLANNED_OF_THE_MODULE:
        assert not hasattr(automill, name), f"{name} is there: take it from the README's list"
        assert name in listed, f"README: '{name}' is not listed as not there yet"
    for option in lists["options"]:
        assert (option["name"] in listed) == (not option["delivered"]), f"README and registry differ about the option {option['name']}"
    for name in PLANNED_SUBCOMMANDS:
        assert name not in SUBCOMMANDS and name in listed
