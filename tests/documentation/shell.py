"""Runs the commands of a page, as a reader types them one after the other, in a folder that is thrown away.

The mock stands in for every server that a page names: for 127.0.0.1:8080, where the page starts it itself or
finds it running, for the live API, and for hosts below example.com. Ports from 8080 to 8089 are replaced by
free ones. The token variables hold the mock's tokens. Nothing else is stubbed.

What cannot be run in a test is held to something else, see `HELD_TO`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from tests.limits import limit

from linq_contract.cli import main
from linq_mock.server import listen
from linq_mock.tokens import DEFAULT_TOKENS

ROOT = Path(__file__).parents[2]
PORT = 8080
_ELSEWHERE = re.compile(r"https://(?:api\.linqapp\.com|[\w.-]*example\.com)(?=/api/partner)")
_PORT = re.compile(r"\b808\d\b")
_TOKEN = re.compile(r"\b(LINQ_API_V3_\w*API_KEY\w*)=\.\.\.")
_SECONDS = 60
_OF_A_CHECKOUT = ("overrides", "examples", "openapi.yaml")
_DEFAULT_PORTS = {"mock": str(PORT), "proxy": "8081"}
_READY = re.compile(r"ready at|listening")
_LISTING_OPTIONS = ("--list-faults", "--list-freedoms", "--list-scenarios", "--help")
_CHANGES_FOLDER = re.compile(r"cd \S+ && ")


@dataclass(frozen=True)
class Printed:
    """What a command printed, to stdout and stderr as a terminal mixes them, and its exit code."""

    output: str
    exit_code: int = 0


class NotAsShownError(Exception):
    """A command that is not run breaks what it is held to."""


def made_by_the_makefile(command: str) -> None:
    """Every target of a `make` command is in the Makefile; what it does, its own tests say."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in shlex.split(command, comments=True)[1:] if "=" not in word]
    if unknown := [
        name for name in targets if not re.search(rf"^{re.escape(name)}:", makefile, re.MULTILINE)
    ]:
        raise NotAsShownError(f"The Makefile has no target {unknown[0]}.")


