"""The example of a judged test, run as its user would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.serving import CANARY

from linq_mock.variation import Variation

if TYPE_CHECKING:
    from tests.live.conftest import Mock

    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import Behaviour
    from linq_mock.messages import Call

EXAMPLE = Path(__file__).parents[2] / "examples/test_validated.py"


class StoresAnother(Variation):
    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number and f"{number}9")


@pytest.mark.parametrize(
    ("behaviour", "exit_code", "said"), [(None, 0, "1 passed"), (StoresAnother, 1, "update")]
)
def test_it_passes_on_an_honest_server_and_fails_on_another(
    mock: Mock, behaviour: type[Behaviour] | None, exit_code: int, said: str
) -> None:
    url = mock() if behaviour is None else mock(behaviour)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE)],
        env={
            **os.environ,
            "LINQ_API_V3_BASE_URL": url,
            "LINQ_API_V3_API_KEY": CANARY,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # their imports take longer than these tests
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == exit_code, done.stdout
    assert said in done.stdout
    assert CANARY not in done.stdout
