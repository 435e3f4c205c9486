"""The command that starts the mock."""

from __future__ import annotations

import contextlib
import errno
import functools
import inspect
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from linq_mock.accounts import DEFAULT_LINES, Line, two_accounts
from linq_mock.catalogues import UnknownVariationError, faults, found, freedoms
from linq_mock.control import Controlled, is_loopback
from linq_mock.lines_file import LinesFileError, read_lines
from linq_mock.sandbox import NotSavedError, Sandbox, SandboxError, refuse_token
from linq_mock.server import Certificate, listen, serve, url_of
from linq_mock.settings import Setting
from linq_mock.tokens import DEFAULT_TOKENS, TOKENS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from linq_mock.log import Judge
    from linq_mock.scenario import Scenario
    from linq_mock.state_file import StateFile
    from linq_mock.variation import Variation


def _lines(_ctx: click.Context, _param: click.Parameter, value: str) -> int | list[Line]:
    if value.isascii() and value.isdecimal():
        return int(value)
    try:
        return read_lines(Path(value))
    except LinesFileError as error:
        raise click.BadParameter(str(error)) from error


def _base_path(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    path = value.rstrip("/")
    if path and not path.startswith("/"):
        raise click.BadParameter("it must be empty or begin with a slash")
    return path


def _tokens(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > len(DEFAULT_TOKENS):
        raise click.BadParameter("there are two accounts, so at most two tokens")
    tokens = value + DEFAULT_TOKENS[len(value) :]
    try:
        for token in tokens:
            refuse_token(token)
    except SandboxError as error:
        raise click.BadParameter(str(error)) from error
    if tokens[0] == tokens[1]:
        raise click.BadParameter("the two accounts need different tokens")
    return tokens


def _control_token(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        try:
            refuse_token(value)
        except SandboxError as error:
            raise click.BadParameter(str(error)) from error
    return value


def _scenario(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Scenario | None:
    if value is None:
        return None
    from linq_mock.scenario import ScenarioError, named_or_read  # noqa: PLC0415 - the mock starts sooner without

    try:
        return named_or_read(value)
    except ScenarioError as error:
        raise click.BadParameter(str(error)) from error


def _in(catalogue: Callable[[], Mapping[str, type[Variation]]], listing: str) -> Callable[..., Any]:
    """Return an option's callback that finds names in a catalogue."""

    def find(_ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]) -> list[type[Variation]]:
        try:
            return [found(catalogue(), name) for name in dict.fromkeys(names)]
        except UnknownVariationError as error:
            raise click.BadParameter(f"{error} See {listing}.") from error

    return find


def _listing(catalogue: Callable[[], Mapping[str, type[Variation]]]) -> dict[str, Any]:
    """Return what makes an option one that lists a catalogue and ends."""

    def show(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click passes a flag so
        if value:
            width = max(map(len, catalogue()))
            for name, variation in catalogue().items():
                click.echo(f"{name:{width}}  {inspect.getdoc(variation)}")
            ctx.exit()

    return {"is_flag": True, "is_eager": True, "expose_value": False, "callback": show}


def _show_scenarios(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click passes a flag so
    if value:
        from linq_mock.scenario import read_scenario, ready_scenarios  # noqa: PLC0415 - as above

        for name, path in ready_scenarios().items():
            click.echo(f"{name:15} {read_scenario(path).description}")
        ctx.exit()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--base-path",
    default="/api/partner",
    show_default=True,
    callback=_base_path,
    help="The beginning of every path; may be empty.",
)
@click.option(
    "--token",
    "tokens",
    multiple=True,
    metavar="TOKEN",
    envvar=TOKENS_VARIABLE,
    show_envvar=True,
    callback=_tokens,
    help="The token of the first account; given twice, also that of the second. "
    f"By default {DEFAULT_TOKENS[0]} and {DEFAULT_TOKENS[1]}.",
)
@click.option(
    "--lines",
    metavar="N|FILE",
    default=str(DEFAULT_LINES),
    show_default=True,
    callback=_lines,
    help="How many lines the first account has, or a JSON file in the schema of the list response.",
)
@click.option(
    "--fault",
    "chosen_faults",
    multiple=True,
    metavar="NAME",
    callback=_in(faults, "--list-faults"),
    help="Break a rule on purpose; may be repeated.",
)
@click.option(
    "--freedom",
    "chosen_freedoms",
    multiple=True,
    metavar="NAME",
    callback=_in(freedoms, "--list-freedoms"),
    help="Behave in another way that the contract permits; may be repeated.",
)
@click.option(
    "--state",
    "state_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep accounts, lines and requests in this file, and start with its content.",
)
@click.option(
    "--certificate",
    "certificate_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Serve HTTPS with this certificate chain, in PEM.",
)
@click.option(
    "--key",
    "key_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The key of the certificate, if it is in a file of its own.",
)
@click.option(
    "--scenario",
    metavar="NAME|FILE",
    callback=_scenario,
    help="Play a scenario: one that comes with the mock, or a YAML file. It defines the accounts.",
)
@click.option(
    "--list-scenarios",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_scenarios,
    help="List the scenarios that come with the mock.",
)
@click.option(
    "--control",
    "control_token",
    metavar="TOKEN",
    envvar="LINQ_MOCK_CONTROL_TOKEN",
    show_envvar=True,
    callback=_control_token,
    help="Require this token for the control API. Without it, only addresses of this machine have one.",
)
@click.option("--list-faults", **_listing(faults), help="List the faults, and what each stands for.")
@click.option("--list-freedoms", **_listing(freedoms), help="List the freedoms.")
@click.pass_context
def mock(
    ctx: click.Context,
    /,
    host: str,
    port: int,
    base_path: str,
    tokens: tuple[str, ...],
    lines: int | list[Line],
    chosen_faults: list[type[Variation]],
    chosen_freedoms: list[type[Variation]],
    state_path: Path | None,
    certificate_path: Path | None,
    key_path: Path | None,
    scenario: Scenario | None,
    control_token: str | None,
    judge_of: Callable[[Sandbox], Judge] | None = None,
) -> None:
    """Start a server of the whole contract that keeps its state in memory, or in a file.

    It has two accounts, prints one line when it is ready, and runs until SIGINT or SIGTERM.
    """
    if scenario and state_path:
        raise click.UsageError(
            "A scenario starts with its own accounts: give --scenario or --state, not both."
        )
    if scenario and scenario.accounts is not None:
        _refuse_accounts_of_options(ctx)
    certificate = _certificate(certificate_path, key_path)
    listener = _listener(host, port)
    setting = Setting(
        faults=tuple(fault.name for fault in chosen_faults),
        freedoms=tuple(freedom.name for freedom in chosen_freedoms),
    )
    has_control = control_token is not None or is_loopback(host)
    accounts = two_accounts(tokens, lines)
    with _kept_in(state_path) as state:
        sandbox = Sandbox(accounts, base_path, setting=setting, takes_header=has_control, state=state)
    if scenario:
        sandbox.play(scenario)
    if judge_of:
        sandbox.log.judge = judge_of(sandbox)
    scheme = "https" if certificate else "http"
    app = Controlled(sandbox, url_of(listener, "", scheme), control_token)
    ready = f"linq-mock is ready at {url_of(listener, base_path, scheme)}"
    serve(app if has_control else sandbox, listener, ready, sandbox.closing, certificate)
    if state:
        state.close()


def _refuse_accounts_of_options(ctx: click.Context) -> None:
    """Raise UsageError when options say what the accounts are, which the scenario does; variables may."""
    for name, option in (("tokens", "--token"), ("lines", "--lines")):
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"The scenario states its accounts, so {option} would do nothing.")


def _listener(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except (socket.gaierror, UnicodeError) as error:
        raise click.UsageError(f"There is no address {host} here. Choose another --host.") from error
    except OSError as error:
        another = (
            "--port, or 0 for a free one" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "--host"
        )
        raise click.UsageError(
            f"Cannot listen on {host}, port {port}: {error.strerror or error}. Choose another {another}."
        ) from error


def _certificate(chain: Path | None, key: Path | None) -> Certificate | None:
    if chain is None:
        if key is not None:
            raise click.UsageError("--key is the key of a --certificate, which is missing.")
        return None
    certificate = Certificate(chain, key)
    try:
        certificate.check()
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return certificate


@contextlib.contextmanager
def _kept_in(path: Path | None) -> Generator[StateFile | None]:
    """Open a state for the sandbox that is made of it. Raises UsageError when it cannot be."""
    if path is None:
        yield None
        return
    from linq_mock.state_file import StateFile, StateFileError  # noqa: PLC0415 - the mock starts sooner without

    try:
        yield StateFile(path)
    except (StateFileError, NotSavedError) as error:
        raise click.UsageError(str(error)) from error


def judged(judge_of: Callable[[Sandbox], Judge]) -> click.Command:
    """Return the command that starts the mock and shows the rules that each exchange kept and broke.

    `judge_of` makes the judge of a sandbox before its first request.
    """
    assert mock.callback
    return click.Command(
        mock.name,
        params=mock.params,
        help=mock.help,
        callback=functools.partial(mock.callback, judge_of=judge_of),
    )
