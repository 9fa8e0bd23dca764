"""Ctrl-C: the first one gives the best model so far, the second one raises; estimators keep their state and raise."""
from __future__ import annotations

import subprocess
import sys
import textwrap
import time

PROLOGUE = """
import os, signal, sys, threading, time
import numpy as np
import automill

random = np.random.default_rng(0)
X = random.normal(size=(20000, 20))
y = (X[:, 0] + random.normal(size=20000) > 0).astype(int)

def interrupt_after(*seconds):
    def work():
        for pause in seconds:
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=work, daemon=True).start()
"""


def run_python(code: str, timeout: float = 120) -> str:
    done = subprocess.run([sys.executable, "-c", PROLOGUE + textwrap.dedent(code)], capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_first_interrupt_gives_the_best_model() -> None:
    out = run_python("""
        for threads in (1, 2):
            interrupt_after(2.5)
            start = time.monotonic()
            model = automill.train(X, y, time_limit=60, threads=threads, progress="none")
            print(time.monotonic() - start, model.interrupted, len(model.predict(X[:10])))
    """)
    for line in out.splitlines():
        seconds, interrupted, rows = line.split()
        assert 2.4 < float(seconds) < 6 and interrupted == "True" and rows == "10"


def test_second_interrupt_raises() -> None:
    out = run_python("""
        def slow(y, p, w):
            time.sleep(5)
            return 1.0
        metric = automill.Metric(slow, higher_is_better=True, needs="labels")
        interrupt_after(1.5, 0.5)
        start = time.monotonic()
        try:
            automill.train(X, y, time_limit=60, threads=2, progress="none", metric=metric)
        except KeyboardInterrupt:
            print("raised after", time.monotonic() - start)
    """)
    assert out.startswith("raised after") and float(out.split()[-1]) < 4


def test_estimator_keeps_its_state_and_raises() -> None:
    out = run_python("""
        classifier = automill.AutoMLClassifier(time_limit=60)
        interrupt_after(2.5)
        try:
            classifier.fit(X, y)
        except KeyboardInterrupt:
            print(classifier.model_.interrupted, classifier.predict(X[:5]).shape)
    """)
    assert out.strip() == "True (5,)"


def test_stop_and_best() -> None:
    out = run_python("""
        run = automill.start(X, y, time_limit=60, threads=2, progress="none")
        while run.best() is None:
            time.sleep(0.05)
        assert run.progress().candidates_done >= 1 and not run.progress().finished
        run.stop()
        model = run.wait()
        assert model.interrupted and run.wait() is model and run.progress().finished
        print(run.progress().seconds < 20)
        run = automill.start(X, y, time_limit=60, threads=2, progress="none")
        start = time.monotonic()
        del run  # stops, and waits for the threads
        print(time.monotonic() - start < 3)
    """)
    assert out.split() == ["True", "True"]


def test_extend() -> None:
    out = run_python("""
        def more(event):
            if event.kind == "candidate.finished" and len(said) == 0 and handle:
                said.append((handle[0].progress().candidates_done > 0, handle[0].extend(1.0)))
        said, handle = [], []
        handle.append(automill.start(X, y, time_limit=1.5, threads=2, progress="none", callbacks=[more]))
        model = handle[0].wait()
        print(said, 2 < handle[0].progress().seconds < 5, handle[0].extend(1))
        try:
            handle[0].extend(float("nan"))
        except automill.AutoMillError as error:
            print(error.code)
    """)
    assert out.split("\n")[:2] == ["[(True, True)] True False", "option.out_of_range"]


def test_interrupt_while_reading(tmp_path) -> None:
    """The reader hears Ctrl-C; there is no model to give back."""
    path = tmp_path / "big.csv"
    line = ",".join(f"{i}.5" for i in range(50)) + "\n"
    with open(path, "w") as file:
        file.write(",".join(f"c{i}" for i in range(50)) + "\n")
        for _ in range(200):
            file.write(line * 2000)
    out = run_python(f"""
        interrupt_after(0.2)
        try:
            table = automill.read_csv({str(path)!r}, threads=1)
            print("finished")
        except KeyboardInterrupt:
            print("raised")
    """)
    assert out.strip() in ("raised", "finished")  # a fast machine may be done before


def test_other_threads_run_meanwhile() -> None:
    """The GIL is free during a long call."""
    out = run_python("""
        count, stop = [0], threading.Event()
        def work():
            while not stop.is_set():
                count[0] += 1
                time.sleep(0.001)
        threading.Thread(target=work, daemon=True).start()
        automill.train(X, y, time_limit=2, threads=2, progress="none")
        print(count[0])
    """)
    assert int(out) > 200


def test_wait_in_another_thread() -> None:
    out = run_python("""
        run = automill.start(X, y, max_trials=1, threads=2, progress="none")
        found = []
        thread = threading.Thread(target=lambda: found.append(run.wait()))
        thread.start(); thread.join()
        print(found[0].task)
    """)
    assert out.strip() == "binary"
