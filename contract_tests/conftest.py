"""The contract as a pytest suite: `pytest contract_tests --base-url URL`, one test for each rule."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import click
import pytest

from linq_contract.options import PERMISSIONS, check_url, permissions_of, target_at
from linq_contract.run.result import Options, Result
from linq_contract.run.validate import validate
from linq_contract.safety.target import Target

_URL = click.Option(
    ["--base-url"], callback=check_url, help="The server to judge, base path included; the mock if absent."
)
_SEED = click.Option(["--contract-seed"], type=int, default=0, help="The seed of the run.")
_COMMAND = click.Command("contract", params=[_URL, _SEED, *PERMISSIONS])


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    for option in _options():
        kind: dict[str, Any] = {"action": "append" if option.multiple else "store"}
        if option.is_flag:
            kind = {"action": "store_true"}
        elif option.metavar:
            kind["metavar"] = option.metavar
        group.addoption(option.opts[0], dest=option.name, help=option.help, **kind)


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The options, read and checked as those of the command are."""
    try:
        return _COMMAND.make_context("pytest", list(_words(pytestconfig))).params
    except click.UsageError as error:
        pytest.exit(error.format_message(), returncode=2)


@pytest.fixture(scope="session")
def target(settings: dict[str, Any]) -> Generator[Target]:
    try:
        with target_at(settings["base_url"], permissions_of(settings), settings["token_file"]) as target:
            yield target
    except click.UsageError as error:
        pytest.exit(error.format_message(), returncode=2)


@pytest.fixture(scope="session")
def result(target: Target, settings: dict[str, Any]) -> Result:
    return validate(target, Options(settings["contract_seed"]), lambda _step: None)


def _options() -> Iterator[click.Option]:
    return (option for option in _COMMAND.params if isinstance(option, click.Option))


def _words(config: pytest.Config) -> Iterator[str]:
    """The options that pytest was given, as words of a command line."""
    for option in _options():
        value = config.getoption(str(option.name))
        for each in value if option.multiple and value else [value]:
            if each is True:
                yield option.opts[0]
            elif each:
                yield f"{option.opts[0]}={each}"
