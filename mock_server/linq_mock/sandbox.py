"""The mock as a sandbox: accounts that come and go, behaviour that is set, and a log of it all."""

from __future__ import annotations

import asyncio
import copy
import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

import linq_document
from linq_mock.accounts import DEFAULT_LINES, Account, Accounts, made_up_lines, with_reputation
from linq_mock.app import call_of, read_body
from linq_mock.log import LONGEST_BODY, Log
from linq_mock.messages import Call, Headers
from linq_mock.problems import Code, Problem
from linq_mock.settings import HEADER, Setting, Settings
from linq_mock.tokens import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from linq_document import Document
    from linq_mock.accounts import Line
    from linq_mock.behaviour import Behaviour
    from linq_mock.log import Exchange
    from linq_mock.messages import Receive, Response, Scope, Send
    from linq_mock.scenario import Scenario, Timeline
    from linq_mock.state_file import StateFile

_LOGGER = logging.getLogger("linq_mock")
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]{1,100}")
_RAW_HEADER = HEADER.lower().encode()


class SandboxError(ValueError):
    """What was asked of the sandbox is impossible, and nothing has changed; the message says why."""


class NotThereError(SandboxError):
    """The sandbox has no account, or no line, of this name."""


class NotSavedError(Exception):
    """What has changed is not in the file of the state; the message says why."""


