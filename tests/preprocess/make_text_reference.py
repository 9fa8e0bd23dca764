"""Writes text_reference.json: what scikit-learn gives for TF-IDF and its singular values, and what Python says of all
characters.

    python tests/preprocess/make_text_reference.py DATA_FOLDER

DATA_FOLDER holds sms_spam.csv.gz. Numbers are from scikit-learn's TfidfVectorizer, chi2, f_regression and NumPy's svd.
"""

import json
import pathlib
import sys
import unicodedata

import numpy as np
import pandas as pd
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import chi2, f_regression

SCRIPTS = [
    "Straße STRASSE straße, ГОРОД город Ёлка",
    "Ñandú ÇA va? ça VA! naïve NAÏVE",
    "日本語 の テキスト 日本語",
    "١٢٣ ٤٥ 123 x1_y2 __init__ a b",
    "tabs\tand\nlines\u2003and\u00a0spaces  end",
    "",
    "!!! ...",
    "ǅungla ΑΒΓ αβγ 𐐀𐐁 𐐨𐐩",
]


def matrix_of(vectorizer, texts):
    matrix = vectorizer.fit_transform(texts).tocsc()
    names = vectorizer.get_feature_names_out().tolist()
    order = np.argsort([name.encode() for name in names], kind="stable")  # by bytes, as the names are sorted here
    columns = []
    for c in order:
        column = matrix[:, [c]].tocoo()
        rows = np.argsort(column.row)
        columns.append([column.row[rows].tolist(), column.data[rows].tolist()])
    return {"names": [names[c] for c in order], "columns": columns}


def best(names, scores):
    """Names with the largest scores: about twenty, where the next one is smaller by more than rounding."""
    order = np.argsort(-scores, kind="stable")
    gaps = scores[order[:-1]] - scores[order[1:]]
    count = next(k for k in range(20, len(order)) if gaps[k - 1] > 1e-6 * scores[order[0]])
    return sorted(names[order[:count]].tolist())


def character_sums():
    """Number and sum of the characters of each kind, and the sum of all lower cases times the character modulo 2^61."""
    kinds = {
        "word": lambda c: c.isalnum() or c == "_",
        "space": str.isspace,
        "digit": str.isdecimal,
    }
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    sums = {}
    for name, test in kinds.items():
        codes = [ord(c) for c in characters if test(c)]
        sums[name] = [len(codes), sum(codes)]
    lower = sum(ord(c) * ord(c.lower()[0]) for c in characters) % (1 << 61)
    return {"unicode": unicodedata.unidata_version, "kinds": sums, "lower": lower}


def main():
    frame = pd.read_csv(pathlib.Path(sys.argv[1]) / "sms_spam.csv.gz", keep_default_na=False)
    label = [c for c in frame.columns if c != "message"][0]
    frame = frame.sample(n=150, random_state=0)
    texts = frame["message"].tolist()
    labels = (frame[label].astype(str) == "spam").astype(int).to_numpy()
    lengths = np.array([float(len(text)) for text in texts])
    plain = CountVectorizer(min_df=2, binary=True)
    counts = plain.fit_transform(texts)
    names = plain.get_feature_names_out()
    chi, f = chi2(counts, labels)[0], f_regression(counts.toarray(), lengths)[0]
    tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    singular = np.linalg.svd(tfidf.fit_transform(texts).toarray(), compute_uv=False)
    result = {
        "scikit_learn": sklearn.__version__,
        "numpy": np.__version__,
        "texts": texts,
        "labels": labels.tolist(),
        "lengths": lengths.tolist(),
        "scripts": SCRIPTS,
        "words": matrix_of(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), texts),
        "raw": matrix_of(TfidfVectorizer(min_df=3, max_df=0.2, smooth_idf=False, norm=None, lowercase=False), texts),
        "characters": matrix_of(TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=10), texts),
        "script_words": matrix_of(TfidfVectorizer(ngram_range=(1, 3)), SCRIPTS),
        "script_characters": matrix_of(TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 6), use_idf=False), SCRIPTS),
        "chi2_best": best(names, chi),
        "f_best": best(names, f),
        "singular": singular[:20].tolist(),
        "characters_of_python": character_sums(),
    }
    (pathlib.Path(__file__).parent / "text_reference.json").write_text(json.dumps(result, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
