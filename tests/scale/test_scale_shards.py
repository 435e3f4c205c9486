"""Shards of a run: each knows its part by its number alone, together they leave nothing out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials
from linq_contract.run.extent import DEEP
from linq_contract.run.phases import PHASES
from linq_contract.run.shards import SHARED_OUT, WHOLE, Shard, ShardError
from linq_contract.safety.target import Permissions, Target
from linq_mock.faults import FAULTS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.serving import ServeMock

    from linq_mock.behaviour import Behaviour

COUNTS = (1, 2, 3, 4, 7, 40)
LINES = [f"{digit * 8}-98a8-4f0e-9a8c-2f6f7d1f2e11" for digit in "123456789"]
ELSEWHERE = "https://api.example.com/api/partner"
OTHER_LINE = "aaaaaaaa-98a8-4f0e-9a8c-2f6f7d1f2e11"
CREDENTIALS = Credentials({ACCOUNT: "a-token", OTHER_ACCOUNT: "another-token"})


def shards(count: int) -> list[Shard]:
    return [Shard(number, count) for number in range(1, count + 1)]


def target(url: str = ELSEWHERE, **permissions: Any) -> Target:
    return Target(url, CREDENTIALS, replace(Permissions(), **permissions))


def test_what_is_shared_out_are_phases() -> None:
    assert {phase.name for phase in PHASES} > SHARED_OUT


@pytest.mark.parametrize("count", COUNTS)
def test_each_phase_that_is_the_same_with_any_seed_is_in_one_shard_and_the_others_are_in_all(
    count: int,
) -> None:
    in_shards = Counter(phase.name for shard in shards(count) for phase in shard.phases(PHASES))

    assert in_shards == {phase.name: 1 if phase.name in SHARED_OUT else count for phase in PHASES}


def test_the_phases_of_a_shard_keep_their_order() -> None:
    for shard in shards(3):
        positions = [PHASES.index(phase) for phase in shard.phases(PHASES)]
        assert positions == sorted(positions)


def test_the_shards_send_about_as_much_each() -> None:
    sent = [sum(phase.requests.writing for phase in shard.phases(PHASES)) for shard in shards(4)]

    assert max(sent) < 1.1 * min(sent)


def test_the_phases_of_the_second_account_are_in_one_shard() -> None:
    second = {"accounts", "further accounts", "second account", "tokens of the second account"}

    assert [second & {phase.name for phase in shard.phases(PHASES)} for shard in shards(3)] == [
        second,
        set(),
        set(),
    ]


def test_each_shard_has_a_seed_of_its_own_that_is_always_the_same() -> None:
    seeds = [shard.seed(7) for shard in shards(1000)]

    assert len(set(seeds)) == 1000
    assert (Shard(1, 4).seed(7), Shard(2, 4).seed(7)) == (25907817, 306418785)
    assert set(seeds).isdisjoint(shard.seed(8) for shard in shards(1000))
    assert WHOLE.seed(7) == 7


@pytest.mark.parametrize(("count", "times"), [(1, 4), (2, 2), (3, 2), (4, 1), (40, 1)])
def test_the_examples_of_a_deep_run_are_shared_out_and_each_shard_has_some(count: int, times: int) -> None:
    budget = Shard(count, count).budget(DEEP)

    assert budget == replace(DEEP, times_as_many_examples=times)


def test_shards_that_update_lines_of_one_account_have_none_in_common() -> None:
    own = [shard.permissions(target(allow_writes=True, lines=frozenset(LINES))).lines for shard in shards(4)]

    assert [len(lines or ()) for lines in own] == [3, 2, 2, 2]
    assert frozenset[str]().union(*(lines or () for lines in own)) == frozenset(LINES)


def test_only_one_shard_updates_the_line_of_the_second_account() -> None:
    permissions: dict[str, Any] = {
        "allow_writes": True,
        "lines": frozenset(LINES),
        "other_line": OTHER_LINE,
    }

    assert [shard.permissions(target(**permissions)).other_line for shard in shards(3)] == [
        OTHER_LINE,
        None,
        None,
    ]


def test_together_the_shards_keep_to_the_rate_of_one_run() -> None:
    with_rate = [shard.permissions(target(rate=8)) for shard in shards(4)]

    assert [shard.permissions(target()).rate for shard in shards(4)] == [5 / 4] * 4
    assert [permissions.rate for permissions in with_rate] == [2] * 4


def test_a_server_on_this_machine_is_that_of_one_shard() -> None:
    permissions: dict[str, Any] = {"allow_writes": True, "lines": frozenset(LINES), "exclusive": True}
    local = target("http://127.0.0.1:8080", **permissions)

    assert Shard(2, 4).permissions(local) == local.permissions


def test_shards_with_less_than_a_line_each_are_refused() -> None:
    with pytest.raises(ShardError, match=r"4 shards that update .* --line names 3: name more lines, or make"):
        Shard(1, 4).permissions(target(allow_writes=True, lines=frozenset(LINES[:3])))


def test_shards_cannot_have_an_account_to_themselves() -> None:
    with pytest.raises(ShardError, match="--exclusive says that nobody else uses the account"):
        Shard(1, 2).permissions(target(exclusive=True))


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "1/0", "-1/4", "1/4/2", "x/y", "\u0661/4"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    done = CliRunner().invoke(main, ["validate", f"--shard={text}", "--seed", "1"])

    assert done.exit_code == 2
    assert "is no shard: write I/N, with I from 1 to N." in done.output


def test_shards_without_a_common_seed_are_refused() -> None:
    done = CliRunner().invoke(main, ["validate", "--shard", "1/4"])

    assert done.exit_code == 2
    assert "--shard needs the --seed of the run, which is the same for each of its shards." in done.output


def test_a_shard_says_what_it_is_and_how_to_see_again_what_it_found(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    served = serve_mock(broken())
    words = ["validate", served.url, "--rules", "list.schema", "--seed", "7", "--shard", "2/3"]
    done = CliRunner().invoke(main, [*words, "--report-dir", str(tmp_path)], env={ACCOUNT: served.token})
    report = json.loads((tmp_path / "report.json").read_text())

    assert done.exit_code == 1
    assert "seed 7, shard 2/3\n" in done.output
    assert (
        "Note: this is shard 2 of 3; linq-contract merge joins their reports into one verdict." in done.output
    )
    assert report["rules"][0]["rerun"] == f"linq-contract {' '.join(words)}"
    assert (report["shard"]["number"], report["shard"]["count"]) == (2, 3)


def test_the_plan_of_a_shard_is_of_its_own_phases() -> None:
    done = CliRunner().invoke(main, ["validate", "--seed", "1", "--shard", "2/3", "--dry-run"])
    planned = {phase.name for phase in PHASES if f"  {phase.name} " in done.output}

    assert planned == {phase.name for phase in Shard(2, 3).phases(PHASES)}


def broken() -> type[Behaviour]:
    return mixed([FAULTS["list.schema/national-number"]])
