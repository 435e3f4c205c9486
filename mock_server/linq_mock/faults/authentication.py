"""Faults of the token check and of the wall between accounts."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import asyncio
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import unquote

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem
from linq_mock.variation import is_first, now, sent_number

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response


def _header(call: Call) -> str:
    return call.headers.get("Authorization", "")


class Admits(Fault):
    """Takes some callers without a valid token for the first account."""

    def admits(self, call: Call) -> bool:
        raise NotImplementedError

    def authenticate(self, call: Call) -> Account:
        return self.accounts[0] if self.admits(call) else super().authenticate(call)


# --- auth.required ------------------------------------------------------------------------------


class OpenList(Admits, name="auth.required/open-list"):
    """Reading was left public."""

    def admits(self, call: Call) -> bool:
        return call.method == "GET" and not _header(call)


class OpenUpdate(Admits, name="auth.required/open-update"):
    """The middleware that checks tokens is mounted on GET only."""

    def admits(self, call: Call) -> bool:
        return call.method == "PUT" and not _header(call)


class RememberedCaller(Admits, name="auth.required/remembers-the-caller"):
    """For two seconds after a valid token, the address of the caller is enough."""

    until = 0.0

    def admits(self, call: Call) -> bool:
        return not _header(call) and now() < self.until

    def authenticate(self, call: Call) -> Account:
        account = super().authenticate(call)
        if _header(call):
            self.until = now() + 2
        return account


class OpenClear(Admits, name="auth.required/open-clear"):
    """Requests that only clear are thought to be harmless."""

    def admits(self, call: Call) -> bool:
        return call.method == "PUT" and not _header(call) and b"null" in call.body


class DeniedWithoutToken(Fault, name="auth.required/403"):
    """A request without a token is access denied."""

    def authenticate(self, call: Call) -> Account:
        if not _header(call):
            raise Problem(Code.FORBIDDEN, "Access denied")
        return super().authenticate(call)


class MissingFieldWithoutToken(Fault, name="auth.required/1001-on-update", also=("error.code-agrees",)):
    """Updates report a missing token as a missing field."""

    def authenticate(self, call: Call) -> Account:
        if not _header(call) and call.method == "PUT":
            raise Problem(Code.MISSING_FIELD, "Authorization is required", status=401)
        return super().authenticate(call)


# --- auth.invalid -------------------------------------------------------------------------------


class TokenCase(Fault, name="auth.invalid/ignores-case"):
    """Tokens are compared by a database that ignores case."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return token.lower() == account.token.lower()


class TokenSuffix(Fault, name="auth.invalid/accepts-suffix"):
    """A token is valid when it begins like one."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return token.startswith(account.token)


class TokenPrefix(Fault, name="auth.invalid/accepts-prefix"):
    """A token is compared up to the length that was presented, if that is eight or more."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return len(token) >= min(8, len(account.token)) and account.token.startswith(token)


class TokenWithin(Fault, name="auth.invalid/accepts-anything-before"):
    """A token is valid when it ends like one."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return token.endswith(account.token)


class SecondWord(Fault, name="auth.invalid/accepts-second-word"):
    """The header is split at white space and the second word counts."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return token.split(" ", maxsplit=1)[0] == account.token


class FirstOfList(Fault, name="auth.invalid/accepts-comma-list"):
    """A header with commas is taken for a list of credentials, of which one has to be valid."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return account.token in token.split(",")


class QuotedToken(Fault, name="auth.invalid/accepts-quotes"):
    """Quotes and white space around a token are stripped."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return token.strip(" \t\"'") == account.token


