"""The contract as a pytest suite: `pytest contract_tests --base-url URL`, one test for each rule."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import nullcontext

import pytest

from linq_contract.contract.lines import line_key
from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import ACCOUNT_VARIABLE, Credentials
from linq_contract.run.validate import Options, Result, validate
from linq_contract.safety.target import Target, tokens_from_environment


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--base-url", help="The server to judge, base path included; the mock if absent.")
    group.addoption("--allow-writes", action="store_true", help="Permit updates.")
    group.addoption("--line", metavar="ID", action="append", help="Name only this line; may be repeated.")
    group.addoption("--other-line", metavar="ID", help="The id of a line of a second account.")
    group.addoption("--contract-seed", type=int, default=0, help="The seed of the run.")


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Generator[Target]:
    base_url: str | None = pytestconfig.option.base_url
    if base_url and ACCOUNT_VARIABLE not in os.environ:
        pytest.exit(f"The token of the account is missing: put it into {ACCOUNT_VARIABLE}.", returncode=2)
    with (
        embedded_mock() if base_url is None else nullcontext(_named_target(base_url, pytestconfig)) as target
    ):
        yield target


@pytest.fixture(scope="session")
def result(target: Target, pytestconfig: pytest.Config) -> Result:
    options = Options(pytestconfig.option.contract_seed)
    return validate(target, options, lambda _step: None)


def _named_target(base_url: str, config: pytest.Config) -> Target:
    options = config.option
    return Target(
        base_url.rstrip("/"),
        Credentials(tokens_from_environment()),
        options.other_line,
        options.allow_writes,
        lines=frozenset(map(line_key, options.line)) if options.line else None,
    )
