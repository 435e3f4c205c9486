"""What a request asks for: `classify` takes it apart, given the lines that the accounts are known to have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any
from urllib.parse import unquote

from linq_contract.contract.leniency import has_lone_surrogate, is_plainly_written, lenient_json
from linq_contract.contract.lines import Account, Accounts, Line, line_key
from linq_contract.contract.numbers import is_e164
from linq_contract.http.credentials import ACCOUNT, ACCOUNTS, placeholder
from linq_contract.http.messages import NOT_JSON, Request, has_equal_names, json_object, parse_json
from linq_document import Document, Operation

_CANONICAL_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NO_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_SLASHES = re.compile(r"(?:/|%2[fF])+")
_ROUTABLE_ID = re.compile(r"[^/\\?#]+")
_JSON_TYPE = re.compile(r"application/json(; ?charset=(utf-8|UTF-8))?")
# Other letter case, other parameters, other names for JSON: close enough for a server to take them.
_NEARLY_JSON_TYPE = re.compile(
    r"(application/json|text/json|application/x-json|\S+\+json)\s*(;.*)?", re.IGNORECASE
)
FREE_METHODS = frozenset({"HEAD", "OPTIONS", "TRACE"})
_LONG_TARGET = 2_000  # characters: the shortest limit that is usual, that of IIS on queries
_LONG_SEGMENT = 100  # characters: the shortest limit that is usual, that of Fastify on parameters
LONG_HEADER = 4_000  # bytes: half of the shortest limit that is usual, since all headers count together
MANY_HEADERS = 50  # half of the shortest limit that is usual
_LARGE_BODY = 100_000  # bytes: the shortest limit that is usual, that of Express
# RFC 6265, section 4.1.1
_COOKIES = re.compile(r"""([\w!#$%&'*+.^`|~-]+=("?)[!#-+\--:<-\[\]-~]*\2(; |$))+""", re.ASCII)
_CONTINUE = "100-continue"  # the one expectation of HTTP
_BOM = b"\xef\xbb\xbf"
_JSON_SPACES = b" \t\r\n"
_HOLDERS = {placeholder(account): account for account in ACCOUNTS}
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
    UNROUTABLE = auto()  # with a slash in it, dots alone, or no text: to some servers no path either
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


VALID_BODIES = frozenset({Body.SET, Body.CLEAR_NULL, Body.CLEAR_EMPTY})


@dataclass(frozen=True, slots=True)
class Classified:
    """A request taken apart.

    `operation` is None when path or method are not the contract's, `account` when the token is not that of an
    account after the usual scheme. A request is plain without a query
    and, if it is a list, a body; what a server makes of those the contract does not say. It is unusual if
    servers refuse its like before they look at what it asks for, and large if they stop reading it. It is
    unclean if its path differs from one of the contract's by slashes alone: then it has no `path`, and the
    `operation` of the other. `lenient_body` is what lenient parsers make of a body that is not JSON, and
    `may_be_lenient` whether they may go by it: what is no JSON is not the number.
    """

    method: str
    operation: Operation | None
    path: str | None
    authority: Authority
    account: str | None = None
    named_id: str = ""
    is_plain: bool = True
    is_unusual: bool = False
    is_unclean: bool = False
    is_large: bool = False
    subject: Subject | None = None
    line: Line | None = None
    media: Media = Media.JSON
    body: Body | None = None
    lenient_body: Body | None = None
    may_be_lenient: bool = False
    value: Any = None
    extra_properties: frozenset[str] = frozenset()
    starts_with_mark: bool = False
    has_lone_surrogate: bool = False

    @property
    def may_be_redirected(self) -> bool:
        """Whether a server may send the client to another path instead."""
        return self.is_unclean or self.subject is Subject.UNROUTABLE

    @property
    def clears(self) -> bool:
        return self.body in {Body.CLEAR_NULL, Body.CLEAR_EMPTY}

    @property
    def forwarding_number(self) -> str | None:
        """The forwarding number that a valid body sets, None when it clears."""
        return None if self.clears else self.value


def classify(request: Request, document: Document, accounts: Accounts) -> Classified:
    """Take a request apart, given the lines that the accounts are known to have."""
    written = request.target.partition("?")[0]
    path, parameter, is_unclean = _path(written, document)
    authority, account = _authority(request.header("Authorization"))
    is_update_path = path == document.operations[UPDATE].path
    classified = Classified(
        request.method,
        document.operation_at(request.method, path),
        None if is_unclean else path,
        authority,
        account,
        named_id=unquote(parameter),
        is_plain="?" not in request.target and (is_update_path or request.body is None),
        is_unusual=len(parameter) > _LONG_SEGMENT or _is_unusual(request),
        is_unclean=is_unclean,
        is_large=len(request.body or b"") > _LARGE_BODY,
    )
    if not is_update_path:
        return classified
    asked = account or ACCOUNT
    subject, line = _subject(parameter, accounts[asked], accounts.others_of(asked))
    return replace(classified, subject=subject, line=line, media=_media(request), **_asked_by_body(request))


def _authority(header: str | None) -> tuple[Authority, str | None]:
    """What a header is worth, and the account that it speaks for."""
    if header is None:
        return Authority.NONE, None
    scheme, _, token = header.partition(" ")
    account = _HOLDERS.get(token.lstrip(" "))  # one or more spaces separate them, says RFC 9110, section 11.4
    if account is None or scheme.lower() != "bearer":
        return Authority.INVALID, None
    is_usual = scheme == "Bearer" and not token.startswith(" ")
    return (Authority.VALID, account) if is_usual else (Authority.FREE, None)


def _path(written: str, document: Document) -> tuple[str | None, str, bool]:
    """The path of the contract that is asked for, its parameter, and whether slashes are amiss in it."""
    clean = _SLASHES.sub("/", written).rstrip("/")
    if clean != written:
        path, parameter = document.match(clean)
        if path is not None:
            return path, parameter or "", True
    path, parameter = document.match(written)
    return path, parameter or "", False


def _is_unusual(request: Request) -> bool:
    """Whether servers refuse the like before they look at what is asked for."""
    accept, names = request.header("Accept") or "*", {name.lower() for name, _ in request.headers}
    return (
        len(request.target) > _LONG_TARGET
        or _NO_ESCAPE.search(request.target.partition("?")[2]) is not None
        or len(request.body or b"") > _LARGE_BODY
        or any(len(value) > LONG_HEADER or _is_odd(name, value) for name, value in request.headers)
        or len(request.headers) > MANY_HEADERS
        or len(names) < len(request.headers)
        or not ("*" in accept or "json" in accept.lower())
        or (request.header("Expect") or _CONTINUE).lower() != _CONTINUE
        or request.header("Content-Encoding") is not None
    )


def _is_odd(name: str, value: str) -> bool:
    """Whether a header has bytes that are not ASCII, in a token they are but a wrong token, or no cookies."""
    if name == "Cookie":
        return _COOKIES.fullmatch(value) is None
    return name != "Authorization" and not value.isascii()


def _subject(parameter: str, own: Account, other: Account) -> tuple[Subject, Line | None]:
    if not _is_routable(parameter):
        return Subject.UNROUTABLE, None
    named_id = unquote(parameter)
    if not _CANONICAL_UUID.fullmatch(line_key(named_id)):  # the key of what some parser takes for a uuid
        return Subject.MALFORMED, None
    line, is_foreign = own.find(named_id), other.find(named_id) is not None
    if line is not None:
        return (Subject.LINE if named_id == line.id and not is_foreign else Subject.FREE), line
    if is_foreign:
        return Subject.ANOTHER_ACCOUNTS_LINE, None
    if own.lines is None:
        return Subject.FREE, None
    return (Subject.UNKNOWN if _CANONICAL_UUID.fullmatch(named_id) else Subject.MALFORMED), None


def _is_routable(parameter: str) -> bool:
    """Whether every router takes a segment of a path for the text of a parameter."""
    try:
        text = unquote(parameter, errors="strict")
    except UnicodeDecodeError:
        return False
    return (
        _ROUTABLE_ID.fullmatch(text) is not None
        and text.strip(".") != ""
        and not _NO_ESCAPE.search(parameter)
    )


def _media(request: Request) -> Media:
    content_type = request.header("Content-Type")
    if content_type is None or request.body is None:
        return Media.FREE
    if _JSON_TYPE.fullmatch(content_type):
        return Media.JSON
    return Media.FREE if _NEARLY_JSON_TYPE.fullmatch(content_type) else Media.OTHER


def _asked_by_body(request: Request) -> Mapping[str, Any]:
    """What the body asks for; nothing if it is encoded."""
    content = request.body or b""
    if request.header("Content-Encoding") is not None:
        return {}
    body, value, extras = _body(content)
    lenient_body = _body_of(lenient_json(content)) if body is Body.NOT_JSON else None
    return {
        "body": body,
        "lenient_body": None if lenient_body is Body.NOT_JSON else lenient_body,
        "may_be_lenient": lenient_body in VALID_BODIES and _is_valid_beside_what_is_no_json(content),
        "value": value,
        "extra_properties": extras,
        "starts_with_mark": content.startswith(_BOM),
        "has_lone_surrogate": has_lone_surrogate(content),
    }


def _is_valid_beside_what_is_no_json(content: bytes) -> bool:
    """Whether a body is valid to lenient parsers, and JSON by the letter where the number is."""
    read = _body_of(lenient_json(content, with_control_characters=False))
    return read in VALID_BODIES and is_plainly_written(FIELD, content)


def _body(body: bytes) -> tuple[Body | None, Any, frozenset[str]]:
    """What a body asks for; None if it depends on which of two equal names a server goes by."""
    if not body.strip(_JSON_SPACES):
        return Body.EMPTY, None, frozenset()
    parsed = parse_json(body)
    members = json_object(parsed)
    if members is None:
        return _body_of(parsed), None if parsed is NOT_JSON else parsed, frozenset()
    if body.count(f'"{FIELD}"'.encode()) > 1 and has_equal_names(body):
        return None, None, frozenset()
    return _body_of(parsed), members.get(FIELD), frozenset(members) - {FIELD}


def _body_of(parsed: object) -> Body:
    members = json_object(parsed)
    if members is None:
        return Body.NOT_JSON if parsed is NOT_JSON else Body.NOT_AN_OBJECT
    return _value_of(members[FIELD]) if FIELD in members else Body.MISSING_FIELD


def _value_of(value: object) -> Body:
    match value:
        case None:
            return Body.CLEAR_NULL
        case "":
            return Body.CLEAR_EMPTY
        case str() as number:
            return Body.SET if is_e164(number) else Body.INVALID_NUMBER
        case _:
            return Body.WRONG_TYPE
