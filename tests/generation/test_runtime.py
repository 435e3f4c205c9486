"""What is the same for every document is Python as it stands, and templates hold nothing but text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "linq_phone_numbers"
RUNTIME = ROOT / "overrides" / "runtime"
MODULES = sorted(path for path in RUNTIME.rglob("*.py") if path != RUNTIME / "__init__.py")
TEMPLATES = sorted((ROOT / "overrides" / "templates").iterdir())


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_of_the_runtime_is_copied_as_it_is(module: Path) -> None:
    header, copied = (PACKAGE / module.relative_to(RUNTIME)).read_text().split("\n", 1)

    assert header.startswith("# Generated from")
    assert copied == module.read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_computes_nothing(template: Path) -> None:
    text = template.read_text()

    assert "append(" not in text
    assert "namespace(" not in text
    assert not re.search(r"\{%-?\s*(do|set\s+_)\b", text)


def test_the_generated_facts_have_the_form_that_the_runtime_is_checked_against() -> None:
    def names(path: Path) -> set[str]:
        return set(re.findall(r"^([A-Z_]+|PackageError)\b(?: =|: Final)", path.read_text(), re.MULTILINE))

    stub = set(re.findall(r"^(?:class )?([A-Z]\w+)", (RUNTIME / "_contract.pyi").read_text(), re.MULTILINE))

    assert names(PACKAGE / "_contract.py") == stub
