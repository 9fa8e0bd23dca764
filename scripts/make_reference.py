"""Writes docs/reference.md from what the shell command lists.

    python scripts/make_reference.py build/automill            # writes the page
    python scripts/make_reference.py build/automill --check    # exit code 1 when the page is not up to date
"""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference.md"


def text_of(value: object) -> str:
    """A value as the shell and JSON write it."""
    return f"`{json.dumps(value)}`"


def default_of(parameter: dict) -> str:
    if parameter["default"] is not None:
        return text_of(parameter["default"])
    return "none" if parameter["type"] == "list or object" else "decided from the data"


def number(value: float) -> str:
    return f"{value:g}"


def allowed(parameter: dict) -> str:
    if "choices" in parameter:
        return ", ".join(f"`{choice}`" for choice in parameter["choices"])
    low, high = parameter.get("minimum"), parameter.get("maximum")
    if low is None and high is None:
        return parameter["type"]
    return f"{parameter['type']}, {number(low) if low is not None else '-inf'} to {number(high) if high is not None else 'inf'}"


def searched(parameter: dict) -> str:
    search = parameter.get("search")
    if search is None:
        return ""
    places = ["`false`", "`true`"] if parameter["type"] == "bool" else [f"`{choice}`" for choice in parameter.get("choices", [])]
    if places:  # the range is one of positions
        return ", ".join(places[int(search["low"]) : int(search["high"]) + 1])
    return f"{number(search['low'])} to {number(search['high'])}{', log' if search['scale'] == 'log' else ''}"


def component(entry: dict) -> list[str]:
    lines = [f"### `{entry['name']}`", "", entry["description"], ""]
    if not entry["parameters"]:
        return [*lines, "No parameters.", ""]
    lines += ["| parameter | default | allowed | searched | |", "|---|---|---|---|---|"]
    for parameter in entry["parameters"]:
        condition = parameter.get("only_if")
        note = f" Only with `{condition['parameter']}` = {text_of(condition['value'])}." if condition else ""
        lines.append(f"| `{parameter['name']}` | {default_of(parameter)} | {allowed(parameter)} | {searched(parameter)} | {parameter['description']}{note} |")
    return [*lines, ""]


def page_of(lists: dict) -> str:
    lines = ["# Reference", "", "Made by `scripts/make_reference.py` from `automill list --json`; do not edit.", ""]
    lines += ["## Learners", ""]
    for entry in lists["learners"]:
        lines += component(entry)
    lines += ["## Transformers", ""]
    for entry in lists["transformers"]:
        lines += component(entry)
    lines += ["## Metrics", "", "| metric | better | tasks | scores | other names | |", "|---|---|---|---|---|---|"]
    for entry in lists["metrics"]:
        better = "higher" if entry["higher_is_better"] else "lower"
        names = ", ".join(f"`{alias}`" for alias in entry["aliases"])
        lines.append(f"| `{entry['name']}` | {better} | {', '.join(entry['tasks'])} | {entry['needs']} | {names} | {entry['description']} |")
    lines += ["", "## Options of train", "", "The shell writes them with dashes: `--time-limit`.", "", "| option | kind | |", "|---|---|---|"]
    for entry in lists["options"]:
        note = "" if entry["delivered"] else " **Not there yet**: refused by name."
        if entry["delivered"] and not entry["in_shell"]:
            note = " Python and C++ only."
        lines.append(f"| `{entry['name']}` | {entry['type']} | {entry['description']}{note} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    command = [argument for argument in sys.argv[1:] if argument != "--check"][0]
    text = page_of(json.loads(subprocess.run([command, "list", "--json"], check=True, capture_output=True, text=True).stdout))
    if "--check" in sys.argv:
        return 0 if PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
