"""Writes automill/builtin.pyi: the built-in components as type checkers see them.

    python scripts/make_python_stub.py    # after a parameter changed; python/tests/test_import.py says when
"""
from __future__ import annotations

import inspect
from pathlib import Path

import automill
from automill import components
from automill.builtin import class_name

HEAD = '''"""Written by scripts/make_python_stub.py; do not edit."""
from typing import Any, Callable, Sequence

from .components import DeclaredComponent, Learner, Transformer
from .sklearn_shape import ClassifierShape, RegressorShape

__all__: list[str]

def class_name(registered: str) -> str: ...
'''


def class_text(cls: type, bases: str, fit: str = "") -> str:
    """A class with its attributes and its constructor."""
    parameters = list(inspect.signature(cls).parameters.values())
    lines = [f"\nclass {cls.__name__}({bases}):"]
    lines += [f"    {p.name}: {p.annotation}" for p in parameters]
    arguments = "".join(f", {p.name}: {p.annotation} = ..." for p in parameters)
    lines.append(f"    def __init__(self{', *' if parameters else ''}{arguments}) -> None: ...")
    return "\n".join(lines) + "\n" + fit


def stub_text() -> str:
    """The whole file."""
    text = HEAD
    symmetric = "    @classmethod\n    def symmetric(cls, **parameters: Any) -> Any: ...\n"
    more = {"gradient_boosting": symmetric, "table_preparer": "    def report(self) -> dict[str, list[dict[str, Any]]]: ...\n"}
    for name, cls in components.BUILTIN.items():
        base = "Learner" if issubclass(cls, components.Learner) else "Transformer"
        text += class_text(getattr(automill, class_name(name)), f"DeclaredComponent, {base}", more.get(name, ""))
    fit = "    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any: ...  # type: ignore[override]\n"
    for name, also in (("GradientBoosting", symmetric), ("RealMLP", ""), ("EBM", ""), ("DecisionTree", ""), ("Stacking", "")):
        for shape in ("Classifier", "Regressor"):
            text += class_text(getattr(automill, name + shape), f"{shape}Shape, DeclaredComponent, Learner", also + fit)
    return text


if __name__ == "__main__":
    (Path(__file__).parents[1] / "python" / "automill" / "builtin.pyi").write_text(stub_text(), encoding="utf-8")
