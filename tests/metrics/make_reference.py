"""Writes reference_metrics.csv: inputs and the values of scikit-learn for them.

    python tests/metrics/make_reference.py          # needs scikit-learn, numpy

Two kinds of lines:
    case,<name>,<task>,<width>,<positive>,<threshold>,<truth>,<predictions>,<weights>     (lists joined by ';')
    value,<case>,<metric>,<expected>
Calls that scikit-learn refuses are recorded as nan. Where AutoMill goes beyond scikit-learn (header metrics.hpp), the
value is computed here by brute force: roc_auc_ovo with weights, expected_calibration_error, max_error with weights.
For unweighted cases in which all classes occur, every scorer is also run through `get_scorer`, and must give the same.
"""

import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics as sk
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

warnings.filterwarnings("ignore")
np.seterr(all="ignore")
HERE = pathlib.Path(__file__).parent
NAN = float("nan")


# --- definitions ---------------------------------------------------------------------------------------------------


def labels_of(case):
    """Predicted classes: the most probable, for binary tasks the positive class from the threshold on."""
    p = case["predictions"]
    if case["task"] == "multiclass":
        return np.argmax(p, axis=1)
    positive = case["positive"]
    return np.where(p[:, positive] >= case["threshold"], positive, 1 - positive)


def one_versus_one(case, weighted):
    y, p, w = case["truth"], case["predictions"], weights_or_ones(case)
    areas, prevalences = [], []
    classes = [c for c in np.unique(y) if w[y == c].sum() > 0]
    for i, a in enumerate(classes):
        for b in classes[i + 1 :]:
            pair = (y == a) | (y == b)
            both = [sk.roc_auc_score(y[pair] == c, p[pair, c], sample_weight=w[pair]) for c in (a, b)]
            areas.append(np.mean(both))
            prevalences.append(w[pair].sum())
    return np.average(areas, weights=prevalences if weighted else None) if areas else NAN


def calibration_error(case):
    y, p, w = case["truth"], case["predictions"], weights_or_ones(case)
    if p.min() < 0 or p.max() > 1:
        return NAN
    best = np.argmax(p, axis=1)
    confidence = p[np.arange(len(y)), best]
    bins = np.clip(np.ceil(confidence * 15) - 1, 0, 14)
    gaps = [abs(np.sum(w * (best == y) * (bins == b)) - np.sum(w * confidence * (bins == b))) for b in range(15)]
    return sum(gaps) / w.sum()


def weights_or_ones(case):
    return np.ones(len(case["truth"])) if case["weights"] is None else case["weights"]


def classification_metrics(case):
    """name -> (callable, scorer name of scikit-learn or None)."""
    y, p, w, k = case["truth"], case["predictions"], case["weights"], case["width"]
    binary = case["task"] == "binary"
    positive = case["positive"]
    every = list(range(k))
    predicted = labels_of(case)
    score = p[:, positive] if binary else p
    both = np.column_stack([1 - score, score])[:, :: 1 if positive == 1 else -1] if binary else p
    two_classes = len(np.unique(y if w is None else y[w > 0])) > 1
    skill = lambda f: f(y, both, sample_weight=w, labels=every) if two_classes else NAN  # noqa: E731
    found = {
        "accuracy": lambda: sk.accuracy_score(y, predicted, sample_weight=w),
        "balanced_accuracy": lambda: sk.balanced_accuracy_score(y, predicted, sample_weight=w),
        "matthews_corrcoef": lambda: sk.matthews_corrcoef(y, predicted, sample_weight=w),
        "cohen_kappa": lambda: sk.cohen_kappa_score(y, predicted, labels=every, sample_weight=w),
        "quadratic_kappa": lambda: sk.cohen_kappa_score(
            y, predicted, labels=every, weights="quadratic", sample_weight=w
        ),
        "log_loss": lambda: sk.log_loss(y, both, sample_weight=w, labels=every),
        "brier_score": lambda: sk.brier_score_loss(y, both, sample_weight=w, labels=every),
        "d2_log_loss_score": lambda: skill(sk.d2_log_loss_score),
        "d2_brier_score": lambda: skill(sk.d2_brier_score),
        "expected_calibration_error": lambda: calibration_error(case),
        "top_k_accuracy": lambda: sk.top_k_accuracy_score(y, score, k=2, labels=every, sample_weight=w),
    }
    functions = {
        "precision": sk.precision_score,
        "recall": sk.recall_score,
        "f1": sk.f1_score,
        "jaccard": sk.jaccard_score,
    }
    for name, function in functions.items():
        for average in ("micro", "macro", "weighted"):
            found[f"{name}_{average}"] = lambda f=function, a=average: f(y, predicted, average=a, sample_weight=w)
        if binary:
            found[name] = lambda f=function: f(y, predicted, pos_label=positive, sample_weight=w)
    if binary:
        is_positive = (y == positive).astype(int)
        auc = lambda: sk.roc_auc_score(is_positive, score, sample_weight=w)  # noqa: E731
        for name in ("roc_auc", "roc_auc_ovr", "roc_auc_ovo", "roc_auc_ovr_weighted", "roc_auc_ovo_weighted"):
            found[name] = auc
        found["average_precision"] = lambda: sk.average_precision_score(is_positive, score, sample_weight=w)
        ratios = lambda: sk.class_likelihood_ratios(  # noqa: E731
            is_positive, (predicted == positive).astype(int), sample_weight=w, replace_undefined_by=1.0
        )
        found["positive_likelihood_ratio"] = lambda: ratios()[0]
        found["negative_likelihood_ratio"] = lambda: ratios()[1]
    else:
        rest = lambda average: sk.roc_auc_score(  # noqa: E731
            y, p, multi_class="ovr", average=average, labels=every, sample_weight=w
        )
        pairs = lambda average: (  # noqa: E731
            sk.roc_auc_score(y, p, multi_class="ovo", average=average, labels=every)
            if w is None
            else one_versus_one(case, average == "weighted")
        )
        found["roc_auc_ovr"] = lambda: rest("macro")
        found["roc_auc_ovr_weighted"] = lambda: rest("weighted")
        found["roc_auc_ovo"] = lambda: pairs("macro")
        found["roc_auc_ovo_weighted"] = lambda: pairs("weighted")
        found["average_precision"] = lambda: sk.average_precision_score(y, p, sample_weight=w)
    return found


