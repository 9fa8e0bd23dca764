"""Columns that arrive as text: read alike from frames, files, dicts and single cells."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import automill

pandas = pytest.importorskip("pandas")


def written(rows: int = 300) -> Any:
    """Prices, dates and answers as people write them; y follows from price and day."""
    random = np.random.default_rng(3)
    price, day = random.integers(0, 90_000, rows), random.integers(1, 29, rows)
    return pandas.DataFrame({
        "price": [f"{value:,} USD" for value in price],
        "sold": [f"{value:02d}.03.2021" for value in day],
        "answer": random.choice(["yes", "no"], rows),
        "y": price / 10_000 + 0.2 * day + 0.1 * random.normal(size=rows),
    })


@pytest.fixture(scope="module")
def model() -> automill.AutoMLModel:
    return automill.train(written(), "y", max_trials=2, folds=3, include=["gbdt"], threads=1, progress="none")


def test_schema_says_how_cells_are_read(model: automill.AutoMLModel) -> None:
    assert model.schema["price"].kind == "number" and model.schema["price"].format == "#,#.# USD"
    assert model.schema["sold"].kind == "datetime" and model.schema["sold"].format == "%d.%m.%Y"
    assert model.schema["answer"].kind == "boolean"
    assert "price: number, whole, written #,#.# USD" in str(model.schema)


def test_every_container_predicts_the_same(model: automill.AutoMLModel, tmp_path: Path) -> None:
    frame = written().drop(columns="y").head(50)
    expected = model.predict(frame).to_numpy()
    as_text = frame.astype("string")
    assert np.array_equal(model.predict(as_text).to_numpy(), expected)
    assert np.array_equal(model.predict(frame.to_dict("records")), expected)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    assert np.array_equal(model.predict(tmp_path / "rows.csv"), expected)
    one = model.row_predictor()
    assert [one(row) for row in frame.to_dict("records")] == expected.tolist()
    assert not model.check(frame).findings
    typed = frame.assign(price=[float(cell.replace(",", "").removesuffix(" USD")) for cell in frame["price"]], sold=pandas.to_datetime(frame["sold"], format="%d.%m.%Y"), answer=frame["answer"] == "yes")
    assert np.array_equal(model.predict(typed).to_numpy(), expected)
    # one row decides nothing by itself
    assert model.predict([{"price": "1,000 USD", "sold": "05.03.2021", "answer": "yes"}])[0] == one(price=1000.0, sold="2021-03-05", answer="yes")


def test_evaluate_and_refit_read_the_same(model: automill.AutoMLModel, tmp_path: Path) -> None:
    frame = written()
    frame.to_csv(tmp_path / "all.csv", index=False)
    assert model.evaluate(frame, metrics="r2")["r2"] == model.evaluate(tmp_path / "all.csv", metrics="r2")["r2"]
    assert model.refit(frame).schema["price"].format == "#,#.# USD"


def test_types_decide() -> None:
    frame = written().assign(row=range(300))
    options: dict[str, Any] = {"max_trials": 1, "folds": 2, "include": ["baseline"], "progress": "none"}
    dropped = automill.train(frame, "y", **options)
    assert "row" not in dropped.schema
    kept = automill.train(frame, "y", types={"row": "number", "price": "category", "sold": "datetime"}, **options)
    assert kept.schema["row"].kind == "number" and kept.schema["price"].kind == "category" and kept.schema["sold"].format == "%d.%m.%Y"


def test_parse_text_in_a_pipeline() -> None:
    frame = written()
    parse = automill.ParseText()
    changed = parse.fit_transform(frame[["price", "answer"]].astype({"price": "string"}))
    assert changed["price"].to_numpy()[0] == float(frame["price"][0].removesuffix(" USD").replace(",", ""))


def test_suspicious_rows_are_those_with_flipped_labels() -> None:
    random = np.random.default_rng(1)
    label = random.integers(0, 2, 1000)
    frame = pandas.DataFrame({"a": random.normal(size=1000) + 4 * label, "b": random.normal(size=1000) + 4 * label}, index=range(5000, 6000))
    wrong = np.arange(37, 1000, 100)
    frame["label"] = np.where(np.isin(np.arange(1000), wrong), "xy", "yx")
    frame["label"] = [("high" if value else "low") for value in np.where(frame["label"] == "xy", 1 - label, label)]
    model = automill.train(frame, "label", max_trials=3, folds=5, threads=1, progress="none")
    rows = model.suspicious_rows(10)
    assert len(rows) == 10 and len(set(rows["row"]) & set(wrong)) >= 8
    assert rows[0]["index"] == 5000 + rows[0]["row"] and rows[0]["label"] == frame["label"].iloc[rows[0]["row"]]
    assert rows[0]["predicted"] != rows[0]["label"] and rows[0]["loss"] >= rows[9]["loss"]
