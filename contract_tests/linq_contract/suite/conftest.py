"""The run that the tests of the suite look at: one for all of them, and for all workers of pytest-xdist."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass, replace
from typing import Any, cast

import click
import pytest

from linq_contract.options import options_of, permissions_of, sources_of, target_at
from linq_contract.report.description import Description, describe
from linq_contract.run.result import ExitCode
from linq_contract.run.validate import NotRestoredError, NotStartedError, NotTestedError, validate
from linq_contract.safety.private import write_private
from linq_contract.safety.records import JournalError
from linq_contract.suite import context_of


@dataclass(frozen=True)
class _NoVerdictError(Exception):
    """Why there is no verdict, and the exit code that says so."""

    sentence: str
    exit_code: int


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Description:
    """What a run has found out. Where there is none, pytest ends as the command ends."""
    try:
        if _is_worker(pytestconfig):
            return _shared_run(pytestconfig, tmp_path_factory)
        return _run(pytestconfig)
    except _NoVerdictError as reason:
        if _is_worker(pytestconfig):  # a worker that ends is taken for one that has crashed
            pytest.fail(reason.sentence, pytrace=False)
        pytest.exit(reason.sentence, returncode=reason.exit_code)


def _is_worker(config: pytest.Config) -> bool:
    """Whether pytest-xdist shares the tests out; the environment could tell of another pytest around it."""
    return hasattr(config, "workerinput")


def _shared_run(config: pytest.Config, folders: pytest.TempPathFactory) -> Description:
    """The run of the first worker that needs one; two at once would stand in each other's way."""
    kept = folders.getbasetemp().parent / "contract-run.json"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            write_private(kept, json.dumps(_kept(config)).encode())
    content: Any = json.loads(kept.read_bytes())
    if "no_verdict" in content:
        raise _NoVerdictError(*content["no_verdict"])
    return cast("Description", content)


def _kept(config: pytest.Config) -> object:
    try:
        return _run(config)
    except _NoVerdictError as reason:
        return {"no_verdict": [reason.sentence, reason.exit_code]}


def _run(config: pytest.Config) -> Description:
    try:
        context = context_of(config)
        values = context.params
        options = replace(options_of(context), seed=values["contract_seed"])
        with target_at(values["base_url"], permissions_of(values), sources_of(values)) as target:
            return describe(validate(target, options, lambda _step: None), {})
    except click.UsageError as error:
        raise _NoVerdictError(error.format_message(), ExitCode.WRONG_USE) from error
    except (NotStartedError, JournalError) as error:
        raise _NoVerdictError(str(error), ExitCode.WRONG_USE) from error
    except NotTestedError as error:
        raise _NoVerdictError(str(error), ExitCode.INCOMPLETE) from error
    except NotRestoredError as error:
        raise _NoVerdictError(str(error), ExitCode.NOT_RESTORED) from error
