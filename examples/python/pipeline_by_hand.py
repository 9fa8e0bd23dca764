"""Pipelines without any AutoML: transformers by column group, cross-validated without a leak, fitted, saved.

    python examples/python/pipeline_by_hand.py
"""
from __future__ import annotations

from pathlib import Path

import automill
from automill import ColumnTransformer, GradientBoosting, Impute, Logistic, OneHot, Pipeline, Scale, TransformerPipeline, columns_of, cross_validate

DATA = Path(__file__).parents[1] / "data"


def main() -> None:
    train, test = automill.read_csv(DATA / "adult_train.csv"), automill.read_csv(DATA / "adult_test.csv")

    columns = ColumnTransformer([
        ("numbers", TransformerPipeline(Impute(), Scale()), columns_of("number")),
        ("categories", OneHot(max_categories=30), columns_of("category")),
    ])
    pipeline = Pipeline(columns, Logistic())
    print(pipeline)

    # Whatever learns, learns inside the fold. Parameters of steps are named step.parameter.
    print("logistic:", cross_validate(pipeline, train, "income", folds=5, metric="roc_auc"))
    strong = pipeline.with_params({"logistic.c": 0.01})
    print("with a stronger penalty:", cross_validate(strong, train, "income", folds=5, metric="roc_auc"))
    boosting = GradientBoosting(n_estimators=100, num_leaves=15)
    print("boosting:", cross_validate(boosting, train, "income", folds=5, metric="roc_auc"))

    pipeline.fit(train, "income")
    print("first rows of the test file:", pipeline.predict(test)[:3], "of", pipeline.classes_)


if __name__ == "__main__":
    main()
