"""Accuracy on text: AutoMill's pipelines and `train` against scikit-learn's linear models, same five splits.

    python benchmarks/preprocess/text_quality.py DATA_FOLDER --sets sst2_10k,sms_spam,ag_news --time-limit 60

Peers: TF-IDF (words and pairs; or these and 3 to 5 characters) with logistic regression, linear SVM, or NB-SVM (one
against the rest), for each the best of its strengths on the very rows that are reported: their figure is an upper
bound. AutoMill chooses its strength inside the training rows.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

import automill

OWN = {
    "words": lambda: automill.Pipeline(automill.TfIdf(), automill.Logistic()),
    "words, characters": lambda: automill.Pipeline(automill.TfIdf(char_ngrams=5), automill.Logistic()),
    "words, characters, NB": lambda: automill.Pipeline(automill.TfIdf(char_ngrams=5, naive_bayes=True), automill.Logistic()),
}


def blocks(texts: list[np.ndarray], train: np.ndarray, characters: bool) -> tuple[csr_matrix, csr_matrix]:
    kinds: list[dict[str, Any]] = [{"ngram_range": (1, 2)}]
    if characters:
        kinds.append({"analyzer": "char_wb", "ngram_range": (3, 5), "max_features": 30_000})
    fitted, held_out = [], []
    for values in texts:
        for kind in kinds:
            vectorizer = TfidfVectorizer(min_df=2, sublinear_tf=True, **kind)
            fitted.append(vectorizer.fit_transform(values[train]))
            held_out.append(vectorizer.transform(values[~train]))
    return hstack(fitted).tocsr(), hstack(held_out).tocsr()


def naive_bayes_svm(a: csr_matrix, labels: np.ndarray, b: csr_matrix, strength: float) -> np.ndarray:
    classes = np.unique(labels)
    scores = []
    for one in classes[1:] if len(classes) == 2 else classes:
        p, q = [(a[labels == one] > 0).sum(0) + 1.0, (a[labels != one] > 0).sum(0) + 1.0]
        ratio = np.asarray(np.log((p / p.sum()) / (q / q.sum()))).ravel()
        model = LogisticRegression(C=strength, max_iter=300).fit(a.multiply(ratio).tocsr(), labels == one)
        scores.append(model.decision_function(b.multiply(ratio).tocsr()))
    table = np.array(scores)
    return classes[(table[0] > 0).astype(int)] if len(classes) == 2 else classes[table.argmax(0)]


def peers(texts: list[np.ndarray], labels: np.ndarray, train: np.ndarray, right: dict[str, float]) -> None:
    for characters in (False, True):
        a, b = blocks(texts, train, characters)
        suffix = ", characters" if characters else ""
        for strength in (1, 3, 10, 30):
            fitted = LogisticRegression(C=strength, max_iter=300).fit(a, labels[train])
            right[f"logistic{suffix} C={strength}"] += (fitted.predict(b) == labels[~train]).sum()
            right[f"NB-SVM{suffix} C={strength}"] += (naive_bayes_svm(a, labels[train], b, strength) == labels[~train]).sum()
        for strength in (0.1, 0.3, 1):
            fitted = LinearSVC(C=strength).fit(a, labels[train])
            right[f"linear SVM{suffix} C={strength}"] += (fitted.predict(b) == labels[~train]).sum()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--sets", default="sst2_10k,sms_spam,ag_news")
    arguments.add_argument("--time-limit", type=float, default=0, help="seconds of automill.train for each split; 0: it is left out")
    arguments.add_argument("--threads", type=int, default=2)
    given = arguments.parse_args()
    warnings.filterwarnings("ignore")
    print(f"automill {automill.__version__}, scikit-learn {sklearn.__version__}")
    for name in given.sets.split(","):
        frame = pd.read_csv(given.folder / f"{name}.csv.gz", keep_default_na=False)
        frame["target"] = frame["target"].astype(str)
        texts = [frame[column].to_numpy() for column in frame.columns if column != "target"]
        labels = frame["target"].to_numpy()
        split = np.random.default_rng(0).permutation(len(frame)) % 5
        right: dict[str, float] = defaultdict(float)
        spent: dict[str, float] = defaultdict(float)
        for fold in range(5):
            train = split != fold
            peers(texts, labels, train, right)
            for label, make in OWN.items():
                began = time.perf_counter()
                model = make().fit(frame[train], "target", threads=given.threads)
                spent[label] += time.perf_counter() - began
                right["AutoMill " + label] += (np.asarray(model.predict(frame[~train])) == labels[~train]).sum()
            if given.time_limit > 0:
                model = automill.train(frame[train], "target", metric="accuracy", time_limit=given.time_limit, threads=given.threads, progress="none")
                right["AutoMill train"] += (np.asarray(model.predict(frame[~train])) == labels[~train]).sum()
        best = max(value for key, value in right.items() if not key.startswith("AutoMill"))
        print(f"\n{name}: {len(frame)} rows")
        for key, value in sorted(right.items(), key=lambda item: -item[1]):
            seconds = f"{spent[key[9:]] / 5:.1f} s a fit" if key[9:] in spent else ""
            print(f"  {key:36}{100 * value / len(frame):7.2f} %  {100 * (value - best) / len(frame):+.2f}  {seconds}")


if __name__ == "__main__":
    main()
