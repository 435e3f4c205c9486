"""The servers of the contract tests, for runs in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.contract.conftest import host, serve, serve_mock

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["host", "serve", "serve_mock"]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of journals for one test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
