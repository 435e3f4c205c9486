"""The command that starts the mock, whose log says which rules each exchange passed or broke."""

from __future__ import annotations

import functools

from linq_mock.cli import judged
from linq_mock.log import Exchange, Judge, Verdict
from linq_mock.sandbox import Sandbox


class _LateJudge:
    """The judge of a sandbox, imported when somebody first asks for a verdict: the mock starts sooner."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def judge(self, exchange: Exchange) -> Verdict:
        return self._judge.judge(exchange)

    @functools.cached_property
    def _judge(self) -> Judge:
        from linq_contract.sandbox import SandboxJudge  # noqa: PLC0415 - see above

        return SandboxJudge(self._sandbox)


mock = judged(_LateJudge)