def regression_metrics(case):
    y, p, w = case["truth"], case["predictions"][:, 0], case["weights"]
    kept = slice(None) if w is None else w != 0
    functions = {
        "mae": sk.mean_absolute_error,
        "mse": sk.mean_squared_error,
        "rmse": sk.root_mean_squared_error,
        "msle": sk.mean_squared_log_error,
        "rmsle": sk.root_mean_squared_log_error,
        "mape": sk.mean_absolute_percentage_error,
        "median_absolute_error": sk.median_absolute_error,
        "r2": sk.r2_score,
        "explained_variance": sk.explained_variance_score,
        "mean_poisson_deviance": sk.mean_poisson_deviance,
        "mean_gamma_deviance": sk.mean_gamma_deviance,
        "d2_absolute_error_score": sk.d2_absolute_error_score,
        "pinball": sk.mean_pinball_loss,
    }
    found = {name: lambda f=function: f(y, p, sample_weight=w) for name, function in functions.items()}
    found["max_error"] = lambda: sk.max_error(y[kept], p[kept])
    for alpha in (0.0, 0.1, 0.9):
        found[f"pinball_{alpha:g}"] = lambda a=alpha: sk.mean_pinball_loss(y, p, sample_weight=w, alpha=a)
    return found


def value_of(call, case):
    if not np.isfinite(case["predictions"]).all():  # scikit-learn would not see it behind predicted labels
        return NAN
    try:
        return float(call())
    except (ValueError, ZeroDivisionError):
        return NAN


# --- the same through scikit-learn's scorers -----------------------------------------------------------------------


class FixedClassifier(ClassifierMixin, BaseEstimator):
    """Predicts the rows of `case`; X holds row numbers."""

    def __init__(self, case):
        self.case = case
        self.classes_ = np.arange(case["width"])

    def fit(self, X, y):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def predict_proba(self, X):
        return self.case["predictions"][X[:, 0]]

    def predict(self, X):
        return labels_of(self.case)[X[:, 0]]


class FixedRegressor(RegressorMixin, BaseEstimator):
    def __init__(self, case):
        self.case = case

    def fit(self, X, y):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def predict(self, X):
        return self.case["predictions"][X[:, 0], 0]


LONG_NAMES = {
    "mae": "mean_absolute_error",
    "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error",
    "msle": "mean_squared_log_error",
    "rmsle": "root_mean_squared_log_error",
    "mape": "mean_absolute_percentage_error",
}


def check_scorers(case, values):
    """Every scorer of scikit-learn that exists for a metric gives the recorded value."""
    if case["weights"] is not None or case["positive"] == 0:
        return 0
    if case["task"] != "regression" and len(np.unique(case["truth"])) < case["width"]:
        return 0
    model = FixedRegressor(case) if case["task"] == "regression" else FixedClassifier(case)
    rows = np.arange(len(case["truth"]))[:, None]
    checked = 0
    for metric, expected in values.items():
        name = LONG_NAMES.get(metric, metric)
        scorer = name if name in sk.get_scorer_names() else f"neg_{name}"
        if scorer not in sk.get_scorer_names():
            continue
        sign = -1 if scorer.startswith("neg_") else 1
        actual = sign * value_of(lambda: sk.get_scorer(scorer)(model, rows, case["truth"]), case)
        if not np.isclose(actual, expected, rtol=1e-13, atol=1e-15, equal_nan=True):
            raise SystemExit(f"{case['name']}: scorer {scorer} gives {actual}, recorded is {expected}")
        checked += 1
    return checked


