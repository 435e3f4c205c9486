"""Every example of the documentation does what the page says: programs run, commands print what is shown."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from sybil import Example, Sybil
from tests.documentation.examples import Block, blocks, commands, is_printed
from tests.documentation.shell import ROOT, NotAsShownError, Shell, look_up

pytestmark = pytest.mark.long

SITE = Sybil([blocks])
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WITH_EXAMPLES = [
    page
    for page in PAGES
    if {"bash", "console", "python"} & {example.parsed.language for example in SITE.parse(page).examples()}
]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with (
        contextlib.closing(Shell(tmp_path)) as shell,
        patch.dict(os.environ, shell.variables),
        contextlib.chdir(shell.folder),
    ):
        yield shell


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_do_what_it_says(page: Path, shell: Shell) -> None:
    for example in SITE.parse(page).examples():
        assert (wrong := _wrong_with(example, shell)) is None, f"{page.name}:{example.line}: {wrong}"


def _wrong_with(example: Example, shell: Shell) -> str | None:
    block: Block = example.parsed
    if block.file_name:
        (shell.folder / block.file_name).write_text(block.source, encoding="utf-8")
    elif block.language == "console":
        return _wrong_with_commands(block, shell)
    elif block.language == "bash":
        return _wrong_with_script(block)
    elif block.language == "python":
        return _wrong_with_program(block, example, shell)
    return None


def _wrong_with_commands(block: Block, shell: Shell) -> str | None:
    for command in commands(block):
        try:
            printed = shell.run(command.text)
        except NotAsShownError as error:
            return f"$ {command.text}\n{error}"
        if printed is None:
            continue
        if command.output is not None and not is_printed(shell.addressed(command.output), printed.output):
            return f"$ {command.text}\nprinted\n{printed.output}"
        if command.output is None and printed.exit_code:
            return f"$ {command.text}\nended with {printed.exit_code} and printed\n{printed.output}"
    return None


def _wrong_with_script(block: Block) -> str | None:
    try:
        for command in block.source.replace("\\\n", " ").splitlines():
            look_up(command)
    except NotAsShownError as error:
        return f"{block.source}{error}"
    return None


def _wrong_with_program(block: Block, example: Example, shell: Shell) -> str | None:
    shell.start_the_mock()
    source = "\n" * example.line + shell.addressed(block.source)
    code = compile(source, example.path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        waiting = eval(code, example.namespace)
        if inspect.iscoroutine(waiting):
            asyncio.run(waiting)
    if block.output is not None and not is_printed(shell.addressed(block.output), printed.getvalue()):
        return f"printed\n{printed.getvalue()}"
    return None
