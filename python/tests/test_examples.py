"""The examples run, each in a process of its own; the notebook is executed and shows what it promises."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["train_and_predict", "single_row", "pipeline_by_hand"])
def test_example(name: str) -> None:
    done = subprocess.run([sys.executable, str(EXAMPLES / "python" / f"{name}.py")], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


def test_notebook() -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(EXAMPLES / "notebooks" / "first_steps.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    html = ["".join(output["data"].get("text/html", "")) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs if "data" in output]
    assert any("income: binary" in text and "<table>" in text for text in html)  # the model, at the place of the live display
    assert sum("<table>" in text for text in html) >= 4
    assert not any(output.get("name") == "stderr" for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)
