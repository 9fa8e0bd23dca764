"""Writes naive_bayes_reference.json: what scikit-learn's naive Bayes classes give on made-up tables.

    python tests/learners/make_naive_bayes_reference.py

Numbers have 3 decimals, so that the file stays small. GaussianNB sees columns brought to variance 1 (StandardScaler with
the same weights), where its smoothing is that of each column. Of a mixed table the joint log-likelihoods of GaussianNB and
CategoricalNB are added up, and the log prior is counted once.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.preprocessing import StandardScaler

ROWS = 60
random = np.random.default_rng(7)


def softmax(scores):
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


def case(name, parameters, numbers, categories, labels, weights, probabilities):
    return {
        "name": name, "parameters": parameters, "numbers": numbers.T.tolist(), "categories": categories.T.astype(int).tolist(), "labels": labels.tolist(),
        "weights": [] if weights is None else weights.tolist(), "probabilities": probabilities.tolist(),
    }


def labels_of(classes):
    labels = random.integers(classes, size=ROWS)
    labels[:classes] = np.arange(classes)
    return labels


def gaussian_scores(numbers, labels, weights, smoothing):
    scaled = StandardScaler().fit(numbers, sample_weight=weights).transform(numbers)
    # GaussianNB smooths by the unweighted variance: the same share of the weighted one, which is 1 here
    model = GaussianNB(var_smoothing=smoothing / np.var(scaled, axis=0).max()).fit(scaled, labels, sample_weight=weights)
    return model.predict_joint_log_proba(scaled)


def categorical_scores(categories, labels, weights, alpha):
    return CategoricalNB(alpha=alpha).fit(categories, labels, sample_weight=weights).predict_joint_log_proba(categories)


def log_prior(labels, weights):
    return np.log(np.bincount(labels, weights=weights) / (ROWS if weights is None else weights.sum()))


def mixed(name, classes, weighted, columns, category_columns, alpha, smoothing):
    labels = labels_of(classes)
    weights = 1.0 + np.arange(ROWS) % 3 if weighted else None
    numbers = np.round(random.normal(size=(ROWS, columns)) * [1, 50, 0.2][:columns] + labels[:, None], 3)
    categories = (random.integers(4, size=(ROWS, category_columns)) + labels[:, None]) % 4
    categories[:4] = np.arange(4)[:, None]
    scores, parts = np.zeros((ROWS, classes)), 0
    if columns:
        scores, parts = scores + gaussian_scores(numbers, labels, weights, smoothing), parts + 1
    if category_columns:
        scores, parts = scores + categorical_scores(categories, labels, weights, alpha), parts + 1
    scores -= (parts - 1) * log_prior(labels, weights)
    return case(name, {"alpha": alpha, "var_smoothing": smoothing}, numbers, categories, labels, weights, softmax(scores))


def levels(name, classes):
    """Numbers of four values each, every one in a bin of its own."""
    labels = labels_of(classes)
    categories = (random.integers(4, size=(ROWS, 3)) + labels[:, None]) % 4
    categories[:4] = np.arange(4)[:, None]
    numbers = np.array([-1.5, 0.25, 3, 100])[categories]
    return case(name, {"numbers": "bins", "alpha": 0.5}, numbers, np.zeros((0, 0)), labels, None, softmax(categorical_scores(categories, labels, None, 0.5)))


def counts(name, model, parameters, classes, weighted):
    labels = labels_of(classes)
    weights = 1.0 + np.arange(ROWS) % 3 if weighted else None
    numbers = random.poisson(0.2 + 0.8 * (np.arange(12) % classes == labels[:, None])).astype(float)
    return case(name, parameters, numbers, np.zeros((0, 0)), labels, weights, model.fit(numbers, labels, sample_weight=weights).predict_proba(numbers))


cases = [
    mixed("gaussian, two classes", 2, False, 3, 0, 1.0, 1e-9),
    mixed("gaussian, three classes, weights, smoothing", 3, True, 3, 0, 1.0, 0.1),
    mixed("categories", 3, False, 0, 3, 0.5, 1e-9),
    mixed("mixed, weights", 2, True, 2, 2, 1.0, 1e-9),
    levels("bins", 3),
    counts("multinomial", MultinomialNB(alpha=0.5), {"kind": "multinomial", "alpha": 0.5}, 3, False),
    counts("multinomial, two classes, equal priors", MultinomialNB(fit_prior=False), {"kind": "multinomial", "fit_prior": False}, 2, True),
    counts("complement", ComplementNB(), {"kind": "complement"}, 3, True),
    counts("complement, normed", ComplementNB(alpha=2.0, norm=True), {"kind": "complement", "alpha": 2.0, "norm": True}, 4, False),
    counts("bernoulli", BernoulliNB(), {"kind": "bernoulli"}, 3, True),
    counts("bernoulli above 1", BernoulliNB(alpha=0.1, binarize=1.0), {"kind": "bernoulli", "alpha": 0.1, "binarize": 1.0}, 2, False),
]
path = pathlib.Path(__file__).with_name("naive_bayes_reference.json")
path.write_text(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}) + "\n", encoding="utf-8")
