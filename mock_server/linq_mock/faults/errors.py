"""Faults of error answers: the envelope, what has to agree in it, and how long to wait."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, ClassVar

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem, doc_url
from linq_mock.variation import with_error

if TYPE_CHECKING:
    from linq_mock.accounts import Account
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

# --- error.envelope -----------------------------------------------------------------------------


class OnProblem(Fault):
    """Changes the body of some errors."""

    statuses: ClassVar[tuple[int, ...]] = ()
    codes: ClassVar[tuple[int, ...]] = ()

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        raise NotImplementedError

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        concerned = (not self.statuses or problem.status in self.statuses) and (
            not self.codes or problem.code in self.codes
        )
        return self.changed(body, problem) if concerned else body


class FrameworkNotFound(OnProblem, name="error.envelope/framework-404"):
    """Not found is answered in the shape of the framework."""

    statuses = (404,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {"detail": "Not Found"}


class FrameworkMethod(OnProblem, name="error.envelope/framework-405"):
    """Only unknown methods are answered in the shape of the framework."""

    statuses = (405,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {"detail": "Method Not Allowed"}


class ErrorList(OnProblem, name="error.envelope/error-list-on-1005"):
    """Invalid values are answered with the list of errors of a validation library."""

    statuses = (400,)
    codes = (Code.INVALID_PARAMETER,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {"success": False, "errors": [body["error"]], "trace_id": body["trace_id"]}


class SuccessTrue(OnProblem, name="error.envelope/success-true"):
    """A missing field is reported as a success."""

    codes = (Code.MISSING_FIELD,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {**body, "success": True}


class SuccessMissing(OnProblem, name="error.envelope/success-missing-on-401"):
    """The gateway that refuses tokens does not know of `success`."""

    statuses = (401,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {name: value for name, value in body.items() if name != "success"}


class TraceIdMissing(
    OnProblem, name="error.envelope/trace-id-missing-on-404", also=("error.trace-id-agrees",)
):
    """Not found carries its trace id in the header only."""

    statuses = (404,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {name: value for name, value in body.items() if name != "trace_id"}


class CodeAsText(
    OnProblem, name="error.envelope/code-as-text", also=("error.code-agrees", "update.invalid-number")
):
    """The code of an invalid number is a string."""

    codes = (Code.NOT_E164,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, code=str(problem.code))


class MessageNull(OnProblem, name="error.envelope/message-null"):
    """Errors about another media type have no message."""

    statuses = (415,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, message=None)


class DocUrlMissing(OnProblem, name="error.envelope/doc-url-missing-on-1003", also=("error.doc-url",)):
    """Errors of the body parser have no page in the documentation."""

    codes = (Code.INVALID_BODY,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        body["error"].pop("doc_url")
        return body


class ErrorIsText(OnProblem, name="error.envelope/error-is-text"):
    """Every error of a malformed id is a plain text."""

    statuses = (400,)
    codes = (Code.INVALID_PARAMETER,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {**body, "error": problem.message} if "path" in problem.message else body


# --- error.status-agrees ------------------------------------------------------------------------


class AlwaysBadRequest(OnProblem, name="error.status-agrees/always-400"):
    """Every error says that its status is 400."""

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, status=400)


class MethodSaysNotFound(OnProblem, name="error.status-agrees/405-says-404"):
    """The router turns a 404 into a 405 after its body is written."""

    statuses = (405,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, status=404)


class MediaTypeSaysBadRequest(OnProblem, name="error.status-agrees/415-says-400"):
    """Another media type is reported as status 400 in the body."""

    statuses = (415,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, status=400)


class UnprocessableInBody(OnProblem, name="error.status-agrees/1002-says-422"):
    """The validator believes that invalid numbers are answered with 422."""

    codes = (Code.NOT_E164,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, status=422)


class UnauthorizedSaysForbidden(OnProblem, name="error.status-agrees/401-says-403"):
    """A wrong token is 403 in the body and 401 on the wire."""

    statuses = (401,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, status=403)


class OtherAccountSaysForbidden(Fault, name="error.status-agrees/other-account-says-403"):
    """A line of another account is 403 inside and masked as 404 outside."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        exists = any(call.raw_path.rpartition("/")[2].lower() in account.lines for account in self.accounts)
        return with_error(body, status=403) if problem.status == 404 and exists else body


