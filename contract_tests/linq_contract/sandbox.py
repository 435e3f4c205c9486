"""The judge of what a sandbox is asked and answers."""

from __future__ import annotations

import linq_document
from linq_contract.contract.lines import Accounts, listed_lines
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, placeholder
from linq_contract.http.messages import TRANSIENT, Attempt, Request, Response
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import checked
from linq_mock.log import BrokenRule, Verdict
from linq_mock.log import Exchange as LoggedExchange
from linq_mock.sandbox import Sandbox

_RULES_OF_ERRORS = ("error.", "transport.")


class SandboxJudge:
    """Holds each exchange of a sandbox to the rules of single exchanges, by the checks of a run."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._document = linq_document.load()

    def judge(self, exchange: LoggedExchange) -> Verdict:
        """The rules that an exchange tests, given the lines that the accounts have now.

        A failure that may pass is held to the rules of errors alone: a run would try again.
        """
        judged = Exchange.of(self._attempt(exchange), self._document, self._accounts(exchange))
        may_pass = exchange.status in TRANSIENT
        problems = [
            (rule, problem)
            for rule, problem in checked(judged)
            if not may_pass or rule.startswith(_RULES_OF_ERRORS)
        ]
        broken = {rule: problem for rule, problem in problems if problem}
        passed = dict.fromkeys(rule for rule, _ in problems if rule not in broken)
        return Verdict(tuple(passed), tuple(BrokenRule(*each) for each in broken.items()))

    def _accounts(self, exchange: LoggedExchange) -> Accounts:
        """The account that asked, and all others as one."""
        accounts = Accounts()
        for account in self._sandbox.accounts:
            known = accounts[ACCOUNT if account is exchange.call.account else OTHER_ACCOUNT]
            lines = listed_lines(account.lines.values())
            known.adopt({**(known.lines or {}), **{line.key: line for line in lines}})
        return accounts

    def _attempt(self, exchange: LoggedExchange) -> Attempt:
        call = exchange.call
        target = call.raw_path.removeprefix(self._sandbox.base_path)
        if call.query_string:
            target += f"?{call.query_string}"
        headers = tuple((name.title(), self._concealed(value)) for name, value in _decoded(call.headers.raw))
        has_body = any(name in {"Content-Length", "Transfer-Encoding"} for name, _ in headers)
        request = Request(call.method, target, headers, call.body if has_body else None)
        return Attempt(request, Response(exchange.status, _decoded(exchange.headers), exchange.body))

    def _concealed(self, value: str) -> str:
        """A header in which the token of an account is the placeholder that the checks know."""
        token = value.partition(" ")[2]
        account = self._sandbox.accounts.by_token.get(token)
        return value if account is None else value.replace(token, placeholder(ACCOUNT))


def _decoded(headers: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
