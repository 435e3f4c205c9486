"""Examples shared over Redis, with the server itself: what one run finds, a run elsewhere tries first."""

from __future__ import annotations

import shutil
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.contract.conftest import host, serve, serve_mock
from tests.scale.odd import PLAIN, Odd, only_mutated_numbers, sent_numbers

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_contract.run.examples import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from tests.serving import Served, ServeMock

SECRET = "canary-of-redis-5b1f"
__all__ = ["host", "only_mutated_numbers", "serve", "serve_mock"]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A Redis server that takes connections, and whose address is the last of its words."""
    program = shutil.which("redis-server")
    assert program, "These tests need redis-server: apt-get install redis-server, as make test-scale does."
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [program, "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path), "--requirepass", SECRET]
    with subprocess.Popen([*command, "--port", port], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("Ready to accept connections" in line for line in process.stdout)
            yield process
        finally:
            process.kill()


def judge(served: Served, redis: subprocess.Popen[str], *, seed: int, password: str = SECRET) -> Result:
    assert isinstance(redis.args, list)
    words = ["validate", served.url, "--allow-writes", "--rules", "update.invalid-number"]
    words += [
        "--seed",
        str(seed),
        "--shard",
        f"{seed}/2",
        "--examples",
        f"redis://127.0.0.1:{redis.args[-1]}",
    ]
    return CliRunner().invoke(main, words, env={ACCOUNT: served.token, PASSWORD: password})


@pytest.mark.usefixtures("only_mutated_numbers")
def test_what_one_shard_has_found_is_what_another_one_tries_first(
    serve_mock: ServeMock, redis: subprocess.Popen[str]
) -> None:
    served = serve_mock(Odd)
    first = judge(served, redis, seed=1)
    found = sent_numbers(served)
    second = judge(served, redis, seed=2)

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert sent_numbers(served)[len(found)] in {number for number in found if {*number} - PLAIN}
    assert SECRET not in first.output + second.output


@pytest.mark.usefixtures("only_mutated_numbers")
def test_a_redis_that_goes_away_in_the_middle_costs_examples_and_no_verdict(
    serve_mock: ServeMock, redis: subprocess.Popen[str]
) -> None:
    served = serve_mock(Odd)
    served.at_update(1, redis.kill)
    done = judge(served, redis, seed=1)

    assert done.exit_code == 1
    assert "Note: not all examples could be read or kept: ConnectionError, " in done.output


@pytest.mark.usefixtures("only_mutated_numbers")
def test_a_wrong_password_is_told_before_anything_is_sent(
    serve_mock: ServeMock, redis: subprocess.Popen[str]
) -> None:
    served = serve_mock()
    done = judge(served, redis, seed=1, password="canary-of-another")

    assert done.exit_code == 2
    assert "The examples cannot be kept at redis://127.0.0.1:" in done.output
    assert "canary" not in done.output
    assert served.log == []
