"""What a run may do to a server and how it judges, as options of a command and of pytest, and the server."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import re
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import httpx
from click.core import ParameterSource

import linq_document
from linq_contract.contract.numbers import is_e164
from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import (
    ACCOUNT,
    OTHER_ACCOUNT,
    ClientCertificate,
    Credentials,
    SecretHeader,
)
from linq_contract.run.acceptance import read_acceptances
from linq_contract.run.extent import BUDGETS, STANDARD, Budget
from linq_contract.run.result import OnDrift, Options
from linq_contract.safety.target import Permissions, Target, tokens_from_environment

_T = TypeVar("_T")
_NAMES_OF_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost.": "localhost"}  # noqa: S104 - none is bound
"""What servers print that listen on every address, and what it is called by those who connect."""
_HIGHEST_PORT = 65535  # what is beyond would be taken modulo 65536, and lead to another server
_NAME_OF_HEADER = re.compile(r"[0-9A-Za-z_.-]+")
_NAME_OF_VARIABLE = re.compile(r"[A-Za-z_][0-9A-Za-z_]*")  # as a shell takes it
_OF_THE_REQUEST = {"authorization", "host", "content-type", "content-length", "transfer-encoding", "expect"}


class FiniteRange(click.FloatRange):
    """A range that nan and infinity are not in: they would turn off what the number bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class Folder(click.Path):
    """A folder, which an empty text, as of a variable that is not set, does not name."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("an empty text names no folder; write . for this one.", param, ctx)
        return super().convert(value, param, ctx)


def check_url(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return a base URL without a slash at its end; the callback of an argument."""
    if value is None:
        return None
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL as error:
        raise click.BadParameter(f"{value!r} is no URL: {error}.") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise click.BadParameter(f"{value!r} is no URL of a server: write http(s)://HOST[:PORT][/BASE/PATH].")
    if url.port is not None and not 0 < url.port <= _HIGHEST_PORT:
        raise click.BadParameter(f"{value!r} is no URL of a server: ports are 1 to {_HIGHEST_PORT}.")
    if url.userinfo or url.query or url.fragment:
        raise click.BadParameter("the URL must end with the base path: no user, no query, no fragment.")
    if url.host in _NAMES_OF_THIS_MACHINE:
        return str(url.copy_with(host=_NAMES_OF_THIS_MACHINE[url.host])).rstrip("/")
    return value.rstrip("/")


