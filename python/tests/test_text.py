"""Text from Python: TfIdf, TextStatistics and TruncatedSvd, pipelines of them, and train."""
from __future__ import annotations

import random
from typing import Any

import pytest

import automill
from automill import ColumnTransformer, Logistic, Pipeline, TextStatistics, TfIdf, TransformerPipeline, TruncatedSvd

numpy = pytest.importorskip("numpy")
pandas = pytest.importorskip("pandas")


def reviews(rows: int = 300) -> Any:
    """Reviews whose word "good" or "bad" tells the class."""
    draw = random.Random(0)
    words = ["the", "film", "of", "last", "summer", "was", "long"]
    good = [draw.random() < 0.5 for _ in range(rows)]
    texts = [f"Number {i}: {' '.join(draw.choices(words, k=5))} {'GOOD' if is_good else 'bad'}" for i, is_good in enumerate(good)]
    return pandas.DataFrame({"review": texts, "target": ["yes" if is_good else "no" for is_good in good]})


def test_tf_idf_gives_what_scikit_learn_gives() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    frame = reviews()[["review"]]
    table = TfIdf(sublinear_tf=False).fit_transform(frame)
    peer = text.TfidfVectorizer(ngram_range=(1, 2), min_df=2)
    expected = peer.fit_transform(frame["review"])
    assert table.columns == ["review:" + name for name in peer.get_feature_names_out()]
    assert abs(table.to_scipy() - expected).max() < 1e-12


def test_statistics_and_components_are_numbers() -> None:
    frame = reviews()[["review"]]
    numbers = TextStatistics().fit_transform(frame)
    assert numbers["review.length"].tolist() == frame["review"].str.len().tolist()
    topics = TransformerPipeline(TfIdf(), TruncatedSvd(components=4)).fit_transform(frame)
    assert list(topics.columns) == ["svd_1", "svd_2", "svd_3", "svd_4"]


def test_a_pipeline_learns_from_text(tmp_path: Any) -> None:
    frame = reviews()
    columns = ColumnTransformer([("how", TextStatistics(), ["review"]), ("what", TfIdf(char_ngrams=4), ["review"])])
    model = Pipeline(columns, Logistic()).fit(frame, "target")
    assert (numpy.asarray(model.predict(frame)) == frame["target"].to_numpy()).mean() > 0.95
    model.save(tmp_path / "text.automill")
    assert list(automill.load(tmp_path / "text.automill").predict(frame)) == list(model.predict(frame))


def test_train_uses_free_text() -> None:
    frame = reviews()
    model = automill.train(frame, "target", max_trials=3, folds=3, threads=1, progress="none")
    assert model.validation_score.value > 0.95
    assert "free text" in str(model)
    assert [row["column"] for row in model.feature_importance(repeats=1)][:1] == ["review"]


def test_a_matrix_takes_numbers_only() -> None:
    with pytest.raises(automill.AutoMillError, match="does not take text columns"):
        automill.Table(reviews()[["review"]]).to_scipy()
