"""What Hypothesis has found is kept in a folder, and tried first by the next run on that server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis.database import InMemoryExampleDatabase
from tests.scale.odd import PLAIN, Odd, only_mutated_numbers, sent_numbers

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_contract.run.examples import Examples

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from tests.serving import Served, ServeMock

__all__ = ["only_mutated_numbers"]


def judge(served: Served, examples: str, *, seed: int) -> Result:
    words = ["validate", served.url, "--allow-writes", "--rules", "update.invalid-number"]
    words += ["--seed", str(seed), "--examples", examples]
    return CliRunner().invoke(main, words, env={ACCOUNT: served.token})


@pytest.mark.usefixtures("only_mutated_numbers")
def test_what_a_run_has_found_is_what_the_next_one_tries_first(serve_mock: ServeMock, tmp_path: Path) -> None:
    served = serve_mock(Odd)
    first = judge(served, str(tmp_path / "examples"), seed=1)
    found = sent_numbers(served)
    second = judge(served, str(tmp_path / "examples"), seed=2)

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert sent_numbers(served)[len(found)] in {number for number in found if {*number} - PLAIN}


@pytest.mark.usefixtures("only_mutated_numbers")
def test_on_a_slow_server_what_was_found_is_tried_beside_what_is_sent_at_once(
    serve_mock: ServeMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve_mock(Odd)
    found = sent_by(served, tmp_path / "shared", seed=1)
    monkeypatch.setattr("linq_contract.run.session._SLOW", 0)
    by_itself = sent_by(served, tmp_path / "own", seed=2)
    with_what_was_found = sent_by(served, tmp_path / "shared", seed=2)

    assert any({*number} - PLAIN for number in found & (with_what_was_found - by_itself))


def sent_by(served: Served, examples: Path, seed: int) -> set[str]:
    """The numbers that a run sends."""
    before = len(sent_numbers(served))
    judge(served, str(examples), seed=seed)
    return {*sent_numbers(served)[before:]}


@pytest.mark.usefixtures("only_mutated_numbers")
def test_what_another_server_has_shown_is_not_tried_and_not_lost(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    odd, honest = serve_mock(Odd), serve_mock()
    judge(odd, str(tmp_path), seed=1)
    kept = sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert judge(honest, str(tmp_path), seed=1).exit_code == 0
    assert sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()) == kept


def test_the_key_of_a_test_is_what_it_was_before_its_code_changed() -> None:
    database = InMemoryExampleDatabase()
    of_test = Examples(database, "https://example.com").of_test("sequences", {"b", "a"})
    of_test.save(b"a digest of the code", b"found")
    of_test.save(b"a digest of the code.secondary", b"larger")
    later = Examples(database, "https://example.com").of_test("sequences", {"a", "b"})

    assert list(later.fetch(b"of other code")) == [b"found"]
    assert list(later.fetch(b"of other code.secondary")) == [b"larger"]


@pytest.mark.parametrize(
    ("server", "test", "known"),
    [
        ("https://b.example", "sequences", set[str]()),
        ("https://a.example", "numbers", set[str]()),
        ("https://a.example", "sequences", {"list.unique"}),
    ],
)
def test_other_servers_tests_and_known_rules_have_other_keys(server: str, test: str, known: set[str]) -> None:
    database = InMemoryExampleDatabase()
    Examples(database, "https://a.example").of_test("sequences", set()).save(b"key", b"found")

    assert list(Examples(database, server).of_test(test, known).fetch(b"key")) == []


@pytest.mark.parametrize(
    ("location", "complaint"),
    [
        ("http://127.0.0.1", "Examples are kept in a folder, or at redis://HOST[:PORT][/NUMBER]."),
        ("redis://[127.0.0.1", "Examples are kept in a folder, or at redis://HOST[:PORT][/NUMBER]."),
        ("redis://:canary@127.0.0.1:1", "it is read from REDISCLI_AUTH."),
        ("redis://127.0.0.1:1", "The examples cannot be kept at redis://127.0.0.1:1: "),
        ("redis://127.0.0.1:1/x", "The examples cannot be kept at redis://127.0.0.1:1/x: "),
        ("/dev/null/examples", "The examples cannot be kept in /dev/null/examples: Not a directory."),
    ],
)
def test_where_nothing_can_be_kept_is_told_before_anything_is_sent(
    serve_mock: ServeMock, location: str, complaint: str
) -> None:
    served = serve_mock()
    done = judge(served, location, seed=1)

    assert done.exit_code == 2
    assert complaint in done.output
    assert "canary" not in done.output
    assert served.log == []
