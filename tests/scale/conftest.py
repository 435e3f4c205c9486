"""The servers of the contract tests, for runs in parts, and a cluster of Dask to run them on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.contract.conftest import host, serve, serve_mock

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

__all__ = ["host", "serve", "serve_mock"]

ROOT = Path(__file__).parents[2]
_WORKERS = 2


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of journals for one test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@dataclass(frozen=True)
class Cluster:
    """A scheduler of Dask and its workers, each a process of this machine."""

    address: str
    workers: Sequence[subprocess.Popen[str]]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with contextlib.ExitStack() as stack:
        scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter"]
        _, address = stack.enter_context(_dask(scheduler, "Scheduler at:"))
        worker = ["worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        started = [stack.enter_context(_dask(worker, "Registered to:")) for _ in range(_WORKERS)]
        yield Cluster(address, [process for process, _ in started])


@contextlib.contextmanager
def _dask(words: Sequence[str], ready: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A command of Dask, once it has said that it is ready, and the address that it has said then."""
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    environment = {**os.environ, **allowed, "PYTHONPATH": str(ROOT)}
    with (
        subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        ) as process,
        ThreadPoolExecutor(1) as drain,
    ):
        try:
            assert process.stderr is not None
            said = next(line for line in process.stderr if ready in line)
            drain.submit(process.stderr.read)
            yield process, said.rpartition(ready)[2].strip()
        finally:
            process.kill()
