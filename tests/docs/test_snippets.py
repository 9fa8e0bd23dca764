"""What the README and the quickstart show runs as it stands there."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(os.environ.get("AUTOMILL_CLI", str(ROOT / "build" / "automill")))
PAGES = ["README.md", "docs/quickstart.md"]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the paths of the documents hold."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_python(page: str, folder: Path) -> None:
    pytest.importorskip("automill")
    program = "\n".join(blocks(page, "python"))
    assert "automill.train" in program
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "income: binary, positive '>50K'" in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_shell(page: str, folder: Path) -> None:
    programs = [block for block in blocks(page, "sh") if "automill train" in block]
    assert programs
    environment = {**os.environ, "PATH": f"{COMMAND.parent}:{os.environ['PATH']}"}
    for program in programs:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", program], cwd=folder, capture_output=True, text=True, timeout=300, env=environment)
        assert done.returncode == 0, done.stderr
    assert (folder / "predictions.csv").read_text().count("\n") == 2001


@pytest.mark.parametrize("page", PAGES)
def test_cpp_compiles(page: str, tmp_path: Path) -> None:
    """The programs of examples/cpp run; here it is enough that the text compiles."""
    for program in blocks(page, "cpp"):
        if "int main" not in program:
            head = [line for line in program.splitlines() if line.startswith("#include")]
            body = [line for line in program.splitlines() if not line.startswith("#include")]
            program = "\n".join([*head, "int main() {", *body, "(void)p; }"])
        (tmp_path / "program.cpp").write_text(program)
        done = subprocess.run(["g++", "-std=c++20", "-fsyntax-only", f"-I{ROOT / 'include'}", "program.cpp"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr


def test_the_programs_of_tuning(folder: Path) -> None:
    """docs/search.md: its other snippets are excerpts, and what they name is tested where it is."""
    pytest.importorskip("automill")
    page = "docs/search.md"
    (python,) = [block for block in blocks(page, "python") if "automill.tune(" in block]
    done = subprocess.run([sys.executable, "-c", python], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("roc_auc 0.") and "logistic.c" in done.stdout
    (program,) = [block for block in blocks(page, "cpp") if "int main" in block]
    (folder / "program.cpp").write_text(program)
    done = subprocess.run(["g++", "-std=c++20", "-fsyntax-only", f"-I{ROOT / 'include'}", "program.cpp"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#\s]+)?(?:#([\w-]+))?\)", text):
            target = page.parent / link[0] if link[0] else page
            assert link[0].startswith("http") or target.exists(), f"{page.name} links to {link[0]}"
            if link[1] and target.suffix == ".md":
                anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)}
                assert link[1] in anchors, f"{page.name} links to #{link[1]} of {target.name}"
