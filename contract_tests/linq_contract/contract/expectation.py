"""Which answers the contract allows to a request that was taken apart.

`expect` names the rule that the request tests and the answers that satisfy it. Where the contract
leaves a server free, all of the answers that it may choose from are allowed, so that no check can accuse a
server of a choice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from linq_contract.contract.classification import (
    FREE_METHODS,
    LIST,
    UPDATE,
    VALID_BODIES,
    Authority,
    Body,
    Classified,
    Media,
    Subject,
)
from linq_contract.contract.lines import line_key
from linq_contract.contract.numbers import is_plausible
from linq_document import Answer, Document

_REFUSALS_OF_AN_ID = ("update.malformed-id", "update.unknown-id", "transport.unknown-method")
_BAD_REQUEST = 400  # RFC 9110
_RULE_OF_BODY: Mapping[Body | None, Sequence[str]] = {
    Body.INVALID_NUMBER: ("update.invalid-number",),
    Body.WRONG_TYPE: ("update.wrong-type",),
    Body.MISSING_FIELD: ("update.missing-field",),
    Body.NOT_AN_OBJECT: ("update.invalid-body", "not-an-object"),
    Body.NOT_JSON: ("update.invalid-body", "not-json"),
    Body.EMPTY: ("update.invalid-body", "empty"),
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """The answers allowed to a request, and the rules that another answer breaks.

    `or_refused` allows any 4xx beside them, `or_redirected` any 3xx, and `or_cut_off` none at all.
    """

    rules: tuple[str, ...]
    answers: frozenset[Answer]
    or_refused: bool = False
    or_redirected: bool = False
    or_cut_off: bool = False

    def allows(self, status: int, code: object) -> bool:
        if (self.or_refused and 400 <= status < 500) or (self.or_redirected and 300 <= status < 400):
            return True
        return any(answer.matches(status, code) for answer in self.answers)


def expect(request: Classified, document: Document) -> Expectation | None:
    """The answers that the contract allows; None where it does not say."""
    expectation = _expect(request, document)
    if expectation is None:
        return None
    answers = expectation.answers
    if request.may_be_redirected:
        answers |= _statuses(document, *_REFUSALS_OF_AN_ID)
    return replace(
        expectation,
        answers=answers,
        or_refused=request.is_unusual,
        or_redirected=request.may_be_redirected,
        or_cut_off=request.is_large,
    )


def _expect(request: Classified, document: Document) -> Expectation | None:
    if request.operation is None:
        return _expect_unknown_method(request, document)
    if request.authority in {Authority.NONE, Authority.INVALID}:
        return _expect_refusal(request, document)
    is_free = request.authority is Authority.FREE or not (request.is_plain or request.is_unusual)
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
    if request.body in _RULE_OF_BODY:
        rule, *case = _RULE_OF_BODY[request.body]
        yield rule, document.answers(rule, *case)
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
        yield Answer(_BAD_REQUEST)  # what is no JSON by its type is no body to some parsers
    if request.body is Body.SET and not is_plausible(request.value):
        yield from document.answers("update.invalid-number")
    if request.has_lone_surrogate:
        yield from (Answer(400, code) for code in (1002, 1003))
    if request.lenient_body is not None:
        yield from document.answers("update.wrong-type")
        rule, *case = _RULE_OF_BODY.get(request.lenient_body, ["update.wrong-type"])
        yield from document.answers(rule, *case)
    if request.may_be_lenient:
        yield from document.answers("update.schema")
    if request.body is Body.NOT_JSON and request.starts_with_mark:
        # Many parsers take a byte order mark, and then judge what they have read.
        rules = ("update.wrong-type", "update.missing-field", "update.invalid-number", "update.schema")
        yield from (answer for rule in rules for answer in document.answers(rule))


def _statuses(document: Document, *rules: str) -> frozenset[Answer]:
    """The answers of these rules, with any error code."""
    return frozenset(Answer(answer.status) for rule in rules for answer in document.answers(rule))


def _is_everyday_uuid(named_id: str) -> bool:
    """Whether every parser takes the id for a uuid: usual spelling, a version that RFC 9562 knows."""
    return line_key(named_id) == named_id and uuid.UUID(named_id).version is not None
