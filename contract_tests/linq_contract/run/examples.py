"""What Hypothesis has found, kept for later runs and for runs elsewhere.

Every test has a key of its own that does not follow from its code, so that a change of the code does not
lose what was found. What no longer shows anything is dropped, and so servers do not share a key.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

from linq_contract.safety.target import Target

PASSWORD = "REDISCLI_AUTH"  # noqa: S105 - the name of the variable, as redis-cli has it
_T = TypeVar("_T")
_FORMAT = "linq-contract 1"  # of which the keys are made
_PARTS = (b".secondary", b".pareto")
_SCHEMES = ("redis", "rediss")
_SECONDS_TO_ANSWER = 5.0  # a store of examples is near, or no help


class ExamplesError(ValueError):
    """Examples cannot be kept where they are to be; the message says why and what to do."""


class Examples:
    """Where the examples of the tests of a run are kept, and why that has failed, if it has."""

    def __init__(self, database: ExampleDatabase, server: str) -> None:
        self.failure: str | None = None
        self._database = database
        self._server = server

    def of_test(self, test: str, known: Iterable[str]) -> ExampleDatabase:
        """Those of a test on this server, which looks for other broken rules than the known ones."""
        words = [_FORMAT, self._server, test, *sorted(known)]
        return _UnderOneName(self, hashlib.sha256("\n".join(words).encode()).digest())

    def tried(self, act: Callable[[ExampleDatabase], _T]) -> _T | None:
        """Do something with the database; None, and a reason in `failure`, if that fails."""
        try:
            return act(self._database)
        except Exception as error:  # noqa: BLE001 - a verdict does not hang on where examples are kept
            self.failure = f"{type(error).__name__}, {error}"
            return None


def open_examples(location: str, target: Target) -> Examples:
    """Open the folder or the Redis database at a location. Raises ExamplesError."""
    server = "mock" if target.ends_with_run else target.server
    if "://" in location:
        return Examples(_redis(location), server)
    folder = Path(location)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ExamplesError(f"The examples cannot be kept in {folder}: it cannot be written.")
    except OSError as error:
        raise ExamplesError(f"The examples cannot be kept in {folder}: {error.strerror}.") from error
    return Examples(DirectoryBasedExampleDatabase(folder), server)


def _redis(location: str) -> ExampleDatabase:
    try:
        url = urlsplit(location)
    except ValueError:  # a bracket that is not closed
        url = urlsplit("")
    if url.scheme not in _SCHEMES or not url.hostname:
        raise ExamplesError("Examples are kept in a folder, or at redis://HOST[:PORT][/NUMBER].")
    if url.password:
        raise ExamplesError(
            f"A password is not for a command line, which others see: it is read from {PASSWORD}."
        )
    try:
        from hypothesis.extra.redis import RedisExampleDatabase  # noqa: PLC0415 - an extra
        from redis import RedisError, from_url  # noqa: PLC0415 - the same
    except ModuleNotFoundError as error:
        raise ExamplesError(
            f"{url.scheme}:// needs {error.name}, which is not installed: "
            "pip install 'linq-phone-numbers[redis]'"
        ) from error
    seconds = {"socket_timeout": _SECONDS_TO_ANSWER, "socket_connect_timeout": _SECONDS_TO_ANSWER}
    try:
        client: Any = from_url(location, password=os.environ.get(PASSWORD) or None, **seconds)
        client.ping()
    except (RedisError, ValueError) as error:
        raise ExamplesError(f"The examples cannot be kept at {location}: {error}.") from error
    return RedisExampleDatabase(client)


class _UnderOneName(ExampleDatabase):
    """The part of a database that is of one test, whatever Hypothesis calls it. What fails loses examples."""

    def __init__(self, examples: Examples, name: bytes) -> None:
        super().__init__()
        self._examples = examples
        self._name = name

    def fetch(self, key: bytes) -> Iterable[bytes]:
        return self._examples.tried(lambda database: list(database.fetch(self._named(key)))) or ()

    def save(self, key: bytes, value: bytes) -> None:
        self._examples.tried(lambda database: database.save(self._named(key), value))

    def delete(self, key: bytes, value: bytes) -> None:
        self._examples.tried(lambda database: database.delete(self._named(key), value))

    def _named(self, key: bytes) -> bytes:
        """The name with what Hypothesis adds to a key for examples that are not the smallest."""
        return self._name + next((part for part in _PARTS if key.endswith(part)), b"")
