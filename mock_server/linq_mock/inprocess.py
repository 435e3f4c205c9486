"""The mock in a thread of this process, for tests: an account for each of them, handled as plain objects."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from linq_mock.accounts import DEFAULT_LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from linq_mock.accounts import Account, Line
    from linq_mock.log import Exchange
    from linq_mock.sandbox import Sandbox
    from linq_mock.server import Server
    from linq_phone_numbers import AsyncLinqClient, LinqClient

Result = TypeVar("Result")

BASE_PATH = "/api/partner"


@dataclass(frozen=True)
class Request:
    """A request that the mock was sent, and what it answered with. Bodies are as text.

    `behaviour` says what the answer was asked to be like, and is empty when it was the mock's own.
    """

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: str
    status: int
    response: str
    behaviour: str

    def json(self) -> Any:
        """Return what the body holds. Raises ValueError when it is not JSON."""
        return json.loads(self.body)


class MockLine:
    """A line of an account of the mock: what is set here is what the next list shows."""

    def __init__(self, mock: LinqMock, line: Line) -> None:
        self._mock = mock
        self._line = line

    @property
    def id(self) -> str:
        """What an update names the line by."""
        return str(self._line["id"])

    @property
    def phone_number(self) -> str:
        """The number in E.164 format."""
        return str(self._line["phone_number"])

    @property
    def reputation(self) -> str:
        """HEALTHY, AT_RISK or CRITICAL. Setting anything else raises ValueError."""
        return str(self._line["reputation"]["status"])

    @reputation.setter
    def reputation(self, status: str) -> None:
        self._mock.change_line(self.id, reputation=status)

    @property
    def forwarding_number(self) -> str | None:
        """Where calls are forwarded to, in E.164 format; None when they are not."""
        number: str | None = self._line.get("forwarding_number")
        return number

    @forwarding_number.setter
    def forwarding_number(self, number: str | None) -> None:
        self._mock.change_line(self.id, forwarding_number=number)

    def remove(self) -> None:
        """Release the line: it is listed no more, and an update of it is answered with 404."""
        self._mock.remove_line(self.id)

    def __repr__(self) -> str:
        forwards = f"forwarding_number={self.forwarding_number!r}"
        return f"MockLine({self.phone_number!r}, {self.reputation}, {forwards})"


class LinqMock:
    """An account of a mock in this process. A program under test needs its `url` and its `token`."""

    def __init__(self, server: MockServer, account: Account) -> None:
        self._server = server
        self._account = account
        self._since = server.sandbox.log.newest
        self._clients: list[LinqClient] = []

    @property
    def url(self) -> str:
        """The base URL of the mocked API, `LINQ_API_V3_BASE_URL` of a program under test."""
        return self._server.url

    @property
    def token(self) -> str:
        """The token of the account, `LINQ_API_V3_API_KEY` of a program under test."""
        return self._account.token

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point a program with our client or the vendor's to this account."""
        return {"LINQ_API_V3_BASE_URL": self.url, "LINQ_API_V3_API_KEY": self.token}

    @property
    def name(self) -> str:
        """What the control API calls the account."""
        return self._account.name

    def client(self, **options: Any) -> LinqClient:
        """Return a client of this account; `options` are those of LinqClient. It is closed at the end."""
        from linq_phone_numbers import LinqClient  # noqa: PLC0415 - whoever brings another client needs none

        client = LinqClient(self.token, self.url, **options)
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> AsyncLinqClient:
        """Return an asynchronous client of this account, to be used in `async with`."""
        from linq_phone_numbers import AsyncLinqClient  # noqa: PLC0415 - as above

        return AsyncLinqClient(self.token, self.url, **options)

    # --- lines ------------------------------------------------------------------------------

    @property
    def lines(self) -> list[MockLine]:
        """The lines of the account, in the order of the list."""
        return [
            MockLine(self, line) for line in self._server.call(lambda: list(self._account.lines.values()))
        ]

    def add_line(self, **properties: Any) -> MockLine:
        """Add a line, with a `phone_number`, `reputation`, `forwarding_number` or `id` of its own or made up.

        Raises ValueError when another line has the same number.
        """
        _refuse_invalid(properties)
        line = self._server.call(lambda: self._server.sandbox.add_line(self._account, properties))
        return MockLine(self, line)

    def change_line(self, phone_number_id: str, **properties: Any) -> None:
        """Set the `reputation` or the `forwarding_number` of a line. Raises ValueError."""
        _refuse_invalid(properties)
        self._server.call(
            lambda: self._server.sandbox.change_line(self._account, phone_number_id, properties)
        )

    def remove_line(self, phone_number_id: str) -> None:
        """Release a line. Raises ValueError when there is none of this id."""
        self._server.call(lambda: self._server.sandbox.remove_line(self._account, phone_number_id))

    # --- behaviour --------------------------------------------------------------------------

    def behave(
        self,
        *,
        faults: Sequence[str] = (),
        freedoms: Sequence[str] = (),
        latency: float = 0.0,
        status: int | None = None,
        retry_after: int | None = None,
        every: int = 1,
        next: int | None = None,  # noqa: A002 - what the control API calls it
    ) -> None:
        """Have the mock behave like this to this account; `behave()` is the honest server.

        Args:
            faults: Names of faults.
            freedoms: Names of freedoms.
            latency: Seconds that every answer waits.
            status: The error that requests are answered with, instead of being handled.
            retry_after: Seconds that this error tells the client to wait.
            every: Every how manieth request is concerned.
            next: How many requests are concerned, until it is over.

        Raises ValueError when something that is named does not exist.

        """
        from linq_mock.settings import Setting  # noqa: PLC0415 - the server has imported it

        setting = Setting(tuple(faults), tuple(freedoms), latency, status, retry_after, every, next)
        self._server.call(lambda: self._server.sandbox.set_behaviour(setting, self._account))

    def fail_next(self, count: int = 1, *, status: int = 503, retry_after: int | None = None) -> None:
        """Have the next requests be answered with an error. Raises ValueError."""
        self.behave(status=status, retry_after=retry_after, next=count)

    # --- requests ---------------------------------------------------------------------------

    @property
    def requests(self) -> list[Request]:
        """The requests with the token of this account, in the order of their answers."""
        return [_request(each) for each in self._exchanges() if each.call.account is self._account]

    def unexpected(self) -> list[str]:
        """Say of each request since the account is there for which the mock has no answer what is near it.

        That is one whose path or method it does not have, or whose token is nobody's.
        """
        found = [
            (each, self._server.why_unexpected(each))
            for each in self._exchanges()
            if each.call.account is None or each.call.account is self._account
        ]
        return [f"{each.call.method} {each.call.raw_path}: {why}" for each, why in found if why]

    def close(self) -> None:
        """Close the clients."""
        for client in self._clients:
            client.close()

    def _exchanges(self) -> list[Exchange]:
        exchanges = self._server.call(self._server.sandbox.log.exchanges)
        return [each for each in exchanges if each.number > self._since]


