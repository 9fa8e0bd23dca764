"""Includes point downward: docs/architecture.md, "Layers". One table, one scan, and a proof that the scan can fail."""
from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What the files of a layer may include, beside the layer itself. `automl` reaches learners and transformers through the
# registry alone, so neither stands in its row.
MAY_SEE = {
    "core": set(),
    "metrics": {"core"},
    "data": {"core"},
    "preprocess": {"core", "data"},
    "learners": {"core", "data"},
    "features": {"core", "data", "preprocess", "learners"},
    "ensemble": {"core", "metrics", "data", "preprocess", "learners"},
    "search": {"core"},
    "predict": {"core"},
    "journal": {"core"},
    "import": {"core", "data", "learners", "predict"},
    "automl": {"core", "metrics", "data", "ensemble", "predict", "search", "journal"},
    "explain": {"core", "preprocess", "learners", "features", "ensemble", "predict"},
}
# Beyond the table: prediction needs the platform file, the spellings of cells and the fitted halves of what was trained.
PREDICT_MAY_SEE_FILES = {
    "data/cell_format.hpp",
    "data/platform.hpp",
    "ensemble/weighted_ensemble.hpp",
    "learners/linear_model.hpp",
    "learners/tree/tree_ensemble.hpp",
}
# Compiled without a layer of their own: JSON, Eigen, a covariance and checks of loaded state. The core is header-only and uses none.
HELPERS = {"json.hpp", "linear_algebra.hpp", "matern.hpp", "state_check.hpp"}
# The files that name every component, and those that are made of everything.
ABOVE_ALL = {"src/builtin_models.cpp", "src/builtin_learners.cpp", "include/automill/automill.hpp"}
# Third-party headers and where they may be included.
THIRD_PARTY = {
    r"nlohmann/.*": {"src/json.cpp"},
    r"(Eigen|unsupported)/.*": {"src/linear_algebra.hpp"},
    r"(oneapi/)?tbb/.*": {"src/automl/thread_executor.cpp", "src/cli/doctor_command.cpp"},
    r"CLI/.*": {"src/cli/command_line.cpp", "src/cli/doctor_command.cpp"},
    r"spdlog/.*": {"include/automill/spdlog.hpp", "src/cli/log_file.cpp", "src/cli/doctor_command.cpp"},
    r"zlib\.h": {"src/data/inflate.cpp", "src/cli/doctor_command.cpp"},
    r"sqlite3\.h": {"src/journal/sqlite.cpp"},
    r"pybind11/.*": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def layer_of(name: str) -> str | None:
    """Layer of a file or of an included header; None for a helper without one."""
    name = name.removeprefix("include/").removeprefix("src/").removeprefix("automill/")
    return name.split("/")[0] if "/" in name else None


def faults_of(path: str, text: str) -> list[str]:
    """What a file includes that it must not."""
    faults = []
    own = layer_of(path)
    for included in INCLUDE.findall(text):
        for pattern, allowed in THIRD_PARTY.items():
            if re.fullmatch(pattern, included) and path not in allowed:
                faults.append(f"{path} includes <{included}>: only {sorted(allowed) or 'nobody'} may")
        if path in ABOVE_ALL or own is None or own == "cli":
            continue
        if included in HELPERS and own == "core":
            faults.append(f"{path} includes {included}: the core is the standard library alone")
        other = layer_of(included)
        if other is None or other not in MAY_SEE or other == own or other in MAY_SEE.get(own, set()):
            continue
        if own == "predict" and included.removeprefix("automill/") in PREDICT_MAY_SEE_FILES:
            continue
        faults.append(f"{path} ({own}) includes {included} ({other})")
    return faults


def sources() -> list[Path]:
    return [path for folder in ("include", "src") for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".hpp", ".cpp", ".h")]


def test_no_include_goes_upward() -> None:
    faults = [fault for path in sources() for fault in faults_of(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))]
    assert not faults, "\n".join(faults)


def test_every_folder_is_a_layer() -> None:
    known = set(MAY_SEE) | {"cli"}
    folders = {layer_of(str(path.relative_to(ROOT))) for path in sources()} - {None}
    assert folders <= known, f"no row in the table for {folders - known}"


def test_the_table_has_no_cycle() -> None:
    def above(layer: str, seen: tuple[str, ...]) -> None:
        assert layer not in seen, " -> ".join((*seen, layer))
        for lower in MAY_SEE[layer]:
            above(lower, (*seen, layer))

    for layer in MAY_SEE:
        above(layer, ())


def test_the_architecture_page_shows_this_table() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for layer, lower in MAY_SEE.items():
        row = re.search(rf"^\| `{layer}` \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
        assert row, f"docs/architecture.md has no row for {layer}"
        assert set(re.findall(r"`(\w+)`", row.group(1))) == lower, f"docs/architecture.md says otherwise about {layer}"


def test_the_scan_catches_planted_includes() -> None:
    assert faults_of("src/core/x.cpp", '#include <automill/automl/train.hpp>\n')
    assert faults_of("include/automill/learners/x.hpp", '#include <automill/preprocess/impute.hpp>\n')
    assert faults_of("src/automl/x.cpp", '#include <automill/learners/ridge.hpp>\n')
    assert faults_of("src/predict/x.cpp", '  #  include "learners/ridge.hpp"\n')
    assert faults_of("src/learners/x.cpp", '#include <Eigen/Dense>\n')
    assert faults_of("include/automill/core/x.hpp", '#include "json.hpp"\n')
    assert not faults_of("src/predict/x.cpp", '#include "data/platform.hpp"\n#include <automill/ensemble/weighted_ensemble.hpp>\n')
    assert not faults_of("src/automl/x.cpp", '#include <automill/core/core.hpp>\n#include <vector>\n#include "json.hpp"\n')


def test_types_are_defined_once() -> None:
    """Two types of one name in one namespace are one type for the linker, whatever they hold."""
    defined: dict[str, set[str]] = {}
    for path in [*sorted((ROOT / "src").rglob("*.hpp")), *sorted((ROOT / "include").rglob("*.hpp"))]:
        spaces: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if (opened := re.match(r"namespace ([\w:]+) \{", line)) is not None:
                spaces.append(opened[1])
            elif re.match(r"\}  // namespace \w", line) and spaces:
                spaces.pop()
            elif (found := re.match(r"(?:struct|class|enum class) (?:AUTOMILL_EXPORT )?(\w+)(?: final)?(?: : [^;]*)? \{", line)) is not None:
                defined.setdefault("::".join([*spaces, found[1]]), set()).add(str(path.relative_to(ROOT)))
    assert {name: sorted(places) for name, places in defined.items() if len(places) > 1} == {}
