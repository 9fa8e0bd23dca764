"""C++ files are laid out as .clang-format says, by the version that scripts/packages.sh installs.

To lay them out: git ls-files '*.cpp' '*.hpp' '*.h' '*.c' | xargs .venv/bin/clang-format -i
"""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("include", "src", "python", "tests", "examples", "benchmarks")
FORMATTER = Path(sys.executable).with_name("clang-format")


def test_layout() -> None:
    files = [
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".cpp", ".hpp", ".h", ".c")
    ]
    assert len(files) > 200
    found = subprocess.run(
        [FORMATTER, "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr[:4000]
