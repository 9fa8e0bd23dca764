"""Models of other libraries."""
from __future__ import annotations

import os
from typing import Any, Mapping, Sequence

from . import _core
from .labels import label_text
from .model import AutoMLModel

__all__ = ["import_model"]


def _label_type(classes: Sequence[Any]) -> str:
    """What the labels are, as training would have found: "boolean", "integer", "number" or "text"."""
    plain = [label.item() if hasattr(label, "item") else label for label in classes]
    if all(isinstance(label, bool) for label in plain):
        return "boolean"
    if all(isinstance(label, int) and not isinstance(label, bool) for label in plain):
        return "integer"
    if all(isinstance(label, (int, float)) and not isinstance(label, bool) for label in plain):
        return "number"
    return "text"


def import_model(
    path: str | os.PathLike[str],
    classes: Sequence[Any] | None = None,
    *,
    target: str = "target",
    categories: Mapping[str, Sequence[Any]] | None = None,
    rounds: int | None = None,
) -> AutoMLModel:
    """A model of LightGBM or XGBoost as a model of AutoMill: predicts the same, and is saved as one .automill file.

    Read are LightGBM's text (`booster.save_model`, versions v3 and v4) and XGBoost's JSON and UBJ (`save_model("x.json")`
    or `"x.ubj"`, versions 1.7 to 3). Neither library is needed. LightGBM's scores are the same bits, XGBoost's agree within
    float32.

    >>> model = automill.import_model("booster.txt", ["no", "yes"], target="bought")
    >>> model.predict(frame)
    >>> model.save("booster.automill")

    Parameters
    ----------
    path
        The file; its content says what it is, not its name.
    classes
        Labels in the order of the codes 0, 1 ... (scikit-learn's `model.classes_`), as the files do not hold them; None:
        0, 1 ... Class 1 is the positive one of two.
    target
        Name of the target column, for `evaluate`.
    categories
        For columns of categories their values in the order of the codes (pandas: `list(column.cat.categories)`), where
        the file does not have them: XGBoost before 3.1, whose columns of categories are codes otherwise; and where
        LightGBM does not say which columns its lists belong to.
    rounds
        Rounds of boosting that are taken; more than there are: all. None: up to `best_iteration` where early stopping of
        XGBoost has noted it, all otherwise. LightGBM saves the best ones alone.

    Raises
    ------
    AutoMillError
        file.missing; import.not_a_model, import.unsupported, import.damaged, import.categories, import.classes.
    """
    labels = list(classes) if classes is not None else []
    named = [(str(column), [label_text(value) for value in values]) for column, values in (categories or {}).items()]
    return AutoMLModel(_core.import_model(os.fspath(path), [label_text(label) for label in labels], _label_type(labels), target, named, rounds))
