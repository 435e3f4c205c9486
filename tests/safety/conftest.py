"""The servers of the contract tests, one behind TLS, and hosts that count as being elsewhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import trustme
import uvicorn
from tests.contract.conftest import Host, ReadyServer, contract, host, serve, serve_mock

from linq_mock.server import listen, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["contract", "host", "serve", "serve_mock"]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of journals, for one test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "linq-contract"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def tls_host(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host behind TLS; its certificate names 127.0.0.1."""
    files = tmp_path_factory.mktemp("tls")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(files / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(files / "certificate.pem")
    host = Host()
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        host,
        lifespan="off",
        log_config=None,
        ws="none",
        ssl_keyfile=files / "key.pem",
        ssl_certfile=files / "certificate.pem",
    )
    server = ReadyServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert server.is_ready.wait(10)
    host.url = url_of(listener, "").replace("http://", "https://")
    yield host
    server.should_exit = True
    thread.join()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the certificate of `tls_host` be one that users trust."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no address count as this machine."""
    monkeypatch.setattr("linq_contract.safety.target.is_loopback", _is_elsewhere)


def _is_elsewhere(_host: str) -> bool:
    return False
