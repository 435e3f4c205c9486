"""How far a run goes: what a budget sends, what it leaves out, and where a run ends at the first failure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pytest
from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials
from linq_contract.run.extent import BUDGETS, DEEP, QUICK, STANDARD, Budget, EndedAsAskedError, Extent, Part
from linq_contract.run.phases import PHASES
from linq_contract.run.plan import plan
from linq_contract.run.validate import judged_rules
from linq_contract.run.workloads import inputs, probing
from linq_contract.safety.target import Permissions, Target
from linq_mock.faults import FAULTS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.serving import Served, ServeMock

_AROUND_A_BUDGET = 30
"""Requests: the first look, the last list, and what puts the lines back."""


class Done(NamedTuple):
    exit_code: int
    output: str
    report: dict[str, Any]

    @property
    def verdicts(self) -> dict[str, str]:
        return {rule["rule"]: rule["verdict"] for rule in self.report["rules"]}

    def rule(self, name: str) -> dict[str, Any]:
        return next(rule for rule in self.report["rules"] if rule["rule"] == name)


Judge: TypeAlias = "Callable[..., Done]"


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def run(served: Served, *arguments: str) -> Done:
        folder = tmp_path / "reports"
        words = ["validate", served.url, "--seed", "1", "--allow-writes", "--report-dir", str(folder)]
        done = CliRunner().invoke(main, [*words, *arguments], env={ACCOUNT: served.token})
        assert done.exit_code != 2, done.output
        return Done(done.exit_code, done.output, json.loads((folder / "report.json").read_text()))

    return run


# --- what a budget sends -------------------------------------------------------------------------


def test_a_budget_of_requests_is_kept_to(serve_mock: ServeMock, judge: Judge) -> None:
    done = judge(serve_mock(), "--budget", "40")

    assert 40 < done.report["requests"] < 40 + _AROUND_A_BUDGET


def test_what_a_budget_left_out_is_not_tested_and_leaves_the_exit_code_0(
    serve_mock: ServeMock, judge: Judge
) -> None:
    done = judge(serve_mock(), "--budget", "40")

    assert done.exit_code == 0
    assert done.verdicts["list.schema"] == "passed"
    assert done.rule("transport.unknown-method")["because"] == "the budget of 40 requests was spent"
    assert done.report["notes"] == ["the budget of 40 requests was spent; what comes after that was left out"]


def test_what_is_required_must_be_within_the_budget(serve_mock: ServeMock, judge: Judge) -> None:
    done = judge(serve_mock(), "--budget", "40", "--require", "transport.unknown-method")

    assert done.exit_code == 1
    assert done.verdicts["transport.unknown-method"] == "failed"


def test_what_a_budget_cut_short_is_still_looked_at(serve_mock: ServeMock, judge: Judge) -> None:
    served = serve_mock(mixed([FAULTS["update.read-your-writes/stored-without-last-digit"]]))
    looked_at = [
        judge(served, "--budget", str(requests)).verdicts["update.read-your-writes"]
        for requests in range(4, 12, 2)
    ]

    assert "failed" in looked_at
    assert looked_at[-1] == "failed"


def test_lines_are_put_back_when_the_budget_is_spent(serve_mock: ServeMock, judge: Judge) -> None:
    served = serve_mock()
    before = served.forwarding_numbers()
    judge(served, "--budget", "60")

    assert served.forwarding_numbers() == before


def test_an_accepted_failure_that_a_budget_does_not_reach_is_not_said_to_be_mended(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path
) -> None:
    accepted = tmp_path / "accepted.yaml"
    accepted.write_text("- rule: list.schema\n  evidence: never seen*\n  reason: It will be mended.\n")
    done = judge(serve_mock(), "--budget", "40", "--accept", str(accepted))

    assert (done.exit_code, done.report["rotten_acceptances"]) == (0, [])


@pytest.mark.parametrize("budget", ["0", "-1", "x", "1e3", "\u0661"])
def test_a_budget_that_is_none_is_wrong_use(budget: str) -> None:
    done = CliRunner().invoke(main, ["validate", f"--budget={budget}"])

    assert done.exit_code == 2
    assert "is neither quick, standard, deep nor a number of requests" in done.output


def test_a_command_that_is_printed_keeps_the_budget(serve_mock: ServeMock, judge: Judge) -> None:
    done = judge(serve_mock(mixed([FAULTS["list.schema/doc-url-missing"]])), "--budget", "40")

    assert "--budget 40" in done.rule("list.schema")["rerun"]


# --- the plan ------------------------------------------------------------------------------------


@pytest.fixture
def target() -> Target:
    credentials = Credentials({ACCOUNT: "x", OTHER_ACCOUNT: "y"})
    return Target("http://127.0.0.1:1", credentials, Permissions(allow_writes=True))


def test_all_phases_fit_into_the_standard_budget(target: Target) -> None:
    planned = plan(target, judged_rules(["*"]), STANDARD)

    assert planned.within_budget == planned.phases
    assert sum(planned.phases.values()) <= STANDARD.requests


def test_a_quick_plan_is_as_long_as_its_budget_and_says_what_is_left_out(target: Target) -> None:
    planned = plan(target, judged_rules(["*"]), QUICK)

    assert sum(planned.within_budget.values()) == QUICK.requests
    assert "left out by the budget of 300" in str(planned)


def test_a_deep_plan_has_more_examples(target: Target) -> None:
    standard, deep = (plan(target, judged_rules(["*"]), each).phases for each in (STANDARD, DEEP))
    more = {phase.name for phase in deep if deep[phase] > standard[phase]}

    assert more == {phase.name for phase in PHASES if phase.requests.of_examples}
    assert sum(deep.values()) <= DEEP.requests


def test_the_names_of_budgets_are_those_that_are_told() -> None:
    assert list(BUDGETS) == ["quick", "standard", "deep"]


# --- what is left of it --------------------------------------------------------------------------


def test_no_more_is_taken_out_of_a_budget_than_there_is() -> None:
    extent = Extent(Budget("10", 10))
    extent.take(7)

    with pytest.raises(EndedAsAskedError, match="the budget of 10 requests was spent"):
        extent.take(4)
    with pytest.raises(EndedAsAskedError):
        extent.take(1)


def test_without_a_budget_there_is_no_end() -> None:
    Extent().take(10**9)


# --- at the first failure ------------------------------------------------------------------------


def test_a_run_ends_at_the_first_broken_rule_and_puts_back(serve_mock: ServeMock, judge: Judge) -> None:
    served = serve_mock(mixed([FAULTS["update.echo/id-of-first-line"]]))
    before = served.forwarding_numbers()
    done = judge(served, "--fail-fast")

    assert done.exit_code == 1
    assert done.report["requests"] < 100
    assert "--fail-fast ended the run at the first broken rule" in done.output
    assert served.forwarding_numbers() == before


def test_what_only_should_be_kept_ends_no_run_but_a_strict_one(serve_mock: ServeMock, judge: Judge) -> None:
    served = serve_mock(mixed([FAULTS["list.doc-url/relative"]]))
    arguments = ("--fail-fast", "--rules", "list.*", "--budget", "40")

    assert "--fail-fast ended" not in judge(served, *arguments).output
    assert "--fail-fast ended" in judge(served, *arguments, "--strict").output


def test_an_accepted_failure_ends_no_run(serve_mock: ServeMock, judge: Judge, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.yaml"
    accepted.write_text("- rule: list.status-values\n  reason: It will be mended.\n")
    served = serve_mock(mixed([FAULTS["list.status-values/lower-case"]]))
    arguments = ("--fail-fast", "--rules", "list.status-values", "--budget", "40")
    done = judge(served, *arguments, "--accept", str(accepted))

    assert done.exit_code == 0
    assert "--fail-fast ended" not in done.output


# --- the most telling inputs ---------------------------------------------------------------------


def written(body: object) -> str:
    return (body if isinstance(body, bytes) else json.dumps(body).encode()).decode("latin-1")


def test_an_input_is_sent_once() -> None:
    parts = [[written(body) for body in probing.wrong_bodies(part)] for part in Part]
    ids = [list(inputs.malformed_ids(["3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"], part)) for part in Part]
    tokens = [list(inputs.refused_authorizations("X", "x", part))[1:] for part in Part]

    for telling, others in (parts, ids, tokens):
        assert telling
        assert len(telling) < len(others)
        assert not {*telling} & {*others}


def test_every_line_of_the_most_telling_inputs_is_an_input() -> None:
    sent = [
        *(written(body) for body in probing.wrong_bodies(Part.MOST_TELLING)),
        *inputs.OTHER_MEDIA_TYPES,
        *inputs.malformed_ids([inputs.ANY_ID], Part.MOST_TELLING),
        *filter(None, inputs.refused_authorizations("TOKEN", "SIMILAR", Part.MOST_TELLING)),
    ]

    assert inputs.MOST_TELLING - {""} - set(map(inputs.named, sent)) == set()
