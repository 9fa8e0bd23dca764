"""Peers (one small file each in `peers/`) and the virtual environments they run in, made when first needed.

A peer file holds
    requirements: list[str] | None     pip requirements of its own environment; None: the interpreter of the runner
    def fit(train, target, task, time_limit, threads, seed) -> model
where `train` is the raw frame with the column named by `target`, and `model.predict(frame)` gives a data frame of
probabilities with class names as columns, or one value a row for regression.
"""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

PEERS_FOLDER = Path(__file__).resolve().parent / "peers"


class EnvironmentFailed(RuntimeError):
    """The environment of a peer could not be made; the text holds pip's last lines."""


@dataclass(frozen=True)
class Peer:
    """A method to run: its name, its file and what it needs."""

    name: str
    file: Path
    requirements: list[str] | None


def find_peer(name: str, folder: Path = PEERS_FOLDER) -> Peer:
    """The peer of this name; raises ValueError with the names there are."""
    file = folder / f"{name}.py"
    if not file.exists():
        names = ", ".join(sorted(path.stem for path in folder.glob("*.py")))
        raise ValueError(f"no peer {name}; there are: {names}")
    return Peer(name, file, read_requirements(file))


def read_requirements(file: Path) -> list[str] | None:
    """The value of `requirements` without importing the file, whose packages only its own environment has."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(name, ast.Name) and name.id == "requirements" for name in targets):
                return ast.literal_eval(node.value)
    raise ValueError(f"{file} does not set `requirements`")


def interpreter_of(peer: Peer, folder: Path) -> Path:
    """The Python of the peer's environment below `folder`, made or made anew when its requirements have changed."""
    if peer.requirements is None:
        return Path(sys.executable)
    home = folder.resolve() / peer.name
    python = home / "bin" / "python"
    stamp = home / "requirements.sha256"
    wanted = hashlib.sha256("\n".join(peer.requirements).encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"making the environment of {peer.name}: {', '.join(peer.requirements)}", file=sys.stderr)
    venv.EnvBuilder(with_pip=True, clear=True).create(home)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requirements]
    outcome = subprocess.run(install, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise EnvironmentFailed(f"{peer.name}: {outcome.stderr.strip()[-800:]}")
    stamp.write_text(wanted)
    return python
