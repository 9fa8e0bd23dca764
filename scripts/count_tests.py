"""Adds up test reports (JUnit XML of pytest, GoogleTest and ctest): prints "passed failed skipped".

    python scripts/count_tests.py <folder> <exit code of the part>

A part without a report counts as one test. Where a ctest entry has a report of its own cases (test_<entry>.xml), the
cases count instead of the entry. A part that failed has at least one failure.
"""
from __future__ import annotations

import sys
import xml.etree.ElementTree as xml
from pathlib import Path


def count_cases(path: Path) -> tuple[int, int, int]:
    passed = failed = skipped = 0
    for case in xml.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def without_entries_that_have_cases(path: Path) -> tuple[int, int, int]:
    """ctest's report without the entries whose cases are reported beside it; an entry that failed although its cases
    passed (a crash at the end, a time limit) stays a failure."""
    passed = failed = skipped = 0
    for case in xml.parse(path).getroot().iter("testcase"):
        own = path.parent / f"test_{case.get('name')}.xml"
        bad = case.get("status") == "fail" or case.find("failure") is not None
        if own.exists():
            failed += bad and count_cases(own)[1] == 0
        elif bad:
            failed += 1
        elif case.get("status") in ("notrun", "disabled") or case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main() -> None:
    folder, exit_code = Path(sys.argv[1]), int(sys.argv[2])
    total = [0, 0, 0]
    for path in sorted(folder.glob("**/*.xml")):
        try:
            counts = without_entries_that_have_cases(path) if path.name == "ctest.xml" else count_cases(path)
        except xml.ParseError:  # cut off by a crash: the exit code says so
            continue
        total = [a + b for a, b in zip(total, counts)]
    if sum(total) == 0:
        total[0] += exit_code == 0
    if exit_code != 0 and total[1] == 0:
        total[1] = 1
    print(*total)


if __name__ == "__main__":
    main()
