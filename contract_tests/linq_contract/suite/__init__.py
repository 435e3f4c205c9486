"""The contract as a pytest suite, one test for each rule.

`pytest -p linq_contract.suite --pyargs linq_contract.suite --base-url URL` runs it, from anywhere. This is
the plugin with its options: those of the command, and the URL as pytest-base-url has it.
"""

from __future__ import annotations

from argparse import ArgumentError
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import click
import pytest

from linq_contract.options import JUDGING, PERMISSIONS, check_url
from linq_contract.run.shards import LARGEST_SEED

_URL = click.Option(
    ["--base-url"], callback=check_url, help="The server to validate, base path included; the mock if absent."
)
_SEED = click.Option(
    ["--contract-seed"], type=click.IntRange(0, LARGEST_SEED), default=0, help="The seed of the run."
)
_COMMAND = click.Command("contract", params=[_URL, _SEED, *PERMISSIONS, *JUDGING])
_NAMES_OF_PYTEST = {"--strict": "--contract-strict"}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    group = parser.getgroup("contract")
    for option in _options():
        if option is _URL and _will_be_there(pluginmanager):
            continue
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


def _will_be_there(plugins: pytest.PytestPluginManager) -> bool:
    """Whether pytest-base-url is about to add its option, which suffers no other before it."""
    installed = entry_points(group="pytest11", name="base_url")
    return bool(installed) and not plugins.is_blocked("base_url") and not plugins.has_plugin("base_url")


def context_of(config: pytest.Config) -> click.Context:
    """The options that pytest was given, read and checked as those of the command are. Raises UsageError."""
    return _COMMAND.make_context("pytest", list(_words(config)))


def _options() -> Iterator[click.Option]:
    return (option for option in _COMMAND.params if isinstance(option, click.Option))


def _destination(option: click.Option) -> str:
    """Where pytest keeps an option: the URL where plugins look for it, the others where none would."""
    return "base_url" if option is _URL else f"contract_{option.name}"


def _words(config: pytest.Config) -> Iterator[str]:
    """The options that pytest was given, as words of a command line."""
    for option in _options():
        value = config.getoption(_destination(option), None)
        for each in value if option.multiple and value else [value]:
            if each is True:
                yield option.opts[0]
            elif each:
                yield f"{option.opts[0]}={each}"
