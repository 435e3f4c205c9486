"""The contract as a pytest suite: `pytest contract_tests --base-url URL`, one test for each rule."""

from __future__ import annotations

from argparse import ArgumentError
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any, NoReturn

import click
import pytest

from linq_contract.options import (
    JUDGING,
    PERMISSIONS,
    check_url,
    options_of,
    permissions_of,
    sources_of,
    target_at,
)
from linq_contract.run.result import ExitCode, Result
from linq_contract.run.validate import NotJudgedError, NotRestoredError, NotStartedError, validate
from linq_contract.safety.records import JournalError
from linq_contract.safety.target import Target

_URL = click.Option(
    ["--base-url"], callback=check_url, help="The server to judge, base path included; the mock if absent."
)
_SEED = click.Option(["--contract-seed"], type=int, default=0, help="The seed of the run.")
_COMMAND = click.Command("contract", params=[_URL, _SEED, *PERMISSIONS, *JUDGING])
_NAMES_OF_PYTEST = {"--strict": "--contract-strict"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    for option in _options():
        kind: dict[str, Any] = {"action": "append" if option.multiple else "store"}
        if option.is_flag:
            kind = {"action": "store_true"}
        elif option.metavar:
            kind["metavar"] = option.metavar
        name = _NAMES_OF_PYTEST.get(option.opts[0], option.opts[0])
        try:
            group.addoption(name, dest=_destination(option), help=option.help, **kind)
        except (ArgumentError, ValueError):
            if option is not _URL:
                raise  # that of pytest-base-url has the same name and meaning


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> click.Context:
    """The options, read and checked as those of the command are."""
    try:
        return _COMMAND.make_context("pytest", list(_words(pytestconfig)))
    except click.UsageError as error:
        _exit(error.format_message(), ExitCode.WRONG_USE)


@pytest.fixture(scope="session")
def target(settings: click.Context) -> Generator[Target]:
    values = settings.params
    try:
        with target_at(values["base_url"], permissions_of(values), sources_of(values)) as target:
            yield target
    except click.UsageError as error:
        _exit(error.format_message(), ExitCode.WRONG_USE)
    except NotJudgedError as error:
        _exit(str(error), ExitCode.NOT_JUDGED)


@pytest.fixture(scope="session")
def result(target: Target, settings: click.Context) -> Result:
    try:
        options = replace(options_of(settings), seed=settings.params["contract_seed"])
        return validate(target, options, lambda _step: None)
    except click.UsageError as error:
        _exit(error.format_message(), ExitCode.WRONG_USE)
    except (NotStartedError, JournalError) as error:
        _exit(str(error), ExitCode.WRONG_USE)
    except NotJudgedError as error:
        _exit(str(error), ExitCode.NOT_JUDGED)
    except NotRestoredError as error:
        _exit(str(error), ExitCode.NOT_RESTORED)


def _exit(message: str, exit_code: ExitCode) -> NoReturn:
    """End pytest as the command ends, so that what is no verdict does not look like one."""
    pytest.exit(message, returncode=exit_code)


def _options() -> Iterator[click.Option]:
    return (option for option in _COMMAND.params if isinstance(option, click.Option))


def _destination(option: click.Option) -> str:
    """Where pytest keeps an option: the URL where plugins look for it, the others where none would."""
    return "base_url" if option is _URL else f"contract_{option.name}"


def _words(config: pytest.Config) -> Iterator[str]:
    """The options that pytest was given, as words of a command line."""
    for option in _options():
        value = config.getoption(_destination(option))
        for each in value if option.multiple and value else [value]:
            if each is True:
                yield option.opts[0]
            elif each:
                yield f"{option.opts[0]}={each}"
