"""What the mock does with a call, step by step."""

from __future__ import annotations

import json
import logging
import random
import re
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import linq_document
from linq_mock import problems
from linq_mock.accounts import Accounts
from linq_mock.documented import JSON_TYPE, DocumentedOperation
from linq_mock.messages import Call, Response
from linq_mock.problems import Code, Problem
from linq_mock.routes import Routes, operation_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from linq_document import Document
    from linq_mock.accounts import Account, Line

MAX_BODY = 8 * 1024 * 1024
"""The longest body that is looked at, in bytes."""

_LOGGER = logging.getLogger("linq_mock")
_E164 = re.compile(linq_document.load().schemas["E164"]["pattern"])
_UUID = re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_RANDOM = random.Random()  # noqa: S311 - a trace id is no secret, and the system is asked for entropy once
_FIELD = "forwarding_number"
_MANY = 100
"""From so many lines on, a list is mended rather than encoded anew."""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


# Numbers are only told from other types; as floats they cannot be too long to parse.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=float)
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))

JsonObject: TypeAlias = dict[str, Any]
Handler: TypeAlias = "Callable[[Call, Account], Awaitable[Response]]"


class Behaviour:
    """The honest server.

    Each step is a method of its own, so that a subclass can change one and keep the rest. Steps
    that do not wait run as one: an update is atomic.
    """

    def __init__(self, accounts: Sequence[Account], base_path: str, document: Document | None = None) -> None:
        self.accounts = accounts if isinstance(accounts, Accounts) else Accounts(accounts)
        self.document = document or linq_document.load()
        self.routes = Routes(base_path, self.document)
        self._examples: dict[str, DocumentedOperation] = {}

    async def respond(self, call: Call) -> Response:
        """Answer a call, whatever it is."""
        call.trace_id = self.new_trace_id(call)
        try:
            response = await self.handle(call)
        except Problem as problem:
            response = self.problem_response(call, problem)
        except Exception:
            _LOGGER.exception("The mock failed to answer a %s", call.method)
            response = self.problem_response(call, Problem(Code.INTERNAL, "Internal server error"))
        response.set_header(b"x-trace-id", call.trace_id.encode("latin-1"))
        return response

    def refuse(self, call: Call, problem: Problem) -> Response:
        """Answer a call with an error, whatever it is."""
        call.trace_id = self.new_trace_id(call)
        response = self.problem_response(call, problem)
        response.set_header(b"x-trace-id", call.trace_id.encode("latin-1"))
        return response

    async def handle(self, call: Call) -> Response:
        """Answer a call, or raise the Problem that is the answer."""
        account = call.account = self.authenticate(call)
        route, _ = self.routes.find(call.raw_path)
        if call.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": route.allow})
        operation_id = operation_of(route, call.method)
        handler: Handler | None = getattr(self, operation_id, None)
        return await handler(call, account) if handler else self.example(call, operation_id)

    def example(self, call: Call, operation_id: str) -> Response:
        """Answer an operation that there is no state for with its example. Raises Problem 400 or 415."""
        if operation_id not in self._examples:
            operation = self.document.operations[operation_id]
            self._examples[operation_id] = DocumentedOperation(self.document, operation)
        stated = self._examples[operation_id]
        _, parameters = self.routes.find(call.raw_path)
        stated.check(call, parameters)
        example = stated.example
        if not example.media_type:
            return Response(status_code=example.status, headers=example.headers)
        is_text = isinstance(example.body, str) and example.media_type != JSON_TYPE
        body = str(example.body).encode() if is_text else self.encode(cast("JsonObject", example.body))
        return Response(body, example.status, example.headers, media_type=example.media_type)

    def new_trace_id(self, _call: Call) -> str:
        return f"{_RANDOM.getrandbits(128):032x}"

    # --- the token --------------------------------------------------------------------------

    def authenticate(self, call: Call) -> Account:
        """Return the account whose token the call carries. Raises Problem 401."""
        presented = call.headers.getlist("Authorization")
        scheme, _, token = presented[0].partition(" ") if len(presented) == 1 else ("", "", "")
        account = self.account_of(token) if scheme.lower() == "bearer" else None
        if account is None:
            raise Problem(Code.UNAUTHORIZED, "Missing or invalid bearer token")
        return account

    def account_of(self, token: str) -> Account | None:
        """Return the account that a token belongs to."""
        return self.accounts.by_token.get(token)

    # --- the list ---------------------------------------------------------------------------

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        if account.encoded_list is None:
            account.encoded_list = self.encode(self.list_body(call, account))
        return self.json_response(200, account.encoded_list)

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {"phone_numbers": [self.listed_line(call, account, line) for line in account.lines.values()]}

    def listed_line(self, _call: Call, _account: Account, line: Line) -> JsonObject:
        return line

    # --- the update -------------------------------------------------------------------------

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        line = self.find_line(call, account, self.phone_number_id(call))
        self.check_content_type(call)
        number = self.forwarding_number(call, self.parse_body(call))
        await self.store(call, account, line, number)
        return self.json_response(200, self.encode(self.update_body(call, line, number)))

    def phone_number_id(self, call: Call) -> str:
        """Return the id in the path, in lower case. Raises Problem 400 when it is no uuid."""
        _, parameters = self.routes.find(call.raw_path)
        phone_number_id = parameters.get("phoneNumberId", "")  # a fault may ask before the method is checked
        if not _UUID.fullmatch(phone_number_id):
            raise Problem(Code.INVALID_PARAMETER, "The id in the path is not a UUID")
        return phone_number_id.lower()

    def find_line(self, _call: Call, account: Account, phone_number_id: str) -> Line:
        """Return the line with an id. Raises Problem 404."""
        line = account.lines.get(phone_number_id)
        if line is None:
            raise Problem(Code.NOT_FOUND, "Phone number not found")
        return line

    def check_content_type(self, call: Call) -> None:
        """Raise Problem 415 when the body is said to be something else than JSON."""
        media_type = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type not in {"", "application/json"}:
            raise Problem(Code.INVALID_BODY, "The body must be sent as application/json", status=415)

    def parse_body(self, call: Call) -> JsonObject:
        """Return the object in the body. Raises Problem 400 when there is none."""
        if len(call.body) > MAX_BODY:
            raise Problem(Code.INVALID_BODY, "The request body is too long")
        try:
            body = _DECODER.decode(call.body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise Problem(Code.INVALID_BODY, "The request body is not valid JSON") from error
        if not isinstance(body, dict):
            raise Problem(Code.INVALID_BODY, "The request body is not a JSON object")
        return cast("JsonObject", body)

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        """Return the number to store, None to clear it. Raises Problem 400."""
        if _FIELD not in body:
            raise Problem(Code.MISSING_FIELD, f"{_FIELD} is required")
        number = body[_FIELD]
        if number is None or number == "":
            return None
        if not isinstance(number, str):
            raise Problem(Code.INVALID_PARAMETER, f"{_FIELD} must be a string or null")
        if not self.is_e164(call, number):
            raise Problem(Code.NOT_E164, f"{_FIELD} must be in E.164 format")
        return number

    def is_e164(self, _call: Call, number: str) -> bool:
        return _E164.fullmatch(number) is not None

    async def store(self, _call: Call, account: Account, line: Line, number: str | None) -> None:
        if account.encoded_list is None or len(account.lines) < _MANY:
            line[_FIELD] = number
            account.encoded_list = None
        else:  # mended, since encoding thousands of lines takes far longer
            before = self.encode(line)
            line[_FIELD] = number
            account.encoded_list = account.encoded_list.replace(before, self.encode(line), 1)

    def update_body(self, _call: Call, line: Line, number: str | None) -> JsonObject:
        return {"id": line["id"], "phone_number": line["phone_number"], _FIELD: number}

    # --- responses --------------------------------------------------------------------------

    def problem_response(self, call: Call, problem: Problem) -> Response:
        response = self.json_response(problem.status, self.encode(self.problem_body(call, problem)))
        response.headers.update(problem.headers)
        return response

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        return problems.envelope(problem, call.trace_id)

    def encode(self, body: JsonObject) -> bytes:
        return _ENCODER.encode(body).encode()

    def json_response(self, status: int, body: bytes) -> Response:
        return Response(body, status, media_type="application/json")