# --- error.code-agrees --------------------------------------------------------------------------


class OtherCode(OnProblem):
    """Uses the code of another status."""

    code: ClassVar[int] = 0

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, code=self.code, doc_url=doc_url(self.code))


class NotFoundAsDenied(OtherCode, name="error.code-agrees/404-as-2005", also=("update.unknown-id",)):
    """Not found carries the code of access denied."""

    statuses = (404,)
    code = 2005


class UnauthorizedAsDenied(
    OtherCode, name="error.code-agrees/401-as-2005", also=("auth.required", "auth.invalid")
):
    """A wrong token carries the code of access denied."""

    statuses = (401,)
    code = 2005


class MethodAsServerError(OtherCode, name="error.code-agrees/405-as-3001"):
    """An unknown method carries the code of a server error."""

    statuses = (405,)
    code = 3001


class MediaTypeAsUnavailable(OtherCode, name="error.code-agrees/415-as-4004"):
    """Another media type carries a code of the 4xxx family, mistaken for 4xx."""

    statuses = (415,)
    code = 4004


class UndocumentedCode(OtherCode, name="error.code-agrees/undocumented-1000", also=("update.missing-field",)):
    """A missing field carries a code that is in no table."""

    codes = (Code.MISSING_FIELD,)
    code = 1000


class StatusAsCode(OtherCode, name="error.code-agrees/malformed-id-as-2019", also=("update.malformed-id",)):
    """A malformed id is a bad request with the code of not found."""

    statuses = (400,)
    codes = (Code.INVALID_PARAMETER,)
    code = 2019

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return super().changed(body, problem) if "path" in problem.message else body


class UnknownPathAsUnavailable(OtherCode, name="error.code-agrees/unknown-path-as-4004"):
    """The gateway has no route, takes that for an outage, and answers 404 all the same."""

    statuses = (404,)
    code = 4004

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return super().changed(body, problem) if "at this path" in problem.message else body


# --- error.trace-id-agrees ----------------------------------------------------------------------


class OwnTraceId(Fault, name="error.trace-id-agrees/own-id"):
    """The error handler makes a trace id of its own."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        return {**super().problem_body(call, problem), "trace_id": self.new_trace_id(call)}


class OwnTraceIdFirst(Fault, name="error.trace-id-agrees/own-id-first-on-a-connection"):
    """The first request of a connection has no trace yet when its error is written."""

    def arrange(self) -> None:
        super().arrange()
        self.clients: set[object] = set()

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return body if call.client in self.clients else {**body, "trace_id": self.new_trace_id(call)}

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        self.clients.add(call.client)
        return response


class OwnTraceIdOnUnauthorized(OnProblem, name="error.trace-id-agrees/zeros-on-401"):
    """Before authentication there is no trace, so the body of a 401 has zeros."""

    statuses = (401,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {**body, "trace_id": "0" * 32}


class PreviousTraceId(Fault, name="error.trace-id-agrees/previous-id"):
    """The trace id in the body is that of the request before, from a global variable."""

    previous = "f" * 32

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        self.previous = call.trace_id
        return response

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        return {**super().problem_body(call, problem), "trace_id": self.previous}


class ClientTraceIdInBody(Fault, name="error.trace-id-agrees/client-id-in-body"):
    """The body of an error carries the X-Trace-ID that the client sent."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return {**body, "trace_id": call.headers.get("X-Trace-ID", call.trace_id)}


class OwnTraceIdOnMediaType(OnProblem, name="error.trace-id-agrees/reversed-on-400"):
    """Byte order differs between header and body in errors of the body parser."""

    codes = (Code.INVALID_BODY,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return {**body, "trace_id": bytes.fromhex(body["trace_id"])[::-1].hex()}


# --- error.doc-url ------------------------------------------------------------------------------


class GenericPage(OnProblem, name="error.doc-url/generic"):
    """Every error links to the start page of the documentation."""

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, doc_url="https://docs.linqapp.com/error/")