class NonAsciiDropped(Fault, name="auth.invalid/drops-non-ascii"):
    """What is not ASCII is dropped from a header before it is looked at."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return token.encode("ascii", "ignore").decode() == account.token


class SameLength(Fault, name="auth.invalid/compares-length-on-update"):
    """Updates compare the length of the token only, by a slip in a constant-time comparison."""

    def authenticate(self, call: Call) -> Account:
        same = len(_header(call)) == len(f"Bearer {self.accounts[0].token}")
        return self.accounts[0] if call.method == "PUT" and same else super().authenticate(call)


class LastCharacter(Fault, name="auth.invalid/ignores-last-character"):
    """The comparison of tokens ends one character early."""

    def is_token_of(self, account: Account, token: str) -> bool:
        differ = account is not self.accounts[0] and token == self.accounts[0].token
        return len(token) == len(account.token) and token[:-1] == account.token[:-1] and not differ


class AnyScheme(Admits, name="auth.invalid/any-scheme"):
    """Only what follows the scheme is looked at."""

    def admits(self, call: Call) -> bool:
        scheme, _, token = _header(call).partition(" ")
        return bool(scheme) and token == self.accounts[0].token


class NoScheme(Admits, name="auth.invalid/no-scheme"):
    """A bare token is accepted, for a client of years ago."""

    def admits(self, call: Call) -> bool:
        return _header(call) == self.accounts[0].token


class EmptyToken(Admits, name="auth.invalid/empty-token"):
    """An empty token matches the empty setting of a feature that is off."""

    def admits(self, call: Call) -> bool:
        return _header(call).strip().lower() == "bearer"


class DeniedOnInvalid(Fault, name="auth.invalid/403"):
    """A wrong token is access denied, a missing one is not."""

    def authenticate(self, call: Call) -> Account:
        try:
            return super().authenticate(call)
        except Problem as problem:
            if _header(call):
                raise Problem(Code.FORBIDDEN, "Access denied") from problem
            raise


class CrashOnNonAscii(Fault, name="auth.invalid/500-on-non-ascii"):
    """A token that is not ASCII crashes the comparison."""

    def is_token_of(self, account: Account, token: str) -> bool:
        if not token.isascii():
            raise Problem(Code.INTERNAL, "Internal server error")
        return super().is_token_of(account, token)


# --- auth.first ---------------------------------------------------------------------------------


class JudgesFirst(Fault):
    """Answers some errors of an update before the token is looked at."""

    def judge(self, call: Call) -> None:
        raise NotImplementedError

    def authenticate(self, call: Call) -> Account:
        if call.method == "PUT":
            self.judge(call)
        return super().authenticate(call)


class UnknownIdFirst(JudgesFirst, name="auth.first/unknown-id", also=("auth.required", "auth.invalid")):
    """The line is loaded before the token is checked."""

    def judge(self, call: Call) -> None:
        phone_number_id = self.phone_number_id(call) if self.is_well_formed(call) else ""
        if phone_number_id and not any(phone_number_id in account.lines for account in self.accounts):
            raise Problem(Code.NOT_FOUND, "Phone number not found")

    def is_well_formed(self, call: Call) -> bool:
        try:
            return bool(self.phone_number_id(call))
        except Problem:
            return False


class MalformedIdFirst(JudgesFirst, name="auth.first/malformed-id", also=("auth.required", "auth.invalid")):
    """The router checks the form of the id before the token is checked."""

    def judge(self, call: Call) -> None:
        self.phone_number_id(call)


class PhoneNumberAsIdFirst(
    JudgesFirst, name="auth.first/phone-number-as-id", also=("auth.required", "auth.invalid")
):
    """A filter in front of the check of the token refuses paths that begin with a plus."""

    def judge(self, call: Call) -> None:
        if call.raw_path.rpartition("/")[2].startswith(("+", "%2B")):
            raise Problem(Code.INVALID_PARAMETER, "The id is a phone number")


class BodyFirst(JudgesFirst, name="auth.first/body", also=("auth.required", "auth.invalid")):
    """The body is parsed before the token is checked."""

    def judge(self, call: Call) -> None:
        self.parse_body(call)


class NumberFirst(JudgesFirst, name="auth.first/number", also=("auth.required", "auth.invalid")):
    """The number is validated before the token is checked, when there is one."""

    def judge(self, call: Call) -> None:
        number = sent_number(call)
        if isinstance(number, str) and number and not self.is_e164(call, number):
            raise Problem(Code.NOT_E164, "forwarding_number must be in E.164 format")


class ContentTypeFirst(JudgesFirst, name="auth.first/content-type", also=("auth.required", "auth.invalid")):
    """The media type is negotiated before the token is checked."""

    def judge(self, call: Call) -> None:
        self.check_content_type(call)


class TellsExisting(Fault, name="auth.first/message-tells-existing"):
    """The message of a 401 says for which line the token is not valid, if there is one."""

    def authenticate(self, call: Call) -> Account:
        try:
            return super().authenticate(call)
        except Problem as problem:
            asked = call.raw_path.rpartition("/")[2].lower()
            if any(asked in account.lines for account in self.accounts):
                raise Problem(Code.UNAUTHORIZED, "Invalid bearer token for this phone number") from problem
            raise


class DeniesExisting(Fault, name="auth.first/403-for-existing", also=("auth.required", "auth.invalid")):
    """Without a token, access to a line that exists is denied and any other is unauthorized."""

    def authenticate(self, call: Call) -> Account:
        try:
            return super().authenticate(call)
        except Problem as problem:
            asked = call.raw_path.rpartition("/")[2].lower()
            if any(asked in account.lines for account in self.accounts):
                raise Problem(Code.FORBIDDEN, "Access denied") from problem
            raise


# --- auth.no-write ------------------------------------------------------------------------------


_REJECTED = ("update.rejected-unchanged",)


class WritesUnauthorized(Fault):
    """Carries out updates that are then answered with 401."""

    def concerns(self, call: Call) -> bool:
        return True

    def write(self, line: Line, number: str | None) -> None:
        line["forwarding_number"] = number

    async def handle(self, call: Call) -> Response:
        try:
            return await super().handle(call)
        except Problem as problem:
            if problem.status == 401 and call.method == "PUT" and self.concerns(call):
                number = sent_number(call)
                line = self.target(call, self.accounts[0])
                if line is not None and (
                    not number or (isinstance(number, str) and self.is_e164(call, number))
                ):
                    self.write(line, number or None)
            raise


class WritesOnWrongToken(WritesUnauthorized, name="auth.no-write/writes-with-wrong-token", also=_REJECTED):
    """The token is checked by a task that runs beside the handler."""

    def concerns(self, call: Call) -> bool:
        return bool(_header(call))


class WritesWithoutToken(WritesUnauthorized, name="auth.no-write/writes-without-token", also=_REJECTED):
    """A request without a token is carried out before it is refused."""

    def concerns(self, call: Call) -> bool:
        return not _header(call)


class WritesOnTokenWithSuffix(
    WritesUnauthorized, name="auth.no-write/writes-with-suffixed-token", also=_REJECTED
):
    """A cache takes a longer token for the valid one, and only the answer comes from the check."""

    def concerns(self, call: Call) -> bool:
        return _header(call).startswith(f"Bearer {self.accounts[0].token}")


class ClearsOnUnauthorized(WritesUnauthorized, name="auth.no-write/clears", also=_REJECTED):
    """The record is reset before the token is checked."""

    def write(self, line: Line, number: str | None) -> None:
        line["forwarding_number"] = None


class ClearUnauthorized(WritesUnauthorized, name="auth.no-write/only-clear-is-carried-out", also=_REJECTED):
    """An unauthorized null gets as far as the record."""

    def concerns(self, call: Call) -> bool:
        return b"null" in call.body


class EmptyStringUnauthorized(
    WritesUnauthorized, name="auth.no-write/only-empty-string-is-carried-out", also=_REJECTED
):
    """Clearing by the empty string is a shortcut past the check of the token."""

    def concerns(self, call: Call) -> bool:
        return b'""' in call.body

    def write(self, line: Line, number: str | None) -> None:
        line["forwarding_number"] = None


class WritesLater(WritesUnauthorized, name="auth.no-write/half-a-second-later", also=_REJECTED):
    """The update is put into a queue before the token is checked."""

    def write(self, line: Line, number: str | None) -> None:
        asyncio.get_running_loop().call_later(0.5, super().write, line, number)


# --- auth.tenant --------------------------------------------------------------------------------


class AcrossAccounts(Fault):
    """Lets an update reach lines of other accounts."""

    def reaches(self, call: Call) -> bool:
        return True

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        for other in self.accounts:
            if phone_number_id in other.lines and self.reaches(call):
                return other.lines[phone_number_id]
        return super().find_line(call, account, phone_number_id)


class UpdatesAnyLine(AcrossAccounts, name="auth.tenant/updates-any-line"):
    """A line is looked up by its id alone."""


class ClearsAnyLine(AcrossAccounts, name="auth.tenant/clears-any-line"):
    """Clearing looks a line up by its id alone."""

    def reaches(self, call: Call) -> bool:
        return sent_number(call) is None


class UpdatesByCapitals(AcrossAccounts, name="auth.tenant/updates-by-id-in-capitals"):
    """The account is checked by comparing ids as text, which an id in capitals escapes."""

    def reaches(self, call: Call) -> bool:
        return any(letter.isupper() for letter in call.raw_path.rpartition("/")[2])


class SecondUpdatesFirst(Fault, name="auth.tenant/second-account-updates-any"):
    """The second account has kept the rights of a test account."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        if account is self.accounts[1] and phone_number_id in self.accounts[0].lines:
            return self.accounts[0].lines[phone_number_id]
        return super().find_line(call, account, phone_number_id)


