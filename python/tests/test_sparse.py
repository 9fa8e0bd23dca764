"""Learners on scipy.sparse matrices: the same models as on dense arrays, without a dense copy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse

import automill
from automill import ExtraTrees, GradientBoosting, RandomForest


def counts(rows: int, columns: int, per_row: int, seed: int = 0) -> scipy.sparse.csr_matrix:
    generator = np.random.default_rng(seed)
    matrix = scipy.sparse.csr_matrix(
        (generator.integers(1, 4, rows * per_row).astype(float), generator.integers(0, columns, rows * per_row), np.arange(rows + 1) * per_row),
        shape=(rows, columns),
    )
    matrix.sum_duplicates()
    return matrix


@pytest.mark.parametrize(
    "learner",
    [GradientBoosting(n_estimators=10), GradientBoosting.symmetric(n_estimators=10), RandomForest(n_estimators=5), ExtraTrees(n_estimators=5)],
    ids=["leaf_wise", "symmetric", "random_forest", "extra_trees"],
)
def test_models_of_sparse_and_dense_data_are_the_same(learner: automill.Learner) -> None:
    matrix = counts(800, 120, 8)
    y = np.asarray(matrix[:, :10].sum(axis=1)).ravel() + np.random.default_rng(1).normal(size=800)
    dense = learner.fit(matrix.toarray(), y).predict(matrix.toarray())
    sparse = learner.fit(matrix, y).predict(matrix)
    np.testing.assert_array_equal(np.asarray(sparse), np.asarray(dense))


def test_a_wide_matrix_is_never_written_out() -> None:
    script = """
import numpy as np, pathlib, test_sparse
from automill import GradientBoosting
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
matrix = test_sparse.counts(4000, 50_000, 20)
y = np.asarray(matrix[:, :1000].sum(axis=1)).ravel()
before = peak()
learner = GradientBoosting(n_estimators=5).fit(matrix, y, threads=1)
learner.predict(matrix)
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=__file__.rsplit("/", 1)[0])
    dense_mib = 4000 * 50_000 * 8 / 2**20
    assert float(done.stdout) < dense_mib / 4, "MiB of growth"


def test_train_takes_sparse_matrices() -> None:
    matrix = counts(400, 60, 8)
    y = np.asarray(matrix[:, :10].sum(axis=1)).ravel()
    model = automill.train(matrix, y, time_limit=2, threads=1, progress="none")
    assert np.corrcoef(np.asarray(model.predict(matrix)), y)[0, 1] > 0.5
