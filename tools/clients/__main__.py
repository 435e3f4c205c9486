"""Judge this project's client and its alternatives, and write the table of their ledgers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import click

from clients.page import page_of
from linq_contract.clients.judging import judge_program
from linq_contract.clients.ledger import describe_client

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).with_name("programs")


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="Write the page there.")
@click.option("--time-limit", default=240.0, show_default=True, help="Seconds for each situation.")
def main(output: Path | None, time_limit: float) -> None:
    """Validate each client in every situation, all clients at once, and write a page with their ledgers."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        commands = _commands(Path(folder))
        running = {
            name: pool.submit(judge_program, command, time_limit, strict=False, told=lambda _situation: None)
            for name, command in commands.items()
        }
        ledgers = {name: describe_client(each.result()) for name, each in running.items()}
    text = "\n".join(page_of(ledgers, time_limit)) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {output}")


def _commands(folder: Path) -> Mapping[str, list[str]]:
    """The program of each client, by the client's name and version."""
    _generate_stock(folder)
    old, new = (ROOT / f".sdk/linq-python-{which}" for which in ("0.15.1", "newest"))
    manifest = json.loads((ROOT / "node_modules/@linqapp/sdk/package.json").read_text(encoding="utf-8"))
    return {
        "this client": _python("ours.py", ROOT / "generated"),
        f"stock openapi-python-client {version('openapi-python-client')}": _python("stock.py", folder),
        "linq-python 0.15.1": _python("vendor.py", old),
        f"linq-python {_version_in(new)}": _python("vendor.py", new),
        f"@linqapp/sdk {manifest['version']}": ["node", str(PROGRAMS / "vendor.mjs")],
    }


def _python(program: str, path: Path) -> list[str]:
    return ["env", f"PYTHONPATH={path}", sys.executable, str(PROGRAMS / program)]


def _version_in(folder: Path) -> str:
    (metadata,) = folder.glob("linq_python-*.dist-info")
    return metadata.name.removeprefix("linq_python-").removesuffix(".dist-info")


def _generate_stock(folder: Path) -> None:
    config = folder / "config.yaml"
    config.write_text("package_name_override: stock_client\n", encoding="utf-8")
    subprocess.run(  # noqa: S603 - our own command
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", ROOT / "openapi.yaml", "--config", config, "--output-path", folder / "stock_client"),
        ],
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    main()
