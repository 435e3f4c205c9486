"""Runs that are killed by SIGKILL at random moments leave nothing that `restore` does not put back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import linq_mock

if TYPE_CHECKING:
    from tests.safety.killing import Tally

_RUNS = int(os.environ.get("KILLED_RUNS", "5"))
_LATEST = float(os.environ.get("KILLED_WITHIN", "1"))
_SEED = 20_260_724


@pytest.mark.parametrize(
    "server",
    [(), ("--freedom", "passing-503", "--freedom", "passing-500-after-writing")],
    ids=["honest", "failing"],
)
def test_no_forwarding_number_differs_after_killed_runs_are_restored(
    server: tuple[str, ...], state: Path
) -> None:
    from tests.safety.killing import kill_runs  # noqa: PLC0415 - its processes import it by this name

    with linq_mock.running("--lines", "5", *server) as mock:
        tally: Tally = kill_runs(mock, state.parent, _RUNS, _LATEST, _SEED)
    print(f"\n{' '.join(server) or 'an honest server'}: {tally}")  # noqa: T201 - the result of a soak

    assert (tally.runs, tally.differing) == (_RUNS, 0)
    assert tally.left_changed