class MockServer:
    """A sandbox that a thread of this process serves, on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        # Here, so that whoever only has the pytest plugin installed pays nothing for it.
        from linq_mock.control import Controlled  # noqa: PLC0415
        from linq_mock.sandbox import Sandbox  # noqa: PLC0415
        from linq_mock.server import Server, listen, url_of  # noqa: PLC0415

        self._listener = listen("127.0.0.1", 0)
        self.url = url_of(self._listener, BASE_PATH)
        self.sandbox: Sandbox = Sandbox([], BASE_PATH)
        self._is_ready = threading.Event()
        app = Controlled(self.sandbox, url_of(self._listener, ""))
        self._server: Server = Server(app, self._begin, self.sandbox.closing)
        self._thread = threading.Thread(target=self._run, name="linq-mock", daemon=True)

    @classmethod
    @contextmanager
    def started(cls) -> Generator[MockServer]:
        """Serve as long as the context lasts."""
        server = cls()
        server._thread.start()
        server._is_ready.wait()
        try:
            yield server
        finally:
            server._server.should_exit = True
            server._thread.join()

    @contextmanager
    def account(
        self, name: str | None = None, *, lines: int | Sequence[Line] = DEFAULT_LINES
    ) -> Generator[LinqMock]:
        """Have an account as long as the context lasts. Raises ValueError when the name is taken."""
        account = self.call(lambda: self.sandbox.create_account(name, lines=lines))
        mock = LinqMock(self, account)
        try:
            yield mock
        finally:
            mock.close()
            self.call(lambda: self.sandbox.remove_account(account.name))

    def call(self, function: Callable[[], Result]) -> Result:
        """Call a function in the thread of the server, where nothing else happens meanwhile."""
        from concurrent.futures import Future  # noqa: PLC0415 - the server has imported it

        outcome = Future[Result]()

        def run() -> None:
            try:
                outcome.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it is raised where it belongs
                outcome.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return outcome.result()

    def why_unexpected(self, exchange: Exchange) -> str:
        """Say what is near a request that the mock has no answer for; nothing of another one."""
        from linq_mock.problems import Problem  # noqa: PLC0415 - the server has imported it
        from linq_mock.routes import operation_of  # noqa: PLC0415 - the same

        call, routes = exchange.call, self.sandbox.settings.for_all.behaviour.routes
        try:
            operation_of(routes.find(call.raw_path)[0], call.method)
        except Problem as problem:
            paths = [BASE_PATH + operation.path for operation in self.sandbox.document.operations.values()]
            near = get_close_matches(call.raw_path, paths, 1, 0.5) if problem.status == 404 else []
            return problem.message + "".join(f" Did you mean {path}?" for path in near)
        if call.account is not None:
            return ""
        presented = call.headers.get("Authorization", "")
        hint = "it has no Authorization header" if not presented else "nobody has its token"
        return f"{hint}; the account of this test is asked for with its own, linq_mock.token."

    def _begin(self) -> None:
        import asyncio  # noqa: PLC0415 - the server has imported it

        self._loop = asyncio.get_running_loop()
        self._is_ready.set()

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])


@contextmanager
def mocking(*, lines: int | Sequence[Line] = DEFAULT_LINES) -> Generator[LinqMock]:
    """Serve a mock with one account in a thread of this process, as long as the context lasts."""
    with MockServer.started() as server, server.account(lines=lines) as mock:
        yield mock


def _request(exchange: Exchange) -> Request:
    call = exchange.call
    return Request(
        call.method,
        f"{call.raw_path}?{call.query_string}" if call.query_string else call.raw_path,
        dict(call.headers),
        call.body.decode("utf-8", "replace"),
        exchange.status,
        exchange.body.decode("utf-8", "replace"),
        exchange.behaviour,
    )


def _refuse_invalid(properties: dict[str, Any]) -> None:
    import linq_document  # noqa: PLC0415 - the server has imported it

    schemas = linq_document.load().schemas
    kinds = {"reputation": "ReputationStatus", "phone_number": "E164", "forwarding_number": "E164"}
    for name, value in properties.items():
        if name not in {*kinds, "id"}:
            raise ValueError(f"a line has no {name} that could be set; it has {', '.join(kinds)}")
        if name == "forwarding_number" and value is None:
            continue
        if name in kinds and not linq_document.load().validator(kinds[name]).is_valid(value):
            stated = schemas[kinds[name]]
            raise ValueError(f"{name} {value!r} is none: {stated.get('enum') or stated['pattern']}")
