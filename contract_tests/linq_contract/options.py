"""What a run may do to a server and how it judges, as options of a command and of pytest, and the server."""

from __future__ import annotations

import contextlib
import functools
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import httpx
from click.core import ParameterSource

import linq_document
from linq_contract.contract.numbers import is_e164
from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials
from linq_contract.run.acceptance import read_acceptances
from linq_contract.run.result import OnDrift, Options
from linq_contract.safety.target import Permissions, Target, tokens_from_environment

_T = TypeVar("_T")


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
    if url.userinfo or url.query or url.fragment:
        raise click.BadParameter("the URL must end with the base path: no user, no query, no fragment.")
    return value.rstrip("/")


def _line_id(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not the id of a line, which is a UUID.") from error


def _check_line(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return None if value is None else _line_id(value)


def _check_lines(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> frozenset[str] | None:
    return frozenset(map(_line_id, value)) or None


def _check_numbers(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for number in value:
        if not is_e164(number):
            raise click.BadParameter(f"{number!r} is not E.164: + and 2 to 15 digits, the first not 0.")
    return tuple(dict.fromkeys(value))


def check_rules(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Return patterns of rule names, each of which some rule matches; the callback of an option."""
    for pattern in value:
        if not any(fnmatchcase(rule, pattern) for rule in linq_document.load().rules):
            raise click.BadParameter(f"no rule is named {pattern!r}; 'linq-contract rules' lists them.")
    return value


TOKEN_FILE = click.Option(
    ["--token-file"],
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"A file of yours alone with the token, and in a second line that of {OTHER_ACCOUNT}.",
)
RATE = click.Option(
    ["--rate"],
    type=click.FloatRange(min=0, min_open=True),
    help="Requests per second; 5 unless the server is on this machine.",
)
PERMISSIONS = (
    click.Option(
        ["--allow-writes"], is_flag=True, help="Permit updates; what they change is put back at the end."
    ),
    click.Option(
        ["--line", "lines"],
        metavar="ID",
        multiple=True,
        callback=_check_lines,
        help="Name only this line in requests; may be repeated. Updates elsewhere need it.",
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
        callback=_check_numbers,
        help="Set this number of your own instead of fictional ones; may be repeated.",
    ),
    click.Option(
        ["--exclusive"],
        is_flag=True,
        help="Nobody else uses the account meanwhile: do not look for others when a list differs.",
    ),
    RATE,
    TOKEN_FILE,
    click.Option(
        ["--journal"],
        type=click.Path(dir_okay=False, path_type=Path),
        help="Keep the journal of what lines forwarded to in this file.",
    ),
)
"""The options of whatever may change something on a server."""
JUDGING = (
    click.Option(["--strict"], is_flag=True, help="Let broken SHOULD rules fail, too."),
    click.Option(
        ["--require"],
        metavar="PATTERN",
        multiple=True,
        callback=check_rules,
        help="Fail if one of these rules is not exercised, for whatever reason; may be repeated.",
    ),
    click.Option(
        ["--accept"],
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Let the failures that this YAML file names and gives reasons for not fail the run.",
    ),
    click.Option(
        ["--drift", "on_drift"],
        type=click.Choice([each.value for each in OnDrift]),
        default=OnDrift.REPORT.value,
        metavar="|".join(OnDrift),
        show_default=True,
        help="What to do where answers show what the contract does not know.",
    ),
    click.Option(
        ["--time-limit"],
        type=click.FloatRange(min=1),
        metavar="SECONDS",
        help="Stop after this time; what is not reached is not judged. Otherwise it follows from the plan.",
    ),
    click.Option(
        ["--max-wait"],
        type=click.FloatRange(min=0),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Stop when a Retry-After asks for more than this.",
    ),
)
"""The options that a verdict hangs on, beside those of `PERMISSIONS`."""


def with_options(command: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    """Hand a command that has the options of `PERMISSIONS` and `JUDGING` its `permissions` and `options`."""

    @functools.wraps(command)
    def with_values(**values: Any) -> NoReturn:
        taken = {option.name for option in (*PERMISSIONS, *JUDGING)} - {TOKEN_FILE.name}
        others = {name: value for name, value in values.items() if name not in taken}
        permissions, options = permissions_of(values), options_of(click.get_current_context())
        command(permissions=permissions, options=options, **others)

    return with_values


def permissions_of(values: Mapping[str, Any]) -> Permissions:
    """The permissions among the values of options."""
    return Permissions(**{field.name: values[field.name] for field in fields(Permissions)})


def options_of(context: click.Context) -> Options:
    """How to judge, as the options of a command say. Raises UsageError when a file cannot be read."""
    values = context.params
    return Options(
        seed=0,
        strict=values["strict"],
        time_limit=values["time_limit"],
        max_wait=values["max_wait"],
        require=values["require"],
        accepted=checked(read_acceptances, values["accept"]) if values["accept"] else (),
        on_drift=OnDrift(values["on_drift"]),
        given=tuple(_given(context)),
    )


def _given(context: click.Context) -> Iterator[str]:
    """The options that were given, as words; each rule has its own of those that it is required by."""
    for option in (*PERMISSIONS, *JUDGING):
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
def target_at(url: str | None, permissions: Permissions, token_file: Path | None) -> Generator[Target]:
    """The server at a URL, or the mock. Raises UsageError when the options do not go together."""
    if url is None:
        with embedded_mock() as target:
            other_line = permissions.other_line or target.permissions.other_line
            yield replace(
                target,
                permissions=replace(permissions, allow_writes=True, other_line=other_line, exclusive=True),
            )
        return
    tokens = tokens_of(token_file)
    target = checked(Target, url, Credentials(tokens), permissions)
    is_elsewhere = permissions.allow_writes and not target.is_local
    if is_elsewhere and permissions.other_line and OTHER_ACCOUNT not in tokens:
        raise click.UsageError(
            f"--other-line needs the token of its account in {OTHER_ACCOUNT}, so that what a broken server "
            "changes there can be put back."
        )
    yield target


def tokens_of(file: Path | None) -> dict[str, str]:
    """The tokens of a file, or of the environment. Raises UsageError when there is none."""
    tokens = checked(tokens_from_environment, file)
    if ACCOUNT not in tokens:
        raise click.UsageError(
            f"The token of the account is missing: put it into {ACCOUNT}, or name a --token-file."
        )
    return tokens


def checked(make: Callable[..., _T], *arguments: Any, **options: Any) -> _T:
    """Make a value of what the user has given; what is wrong with it is wrong use."""
    try:
        return make(*arguments, **options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
