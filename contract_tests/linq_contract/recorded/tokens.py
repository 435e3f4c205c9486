"""The tokens of a recording: whose they are, what stands for them, and what their refusal says.

Nobody tells whose the tokens of a recording are. One that was answered with success is an account's, and
those that list the same lines are of one account. One that was refused with 401 is a wrong one, which is
certain only between two refusals, since a token may expire. Where recorders take tokens out, nothing is
known of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from linq_contract.contract.lines import line_key, listed_lines
from linq_contract.contract.listing import read_listing
from linq_contract.http.credentials import ACCOUNT, ACCOUNTS, Credentials, SecretHeader, placeholder
from linq_contract.recorded.entries import Entry

_MASK = re.compile(
    r"\W*|\W*(?:redacted|removed|filtered|hidden|masked|dummy|fake|secret|token|scrubbed|sanitized|x+)\W*"
    r"|.*\*{3}.*|<.*>",
    re.IGNORECASE,
)
_SCHEMES = {"basic", "digest", "token", "apikey", "negotiate"}
_UNAUTHORIZED, _FORBIDDEN = 401, 403  # RFC 9110


class Standing(Enum):
    """What is known of a token."""

    OF_AN_ACCOUNT = auto()
    WRONG = auto()
    REFUSED = auto()  # by 401; it may have been valid before, or have become so since
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Presented:
    """The value of Authorization as it may be shown, and whether an outcome can be held to what it is."""

    authorization: str | None
    is_telling: bool


@dataclass(frozen=True, slots=True)
class _Token:
    """A token: its standing, and the variable that stands for it."""

    standing: Standing
    variable: str


class Tokens:
    """The tokens that a recording has shown so far.

    `known` are the tokens of accounts by their variables; if there are any, all others are wrong ones.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._are_all_known = bool(known)
        self._tokens = {
            token: _Token(Standing.OF_AN_ACCOUNT, variable) for variable, token in (known or {}).items()
        }
        self._lines: dict[str, set[str]] = {}
        self._between_refusals: dict[str, tuple[float, float]] = {}
        self._sources_with_tokens: set[str] = set()
        self.are_taken_out = False
        """Whether a recorder has taken tokens out, so that several accounts may look like one."""
        self._credentials = self._named()

    # --- learning ---

    def learn_all(self, entries: Iterable[Entry]) -> None:
        """Learn from a recording as a whole, its lists first, since they show whose lines are whose."""
        entries = list(entries)
        for entry in sorted(entries, key=lambda entry: not (entry.method == "GET" and _is_success(entry))):
            self.learn(entry)
        for token in {token for entry in entries if (token := _token(entry))}:
            self._find_refusals(token, [entry for entry in entries if _token(entry) == token])

    def learn(self, entry: Entry) -> None:
        """Learn whose the token of an entry is from what it was answered."""
        value = entry.authorization
        if value is not None and not _is_mask(value):
            self._sources_with_tokens.add(entry.source)
        token = _token(entry)
        if token is None:
            return
        before = self._tokens.get(token)
        after = self._standing(token, before, entry)
        if after != before:
            self._tokens[token] = after
            self._credentials = self._named()
        if after.standing is Standing.OF_AN_ACCOUNT:
            self._lines.setdefault(after.variable, set()).update(_listed_keys(entry))

    def _standing(self, token: str, before: _Token | None, entry: Entry) -> _Token:
        unknown = before or _Token(Standing.UNKNOWN, self._unknown_variable(token))
        if unknown.standing in {Standing.OF_AN_ACCOUNT, Standing.WRONG}:
            return unknown
        if self._are_all_known or not _is_bearer(entry) or self._is_derived(token):
            return replace(unknown, standing=Standing.WRONG)
        if _is_success(entry):
            variable = self._variable_of(entry)
            return _Token(Standing.OF_AN_ACCOUNT, variable) if variable else unknown
        return replace(unknown, standing=Standing.REFUSED) if entry.status == _UNAUTHORIZED else unknown

    def _variable_of(self, entry: Entry) -> str | None:
        """The account that has the lines of an entry: a known one, or the next; None if nothing shows it."""
        listed = _listed_keys(entry)
        named = line_key(entry.url.partition("?")[0].rpartition("/")[2])
        for variable, lines in self._lines.items():
            if lines & (listed | {named}):
                return variable
        taken = {each.variable for each in self._tokens.values()}
        is_list = entry.answer is not None and read_listing(entry.answer.body or b"") is not None
        return next((each for each in ACCOUNTS if each not in taken), None) if is_list else None

    def _unknown_variable(self, token: str) -> str:
        """The variable of a token of no account: its place among all tokens is no other's."""
        return f"LINQ_UNKNOWN_TOKEN_{[*self._tokens, token].index(token) + 1}"

    def _is_derived(self, token: str) -> bool:
        """Whether a token is that of an account with something changed."""
        return any(
            token != other and (token in other or other in token or token.casefold() == other.casefold())
            for other, each in self._tokens.items()
            if each.standing is Standing.OF_AN_ACCOUNT
        )

    def _find_refusals(self, token: str, entries: Iterable[Entry]) -> None:
        """Take a token for wrong from its first refusal to its last."""
        refusals = [entry.began for entry in entries if entry.status == _UNAUTHORIZED]
        if len(refusals) > 1:
            self._between_refusals[token] = min(refusals), max(refusals)
            if self._tokens[token].standing is Standing.OF_AN_ACCOUNT and not self._lists(token, entries):
                self._tokens[token] = _Token(Standing.REFUSED, self._unknown_variable(token))
                self._credentials = self._named()

    def _lists(self, token: str, entries: Iterable[Entry]) -> bool:
        first, last = self._between_refusals[token]
        return any(_is_success(entry) and not first < entry.began < last for entry in entries)

    # --- what stands for them ---

    def present(self, entry: Entry) -> Presented:
        """What stands for the Authorization of an entry."""
        value = entry.authorization
        if value is None and entry.source in self._sources_with_tokens:
            return Presented(None, is_telling=True)
        if value is not None and _is_mask(value) and entry.source in self._sources_with_tokens:
            return Presented(_with_placeholder(value, "LINQ_MASKED_TOKEN"), is_telling=False)
        if value is None or _is_mask(value):
            self.are_taken_out = True
            return _taken_out(entry)
        token = _token(entry)
        if token is None:
            return Presented(value.strip(), is_telling=True)  # a scheme alone
        known = self._tokens[token]
        return Presented(_with_placeholder(value, known.variable), self._is_telling(token, known, entry))

    def _is_telling(self, token: str, known: _Token, entry: Entry) -> bool:
        match known.standing:
            case Standing.OF_AN_ACCOUNT:
                return entry.status not in {_UNAUTHORIZED, _FORBIDDEN} or self._are_all_known
            case Standing.WRONG:
                return True
            case _:
                first, last = self._between_refusals.get(token, (1, 0))
                return entry.status == _UNAUTHORIZED or first <= entry.began <= last

    def conceal(self, data: bytes) -> bytes:
        """Put placeholders in the place of all tokens that were seen."""
        return self._credentials.conceal(data)

    def ever_listed(self, variable: str) -> set[str]:
        """The keys of all lines that the lists of an account have shown."""
        return self._lines.get(variable, set())

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        standings = self._tokens.values()
        return len({each.variable for each in standings if each.standing is Standing.OF_AN_ACCOUNT})

    def _named(self) -> Credentials:
        """All tokens as secrets, the longest first, since one may hold another."""
        tokens = sorted(self._tokens.items(), key=lambda item: -len(item[0]))
        headers = [SecretHeader("Authorization", each.variable, token) for token, each in tokens]
        return Credentials({}, tuple(headers))