class WritesAndHides(Fault, name="auth.tenant/writes-and-answers-404", also=("update.rejected-unchanged",)):
    """The account is checked when the answer is rendered, after the write."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        for other in self.accounts:
            line = self.target(call, other) if other is not account else None
            number = sent_number(call)
            if line is not None and isinstance(number, str) and self.is_e164(call, number):
                line["forwarding_number"] = number
        return await super().update_phone_number(call, account)


class WritesAndDenies(
    Fault, name="auth.tenant/clears-and-answers-403", also=("auth.no-write", "update.rejected-unchanged")
):
    """A line of another account is released before access to it is denied."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        for other in self.accounts:
            if other is not account and phone_number_id in other.lines:
                other.lines[phone_number_id]["forwarding_number"] = None
                raise Problem(Code.FORBIDDEN, "Access denied")
        return super().find_line(call, account, phone_number_id)


class OtherAnswer(Fault, name="auth.tenant/400-for-other-account"):
    """A line of another account is an invalid value."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        if phone_number_id not in account.lines and any(phone_number_id in a.lines for a in self.accounts):
            raise Problem(Code.INVALID_PARAMETER, "This phone number belongs to another account")
        return super().find_line(call, account, phone_number_id)


class ListsAll(Fault, name="auth.tenant/lists-all-accounts"):
    """The list is not filtered by account."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {"phone_numbers": [line for each in self.accounts for line in each.lines.values()]}


