"""Models of LightGBM and XGBoost in Python: the files of tests/import/models with what their libraries predicted."""
from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy
import pandas
import pytest

import automill

MODELS = Path(__file__).resolve().parents[2] / "tests" / "import" / "models"


def expected(name: str) -> tuple[Path, pandas.DataFrame, numpy.ndarray]:
    """The file, its rows as the user has them, and the predictions."""
    entry = json.loads((MODELS / f"{name}.expected.json").read_text(encoding="utf-8"))
    frame = pandas.DataFrame(entry["rows"], columns=entry["columns"])
    for column, kind in zip(entry["columns"], entry["kinds"]):
        frame[column] = frame[column].astype("category" if kind == "category" else float)
    return MODELS / entry["file"], frame, numpy.array(entry["predictions"])


@pytest.mark.parametrize("name", ["lightgbm4_binary", "lightgbm3_binary", "xgboost32_binary", "xgboost21_binary"])
def test_predictions_are_theirs(name: str) -> None:
    path, frame, theirs = expected(name)
    model = automill.import_model(path)
    probabilities = model.predict_proba(frame)
    assert list(probabilities.columns) == [0, 1]
    numpy.testing.assert_allclose(probabilities[1], theirs[:, 0], rtol=1e-6)
    assert model.predict(frame).tolist() == (theirs[:, 0] >= 0.5).astype(int).tolist()
    assert model.predict(frame).index.equals(frame.index)


def test_rows_may_come_in_any_container(tmp_path: Path) -> None:
    path, frame, theirs = expected("lightgbm4_binary")
    model = automill.import_model(path)
    texts = frame.astype({"color": object, "year": object})
    codes = frame.astype({"year": int})  # whole numbers where the model knows categories of whole numbers
    csv = tmp_path / "rows.csv"
    frame.to_csv(csv, index=False, na_rep="NA")
    one = model.row_predictor()
    first = {name: value for name, value in frame.iloc[0].items() if not pandas.isna(value)}
    numpy.testing.assert_allclose(one(first)[1], theirs[0, 0], rtol=1e-12)
    for rows in (texts, codes, csv, frame.to_dict("records")):
        numpy.testing.assert_allclose(numpy.asarray(model.predict_proba(rows))[:, 1], theirs[:, 0], rtol=1e-12)


def test_a_matrix_has_columns_f0_f1() -> None:
    for name in ("lightgbm4_regression", "xgboost32_regression"):
        path, frame, theirs = expected(name)
        predictions = automill.import_model(path).predict(frame.to_numpy())
        assert isinstance(predictions, numpy.ndarray)
        numpy.testing.assert_allclose(predictions, theirs[:, 0], rtol=1e-6)


def test_it_is_saved_loaded_pickled_and_verified(tmp_path: Path) -> None:
    path, frame, theirs = expected("xgboost32_multiclass")
    model = automill.import_model(path, ["low", "middle", "high"], target="level")
    model.save(tmp_path / "model.automill")
    loaded = automill.load(tmp_path / "model.automill")
    for again in (loaded, pickle.loads(pickle.dumps(model))):
        assert again.classes == ["low", "middle", "high"]
        numpy.testing.assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))
        numpy.testing.assert_allclose(again.predict_proba(frame), theirs, rtol=2e-6)
        assert set(again.predict(frame)) <= {"low", "middle", "high"}
    assert loaded.verify().ok and loaded.target == "level"


def test_an_imported_model_shows_itself() -> None:
    path, frame, theirs = expected("xgboost32_binary")
    model = automill.import_model(path)
    assert "imported from XGBoost 3.2.0" in str(model) and "imported from XGBoost" in model._repr_html_()
    assert numpy.isnan(float(model.validation_score)) and "roc_auc" in str(model.validation_score)
    assert len(model.leaderboard()) == 0 and str(model.leaderboard()) and model.leaderboard()._repr_html_()
    assert model.task == "binary" and model.positive_class == 1 and not model.interrupted
    assert [column.kind for column in model.schema] == ["number"] * 4 + ["category"] * 2
    assert model.check(frame).findings == ()
    labels = theirs[:, 0] > 0.5
    assert model.evaluate((frame, labels.astype(int)))["accuracy"] == 1.0
    assert len(model.leaderboard((frame, labels.astype(int)))) == 0
    assert len(model.feature_importance((frame, labels.astype(int)))) == 6
    model.decision_threshold = 0.9
    assert model.predict(frame).sum() < labels.sum()
    for call, code in ((model.recipe, "model.no_recipe"), (model.out_of_fold, "model.no_out_of_fold"), (lambda: model.member_names, "model.no_members")):
        with pytest.raises(automill.AutoMillError, match=code):
            call()


def test_labels_have_their_own_type() -> None:
    path = MODELS / "lightgbm4_binary.txt"
    assert automill.import_model(path).classes == [0, 1]
    assert automill.import_model(path, [False, True]).classes == [False, True]
    assert automill.import_model(path, numpy.array([5, 7])).classes == [5, 7]
    assert automill.import_model(path, ["no", "yes"]).positive_class == "yes"


def test_categories_can_be_given() -> None:
    path, frame, theirs = expected("xgboost21_binary")
    names = ["blue", "green", "red", "violet", "white"]
    model = automill.import_model(path, categories={"color": names, "year": [1999, 2004, 2021]})
    named = frame.iloc[2:].copy()  # the first two rows have unseen codes
    named["color"] = [names[int(code)] if code == code else None for code in named["color"]]
    named["year"] = [[1999, 2004, 2021][int(code)] for code in named["year"]]
    numpy.testing.assert_allclose(model.predict_proba(named)[1], theirs[2:, 0], rtol=1e-6)


def test_rounds_can_be_chosen() -> None:
    path, frame, theirs = expected("xgboost32_early_stopping")
    numpy.testing.assert_allclose(automill.import_model(path).predict_proba(frame)[1], theirs[:, 0], rtol=1e-6)
    assert " of " in str(automill.import_model(path)).split("rounds ")[1].split(";")[0]
    assert numpy.abs(automill.import_model(path, rounds=10**9).predict_proba(frame)[1] - theirs[:, 0]).max() > 1e-3


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "import.not_a_model"), (pickle.dumps([1]), "import.not_a_model"), (b"tree\nversion=v4\n", "import.damaged"), (b'{"learner": {}}', "import.damaged")],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(automill.AutoMillError, match=code.replace(".", r"\.")):
        automill.import_model(tmp_path / "model")


def test_a_model_of_automill_is_pointed_to_load(tmp_path: Path) -> None:
    automill.import_model(MODELS / "lightgbm4_fair.txt").save(tmp_path / "model.automill")
    with pytest.raises(automill.AutoMillError, match="automill.load"):
        automill.import_model(tmp_path / "model.automill")
