"""A state that survives: accounts, lines and requests in a SQLite database."""

from __future__ import annotations

import json
import os
import sqlite3
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from linq_mock.accounts import Account
from linq_mock.log import MOST_ENTRIES, Exchange
from linq_mock.messages import Call, Headers
from linq_mock.sandbox import NotSavedError, refuse_token
from linq_mock.tokens import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from pathlib import Path

    from linq_mock.accounts import Line
    from linq_mock.messages import RawHeaders

_APPLICATION = 0x4C696E71
"""What marks a database as one of the mock, in its header (https://sqlite.org/fileformat.html)."""
_VERSION = 1
_MAGIC = b"SQLite format 3\0"

_TABLES = """
CREATE TABLE accounts (position INTEGER PRIMARY KEY, name TEXT UNIQUE, token TEXT UNIQUE, added INTEGER);
CREATE TABLE lines (account TEXT, id TEXT, position INTEGER, line TEXT, PRIMARY KEY (account, id));
CREATE TABLE requests (number INTEGER PRIMARY KEY, request TEXT);
"""

_NUMBER = (int, float)
_OF_REQUEST: dict[str, type | tuple[type, ...]] = {
    "at": _NUMBER,
    "seconds": _NUMBER,
    "account": str,
    "method": str,
    "path": str,
    "query": str,
    "headers": list,
    "body": str,
    "status": int,
    "answer_headers": list,
    "answer": str,
    "behaviour": str,
    "cut": bool,
}
_OF_LINE = {"id": str, "phone_number": str, "reputation": dict, "health_status": dict}
"""What the mock itself reads of a line; the rest is as it was given, or as a fault has made it."""


class StateFileError(ValueError):
    """A state cannot be kept in this file, which is as it was; the message says why."""


class StateFile:
    """The database, which this process has for itself. What is saved is there after a kill at any moment.

    Raises StateFileError when the file is damaged, is no state, or is another process's, and NotSavedError
    when it cannot be written later.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved = ""
        is_new = _refuse_foreign(path)
        try:
            if is_new:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
            # Whoever is in another thread has the thread of the server save, too.
            self._database = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
            self._open(is_new=is_new)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StateFileError(f"{path} is the state of another mock that is running") from error
            raise StateFileError(f"{path} cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise _damaged(path, error) from error
        except OSError as error:
            raise StateFileError(f"{path} cannot be written: {error.strerror or error}") from error

    def _open(self, *, is_new: bool) -> None:
        self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._database.execute("BEGIN EXCLUSIVE")
        if is_new:
            # Before the journal is a log beside the file, so that the header says whose file it is.
            for statement in _TABLES.strip().splitlines():
                self._database.execute(statement)
            self._database.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._database.execute(f"PRAGMA user_version = {_VERSION}")
        self._database.execute("COMMIT")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        if found := [row for (row,) in self._database.execute("PRAGMA quick_check") if row != "ok"]:
            raise sqlite3.DatabaseError(found[0])

    def close(self) -> None:
        self._database.close()

    # --- what was saved ---------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """Return the accounts that were saved, none when nothing was. Raises StateFileError."""
        query = "SELECT name, token, added FROM accounts ORDER BY position"
        with self._reading():
            accounts = [self._account(*row) for row in self._database.execute(query).fetchall()]
        self._saved = _written(accounts)
        return accounts

    def _account(self, name: object, token: object, added: object) -> Account:
        if not isinstance(name, str) or not isinstance(token, str) or not isinstance(added, int):
            raise ValueError("a row of accounts is none")  # noqa: TRY004 - of the file, not of an argument
        refuse_token(token)
        account = Account.of(token, self._lines(name), name)
        account.added = added
        return account

    def _lines(self, account: str) -> list[Line]:
        query = "SELECT line FROM lines WHERE account = ? ORDER BY position"
        lines = [_object(line, _OF_LINE) for (line,) in self._database.execute(query, (account,))]
        for line in lines:
            for shown in (line["reputation"], line["health_status"]):
                _refuse_unlike(shown, {"status": str})
        return lines

    def exchanges(self, accounts: Iterable[Account]) -> list[Exchange]:
        """Return the requests that were saved, in order, without their tokens. Raises StateFileError."""
        by_name = {account.name: account for account in accounts}
        query = "SELECT number, request FROM requests ORDER BY number"
        with self._reading():
            rows = self._database.execute(query).fetchall()
            return [_exchange(number, _object(text, _OF_REQUEST), by_name) for number, text in rows]

    @contextmanager
    def _reading(self) -> Generator[None]:
        """Take whatever is not as it was saved for damage."""
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise _damaged(self._path, error) from error

    # --- saving -----------------------------------------------------------------------------

    def save_exchange(self, exchange: Exchange) -> None:
        """Save a request, and the line that it may have updated. Raises NotSavedError."""
        with self._transaction():
            self._insert(exchange)
            account = exchange.call.account
            line = account.lines.get(exchange.call.raw_path.rpartition("/")[2].lower()) if account else None
            if account and line and exchange.call.method == "PUT":
                self._database.execute(
                    "UPDATE lines SET line = ? WHERE account = ? AND id = ?",
                    (json.dumps(line), account.name, line["id"].lower()),
                )
                self._saved = ""

    def save_all(self, accounts: Sequence[Account], exchange: Exchange | None = None) -> None:
        """Save a request, if there was one, and what has changed about any account. Raises NotSavedError."""
        written = _written(accounts)
        with self._transaction():
            if exchange:
                self._insert(exchange)
            if written != self._saved:
                self._replace(accounts)
        self._saved = written

    def forget_requests(self) -> None:
        """Raises NotSavedError."""
        with self._transaction():
            self._database.execute("DELETE FROM requests")

    def _insert(self, exchange: Exchange) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO requests VALUES (?, ?)", (exchange.number, _text(exchange))
        )
        self._database.execute("DELETE FROM requests WHERE number <= ?", (exchange.number - MOST_ENTRIES,))

    def _replace(self, accounts: Sequence[Account]) -> None:
        self._database.execute("DELETE FROM accounts")
        self._database.execute("DELETE FROM lines")
        for place, account in enumerate(accounts):
            row = place, account.name, account.token, account.added
            self._database.execute("INSERT INTO accounts VALUES (?, ?, ?, ?)", row)
            self._database.executemany(
                "INSERT INTO lines VALUES (?, ?, ?, ?)",
                [
                    (account.name, phone_number_id, position, json.dumps(line))
                    for position, (phone_number_id, line) in enumerate(account.lines.items())
                ],
            )

    @contextmanager
    def _transaction(self) -> Generator[None]:
        try:
            self._database.execute("BEGIN")
            with self._database:
                yield
        except sqlite3.Error as error:
            raise NotSavedError(f"The state cannot be saved to {self._path}: {error}") from error


def _damaged(path: Path, error: Exception) -> StateFileError:
    return StateFileError(f"{path} is damaged, and was left as it is: {error}")


def _object(text: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a text. Raises ValueError when it has not these properties of these types."""
    value: object = json.loads(text)
    _refuse_unlike(value, properties)
    return cast("dict[str, Any]", value)