# --- cases ---------------------------------------------------------------------------------------------------------


def case_of(name, task, truth, predictions, weights=None, positive=1, threshold=0.5):
    predictions = np.asarray(predictions, dtype=float)
    if predictions.ndim == 1 and task == "binary":
        predictions = np.column_stack([1 - predictions, predictions])[:, :: 1 if positive == 1 else -1]
    predictions = predictions.reshape(len(truth), -1)
    return {
        "name": name,
        "task": task,
        "width": predictions.shape[1],
        "positive": positive,
        "threshold": threshold,
        "truth": np.asarray(truth, dtype=float if task == "regression" else int),
        "predictions": predictions,
        "weights": None if weights is None else np.asarray(weights, dtype=float),
    }


def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def binary_cases(rng):
    y = (rng.random(60) < 0.4).astype(int)
    p = np.clip(0.35 * y + 0.6 * rng.random(60), 0.01, 0.99)
    w = rng.gamma(1.0, 2.0, 60)
    few = rng.integers(0, 5, 60) / 4  # ties, also at 0, 0.5 and 1
    yield case_of("binary_plain", "binary", y, p)
    yield case_of("binary_weights", "binary", y, p, w)
    yield case_of("binary_ties", "binary", y, few)
    yield case_of("binary_ties_weights", "binary", y, few, w)
    yield case_of("binary_zero_weights", "binary", y, p, np.where(rng.random(60) < 0.5, 0.0, w))
    yield case_of("binary_integer_weights", "binary", y, few, rng.integers(0, 4, 60))
    yield case_of("binary_positive_first", "binary", y, p, w, positive=0)
    yield case_of("binary_threshold", "binary", y, p, threshold=0.3)
    yield case_of("binary_threshold_tie", "binary", y, few, w, threshold=0.75)
    yield case_of("binary_all_predicted_positive", "binary", y, p, threshold=0.0)
    yield case_of("binary_none_predicted_positive", "binary", y, p, w, threshold=1.5)
    yield case_of("binary_constant", "binary", y, np.full(60, 0.25))
    yield case_of("binary_perfect", "binary", y, y.astype(float))
    yield case_of("binary_reversed", "binary", y, 1.0 - y, w)
    yield case_of("binary_only_negative", "binary", np.zeros(9), p[:9])
    yield case_of("binary_only_positive", "binary", np.ones(9), p[:9], w[:9])
    yield case_of("binary_one_label", "binary", np.zeros(5), [0.1, 0.2, 0.3, 0.4, 0.05])
    yield case_of("binary_positive_without_weight", "binary", y, p, np.where(y == 1, 0.0, 1.0))
    tiny = [0.0, 1e-320, 1e-300, 1e-17, 1e-16, 2e-16, 2.3e-16, 1e-9, 0.5, 1 - 1e-9, 1 - 2.3e-16, 1 - 1e-16, 1.0, 1.0]
    yield case_of("binary_extremes", "binary", [0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1], tiny)
    yield case_of("binary_huge_weights", "binary", y, p, np.where(rng.random(60) < 0.1, 1e12, 1.0) * w)
    yield case_of("binary_two_rows", "binary", [0, 1], [0.6, 0.4])
    yield case_of("binary_one_row", "binary", [1], [0.7])
    yield case_of("binary_infinite", "binary", [0, 1, 1], [[1.0, 0.0], [0.0, np.inf], [0.5, 0.5]])
    scores = [[3.0, -2.0], [-1.0, 2.0], [0.5, 0.5], [0.1, 0.9]]
    yield case_of("binary_not_probabilities", "binary", [0, 1, 1, 0], scores)