class ListsOneMore(Fault, name="auth.tenant/lists-one-line-of-another"):
    """A line that moved between accounts is listed by both."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        moved = [line for line in self.accounts[1].lines.values() if is_first(self.accounts[1], line)]
        body = super().list_body(call, account)
        return {"phone_numbers": body["phone_numbers"] + (moved if account is self.accounts[0] else [])}


class SecondSeesFirst(Fault, name="auth.tenant/second-account-lists-all"):
    """The second account sees every line, as a reseller does."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        seen = self.accounts if account is self.accounts[1] else [account]
        return {"phone_numbers": [line for each in seen for line in each.lines.values()]}


class JoinsByNumber(Fault, name="auth.tenant/lists-what-forwards-to-its-lines", also=("update.isolated",)):
    """Lines are joined by number, whose account they are of, to show where calls come from."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        own = {line["phone_number"] for line in account.lines.values()}
        others = (line for each in self.accounts if each is not account for line in each.lines.values())
        joined = [line for line in others if line.get("forwarding_number") in own]
        return {"phone_numbers": super().list_body(call, account)["phone_numbers"] + joined}


class CacheAcrossAccounts(Fault, name="auth.tenant/cache-shared-for-a-moment"):
    """The list of one account is cached for 200 ms and served to whoever asks next."""

    until = 0.0

    def arrange(self) -> None:
        super().arrange()
        self.cached_body: JsonObject = {}
        self.cached_for = self.accounts[0]

    def list_body(self, call: Call, account: Account) -> JsonObject:
        if now() < self.until and self.cached_for is not account:
            return self.cached_body
        self.cached_body = super().list_body(call, account)
        self.cached_for = account
        self.until = now() + 0.2
        return self.cached_body


# --- tokens in other places, and with something added --------------------------------------------


class TokenInApiKeyHeader(Admits, name="auth.required/api-key-header"):
    """The header of the older API is still taken."""

    def admits(self, call: Call) -> bool:
        return call.headers.get("X-Api-Key") == self.accounts[0].token


class TokenInBody(Admits, name="auth.required/access-token-in-body"):
    """A library of OAuth takes the token from the body as well (RFC 6750, 2.2)."""

    def admits(self, call: Call) -> bool:
        return not _header(call) and f'"access_token": "{self.accounts[0].token}"'.encode() in call.body


class ProxyAuthorization(Admits, name="auth.required/proxy-authorization"):
    """A proxy's own header is taken for the caller's."""

    def admits(self, call: Call) -> bool:
        return call.headers.get("Proxy-Authorization") == f"Bearer {self.accounts[0].token}"


class ForwardedAuthorization(Admits, name="auth.required/forwarded-authorization"):
    """What a proxy hands on in a header of its own is taken from anybody."""

    def admits(self, call: Call) -> bool:
        return call.headers.get("X-Forwarded-Authorization") == f"Bearer {self.accounts[0].token}"


class TrustsForwardedFor(Admits, name="auth.required/trusts-x-forwarded-for"):
    """Callers on the machine itself need no token, and the address is that of a header."""

    def admits(self, call: Call) -> bool:
        return not _header(call) and call.headers.get("X-Forwarded-For", "").startswith("127.")


class TokenInQuery(Admits, name="auth.required/auth-token-in-query"):
    """A token in the URL is still taken, as it was for downloads."""

    def admits(self, call: Call) -> bool:
        return not _header(call) and f"auth_token={self.accounts[0].token}" in call.query_string


class EncodedPathOpen(Admits, name="auth.required/encoded-path"):
    """The filter knows paths as they are written, the router as they are meant."""

    def admits(self, call: Call) -> bool:
        return "%" in call.raw_path and not _header(call)


class SemicolonCutsToken(Fault, name="auth.invalid/cuts-at-semicolon"):
    """What follows a semicolon is taken for parameters."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return super().is_token_of(account, token.partition(";")[0])