def _refuse_unlike(value: object, properties: dict[str, Any]) -> None:
    stated = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    for name, kind in properties.items():
        if not isinstance(stated.get(name), kind):
            raise ValueError(f"{name} is missing, or is not what the mock has saved")  # noqa: TRY004 - as above


def _refuse_foreign(path: Path) -> bool:
    """Return whether there is no such file yet. Raises StateFileError when it is something else."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise StateFileError(f"{path} cannot be read: {error.strerror or error}") from error
    if not header:
        return True
    if not header.startswith(_MAGIC) or len(header) < 100:
        raise StateFileError(f"{path} is no state of the mock, and was left as it is")
    (version, application) = struct.unpack(">I4xI", header[60:72])
    if application != _APPLICATION:
        raise StateFileError(f"{path} is the database of another program, and was left as it is")
    if version != _VERSION:
        raise StateFileError(f"{path} is the state of another version of the mock, and was left as it is")
    return False


def _written(accounts: Sequence[Account]) -> str:
    return json.dumps(
        [[account.name, account.token, account.added, [*account.lines.values()]] for account in accounts]
    )


def _text(exchange: Exchange) -> str:
    call = exchange.call
    return json.dumps(
        {
            "at": exchange.at,
            "seconds": exchange.seconds,
            "account": exchange.account,
            "method": call.method,
            "path": call.raw_path,
            "query": call.query_string,
            "headers": _decoded(_without_token(call.headers.raw)),
            "body": call.body.decode("latin-1"),
            "status": exchange.status,
            "answer_headers": _decoded(exchange.headers),
            "answer": exchange.body.decode("latin-1"),
            "behaviour": exchange.behaviour,
            "cut": exchange.is_cut,
        }
    )


def _exchange(number: int, saved: dict[str, Any], accounts: dict[str, Account]) -> Exchange:
    call = Call(
        saved["method"],
        saved["path"],
        Headers(_encoded(saved["headers"])),
        saved["body"].encode("latin-1"),
        query_string=saved["query"],
        account=accounts.get(saved["account"]),
    )
    return Exchange(
        number,
        saved["at"],
        saved["seconds"],
        call,
        saved["status"],
        _encoded(saved["answer_headers"]),
        saved["answer"].encode("latin-1"),
        saved["behaviour"],
        saved["cut"],
    )


def _without_token(headers: RawHeaders) -> RawHeaders:
    shown = f"Bearer {PLACEHOLDER}".encode()
    return [(name, shown if name == b"authorization" else value) for name, value in headers]


def _decoded(headers: RawHeaders) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def _encoded(headers: list[list[str]]) -> RawHeaders:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
