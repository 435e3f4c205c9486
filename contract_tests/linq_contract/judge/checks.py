"""The checks of a single exchange: pure functions of a request and its response."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from jsonschema_rs import ValidationError

import linq_document
from linq_contract.contract.classification import FREE_METHODS, UPDATE, Authority, Body
from linq_contract.contract.classification import Subject as Named
from linq_contract.contract.lines import line_key
from linq_contract.contract.listing import REPUTATIONS
from linq_contract.contract.numbers import is_e164
from linq_contract.http.credentials import ACCOUNTS, is_distinctive, placeholder
from linq_contract.http.messages import (
    NOT_JSON,
    JsonObject,
    NoAnswer,
    Request,
    Response,
    json_array,
    json_object,
    parse_json,
)
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import Problem, Subject, check
from linq_document import json_pointer

_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_WHOLE_SECONDS = re.compile(r"[0-9]+")
_TOO_MANY_REQUESTS = 429  # RFC 6585
# For what is amiss before it is known what is asked for; the contract has no codes for these.
_STATUSES_OF_HTTP = frozenset({406, 408, 411, 413, 414, 417, 421, 426, 431})
_SHOWN_PROBLEMS = 3  # one more is rarely news: the first names the place
_SPELLED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SHORTEST_QUOTE = 3  # characters; shorter ones stand in any text
_QUOTE = "_"


# --- when a check applies ----------------------------------------------------------------------


def is_answered(exchange: Exchange) -> bool:
    """HEAD and OPTIONS are answered freely, so no rule looks at them."""
    return exchange.status is not None and exchange.request.method not in FREE_METHODS


def is_error(exchange: Exchange) -> bool:
    return is_answered(exchange) and exchange.response.status >= 400


def has_envelope(exchange: Exchange) -> bool:
    return is_error(exchange) and exchange.response.error is not None


def lists_lines(exchange: Exchange) -> bool:
    return bool(exchange.items)


def is_done_update(exchange: Exchange) -> bool:
    return (
        exchange.is_update
        and exchange.status == 200
        and exchange.classified.account is not None
        and exchange.classified.line is not None
    )


# --- transport ---------------------------------------------------------------------------------


@check(Exchange, "transport.json", is_answered)
def body_is_json(exchange: Exchange) -> Problem | None:
    response = exchange.response
    if exchange.classified.may_be_redirected and 300 <= response.status < 400:
        return None  # a redirect may have any body
    coding, offered = response.header("Content-Encoding"), exchange.request.header("Accept-Encoding")
    if coding and offered is not None and not _is_offered(coding, offered):
        return f"the body is encoded with {coding}, and the client offered {offered or 'nothing'}"
    if not response.is_json_media_type:
        return f"the Content-Type is {response.header('Content-Type') or 'absent'}, not application/json"
    return "the body is not JSON in UTF-8" if response.json is NOT_JSON else None


def _is_offered(coding: str, offered: str) -> bool:
    names = {each.partition(";")[0].strip().lower() for each in offered.split(",")}
    return coding.strip().lower() in {"identity", *names} or "*" in names


@check(Exchange, "transport.trace-id", is_answered)
def trace_id_is_sent(exchange: Exchange) -> Problem | None:
    trace_id = exchange.response.trace_id
    if trace_id is None:
        return "there is no X-Trace-ID"
    return (
        None if _TRACE_ID.fullmatch(trace_id) else f"X-Trace-ID is {trace_id!r}, not 32 lowercase hex digits"
    )


@check(
    Exchange,
    "transport.trace-id-unique",
    lambda exchange: is_answered(exchange) and bool(_offered_trace_ids(exchange.request)),
)
def trace_id_is_not_adopted(exchange: Exchange) -> Problem | None:
    trace_id = (exchange.response.trace_id or "").lower()
    return (
        "X-Trace-ID is the one that the client sent"
        if trace_id in _offered_trace_ids(exchange.request)
        else None
    )


@dataclass(frozen=True)
class TraceId(Subject):
    """The trace id of an exchange, and the exchange that had it before, if one had."""

    exchange: Exchange
    first: Exchange | None

    @property
    def evidence(self) -> Sequence[Exchange]:
        return (self.first or self.exchange, self.exchange)

    @property
    def tested(self) -> Sequence[Exchange]:
        return (self.exchange,)


@check(TraceId, "transport.trace-id-unique")
def trace_id_is_new(trace: TraceId) -> Problem | None:
    return f"the trace id {trace.exchange.response.trace_id} was sent before" if trace.first else None


@check(Exchange, "transport.no-internals", is_error)
def error_reveals_nothing(exchange: Exchange) -> Problem | None:
    text = _quoted_from(exchange.request, "\n".join(_texts(exchange.response)))
    for what, pattern in _INTERNALS.items():
        if match := pattern.search(text):
            return f"the error body shows {what}: {match[0][:80]!r}"
    return None


_SOURCE_FILES = "py|rb|js|mjs|ts|go|java|kt|php|rs|cs|cpp|ex"
_INTERNALS = {
    "a stack trace": re.compile(
        r"Traceback \(most recent|\bFile \"[^\"]+\", line \d+"
        r"|\bat [\w$.<>]+ ?\([^)\s]*[A-Za-z_][^)\s]*:\d+(:\d+)?\)"
        r"|Exception in thread|\n\s+at [\w.$<>`]+\([^()\n]*\)"
        rf"|goroutine \d+ \[|panic: runtime|\.(?:{_SOURCE_FILES}):\d+\b(?!/)|\bat 0x[0-9a-f]{{6,}}"
        rf"|\bat \S+\.(?:{_SOURCE_FILES}|p[lm]) line \d+"
    ),
    "a file path": re.compile(
        r"(?<![\w/.:-])/(?:usr|home|var|opt|srv|app|etc|root|tmp|workspace|Users)/[\w.-]|\b[A-Za-z]:\\\w"
        r"|\\\\[\w.-]+\\[\w.-]+\\"
        rf"|site-packages|node_modules|/[\w-]+/[\w/-]+\.(?:{_SOURCE_FILES})\b"
    ),
    "SQL": re.compile(
        r"(?i:\binsert into [\w.\"`]+ ?\(|\bselect [\w*., \"`]{1,200} from [\w.\"`]+ where\b"
        r"|\bselect [\w*., \"`]{1,200} from [\w.\"`]+ \w+ where [\w.\"`]+ ?(?:[=<>]|in ?\(|like ))"
        r"|\bSELECT\b.{1,200}\bFROM\b|\bINSERT INTO\b|\bUPDATE\b \S+ \bSET\b|\bDELETE FROM\b|SQLSTATE"
        r"|\bORA-\d{5}|\bpsycopg|sqlalchemy|sqlite3?\.|syntax error at or near|duplicate key value"
        r"|violates (?:unique|check|not-null|foreign key|exclusion) constraint"
        r"|relation \"\w+\" does not exist|no such (?:table|column)",
        re.DOTALL,
    ),
    "HTML": re.compile(
        r"<!doctype|<html\b|<[bh]r ?/?>|</(?:head|body|title|h[1-6]|p|div|pre|span|b|script|center)>",
        re.IGNORECASE,
    ),
}


# TRACE sends back what it was sent, where it is answered at all.
@check(
    Exchange,
    "transport.no-token-echo",
    lambda exchange: (
        exchange.status is not None
        and exchange.request.method != "TRACE"
        and bool(_presented(exchange.request))
    ),
)
def token_is_not_echoed(exchange: Exchange) -> Problem | None:
    presented = _presented(exchange.request)
    for name, value in exchange.response.headers:
        if _holds_a_token(value, presented):
            return f"the header {name} holds what was sent as the token"
    body = exchange.response.body.decode("utf-8", "replace")
    return "the body holds what was sent as the token" if _holds_a_token(body, presented) else None


def _holds_a_token(text: str, presented: Sequence[str]) -> bool:
    return _TOKEN.search(text) is not None or any(token in text for token in presented)


_TOKEN = re.compile("|".join(re.escape(placeholder(account)) for account in ACCOUNTS))


# --- what is answered beside the paths of the contract ------------------------------------------


def _is_anonymous_beside_the_paths(exchange: Exchange) -> bool:
    return exchange.classified.path is None and exchange.classified.authority is Authority.NONE


@check(Exchange, "auth.required", _is_anonymous_beside_the_paths)
def nothing_is_listed_beside_the_path(exchange: Exchange) -> Problem | None:
    is_list = exchange.is_success and exchange.response.object.get("phone_numbers") is not None
    return "the list was sent without a token" if is_list else None


def _names_no_line(exchange: Exchange) -> bool:
    update = exchange.document.operations[UPDATE]
    return (exchange.request.method, exchange.request.target) == (update.method, update.without_parameter)


@check(Exchange, "update.malformed-id", _names_no_line)
def update_without_id_is_not_done(exchange: Exchange) -> Problem | None:
    return "an update that names no line was carried out" if exchange.is_success else None


# --- errors ------------------------------------------------------------------------------------


@check(Exchange, "error.envelope", is_error)
def error_has_envelope(exchange: Exchange) -> Problem | None:
    return _schema_problem(exchange, "ErrorResponse")


@check(Exchange, "error.status-agrees", has_envelope)
def error_status_agrees(exchange: Exchange) -> Problem | None:
    shown, sent = (exchange.response.error or {}).get("status"), exchange.response.status
    return None if shown == sent else f"error.status is {shown!r} and the HTTP status is {sent}"


@check(Exchange, "error.code-agrees", has_envelope)
def error_code_agrees(exchange: Exchange) -> Problem | None:
    code, status = exchange.response.code, exchange.response.status
    unknown_path = status == 404 and (
        exchange.classified.path is None or exchange.classified.subject in {Named.FREE, Named.UNROUTABLE}
    )
    if status in _STATUSES_OF_HTTP:
        return None
    if status in {405, 415} or unknown_path:
        return (
            None
            if isinstance(code, int) and code // 1000 in {1, 2}
            else f"code {code!r} is not in 1xxx or 2xxx"
        )
    belongs = isinstance(code, int) and exchange.document.error_codes.get(code) == status
    return None if belongs else f"code {code!r} does not belong to HTTP {status}"


@check(Exchange, "error.trace-id-agrees", has_envelope)
def error_trace_id_agrees(exchange: Exchange) -> Problem | None:
    body, header = exchange.response.object.get("trace_id"), exchange.response.trace_id
    return None if body == header else f"trace_id is {body!r} and X-Trace-ID is {header!r}"


@check(Exchange, "error.doc-url", has_envelope)
def error_doc_url_is_of_code(exchange: Exchange) -> Problem | None:
    code, url = exchange.response.code, (exchange.response.error or {}).get("doc_url")
    expected = exchange.document.error_doc_url(code)
    same = isinstance(url, str) and url.rstrip("/") == expected.rstrip("/")
    return None if same else f"doc_url of code {code} is {url!r}, expected {expected}"


@check(Exchange, "error.retry-after", is_error)
def retry_after_agrees(exchange: Exchange) -> Problem | None:
    response = exchange.response
    shown = (response.error or {}).get("retry_after")
    if response.status != _TOO_MANY_REQUESTS:
        return None if shown is None else f"error.retry_after is {shown!r} beside HTTP {response.status}"
    header = response.header("Retry-After")
    if header is None or not _WHOLE_SECONDS.fullmatch(header):
        return f"Retry-After is {header!r}, not whole seconds"
    if not isinstance(shown, int) or isinstance(shown, bool) or shown != int(header):
        return f"error.retry_after is {shown!r} and Retry-After is {header}"
    return None


# --- which answer a request gets ---------------------------------------------------------------


def _answered_as_expected(rule: str) -> None:
    """Register the check that a request which tests `rule` gets an answer that the rule allows."""

    def applies(exchange: Exchange) -> bool:
        """A server may limit rates at any time; that says nothing about the request."""
        expectation = exchange.expectation
        if expectation is None or rule not in expectation.rules:
            return False
        return exchange.final and exchange.status != _TOO_MANY_REQUESTS

    def judge(exchange: Exchange) -> Problem | None:
        assert exchange.expectation is not None
        if isinstance(exchange.answer, NoAnswer):
            is_allowed = exchange.expectation.or_cut_off
            return None if is_allowed else f"there is no answer ({exchange.answer.reason})"
        status, code = exchange.answer.status, exchange.answer.code
        if exchange.expectation.allows(status, code):
            return None
        answers = exchange.expectation.answers
        answered = _answer_text(status, code)
        if code is None and any(answer.status == status for answer in answers):
            answered += " without an error code"
        expected = " or ".join(sorted(_answer_text(answer.status, answer.code) for answer in answers))
        return f"answered {answered}, expected {expected}"

    check(Exchange, rule, applies)(judge)


for _rule in linq_document.load().answered_rules:
    _answered_as_expected(_rule)


@check(
    Exchange,
    "transport.unknown-method",
    lambda exchange: (
        exchange.status == 405 and exchange.classified.path is not None and is_answered(exchange)
    ),
)
def allow_names_the_methods(exchange: Exchange) -> Problem | None:
    allow = exchange.response.header("Allow")
    named = {method.strip().upper() for method in (allow or "").split(",")} - {""}
    expected = exchange.document.methods_of(exchange.classified.path or "")
    if expected <= named and exchange.request.method.upper() not in named:
        return None  # methods that the contract does not know are drift
    return f"Allow is {allow!r}, expected {', '.join(sorted(expected))}"


# --- list --------------------------------------------------------------------------------------


@check(Exchange, "list.schema", lambda exchange: exchange.is_list and exchange.status == 200)
def list_has_schema(exchange: Exchange) -> Problem | None:
    return _schema_problem(exchange, "PhoneNumberListResponse")


@check(Exchange, "list.unique", lambda exchange: exchange.listing is not None)
def list_repeats_nothing(exchange: Exchange) -> Problem | None:
    lines = exchange.listing.in_order if exchange.listing else ()
    for what, values in (
        ("id", [line.key for line in lines]),
        ("phone_number", [line.phone_number for line in lines]),
    ):
        if len(set(values)) < len(values):
            repeated = Counter(values).most_common(1)[0][0]
            return f"the {what} {repeated} is listed twice"
    return None


@check(Exchange, "list.health-status-present", lists_lines)
def health_status_is_present(exchange: Exchange) -> Problem | None:
    return _first(
        f"{_name(item)} has no health_status"
        for item in _of_each_reputation(exchange)
        if item.get("health_status") is None
    )


@check(Exchange, "list.health-status-agrees", lists_lines)
def health_status_agrees(exchange: Exchange) -> Problem | None:
    return _first(
        f"{_name(item)} has the health_status {older!r} and the reputation {newer!r}"
        for item in _of_each_reputation(exchange)
        if (older := _status(item, "health_status")) != (newer := _status(item, "reputation"))
        and older is not None
        and newer is not None
    )


@check(Exchange, "list.status-values", lists_lines)
def statuses_are_known(exchange: Exchange) -> Problem | None:
    known = exchange.document.schemas["ReputationStatus"]["enum"]
    return _first(
        f"{_name(item)} has the {name} status {status!r}"
        for item in _of_each_reputation(exchange)
        for name in REPUTATIONS
        if (status := _status(item, name, known[0])) not in known
    )


@check(Exchange, "list.doc-url", lists_lines)
def doc_urls_are_consistent(exchange: Exchange) -> Problem | None:
    urls: dict[tuple[str, str], str] = {}
    statuses: dict[tuple[str, str], str] = {}
    for name, status, url in sorted(_reputations(exchange)):
        if not _is_web_url(url):
            return f"the {name}.doc_url {url!r} is not an absolute http(s) URL"
        if urls.setdefault((name, status), url) != url:
            return f"the {name}.doc_url of {status} is {urls[name, status]} on one line and {url} on another"
        if statuses.setdefault((name, url), status) != status:
            return f"the {name}.doc_url {url} serves both {statuses[name, url]} and {status}"
    return None


@check(Exchange, "list.forwarding-number", lists_lines)
def forwarding_numbers_are_e164(exchange: Exchange) -> Problem | None:
    return _first(
        f"{_name(item)} has the forwarding number {value!r}"
        for item in exchange.items
        if (value := item.get("forwarding_number")) is not None and not is_e164(value)
    )


# --- update ------------------------------------------------------------------------------------


@check(Exchange, "update.schema", is_done_update)
def update_has_schema(exchange: Exchange) -> Problem | None:
    return _schema_problem(exchange, "PhoneNumberUpdateResponse")


@check(Exchange, "update.echo", is_done_update)
def update_echoes(exchange: Exchange) -> Problem | None:
    line, body = exchange.classified.line, exchange.response.object
    assert line is not None
    if line_key(str(body.get("id"))) != line.key:
        return f"the response has the id {body.get('id')!r} and the path {line.id}"
    if body.get("phone_number") != line.phone_number:
        return (
            f"the response has the phone number {body.get('phone_number')!r} and the list {line.phone_number}"
        )
    sent, shown = exchange.classified.value, body.get("forwarding_number")
    if exchange.classified.body is Body.SET and shown != sent:
        return f"the response has the forwarding number {shown!r}, and {sent!r} was sent"
    return None


def _clears(body: Body) -> Callable[[Exchange], bool]:
    return lambda exchange: is_done_update(exchange) and exchange.classified.body is body


@check(Exchange, "update.clear-null", _clears(Body.CLEAR_NULL))
@check(Exchange, "update.clear-empty", _clears(Body.CLEAR_EMPTY))
def response_shows_cleared(exchange: Exchange) -> Problem | None:
    shown = exchange.response.object.get("forwarding_number")
    return None if shown is None else f"the response still has the forwarding number {shown!r}"


# --- what the checks share ---------------------------------------------------------------------


def _schema_problem(exchange: Exchange, name: str) -> Problem | None:
    """What the component schema rejects, but for URLs: rules of their own look at those."""
    if exchange.response.json is NOT_JSON:
        return f"the body is no {name}: it is not JSON"
    errors = exchange.document.validator(name).iter_errors(_without_surrogates(exchange.response))
    problems = [
        f"{json_pointer(error.instance_path) or 'the body'}: {error.message}"
        for error in errors
        if not _is_about_url(error)
    ]
    return "; ".join(problems[:_SHOWN_PROBLEMS]) or None


def _is_about_url(error: ValidationError) -> bool:
    return error.instance_path[-1:] == ["doc_url"] and error.schema_path[-1:] == ["format"]


def _without_surrogates(response: Response) -> Any:
    """The body as JSON, with U+FFFD for lone surrogates, which JSON can spell and UTF-8 cannot."""
    if not _SPELLED_SURROGATE.search(response.body):
        return response.json
    text = json.dumps(response.json, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))


def _texts(response: Response) -> Iterator[str]:
    """Every text in a body, keys included; the body as it is when it is not JSON."""
    if response.json is NOT_JSON:
        return iter([response.body.decode("utf-8", "replace")])
    return _texts_in(response.json)


def _texts_in(value: Any) -> Iterator[str]:
    values = [value]
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        values += json_array(value) or ()
        for name, member in (json_object(value) or {}).items():
            values += (name, member)


def _presented(request: Request) -> list[str]:
    """What the request has as a token, as sent and decoded, if it could not be in a response by chance."""
    header = request.header("Authorization") or ""
    token = header.partition(" ")[2] or header
    texts = [request.target, *(value for _, value in request.headers)]
    if request.body and b"${" in request.body:
        texts.append(request.body.decode("utf-8", "replace"))
    forms = [token, *_TOKEN.findall("\n".join(texts))]
    if header.startswith("Basic "):
        with contextlib.suppress(ValueError):
            forms.append(base64.b64decode(token, validate=True).decode())
    return [form for form in forms if "${" in form or is_distinctive(form)]


def _offered_trace_ids(request: Request) -> set[str]:
    traceparent = (request.header("traceparent") or "").split("-")
    offered = {
        (request.header("X-Trace-ID") or "").lower().replace("-", ""),
        (traceparent[1] if len(traceparent) > 1 else "").lower(),
    }
    return offered - {""}


def _quoted_from(request: Request, text: str) -> str:
    """The text with a word for whatever the server may have quoted from the request, as sent or decoded."""
    path = request.target.partition("?")[0]
    for target in (request.target, path, unquote(path)):
        # A server that quotes the path has its own base path before it.
        text = re.sub(rf"[^\s\"'`]*{re.escape(target)}", _QUOTE, text)
    sent = [*re.split(r"[/?&=]", request.target), *re.split(r"[/?&=]", unquote(request.target))]
    sent += [value for _, value in request.headers]
    if request.body:
        raw = request.body.decode("utf-8", "replace")
        parsed = parse_json(request.body)
        sent += [raw, *re.findall(r'"((?:[^"\\]|\\.)+)"', raw)]
        sent += _texts_in(parsed) if parsed is not NOT_JSON else ()
    for quoted in sorted(set(sent), key=len, reverse=True):
        if len(quoted) >= _SHORTEST_QUOTE:
            text = text.replace(quoted, _QUOTE)
    return text


def _of_each_reputation(exchange: Exchange) -> Sequence[JsonObject]:
    return exchange.listing.of_each_reputation if exchange.listing else ()


def _name(item: JsonObject) -> str:
    return f"line {item.get('id')}"


def _status(item: JsonObject, name: str, missing: str | None = None) -> Any:
    """The status in one of the two reputations of a line, `missing` where there is none."""
    value = item.get(name)
    return value.get("status", missing) if isinstance(value, dict) else missing  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - fast path


def _reputations(exchange: Exchange) -> Iterator[tuple[str, str, str]]:
    """Each reputation in a list: the name of the property, the status, and the URL as text."""
    for item in _of_each_reputation(exchange):
        for name in REPUTATIONS:
            status = _status(item, name)
            if isinstance(status, str):
                yield name, status, str(item[name].get("doc_url"))


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in url


def _first(problems: Iterator[Problem]) -> Problem | None:
    return next(problems, None)


def _answer_text(status: int, code: object) -> str:
    return f"{status}" if code is None else f"{status} / {code}"
