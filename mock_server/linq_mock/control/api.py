"""The operations of the control API, which `openapi.yaml` beside this file states."""

from __future__ import annotations

import inspect
import json
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs

import linq_document
from linq_mock import problems
from linq_mock.accounts import DEFAULT_LINES, Account
from linq_mock.app import call_of, read_body
from linq_mock.catalogues import faults, freedoms
from linq_mock.control import PATH
from linq_mock.control.access import check_access
from linq_mock.control.events import EventStream
from linq_mock.control.showing import shown_account, shown_exchange
from linq_mock.documented import DocumentedOperation
from linq_mock.json_values import whole_or_float
from linq_mock.messages import Response
from linq_mock.problems import Code, Problem
from linq_mock.routes import Routes, operation_of
from linq_mock.sandbox import NotSavedError, NotThereError, unsaved
from linq_mock.scenario import parse_scenario, read_scenario, ready_scenarios
from linq_mock.settings import Setting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from linq_document import Document
    from linq_mock.log import Exchange
    from linq_mock.messages import Call, Receive, Scope, Send
    from linq_mock.sandbox import Sandbox
    from linq_mock.variation import Variation

DOCUMENT_PATH = f"{PATH}/openapi.json"
_DOCUMENT = Path(__file__).with_name("openapi.yaml")
_PAGE = 50
"""How many requests a page has unless it is asked for more or fewer."""

JsonObject: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[int, Any]
"""A status, and what is answered as JSON; nothing when that is None."""


class Asked:
    """A request of the control API that its document permits: what it asks for, as JSON."""

    def __init__(self, call: Call, parameters: dict[str, str]) -> None:
        self.path = parameters
        query = parse_qs(call.query_string, keep_blank_values=True)
        self.query = {name: values[-1] for name, values in query.items()}
        self.headers = call.headers
        self._body = call.body

    @property
    def body(self) -> Any:
        return json.loads(self._body, parse_float=whole_or_float)


