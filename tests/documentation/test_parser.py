"""The parser of the examples: what is a command, what it prints, and what a page may leave out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Sybil
from tests.documentation.examples import Block, Command, blocks, commands, is_printed
from tests.documentation.shell import NotAsShownError, Printed, Shell, look_up

PAGE = """\
```console
$ echo one
one
$ echo two \\
    three
```

```text
two three
```

It goes on.

```text
Not printed by anything.
```

<!--- invisible-code-block: python
x = 1
--->

```yaml
# folder/mine.yaml
x: 1
```
"""


@pytest.fixture
def page(tmp_path: Path) -> list[Block]:
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    return [example.parsed for example in Sybil([blocks]).parse(tmp_path / "page.md").examples()]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with contextlib.closing(Shell(tmp_path)) as shell:
        yield shell


def test_a_block_of_console_has_commands_and_what_each_prints(page: list[Block]) -> None:
    assert commands(page[0]) == [Command("echo one", "one"), Command("echo two \\\n    three", "two three")]


def test_a_text_after_prose_is_no_output(page: list[Block]) -> None:
    assert [block.output for block in page[1:]] == [None] * 4


def test_a_hidden_block_is_a_block(page: list[Block]) -> None:
    assert page[3] == Block("python", "x = 1\n")


def test_a_first_line_that_is_a_file_name_makes_a_file(page: list[Block]) -> None:
    assert [block.file_name for block in page] == [None, None, None, None, "folder/mine.yaml"]


def test_output_before_any_command_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="begins with a command"):
        commands(Block("console", "one\n"))


@pytest.mark.parametrize("expected", ["a 1.5 s\nb", "a ... s\nb", "...\nb", "a ...", "a 1.5 s  \nb\n"])
def test_three_dots_stand_for_anything(expected: str) -> None:
    assert is_printed(expected, "a 1.5 s\nb\n")


@pytest.mark.parametrize("expected", ["a 1.6 s\nb", "b", "a 1.5 s", ""])
def test_anything_else_is_compared(expected: str) -> None:
    assert not is_printed(expected, "a 1.5 s\nb\n")


def test_commands_share_variables_folder_and_exit_code(shell: Shell) -> None:
    for command in ("export NAME=value", "mkdir below", "cd below", "(exit 3)"):
        shell.run(command)

    assert shell.run('echo "$NAME ${PWD##*/} $?"') == Printed("value below 3\n")


@pytest.mark.parametrize(
    ("command", "mistake"),
    [
        ("make no-such-target", "no target no-such-target"),
        ("pip install '.[contract,nothing]'", "no extra nothing"),
        ("docker run (", "syntax error"),
    ],
)
def test_what_is_not_run_is_held_to_something_else(shell: Shell, command: str, mistake: str) -> None:
    with pytest.raises(NotAsShownError, match=mistake):
        shell.run(command)


@pytest.mark.parametrize(
    ("command", "mistake"),
    [
        ("linq-contract validte URL", "no command validte"),
        ("linq-contract validate URL --line ID --slowly", "no option --slowly"),
        ("make nothing", "no target nothing"),
        ("for each", "syntax error"),
    ],
)
def test_what_a_script_names_is_looked_up(command: str, mistake: str) -> None:
    look_up("linq-contract validate URL --line ID -- --slowly")

    with pytest.raises(NotAsShownError, match=mistake):
        look_up(command)


@pytest.mark.parametrize("command", ["make test ARGS=-x", "pip install '.[contract]'", "git clone URL"])
def test_what_is_not_run_may_be_as_it_is(shell: Shell, command: str) -> None:
    assert shell.run(command) is None


def test_a_server_runs_until_the_page_ends(shell: Shell) -> None:
    started = shell.run("linq-contract mock --port 8080 --lines 2")
    asked = shell.run("curl -sS http://127.0.0.1:8080/_mock/state")

    assert started == Printed(shell.addressed("linq-mock is ready at http://127.0.0.1:8080/api/partner\n"))
    assert asked
    assert asked.exit_code == 0
    assert '"name": "account-1"' in asked.output


def test_a_server_that_does_not_start_has_printed_why(shell: Shell) -> None:
    printed = shell.run("linq-contract mock --lines none.json")

    assert printed
    assert printed.exit_code == 2
    assert "none.json" in printed.output
