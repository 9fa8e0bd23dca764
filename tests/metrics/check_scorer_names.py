"""Reports every scorer name of the installed scikit-learn that AutoMill's metrics do not know.

    python tests/metrics/check_scorer_names.py      # exit code 1 if a name is missing; needs scikit-learn

Reads the names from the tables in src/metrics/*.cpp: no build is needed. Clustering scorers and the multilabel
"_samples" averages are not for the tasks that AutoMill has.
"""

import pathlib
import re
import sys

import sklearn
from sklearn import metrics

SOURCES = pathlib.Path(__file__).parents[2] / "src/metrics"
CLUSTERING = {
    "adjusted_mutual_info_score",
    "adjusted_rand_score",
    "completeness_score",
    "fowlkes_mallows_score",
    "homogeneity_score",
    "mutual_info_score",
    "normalized_mutual_info_score",
    "rand_score",
    "v_measure_score",
}


def known_names(text):
    """Canonical names and aliases; a loss is known with "neg_" as well."""
    entries = re.findall(r'of_(?:binary|classes|numbers)\(\s*"(\w+)",.*?\b(lower|higher),', text, re.DOTALL)
    directions = dict(entries)
    for name in re.findall(r'add_set_score\(all,\s*"(\w+)"', text):
        directions.update({name + average: "higher" for average in ("", "_micro", "_macro", "_weighted")})
    aliases = re.findall(r'\{"(\w+)",\s*"(\w+)"\}', text)
    directions.update({alias: directions[canonical] for alias, canonical in aliases})
    return set(directions) | {"neg_" + name for name, direction in directions.items() if direction == "lower"}


def main():
    known = known_names("".join(file.read_text() for file in sorted(SOURCES.glob("*.cpp"))))
    wanted = {name for name in metrics.get_scorer_names() if name not in CLUSTERING and not name.endswith("_samples")}
    missing = sorted(wanted - known)
    print(f"scikit-learn {sklearn.__version__}: {len(wanted)} scorers for our tasks, {len(missing)} missing")
    for name in missing:
        print(f"  {name}")
    return 1 if missing or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
