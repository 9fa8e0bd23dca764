"""RealMLP in Python: as a learner, in scikit-learn's shape, in cross-validation and in a file."""
from __future__ import annotations

import numpy as np
import pytest

import automill
from automill import AutoMillError, RealMLP, RealMLPClassifier, RealMLPRegressor, cross_validate

pd = pytest.importorskip("pandas")
rng = np.random.default_rng(3)
N = 400
FRAME = pd.DataFrame({"a": rng.normal(size=N), "b": rng.normal(size=N), "kind": rng.choice(list("xyz"), size=N), "flag": rng.random(N) < 0.5})
FRAME.loc[rng.random(N) < 0.1, "b"] = np.nan
SIGNAL = FRAME.a * np.where(FRAME.flag, 1, -1) + (FRAME.kind == "x")
LONG = {"n_epochs": 256, "random_state": 1}


def test_learns_what_no_linear_model_can() -> None:
    labels = np.where(SIGNAL > 0.3, "high", "low")
    classifier = RealMLPClassifier(**LONG).fit(FRAME[:300], labels[:300])
    assert classifier.score(FRAME[300:], labels[300:]) > 0.9  # a coin gives about 0.5
    assert np.allclose(np.asarray(classifier.predict_proba(FRAME)).sum(axis=1), 1)
    regressor = RealMLPRegressor(**LONG).fit(FRAME[:300], SIGNAL[:300])
    assert regressor.score(FRAME[300:], SIGNAL[300:]) > 0.9


def test_one_seed_gives_one_network() -> None:
    first, again, other = (np.asarray(RealMLPRegressor(n_epochs=3, random_state=seed).fit(FRAME, SIGNAL).predict(FRAME)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_shuffled_rows_and_threads_give_the_same_network() -> None:
    order = rng.permutation(N)
    first = np.asarray(RealMLPRegressor(n_epochs=3, n_ens=2, n_jobs=1).fit(FRAME, SIGNAL).predict(FRAME))
    assert np.array_equal(first, np.asarray(RealMLPRegressor(n_epochs=3, n_ens=2, n_jobs=2).fit(FRAME.iloc[order], SIGNAL.iloc[order]).predict(FRAME)))


def test_file_keeps_the_bits(tmp_path: object) -> None:
    learner = RealMLP(n_epochs=3).fit(FRAME, SIGNAL)
    learner.save(f"{tmp_path}/network.automill")
    loaded = automill.load(f"{tmp_path}/network.automill")
    assert np.array_equal(np.asarray(loaded.predict(FRAME)), np.asarray(learner.predict(FRAME)))


def test_folds_choose_their_epoch() -> None:
    result = cross_validate(RealMLP(n_epochs=100), FRAME.assign(target=SIGNAL), "target", folds=3)
    assert float(result) < 0.7 * SIGNAL.std()


def test_bad_parameters_and_text_are_refused_by_name() -> None:
    with pytest.raises(AutoMillError, match="realmlp.dropout"):
        RealMLP(dropout=1.5)
    notes = [f"a note of {i} words and more" for i in range(N)]
    with pytest.raises(AutoMillError, match="fit.text"):
        RealMLP().fit(FRAME.assign(note=notes), SIGNAL)
