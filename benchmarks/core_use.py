"""How much of the cores' time goes into fits, between the first fit and the ensemble?

    python benchmarks/core_use.py FOLDER --shell build/automill --sets adult,abalone --time-limit 10 --threads 1,2

Trains on each set with the shell and reads the figures of the run from its model: seconds of all fits by the clock,
each of which has one core, against seconds of the phase of fits times threads. The rest is waiting, proposing, scoring
and bookkeeping. On a machine that is busy with other work the shares stay what they are: both are by the clock.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "quality"))
from catalogue import choose_sets


def share_of_fits(shell: Path, data: Path, task: str, limit: float, threads: int) -> tuple[float, float]:
    """The share, and the seconds of the phase."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.automill"
        command = [shell, "train", data, "--target", "target", "--task", task, "--time-limit", str(limit)]
        subprocess.run([*command, "--threads", str(threads), "--output", model], check=True, capture_output=True)
        told = subprocess.run([shell, "inspect", model, "--json"], check=True, capture_output=True, text=True)
    run = json.loads(told.stdout)["run"]
    seconds = run["phases"]["fitting"]
    return run["fit_seconds"] / (seconds * threads), seconds


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shell", type=Path, required=True, help="the command automill")
    parser.add_argument("--sets", default="core")
    parser.add_argument("--time-limit", type=float, default=10)
    parser.add_argument("--threads", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2])
    options = parser.parse_args(arguments)
    shares: dict[int, list[float]] = {threads: [] for threads in options.threads}
    for chosen in choose_sets(options.folder, options.sets):
        for threads in options.threads:
            share, seconds = share_of_fits(options.shell, chosen.path, chosen.task, options.time_limit, threads)
            shares[threads].append(share)
            print(f"{chosen.name:26s} {threads} threads: {share:6.1%} of {seconds:.1f} s", flush=True)
    for threads, all_shares in shares.items():
        mean = sum(all_shares) / len(all_shares)
        print(f"{threads} threads: mean {mean:.1%}, least {min(all_shares):.1%} of {len(all_shares)} sets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