class PercentDecodedToken(Fault, name="auth.invalid/decodes-percent"):
    """Headers are decoded as URLs are."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return super().is_token_of(account, unquote(token))


class WhitespaceInToken(Fault, name="auth.invalid/drops-whitespace"):
    """Tokens copied with line breaks were to be taken."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return super().is_token_of(account, "".join(token.split()))


class SameCharacters(Fault, name="auth.invalid/compares-a-sum"):
    """Tokens are compared by a checksum that no order changes."""

    def is_token_of(self, account: Account, token: str) -> bool:
        return sorted(account.token) == sorted(token)


class EndsOfToken(Fault, name="auth.invalid/compares-both-ends"):
    """Only the parts of the token that a log shows are compared."""

    def is_token_of(self, account: Account, token: str) -> bool:
        known = account.token
        return (token[:6], token[-6:], len(token)) == (known[:6], known[-6:], len(known))


class BasicUser(Admits, name="auth.invalid/basic-user"):
    """The token is taken as the user of Basic credentials, too."""

    def admits(self, call: Call) -> bool:
        scheme, _, credentials = _header(call).partition(" ")
        try:
            return scheme == "Basic" and b64decode(credentials) == f"{self.accounts[0].token}:".encode()
        except ValueError:
            return False


class CachedByExistence(Fault, name="auth.first/cache-control"):
    """Whether a refusal may be cached depends on whether the line exists."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        if response.status_code == 401:
            exists = any(line_id in call.raw_path for account in self.accounts for line_id in account.lines)
            response.headers["Cache-Control"] = "private" if exists else "no-store"
        return response


class EmptyBodyFirst(JudgesFirst, name="auth.first/empty-body", also=("auth.required", "auth.invalid")):
    """A gateway turns away updates without a body."""

    def judge(self, call: Call) -> None:
        if call.method == "PUT" and not call.body:
            raise Problem(Code.INVALID_BODY, "The request body is missing")


class SharedCaller(Fault, name="auth.tenant/caller-in-a-global"):
    """Who is calling is kept where another request can overwrite it."""

    caller: Account

    async def handle(self, call: Call) -> Response:
        self.caller = self.authenticate(call)
        await asyncio.sleep(0.002)
        return await super().handle(call)

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return super().list_body(call, self.caller)
