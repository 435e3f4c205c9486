"""Read-only is decided beneath every engine: the server's own log says what left the process."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema

from linq_contract.http.credentials import ACCOUNT, Credentials, placeholder
from linq_contract.http.messages import SAFE_METHODS, Response
from linq_contract.http.wire import RefusedError, Wire
from linq_contract.run.workloads.generated import request_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.serving import ServeMock

    from linq_document import Document

_CONFIG: dict[str, Any] = {
    "seed": 1,
    "continue-on-failure": True,
    "checks": {"enabled": True},
    "generation": {"max-examples": 4, "database": "none"},
}


@dataclass
class Layer:
    """The HTTP layer as a server to Schemathesis, with the methods that it was asked for."""

    wire: Wire
    document: dict[str, Any]
    asked_for: set[str] = field(default_factory=set[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/openapi.json":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.document).encode()]
        request = request_from(environ)
        try:
            with self.lock:
                self.asked_for.add(request.method)
                answer = self.wire.send(request)
        except RefusedError:
            start_response("403 Refused", [])
            return []
        assert isinstance(answer, Response)
        start_response(f"{answer.status} Answered", [("Content-Type", "application/json")])
        return [answer.body]


def test_schemathesis_with_every_phase_and_check_gets_nothing_but_safe_methods_out(
    serve_mock: ServeMock, contract: Document
) -> None:
    served = serve_mock()
    before = served.forwarding_numbers()
    with Wire(served.url, Credentials({ACCOUNT: served.token}), allow_writes=False) as wire:
        layer = Layer(wire, {**contract.raw, "servers": [{"url": "/"}]})
        config = SchemathesisConfig.from_dict(_CONFIG)  # pyright: ignore[reportUnknownMemberType] - it takes a bare dict
        header = {"Authorization": f"Bearer {placeholder(ACCOUNT)}"}
        config.projects.default.update(headers=header)  # pyright: ignore[reportUnknownMemberType] - the same
        schema = schemathesis.openapi.from_wsgi("/openapi.json", layer, config=config)
        for _ in from_schema(schema).execute():
            pass

    assert layer.asked_for >= {"GET", "PUT", "POST", "PATCH", "DELETE"}
    assert served.methods <= SAFE_METHODS
    assert len(served.log) > 20
    assert served.forwarding_numbers() == before
