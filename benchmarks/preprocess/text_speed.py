"""TF-IDF and truncated SVD: AutoMill against scikit-learn, same vocabulary, one core.

    python benchmarks/preprocess/text_speed.py DATA_FOLDER --rows 100000

Texts are runs of 5 to 40 words cut at random out of ag_news, sst2_10k and sms_spam (in DATA_FOLDER). Both sides have
the same n-grams (their names are compared) and work in this process on the same core, in turns; the best of
`--repeats` counts. "fit" learns and transforms the training rows, "transform" the same rows once more; values are
compared. Ratios are scikit-learn's time over AutoMill's.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

import automill

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "words": ({"word_ngrams": 1}, {"ngram_range": (1, 1)}),
    "words and pairs": ({"word_ngrams": 2}, {"ngram_range": (1, 2)}),
    "3 to 5 characters": ({"word_ngrams": 0, "char_ngrams": 5}, {"analyzer": "char_wb", "ngram_range": (3, 5)}),
}


def short_texts(folder: Path, rows: int) -> list[str]:
    columns = {"ag_news": ["title", "description"], "sst2_10k": ["sentence"], "sms_spam": ["message"]}
    words: list[list[str]] = []
    for name, texts in columns.items():
        frame = pd.read_csv(folder / f"{name}.csv.gz", keep_default_na=False)
        words += [text.split() for column in texts for text in frame[column]]
    stream = [word for text in words for word in text]
    draw = random.Random(0)
    made = []
    for _ in range(rows):
        start, length = draw.randrange(len(stream) - 40), draw.randint(5, 40)
        made.append(" ".join(stream[start : start + length]))
    return made


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = call()
    return time.perf_counter() - began, result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--repeats", type=int, default=2)
    arguments.add_argument("--components", type=int, default=64)
    given = arguments.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = short_texts(given.folder, given.rows)
    table = automill.Table({"t": texts}, types={"t": "text"})
    print(f"automill {automill.__version__}, scikit-learn {sklearn.__version__}, {given.rows} texts, {sum(map(len, texts)) / given.rows:.0f} characters each")
    print(f"{'':20}{'terms':>9}{'fit s':>9}{'peer s':>9}{'ratio':>7}{'transform s':>13}{'peer s':>9}{'ratio':>7}{'difference':>12}")
    for name, (ours, theirs) in CASES.items():
        best = [float("inf")] * 4
        for _ in range(given.repeats):
            own = automill.TfIdf(max_features=10_000_000, min_df=2, **ours)
            peer = TfidfVectorizer(min_df=2, sublinear_tf=True, **theirs)
            fit, _ = seconds(lambda: own.fit(table))
            peer_fit, _ = seconds(lambda: peer.fit_transform(texts))
            transform, matrix = seconds(lambda: own.transform(table))
            peer_transform, expected = seconds(lambda: peer.transform(texts))
            best = [min(pair) for pair in zip(best, [fit, peer_fit, transform, peer_transform])]
        names = [column[2:].encode() for column in matrix.columns]
        peer_names = [name.encode() for name in peer.get_feature_names_out()]
        order = sorted(range(len(peer_names)), key=peer_names.__getitem__)
        assert names == [peer_names[i] for i in order], "other n-grams"
        difference = abs(matrix.to_scipy() - expected.tocsc()[:, order]).max()
        print(f"{name:20}{len(names):9}{best[0]:9.2f}{best[1]:9.2f}{best[1] / best[0]:7.1f}{best[2]:13.2f}{best[3]:9.2f}{best[3] / best[2]:7.1f}{difference:12.1e}")
    components(texts, given)


def components(texts: list[str], given: argparse.Namespace) -> None:
    """Truncated SVD of the 20,000 most frequent words and pairs."""
    counted = automill.TfIdf(max_features=20_000).fit_transform(automill.Table({"t": texts}, types={"t": "text"}))
    matrix = counted.to_scipy().tocsr()
    own_seconds, own = seconds(lambda: automill.TruncatedSvd(components=given.components).fit_transform(counted))
    peer_seconds, peer = seconds(lambda: TruncatedSVD(given.components, n_iter=4, random_state=0).fit_transform(matrix))
    ours, theirs = np.linalg.norm(np.asarray(own), axis=0), np.linalg.norm(peer, axis=0)
    print(f"truncated SVD, {given.components} components: {own_seconds:.2f} s, scikit-learn {peer_seconds:.2f} s, ratio {peer_seconds / own_seconds:.1f}; "
          f"sum of squared singular values over scikit-learn's {np.sum(ours**2) / np.sum(theirs**2):.5f}")


if __name__ == "__main__":
    main()