def _taken_out(entry: Entry) -> Presented:
    """What is known where a recorder has taken the token out, or put a mask in its place."""
    if entry.status == _UNAUTHORIZED:
        return Presented(None, is_telling=False)
    return Presented(f"Bearer {placeholder(ACCOUNT)}", is_telling=entry.status != _FORBIDDEN)


def _token(entry: Entry) -> str | None:
    """The token in an entry; None where there is none, or a mask."""
    value = (entry.authorization or "").strip()
    scheme, _, rest = value.partition(" ")
    if not value or _is_mask(value) or (not rest and scheme.lower() in {*_SCHEMES, "bearer"}):
        return None
    return rest.strip() if scheme.lower() in {*_SCHEMES, "bearer"} else value


def _is_bearer(entry: Entry) -> bool:
    return (entry.authorization or "").partition(" ")[0].lower() == "bearer"


def _is_mask(value: str) -> bool:
    scheme, _, rest = value.strip().partition(" ")
    text = rest if scheme.lower() in {*_SCHEMES, "bearer"} else value
    return bool(text.strip()) and _MASK.fullmatch(text.strip()) is not None


def _with_placeholder(value: str, variable: str) -> str:
    scheme, space, rest = value.partition(" ")
    if rest and scheme.lower() in {*_SCHEMES, "bearer"}:
        return f"{scheme}{space}{rest.replace(rest.strip(), placeholder(variable))}"
    return placeholder(variable)


def _is_success(entry: Entry) -> bool:
    return entry.status is not None and 200 <= entry.status < 300


def _listed_keys(entry: Entry) -> set[str]:
    if entry.method != "GET" or not _is_success(entry) or entry.answer is None:
        return set()
    listing = read_listing(entry.answer.body or b"")
    return {line.key for line in listed_lines(listing.items)} if listing else set()
