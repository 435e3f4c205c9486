"""What a request asks for, and which answers the contract allows to it.

`classify` takes a request apart; `expect` names the rule that the request exercises and the answers
that satisfy it. Where the contract leaves a server free, all of the answers that it may choose from
are allowed, so that no check can accuse a server of a choice.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import unquote_to_bytes

from linq_contract.contract.lines import Account, Accounts, Line, line_key
from linq_contract.contract.numbers import is_e164, is_plausible
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, placeholder
from linq_contract.http.messages import NOT_JSON, Request, has_equal_names, json_object, parse_json
from linq_document import Answer, Document, Operation

_CANONICAL_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BARE_UUID = re.compile(r"[0-9a-fA-F]{32}")
_ROUTABLE_ID = re.compile(r"[^/\\?#]+")
_JSON_TYPE = re.compile(r"application/json(; ?charset=(utf-8|UTF-8))?")
# Other letter case, other parameters, other names for JSON: close enough for a server to take them.
_NEARLY_JSON_TYPE = re.compile(
    r"(application/json|text/json|application/x-json|\S+\+json)\s*(;.*)?", re.IGNORECASE
)
_REFUSALS_OF_AN_ID = ("update.malformed-id", "update.unknown-id", "transport.unknown-method")
FREE_METHODS = frozenset({"HEAD", "OPTIONS", "TRACE"})
_BOM = b"\xef\xbb\xbf"
_JSON_SPACES = b" \t\r\n"
_HOLDERS = {placeholder(account): account for account in (ACCOUNT, OTHER_ACCOUNT)}
LIST = "list_phone_numbers"
UPDATE = "update_phone_number"
FIELD = "forwarding_number"


class Authority(Enum):
    """What the Authorization header is worth."""

    NONE = auto()
    INVALID = auto()
    VALID = auto()
    FREE = auto()  # a valid token after a scheme in unusual letter case: taken or refused


class Subject(Enum):
    """What the path of an update names."""

    LINE = auto()
    ANOTHER_ACCOUNTS_LINE = auto()
    UNKNOWN = auto()
    MALFORMED = auto()
    UNROUTABLE = auto()  # with a slash in it, or dots alone: no id, and to some servers no path either
    FREE = auto()  # a spelling of an id that a server may take or refuse


class Media(Enum):
    """How the body is labelled."""

    JSON = auto()
    OTHER = auto()
    FREE = auto()  # no label at all


class Body(Enum):
    """What the body of an update asks for, or what is wrong with it."""

    SET = auto()
    CLEAR_NULL = auto()
    CLEAR_EMPTY = auto()
    INVALID_NUMBER = auto()
    WRONG_TYPE = auto()
    MISSING_FIELD = auto()
    NOT_AN_OBJECT = auto()
    NOT_JSON = auto()
    EMPTY = auto()


_BAD_REQUEST = 400  # RFC 9110
VALID_BODIES = frozenset({Body.SET, Body.CLEAR_NULL, Body.CLEAR_EMPTY})


@dataclass(frozen=True, slots=True)
class Classified:
    """A request taken apart.

    `operation` is None when path or method are not the contract's, `account` when the token is not that of an
    account after the usual scheme. A request is plain without a query
    and, if it is a list, a body; what a server makes of those the contract does not say.
    """

    method: str
    operation: Operation | None
    path: str | None
    authority: Authority
    account: str | None = None
    named_id: str = ""
    is_plain: bool = True
    subject: Subject | None = None
    line: Line | None = None
    media: Media = Media.JSON
    body: Body | None = None
    value: Any = None
    extra_properties: frozenset[str] = frozenset()
    starts_with_mark: bool = False

    @property
    def clears(self) -> bool:
        return self.body in {Body.CLEAR_NULL, Body.CLEAR_EMPTY}

    @property
    def forwarding_number(self) -> str | None:
        """The forwarding number that a valid body sets, None when it clears."""
        return None if self.clears else self.value


@dataclass(frozen=True, slots=True)
class Expectation:
    """The answers allowed to a request, and the rules that another answer breaks."""

    rules: tuple[str, ...]
    answers: frozenset[Answer]

    def allows(self, status: int, code: object) -> bool:
        return any(answer.matches(status, code) for answer in self.answers)


def classify(request: Request, document: Document, accounts: Accounts) -> Classified:
    """Take a request apart, given the lines that the accounts are known to have."""
    path, parameter = document.match(request.target.partition("?")[0])
    operation = document.operation_at(request.method, path)
    named_id = unquote_to_bytes(parameter or "").decode("utf-8", "replace")
    authority, account = _authority(request.header("Authorization"))
    is_plain = "?" not in request.target
    if path != document.operations[UPDATE].path:
        is_plain = is_plain and request.body is None
        return Classified(
            request.method, operation, path, authority, account, named_id=named_id, is_plain=is_plain
        )
    asked = account or ACCOUNT
    subject, line = _subject(named_id, accounts[asked], accounts.others_of(asked))
    body, value, extras = _body(request.body)
    return Classified(
        request.method,
        operation,
        path,
        authority,
        account,
        named_id=named_id,
        is_plain=is_plain,
        subject=subject,
        line=line,
        media=_media(request),
        body=body,
        value=value,
        extra_properties=extras,
        starts_with_mark=(request.body or b"").startswith(_BOM),
    )


def expect(request: Classified, document: Document) -> Expectation | None:
    """The answers that the contract allows; None where it does not say."""
    if request.operation is None:
        return _expect_unknown_method(request, document)
    if request.authority in {Authority.NONE, Authority.INVALID}:
        return _expect_refusal(request, document)
    is_free = request.authority is Authority.FREE or not request.is_plain
    if not is_free and request.operation.operation_id == LIST:
        return Expectation(("list.schema",), document.answers("list.schema"))
    if not is_free and request.operation.operation_id == UPDATE:
        return _expect_update(request, document)
    return None


def _expect_unknown_method(request: Classified, document: Document) -> Expectation | None:
    if request.path is None or request.method in FREE_METHODS:
        return None
    answers = set(document.answers("transport.unknown-method"))
    if request.authority in {Authority.NONE, Authority.INVALID, Authority.FREE}:
        answers |= document.answers("auth.required")
    else:  # path and body may be checked before the method, and GET has no body
        answers.update(_freedoms(request, document), *(allowed for _, allowed in _defects(request, document)))
    return Expectation(("transport.unknown-method",), frozenset(answers))


def _expect_refusal(request: Classified, document: Document) -> Expectation:
    rule = "auth.required" if request.authority is Authority.NONE else "auth.invalid"
    revealing = request.subject not in {None, Subject.LINE} or request.body not in {None, *VALID_BODIES}
    rules = (rule, "auth.first") if revealing else (rule,)
    return Expectation(rules, document.answers(rule))


def _expect_update(request: Classified, document: Document) -> Expectation | None:
    defects = list(_defects(request, document))
    freedoms = frozenset(_freedoms(request, document))
    if request.body is None:
        either = document.answers("update.schema") | freedoms | {Answer(_BAD_REQUEST)}
        return Expectation(("update.invalid-body",), either.union(*(allowed for _, allowed in defects)))
    if not defects:
        cleared: dict[Body, tuple[str, ...]] = {
            Body.CLEAR_NULL: ("update.clear-null",),
            Body.CLEAR_EMPTY: ("update.clear-empty",),
        }
        rules = ("update.schema", *cleared.get(request.body, ()))
        return Expectation(rules, document.answers("update.schema") | freedoms)
    answers = freedoms.union(*(allowed for _, allowed in defects))
    return Expectation((defects[0][0],), frozenset(answers))


def _defects(request: Classified, document: Document) -> Iterable[tuple[str, frozenset[Answer]]]:
    rule_of_subject = {
        Subject.UNKNOWN: "update.unknown-id",
        Subject.MALFORMED: "update.malformed-id",
        Subject.ANOTHER_ACCOUNTS_LINE: "auth.tenant",
    }
    if request.subject in rule_of_subject:
        rule = rule_of_subject[request.subject]
        yield rule, document.answers(rule)
    if request.subject is Subject.UNROUTABLE:
        yield "update.malformed-id", _statuses(document, *_REFUSALS_OF_AN_ID)
    match request.body:
        case Body.INVALID_NUMBER:
            yield "update.invalid-number", document.answers("update.invalid-number")
        case Body.WRONG_TYPE:
            yield "update.wrong-type", document.answers("update.wrong-type")
        case Body.MISSING_FIELD:
            yield "update.missing-field", document.answers("update.missing-field")
        case Body.NOT_AN_OBJECT:
            yield "update.invalid-body", document.answers("update.invalid-body", "not-an-object")
        case Body.NOT_JSON:
            yield "update.invalid-body", document.answers("update.invalid-body", "not-json")
        case Body.EMPTY:
            yield "update.invalid-body", document.answers("update.invalid-body", "empty")
        case _:
            pass
    if request.media is Media.OTHER:
        yield "update.content-type", document.answers("update.content-type")


def _freedoms(request: Classified, document: Document) -> Iterable[Answer]:
    """The answers that a server may choose beside those of the rules."""
    if request.extra_properties:
        yield from (Answer(400, code) for code in (1001, 1003, 1005))
    if request.subject is Subject.FREE:
        yield from _statuses(document, "update.schema", *_REFUSALS_OF_AN_ID)
    is_foreign = request.subject in {Subject.UNKNOWN, Subject.ANOTHER_ACCOUNTS_LINE}
    if is_foreign and not _is_everyday_uuid(request.named_id):
        yield from document.answers("update.malformed-id")
    if request.media is Media.FREE:
        yield from document.answers("update.content-type")
    if request.body is Body.SET and not is_plausible(request.value):
        yield from document.answers("update.invalid-number")
    if request.body is Body.NOT_JSON and request.starts_with_mark:
        # Many parsers take a byte order mark, and then judge what they have read.
        rules = ("update.wrong-type", "update.missing-field", "update.invalid-number", "update.schema")
        yield from (answer for rule in rules for answer in document.answers(rule))


def _statuses(document: Document, *rules: str) -> frozenset[Answer]:
    """The answers of these rules, with any error code."""
    return frozenset(Answer(answer.status) for rule in rules for answer in document.answers(rule))


def _authority(header: str | None) -> tuple[Authority, str | None]:
    """What a header is worth, and the account that it speaks for."""
    if header is None:
        return Authority.NONE, None
    scheme, _, token = header.partition(" ")
    account = _HOLDERS.get(token)
    if account is None or scheme.lower() != "bearer":
        return Authority.INVALID, None
    return (Authority.VALID, account) if scheme == "Bearer" else (Authority.FREE, None)


def _subject(named_id: str, own: Account, other: Account) -> tuple[Subject, Line | None]:
    if not _ROUTABLE_ID.fullmatch(named_id) or named_id.strip(".") == "":
        return Subject.UNROUTABLE, None
    canonical = _CANONICAL_UUID.fullmatch(named_id) is not None
    if not canonical and _BARE_UUID.fullmatch(named_id) is None:
        return Subject.MALFORMED, None
    line, is_foreign = own.find(named_id), other.find(named_id) is not None
    if line is not None:
        return (Subject.LINE if named_id == line.id and not is_foreign else Subject.FREE), line
    if is_foreign:
        return Subject.ANOTHER_ACCOUNTS_LINE, None
    if own.lines is None:
        return Subject.FREE, None
    return (Subject.UNKNOWN if canonical else Subject.MALFORMED), None


def _is_everyday_uuid(named_id: str) -> bool:
    """Whether every parser takes the id for a uuid: usual spelling, a version that RFC 9562 knows."""
    return line_key(named_id) == named_id and uuid.UUID(named_id).version is not None


def _media(request: Request) -> Media:
    content_type = request.header("Content-Type")
    if content_type is None or request.body is None:
        return Media.FREE
    if _JSON_TYPE.fullmatch(content_type):
        return Media.JSON
    return Media.FREE if _NEARLY_JSON_TYPE.fullmatch(content_type) else Media.OTHER


def _body(body: bytes | None) -> tuple[Body | None, Any, frozenset[str]]:
    """What a body asks for; None if it depends on which of two equal names a server goes by."""
    if body is None or not body.strip(_JSON_SPACES):
        return Body.EMPTY, None, frozenset()
    parsed = parse_json(body)
    members = json_object(parsed)
    if members is not None and body.count(f'"{FIELD}"'.encode()) > 1 and has_equal_names(body):
        return None, None, frozenset()
    if parsed is NOT_JSON:
        return Body.NOT_JSON, None, frozenset()
    if members is None:
        return Body.NOT_AN_OBJECT, parsed, frozenset()
    extras = frozenset(members) - {FIELD}
    if FIELD not in members:
        return Body.MISSING_FIELD, None, extras
    value = members[FIELD]
    match value:
        case None:
            kind = Body.CLEAR_NULL
        case "":
            kind = Body.CLEAR_EMPTY
        case str():
            kind = Body.SET if is_e164(value) else Body.INVALID_NUMBER
        case _:
            kind = Body.WRONG_TYPE
    return kind, value, extras
