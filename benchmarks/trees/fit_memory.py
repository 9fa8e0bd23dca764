"""Memory that fitting a booster takes beyond its data: AutoMill against LightGBM, one thread.

    python benchmarks/trees/fit_memory.py --rows 1000,20000,200000 --columns 10,100

Each fit is a process of its own: the growth of the resident peak over what was resident when the data were there, and
the loaded library. For AutoMill also what the fit counted by itself ("counted", which its memory limit goes by), over
the measured growth.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from process_memory import forget_peak, status_bytes
from trees.fit_speed import numbers, parameters
from trees.tables import table

LIBRARIES = ("automill", "lightgbm")


def growth_of(library: str, rows: int, columns: int, leaves: int, trees: int) -> dict[str, float]:
    """Peak resident bytes over those before the fit, in this process."""
    frame = table(rows, columns, "regression", categories=0.0)
    features, target = np.ascontiguousarray(frame.drop(columns="target").to_numpy()), frame["target"].to_numpy()
    del frame
    if library == "automill":
        import automill

        automill.GradientBoosting(n_estimators=1).fit(features[:100], target[:100], threads=1)  # library and threads
        forget_peak()
        before = status_bytes("VmRSS")
        learner = automill.GradientBoosting(n_estimators=trees, **parameters(leaves)).fit(features, target, threads=1)
        return {"bytes": status_bytes("VmHWM") - before, "counted": learner.report_["bytes"]}
    import lightgbm

    settings = {**parameters(leaves), "objective": "regression", "num_threads": 1, "verbosity": -1}
    settings["min_data_in_leaf"] = settings.pop("min_child_samples")
    lightgbm.train(settings, lightgbm.Dataset(features[:100], target[:100], params=settings), num_boost_round=1)
    forget_peak()
    before = status_bytes("VmRSS")
    held = lightgbm.train(settings, lightgbm.Dataset(features, target, params=settings), num_boost_round=trees)
    return {"bytes": status_bytes("VmHWM") - before, "trees": held.num_trees()}


def measured(library: str, rows: int, columns: int, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--rows", str(rows), "--columns", str(columns), "--leaves", str(options.leaves),
               "--trees", str(options.trees), "--fit", library]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=numbers, default=[1000, 20_000, 200_000])
    parser.add_argument("--columns", type=numbers, default=[10, 100])
    parser.add_argument("--leaves", type=int, default=31)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--fit", choices=LIBRARIES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.fit:
        print(json.dumps(growth_of(options.fit, options.rows[0], options.columns[0], options.leaves, options.trees)))
        return 0
    ratios = []
    for rows in options.rows:
        for columns in options.columns:
            ours, theirs = (measured(library, rows, columns, options) for library in LIBRARIES)
            ratios.append(ours["bytes"] / max(1, theirs["bytes"]))
            print(f"{rows} x {columns}: {ours['bytes'] / 2**20:.1f} MiB, LightGBM {theirs['bytes'] / 2**20:.1f} MiB, "
                  f"ratio {ratios[-1]:.2f}, counted {ours['counted'] / ours['bytes']:.2f} of it", flush=True)
    print(f"ratio: geometric mean {np.exp(np.log(ratios).mean()):.2f}, most {max(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
