"""The command that asks two servers the same, and lists what they answer differently."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import NoReturn

import click
import httpx

from linq_contract.commands.ending import reported_errors, stopping_on_signals
from linq_contract.commands.files import refuse_unwritable, written
from linq_contract.comparison.comparing import VARIABLES
from linq_contract.comparison.comparing import compare as compare_servers
from linq_contract.comparison.description import as_text, comparison_page, describe_comparison
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.options import RATE, Folder, check_host, check_lines, check_numbers, check_url, checked
from linq_contract.run.shards import LARGEST_SEED
from linq_contract.safety.target import Permissions, Target, check_token


def _check_hosts(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in (check_host(ctx, param, host) for host in value) if each)


@click.command(params=[RATE])
@click.argument("url_a", metavar="URL_A", callback=check_url)
@click.argument("url_b", metavar="URL_B", callback=check_url)
@click.option(
    "--allow-writes",
    is_flag=True,
    help="Permit updates on both servers; what they change is put back at the end.",
)
@click.option(
    "--line",
    "lines_of_a",
    metavar="ID",
    multiple=True,
    callback=check_lines,
    help="Update only this line of A; may be repeated. Updates on another machine need it.",
)
@click.option(
    "--line-b",
    "lines_of_b",
    metavar="ID",
    multiple=True,
    callback=check_lines,
    help="The same for B; without it, the lines of --line.",
)
@click.option(
    "--forward-to",
    metavar="NUMBER",
    multiple=True,
    callback=check_numbers,
    help="Set this number of your own instead of fictional ones; may be repeated.",
)
@click.option(
    "--plain-http",
    "hosts",
    metavar="HOST",
    multiple=True,
    callback=_check_hosts,
    help="Allow plain http to this host of a test network; may be repeated.",
)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="Repeat the comparison of this seed.")
@click.option(
    "--report-dir",
    type=Folder(),
    help="Write comparison.html and comparison.json here.",
)
def compare(
    url_a: str,
    url_b: str,
    allow_writes: bool,  # noqa: FBT001 - click passes options as keywords
    lines_of_a: frozenset[str] | None,
    lines_of_b: frozenset[str] | None,
    forward_to: tuple[str, ...],
    hosts: tuple[str, ...],
    rate: float | None,
    seed: int | None,
    report_dir: Path | None,
) -> NoReturn:
    """Send the same requests to URL_A and URL_B, and list what they answer differently.

    The token of A is read from LINQ_API_V3_API_KEY, that of B from LINQ_API_V3_API_KEY_B. Ids, times, trace
    ids, wording, and order where the contract leaves it free, are not compared.

    Exits with 0 when the servers answer alike, 1 when they differ, 2 when the command is used wrongly, 3 when
    a server could not be reached or did not get all requests, 4 when a forwarding number could not be put
    back.
    """
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed

    def target(url: str, name: str, lines: frozenset[str] | None) -> Target:
        plain_http = next((host for host in hosts if host == httpx.URL(url).host), None)
        permissions = Permissions(
            allow_writes=allow_writes, lines=lines, forward_to=forward_to, rate=rate, plain_http=plain_http
        )
        return checked(Target, url, _credentials(name), permissions)

    refuse_unwritable(report_dir)
    target_a, target_b = target(url_a, "A", lines_of_a), target(url_b, "B", lines_of_b or lines_of_a)
    _compare(target_a, target_b, seed, report_dir)


def _credentials(name: str) -> Credentials:
    """The token of a server, under the name that tokens have in requests."""
    variable = VARIABLES[name]
    token = os.environ.get(variable, "")
    if not token:
        raise click.UsageError(f"The token of {name} is missing: put it into {variable}.")
    checked(check_token, variable, token)
    return Credentials({ACCOUNT: token})


def _compare(target_a: Target, target_b: Target, seed: int, report_dir: Path | None) -> NoReturn:
    of_a = reported_errors(target_a.credentials)
    of_b = reported_errors(target_b.credentials, puts_back=target_b.permissions.allow_writes)
    with stopping_on_signals(), of_a, of_b:
        comparison = compare_servers(target_a, target_b, seed, _tell)
        description = describe_comparison(comparison)
        report = json.dumps(description, indent=2) + "\n"
        pages = {"comparison.html": comparison_page(description), "comparison.json": report}
        said = [*as_text(description), *written(report_dir, pages)]
        click.echo("\n".join(said))
        sys.exit(comparison.exit_code)


def _tell(name: str, target: Target) -> None:
    click.echo(f"Asking {name}, {target.base_url}")
