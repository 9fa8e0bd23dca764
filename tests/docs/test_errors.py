"""docs/errors.md lists every error code that the code can raise, and no other.

A code is a string literal of the form "domain.name" whose domain is one of those that errors are thrown with; helpers
that take a code (fail("..."), refuse("...")) are found like that as well.
"""
from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THROWN = re.compile(r'(?:[Ee]rror|Fault|add|fail|refuse)\s*[({]\s*(?:\{?\s*\.code\s*=\s*)?"([a-z_]+)\.[a-z0-9_]+"')
CHOSEN = re.compile(r'\?\s*"([a-z_]+)\.[a-z0-9_]+"\s*:\s*"([a-z_]+)\.[a-z0-9_]+"')  # condition ? "a.b" : "c.d"
LITERAL = re.compile(r'"([a-z_]+\.[a-z0-9_]+)"')
# Literals of the same form that are no codes: event kinds, file names, parameters of steps.
NOT_CODES = {"model.automill"}
ENDINGS = (".hpp", ".cpp", ".h", ".py", ".json")
HEADING = re.compile(r"^### `([a-z_]+\.[a-z0-9_]+)`$", re.MULTILINE)


def sources() -> list[Path]:
    found = []
    for folder in ("include", "src", "python/bindings", "python/automill"):
        found += [path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".hpp", ".cpp", ".h", ".py")]
    return found


def without_comments(text: str) -> str:
    return re.sub(r"(?m)^\s*//.*$", "", text)


def codes_in(texts: list[str]) -> set[str]:
    texts = [without_comments(text) for text in texts]
    domains = {domain for text in texts for domain in THROWN.findall(text)}
    domains |= {domain for text in texts for pair in CHOSEN.findall(text) for domain in pair}
    literals = {literal for text in texts for literal in LITERAL.findall(text)}
    return {literal for literal in literals if literal.split(".")[0] in domains and not literal.endswith(ENDINGS)} - NOT_CODES


def sections(page: str) -> dict[str, str]:
    parts = HEADING.split(page)[1:]
    return dict(zip(parts[::2], parts[1::2]))


def test_page_and_code_agree() -> None:
    used = codes_in([path.read_text(encoding="utf-8") for path in sources()])
    listed = HEADING.findall((ROOT / "docs" / "errors.md").read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed)), "a code is listed twice"
    missing, extra = sorted(used - set(listed)), sorted(set(listed) - used)
    assert not missing, f"not in docs/errors.md: {missing}"
    assert not extra, f"in docs/errors.md, but nowhere in the code: {extra}"


def test_every_entry_says_trigger_text_and_remedy() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for code, section in sections(page).items():
        for part in ("- When:", "- Text:", "- Do:"):
            assert part in section, f"{code} has no '{part}'"
        assert f"[{code}]" in section, f"the text of {code} does not end with its code"


def test_the_scan_catches_a_new_code() -> None:
    planted = ['throw Error("data.planted", "", "x");', 'faults.add(\n    "option.planted", name, "x");', 'in.fail("model_file.planted", "x");', 'const char* missing = "data.also_planted";']
    assert codes_in(planted) == {"data.planted", "option.planted", "model_file.planted", "data.also_planted"}
    assert codes_in(['emit({"candidate.finished", "x"});', '// Error("data.commented")']) == set()