def multiclass_cases(rng):
    for k in (3, 4, 5, 6, 7):
        n = 40 + 10 * (k == 3)
        y = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
        p = softmax(rng.normal(size=(n, k)) + 1.2 * np.eye(k)[y])
        w = rng.gamma(1.0, 2.0, n)
        yield case_of(f"multiclass_{k}", "multiclass", y, p, w if k in (4, 6) else None)
        if k == 3:
            few = rng.integers(1, 3, (n, k)).astype(float)
            few /= few.sum(axis=1, keepdims=True)
            yield case_of("multiclass_ties", "multiclass", y, few)
            yield case_of("multiclass_ties_weights", "multiclass", y, few, w)
            yield case_of("multiclass_integer_weights", "multiclass", y, p, rng.integers(0, 3, n))
        if k == 5:
            yield case_of("multiclass_absent_class", "multiclass", np.where(y == 2, 3, y), p)
            yield case_of("multiclass_absent_class_weights", "multiclass", np.where(y == 4, 0, y), p, w)
            never = p.copy()
            never[:, 1] = 0.0
            never /= never.sum(axis=1, keepdims=True)
            yield case_of("multiclass_never_predicted", "multiclass", y, never, w)
            never_at_all = np.where(y == 1, 0, y)
            yield case_of("multiclass_neither_true_nor_predicted", "multiclass", never_at_all, never)
            yield case_of("multiclass_one_class", "multiclass", np.full(n, 2), p)
            yield case_of("multiclass_zero_weight_class", "multiclass", y, p, np.where(y == 3, 0.0, w))
            yield case_of("multiclass_perfect", "multiclass", y, np.eye(k)[y], w)
            yield case_of("multiclass_sharp", "multiclass", y, softmax(40 * rng.normal(size=(n, k))))
            yield case_of("multiclass_two_of_five", "multiclass", np.where(y < 3, 0, 4), p)


def regression_cases(rng):
    n = 50
    y = rng.gamma(2.0, 3.0, n)
    p = np.maximum(y + rng.normal(size=n), 0.05)
    w = rng.gamma(1.0, 2.0, n)
    yield case_of("regression_plain", "regression", y, p)
    yield case_of("regression_weights", "regression", y, p, w)
    yield case_of("regression_odd", "regression", y[:7], p[:7])
    yield case_of("regression_integer_weights", "regression", y, p, rng.integers(0, 4, n))
    halves = [[1, 2, 3, 4, 5, 6], [1.5, 2.25, 3.5, 6, 4, 9], [1, 0, 2, 1, 0, 2]]
    yield case_of("regression_half_weight", "regression", *halves)
    yield case_of("regression_leading_zero_weights", "regression", y[:8], p[:8], [0, 0, 1, 2, 0, 1, 2, 0])
    yield case_of("regression_ties", "regression", np.round(y), np.round(p), w)
    yield case_of("regression_counts", "regression", rng.poisson(1.0, n), p)
    yield case_of("regression_negative", "regression", y - 8, p - 8, w)
    yield case_of("regression_constant_truth", "regression", np.full(8, 2.0), p[:8])
    yield case_of("regression_constant_and_exact", "regression", np.full(8, 2.0), np.full(8, 2.0))
    yield case_of("regression_exact", "regression", y, y, w)
    yield case_of("regression_offset", "regression", np.round(y), np.round(y) + 3)
    yield case_of("regression_zero_truth", "regression", [0, 0, 1, 2], [0.5, 0.0, 1.5, 2.0])
    yield case_of("regression_large", "regression", 1e150 * y, 1e150 * p)
    yield case_of("regression_small", "regression", 1e-150 * y, 1e-150 * p, w)
    yield case_of("regression_far_from_zero", "regression", 1e6 + y, 1e6 + p, w)
    yield case_of("regression_one_row", "regression", [3.0], [2.5])
    yield case_of("regression_infinite", "regression", [3.0, 1.0], [2.5, np.inf])
    yield case_of("regression_below_minus_one", "regression", [3.0, -1.0, 2.0], [2.5, 1.0, 1.0])


def joined(numbers):
    return "" if numbers is None else ";".join(repr(number) for number in np.ravel(numbers).tolist())


def main():
    rng = np.random.default_rng(20240607)
    lines = [f"# scikit-learn {sklearn.__version__}, numpy {np.__version__}; written by make_reference.py"]
    cases = [*binary_cases(rng), *multiclass_cases(rng), *regression_cases(rng)]
    values, through_scorers = 0, 0
    for case in cases:
        found = regression_metrics(case) if case["task"] == "regression" else classification_metrics(case)
        expected = {metric: value_of(call, case) for metric, call in sorted(found.items())}
        through_scorers += check_scorers(case, expected)
        head = [case[key] for key in ("name", "task", "width", "positive", "threshold")]
        lists = [joined(case[key]) for key in ("truth", "predictions", "weights")]
        lines.append(",".join(map(str, ["case", *head, *lists])))
        lines += [f"value,{case['name']},{metric},{value!r}" for metric, value in expected.items()]
        values += len(expected)
    names = sk.get_scorer_names()
    lines += [f"scorer,{name}" for name in names]
    (HERE / "reference_metrics.csv").write_text("\n".join(lines) + "\n")
    print(f"{len(cases)} cases, {values} values, {through_scorers} also through scorers, {len(names)} scorer names")


if __name__ == "__main__":
    main()
