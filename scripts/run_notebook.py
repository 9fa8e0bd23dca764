"""Runs a notebook from top to bottom in a fresh kernel; a cell that raises ends it with exit code 1.

    python scripts/run_notebook.py examples/notebooks/first_steps.ipynb
"""
from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def main() -> int:
    path = Path(sys.argv[1])
    notebook = nbformat.read(path, as_version=4)
    try:
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    except CellExecutionError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} code cells ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
