"""Runs that are killed by SIGKILL at random moments leave nothing that `restore` does not put back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.serving import BASE_PATH, CANARY

from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.freedoms import FREEDOMS
from linq_mock.tokens import DEFAULT_TOKENS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.serving import Serve

pytestmark = pytest.mark.long

_RUNS = int(os.environ.get("KILLED_RUNS", "5"))
_LATEST = int(os.environ.get("KILLED_BY_UPDATE", "40"))
_SEED = 20_260_724


@pytest.mark.parametrize(
    "freedoms", [(), ("passing-503", "passing-500-after-writing")], ids=["honest", "failing"]
)
def test_no_forwarding_number_differs_after_killed_runs_are_restored(
    serve: Serve, freedoms: tuple[str, ...], state: Path
) -> None:
    from tests.safety.killing import kill_runs  # noqa: PLC0415 - its processes import it by this name

    accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), 5)
    served = serve(application(mixed([FREEDOMS[name] for name in freedoms])(accounts, BASE_PATH)))
    tally = kill_runs(served, accounts, state.parent, _RUNS, _LATEST, _SEED)
    print(f"\n{' '.join(freedoms) or 'an honest server'}: {tally}")  # noqa: T201 - the result of a soak

    assert (tally.runs, tally.killed, tally.differing) == (_RUNS, _RUNS, 0)
    assert tally.left_changed