class OtherFamily(OnProblem, name="error.doc-url/other-family"):
    """The family in the link is that of the status, not that of the code."""

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        family = problem.status // 100
        return with_error(body, doc_url=f"https://docs.linqapp.com/error/codes/{family}xxx/{problem.code}/")


class NeighbourPage(OnProblem, name="error.doc-url/neighbour-on-1002"):
    """The page of an invalid number is that of a missing field."""

    codes = (Code.NOT_E164,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, doc_url=doc_url(Code.MISSING_FIELD))


class SamePage(OnProblem, name="error.doc-url/same-for-401-and-404"):
    """Not found links to the page about tokens."""

    statuses = (404,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, doc_url=doc_url(Code.UNAUTHORIZED))


class StatusPage(OnProblem, name="error.doc-url/status-instead-of-code-on-401"):
    """The link of a 401 is built from the status."""

    statuses = (401,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, doc_url="https://docs.linqapp.com/error/codes/4xx/401/")


# --- error.retry-after --------------------------------------------------------------------------


class Limited(Fault):
    """Answers every 20th request with 429, and leaves it to others how."""

    seconds: ClassVar[int] = 1

    async def handle(self, call: Call) -> Response:
        if self.served % 20 == 0:
            raise Problem(Code.RATE_LIMITED, "Rate limit exceeded", retry_after=self.seconds)
        return await super().handle(call)


class RetryAfterDate(Limited, name="error.retry-after/date"):
    """The header is an HTTP date, the field a number."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        if problem.status == 429:
            problem.headers["Retry-After"] = formatdate(usegmt=True)
        return super().problem_response(call, problem)


class RetryAfterNoHeader(Limited, name="error.retry-after/no-header"):
    """A 429 has the field, not the header."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        problem.headers.pop("Retry-After", None)
        return super().problem_response(call, problem)


class RetryAfterNoField(Limited, name="error.retry-after/no-field"):
    """A 429 has the header, not the field."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        body["error"].pop("retry_after", None)
        return body


class RetryAfterDiffers(Limited, name="error.retry-after/differs"):
    """The header is rounded up, the field down."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return with_error(body, retry_after=0) if problem.status == 429 else body


class RetryAfterFraction(Limited, name="error.retry-after/fraction", also=("error.envelope",)):
    """Header and field are fractions of a second."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        if problem.status == 429:
            problem.headers["Retry-After"] = "0.5"
        return super().problem_response(call, problem)

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return with_error(body, retry_after=0.5) if problem.status == 429 else body


class RetryAfterMilliseconds(Limited, name="error.retry-after/milliseconds"):
    """The field counts milliseconds."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return with_error(body, retry_after=1000) if problem.status == 429 else body


class RetryAfterNegative(Limited, name="error.retry-after/negative", also=("error.envelope",)):
    """The wait is computed from a window that has passed already."""

    seconds = -1


class RetryAfterOnNotFound(OnProblem, name="error.retry-after/on-404"):
    """Every error comes from one template, with a retry_after of 0 for not found."""

    statuses = (404,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, retry_after=0)


class RetryAfterOnUnauthorized(OnProblem, name="error.retry-after/on-401"):
    """A wrong token is told to try again in half a minute."""

    statuses = (401,)

    def changed(self, body: JsonObject, problem: Problem) -> JsonObject:
        return with_error(body, retry_after=30)


class RetryAfterOnUnavailable(Fault, name="error.retry-after/on-503"):
    """A passing 503 has a retry_after in its body."""

    async def handle(self, call: Call) -> Response:
        if self.served % 20 == 0:
            raise Problem(Code.UNAVAILABLE, "Service unavailable", retry_after=1)
        return await super().handle(call)


class RetryAfterOnPut(Fault, name="error.retry-after/missing-on-put"):
    """The limiter of updates is another one, which sends neither the header nor the field."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        if self.served % 10 == 0:
            raise Problem(Code.RATE_LIMITED, "Rate limit exceeded")
        return await super().update_phone_number(call, account)
