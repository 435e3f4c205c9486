"""Call each operation of a generated client on a server that judges what it gets, in a process of its own.

Prints a JSON object a line: an operation, how many calls came through, and what went wrong.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import httpx
import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from schemathesis.errors import InvalidSchema

from documents.clients import CLIENTS, Client, LeftOutError, written
from documents.corpus import load
from documents.specification import Body, Operation, Specification, is_json
from documents.values import Values, same, same_request, textual
from documents.wire import Reader, UnreadableError, is_binary
from openapi_nodes import as_object

_SECONDS = 10 * 60  # of CPU; what is not called by then is not called


@dataclass(frozen=True)
class Exercise:
    """What came of an operation: the number of calls that went right, and what went wrong with one.

    Of some schemas no value can be drawn: they ask for an object within itself without end, contradict
    themselves, or are none to Schemathesis. That is nothing that a client did wrong.
    """

    operation: str
    calls: int = 0
    left_out: bool = False
    undrawn: bool = False
    wrong: str | None = None


class WrongError(Exception):
    """A call did not come through as it was meant; the text says what differs."""


@click.command()
@click.option("--document", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--folder", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--package", required=True)
@click.option("--client", "kind", type=click.Choice(list(CLIENTS)), required=True)
@click.option("--examples", type=int, default=5)
def main(document: Path, folder: Path, package: str, kind: str, examples: int) -> None:
    """Exercise the package in a folder."""
    sys.path.insert(0, str(folder))
    specification = Specification(load(document))
    run = Run(CLIENTS[kind](package), Values(specification), examples)
    for operation in specification.operations:
        if time.process_time() > _SECONDS:
            break
        click.echo(json.dumps(asdict(run.exercise(operation))))


class Run:
    """The exercises of one client."""

    def __init__(self, client: Client, values: Values, examples: int) -> None:
        self._client = client
        self._values = values
        self._reader = Reader(values.resolve)
        self._examples = examples

    def exercise(self, operation: Operation) -> Exercise:
        """Call an operation with drawn values, once for each way to ask and to answer."""
        module = self._client.find(operation)
        if module is None:
            return Exercise(operation.name, left_out=True)
        calls = 0
        try:
            for media_type, status, answer in _ways(operation, self._client.media_types(operation)):
                calls += self._calls(module, operation, media_type, status, answer)
        except (WrongError, LeftOutError) as error:
            return Exercise(operation.name, calls, wrong=str(error)[:600])
        except (HypothesisException, InvalidSchema, jsonschema_rs.ValidationError) as error:
            return Exercise(operation.name, calls, undrawn=True, wrong=str(error)[:600])
        return Exercise(operation.name, calls)

    def _calls(
        self,
        module: ModuleType,
        operation: Operation,
        media_type: str | None,
        status: int,
        answer: Body | None,
    ) -> int:
        server = Server(operation, media_type, status, answer, self._values, self._reader)
        calls = 0

        @settings(
            max_examples=self._examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.filter_too_much,
                HealthCheck.data_too_large,
            ],
        )
        @given(st.tuples(self._values.requests(operation, media_type), server.answers()))
        def call(drawn: tuple[Any, Any]) -> None:
            nonlocal calls
            server.expect(self._client.sendable(module, operation, drawn[0]), drawn[1])
            _call(self._client, module, server)
            calls += 1

        call()
        return calls


def _ways(operation: Operation, named: list[str]) -> Iterator[tuple[str | None, int, Body | None]]:
    """Each media type of a body with the first answer, and each other answer with the first media type."""
    media_types: list[str | None] = [*named] or [None]
    answers = list(operation.answers.items()) or [(200, None)]
    yield from ((media_type, *answers[0]) for media_type in media_types)
    yield from ((media_types[0], *answer) for answer in answers[1:])


def _call(client: Client, module: ModuleType, server: Server) -> None:
    try:
        result = client.call(module, server.sent, httpx.MockTransport(server.handle))
        back = written(result)
    except (LeftOutError, WrongError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a client raises is its outcome
        if server.complaint:
            raise WrongError(server.complaint) from None
        raise WrongError(f"{type(error).__name__}: {error}") from None
    server.judge_result(back)


class Server:
    """Judges the requests of one operation, and answers them with what was drawn."""

    def __init__(
        self,
        operation: Operation,
        media_type: str | None,
        status: int,
        answer: Body | None,
        values: Values,
        reader: Reader,
    ) -> None:
        self._operation, self._status, self._answer = operation, status, answer
        self._values, self._reader = values, reader
        self._validator = values.validator(operation, media_type)
        self._body_is_text = media_type is not None and not is_json(media_type)
        self.sent: dict[str, Any] = {}
        self.complaint = ""
        self._content: Any = None
        self._was_asked = False

    def answers(self) -> st.SearchStrategy[Any]:
        """Draw the contents of answers."""
        if self._answer is None:
            return st.none()
        if self._is_json(self._answer):
            return self._values.answers(self._answer.schema)
        if self._is_text(self._answer):
            return st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1)
        return st.binary(min_size=1)

    def _is_json(self, answer: Body) -> bool:
        """Whether an answer is JSON, as what may be anything is taken for, unless it is a file."""
        is_any = answer.media_type == "*/*" and not is_binary(self._values.resolve(answer.schema))
        return is_any or is_json(answer.media_type)

    def _is_text(self, answer: Body) -> bool:
        schema = self._values.resolve(answer.schema)
        return not is_binary(schema) and answer.media_type.startswith("text/")

    def expect(self, request: Any, content: Any) -> None:
        """Set what the next request holds, and what it is answered with."""
        self.sent = as_object(request)
        self._content, self.complaint, self._was_asked = self._echoing(content), "", False

    def _echoing(self, content: Any) -> Any:
        """An answer that repeats what is asked for, where the document says that it does."""
        echoes: Mapping[str, str] = self._answer.echoes if self._answer else {}
        for pointer, name in echoes.items():
            *steps, last = pointer.split("/")[1:]
            owner = functools.reduce(lambda node, step: as_object(node.get(step)), steps, as_object(content))
            if last in owner:
                owner[last] = self.sent["path"][name]
        return content

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Judge a request and answer it."""
        self._was_asked = True
        try:
            found = self._reader.read(self._operation, request)
            self._judge(found)
        except (UnreadableError, WrongError) as error:
            self.complaint = f"{error} ({request.method} {request.url.raw_path.decode()[:200]})"
        return self._response()

    def _judge(self, found: dict[str, Any]) -> None:
        sent = textual(self.sent)
        arrived = textual(self._values.without_defaults(self._operation, found, self.sent))
        if self._body_is_text and sent.get("body") in ({}, ""):
            arrived.setdefault("body", sent["body"])  # an empty one leaves no trace
        if not same_request(sent, arrived, body_is_text=self._body_is_text):
            raise WrongError(f"sent {_short(self.sent)}, and {_short(found)} arrived")
        for problem in self._validator.iter_errors(arrived):
            raise WrongError(f"what arrived is not valid: {problem.message[:200]}")

    def _response(self) -> httpx.Response:
        answer = self._answer
        if answer is None:
            return httpx.Response(self._status)
        headers = {"content-type": answer.media_type.replace("*/*", "application/octet-stream")}
        if self._is_json(answer):
            content = json.dumps(self._content).encode()
        else:
            content = self._content.encode() if isinstance(self._content, str) else self._content
        return httpx.Response(self._status, headers=headers, content=content)

    def judge_result(self, result: Any) -> None:
        """Judge what the client made of the answer, written as JSON again.

        Raises:
            WrongError: It is not what was answered, or the request was not what was asked for.

        """
        if self.complaint:
            raise WrongError(self.complaint)
        if not self._was_asked:
            raise WrongError("nothing was sent")
        if not same(textual(result), textual(self._content)):
            raise WrongError(f"answered {_short(self._content)}, and it was written back as {_short(result)}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:160]}..."


if __name__ == "__main__":
    main()