def _line_id(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not the id of a line, which is a UUID.") from error


def _check_line(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return None if value is None else _line_id(value)


def check_lines(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> frozenset[str] | None:
    """Return the keys of lines, None for all; the callback of an option."""
    return frozenset(map(_line_id, value)) or None


def check_numbers(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Return numbers in E.164 format, each once; the callback of an option."""
    for number in value:
        if not is_e164(number):
            raise click.BadParameter(f"{number!r} is not E.164: + and 2 to 15 digits, the first not 0.")
    return tuple(dict.fromkeys(value))


def _check_rules(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns of rule names, each of which some rule matches."""
    rules = linq_document.load().rules
    for pattern in value:
        if not any(fnmatchcase(rule, pattern) for rule in rules):
            near = "".join(f" Did you mean {match}?" for match in get_close_matches(pattern, rules, 1))
            raise click.BadParameter(f"no rule is named {pattern!r}; 'linq-contract rules' lists them.{near}")
    return value


def _check_budget(_ctx: click.Context, _param: click.Parameter, value: str) -> Budget:
    if value in BUDGETS:
        return BUDGETS[value]
    if not (value.isascii() and value.isdigit() and int(value)):
        raise click.BadParameter(f"{value!r} is neither {', '.join(BUDGETS)} nor a number of requests.")
    return Budget(value, int(value))


def _check_headers(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> tuple[SecretHeader, ...]:
    return tuple(map(_secret_header, value))


def _secret_header(text: str) -> SecretHeader:
    name, _, variable = text.partition("=")
    if not _NAME_OF_HEADER.fullmatch(name) or not _NAME_OF_VARIABLE.fullmatch(variable):
        raise click.BadParameter(
            f"{name!r} is to be followed by the environment variable that has its value: NAME=VARIABLE."
        )
    if name.lower() in _OF_THE_REQUEST:
        raise click.BadParameter(f"{name} is set by linq-contract; --header cannot change it.")
    secret = os.environ.get(variable, "")
    if not secret or not secret.isascii() or not secret.isprintable() or secret != secret.strip():
        raise click.BadParameter(
            f"{variable} does not hold the value of a header: that is visible ASCII characters, with spaces "
            "between them alone."
        )
    return SecretHeader(name, variable, secret)


def check_host(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return a host without scheme and port; the callback of an option."""
    if value is None:
        return None
    try:
        host = httpx.URL(f"http://{value}").host
    except httpx.InvalidURL:
        host = ""
    if not host or host != value.lower():
        raise click.BadParameter(
            f"{value!r} is no host: write a name or an address, without scheme and port."
        )
    return host


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
CREDENTIALS = (
    click.Option(
        ["--token-file"],
        type=_FILE,
        help=f"A file that only you can read: the token, and on a second line that of {OTHER_ACCOUNT}.",
    ),
    click.Option(
        ["--header", "headers"],
        metavar="NAME=VARIABLE",
        multiple=True,
        callback=_check_headers,
        help="Send one more header, whose value is in an environment variable; may be repeated.",
    ),
    click.Option(["--certificate"], type=_FILE, help="A client certificate in PEM."),
    click.Option(["--certificate-key"], type=_FILE, help="The key of the certificate, if in another file."),
)
"""The options of whatever speaks to a server."""
RATE = click.Option(
    ["--rate"],
    type=FiniteRange(min=0.001),
    help="Requests per second, at most; 5 unless the server is on this machine.",
)
EXCLUSIVE = click.Option(
    ["--exclusive"],
    is_flag=True,
    help="Nobody else uses the account: count every difference in a list against the server.",
)
RULES = click.Option(
    ["--rules"],
    metavar="PATTERN",
    multiple=True,
    callback=_check_rules,
    help="Check only these rules, such as 'list.*'; may be repeated.",
)
REPORT_DIR = click.Option(
    ["--report-dir"],
    type=Folder(),
    help="Write the reports to this folder: HTML, JSON, JUnit, SARIF, code quality, HAR, badge, replays.",
)
TO_REACH = (
    RATE,
    click.Option(
        ["--plain-http"],
        metavar="HOST",
        callback=check_host,
        help="Allow plain http to this host of a test network.",
    ),
    *CREDENTIALS,
)
"""The options that say how to reach a server."""
PERMISSIONS = (
    click.Option(
        ["--allow-writes"], is_flag=True, help="Permit updates; what they change is put back at the end."
    ),
    click.Option(
        ["--line", "lines"],
        metavar="ID",
        multiple=True,
        callback=check_lines,
        help="Use only this line in requests; may be repeated. Updates on another machine need it.",
    ),
    click.Option(
        ["--other-line"],
        metavar="ID",
        callback=_check_line,
        help=f"The id of a line of a second account, whose token is in {OTHER_ACCOUNT}.",
    ),
    click.Option(
        ["--forward-to"],
        metavar="NUMBER",
        multiple=True,
        callback=check_numbers,
        help="Set this number of your own instead of fictional ones; may be repeated.",
    ),
    EXCLUSIVE,
    click.Option(
        ["--concurrency"],
        type=click.IntRange(min=1),
        metavar="N",
        help="How many requests may be under way at once; 4 unless the server is on this machine.",
    ),
    *TO_REACH,
    click.Option(
        ["--journal"],
        type=click.Path(dir_okay=False, path_type=Path),
        help="Keep the journal, which has what each line forwarded to before the run, in this file.",
    ),
)
"""The options of whatever may change something on a server."""
STRICT = click.Option(["--strict"], is_flag=True, help="Fail on broken SHOULD rules, too.")
VERDICT = (
    STRICT,
    click.Option(
        ["--require"],
        metavar="PATTERN",
        multiple=True,
        callback=_check_rules,
        help="Fail if one of these rules is not tested, whatever the reason; may be repeated.",
    ),
    click.Option(
        ["--accept"],
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Do not fail on the known failures that this YAML file lists, each with its reason.",
    ),
    click.Option(
        ["--drift", "on_drift"],
        type=click.Choice([each.value for each in OnDrift]),
        default=OnDrift.REPORT.value,
        metavar="|".join(OnDrift),
        show_default=True,
        help="What to do when answers show something that the contract does not know.",
    ),
)
"""The options that a verdict hangs on, whether something is sent or not."""
JUDGING = (
    *VERDICT,
    click.Option(
        ["--budget"],
        default=STANDARD.name,
        show_default=True,
        metavar="|".join((*BUDGETS, "N")),
        callback=_check_budget,
        help="Test with at most this many requests, those that find the most first: "
        + ", ".join(f"{budget} {budget.requests:,}" for budget in BUDGETS.values())
        + ". A few more look at the account and narrow down what is broken.",
    ),
    click.Option(
        ["--fail-fast"],
        is_flag=True,
        help="Stop at the first broken rule; changes are still put back.",
    ),
    click.Option(
        ["--time-limit"],
        type=FiniteRange(min=1),
        metavar="SECONDS",
        help="Stop after this time; rules that were not reached are incomplete. By default the limit "
        "follows from the plan, and waits that the server asks for are added.",
    ),
    click.Option(
        ["--max-wait"],
        type=FiniteRange(min=0),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Stop when the server asks for a longer wait than this (Retry-After).",
    ),
)
"""The options that a verdict hangs on, beside those of `PERMISSIONS`."""


@dataclass(frozen=True)
class Sources:
    """Where the credentials of a run come from, apart from the environment variables of the tokens."""

    token_file: Path | None = None
    headers: tuple[SecretHeader, ...] = ()
    certificate: Path | None = None
    certificate_key: Path | None = None

    def credentials(self) -> Credentials:
        """The credentials. Raises UsageError when the token of the account is missing or is none."""
        tokens = checked(tokens_from_environment, self.token_file)
        if ACCOUNT not in tokens:
            raise click.UsageError(
                f"The token of the account is missing: put it into {ACCOUNT}, or name a --token-file."
            )
        if self.certificate_key and not self.certificate:
            raise click.UsageError("--certificate-key is the key of a --certificate, which is missing.")
        certificate = ClientCertificate(self.certificate, self.certificate_key) if self.certificate else None
        return Credentials(tokens, self.headers, certificate)


def with_options(command: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    """Hand a command that has the options of `PERMISSIONS` and `JUDGING` what they say.

    It gets `permissions`, the `sources` of its credentials, and `options`.
    """

    @functools.wraps(command)
    def with_values(**values: Any) -> NoReturn:
        taken = {option.name for option in (*PERMISSIONS, *JUDGING)}
        others = {name: value for name, value in values.items() if name not in taken}
        permissions, options = permissions_of(values), options_of(click.get_current_context())
        command(permissions=permissions, sources=sources_of(values), options=options, **others)

    return with_values


def with_sources(command: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    """Hand a command that has the options of `CREDENTIALS` its `sources`."""

    @functools.wraps(command)
    def with_values(**values: Any) -> NoReturn:
        taken = {option.name for option in CREDENTIALS}
        others = {name: value for name, value in values.items() if name not in taken}
        command(sources=sources_of(values), **others)

    return with_values


def permissions_of(values: Mapping[str, Any]) -> Permissions:
    """The permissions among the values of options."""
    return Permissions(**{field.name: values[field.name] for field in fields(Permissions)})


def sources_of(values: Mapping[str, Any]) -> Sources:
    """The sources of credentials among the values of options."""
    return Sources(**{field.name: values[field.name] for field in fields(Sources)})


def options_of(context: click.Context) -> Options:
    """How to judge, as the options of a command say. Raises UsageError when a file cannot be read."""
    values = context.params
    return Options(
        seed=0,
        strict=values["strict"],
        time_limit=values.get("time_limit"),
        max_wait=values.get("max_wait", Options.max_wait),
        budget=values.get("budget", Options.budget),
        fail_fast=values.get("fail_fast", Options.fail_fast),
        require=values["require"],
        accepted=checked(read_acceptances, values["accept"]) if values["accept"] else (),
        on_drift=OnDrift(values["on_drift"]),
        given=tuple(given(context, (*PERMISSIONS, *JUDGING))),
        given_to_reach=tuple(given(context, TO_REACH)),
    )


def given(context: click.Context, options: Sequence[click.Option]) -> Iterator[str]:
    """Those of the options that were given, as words; --require is left to the rule that it is about."""
    for option in options:
        name = str(option.name)
        if name == "require" or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        if option.is_flag:
            yield option.opts[0]
            continue
        value = context.params[name]
        values: list[Any] = [*value] if option.multiple else [value]
        if name == "lines":
            values.sort()  # a set has no order, and a command is to be the same each time
        for each in values:
            yield from (option.opts[0], f"{each:g}" if isinstance(each, float) else str(each))


@contextlib.contextmanager
def target_at(url: str | None, permissions: Permissions, sources: Sources) -> Generator[Target]:
    """The server at a URL, or the mock. Raises UsageError when the options do not go together."""
    if url is None:
        with embedded_mock() as target:
            other_line = permissions.other_line or target.permissions.other_line
            yield replace(
                target,
                permissions=replace(permissions, allow_writes=True, other_line=other_line, exclusive=True),
            )
        return
    target = checked(Target, url, sources.credentials(), permissions)
    is_elsewhere = permissions.allow_writes and not target.is_local
    if is_elsewhere and permissions.other_line and not target.credentials.has_other:
        raise click.UsageError(
            f"--other-line needs the token of its account in {OTHER_ACCOUNT}, so that what a broken server "
            "changes there can be put back."
        )
    yield target


def checked(make: Callable[..., _T], *arguments: Any, **options: Any) -> _T:
    """Make a value of what the user has given; what is wrong with it is wrong use."""
    try:
        return make(*arguments, **options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
