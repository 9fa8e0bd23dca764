"""What scikit-learn asks of an estimator beside fit and predict: scores and tags. Its classes are imported when it asks."""
from __future__ import annotations

from typing import Any

__all__ = ["ClassifierShape", "RegressorShape"]


def _tags(kind: str, more: dict[str, Any]) -> Any:
    from sklearn.utils import InputTags, Tags, TargetTags

    inputs = InputTags(allow_nan=True, string=True, categorical=True)
    return Tags(estimator_type=kind, target_tags=TargetTags(required=True), input_tags=inputs, **more)


class ClassifierShape:
    """A classifier: accuracy as its score."""

    _estimator_type = "classifier"

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Accuracy, as scikit-learn's classifiers give it."""
        import numpy

        hits = numpy.asarray(self.predict(X)) == numpy.asarray(y)  # type: ignore[attr-defined]
        return float(numpy.average(hits, weights=sample_weight))

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags

        return _tags("classifier", {"classifier_tags": ClassifierTags()})


class RegressorShape:
    """A regressor: the coefficient of determination as its score."""

    _estimator_type = "regressor"

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The coefficient of determination R^2, as scikit-learn's regressors give it."""
        import numpy

        truth = numpy.asarray(y, dtype="float64")
        weights = numpy.ones_like(truth) if sample_weight is None else numpy.asarray(sample_weight, dtype="float64")
        predicted = numpy.asarray(self.predict(X))  # type: ignore[attr-defined]
        residual = float((weights * (truth - predicted) ** 2).sum())
        total = float((weights * (truth - numpy.average(truth, weights=weights)) ** 2).sum())
        return 1.0 - residual / total if total > 0 else float("nan")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import RegressorTags

        return _tags("regressor", {"regressor_tags": RegressorTags()})
