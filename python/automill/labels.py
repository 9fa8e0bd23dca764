"""Labels between Python and the library, which names classes by text: they come back in their own type."""
from __future__ import annotations

from typing import Any, Mapping

__all__ = ["class_labels", "label_text", "own_labels"]


def label_text(label: Any) -> str:
    """The name of a class in the library: true and false, whole numbers without a point, other values as Python writes them."""
    if hasattr(label, "item") and not isinstance(label, (str, bytes)):
        label = label.item()
    if isinstance(label, bool):
        return "true" if label else "false"
    if isinstance(label, float) and label.is_integer() and abs(label) < 9e15:
        return str(int(label))
    return label if isinstance(label, str) else repr(label) if isinstance(label, float) else str(label)


def own_labels(classes: list[str], label_type: str) -> list[Any]:
    """Names of classes as labels of the type that training had: bool, int, float or str."""
    try:
        if label_type == "boolean":
            return [{"true": True, "false": False}[name] for name in classes]
        if label_type == "integer":
            return [int(name) for name in classes]
        if label_type == "number":
            return [float(name) for name in classes]
    except (KeyError, ValueError):
        pass  # a class that stands in for one that training did not have
    return list(classes)


def class_labels(target: Mapping[str, Any]) -> list[Any]:
    """The classes of a model in the order of its probabilities, in their own type."""
    return own_labels(target["classes"], target["label_type"])