def offered_by_the_project(command: str) -> None:
    """Every extra in a `pip install` command is one of pyproject.toml."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in (name for group in re.findall(r"\[([\w,]+)\]", command) for name in group.split(",")):
        if name not in extras["optional-dependencies"]:
            raise NotAsShownError(f"pyproject.toml has no extra {name}.")


def known_to_the_parser(command: str) -> None:
    """The command is one of `linq-contract`, and has the options that it is given."""
    _, name, *words = shlex.split(command.partition(" -- ")[0], comments=True)
    parser = main.get_command(click.Context(main), name)
    if parser is None:
        raise NotAsShownError(f"linq-contract has no command {name}.")
    known = {option for parameter in parser.params for option in parameter.opts}
    if unknown := [word for word in words if word.startswith("--") and word not in known]:
        raise NotAsShownError(f"linq-contract {name} has no option {unknown[0]}.")


def read_by_a_shell(command: str) -> None:
    """A shell can read the command, which needs a network or a program that is not part of this project."""
    done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotAsShownError(done.stderr)


HELD_TO: Mapping[str, Callable[[str], None]] = {
    "make": made_by_the_makefile,
    "pip": offered_by_the_project,
    "git": read_by_a_shell,
    "docker": read_by_a_shell,
    "kubectl": read_by_a_shell,
}
"""What each command is held to that is not run, by its first word: it installs, takes long, or needs more."""


def look_up(command: str) -> None:
    """Hold a command of a script, which is not run, to what there is to hold it to."""
    command = _CHANGES_FOLDER.sub("", command)
    name, *_ = [*shlex.split(command, comments=True), ""]
    {**HELD_TO, "linq-contract": known_to_the_parser}.get(name, read_by_a_shell)(command)


class Shell:
    """Runs the commands of one page: they share variables, the working folder, and the servers they start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.folder.mkdir()
        for name in _OF_A_CHECKOUT:
            (self.folder / name).symlink_to(ROOT / name)
        self._state = folder / "variables"
        self._home = folder / "home"
        self._exit_code = 0
        self._ports: dict[str, str] = {}
        self._servers: dict[str, subprocess.Popen[str]] = {}

    @property
    def variables(self) -> dict[str, str]:
        """What the environment of an example has beside that of the tests."""
        return {
            "HOME": str(self._home),
            "XDG_STATE_HOME": str(self._home / "state"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LINQ_API_V3_API_KEY": DEFAULT_TOKENS[0],
            "LINQ_API_V3_OTHER_API_KEY": DEFAULT_TOKENS[1],
            "LINQ_API_V3_BASE_URL": self.addressed(f"http://127.0.0.1:{PORT}/api/partner"),
            "NO_COLOR": "1",
            "COLUMNS": "120",
        }

    def run(self, command: str) -> Printed | None:
        """Run a command. Returns None when it is held to something else instead, which it keeps."""
        command = self.addressed(command)
        words = shlex.split(_CHANGES_FOLDER.sub("", command), comments=True)
        if words and (check := HELD_TO.get(words[0])):
            check(_CHANGES_FOLDER.sub("", command))
            return None
        if words[:2] != ["linq-contract", "mock"]:
            self.start_the_mock()
        return self._serve(words) if _is_a_server(words) else self._bash(command)

    def addressed(self, text: str) -> str:
        """Return the text of a page with the addresses of servers that run for those that it names."""
        text = _ELSEWHERE.sub(f"http://127.0.0.1:{PORT}", text)
        text = _TOKEN.sub(rf"\1={DEFAULT_TOKENS[0]}", text)
        return _PORT.sub(lambda port: self._free_port(port[0]), text)

    def start_the_mock(self) -> None:
        """Start the mock, unless the page has started a server at its port already."""
        if self._free_port(str(PORT)) not in self._servers:
            self._serve(["linq-contract", "mock"])

    def close(self) -> None:
        """Stop the servers that run."""
        for port in [*self._servers]:
            self._stop(port)

    def _stop(self, port: str) -> None:
        if server := self._servers.pop(port, None):
            server.terminate()
            server.communicate(timeout=limit(_SECONDS))

    def _free_port(self, port: str) -> str:
        if port not in self._ports:
            with contextlib.closing(listen("127.0.0.1", 0)) as listener:
                self._ports[port] = str(listener.getsockname()[1])
        return self._ports[port]

    def _bash(self, command: str) -> Printed:
        script = "\n".join(
            [
                f'test -e {self._state} && source {self._state} && cd "$PWD"',
                f"(exit {self._exit_code})",
                command,
                f"code=$?; export -p > {self._state}; exit $code",
            ]
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit(_SECONDS),
            text=True,
            check=False,
        )
        self._exit_code = done.returncode
        return Printed(done.stdout, done.returncode)

    def _serve(self, words: list[str]) -> Printed:
        default = ["--port", self._free_port(_DEFAULT_PORTS[words[1]])]
        words = words if "--port" in words else [*words, *default]
        port = words[words.index("--port") + 1]
        self._stop(port)
        server = subprocess.Popen(
            words,
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = "".join(_until_ready(server))
        if not _READY.search(output):
            rest, _ = server.communicate()
            return Printed(output + rest, server.returncode)
        self._servers[port] = server
        return Printed(output)


def _is_a_server(words: list[str]) -> bool:
    is_named = words[:1] == ["linq-contract"] and words[1] in _DEFAULT_PORTS
    return is_named and not set(_LISTING_OPTIONS) & set(words)


def _until_ready(server: subprocess.Popen[str]) -> Iterator[str]:
    assert server.stdout is not None
    for line in server.stdout:
        yield line
        if _READY.search(line):
            return
