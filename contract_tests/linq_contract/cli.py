"""The `linq-contract` command, whose commands are imported when they are run."""

from __future__ import annotations

from difflib import get_close_matches

import click

from linq_contract.commands.ending import reported_errors
from linq_contract.commands.importing import imported
from linq_contract.commands.starting import ended_by_an_interrupt

COMMANDS = (
    "check",
    "check-document",
    "compare",
    "github",
    "judge-client",
    "mcp",
    "merge",
    "mock",
    "proxy",
    "replay",
    "report-schema",
    "restore",
    "rules",
    "sweep",
    "validate",
)
"""Each is what its module in `commands` calls by the same name, with `_` for `-`."""

_LONGEST_SENTENCE = 200  # characters


class _Group(click.Group):
    """Commands that end with a sentence, and never by accident with the exit code of a verdict."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        with ended_by_an_interrupt():
            command: click.Command = getattr(imported(f"linq_contract.commands.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its first sentence to the end."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [
            (name, command.get_short_help_str(_LONGEST_SENTENCE)) for name, command in commands if command
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and (near := get_close_matches(name, COMMANDS, 1)):
            ctx.fail(f"No such command {name!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        with reported_errors():
            return super().invoke(ctx)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="linq-contract")
def main() -> None:
    """Validate servers against the contract of the Linq phone numbers API, or run a mock of it."""
