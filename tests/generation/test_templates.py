"""Each template of ours says what it replaces, and notices when that changes."""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

TEMPLATES = sorted((Path(__file__).parents[2] / "overrides" / "templates").glob("**/*.jinja"))
REPLACES = re.compile(
    r"\{#\n  Replaces: (?P<name>\S+) of openapi-python-client (?P<version>\S+),\n"
    r"    sha256 (?P<digest>[0-9a-f]{64})\.\n  Why: \S.+\n"
)
REPLACES_NOTHING = re.compile(
    r"\{#\n  Replaces: nothing of openapi-python-client (?P<version>\S+); .+\n  Why: \S.+\n"
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_states_what_it_replaces_and_that_is_still_so(template: Path) -> None:
    upstream = files("openapi_python_client") / "templates" / template.name
    statement = (REPLACES if upstream.is_file() else REPLACES_NOTHING).match(template.read_text())

    assert statement, f"{template.name} must begin with what it replaces, and why"
    assert statement["version"] == version("openapi-python-client")
    if upstream.is_file():
        assert statement["name"] == template.name
        assert statement["digest"] == hashlib.sha256(upstream.read_bytes()).hexdigest(), (
            f"The generator's {template.name} has changed: see what is new, and record its digest."
        )


def test_every_file_that_the_generator_writes_comes_from_a_template_of_ours() -> None:
    upstream = {
        path.name for path in (files("openapi_python_client") / "templates").iterdir() if path.is_file()
    }
    without_use = {
        *("README.md.jinja", ".gitignore.jinja", "setup.py.jinja"),  # no metadata is generated
        *("pyproject.toml.jinja", "pyproject_pdm.toml.jinja", "pyproject_poetry.toml.jinja"),
        *("pyproject_ruff.toml.jinja", "pyproject_uv.toml.jinja"),
        *("helpers.jinja", "endpoint_macros.py.jinja"),  # imported by templates that ours replace
        "literal_enum.py.jinja",  # enums are classes
    }

    assert upstream - without_use == {path.name for path in TEMPLATES} & upstream