class Sandbox:
    """A running mock: an ASGI application, and what its accounts, its behaviour and its log are.

    It belongs to the event loop that serves it: whoever is in another thread has it call. Whether a
    request may ask for a behaviour by its header is `takes_header`. With a `state` its accounts are those
    that were saved there, if some were, and whatever changes is saved before it is answered. Raises
    StateFileError when what was saved is damaged, and NotSavedError when nothing can be saved.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        base_path: str = "",
        *,
        setting: Setting | None = None,
        document: Document | None = None,
        takes_header: bool = True,
        state: StateFile | None = None,
    ) -> None:
        self._state = state
        accounts = (state.accounts() if state else []) or accounts
        self.base_path = base_path
        self.document = document or linq_document.load()
        self.accounts = Accounts(accounts)
        self.log = Log()
        self._takes_header = takes_header
        self._scenario: Scenario | None = None
        self._timeline: Timeline | None = None
        self.closing = asyncio.Event()
        """Set when the server ends, so that what is still being sent ends, too."""
        self._at_start = copy.deepcopy(list(accounts))
        self.settings = Settings(setting or Setting(), self.accounts, base_path, self.document)
        if state:
            self.log.begin_with(state.exchanges(self.accounts))
            self.save()

    # --- requests ---------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of HTTP, as an ASGI application does."""
        body = await read_body(receive)
        if body is not None:
            response = await self.respond(call_of(scope, body))
            await response(scope, receive, send)

    def at_once(self, call: Call) -> Response | None:
        """Answer a call as `respond` does; None, and nothing has happened, when that may take its time."""
        started = time.perf_counter()
        self.go_on()
        plain = self._plain(call)
        if plain is None or self.settings.for_all.varies:
            return None
        return self._kept(call, _finished(plain.respond(call)), self.settings.for_all.names, started)

    async def respond(self, call: Call) -> Response:
        """Answer a call, and keep the exchange in the log."""
        started = time.perf_counter()
        self.go_on()
        if plain := self._plain(call):
            response, behaviour = await plain.respond(call), self.settings.for_all.names
        else:
            response, behaviour = await self._respond_as_set(call)
        return self._kept(call, response, behaviour, started)

    def _plain(self, call: Call) -> Behaviour | None:
        """Return the behaviour that answers a call whatever its account is, if there is one."""
        return None if self._takes_header and _has_header(call) else self.settings.plain

    def _kept(self, call: Call, response: Response, behaviour: str, started: float) -> Response:
        """Keep an exchange, do what is due after it, and return the answer."""
        if call.method == "HEAD":
            response.body = b""
        exchange = self.log.add(call, response, started, behaviour)
        if self._timeline:
            self._timeline.answered(call.account)
        if self._state:
            return self._saved(self._state, exchange, response, is_plain=not behaviour)
        return response

    async def send_again(self, exchange: Exchange) -> Exchange:
        """Answer a request of the log once more, and return that exchange.

        Raises SandboxError when its body was too long to be kept.
        """
        call = exchange.call
        if exchange.is_cut and len(call.body) >= LONGEST_BODY:
            raise SandboxError("the body of this request is not kept whole, so it cannot be sent again")
        headers = Headers(list(call.headers.raw))
        if call.account and headers.get("Authorization") == f"Bearer {PLACEHOLDER}":
            headers["Authorization"] = f"Bearer {call.account.token}"
        again = Call(call.method, call.raw_path, headers, call.body, call.client, call.query_string)
        await self.respond(again)
        return next(each for each in reversed(self.log.exchanges()) if each.call is again)

    def _saved(self, state: StateFile, exchange: Exchange, response: Response, *, is_plain: bool) -> Response:
        """Save what a request has changed, and return its answer: that it failed when it cannot be saved."""
        try:
            if is_plain:
                state.save_exchange(exchange)
            else:
                state.save_all(self.accounts, exchange)
        except NotSavedError as error:
            return self.settings.for_all.behaviour.refuse(exchange.call, unsaved(error))
        return response

    def save(self) -> None:
        """Save what has changed otherwise than by requests. Raises NotSavedError."""
        if self._state:
            self._state.save_all(self.accounts)

    async def _respond_as_set(self, call: Call) -> tuple[Response, str]:
        presented = call.headers.get("Authorization", "").partition(" ")[2]
        call.account = self.accounts.by_token.get(presented)
        header = call.headers.get(HEADER) if self._takes_header else None
        try:
            chosen = self.settings.choose(call, header)
        except Problem as problem:
            return self.settings.for_all.behaviour.refuse(call, problem), ""
        return await chosen.respond(call), chosen.names

    # --- accounts ---------------------------------------------------------------------------

    def create_account(
        self, name: str | None = None, token: str | None = None, lines: int | Sequence[Line] = DEFAULT_LINES
    ) -> Account:
        """Add an account, by default with a name, a token and lines that are made up.

        The lines of a name are the same each time. Raises SandboxError when the name or the token is
        taken or cannot be one, or when two lines have the same id or number.
        """
        name = name or self._free_name()
        if not _NAME.fullmatch(name):
            raise SandboxError("a name has 1 to 100 letters, digits and . _ ~ -, and is neither . nor ..")
        if name in self.accounts.by_name:
            raise SandboxError(f"there is an account {name} already")
        token = token or f"linq-mock-{secrets.token_hex(16)}"
        refuse_token(token)
        if token in self.accounts.by_token:
            raise SandboxError("there is an account with this token already")
        made = made_up_lines(lines, owner=name) if isinstance(lines, int) else copy.deepcopy(list(lines))
        refuse_duplicates(made)
        account = Account.of(token, made, name)
        self.accounts.add(account)
        self.log.note("account added", name)
        return account

    def account(self, name: str) -> Account:
        """Return the account of a name. Raises NotThereError."""
        if name not in self.accounts.by_name:
            raise NotThereError(f"there is no account {name}")
        return self.accounts.by_name[name]

    def remove_account(self, name: str) -> None:
        """Remove an account and what is set for it. Raises NotThereError."""
        self.accounts.remove(self.account(name))
        self.settings.forget_account(name)
        self.log.note("account removed", name)

    def _free_name(self) -> str:
        numbers = range(len(self.accounts) + 1, 2 * len(self.accounts) + 2)
        return next(name for name in map("account-{}".format, numbers) if name not in self.accounts.by_name)

    # --- lines ------------------------------------------------------------------------------

    def line(self, account: Account, phone_number_id: str) -> Line:
        """Return the line of an account that has an id. Raises NotThereError."""
        if phone_number_id.lower() not in account.lines:
            raise NotThereError(f"the account {account.name} has no line {phone_number_id}")
        return account.lines[phone_number_id.lower()]

    def add_line(self, account: Account, properties: Mapping[str, Any]) -> Line:
        """Add a line with some properties of its own, the others made up.

        Raises SandboxError when another line of the account has the same id or number.
        """
        taken = {line["phone_number"] for line in account.lines.values()}
        owner = f"{account.name}/{account.added}"  # so that no id comes again
        line: Line = {**made_up_lines(1, taken=taken, owner=owner)[0], "forwarding_number": None}
        line.update(with_reputation(properties))
        refuse_duplicates([*account.lines.values(), line])
        account.lines[line["id"].lower()] = line
        account.added += 1
        self._changed("line added", account)
        return line

    def change_line(self, account: Account, phone_number_id: str, properties: Mapping[str, Any]) -> Line:
        """Give a line other properties, a reputation by its status alone. Raises NotThereError."""
        line = self.line(account, phone_number_id)
        line.update(with_reputation(properties))
        self._changed("line changed", account)
        return line

    def remove_line(self, account: Account, phone_number_id: str) -> None:
        """Raises NotThereError."""
        line = self.line(account, phone_number_id)
        del account.lines[line["id"].lower()]
        self._changed("line removed", account)

    def _changed(self, what: str, account: Account) -> None:
        account.encoded_list = None
        self.log.note(what, account.name)

    # --- behaviour --------------------------------------------------------------------------

    def set_behaviour(self, setting: Setting, account: Account | None = None) -> None:
        """Set how to behave, to an account or to all.

        Raises ValueError when it cannot be, and then changes nothing.
        """
        if account is None:
            self.settings.set_for_all(setting)
        else:
            self.settings.set_for_account(account.name, setting)
        self.log.note("behaviour set", account.name if account else "")

    def forget_behaviour(self, account: Account) -> None:
        """Have what is set for all be in force for an account, too."""
        self.settings.forget_account(account.name)
        self.log.note("behaviour set", account.name)

    # --- all of it --------------------------------------------------------------------------

    def play(self, scenario: Scenario) -> None:
        """Have the accounts and the behaviour of a scenario, now and after a reset, and let it happen."""
        if scenario.accounts is not None:
            self._at_start = list(scenario.accounts)
        self._scenario = scenario
        self.settings.start_with(scenario.behaviour)
        self.reset()

    @property
    def scenario(self) -> Scenario | None:
        """The scenario that is played."""
        return self._scenario

    def go_on(self) -> None:
        """Do what is due in the scenario by now."""
        if self._timeline:
            self._timeline.go_on()

    def reset(self) -> None:
        """Return to the accounts, lines, behaviour and scenario of the start, and forget the requests."""
        self._have(self._at_start)
        self.settings.reset()
        self.forget_requests()
        self.log.note("reset")
        if self._scenario:
            from linq_mock.scenario import Timeline  # noqa: PLC0415 - most sandboxes have no scenario

            self._timeline = Timeline(self, self._scenario.steps)
            self._timeline.go_on()

    def forget_requests(self) -> None:
        """Forget the requests, and the changes between them."""
        self.log.clear()
        if self._state:
            self._state.forget_requests()

    def replace(
        self, accounts: Sequence[Account], setting: Setting | None, of_accounts: Mapping[str, Setting]
    ) -> None:
        """Have these accounts, and these settings for all and for some of them, and no others.

        Without a `setting` that for all stays. Raises ValueError when it cannot be, and then changes
        nothing.
        """
        _refuse_together(accounts)
        for name in of_accounts.keys() - {account.name for account in accounts}:
            raise NotThereError(f"there is no account {name}")
        for each in [*of_accounts.values(), *([setting] if setting else [])]:
            self.settings.try_out(each)
        self._have(accounts)
        if setting:
            self.settings.set_for_all(setting)
        for name, own in of_accounts.items():
            self.settings.set_for_account(name, own)
        self.log.note("state replaced")

    def _have(self, accounts: Sequence[Account]) -> None:
        for account in list(self.accounts):
            self.accounts.remove(account)
            self.settings.forget_account(account.name)
        for account in copy.deepcopy(list(accounts)):
            self.accounts.add(account)


