"""No copies: the peak of resident memory while a table is made of data that are there already, in a fresh process."""
from __future__ import annotations

import subprocess
import sys

import pytest

PROLOGUE = """
import numpy as np, pandas as pd, pyarrow as pa, polars as pl
import automill

def peak_of(make):
    '''MiB by which the peak of resident memory lies above what was resident before the call.'''
    make()  # once before: imports and arenas
    def read(key):
        return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(key)) / 1024
    open("/proc/self/clear_refs", "w").write("5")  # the peak is what is resident now
    before = read("VmRSS")
    table = make()
    peak = read("VmHWM") - before
    assert table.rows > 0
    print(peak)

rows = 1_000_000
numbers = np.linspace(0, 1, 8 * rows).reshape(rows, 8)              # 61 MiB
"""

CASES = {
    # what is made, and the most MiB that the peak may grow by; each numeric input holds 30 to 60 MiB
    "numpy C order": ("peak_of(lambda: automill.Table(numbers))", 4),
    "numpy Fortran order": ("f = np.asfortranarray(numbers)\npeak_of(lambda: automill.Table(f))", 4),
    "numpy float32 and int": ("d = {'a': numbers[:, 0].astype('f4'), 'b': numbers.view('i8')[:, 1] >> 12}\npeak_of(lambda: automill.Table(d))", 4),
    "pandas": ("df = pd.DataFrame(numbers, columns=list('abcdefgh'))\npeak_of(lambda: automill.Table(df))", 4),
    # a bit for each value says what is missing: 8 x 1e6 / 8 bytes = 1 MiB
    "pandas nullable": ("df = pd.DataFrame(numbers, columns=list('abcdefgh')).astype('Float64')\npeak_of(lambda: automill.Table(df))", 6),
    "Arrow": ("t = pa.table({c: numbers[:, i].copy() for i, c in enumerate('abcdefgh')})\npeak_of(lambda: automill.Table(t))", 4),
    "polars": ("t = pl.DataFrame({c: numbers[:, i].copy() for i, c in enumerate('abcdefgh')})\npeak_of(lambda: automill.Table(t))", 4),
    "pandas Arrow": ("df = pa.table({c: numbers[:, i].copy() for i, c in enumerate('abcdefgh')}).to_pandas(types_mapper=pd.ArrowDtype)\npeak_of(lambda: automill.Table(df))", 4),
    # category codes take 4 bytes a row (4 MiB); as Python strings: 57 bytes a row and more
    "Arrow strings": ("t = pa.table({'s': pa.array(['category number %d' % (i % 50) for i in range(rows)])})\npeak_of(lambda: automill.Table(t))", 10),
    "pandas strings": ("df = pa.table({'s': pa.array(['category number %d' % (i % 50) for i in range(rows)])}).to_pandas(types_mapper=pd.ArrowDtype)\npeak_of(lambda: automill.Table(df))", 10),
    # free text: looking for repeated values takes a hash table of the distinct ones, none of their bytes
    "Arrow text to predict": ("t = pa.table({'s': pa.array(['a few words of text number %d' % i for i in range(rows)])})\nfrom automill import containers\nclass R:\n    def __init__(self, t): self.t = t; self.rows = 1\npeak_of(lambda: R(containers._stream(t, True)))", 4),
}


@pytest.mark.parametrize("case", CASES)
def test_no_copy(case: str) -> None:
    code, limit = CASES[case]
    done = subprocess.run([sys.executable, "-c", PROLOGUE + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < limit