class Control:
    """The control API of a sandbox, an ASGI application for the paths below `/_mock`.

    `origin` begins the URLs of the mock, such as `http://127.0.0.1:8080`. With a `token` it answers
    whoever has that, and without one the programs of this machine.
    """

    def __init__(self, sandbox: Sandbox, origin: str, token: str | None = None) -> None:
        self._sandbox = sandbox
        self._origin = origin
        self._token = token
        self._operations: dict[str, DocumentedOperation] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if body is None:
            return
        trace_id = secrets.token_hex(16)
        try:
            response = await self._answer(call_of(scope, body), trace_id)
        except Problem as problem:
            envelope = json.dumps(problems.envelope(problem, trace_id)).encode()
            response = Response(envelope, problem.status, problem.headers, "application/json")
            response.headers["X-Trace-ID"] = trace_id
        await response(scope, receive, send)

    async def _answer(self, call: Call, trace_id: str) -> Response | EventStream:
        check_access(call.headers, self._token)
        self._sandbox.go_on()
        if call.raw_path == DOCUMENT_PATH and call.method == "GET":
            return _response(200, self._document.raw, trace_id)
        route, parameters = self._routes.find(call.raw_path)
        operation_id = operation_of(route, call.method)
        self._documented(operation_id).check(call, parameters)
        handler: Callable[[Asked], Answer | Awaitable[Answer]] = getattr(self, operation_id)
        asked = Asked(call, parameters)
        if operation_id == "stream_events":
            return self.stream_events(asked, trace_id)
        try:
            handled = handler(asked)
            status, answer = await handled if inspect.isawaitable(handled) else handled
            self._sandbox.save()
        except NotSavedError as error:
            raise unsaved(error) from error
        except NotThereError as error:
            raise Problem(Code.NOT_FOUND, _sentence(error)) from error
        except ValueError as error:
            raise Problem(Code.INVALID_PARAMETER, _sentence(error)) from error
        return _response(status, answer, trace_id)

    @cached_property
    def _document(self) -> Document:
        return linq_document.read(_DOCUMENT)

    @cached_property
    def _routes(self) -> Routes:
        return Routes(PATH, self._document)

    def _documented(self, operation_id: str) -> DocumentedOperation:
        if operation_id not in self._operations:
            operation = self._document.operations[operation_id]
            self._operations[operation_id] = DocumentedOperation(self._document, operation)
        return self._operations[operation_id]

    # --- the contract -----------------------------------------------------------------------

    def get_contract(self, _asked: Asked) -> tuple[int, JsonObject]:
        return 200, self._sandbox.document.raw

    # --- state ------------------------------------------------------------------------------

    def get_state(self, asked: Asked) -> tuple[int, JsonObject]:
        sandbox = self._sandbox
        return 200, {
            "base_url": self._origin + sandbox.base_path,
            **self.list_accounts(asked)[1],
            "behaviour": sandbox.settings.for_all.stated(),
            "account_behaviours": sandbox.settings.stated_for_accounts(),
            "scenario": sandbox.scenario.name if sandbox.scenario else None,
            "requests": sandbox.log.requests,
            "newest": sandbox.log.newest,
        }

    def replace_state(self, asked: Asked) -> tuple[int, JsonObject]:
        stated: JsonObject = asked.body
        own = {name: Setting.of(each) for name, each in stated.get("account_behaviours", {}).items()}
        accounts = [Account.of(each["token"], each["lines"], each["name"]) for each in stated["accounts"]]
        for_all = Setting.of(stated["behaviour"]) if "behaviour" in stated else None
        self._sandbox.replace(accounts, for_all, own)
        return self.get_state(asked)

    def reset(self, asked: Asked) -> tuple[int, JsonObject]:
        self._sandbox.reset()
        return self.get_state(asked)

    # --- accounts and lines -----------------------------------------------------------------

    def list_accounts(self, _asked: Asked) -> tuple[int, JsonObject]:
        return 200, {"accounts": [shown_account(account) for account in self._sandbox.accounts]}

    def create_account(self, asked: Asked) -> tuple[int, JsonObject]:
        stated: JsonObject = asked.body
        account = self._sandbox.create_account(
            stated.get("name"), stated.get("token"), stated.get("lines", DEFAULT_LINES)
        )
        return 201, shown_account(account)

    def get_account(self, asked: Asked) -> tuple[int, JsonObject]:
        return 200, shown_account(self._account(asked))

    def delete_account(self, asked: Asked) -> tuple[int, None]:
        self._sandbox.remove_account(asked.path["account"])
        return 204, None

    def add_line(self, asked: Asked) -> tuple[int, JsonObject]:
        return 201, self._sandbox.add_line(self._account(asked), asked.body)

    def change_line(self, asked: Asked) -> tuple[int, JsonObject]:
        return 200, self._sandbox.change_line(self._account(asked), asked.path["line"], asked.body)

    def remove_line(self, asked: Asked) -> tuple[int, None]:
        self._sandbox.remove_line(self._account(asked), asked.path["line"])
        return 204, None

    def _account(self, asked: Asked) -> Account:
        return self._sandbox.account(asked.path["account"])

    # --- requests ---------------------------------------------------------------------------

    def list_requests(self, asked: Asked) -> tuple[int, JsonObject]:
        limit = int(asked.query.get("limit", _PAGE))
        matching = [each for each in self._sandbox.log.exchanges() if self._matches(each, asked.query)]
        page = matching[:limit] if "after" in asked.query else matching[-limit:]
        more = bool(page) and page[-1] is not matching[-1]
        return 200, {
            "requests": [self._shown(each) for each in page],
            "next": page[-1].number if more else None,
        }

    def _matches(self, exchange: Exchange, query: Mapping[str, str]) -> bool:
        verdict = self._sandbox.log.judged(exchange) if "rule" in query else None
        broken = {each.rule for each in verdict.broken} if verdict else set[str]()
        return (
            exchange.number > int(query.get("after", 0))
            and query.get("account", exchange.account) == exchange.account
            and query.get("method", exchange.call.method).upper() == exchange.call.method
            and query.get("path", "") in exchange.call.raw_path
            and int(query.get("status", exchange.status)) == exchange.status
            and ("rule" not in query or query["rule"] in broken)
        )

    def delete_requests(self, _asked: Asked) -> tuple[int, None]:
        self._sandbox.forget_requests()
        self._sandbox.log.note("requests forgotten")
        return 204, None

    async def send_again(self, asked: Asked) -> tuple[int, JsonObject]:
        number = int(asked.path["number"])
        exchange = next((each for each in self._sandbox.log.exchanges() if each.number == number), None)
        if exchange is None:
            raise NotThereError(f"there is no request {number}, or it is no longer kept")
        again = await self._sandbox.send_again(exchange)
        return 201, self._shown(again)

    def _shown(self, exchange: Exchange) -> JsonObject:
        return shown_exchange(exchange, self._sandbox.log.judged(exchange), self._origin)

    def stream_events(self, asked: Asked, trace_id: str) -> EventStream:
        last = asked.headers.get("Last-Event-ID")
        sandbox = self._sandbox
        return EventStream(
            sandbox.log, self._origin, None if last is None else int(last), sandbox.closing, trace_id
        )

    # --- behaviour --------------------------------------------------------------------------

    def get_behaviour(self, asked: Asked) -> tuple[int, JsonObject]:
        if "account" not in asked.query:
            return 200, self._sandbox.settings.for_all.stated()
        account = self._sandbox.account(asked.query["account"])
        own = self._sandbox.settings.of_account(account.name)
        return 200, (own or self._sandbox.settings.for_all).stated()

    def set_behaviour(self, asked: Asked) -> tuple[int, JsonObject]:
        name = asked.query.get("account")
        account = None if name is None else self._sandbox.account(name)
        self._sandbox.set_behaviour(Setting.of(asked.body), account)
        return self.get_behaviour(asked)

    def delete_behaviour(self, asked: Asked) -> tuple[int, None]:
        self._sandbox.forget_behaviour(self._sandbox.account(asked.query["account"]))
        return 204, None

    def play_scenario(self, asked: Asked) -> tuple[int, JsonObject]:
        stated: JsonObject = asked.body
        if "yaml" in stated:
            self._sandbox.play(parse_scenario(stated["yaml"], "yaml", "the YAML"))
        else:
            ready = ready_scenarios()
            if stated["name"] not in ready:
                raise NotThereError(f"there is no scenario {stated['name']}; there are {', '.join(ready)}")
            self._sandbox.play(read_scenario(ready[stated["name"]]))
        return self.get_state(asked)

    def list_scenarios(self, _asked: Asked) -> tuple[int, JsonObject]:
        scenarios = [
            {
                "name": name,
                "description": read_scenario(path).description,
                "yaml": path.read_text(encoding="utf-8"),
            }
            for name, path in ready_scenarios().items()
        ]
        return 200, {"scenarios": scenarios}

    def list_behaviours(self, _asked: Asked) -> tuple[int, JsonObject]:
        return 200, {"faults": _catalogue(faults()), "freedoms": _catalogue(freedoms())}


def _catalogue(variations: Mapping[str, type[Variation]]) -> list[JsonObject]:
    return [
        {"name": name, "description": inspect.getdoc(variation), "rules": list(variation.rules())}
        for name, variation in variations.items()
    ]


def _response(status: int, answer: Any, trace_id: str) -> Response:
    headers = {"Cache-Control": "no-store", "X-Trace-ID": trace_id}
    if answer is None:
        return Response(b"", status, headers)
    return Response(json.dumps(answer).encode(), status, headers, "application/json")


def _sentence(error: ValueError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}"
