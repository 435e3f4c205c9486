"""The commands and their options as Markdown, from the parsers that read them."""

from __future__ import annotations

import inspect

import click

from linq_contract.cli import main


def commands() -> str:
    """Return a section for each command of `linq-contract`, with what its `--help` says."""
    context = click.Context(main, info_name="linq-contract")
    return "\n".join(_command(context, name) for name in main.list_commands(context))


def _command(parent: click.Context, name: str) -> str:
    command = main.get_command(parent, name)
    assert command is not None, name
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    sections = [f"## linq-contract {name}\n", f"```text\n{usage}\n```\n", _help(command)]
    if isinstance(command, click.Group):
        names = command.list_commands(context)
        sections += [f"Its commands: {', '.join(f'`{each}`' for each in names)}.\n"]
    return "\n".join([*sections, _options(context)])


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").replace("\b\n", "") + "\n"


def _options(context: click.Context) -> str:
    records = [
        record
        for param in context.command.get_params(context)
        if isinstance(param, click.Option) and (record := param.get_help_record(context))
    ]
    rows = [f"| `{_cell(options)}` | {_cell(meaning)} |" for options, meaning in records]
    return "\n".join(["| option | |", "| --- | --- |", *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