def unsaved(error: NotSavedError) -> Problem:
    """Log that a change was not saved, and return the Problem that says so to whoever has made it."""
    _LOGGER.error(str(error))
    return Problem(Code.INTERNAL, str(error))


def _finished(answering: Coroutine[Any, Any, Response]) -> Response:
    """Return what a coroutine that waits for nothing returns."""
    try:
        answering.send(None)
    except StopIteration as end:
        response: Response = end.value
        return response
    raise AssertionError("an answer that is given at once has waited for something")


def _has_header(call: Call) -> bool:
    return _RAW_HEADER in [name for name, _ in call.headers.raw]


def _refuse_together(accounts: Sequence[Account]) -> None:
    for which in ("name", "token"):
        if len({getattr(account, which) for account in accounts}) < len(accounts):
            raise SandboxError(f"two accounts have the same {which}")
    for account in accounts:
        refuse_token(account.token)
        refuse_duplicates(list(account.lines.values()))


def refuse_token(token: str) -> None:
    """Raise SandboxError when a text cannot be sent as a token."""
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        raise SandboxError("a token consists of visible ASCII characters, at least one")


def refuse_duplicates(lines: Sequence[Line]) -> None:
    """Raise SandboxError when two lines have the same id or number."""
    for which in ("id", "phone_number"):
        if len({line[which].lower() for line in lines}) < len(lines):
            raise SandboxError(f"two lines have the same {which}")
